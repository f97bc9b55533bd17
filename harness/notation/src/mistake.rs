//! What can be wrong in a scenario file: one variant for each mistake.

use std::fmt;

use miette::{Diagnostic, LabeledSpan};

use crate::ast::Level;
use crate::span::Span;
use crate::words::UnknownTransport;

mod help;

/// A mistake and its place.
///
/// As a [`Diagnostic`] it has no source code of its own: it borrows that of the
/// [`ParseError`](crate::ParseError) that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong.
    pub kind: Kind,
    /// Where.
    pub span: Span,
    /// The other place that it takes to understand it (the first of two declarations, say), with
    /// what there is to see.
    pub other: Option<(Span, &'static str)>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for Mistake {}

impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.kind.help()?;
        Some(Box::new(help))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let here = LabeledSpan::new_primary_with_span(None, self.span);
        let other = self
            .other
            .map(|(span, text)| LabeledSpan::new_with_span(Some(text.to_owned()), span));
        Some(Box::new(std::iter::once(here).chain(other)))
    }
}

/// What is wrong. The message is a fragment in lower case; [`Kind::help`] says what to write.
#[derive(
    Clone, Debug, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames,
)]
pub enum Kind {
    // Characters
    /// A character that starts nothing.
    #[error("`{0}` means nothing here")]
    UnexpectedCharacter(String),
    /// `ana disconnects # tired`
    #[error("a comment stands on a line of its own")]
    CommentBehindLine,
    /// A text without its closing quote.
    #[error("this text is never closed")]
    UnclosedText,
    /// A backslash that begins none of JSON's escapes.
    #[error("this is no escape of JSON")]
    BadEscape,
    /// A control character that JSON wants escaped.
    #[error("a control character stands in this text as it is")]
    BareControl(char),

    // The file as a whole
    /// Nothing at all.
    #[error("the file is empty")]
    EmptyFile,
    /// No comment at the top.
    #[error("the reason for the case is missing")]
    NoReason,
    /// Neither `must` nor `should` nor `may`.
    #[error("it is not said which clauses the case checks")]
    NoLevel,
    /// No `clients` line. Holds the names that the body uses.
    #[error("no clients are declared")]
    NoClients(Vec<String>),
    /// A header and nothing below it.
    #[error("the case has no steps")]
    NoSteps,

