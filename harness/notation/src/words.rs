//! The words that stand for the enums of the tree, both ways.

use std::fmt;
use std::str::FromStr;

use crate::ast::{Act, Level, Method, Transport};
use crate::suggest::closest;

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl $name {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// How it is written.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The one that is written so.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    )*};
}

words! {
    Level { Must = "must", Should = "should", May = "may" }
    Transport { Websocket = "websocket", Polling = "polling", Upgrade = "upgrade" }
    Act {
        Disconnects = "disconnects",
        Vanishes = "vanishes",
        FallsSilent = "falls silent",
        StopsReading = "stops reading",
        ReadsAgain = "reads again",
    }
    Method {
        Get = "GET",
        Post = "POST",
        Put = "PUT",
        Delete = "DELETE",
        Options = "OPTIONS",
    }
}

/// A word that is no transport.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown transport `{0}`")]
pub struct UnknownTransport(pub String);

impl UnknownTransport {
    /// What to write instead.
    pub fn help(&self) -> String {
        let known = Transport::ALL.iter().map(|transport| transport.word());
        match closest(&self.0, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the transports are `websocket`, `polling` and `upgrade`".to_owned(),
        }
    }
}

impl FromStr for Transport {
    type Err = UnknownTransport;

    fn from_str(word: &str) -> Result<Self, UnknownTransport> {
        Self::from_word(word).ok_or_else(|| UnknownTransport(word.to_owned()))
    }
}
