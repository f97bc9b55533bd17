//! What to write instead.

use super::Kind;
use crate::ast::Level;
use crate::names::VOCABULARY;

impl Kind {
    /// What to write instead, where there is something to say beyond the message.
    pub fn help(&self) -> Option<String> {
        let fixed = || {
            self.help_for_file()
                .or_else(|| self.help_for_step())
                .or_else(|| self.help_for_value())
        };
        self.near()
            .map(|near| format!("did you mean `{near}`?"))
            .or_else(|| self.named_help())
            .or_else(|| fixed().map(str::to_owned))
    }

    /// The one word that was meant, where that is all there is to say.
    fn near(&self) -> Option<&str> {
        match self {
            Self::UnknownHeaderWord { near, .. } | Self::UnknownStep { near, .. } => *near,
            Self::UndeclaredClient { near, .. }
            | Self::UndeclaredRoom { near, .. }
            | Self::UnboundCapture { near, .. }
            | Self::UnknownLabel { near, .. } => near.as_deref(),
            _ => None,
        }
    }

    /// Help that repeats what stands in the file.
    fn named_help(&self) -> Option<String> {
        let help = match self {
            Self::UnexpectedCharacter(character) => {
                character_help(character.chars().next()?)?.to_owned()
            }
            Self::NoClients(used) if !used.is_empty() => {
                format!("add a line that names them: `clients  {}`", used.join(" "))
            }
            Self::ReservedName { name, .. } => {
                format!("`{name}` has a meaning of its own in a line; choose another name")
            }
            Self::OtherCount { name, .. } => format!("write `{name}` alone"),
            Self::UnknownEvent { word, near } => event_help(word, *near),
            Self::UnknownTransport(unknown) => unknown.help(),
            Self::NamespaceWithoutSlash(name) => format!("write `/{name}`"),
            Self::RestartUnannounced(missing) => {
                format!("add a line `{missing}`: a restart takes the server from everybody")
            }
            Self::NoSuchNode(node) => format!("add a line `needs    nodes {node}`"),
            Self::UndeclaredClient { name, .. } => {
                format!("declare it in the header: `clients  {name}`")
            }
            Self::NotAGroup(name) => {
                format!("a group is declared with its size, `{name}*50`; this is `{name}` alone")
            }
            Self::NoSuchMember { name, count, .. } => {
                format!("its members are `{name}.1` to `{name}.{count}`")
            }
            Self::UndeclaredRoom { name, .. } => {
                format!("declare it in the header, `rooms    {name}`; text stands in quotes")
            }
            Self::ClientAsValue(name) => format!("a nickname is text: `\"{name}\"`"),
            Self::UnknownLabel { name, .. } => {
                format!("name the request with `as {name}` behind its line")
            }
            Self::LabelOutOfSeries { first, last, .. } => {
                format!("write `{first}..{last}`, or receive the others by their own names")
            }
            Self::ForeignLabel { owner, label, .. } => {
                format!("`{owner}` asked, so `{owner} <- ack {label} ()` receives it")
            }
            Self::BareControl(character) => match character {
                '\t' => "write `\\t`".to_owned(),
                other => format!("write `\\u{:04x}`", u32::from(*other)),
            },
            Self::BareKey(key) => format!("write `\"{key}\"`"),
            Self::BadDuration {
                instead: Some(instead),
                ..
            } => format!("write `{instead}`"),
            Self::BackwardSeries { first, last } => {
                format!("write `{last}..{first}`; both ends are included")
            }
            Self::OtherVariable { variable, .. } => {
                format!("write `{{{variable}}}` where the number belongs")
            }
            Self::LabelWithoutSeries {
                given: Some(given), ..
            } => format!("the series of this line has `{{{given}}}`"),
            Self::LabelWithoutSeries { variable, .. } => {
                format!("a series behind the line gives it one: `for {variable} in 1..10`")
            }
            Self::LabelRepeated { label, variable } => format!("write `as {label}{{{variable}}}`"),
            Self::UpToTooMany(count) => format!("write `up to {count} of`, or a longer series"),
            _ => return None,
        };
        Some(help)
    }

