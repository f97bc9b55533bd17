//! What has changed since a baseline, and what differs between two targets.

use chatspec_judge::changes::Changes;
use chatspec_judge::verdict::{CaseReport, Level, RunReport, TargetReport, Verdict, Way, WireNote};
use chatspec_report::diff::{self, Comparison};
use chatspec_report::{Style, changes, html, markdown};

use crate::sample;

const WIDE: Style = Style::plain(100);

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

/// What was there before [`sample::every_verdict`].
fn before() -> RunReport {
    let mut report = sample::every_verdict();
    report.seed = 7;
    let cases = &mut report.targets[0].cases;
    cases[1].verdict = cases[0].verdict.clone();
    cases[0].verdict = Verdict::Pass;
    cases[3].verdict = Verdict::Pass;
    cases.retain(|case| case.case.to_string() != "chat/relay/rooms@websocket");
    cases.push(sample::pass("chat/old/case@polling"));
    report
}

#[test]
fn changes_on_a_terminal_and_in_a_summary() {
    let now = sample::every_verdict();
    let changed = Changes::between(&before(), &now);
    let terminal = text(|out| changes::write(&changed, &WIDE, out));
    let nothing = Changes::between(&now, &now);
    let nothing = text(|out| changes::write(&nothing, &WIDE, out));
    let summary = text(|out| markdown::write(&now, Some(&changed), false, out));
    let (_, summary) = summary.split_once("#### ").expect("a part on changes");
    let (summary, _) = summary.split_once("\n<details>").expect("findings");
    insta::assert_snapshot!(format!("{terminal}\n=====\n{nothing}\n=====\n{summary}"));
}

#[test]
fn changes_on_a_page() {
    let now = sample::every_verdict();
    let changed = Changes::between(&before(), &now);
    let page = text(|out| html::write(&now, Some(&changed), false, out));
    let (_, section) = page
        .split_once("<section id=\"changes\">")
        .expect("a section");
    let (section, _) = section.split_once("</section>").expect("its end");
    insta::assert_snapshot!(section);
}

/// A case with what was heard in it: client, line.
fn heard(id: &str, verdict: Verdict, lines: &[(&str, &str)]) -> CaseReport {
    let mut case = sample::case(id, Level::Must, verdict);
    for (line, (who, words)) in lines.iter().enumerate() {
        case.transcript.push(words.to_string());
        let way = if words.contains("->") {
            Way::ToServer
        } else {
            Way::FromServer
        };
        case.wire.push(WireNote {
            line,
            who: (*who).to_owned(),
            way,
            packets: Vec::new(),
        });
    }
    case
}

fn compared(one: TargetReport, other: TargetReport) -> (String, bool, bool) {
    let (one, other) = (sample::run(vec![one]), sample::run(vec![other]));
    let comparison = Comparison::new((&one, &one.targets[0]), (&other, &other.targets[0]));
    let said = text(|out| diff::write(&comparison, &WIDE, out));
    (said, comparison.is_different(), comparison.is_open())
}

#[test]
fn differences_with_a_clause_and_gaps_without() {
    let fails = || Verdict::Fail {
        violations: vec![sample::own_welcome()],
    };
    let one = sample::target(
        "reference",
        vec![
            heard(
                "chat/a/same@polling",
                Verdict::Pass,
                &[
                    ("ana", "1.000ms ana -> enter_room \"Ana\" lobby as r1"),
                    ("ana", "2.000ms ana <- ack r1 ()"),
                    ("ana", "3.000ms ana <- welcome \"Ben\""),
                    ("ana", "# 4.000ms the fence on ana is answered"),
                ],
            ),
            heard(
                "chat/a/broken@polling",
                Verdict::Pass,
                &[("ben", "2.000ms ben <- ack r1 ()")],
            ),
            heard(
                "chat/a/silent@polling",
                Verdict::Pass,
                &[
                    ("ana", "2.000ms ana <- connect_error {\"message\": \"no\"}"),
                    ("crowd.7", "2.000ms crowd.7 <- welcome \"Ben\""),
                ],
            ),
            sample::pass("chat/a/untold@polling"),
            sample::pass("chat/a/mine@polling"),
        ],
    );
    let other = sample::target(
        "node server.js",
        vec![
            heard(
                "chat/a/same@polling",
                Verdict::Pass,
                &[
                    // In another order and at other times, which no clause minds.
                    ("ana", "7.000ms ana <- welcome \"Ben\""),
                    ("ana", "9.000ms ana <- ack r1 ()"),
                ],
            ),
            heard(
                "chat/a/broken@polling",
                fails(),
                &[
                    ("ben", "2.000ms ben <- ack r1 ()"),
                    ("ben", "3.000ms ben <- welcome \"Ben\""),
                ],
            ),
            heard(
                "chat/a/silent@polling",
                Verdict::Pass,
                &[
                    (
                        "ana",
                        "2.000ms ana <- connect_error {\"message\": \"Invalid\"}",
                    ),
                    ("ana", "# 2.000ms ana was sent a broken packet: `x`"),
                ],
            ),
            sample::pass("chat/a/untold@polling"),
            sample::pass("chat/a/theirs@polling"),
        ],
    );
    let (said, is_different, is_open) = compared(one, other);
    assert!(is_different && !is_open);
    insta::assert_snapshot!(said);
}

#[test]
fn no_difference() {
    let (said, is_different, is_open) = compared(sample::all_pass("a"), sample::all_pass("b"));
    assert!(!is_different && !is_open);
    let mut gone = sample::target("c", Vec::new());
    gone.unavailable = Some("nothing listens there".to_owned());
    let (alone, is_different, is_open) = compared(gone, sample::target("d", Vec::new()));
    assert!(!is_different && is_open);
    insta::assert_snapshot!(format!("{said}\n=====\n{alone}"));
}

/// How much of a series comes before the end differs from run to run.
#[test]
fn what_is_cut_off_is_not_compared() {
    let scenario = "# A slow one is cut off.\nmust     seed.relay\ncatches  no-relay\nclients  ana sam\n\
        rooms    lobby\n\nsam <- up to 5 of new_message \"Ana: m{n}\" for n in 1..5, then closed\n";
    let told = |lines: &[(&str, &str)]| {
        let case = heard("chat/a/slow@polling", Verdict::Pass, lines);
        let mut report = sample::run(vec![sample::target("a", vec![case])]);
        let note = chatspec_judge::verdict::ScenarioNote {
            file: "slow.chat".to_owned(),
            text: scenario.to_owned(),
        };
        let id = report.targets[0].cases[0].case.scenario.clone();
        report.scenarios.insert(id, note);
        report
    };
    let few = told(&[("sam", "1.000ms sam <- new_message \"Ana: m1\"")]);
    let many = told(&[
        ("sam", "1.000ms sam <- new_message \"Ana: m1\""),
        ("sam", "1.000ms sam <- new_message \"Ana: m2\""),
    ]);
    let by_ana = told(&[("ana", "1.000ms ana <- new_message \"Sam: m1\"")]);
    let differ = |one: &RunReport, other: &RunReport| {
        Comparison::new((one, &one.targets[0]), (other, &other.targets[0])).is_different()
    };
    assert!(!differ(&few, &many));
    assert!(differ(&few, &by_ana));
}
