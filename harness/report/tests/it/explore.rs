//! What people see after exploring.

use chatspec_judge::anomalies::Guarantee;
use chatspec_judge::explore::Size;
use chatspec_judge::verdict::{Outcome, Rate};
use chatspec_report::Style;
use chatspec_report::explore::{Counterexample, Explored, write};

use crate::sample;

fn written(explored: &Explored, style: Style) -> String {
    let mut out = Vec::new();
    write(explored, &style, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

const fn size(clients: usize, steps: usize) -> Size {
    Size {
        clients,
        steps,
        concurrent: 0,
        payload: 0,
    }
}

fn nothing() -> Explored {
    Explored {
        target: "my-chat".to_owned(),
        seed: 7,
        chats: 1_204,
        duration_ms: 30_020,
        counterexample: None,
        guarantee: Some(Guarantee::Total),
        cut_short: None,
    }
}

fn found() -> Explored {
    let mut report = sample::rules::anomaly();
    report.rate = Some(Rate {
        broken: 7,
        runs: 10,
    });
    Explored {
        chats: 12,
        counterexample: Some(Counterexample {
            number: 12,
            after_ms: 640,
            found: size(4, 19),
            left: size(2, 3),
            text: "# The text is relayed character by character as it was sent.\n\
                   must     seed.text-unchanged\n\
                   open\n\
                   clients  ana ben\n\
                   rooms    lobby\n\
                   \n\
                   together {\n    ana -> enter_room \"Ana\" lobby as r1\n}\n"
                .to_owned(),
            file: "explored-7.chat".to_owned(),
            report,
        }),
        ..nothing()
    }
}

#[test]
fn a_chat_that_shows_a_bug() {
    assert_eq!(found().outcome(), Outcome::NotConformant);
    insta::assert_snapshot!(written(&found(), Style::plain(80)));
}

#[test]
fn a_chat_that_could_not_be_made_smaller() {
    let mut explored = found();
    if let Some(found) = &mut explored.counterexample {
        found.left = found.found;
    }
    explored.cut_short = Some("the server died in an earlier case".to_owned());
    assert_eq!(explored.outcome(), Outcome::NotConformant);
    let text = written(&explored, Style::plain(80));
    let end = text.split_once("again:").expect("the command").1;
    insta::assert_snapshot!(end);
}

#[test]
fn no_chat_that_shows_a_bug() {
    assert_eq!(nothing().outcome(), Outcome::Conformant);
    insta::assert_snapshot!(written(&nothing(), Style::plain(80)));
}

#[test]
fn a_target_that_is_gone() {
    let explored = Explored {
        cut_short: Some("the server died and did not start again: exit status 1".to_owned()),
        ..nothing()
    };
    assert_eq!(explored.outcome(), Outcome::Inconclusive);
    insta::assert_snapshot!(written(&explored, Style::plain(80)));
}
