//! A run's text without what differs from one run to the next.
//!
//! Golden files of real runs rest on it, and reports that say the same finding once: this is the
//! one place that knows which text is volatile. Every placeholder is as wide whatever it stands
//! for, so that columns stay in line.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// What is volatile, and what stands for it; in this order.
const VOLATILE: &[(&str, &str)] = &[
    // Ports of this machine: the system chooses them.
    (r"(\b127\.0\.0\.1|\blocalhost|\[::1\]):\d{1,5}\b", "$1:PORT"),
    // The time in front of a transcript's line, with the spaces that fill it up.
    (r" *\b\d+\.\d{3}ms\b", "      STAMP"),
    // Times in sentences.
    (
        r"\b\d+ min \d+ s\b|\b\d[\d,]*(\.\d+)? ?(ms|µs|us|s)\b",
        "TIME",
    ),
    // What a bench has measured: deliveries a second, and one figure over another with its interval.
    (r"\b\d[\d,.]* deliveries/s\b", "RATE deliveries/s"),
    (r"\b\d[\d.]*x \([\d.]+\.\.[\d.]+\)", "RATIO"),
    // Times in XML.
    (r#"\b(time|timestamp)="[^"]*""#, r#"$1="0""#),
    // Times and the seed in JSON.
    (r#""([a-z-]+-(?:ms|us)|seed)": ?\d+"#, r#""$1": 0"#),
    // The seed in sentences, commands and XML.
    (r"\b(seed)([ =])\d+", "$1${2}SEED"),
    (
        r#"(name="(?:seed|[a-z-]+-(?:ms|us))" value=")\d+""#,
        r#"${1}0""#,
    ),
    // Session ids (Engine.IO handshake, Socket.IO CONNECT, the query of polling), in JSON and in the
    // notation, which quotes JSON.
    (r#"(\\?"sid\\?" ?: ?\\?")[^"\\]*(\\?")"#, "${1}SID${2}"),
    (r"\b(sid=)[\w~.-]+", "${1}SID"),
    // The tag that every room of one run begins with: `0123456789ab-lobby`.
    (r"\b[0-9a-f]{12}-", "TAG-"),
    // How much order a target kept beyond what it must: it may be less in the next run.
    (
        r"(order of messages: )(?:causal|total) \([^)]*\)",
        "${1}GUARANTEE",
    ),
    // Our own version.
    (r"\b(chatspec )\d+\.\d+\.\d+[\w.+-]*", "${1}0.0.0"),
    (
        r#"((?:"version": ?|name="chatspec.version" value=)")\d+\.\d+\.\d+[^"]*""#,
        r#"${1}0.0.0""#,
    ),
];

#[expect(
    clippy::expect_used,
    reason = "the patterns are constants, and a test compiles them"
)]
static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    VOLATILE
        .iter()
        .map(|(pattern, placeholder)| (Regex::new(pattern).expect("a valid pattern"), *placeholder))
        .collect()
});

/// `text` with a placeholder for everything volatile: ports of this machine, stamps, times, seeds,
/// session ids, the tag of a run's rooms, the order that messages kept by luck, rates and ratios of a
/// bench, the version of chatspec.
///
/// ```
/// assert_eq!(
///     chatspec_report::redact::text("ana entered 0123456789ab-lobby on 127.0.0.1:40312 after 12 ms"),
///     "ana entered TAG-lobby on 127.0.0.1:PORT after TIME",
/// );
/// ```
pub fn text(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    for (pattern, placeholder) in PATTERNS.iter() {
        if let Cow::Owned(replaced) = pattern.replace_all(&text, *placeholder) {
            text = Cow::Owned(replaced);
        }
    }
    text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_volatile_has_a_placeholder() {
        for (volatile, redacted) in [
            (
                "http://127.0.0.1:3000/ and localhost:80",
                "http://127.0.0.1:PORT/ and localhost:PORT",
            ),
            ("[::1]:41234", "[::1]:PORT"),
            ("    12.345ms  ana <- closed", "      STAMP  ana <- closed"),
            ("1234.567ms  ana <- closed", "      STAMP  ana <- closed"),
            (
                "within 500ms, after 1,004 ms, 1.84 s, 2 min 5 s",
                "within TIME, after TIME, TIME, TIME",
            ),
            (
                "seed 42, --seed 42, --seed=42",
                "seed SEED, --seed SEED, --seed=SEED",
            ),
            (
                r#""seed": 42, "duration-ms": 7, "round-trip-us": 9"#,
                r#""seed": 0, "duration-ms": 0, "round-trip-us": 0"#,
            ),
            (
                r#"0{"sid":"x-Y_z","pingInterval":25000}"#,
                r#"0{"sid":"SID","pingInterval":25000}"#,
            ),
            (
                r#"ana << "40{\"sid\":\"x-Y_z\"}""#,
                r#"ana << "40{\"sid\":\"SID\"}""#,
            ),
            (
                "/socket.io/?EIO=4&sid=abc-DEF_1&t=x",
                "/socket.io/?EIO=4&sid=SID&t=x",
            ),
            (
                "0123456789ab-lobby and 00ff00ff00ff-kitchen",
                "TAG-lobby and TAG-kitchen",
            ),
            (
                "order of messages: total (all members read them in one order)",
                "order of messages: GUARANTEE",
            ),
            (
                "98,301 deliveries/s and 59.5 deliveries/s",
                "RATE deliveries/s and RATE deliveries/s",
            ),
            ("at 2.07x (1.99..12.16) of", "at RATIO of"),
            ("chatspec 1.20.3-rc.1", "chatspec 0.0.0"),
            (r#""version": "1.20.3""#, r#""version": "0.0.0""#),
            (r#"<testcase time="0.120">"#, r#"<testcase time="0">"#),
            (r#"name="seed" value="42""#, r#"name="seed" value="0""#),
            (
                r#"name="chatspec.version" value="1.2.3""#,
                r#"name="chatspec.version" value="0.0.0""#,
            ),
        ] {
            assert_eq!(text(volatile), redacted);
        }
    }

    #[test]
    fn what_is_not_volatile_is_left_alone() {
        for stable in [
            "m1",
            "12 cases",
            "chat/welcome/once@polling",
            "code 1000",
            "deadbeef-1",
            "all 60 deliveries of 20 messages",
            "p99 > 1.2x",
            "order of messages: none (messages of one sender overtake each other)",
            "0123456789abc-x",
        ] {
            assert_eq!(text(stable), stable);
        }
    }

    #[test]
    fn redacting_twice_changes_nothing_more() {
        let once =
            text("seed 42: 0123456789ab-lobby, 12.345ms, 1.84 s, 127.0.0.1:3000, chatspec 0.1.0");
        assert_eq!(text(&once), once);
    }
}
