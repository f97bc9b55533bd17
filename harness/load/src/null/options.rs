//! The flaws that the null server has on demand: `delay=50ms,stall=1s/10s,drop=1%,burn=0.5`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What the null server does that a server should not, each of a size that is known beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// How long each relay is held. Nothing else is: the ack of a message follows its relay.
    pub delay: Duration,
    /// When the whole server stands still.
    pub stall: Option<Stall>,
    /// Of how many deliveries of messages one is left out: of so many it is always the last.
    pub drop_one_in: Option<u64>,
    /// How many cores are kept busy beside the server.
    pub burn: f64,
}

/// A server that stands still again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// From the beginning of one stall to the beginning of the next; the first comes so long after
    /// the server was started.
    pub every: Duration,
    /// How long nothing happens.
    pub lasts: Duration,
}

/// Options that nobody can understand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// There is no such option.
    #[error(
        "`{0}` is no option of the null server: write some of `delay=50ms,stall=1s/10s,drop=1%,burn=0.5`"
    )]
    Unknown(String),
    /// An option is given more than once.
    #[error("`{0}` is given twice")]
    Twice(&'static str),
    /// An option has a value that it cannot have.
    #[error("`{option}` must be {wanted}, and is `{given}`")]
    Value {
        /// Which option.
        option: &'static str,
        /// What it can be.
        wanted: &'static str,
        /// What it is.
        given: String,
    },
}

/// The most cores that can be burnt. More is a slip of the pen: each is a thread.
const MOST_CORES: f64 = 1_024.0;

/// Each option, and what it can be.
const OPTIONS: [(&str, &str); 4] = [
    ("delay", "a time, as in `50ms`, `1.5s` or `800us`"),
    (
        "stall",
        "how long in how long, as in `1s/10s`, the first shorter than the second",
    ),
    ("drop", "one in a whole number, as in `1%` or `1/3`"),
    ("burn", "a number of cores, as in `0.5`"),
];

impl FromStr for Options {
    type Err = OptionsError;

    /// Options in any order, with commas between them; none at all are a server without a flaw.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut options = Self::default();
        let mut given = Vec::new();
        for word in text.split(',').filter(|_| !text.trim().is_empty()) {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let (name, value) = (name.trim(), value.trim());
            let known = OPTIONS.into_iter().find(|(option, _)| *option == name);
            let Some((option, wanted)) = known else {
                return Err(OptionsError::Unknown(word.trim().to_owned()));
            };
            if given.contains(&option) {
                return Err(OptionsError::Twice(option));
            }
            if options.set(option, value).is_none() {
                return Err(OptionsError::Value {
                    option,
                    wanted,
                    given: value.to_owned(),
                });
            }
            given.push(option);
        }
        Ok(options)
    }
}

impl Options {
    /// Gives a known option a value, if it can have it.
    fn set(&mut self, option: &str, value: &str) -> Option<()> {
        match option {
            "delay" => self.delay = time(value)?,
            "stall" => self.stall = Some(stall(value)?),
            "drop" => self.drop_one_in = Some(one_in(value)?),
            _ => {
                let cores = value.parse().ok();
                self.burn = cores.filter(|cores| (0.0..=MOST_CORES).contains(cores))?;
            }
        }
        Some(())
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        if !self.delay.is_zero() {
            words.push(format!("delay={}", Time(self.delay)));
        }
        if let Some(Stall { every, lasts }) = self.stall {
            words.push(format!("stall={}/{}", Time(lasts), Time(every)));
        }
        if let Some(one_in) = self.drop_one_in {
            words.push(match share(one_in) {
                Some(percent) => format!("drop={percent}%"),
                None => format!("drop=1/{one_in}"),
            });
        }
        if self.burn > 0.0 {
            words.push(format!("burn={}", self.burn));
        }
        f.write_str(&words.join(","))
    }
}

/// A time, as people write it.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let (unit, name) = [(1_000_000_000, "s"), (1_000_000, "ms")]
            .into_iter()
            .find(|(unit, _)| nanos.is_multiple_of(*unit))
            .unwrap_or((1_000, "us"));
        let (whole, rest) = (nanos / unit, nanos % unit);
        if rest == 0 {
            write!(f, "{whole}{name}")
        } else {
            // Only microseconds can have a rest: three digits.
            let rest = format!("{rest:03}");
            write!(f, "{whole}.{}{name}", rest.trim_end_matches('0'))
        }
    }
}