    fn help_for_file(&self) -> Option<&'static str> {
        let help = match self {
            Self::CommentBehindLine => "move it to a line above",
            Self::UnclosedText => {
                "a text ends with `\"` on the line it begins on; inside it, a quote is written \
                 `\\\"` and a line break `\\n`"
            }
            Self::BadEscape => {
                "the escapes are `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and \
                 `\\u` with four hex digits; what is no single character takes two of the last"
            }
            Self::EmptyFile | Self::NoReason => {
                "begin with a comment that says in one sentence why the case exists: `# Nobody \
                 hears of a room they left.`"
            }
            Self::NoLevel => {
                "add a line with `must`, `should` or `may` and clause ids: `must     seed.welcome`"
            }
            Self::NoClients(_) => "add a line that names them: `clients  ana ben`",
            Self::NoSteps => {
                "below the header, each line is a step: `ana -> enter_room \"Ana\" lobby => ()`"
            }
            Self::TwoLevels(_) => {
                "lower single lines with `[should]` or `[may]` behind them, or write two cases"
            }
            Self::HeaderBelowSteps => "move this line up to the header",
            Self::CommentInHeader => {
                "move it below the header, or to the comment at the top, behind an empty `#` line"
            }
            Self::UnknownHeaderWord { .. } => {
                "the header words are `must`, `should`, `may`, `catches`, `needs`, `over`, \
                 `alone`, `open`, `clients`, `rooms` and `in`"
            }
            Self::EntersTwice { .. } => "drop one of them; to enter again is a step",
            Self::Twice { what: "name", .. } => "give the room or the client another name",
            Self::Twice { .. } => "drop one of them",
            Self::BadName { .. } => {
                "a name begins with a letter and holds letters from a to z, digits, `_` and `-`"
            }
            _ => return None,
        };
        Some(help)
    }

    fn help_for_step(&self) -> Option<&'static str> {
        let help = match self {
            Self::UnknownStep { .. } => {
                "a step says who does what: `ana -> new_message \"hi\" lobby`, `ben <- welcome \
                 \"Ana\"`, `ana disconnects`"
            }
            Self::Expected { help, .. } => return *help,
            Self::Trailing(_) => {
                "nothing more belongs to this line; a clause stands once, and `[should]` or \
                 `[may]` behind all others"
            }
            Self::AlreadyWithin => {
                "drop `within` to demand that it is here, or `already` to wait for it"
            }
            Self::LevelNotLower(Level::Must) => {
                "a line is as binding as its case; only `[should]` or `[may]` stand behind one"
            }
            Self::LevelNotLower(_) => "a line is no more binding than its case; drop this",
            Self::TargetWithoutSlash => {
                "write path and query alone: `\"/socket.io/?EIO=4&transport=polling\"`"
            }
            Self::BadStatus(_) => "a status has three digits: `=> 200`",
            Self::UnclosedBlock => "close it with a `}` on a line of its own",
            Self::UnopenedBlock => "a block begins with `together {` or `in any order {`",
            Self::NestedBlock => "close the block above it first",
            Self::EmptyBlock => "drop it, or put a step inside",
            Self::BlockOnOneLine => "put each step, and the closing `}`, on a line of its own",
            Self::AwaitInTogether => {
                "name the request, `as m1`, and receive its acknowledgement below the block: `ana \
                 <- ack m1 ()`"
            }
            Self::ReceiveInTogether => {
                "`together` only starts its lines at once; put this line below the block, or into \
                 `in any order`"
            }
            Self::SendInAnyOrder => {
                "put this line above or below the block; `together` sends at once"
            }
            Self::NothingInAnyOrder => "put it below the block",
            Self::ReceiveInOpen => {
                "drop this line, for what arrives is held against the contract as a whole; or drop \
                 `open`, and say what every client receives"
            }
            Self::NotChatInOpen => {
                "the contract is about `enter_room` and `new_message` with a text and a declared \
                 room, and about clients that connect and leave; drop `open` to do anything else"
            }
            Self::LevelInBlock => "put this line below the block, or drop its level",
            Self::LowerLineAlike => {
                "a server that breaks the one would seem to break the other; give them the same \
                 level, or let them wait for different texts"
            }
            Self::LowerLineBinds(_) => {
                "bind it in a line that must hold, or match anything with `_`"
            }
            Self::LabelBelow(_) => {
                "an acknowledgement comes after its request; move this line down"
            }
            Self::AckTwice(_) => {
                "a request is answered once; a second answer is found without a line for it"
            }
            Self::LabelTwice(_) => "give one of them another name",
            Self::SeriesOfOne(_) => "drop the series",
            _ => return None,
        };
        Some(help)
    }

    fn help_for_value(&self) -> Option<&'static str> {
        let help = match self {
            Self::UnboundCapture { .. } => {
                "a receive above binds it, to the value that arrives where it stands"
            }
            Self::AnySent => "`_` matches what is received; write the value to send",
            Self::BadNumber(_) => "numbers are written as in JSON; text stands in quotes",
            Self::TooMany { .. } | Self::TooLong => "write a smaller number",
            Self::Zero(_) | Self::PaddedTooShort(_) => "write a larger number, or drop this",
            Self::TooDeep => "no event needs such a value",
            Self::BadDuration { .. } => {
                "a duration is a whole number of milliseconds or seconds: `500ms`, `2s`"
            }
            Self::ManyRawBytes => "write `bytes 00 01 02`",
            _ => return None,
        };
        Some(help)
    }
}

fn character_help(character: char) -> Option<&'static str> {
    let help = match character {
        '\'' | '“' | '”' | '„' | '‘' | '’' => "text stands in double quotes: `\"hi\"`",
        '=' => "`=>` waits for an acknowledgement; both ends of a series are included: `1..100`",
        ';' => "one step to a line",
        '.' => "`_` matches any value; dots stand for any text only inside the text of a raw line",
        '$' => "a capture is a `$` and a name: `$id`",
        '-' | '<' | '>' => {
            "the arrows are `->` (emit), `<-` (receive), `=>` (acknowledged), `>>` and `<<` (raw)"
        }
        other if other.is_alphabetic() => {
            "names hold letters from a to z, digits, `_` and `-`; text stands in double quotes"
        }
        _ => return None,
    };
    Some(help)
}

fn event_help(word: &str, near: Option<&str>) -> String {
    let quoted = format!("an event outside the vocabulary is written in quotes: `\"{word}\"`");
    match near {
        Some(near) => format!("did you mean `{near}`? {quoted}"),
        None => format!("the vocabulary is {}; {quoted}", VOCABULARY.join(", ")),
    }
}
