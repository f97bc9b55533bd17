//! What a scenario file says, as data.
//!
//! The tree keeps everything the canonical printer needs (comments, blank lines, stamps), so that
//! parsing what was printed gives back an equal tree. [`Span`]s point into the parsed text and
//! never take part in equality: the same scenario at another place is the same scenario.

use std::time::Duration;

use crate::names::{
    ClauseId, ClientName, EventName, Label, MutantName, Namespace, Need, RoomName, Variable,
};
use crate::span::{Span, Spanned};
use crate::value::{Text, Value};

/// One scenario: a header and a body of steps. One file holds exactly one.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The reason for the case, one sentence: the first paragraph of the leading comment.
    pub reason: String,
    /// The further lines of the leading comment, below an empty `#`; usually empty.
    pub notes: Vec<String>,
    /// How binding the case is (`must`, `should`, `may`).
    pub level: Level,
    /// The clauses it checks, by id.
    pub clauses: Vec<Spanned<ClauseId>>,
    /// The mutants that must fail it.
    pub catches: Vec<Spanned<MutantName>>,
    /// The capabilities without which it is skipped. What a target with other capabilities says unasked
    /// is no part of it.
    pub needs: Vec<Spanned<Need>>,
    /// The transports it runs on; empty means all of them.
    pub over: Vec<Spanned<Transport>>,
    /// `alone`: it may take the server down, so nothing else runs beside it.
    pub alone: bool,
    /// `open`: its lines only send. What arrives is held against the contract as a whole, by the
    /// checkers of histories, and not against lines.
    pub open: bool,
    /// The clients, in the order they are declared.
    pub clients: Vec<Spanned<ClientDecl>>,
    /// The rooms, each a name for a room of this run alone.
    pub rooms: Vec<Spanned<RoomName>>,
    /// Who is in which room before the first step.
    pub present: Vec<Spanned<Present>>,
    /// Steps, comments and blank lines, in order.
    pub body: Vec<Line>,
}

impl Scenario {
    /// How many nodes of one server it is about: what it needs of the capability `nodes`, and 1
    /// where it needs none.
    pub fn nodes(&self) -> u32 {
        let amounts = self.needs.iter().filter_map(|need| {
            let (name, amount) = need.value.as_str().split_once(' ')?;
            (name == NODES).then(|| amount.parse().ok()).flatten()
        });
        amounts.max().unwrap_or(1).max(1)
    }
}

/// The capability of a server that runs on several nodes, with how many there are.
pub const NODES: &str = "nodes";

/// How binding a case or a line is: the RFC 2119 words, as far as a chat contract needs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The server may do otherwise; the report says what it does.
    May,
    /// Breaking it is a warning, and a failure under `--strict`.
    Should,
    /// Breaking it is a failure.
    Must,
}

/// How a client reaches the server (Engine.IO v4, "Transports" and "Upgrade").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// WebSocket from the first byte.
    Websocket,
    /// HTTP long-polling throughout.
    Polling,
    /// HTTP long-polling, then upgraded to WebSocket while the scenario goes on.
    Upgrade,
}

/// `ana`, or `crowd*50` for a group of fifty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientDecl {
    /// Its name.
    pub name: ClientName,
    /// How many members the group has; `None` for a single client.
    pub count: Option<u32>,
}

/// `in lobby: ana ben crowd`: they enter in turn, under their own names, before the first step.
#[derive(Clone, Debug, PartialEq)]
pub struct Present {
    /// The room.
    pub room: Spanned<RoomName>,
    /// The clients and groups that enter, in this order.
    pub who: Vec<Spanned<ClientName>>,
}

/// One line of the body.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every line is a step, so that a box would cost more than it saves"
)]
pub enum Line {
    /// `# text`, without the `#` and the space behind it.
    Comment(String),
    /// An empty line; the canonical form never has two in a row, nor one at an end of a block.
    Blank,
    /// Something that happens.
    Step(Step),
}

/// Something that happens, with what may stand around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The time in front of a transcript's line; ignored when the text is run.
    pub at: Option<Stamp>,
    /// What happens.
    pub kind: StepKind,
    /// `[should]` or `[may]` behind the line: its own, lower level.
    pub level: Option<Level>,
    /// Where the line stands.
    pub span: Span,
}

/// A transcript's time: microseconds since the run began, printed in milliseconds (`12.345ms`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub u64);

/// A client, a whole group (`crowd`), one member of it (`crowd.7`, from 1), or one connection of a
/// client in a transcript (`ana#2`).
#[derive(Clone, Debug, PartialEq)]
pub struct Who {
    /// The declared name.
    pub name: ClientName,
    /// Which member of a group, counted from 1; `None` for all of them.
    pub member: Option<u32>,
    /// Which connection, counted from 1; only transcripts write it, and only from the second on.
    pub leg: Option<u32>,
    /// Where it stands.
    pub span: Span,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// `ana connects via polling auth {"token": 1} to /admin`
    Connect(Connect),
    /// `ana -> new_message "hi" lobby => ()`
    Emit(Emit),
    /// `ben <- new_message "Ana: hi"`
    Receive(Receive),
    /// `ben <- nothing`: silence up to here, proven.
    Nothing(Who),
    /// `sam <- up to 1000 of new_message "Ana: m{n}" for n in 1..1000, then closed`
    UpTo(UpTo),
    /// `ana disconnects` and the like.
    Act(Who, Act),
    /// `ana >> "42[\"x\"]"`: one raw Engine.IO packet.
    RawSend(Who, Raw),
    /// `ana << "44{...}"`: the next raw Engine.IO packet; `...` stands for any text.
    RawReceive(RawReceive),
    /// `ana GET "/socket.io/?EIO=4&transport=polling" => 200 "0{...}"`
    Http(Http),
    /// `server restarts`, `link ana delays 200ms`
    Fault(Fault),
    /// `together { ... }`: the lines inside are started at once.
    Together(Vec<Line>),
    /// `in any order { ... }`: the lines inside may interleave; each keeps its own order.
    InAnyOrder(Vec<Line>),
}

