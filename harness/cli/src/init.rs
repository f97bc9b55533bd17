//! `chatspec init`: a target.toml from flags, or from a few questions.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use chatspec_runner::target::{Draft, SpecError, Target};
use serde_json::Value;

use crate::args::InitArgs;
use crate::{Error, view};

/// A target.toml that cannot be written. The fault is the user's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    /// There is one already.
    #[error("{} is there already; --force writes over it", .0.display())]
    Exists(PathBuf),
    /// Nothing says where the server is, and nobody can be asked.
    #[error(
        "where is the server? say --command 'node server.js', --url http://host:port or --image NAME; \
         on a terminal, `chatspec init` asks"
    )]
    NoLaunch,
    /// What should be JSON is none.
    #[error(
        "{flag}: `{text}` is no JSON ({source}); an event is a list with its name in front: [\"join\", \"$room\"]"
    )]
    Json {
        /// Where it was written.
        flag: &'static str,
        /// What was.
        text: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// What should be a pair is none.
    #[error("{flag}: `{text}` should be NAME=VALUE")]
    Pair {
        /// Where it was written.
        flag: &'static str,
        /// What was.
        text: String,
    },
    /// What was said makes no target.
    #[error("what was said makes no target.toml: {0}")]
    Spec(#[from] SpecError),
    /// Nobody answers, or nobody can be asked.
    #[error("the questions could not be asked: {0}")]
    Questions(#[from] io::Error),
}

/// Writes a target.toml.
pub(crate) fn init(mut args: InitArgs) -> Result<u8, Error> {
    let file = args.output.clone();
    if file.exists() && !args.force {
        return Err(InitError::Exists(file).into());
    }
    if args.command.is_none() && args.url.is_none() && args.image.is_none() {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return Err(InitError::NoLaunch.into());
        }
        ask(&mut args, &mut io::stdin().lock(), &mut anstream::stderr())
            .map_err(InitError::from)?;
    }
    let text = draft(&args)?.text();
    // What cannot be read is not written.
    Target::described(&file, &text).map_err(InitError::from)?;
    std::fs::write(&file, &text).map_err(|source| Error::File {
        file: file.display().to_string(),
        source,
    })?;
    let shown = file.display();
    view::to_stdout(|out| {
        writeln!(
            out,
            "{shown} is written; `chatspec doctor {shown}` says what it still lacks"
        )
    })?;
    Ok(0)
}

/// Asks what no flag says.
fn ask(args: &mut InitArgs, answers: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<()> {
    let mut question = |words: &str, usual: &str| -> io::Result<String> {
        let usual_shown = if usual.is_empty() {
            String::new()
        } else {
            format!(" [{usual}]")
        };
        write!(out, "{words}{usual_shown}: ")?;
        out.flush()?;
        let mut answer = String::new();
        if answers.read_line(&mut answer)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let answer = answer.trim();
        Ok(if answer.is_empty() { usual } else { answer }.to_owned())
    };
    if args.name.is_none() {
        args.name = Some(question("What is it called", &usual_name(&args.output))?);
    }
    let at = loop {
        let at = question(
            "A command that starts it and listens on $PORT, or its URL",
            "",
        )?;
        if !at.is_empty() {
            break at;
        }
    };
    if at.contains("://") {
        args.url = Some(at);
    } else {
        args.command = Some(at);
    }
    let namespace = question("Its namespace", "/")?;
    if namespace != "/" && args.namespace.is_none() {
        args.namespace = Some(namespace);
    }
    let seeds = question(
        "Does it have enter_room, new_message and welcome as the seed contract does (y/n)",
        "y",
    )?;
    if seeds.starts_with(['y', 'Y']) {
        return Ok(());
    }
    let fill = |slot: &mut Option<String>, answer: String| {
        if slot.is_none() && !answer.is_empty() {
            *slot = Some(answer);
        }
    };
    let answered = "And what answers: ack, none, echo (its own words come back), or an event";
    fill(
        &mut args.enter,
        question(
            "What a client emits to enter, as JSON; $nickname and $room stand for theirs",
            "[]",
        )?,
    );
    fill(&mut args.enter_answer, question(answered, "none")?);
    let welcome = question(
        "What the others hear of it; nothing if they hear nothing",
        "",
    )?;
    if welcome.is_empty() {
        args.lacks.push("welcome".to_owned());
    }
    fill(&mut args.welcome, welcome);
    fill(
        &mut args.say,
        question(
            "What a client emits to say something; $text stands for it",
            "[\"message\", \"$text\"]",
        )?,
    );
    fill(&mut args.say_answer, question(answered, "none")?);
    fill(
        &mut args.relay,
        question("What the others hear of it", "[\"message\", \"$text\"]")?,
    );
    fill(
        &mut args.bye,
        question(
            "What they hear when somebody leaves; nothing if they hear nothing",
            "",
        )?,
    );
    Ok(())
}

/// The name of the folder that the file is in.
fn usual_name(file: &Path) -> String {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or_else(std::env::current_dir, |folder| Ok(folder.to_owned()));
    let name = folder.ok().and_then(|folder| {
        folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
    });
    name.unwrap_or_else(|| "my-chat".to_owned())
}

fn draft(args: &InitArgs) -> Result<Draft, InitError> {
    let mut draft = Draft {
        name: args
            .name
            .clone()
            .unwrap_or_else(|| usual_name(&args.output)),
        ignore: args.ignore.clone(),
        lacks: args.lacks.clone(),
        ..Draft::default()
    };
    if args.command.is_some() {
        draft.capabilities.push("restart".to_owned());
    }
    let port = args.port.map(Value::from);
    for (key, value) in [
        ("command", args.command.clone().map(Value::from)),
        ("setup", args.setup.clone().map(Value::from)),
        ("url", args.url.clone().map(Value::from)),
        ("image", args.image.clone().map(Value::from)),
        ("container-port", port),
    ] {
        draft.launch.extend(value.map(|value| (key, value)));
    }
    for (key, value) in [
        ("path", args.path.clone().map(Value::from)),
        ("namespace", args.namespace.clone().map(Value::from)),
        ("query", pairs("--query", &args.query)?),
        ("headers", pairs("--header", &args.header)?),
        ("cookies", pairs("--cookie", &args.cookie)?),
        (
            "auth",
            args.auth
                .as_deref()
                .map(|text| json("--auth", text))
                .transpose()?,
        ),
        ("ca-file", args.ca_file.clone().map(Value::from)),
    ] {
        draft.connection.extend(value.map(|value| (key, value)));
    }
    for (event, keys) in [
        (
            "enter_room",
            vec![
                ("emit", "--enter", &args.enter),
                ("answer", "--enter-answer", &args.enter_answer),
            ],
        ),
        ("welcome", vec![("receive", "--welcome", &args.welcome)]),
        (
            "new_message",
            vec![
                ("emit", "--say", &args.say),
                ("answer", "--say-answer", &args.say_answer),
                ("receive", "--relay", &args.relay),
            ],
        ),
        ("bye", vec![("receive", "--bye", &args.bye)]),
    ] {
        let mut table = Vec::new();
        for (key, flag, text) in keys {
            if let Some(text) = text {
                table.push((key, json(flag, text)?));
            }
        }
        if !table.is_empty() {
            draft.events.push((event, table));
        }
    }
    Ok(draft)
}

/// JSON, or a word alone: the name of an event, or of a way to answer.
fn json(flag: &'static str, text: &str) -> Result<Value, InitError> {
    let text = text.trim();
    if text.starts_with(|char: char| char.is_alphabetic()) {
        return Ok(Value::from(text));
    }
    serde_json::from_str(text).map_err(|source| InitError::Json {
        flag,
        text: text.to_owned(),
        source,
    })
}

fn pairs(flag: &'static str, all: &[String]) -> Result<Option<Value>, InitError> {
    let mut table = serde_json::Map::new();
    for text in all {
        let (name, value) = text.split_once('=').ok_or_else(|| InitError::Pair {
            flag,
            text: text.clone(),
        })?;
        table.insert(name.trim().to_owned(), Value::from(value.trim()));
    }
    Ok((!table.is_empty()).then(|| Value::Object(table)))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, Command};

    /// What is asked when these answers are given, and what becomes of them.
    fn asked(answers: &str) -> String {
        let Command::Init(mut args) = Args::parse_from(["chatspec", "init"]).command else {
            panic!("it is `init`");
        };
        let mut out = Vec::new();
        ask(&mut args, &mut answers.as_bytes(), &mut out).unwrap();
        let text = draft(&args).unwrap().text();
        Target::described(Path::new("target.toml"), &text).unwrap();
        format!("{}\n\n{text}", String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_few_questions_make_a_target() {
        insta::assert_snapshot!(asked("mine\n\nnode server.js\n\n\n"));
        insta::assert_snapshot!(asked(
            "mine\nhttps://h\n/chat\nn\n[\"join\", {\"name\": \"$nickname\"}]\n[\"joined\"]\n\nsay\nack\n[\"said\", \"$nickname\", \"$text\"]\n[\"left\", \"$nickname\"]\n"
        ));
    }

    #[test]
    fn who_stops_to_answer_is_not_asked_for_ever() {
        let Command::Init(mut args) = Args::parse_from(["chatspec", "init"]).command else {
            panic!("it is `init`");
        };
        let gone = ask(&mut args, &mut "mine\n".as_bytes(), &mut Vec::new());
        assert_eq!(gone.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
