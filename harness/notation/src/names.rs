//! The names a scenario uses, one type each, so that a room is never taken for a client.

use std::fmt;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name, as written.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name, as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }
    )*};
}

names! {
    /// A client or a group of clients (`ana`, `crowd`).
    ClientName;
    /// A room of the scenario (`lobby`); the server sees a name of this run alone.
    RoomName;
    /// A clause of the contract (`seed.welcome`), explained in `clauses.toml`.
    ClauseId;
    /// A mutant of the self-test server (`welcome-to-self`).
    MutantName;
    /// A capability of a target, with its amount where it has one (`echo`, `nodes 2`).
    Need;
    /// A Socket.IO event; written bare where it is in [`VOCABULARY`], else in quotes.
    EventName;
    /// A request named with `as`; may hold the variable of a series (`m{n}`).
    Label;
    /// A Socket.IO namespace, with its slash (`/admin`).
    Namespace;
    /// The variable of a series (`n`).
    Variable;
    /// A captured value (`$id`), without the dollar.
    Capture;
}

/// The events that may be written without quotes: the seed contract's, the extensions' and the
/// echo capability's. Anything else is in quotes, so that a slip of the pen is told from an event
/// of one's own.
pub const VOCABULARY: &[&str] = &[
    "bye",
    "enter_room",
    "leave_room",
    "message",
    "message-back",
    "message-with-ack",
    "new_message",
    "room_change",
    "welcome",
];
