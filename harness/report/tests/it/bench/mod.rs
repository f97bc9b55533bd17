//! The reports of a bench.

use chatspec_judge::bench::compare::{Change, Gate};
use chatspec_judge::bench::{Bench, GateResult};
use chatspec_report::Style;
use chatspec_report::bench::{markdown, terminal};

mod pages;
pub(crate) mod sample;

const NARROW: Style = Style::plain(80);
const WIDE: Style = Style::plain(120);

fn written(bench: &Bench, gates: &[GateResult], style: Style) -> String {
    let mut out = Vec::new();
    terminal::write(bench, gates, &style, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

fn summary(bench: &Bench, gates: &[GateResult]) -> String {
    let mut out = Vec::new();
    markdown::write(bench, gates, false, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

/// One gate that holds, one that does not, one that cannot tell, and one without a figure.
fn gates(bench: &Bench) -> Vec<GateResult> {
    let [reference, node] = bench.targets.as_slice() else {
        panic!("two targets");
    };
    let judged = |gate: &str| {
        let gate: Gate = gate.parse().expect("a gate");
        GateResult::new(gate, reference, node, 0)
    };
    let mut gates = vec![judged("p99 > 9x"), judged("p50 > 1.2x")];
    let mut near = judged("room-p99 > 2x");
    if let Some(ratio) = &mut near.ratio {
        (ratio.low, ratio.value, ratio.high) = (1.9, 2.0, 2.1);
        near.change = near.gate.judge(*ratio);
    }
    let mut without = judged("ack-max > 2x");
    (without.ratio, without.change) = (None, Change::CannotTell);
    gates.extend([near, without]);
    gates
}

#[test]
fn the_usual_wide() {
    insta::assert_snapshot!(written(&sample::usual(), &[], WIDE));
}

#[test]
fn the_usual_narrow() {
    let text = written(&sample::usual(), &[], NARROW);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}");
    insta::assert_snapshot!(text);
}

#[test]
fn in_colour() {
    let style = Style {
        colour: true,
        ..WIDE
    };
    let text = written(&sample::lossy(), &[], style);
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn a_server_that_stalls() {
    let text = written(&sample::stalled(), &[], NARROW);
    assert!(text.contains("stalling stood still"), "{text}");
    assert!(!written(&sample::usual(), &[], NARROW).contains("stood still"));
    insta::assert_snapshot!(text);
}

#[test]
fn what_was_sent_late_is_told() {
    let mut bench = sample::stalled();
    for turn in &mut bench.targets[0].turns {
        turn.harness.send_lag = turn.latency.clone();
        turn.harness.read_lag = None;
    }
    bench.targets[0].turns[0].harness.read_lag = Some(bench.targets[0].turns[0].ack.clone());
    let text = written(&bench, &[], WIDE);
    let said = text
        .lines()
        .skip_while(|line| !line.contains("sent to late"));
    let said: Vec<&str> = said
        .take_while(|line| !line.contains("Every delivery"))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn everything_that_a_chat_must_not_do() {
    insta::assert_snapshot!(written(&sample::lossy(), &[], WIDE));
}

#[test]
fn what_must_not_be_believed() {
    insta::assert_snapshot!(written(&sample::doubtful(), &[], WIDE));
}

#[test]
fn doubts_come_before_every_figure() {
    let text = written(&sample::doubtful(), &[], WIDE);
    let at = |what: &str| text.find(what).expect("it is there");
    assert!(at("DOUBTS") < at("reach"));
    assert!(at("reach") < at("p99"));
}

#[test]
fn parts_that_were_put_together() {
    insta::assert_snapshot!(written(&sample::merged(), &[], NARROW));
}

#[test]
fn one_part() {
    let text = written(&sample::part(), &[], NARROW);
    let head: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    insta::assert_snapshot!(head.join("\n"));
}

#[test]
fn what_a_server_holds() {
    insta::assert_snapshot!(written(&sample::limits(), &[], WIDE));
}

#[test]
fn every_end_of_a_search() {
    insta::assert_snapshot!(written(&sample::other_limits(), &[], NARROW));
}

#[test]
fn gates_by_what_they_say() {
    let bench = sample::usual();
    let text = written(&bench, &gates(&bench), NARROW);
    let from = text.find("\ngates\n").expect("gates");
    insta::assert_snapshot!(&text[from..]);
}

#[test]
fn gates_that_cannot_tell() {
    let bench = sample::usual();
    let mut gates = gates(&bench);
    gates.retain(|gate| gate.change == Change::CannotTell);
    let last = |style| {
        let text = written(&bench, &gates, style);
        let end = text.rsplit("\n\n").next();
        end.unwrap_or_default().trim_end().to_owned()
    };
    let strict = Style {
        strict: true,
        ..WIDE
    };
    insta::assert_snapshot!(format!("{}\n{}", last(WIDE), last(strict)));
}

#[test]
fn many_targets_with_long_names() {
    let names = [
        "cmd:node --max-old-space-size=4096 servers/",
        "cmd:./target/release/chat --port ",
    ];
    let targets = (0..6).map(|index| {
        let name = format!("{}{index}", names[index % 2]);
        sample::target(
            &name,
            if index == 0 {
                sample::CALM
            } else {
                sample::SLOW
            },
        )
    });
    let text = written(&sample::bench(targets.collect()), &[], NARROW);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}\n{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_summary_of_a_step() {
    let bench = sample::usual();
    insta::assert_snapshot!(summary(&bench, &gates(&bench)));
}

#[test]
fn the_summary_of_what_must_not_be_believed() {
    insta::assert_snapshot!(summary(&sample::doubtful(), &[]));
}

#[test]
fn the_summary_of_limits() {
    insta::assert_snapshot!(summary(&sample::limits(), &[]));
}

#[test]
fn a_name_cannot_steer_a_terminal_or_break_a_table() {
    let hostile = "a|b \u{1b}[2J <img src=x onerror=alert(1)> `c` *d*\n# e";
    let mut bench = sample::usual();
    hostile.clone_into(&mut bench.targets[1].name);
    bench.targets[1].failed = Some(hostile.to_owned());
    let text = written(&bench, &[], WIDE);
    assert!(!text.contains('\u{1b}'));
    let summary = summary(&bench, &[]);
    assert!(!summary.contains('\u{1b}') && !summary.contains("<img"));
    assert!(!summary.contains("\n# e"));
    let row = summary
        .lines()
        .find(|line| line.contains("deliveries, since due: p50"));
    let bars = row.unwrap_or_default().replace("\\|", "");
    assert_eq!(bars.matches('|').count(), 6, "{bars}");
}
