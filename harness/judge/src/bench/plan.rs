//! The load: how many talk to how many, how fast and for how long.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The shortest text that a message of a bench can have, in bytes: it must say which one it is.
pub const SHORTEST_TEXT: u32 = 24;

/// What a bench puts on a target. In a TOML profile every key may be left out; what is not said is as
/// in `small-talk`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plan {
    /// How many rooms.
    pub rooms: u32,
    /// How many members in each room, those who write among them.
    pub members: u32,
    /// How many members of each room write.
    pub senders: u32,
    /// How the messages are paced.
    pub pace: Pace,
    /// How long the text of a message is, in bytes.
    pub payload: u32,
    /// How many members in a hundred are connected over long-polling; all others over WebSocket.
    pub polling: u8,
    /// How many guests enter and leave in a second, over all rooms, while the members chat.
    pub guests: f64,
    /// How long messages are sent before they are measured, in seconds.
    pub warm_up: f64,
    /// How long they are measured, in seconds.
    pub duration: f64,
    /// How often all of it is done.
    pub repeats: u32,
}

/// How the messages are paced.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// Open loop: so many messages a second over all rooms, on a schedule that waits for nobody. What
    /// a stall of the server keeps waiting is counted from when it should have been sent.
    Rate(f64),
    /// Closed loop: each sender has so many messages under way that are not acked, never more. It
    /// shows what the server can do at most, and hides what waiting feels like: a server that stalls
    /// is asked nothing meanwhile.
    Outstanding(u32),
}

impl Pace {
    /// Whether it is on a schedule.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Rate(_))
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            rooms: 100,
            members: 10,
            senders: 10,
            pace: Pace::Rate(500.0),
            payload: 64,
            polling: 0,
            guests: 0.0,
            warm_up: 2.0,
            duration: 10.0,
            repeats: 3,
        }
    }
}

/// The profiles that are built in: their names, what they are like, and what they ask.
pub fn profiles() -> [(&'static str, &'static str, Plan); 5] {
    let plan = Plan::default;
    [
        (
            "small-talk",
            "100 rooms of 10 members, all of whom write",
            plan(),
        ),
        (
            "town-hall",
            "1 room of 1,000 members and one speaker",
            Plan {
                rooms: 1,
                members: 1_000,
                senders: 1,
                pace: Pace::Rate(20.0),
                ..plan()
            },
        ),
        (
            "stadium",
            "1 room of 10,000 members and one speaker",
            Plan {
                rooms: 1,
                members: 10_000,
                senders: 1,
                pace: Pace::Rate(2.0),
                repeats: 1,
                ..plan()
            },
        ),
        (
            "storm",
            "20 rooms of 25 members, and 50 guests a second who enter and leave",
            Plan {
                rooms: 20,
                members: 25,
                senders: 5,
                pace: Pace::Rate(200.0),
                guests: 50.0,
                ..plan()
            },
        ),
        (
            "mixed",
            "50 rooms of 10 members, of whom three in ten are on long-polling",
            Plan {
                rooms: 50,
                members: 10,
                senders: 10,
                pace: Pace::Rate(200.0),
                polling: 30,
                ..plan()
            },
        ),
    ]
}

/// A plan that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {wanted}, and is {given}")]
pub struct PlanError {
    what: &'static str,
    wanted: String,
    given: String,
}

impl Plan {
    /// How many members there are in all rooms together.
    pub const fn connections(&self) -> u64 {
        self.rooms as u64 * self.members as u64
    }

    /// How many senders there are in all rooms together.
    pub const fn all_senders(&self) -> u64 {
        self.rooms as u64 * self.senders as u64
    }

    /// How many members are owed each message: all of its room but the one who wrote it.
    pub const fn owed(&self) -> u32 {
        self.members.saturating_sub(1)
    }

    /// How many messages a second are to be sent over all rooms, where there is a schedule.
    pub const fn rate(&self) -> Option<f64> {
        match self.pace {
            Pace::Rate(rate) => Some(rate),
            Pace::Outstanding(_) => None,
        }
    }

    /// Refuses what cannot be carried out, and what would measure nothing.
    pub fn checked(self) -> Result<Self, PlanError> {
        let bad = |what, wanted: String, given: &dyn fmt::Display| {
            Err(PlanError {
                what,
                wanted,
                given: given.to_string(),
            })
        };
        let positive = |number: f64| number.is_finite() && number > 0.0;
        if self.rooms == 0 {
            return bad("rooms", "at least 1".into(), &self.rooms);
        }
        if self.members < 2 {
            return bad(
                "members",
                "at least 2, one to write and one to read".into(),
                &self.members,
            );
        }
        if self.senders == 0 || self.senders > self.members {
            let wanted = format!("from 1 to the {} members", self.members);
            return bad("senders", wanted, &self.senders);
        }
        match self.pace {
            Pace::Rate(rate) if !positive(rate) => {
                return bad("rate", "more than 0 messages a second".into(), &rate);
            }
            Pace::Outstanding(0) => return bad("outstanding", "at least 1".into(), &0),
            Pace::Rate(_) | Pace::Outstanding(_) => {}
        }
        if self.payload < SHORTEST_TEXT {
            let wanted = format!("at least {SHORTEST_TEXT} bytes, to say which message it is");
            return bad("payload", wanted, &self.payload);
        }
        if self.polling > 100 {
            return bad("polling", "a share of 100".into(), &self.polling);
        }
        if !(self.guests.is_finite() && self.guests >= 0.0) {
            return bad("guests", "0 or more a second".into(), &self.guests);
        }
        if !(self.warm_up.is_finite() && self.warm_up >= 0.0) {
            return bad("warm-up", "0 seconds or more".into(), &self.warm_up);
        }
        if !positive(self.duration) {
            return bad("duration", "more than 0 seconds".into(), &self.duration);
        }
        if let Pace::Rate(rate) = self.pace
            && rate * self.duration < 1.0
        {
            let wanted = format!("long enough for one message at {rate} a second");
            return bad("duration", wanted, &self.duration);
        }
        if self.repeats == 0 {
            return bad("repeats", "at least 1".into(), &self.repeats);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_can_be_carried_out() {
        for (name, summary, plan) in profiles() {
            assert!(plan.clone().checked().is_ok(), "{name}");
            assert!(!summary.is_empty());
            let text = toml::to_string(&plan).unwrap();
            assert_eq!(toml::from_str::<Plan>(&text).unwrap(), plan, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_carried_out_is_refused() {
        let plan = Plan::default;
        let refused = [
            Plan { rooms: 0, ..plan() },
            Plan {
                members: 1,
                ..plan()
            },
            Plan {
                senders: 0,
                ..plan()
            },
            Plan {
                senders: 11,
                ..plan()
            },
            Plan {
                pace: Pace::Rate(0.0),
                ..plan()
            },
            Plan {
                pace: Pace::Rate(f64::NAN),
                ..plan()
            },
            Plan {
                pace: Pace::Outstanding(0),
                ..plan()
            },
            Plan {
                payload: 23,
                ..plan()
            },
            Plan {
                polling: 101,
                ..plan()
            },
            Plan {
                guests: -1.0,
                ..plan()
            },
            Plan {
                warm_up: f64::INFINITY,
                ..plan()
            },
            Plan {
                duration: 0.0,
                ..plan()
            },
            Plan {
                duration: 0.001,
                ..plan()
            },
            Plan {
                repeats: 0,
                ..plan()
            },
        ];
        let said = refused.map(|plan| plan.checked().unwrap_err().to_string());
        insta::assert_snapshot!(said.join("\n"));
    }
}
