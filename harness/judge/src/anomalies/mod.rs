//! What went wrong in a history, whatever its plan expected: messages and welcomes that were lost,
//! doubled, made up or given to the wrong people, and acks that say what is not so.
//!
//! The referee compares inboxes with the lines of a scenario. The checkers here know no lines. They
//! hold the seed contract against everything that was sent and everything that arrived, and are as
//! good for a history that somebody wrote down as for one that was generated.
//!
//! A right server is never accused. Where a history leaves several things possible, a checker takes
//! the one that excuses the server:
//! - *Membership has three values.* Before a client asks to enter it is outside, once its entering
//!   is acked it is inside, and in between, or once it has begun to leave, nothing is owed to it and
//!   nothing forbidden.
//! - *A relay is done* when its own ack has come, or the ack of a later flush of that client. A
//!   welcome, which comes after the ack of the entering, is done only by a flush.
//! - *Absence needs a fence* on the receiver's connection, begun when the relay was done, and
//!   answered. Two connections are never compared by what came first.
//! - *Nodes* share no time. An ack says what is done on the node that gives it; what another node does
//!   about it is on its way, for as long as the quiet window says, and keeps no order.
//! - *Equal texts* cannot be told apart, and are counted.
//! - *What is not plain chat* (raw packets, other events, other namespaces, rooms that are not this
//!   run's own, arguments that are not texts) could cause anything. In such a history only acks are
//!   looked at.
//!
//! # Layout
//! - `log`: the chat in a history. `trips`: flushes and fences.
//! - `deliveries`: what arrived, against what was sent; `owed`: what did not arrive.
//! - `order`: who heard what before what; `acks`: the acks.
//! - `tell`: findings in words.

mod acks;
mod deliveries;
mod log;
mod order;
mod owed;
mod tell;
mod trips;

use std::fmt;

use crate::check::is_of;
use crate::history::History;
use crate::ids::Seq;
use crate::plan::Plan;
use crate::verdict::{Level, Rule, Violation};

use deliveries::Deliveries;
use log::ChatLog;

pub use order::Guarantee;

/// What the checkers found in one history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// What went wrong, in the order in which it shows.
    pub anomalies: Vec<Anomaly>,
    /// The strongest guarantee that the order of messages keeps; none where no client received two
    /// messages that can be told apart, or the history is not plain chat.
    pub guarantee: Option<Guarantee>,
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// What kind of thing.
    pub kind: AnomalyKind,
    /// One sentence that names clients and messages.
    pub summary: String,
    /// The events that show it.
    pub evidence: Vec<Seq>,
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.summary)
    }
}

/// The kinds of anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnomalyKind {
    /// A message never reached a member.
    Lost,
    /// A message reached a member more often than it was sent.
    Duplicated,
    /// A message arrived that nobody sent.
    Phantom,
    /// A message arrived in other words than it was sent.
    Altered,
    /// A message reached a client outside its room.
    Misdirected,
    /// A message came back to its sender.
    Echoed,
    /// Two messages of one sender arrived in the wrong order.
    Misordered,
    /// A message arrived before one that was acked before it was sent.
    CausallyMisordered,
    /// A fence overtook a message whose relay was done.
    Late,
    /// A message reached a client that entered after it, or had not entered yet.
    Early,
    /// A message arrived under a name that is not its sender's.
    WrongAuthor,
    /// A request was acked twice.
    AckedTwice,
    /// A request was never acked, although a later one was.
    NeverAcked,
    /// An ack answers no request of its connection.
    UnknownAck,
    /// An ack carries arguments.
    AlteredAck,
    /// The acks of two messages of one client came in the wrong order.
    AcksMisordered,
    /// What answers a newcomer's welcome reached it before the ack of its entering.
    AckedLate,
    /// A welcome never reached a member.
    WelcomeLost,
    /// A welcome arrived more often than its client entered.
    WelcomeDuplicated,
    /// A client was welcomed by itself.
    WelcomeToSelf,
    /// A welcome reached a client outside the room.
    WelcomeMisdirected,
    /// A welcome reached a client that entered after the one it greets, or had not entered yet.
    WelcomeEarly,
    /// A welcome names another than the one who entered.
    WrongNickname,
    /// A welcome arrived although nobody entered.
    WelcomePhantom,
}

impl AnomalyKind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Duplicated => "duplicated",
            Self::Phantom => "phantom",
            Self::Altered => "altered",
            Self::Misdirected => "misdirected",
            Self::Echoed => "echoed",
            Self::Misordered => "misordered",
            Self::CausallyMisordered => "causally-misordered",
            Self::Late => "late",
            Self::Early => "early",
            Self::WrongAuthor => "wrong-author",
            Self::AckedTwice => "acked-twice",
            Self::NeverAcked => "never-acked",
            Self::UnknownAck => "unknown-ack",
            Self::AlteredAck => "altered-ack",
            Self::AcksMisordered => "acks-misordered",
            Self::AckedLate => "acked-late",
            Self::WelcomeLost => "welcome-lost",
            Self::WelcomeDuplicated => "welcome-duplicated",
            Self::WelcomeToSelf => "welcome-to-self",
            Self::WelcomeMisdirected => "welcome-misdirected",
            Self::WelcomeEarly => "welcome-early",
            Self::WrongNickname => "wrong-nickname",
            Self::WelcomePhantom => "welcome-phantom",
        }
    }
}

impl fmt::Display for AnomalyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Looks for anomalies in `history`, a run of `plan`. In a history that is not one of this plan,
/// none are seen.
pub fn examine(plan: &Plan, history: &History) -> Examination {
    if !history.events.iter().all(|event| is_of(plan, event)) {
        return Examination::default();
    }
    let log = ChatLog::read(plan, history);
    let mut anomalies = acks::check(plan, &log);
    let mut guarantee = None;
    if log.is_plain {
        let mut deliveries = Deliveries::of(plan, &log);
        anomalies.append(&mut deliveries.anomalies);
        anomalies.extend(owed::check(plan, &log, &deliveries));
        anomalies.extend(acks::overtaken(plan, &log, &deliveries));
        let mut order = order::check(plan, &log, &deliveries);
        anomalies.append(&mut order.anomalies);
        guarantee = order.guarantee;
    }
    // Each where its last evidence stands.
    anomalies.sort_by_key(|anomaly| (anomaly.evidence.iter().max().copied(), anomaly.kind));
    Examination {
        anomalies,
        guarantee,
    }
}

/// The anomalies as one violation, for a case whose lines all held; none if there are none. It is as
/// binding as the most lenient line of the plan: what a server may do there could cause it.
pub fn violation(plan: &Plan, examination: &Examination) -> Option<Violation> {
    let first = examination.anomalies.first()?;
    let case = Level::from(plan.source.scenario.level);
    let level = plan.ops.iter().map(|op| op.level).fold(case, Ord::min);
    let evidence = examination.anomalies.iter();
    Some(Violation {
        rule: Rule::Anomaly,
        level,
        summary: first.to_string(),
        line: None,
        expected: Vec::new(),
        actual: Vec::new(),
        notes: vec![tell::EVERY_LINE_HELD.to_owned()],
        evidence: evidence
            .flat_map(|anomaly| anomaly.evidence.iter().copied())
            .collect(),
    })
}