    // The header
    /// `must` and `should` in one header.
    #[error("a case has one level, and this one is `{0}` already")]
    TwoLevels(Level),
    /// A header line below the first step.
    #[error("header lines stand above the first step")]
    HeaderBelowSteps,
    /// A comment between header lines, where the canonical text has no place for it.
    #[error("a comment cannot stand between header lines")]
    CommentInHeader,
    /// A line above the first step that is no header line.
    #[error("unknown header word `{word}`")]
    UnknownHeaderWord {
        /// The word.
        word: String,
        /// What was meant, perhaps.
        near: Option<&'static str>,
    },
    /// Something declared or listed twice.
    #[error("the {what} `{name}` is {how} twice")]
    Twice {
        /// What kind of thing it is.
        what: &'static str,
        /// `declared`, `listed`, ..
        how: &'static str,
        /// Its name.
        name: String,
    },
    /// `in lobby: ana ana`
    #[error("`{who}` enters `{room}` twice")]
    EntersTwice {
        /// The client.
        who: String,
        /// The room.
        room: String,
    },
    /// A name that would be taken for something else.
    #[error("`{name}` cannot be the name of a {what}")]
    ReservedName {
        /// `client` or `room`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name with more than letters, digits, `_` and `-`.
    #[error("`{name}` cannot be the name of a {what}")]
    BadName {
        /// What it was to name.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// `in lobby: crowd*40` where `crowd` has fifty members.
    #[error("`{name}` has {declared}, and enters as a whole")]
    OtherCount {
        /// The group.
        name: String,
        /// What is declared, in words.
        declared: String,
    },

    // Steps
    /// Neither a step nor anything like one.
    #[error("{what} is no step")]
    UnknownStep {
        /// The first words of the line.
        what: String,
        /// What was meant, perhaps.
        near: Option<&'static str>,
    },
    /// Something else than what the grammar has here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What the grammar has here.
        expected: &'static str,
        /// What is here.
        found: String,
        /// What to write.
        help: Option<&'static str>,
    },
    /// A whole step, and then more.
    #[error("expected the end of the line, found {0}")]
    Trailing(String),
    /// A bare event that the contract does not know. Holds the word.
    #[error("unknown event `{word}`")]
    UnknownEvent {
        /// The word.
        word: String,
        /// What was meant, perhaps.
        near: Option<&'static str>,
    },
    /// A word that is no transport.
    #[error(transparent)]
    UnknownTransport(#[from] UnknownTransport),
    /// `already within 2s`
    #[error("`already` waits for nothing, so it cannot have a deadline")]
    AlreadyWithin,
    /// `[must]`, or a level that is not below the case's.
    #[error("`[{0}]` does not lower the level of this line")]
    LevelNotLower(Level),
    /// `to admin`
    #[error("a namespace begins with a slash")]
    NamespaceWithoutSlash(String),
    /// `GET "socket.io/"`
    #[error("the target of a request begins with a slash")]
    TargetWithoutSlash,
    /// `=> 2000`
    #[error("`{0}` is no HTTP status")]
    BadStatus(String),
    /// `server restarts` in a case that does not say that it may.
    #[error("a case that restarts the server must say so in its header")]
    RestartUnannounced(&'static str),
    /// `ana connects on node 2` in a case that does not say that it needs as many.
    #[error("a case that connects to node {0} must say in its header that it needs one")]
    NoSuchNode(u32),

    // Blocks
    /// A block that the end of the file, or another block, cuts off.
    #[error("this block is never closed")]
    UnclosedBlock,
    /// A `}` without a block.
    #[error("there is no block to close here")]
    UnopenedBlock,
    /// A block inside a block.
    #[error("a block cannot stand inside a block")]
    NestedBlock,
    /// A block without steps.
    #[error("this block is empty")]
    EmptyBlock,
    /// `together { ana disconnects }`
    #[error("the lines of a block stand on lines of their own, and so does its `}}`")]
    BlockOnOneLine,
    /// `=> ()` inside `together`.
    #[error("`=>` cannot stand inside `together`")]
    AwaitInTogether,
    /// A receive inside `together`.
    #[error("nothing is received inside `together`")]
    ReceiveInTogether,
    /// Anything but a receive inside `in any order`.
    #[error("only receives stand inside `in any order`")]
    SendInAnyOrder,
    /// `nothing` inside `in any order`.
    #[error("`nothing` has no meaning inside `in any order`")]
    NothingInAnyOrder,
    /// A line of a lower level inside a block.
    #[error("a line of a block has no level of its own")]
    LevelInBlock,

    // Open cases
    /// A receive in a case whose inboxes are open.
    #[error("nothing is received in an open case")]
    ReceiveInOpen,
    /// What no checker of histories judges, in a case that only they judge.
    #[error("an open case is judged as chat, and this is none")]
    NotChatInOpen,

    // Lines of a lower level
    /// A line of a lower level that a line below cannot be told from.
    #[error("a line below waits for the same and has another level")]
    LowerLineAlike,
    /// A line of a lower level that binds a capture.
    #[error("`${0}` hangs on a line that the server may break")]
    LowerLineBinds(String),

    // Names
    /// A client that the header does not declare.
    #[error("no client `{name}` is declared")]
    UndeclaredClient {
        /// The name.
        name: String,
        /// What was meant, perhaps.
        near: Option<String>,
    },
    /// A member of a client that is no group.
    #[error("`{0}` is no group")]
    NotAGroup(String),
    /// A member that the group does not have.
    #[error("`{name}` has no member {member}")]
    NoSuchMember {
        /// The group.
        name: String,
        /// The member asked for.
        member: u32,
        /// How many it has.
        count: u32,
    },
    /// A room that the header does not declare.
    #[error("no room `{name}` is declared")]
    UndeclaredRoom {
        /// The name.
        name: String,
        /// What was meant, perhaps.
        near: Option<String>,
    },
    /// A bare word that is no room, but a client.
    #[error("`{0}` is a client, not a value")]
    ClientAsValue(String),
    /// A capture used before a receive has bound it.
    #[error("nothing has bound `${name}` here")]
    UnboundCapture {
        /// The capture, without the dollar.
        name: String,
        /// What was meant, perhaps.
        near: Option<String>,
    },
    /// The acknowledgement of a request that nothing names.
    #[error("no request is named `{name}`")]
    UnknownLabel {
        /// The label.
        name: String,
        /// What was meant, perhaps.
        near: Option<String>,
    },
    /// `ack m{n}` for more numbers than there are requests.
    #[error("the requests `{label}` are those from {first} to {last}")]
    LabelOutOfSeries {
        /// The label.
        label: String,
        /// The first number that has a request.
        first: u32,
        /// The last one.
        last: u32,
    },
    /// The acknowledgement of a request that comes only later.
    #[error("the request `{0}` is made only below")]
    LabelBelow(String),
    /// The acknowledgement of another client's request.
    #[error("the request `{label}` is not `{who}`'s")]
    ForeignLabel {
        /// The label.
        label: String,
        /// Who receives.
        who: String,
        /// Who asked.
        owner: String,
    },
    /// An acknowledgement received twice.
    #[error("the acknowledgement of `{0}` is received twice")]
    AckTwice(String),
    /// A name given to two requests.
    #[error("two requests are named `{0}`")]
    LabelTwice(String),

    // Values
    /// `_` in something that is sent.
    #[error("`_` cannot be sent")]
    AnySent,
    /// `007`, `1.`, `5x`
    #[error("`{0}` is no JSON number")]
    BadNumber(String),
    /// `{k: 1}`
    #[error("the key `{0}` stands in quotes")]
    BareKey(String),
    /// `bytes*9999999999`
    #[error("{what} is at most {most}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The most there may be.
        most: u64,
    },
    /// A count of nothing.
    #[error("{0} cannot be 0")]
    Zero(&'static str),
    /// `"hello" padded 3`
    #[error("this text has {0} characters already")]
    PaddedTooShort(u64),
    /// Brackets in brackets, too many of them.
    #[error("this value is nested too deeply")]
    TooDeep,
    /// `within 500`
    #[error("`{text}` is no duration")]
    BadDuration {
        /// What stands there.
        text: String,
        /// What to write instead.
        instead: Option<String>,
    },
    /// `within 2000h`, in milliseconds.
    #[error("a duration is at most an hour")]
    TooLong,
    /// A raw packet of `bytes*N`.
    #[error("a raw packet spells its bytes out")]
    ManyRawBytes,

    // Series
    /// `for n in 5..1`
    #[error("this series runs backwards")]
    BackwardSeries {
        /// What stands first.
        first: u32,
        /// What stands last.
        last: u32,
    },
    /// A series on something that happens once.
    #[error("`{0}` happens once, so it cannot be a series")]
    SeriesOfOne(&'static str),
    /// A line that has another variable in its text than in its series.
    #[error("the line never uses `{{{variable}}}`, but `{{{found}}}`")]
    OtherVariable {
        /// The variable of the series.
        variable: String,
        /// What stands in the text.
        found: String,
    },
    /// A label with a variable that no series gives a number.
    #[error("`{{{variable}}}` has no number here")]
    LabelWithoutSeries {
        /// The variable in the label.
        variable: String,
        /// The variable of the line's series, if it has one.
        given: Option<String>,
    },
    /// A series whose requests would all have the same name.
    #[error("every request of this series would be named `{label}`")]
    LabelRepeated {
        /// The label.
        label: String,
        /// The variable that it could hold.
        variable: String,
    },
    /// `up to 10 of .. for n in 1..5`
    #[error("the series has only {0} items")]
    UpToTooMany(u32),
}

impl Kind {
    /// The names of all kinds, for tools and tests that must know every one.
    pub const NAMES: &'static [&'static str] = <Self as strum::VariantNames>::VARIANTS;

    /// Its name, stable whatever it holds.
    pub fn name(&self) -> &'static str {
        self.into()
    }
}