/// `WHO connects [via TRANSPORT] [auth VALUE] [to /NAMESPACE] [on node N]`
#[derive(Clone, Debug, PartialEq)]
pub struct Connect {
    /// Who connects.
    pub who: Who,
    /// The transport, where it differs from the one the case is run on.
    pub via: Option<Transport>,
    /// The payload of the Socket.IO CONNECT packet.
    pub auth: Option<Value>,
    /// The namespace; `/` unless stated.
    pub to: Option<Namespace>,
    /// The node of the server, counted from 1; unless stated, clients are placed in turn.
    pub node: Option<u32>,
}

/// `WHO -> EVENT VALUE.. [=> (VALUE..) | as LABEL] [for N in A..B]`
#[derive(Clone, Debug, PartialEq)]
pub struct Emit {
    /// Who emits.
    pub who: Who,
    /// The event.
    pub event: Spanned<EventName>,
    /// Its arguments, without the acknowledgement function.
    pub args: Vec<Value>,
    /// Whether an acknowledgement is asked for, and where it is received.
    pub reply: Reply,
    /// `for n in 1..100`: once for each number.
    pub series: Option<Series>,
}

/// What an emit asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// No acknowledgement: the packet carries no id.
    None,
    /// `=> (..)`: the acknowledgement is the next thing in the inbox and carries these arguments.
    Await(Vec<Value>),
    /// `as m1`: `WHO <- ack m1 (..)` receives it later.
    As(Spanned<Label>),
}

/// `WHO <- WHAT [already] [within DURATION] [for N in A..B]`
#[derive(Clone, Debug, PartialEq)]
pub struct Receive {
    /// Who receives.
    pub who: Who,
    /// What the next item must be.
    pub what: Expect,
    /// It must be here without waiting: a fence begun now does not answer before it.
    pub already: bool,
    /// The deadline of each item, where it is not the usual one.
    pub within: Option<Duration>,
    /// `for n in 1..100`: one item for each number.
    pub series: Option<Series>,
}

/// What an item of the inbox must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// An event and its arguments.
    Event {
        /// Its name.
        event: Spanned<EventName>,
        /// Patterns for its arguments, as many as it has.
        args: Vec<Value>,
    },
    /// The acknowledgement of a request named with `as`.
    Ack {
        /// The request's label.
        label: Spanned<Label>,
        /// Patterns for its arguments, as many as it has.
        args: Vec<Value>,
    },
    /// A `CONNECT_ERROR` packet, with a pattern for its payload.
    ConnectError(Value),
    /// The end of the connection, or a DISCONNECT of the namespace.
    Closed,
}

/// `WHO <- up to COUNT of EVENT .. for N in A..B, then closed[, or all]`: a prefix of the series,
/// in order, then the end. With `, or all` the whole series without an end is right too.
#[derive(Clone, Debug, PartialEq)]
pub struct UpTo {
    /// Who receives.
    pub who: Who,
    /// How many at most.
    pub count: u32,
    /// The event.
    pub event: Spanned<EventName>,
    /// Patterns for its arguments.
    pub args: Vec<Value>,
    /// The numbers.
    pub series: Series,
    /// Whether the whole series without an end is right too.
    pub or_all: bool,
    /// The deadline of each item, where it is not the usual one.
    pub within: Option<Duration>,
}

/// `for VARIABLE in FIRST..LAST`, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The variable, written `{n}` inside text and labels.
    pub variable: Variable,
    /// The first number.
    pub first: u32,
    /// The last number, never below the first.
    pub last: u32,
}

/// What a client does to its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// `disconnects`: a Socket.IO DISCONNECT, then an orderly close.
    Disconnects,
    /// `vanishes`: the TCP connection is reset.
    Vanishes,
    /// `falls silent`: no more pongs.
    FallsSilent,
    /// `stops reading`: bytes stay in the socket.
    StopsReading,
    /// `reads again`
    ReadsAgain,
}

/// A raw Engine.IO packet.
#[derive(Clone, Debug, PartialEq)]
pub enum Raw {
    /// A text packet.
    Text(Text),
    /// A binary packet.
    Bytes(Vec<u8>),
}

/// `WHO << RAW [within DURATION]`
#[derive(Clone, Debug, PartialEq)]
pub struct RawReceive {
    /// Who receives.
    pub who: Who,
    /// The packet; in text, `...` stands for any text.
    pub raw: Raw,
    /// The deadline, where it is not the usual one.
    pub within: Option<Duration>,
}

/// `WHO METHOD "TARGET" ["BODY"] => STATUS ["BODY"]`
#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    /// Who asks; each asks on a TCP connection of its own.
    pub who: Who,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The request's body.
    pub body: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer; `...` stands for any text.
    pub answer: Option<String>,
}

/// The HTTP methods a scenario may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
    /// OPTIONS
    Options,
}

/// Something that happens to the server or to a link.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// `server restarts` (needs the capability `restart`)
    ServerRestarts,
    /// `link ana delays 200ms`: every byte between this client and the server, both ways, from its
    /// next connection on.
    LinkDelays(Who, Duration),
}
