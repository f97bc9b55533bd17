//! The words for what the judge names.

use chatspec_judge::anomalies::Guarantee;
use chatspec_judge::verdict::{Level, Outcome, Proof, Rate, Rule};

/// How often a case was broken.
pub(crate) fn rate(rate: Rate) -> String {
    let Rate { broken, runs } = rate;
    let each = if broken == runs {
        "every time"
    } else {
        "now and then, which is as broken"
    };
    format!("broken in {broken} of {runs} runs: {each}")
}

/// What holds of the order in which clients read messages.
pub(crate) const fn guarantee(guarantee: Guarantee) -> &'static str {
    match guarantee {
        Guarantee::None => "none (messages of one sender overtake each other)",
        Guarantee::Fifo => "FIFO (each sender's messages in its order)",
        Guarantee::Causal => "causal (an answer is never read before what it answers)",
        Guarantee::Total => "total (all members read them in one order)",
    }
}

/// The rule as reports name it; the same word as in JSON.
pub(crate) const fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Mismatch => "mismatch",
        Rule::Missing => "missing",
        Rule::Late => "late",
        Rule::Unexpected => "unexpected",
        Rule::Closed => "closed",
        Rule::BrokenPacket => "broken-packet",
        Rule::ConnectFailed => "connect-failed",
        Rule::ProofFailed => "proof-failed",
        Rule::ServerDied => "server-died",
        Rule::HttpAnswer => "http-answer",
        Rule::Anomaly => "anomaly",
    }
}

/// The RFC 2119 word, as the notation writes it.
pub(crate) const fn level(level: Level) -> &'static str {
    match level {
        Level::May => "may",
        Level::Should => "should",
        Level::Must => "must",
    }
}

/// How absence was proven, as the end of "silence proven by ..".
pub(crate) const fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::FlushAndFence => "flush and fence",
        Proof::FenceOnly => "a fence alone (who had acted was gone and could not be flushed)",
        Proof::QuietWindow => "flush and fence, then a quiet window",
        Proof::Window => {
            "a quiet window (not everybody who had acted could be flushed), and fences"
        }
        Proof::Sentinel => "a sentinel that came on the same path",
    }
}

/// How a run ended, in a word or two.
pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Conformant => "conformant",
        Outcome::NotConformant => "not conformant",
        Outcome::Inconclusive => "inconclusive",
        Outcome::NothingRun => "nothing run",
    }
}