fn time(text: &str) -> Option<Duration> {
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic() || letter == 'µ')?;
    let number: f64 = text[..unit].parse().ok()?;
    let seconds = match &text[unit..] {
        "us" | "µs" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

fn stall(text: &str) -> Option<Stall> {
    let (lasts, every) = text.split_once('/')?;
    let (lasts, every) = (time(lasts.trim())?, time(every.trim())?);
    (!lasts.is_zero() && lasts < every).then_some(Stall { every, lasts })
}

/// Of how many one, in `1%` or `1/100`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a whole number of a size that is no question"
)]
fn one_in(text: &str) -> Option<u64> {
    if let Some(whole) = text.strip_prefix("1/") {
        return whole.parse().ok().filter(|whole| *whole > 0);
    }
    let percent: f64 = text.strip_suffix('%')?.trim().parse().ok()?;
    let one_in = 100.0 / percent;
    let whole = one_in.round();
    let is_whole = (1.0..1e12).contains(&whole) && (one_in - whole).abs() < whole * 1e-9;
    is_whole.then_some(whole as u64)
}

/// One in so many as a share of a hundred, where it is a short one.
#[expect(clippy::cast_precision_loss, reason = "at most a million")]
fn share(one_in: u64) -> Option<f64> {
    1_000_000_u64
        .is_multiple_of(one_in)
        .then(|| 100.0 / one_in as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_words_are_in_any_order() {
        let options: Options = "burn=0.5, drop=1%,stall=1s/10s,delay=50ms".parse().unwrap();
        let expected = Options {
            delay: Duration::from_millis(50),
            stall: Some(Stall {
                every: Duration::from_secs(10),
                lasts: Duration::from_secs(1),
            }),
            drop_one_in: Some(100),
            burn: 0.5,
        };
        assert_eq!(options, expected);
        let shown = options.to_string();
        insta::assert_snapshot!(shown, @"delay=50ms,stall=1s/10s,drop=1%,burn=0.5");
        assert_eq!("".parse(), Ok(Options::default()));
        assert_eq!(Options::default().to_string(), "");
    }

    #[test]
    fn shares_that_are_no_short_hundredths_are_fractions() {
        let options: Options = "drop=1/3".parse().unwrap();
        assert_eq!(options.drop_one_in, Some(3));
        assert_eq!(options.to_string(), "drop=1/3");
        assert_eq!(
            "drop=0.1%".parse::<Options>().unwrap().drop_one_in,
            Some(1_000)
        );
        assert_eq!("drop=100%".parse::<Options>().unwrap().drop_one_in, Some(1));
    }

    #[test]
    fn what_is_no_option_is_refused() {
        let refused = [
            "delay",
            "speed=9",
            "delay=50ms,,burn=1",
            "delay=50",
            "delay=-1s",
            "delay=infs",
            "delay=1ms,delay=1ms",
            "stall=1s",
            "stall=0s/1s",
            "stall=10s/1s",
            "drop=3%",
            "drop=0%",
            "drop=200%",
            "drop=1/0",
            "drop=1",
            "burn=-1",
            "burn=NaN",
            "burn=a lot",
        ];
        let said = refused.map(|text| text.parse::<Options>().unwrap_err().to_string());
        insta::assert_snapshot!(said.join("\n"));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(
            delay in 0..100_000_000_000_u64,
            stall in proptest::option::of((1..1_000_000_u64, 1..1_000_000_u64)),
            drop_one_in in proptest::option::of(1..100_000_u64),
            burn in 0..64_u32,
        ) {
            let stall = stall.map(|(lasts, more)| Stall {
                every: Duration::from_micros(lasts + more),
                lasts: Duration::from_micros(lasts),
            });
            let delay = Duration::from_nanos(delay);
            let options = Options { delay, stall, drop_one_in, burn: f64::from(burn) / 16.0 };
            prop_assert_eq!(options.to_string().parse(), Ok(options));
        }
    }
}
