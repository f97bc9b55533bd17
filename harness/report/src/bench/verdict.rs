//! The end of a report, and the beginning of one that is read from its top: may I believe it, did
//! everything arrive, how long did it take.

use chatspec_judge::bench::compare::Change;
use chatspec_judge::bench::outcome::{Findings, Outcome, Refusal};
use chatspec_judge::bench::{Bench, TargetTurns};

use super::{limits, reach, units};
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
        Outcome::Ok => {
            let targets = bench.targets.iter();
            let mut limits = targets.flat_map(|target| &target.limits);
            // Nothing went wrong, but what was asked for was not found.
            let ink = if limits.all(limits::is_found) {
                Ink::Good
            } else {
                Ink::Note
            };
            (format!("{}{}", arrived(bench), latencies(bench)), ink)
        }
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
    let what = if findings.are_counts_doubted() {
        "figure"
    } else {
        "latency"
    };
    format!("refused, no {what} here may be used: {}", words.join("; "))
}

/// The worst of each target, and how much else there is: faults are found in the order of their weight.
fn failed(bench: &Bench, findings: &Findings) -> String {
    let targets = bench.targets.iter();
    let mut words: Vec<String> = targets
        .filter_map(|target| {
            let mut failures = findings.failures_of(&target.name);
            let worst = reach::fault(failures.next()?);
            let others = match failures.count() {
                0 => String::new(),
                others => format!(" and has {}", text::count(others, "other fault")),
            };
            Some(format!("{} {worst}{others}", target.name))
        })
        .collect();
    let gates = findings.gates.iter();
    let bad = gates.filter(|gate| gate.change == Change::TooBad);
    words.extend(bad.map(|bad| format!("{} is TOO BAD by `{}`", bad.target, bad.gate)));
    let doubted = if findings.refusals.is_empty() {
        ""
    } else {
        "; no latency here may be used"
    };
    format!("failed: {}{doubted}", words.join("; "))
}

fn untold(findings: &Findings) -> String {
    let gates = findings.gates.iter();
    let untold = gates.filter(|gate| gate.change == Change::CannotTell);
    format!("{} CANNOT TELL", text::count(untold.count(), "gate"))
}

/// That everything did, and what each target holds, where that was asked.
fn arrived(bench: &Bench) -> String {
    let mut words = Vec::new();
    if bench.targets.iter().any(|target| !target.turns.is_empty()) {
        words.push("every delivery arrived, once and in order".to_owned());
    }
    let targets = bench.targets.iter();
    words.extend(targets.flat_map(|target| {
        let limits = target.limits.iter();
        limits.map(|limit| format!("{} {}", target.name, limits::brief(limit)))
    }));
    if words.is_empty() {
        words.push("nothing was measured".to_owned());
    }
    words.join("; ")
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
