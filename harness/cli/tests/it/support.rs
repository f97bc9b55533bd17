//! A folder to work in, and what the binary said.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chatspec_report::redact;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// How long any command may take.
const BOUND: Duration = Duration::from_mins(1);

/// The binary under test.
pub(crate) const CHATSPEC: &str = env!("CARGO_BIN_EXE_chatspec");

/// A scenario that a right server passes. One client alone, so that its transcript is the same in
/// every run.
pub(crate) const HELLO: &str = "\
# Who writes is told that it is done.
must     mine.answered
catches  no-ack-message
over     websocket
clients  ana
rooms    lobby

ana -> enter_room \"Ana\" lobby => ()
ana -> new_message \"hi\" lobby => ()
";

/// A scenario that a right server fails.
pub(crate) const WRONG: &str = "\
# The acks of this chat say something.
must     mine.answered
catches  no-ack-message
over     websocket
clients  ana
rooms    lobby

ana -> enter_room \"Ana\" lobby => (\"welcome\")
";

/// The clause that the scenarios cite.
pub(crate) const CLAUSES: &str = "\
[\"mine.answered\"]
sentence = \"Every request is answered.\"
level = \"must\"
source = \"our own rules\"
";

/// A folder of its own, which is the current one of the commands that are run in it. It goes when
/// this is dropped.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("chatspec-cli-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A folder with the scenarios `mine/hello` and `mine/wrong` below `cases`.
    pub(crate) fn with_scenarios() -> Self {
        Self::new()
            .with("cases/clauses.toml", CLAUSES)
            .with("cases/mine/hello.chat", HELLO)
            .with("cases/mine/wrong.chat", WRONG)
    }

    /// Adds a file.
    pub(crate) fn with(self, path: &str, text: &str) -> Self {
        let file = self.path(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// The command, not yet run. Nothing in the environment changes what it says; `CHATSPEC` there
    /// is the binary, for targets that are commands.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.program(CHATSPEC);
        command.args(args);
        command
    }

    /// The same for another program, as for a shell that starts the binary.
    pub(crate) fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.0)
            .env("CHATSPEC", CHATSPEC)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in [
            "NO_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "COLUMNS",
            "GITHUB_ACTIONS",
            "PORT",
            "RUST_LOG",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Runs it with `line`, whose words a single space parts.
    pub(crate) async fn run(&self, line: &str) -> Said {
        said(line, self.command(line.split(' '))).await
    }

    /// Runs one after the other.
    pub(crate) async fn run_all(&self, lines: &[&str]) -> String {
        let mut text = String::new();
        for line in lines {
            text += &format!("{}\n", self.run(line).await);
        }
        text
    }

    /// Runs it with `line`, and `input` on its standard input.
    pub(crate) async fn run_with(&self, line: &str, input: &[u8]) -> Said {
        let mut command = self.command(line.split(' '));
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input).await.unwrap();
        drop(stdin);
        let output = timeout(BOUND, child.wait_with_output()).await;
        Said::new(line, output.expect("it ends").unwrap())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

/// Runs `command`, which `line` stands for.
pub(crate) async fn said(line: &str, command: Command) -> Said {
    said_within(BOUND, line, command).await
}

/// The same, of one that may take so long.
pub(crate) async fn said_within(bound: Duration, line: &str, mut command: Command) -> Said {
    let output = timeout(bound, command.output()).await;
    Said::new(line, output.expect("it ends").unwrap())
}

/// Everything that a command said.
pub(crate) struct Said {
    line: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    fn new(line: &str, output: std::process::Output) -> Self {
        Self {
            line: line.to_owned(),
            status: output.status,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap()
    }
}

/// As golden files have it: nothing that differs from run to run.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact::text(&self.raw()).replace('\u{1b}', "ESC"))
    }
}

impl Said {
    /// Everything, as it came.
    pub(crate) fn as_it_is(&self) -> String {
        self.raw().replace('\u{1b}', "ESC")
    }

    /// Without what is said of the harness's own delays, where the machine is busy.
    fn raw(&self) -> String {
        let mut text = format!("$ chatspec {}\n", self.line);
        for (name, said) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            let lines = said.lines().filter(|line| !line.contains("  harness:  "));
            for (index, line) in lines.enumerate() {
                if index == 0 {
                    text += &format!("--- {name}\n");
                }
                text += &format!("{}\n", line.trim_end());
            }
        }
        match self.status.code() {
            Some(code) => text + &format!("--- exit code {code}\n"),
            None => text + &format!("--- {}\n", self.status),
        }
    }
}

/// Whether a process is there and not just waiting to be buried.
pub(crate) fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| {
        let state = stat.rsplit(") ").next().unwrap_or_default();
        !state.starts_with('Z')
    })
}

/// Waits until `path` is there with a whole line in it, and gives that.
pub(crate) async fn line_in(path: &Path) -> String {
    let written = async {
        loop {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            if let Some((line, _)) = text.split_once('\n') {
                return line.to_owned();
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(BOUND, written).await.expect("it is written")
}

/// Waits until a process is gone.
pub(crate) async fn gone(pid: &str) {
    let gone = async {
        while lives(pid) {
            tokio::task::yield_now().await;
        }
    };
    let gone = timeout(Duration::from_secs(10), gone).await;
    gone.unwrap_or_else(|_| panic!("process {pid} is still there"));
}

/// Fails with all that a JSON Schema has against `document`.
pub(crate) fn assert_fits(document: &serde_json::Value, schema: &str) {
    let schema = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let problems = validator.iter_errors(document);
    let problems: Vec<_> = problems.map(|error| error.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
}
