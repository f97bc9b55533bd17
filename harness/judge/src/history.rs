//! What happened, in order. A history is all that a judgement is made from.
//!
//! On disk it is JSONL: a [`Header`], then one [`Event`] a line (see [`stored`](crate::stored)).

use std::collections::BTreeSet;

use chatspec_wire::data::Data;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{ActorId, CaseId, OpId, Seq};
use crate::ledger::KnownFailure;
use crate::verdict::{Calibration, ClauseNote};
use crate::ways::Ways;

/// What events and acks carry, for the schema: any JSON, in which an object with the one key `$bytes` is
/// bytes, in base64.
type Json = serde_json::Value;

/// All that must be known about a history to judge it again, whatever has become of the suite, the
/// target and its ledger since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Header {
    /// The version of chatspec that ran the case.
    pub version: String,
    /// The case.
    pub case: CaseId,
    /// The target, by name.
    pub target: String,
    /// The seed of the run.
    pub seed: u64,
    /// How many times the case had been run before, for the names of its rooms.
    pub attempt: u32,
    /// The scenario's file, as the user knew it.
    pub file: String,
    /// The scenario's text.
    pub scenario: String,
    /// The clauses that it cites.
    pub clauses: Vec<ClauseNote>,
    /// The capabilities for lack of which it was not run.
    pub lacks: Vec<String>,
    /// The events that were set aside: of extensions that the target has and the scenario does not need.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aside: BTreeSet<String>,
    /// In which ways the target's chat differs from the seed contract.
    #[serde(default, skip_serializing_if = "Ways::are_the_seeds")]
    pub ways: Ways,
    /// The entry of the target's ledger that is about it.
    pub known: Option<KnownFailure>,
    /// What was measured on the target.
    pub calibration: Option<Calibration>,
    /// Wall-clock time of the case, in milliseconds.
    pub duration_ms: u64,
    /// How late the harness's own clock ticked meanwhile, in microseconds.
    pub harness_lag_us: u64,
    /// The command that runs the case again.
    pub again: String,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// Its place in the history.
    pub seq: Seq,
    /// When it happened, in microseconds since the run began, on one monotonic clock. For frames:
    /// when the frame was read.
    pub at_us: u64,
    /// What happened.
    #[serde(flatten)]
    pub kind: Kind,
    /// The Engine.IO packets that it was, as people read them, where encoding what happened would not give
    /// the same: of another spelling, or of another dialect. Nothing is judged by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wire: Vec<String>,
}

/// One connection of one client, counted from 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Leg {
    /// The client.
    pub actor: ActorId,
    /// Which of its connections.
    pub number: u32,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "is",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Kind {
    /// A stage of the plan began.
    Began {
        /// Which, by its index.
        stage: usize,
    },
    /// A stage of the plan ended, satisfied or not.
    Ended {
        /// Which, by its index.
        stage: usize,
        /// The longest wait that ran out, in microseconds; none if nothing ran out.
        ran_out_us: Option<u64>,
    },
    /// A client began to connect.
    Connecting {
        /// The new connection.
        leg: Leg,
        /// The operation that asked for it.
        op: OpId,
    },
    /// The server accepted the CONNECT.
    Connected {
        /// The connection.
        leg: Leg,
    },
    /// The connection was moved from long-polling to WebSocket.
    Upgraded {
        /// The connection.
        leg: Leg,
    },
    /// The connection could not be opened, or its CONNECT was not answered.
    ConnectFailed {
        /// The connection.
        leg: Leg,
        /// Why.
        cause: String,
    },
    /// A client sent something that the plan asked for.
    Sent {
        /// The connection.
        leg: Leg,
        /// The operation that asked for it.
        op: OpId,
        /// What was sent.
        what: Outgoing,
    },
    /// Something arrived in a client's inbox.
    Arrived {
        /// The connection.
        leg: Leg,
        /// What arrived.
        item: Item,
    },
    /// A client sent a message to an empty room, to be acknowledged when all before it is done.
    FlushSent {
        /// The connection.
        leg: Leg,
        /// Its acknowledgement id.
        id: u64,
    },
    /// That message was acknowledged.
    FlushAcked {
        /// The connection.
        leg: Leg,
        /// Its acknowledgement id.
        id: u64,
    },
    /// A client that had acted could not be asked, because it is gone.
    FlushImpossible {
        /// The client.
        actor: ActorId,
    },
    /// A CONNECT to a namespace that cannot exist was sent.
    FenceSent {
        /// The connection.
        leg: Leg,
        /// Which fence of this run.
        id: u64,
    },
    /// It was answered: whatever the server had written to this connection before has arrived.
    FenceAnswered {
        /// The connection.
        leg: Leg,
        /// Which fence of this run.
        id: u64,
    },
    /// The quiet window of a concurrent target was waited for.
    Waited {
        /// How long, in microseconds.
        for_us: u64,
    },
    /// An HTTP request of the scenario was answered.
    HttpAnswered {
        /// The operation.
        op: OpId,
        /// The status, or why there is none.
        answer: Result<(u16, String), String>,
    },
    /// The server is gone: its process ended, or it no longer accepts.
    ServerDied {
        /// How that was seen.
        cause: String,
    },
    /// The server was restarted, because the plan asked for it.
    ServerRestarted,
    /// The run could not go on for a reason that is not the target's.
    GaveUp {
        /// Why.
        cause: String,
    },
}

/// What a client sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Outgoing {
    /// An event.
    Event {
        /// Its name.
        event: String,
        /// Its arguments.
        #[schemars(with = "Vec<Json>")]
        args: Vec<Data>,
        /// The id for its acknowledgement, if one was asked for.
        ack: Option<u64>,
    },
    /// A raw Engine.IO packet, as text.
    Raw {
        /// The packet.
        text: String,
    },
    /// Something done to the connection, as the notation says it (`disconnects`).
    Act {
        /// The words.
        words: String,
    },
}

/// One item of an inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Item {
    /// An event.
    Event {
        /// Its name.
        event: String,
        /// Its arguments.
        #[schemars(with = "Vec<Json>")]
        args: Vec<Data>,
        /// The id under which the server wants it acknowledged, if it does.
        ack: Option<u64>,
    },
    /// An acknowledgement.
    Ack {
        /// The id of the request.
        id: u64,
        /// Its arguments.
        #[schemars(with = "Vec<Json>")]
        args: Vec<Data>,
    },
    /// A refused CONNECT.
    ConnectError {
        /// Its payload.
        #[schemars(with = "Json")]
        data: Data,
    },
    /// The connection, or its namespace, ended and the client did not end it.
    Closed {
        /// How.
        cause: String,
    },
    /// A packet that breaks the protocol.
    Broken {
        /// Which rule it breaks.
        cause: String,
    },
    /// A raw packet, for clients that speak raw.
    Raw {
        /// The packet, as text.
        text: String,
    },
}

/// A whole history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Its events; the place of each is its sequence number.
    pub events: Vec<Event>,
}
