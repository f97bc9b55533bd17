//! What a client may not do, and what it is told when it does.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// Which limit an event was over. The names are stable: programs go by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    NicknameTooLong,
    RoomTooLong,
    TextTooLong,
    TooManyRooms,
    TooManyMessages,
}

impl Code {
    pub(crate) const ALL: [Self; 5] = [
        Self::NicknameTooLong,
        Self::RoomTooLong,
        Self::TextTooLong,
        Self::TooManyRooms,
        Self::TooManyMessages,
    ];

    /// What it is called in answers and in the metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NicknameTooLong => "nickname_too_long",
            Self::RoomTooLong => "room_too_long",
            Self::TextTooLong => "text_too_long",
            Self::TooManyRooms => "too_many_rooms",
            Self::TooManyMessages => "too_many_messages",
        }
    }
}

/// An event that was over a limit, and is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Excess {
    pub(crate) code: Code,
    pub(crate) limit: usize,
}

impl Excess {
    /// Over `code` if `size` is more than `limit`.
    pub(crate) fn of(code: Code, size: usize, limit: usize) -> Result<(), Self> {
        if size > limit {
            return Err(Self { code, limit });
        }
        Ok(())
    }

    fn message(self) -> String {
        let limit = self.limit;
        match self.code {
            Code::NicknameTooLong => {
                format!("the nickname is longer than {limit} bytes of UTF-8")
            }
            Code::RoomTooLong => {
                format!("the name of the room is longer than {limit} bytes of UTF-8")
            }
            Code::TextTooLong => format!("the text is longer than {limit} bytes of UTF-8"),
            Code::TooManyRooms => format!("you are in {limit} rooms, which is as many as may be"),
            Code::TooManyMessages => {
                format!("you have sent more than {limit} events in a second")
            }
        }
    }

    /// What the client is told: `{"error":{"code":..,"message":..,"limit":..}}`.
    pub(crate) fn answer(self) -> Box<RawValue> {
        #[derive(Serialize)]
        struct Answer {
            error: Detail,
        }
        #[derive(Serialize)]
        struct Detail {
            code: &'static str,
            message: String,
            limit: usize,
        }
        let error = Detail {
            code: self.code.name(),
            message: self.message(),
            limit: self.limit,
        };
        to_raw_value(&Answer { error }).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }
}

/// How many events a client may still send: as many as fit into a second at once, and then as fast
/// as they are allowed.
#[derive(Debug)]
pub(crate) struct Allowance {
    per_second: u32,
    left: f64,
    at: Instant,
}

impl Allowance {
    pub(crate) fn new(per_second: u32, now: Instant) -> Self {
        Self {
            per_second,
            left: per_second.into(),
            at: now,
        }
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Excess> {
        let most = f64::from(self.per_second);
        let since: Duration = now.saturating_duration_since(self.at);
        self.at = now;
        self.left = (self.left + since.as_secs_f64() * most).min(most);
        if self.left < 1.0 {
            return Err(Excess {
                code: Code::TooManyMessages,
                limit: usize::try_from(self.per_second).unwrap_or(usize::MAX),
            });
        }
        self.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told() {
        let said = Code::ALL.map(|code| Excess { code, limit: 7 }.answer().get().to_owned());
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn a_second_s_worth_may_come_at_once_and_then_at_that_pace() {
        let start = crate::clock::now();
        let mut allowance = Allowance::new(4, start);
        let mut takes = |millis| {
            let now = start + Duration::from_millis(millis);
            std::iter::from_fn(|| allowance.take(now).ok()).count()
        };
        assert_eq!(takes(0), 4);
        assert_eq!(takes(249), 0);
        assert_eq!(takes(260), 1);
        assert_eq!(takes(1010), 3);
        // What is not used is not saved up.
        assert_eq!(takes(100_000), 4);
        // A clock that stands still gives nothing.
        assert_eq!(takes(100_000), 0);
    }
}
