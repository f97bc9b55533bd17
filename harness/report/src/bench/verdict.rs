//! The end of a report, and the beginning of one that is read from its top: may I believe it, did
//! everything arrive, how long did it take.

use chatspec_judge::bench::compare::Change;
use chatspec_judge::bench::outcome::{Findings, Outcome, Refusal};
use chatspec_judge::bench::{Bench, TargetTurns};

use super::units;
use crate::style::Ink;
use crate::text;

/// The verdict in words, and its ink.
pub(super) fn of(bench: &Bench, findings: &Findings, strict: bool) -> (String, Ink) {
    let outcome = findings.outcome(strict);
    let code = outcome.code();
    let (words, ink) = match outcome {
        Outcome::Refused => (refused(findings), Ink::Open),
        Outcome::Failed => (failed(bench, findings), Ink::Bad),
        Outcome::CannotTell => {
            let gates = untold(findings);
            (
                format!("{}, but {gates}{}", arrived(bench), latencies(bench)),
                Ink::Open,
            )
        }
        Outcome::Ok => (format!("{}{}", arrived(bench), latencies(bench)), Ink::Good),
    };
    (format!("{words} (exit code {code})"), ink)
}

fn refused(findings: &Findings) -> String {
    let mut words = Vec::new();
    let doubts = findings.refusals.iter();
    let doubts = doubts.filter(|refusal| matches!(refusal, Refusal::Doubt { .. }));
    let doubts = doubts.count();
    if doubts > 0 {
        words.push(text::count(doubts, "doubt"));
    }
    let gone = findings
        .refusals
        .iter()
        .filter_map(|refusal| match refusal {
            Refusal::Unmeasured { target, .. } => Some(format!("{target} could not be measured")),
            Refusal::Doubt { .. } => None,
        });
    words.extend(gone);
    if words.is_empty() {
        // Nothing else refuses: `strict` does.
        return format!("refused under --strict: {}", untold(findings));
    }
    format!("refused, no figure here may be used: {}", words.join("; "))
}

fn failed(bench: &Bench, findings: &Findings) -> String {
    let mut words = Vec::new();
    let targets = bench.targets.iter();
    let faulty: Vec<&str> = targets
        .map(|target| target.name.as_str())
        .filter(|name| findings.failures_of(name).next().is_some())
        .collect();
    if !faulty.is_empty() {
        let what = "did not do what a chat must do, see reach";
        words.push(format!("{} {what}", text::listed(&faulty)));
    }
    let bad = findings.gates.iter();
    let bad = bad.filter(|gate| gate.change == Change::TooBad).count();
    if bad > 0 {
        let says = if bad == 1 { "says" } else { "say" };
        words.push(format!("{} {says} TOO BAD", text::count(bad, "gate")));
    }
    format!("failed: {}", words.join("; "))
}

fn untold(findings: &Findings) -> String {
    let gates = findings.gates.iter();
    let untold = gates.filter(|gate| gate.change == Change::CannotTell);
    format!("{} CANNOT TELL", text::count(untold.count(), "gate"))
}

fn arrived(bench: &Bench) -> &'static str {
    if bench.targets.iter().any(|target| !target.turns.is_empty()) {
        "every delivery arrived, once and in order"
    } else {
        "nothing was in doubt"
    }
}

/// What a report of one line would say: where p99 is.
fn latencies(bench: &Bench) -> String {
    let targets = bench.targets.iter();
    let measured: Vec<&TargetTurns> = targets.filter(|target| !target.turns.is_empty()).collect();
    let p99s = measured.iter().map(|target| {
        let all = target.all(|turn| &turn.latency);
        let p99 = units::micros(all.quantile(0.99));
        match measured.len() {
            1 => format!("{p99}, and {} at most", units::micros(all.max())),
            _ => format!("{} {p99}", target.name),
        }
    });
    let p99s: Vec<String> = p99s.collect();
    if p99s.is_empty() {
        String::new()
    } else {
        format!("; p99 {}", p99s.join(", "))
    }
}
