//! What is said of a ledger that was written.

use chatspec_judge::ledger::{Change, Day, KnownFailure, Left, Revision, Stale};
use chatspec_judge::verdict::Rate;
use chatspec_report::{Style, ledger};

fn said(revision: Option<&Revision>) -> String {
    let mut out = Vec::new();
    let file = "ci/servers/my-chat/target.toml";
    ledger::write("my-chat", file, revision, &Style::plain(80), &mut out)
        .expect("a vector takes all");
    String::from_utf8(out).expect("text")
}

#[test]
fn what_became_of_a_ledger() {
    let everything = Revision {
        changes: vec![
            Change::Remove {
                pattern: "chat/acks/*".to_owned(),
                why: Stale::Passes,
            },
            Change::Remove {
                pattern: "chat/gone".to_owned(),
                why: Stale::NoCase,
            },
            Change::Narrow {
                pattern: "chat/order/*".to_owned(),
                to: "{chat/order/across-rooms,chat/order/of-one-sender@polling}".to_owned(),
            },
            Change::Add(KnownFailure {
                pattern: "chat/relay/in-a-burst".to_owned(),
                reason: "ana waited for the ack of m2, and next came\u{1b}[2J the ack of m5"
                    .to_owned(),
                link: None,
                expires: None,
            }),
        ],
        left: vec![
            Left::Expired {
                pattern: "chat/text/long".to_owned(),
                on: Day::of(2027, 3, 1),
            },
            Left::NowAndThen {
                case: "chat/load/slow-reader@polling".parse().expect("a case id"),
                rate: Rate { broken: 1, runs: 6 },
            },
            Left::Open {
                case: "chat/load/slow-reader@websocket"
                    .parse()
                    .expect("a case id"),
            },
        ],
    };
    let fewer = Revision {
        changes: everything.changes[..1].to_vec(),
        left: Vec::new(),
    };
    let texts = [
        said(Some(&everything)),
        said(Some(&fewer)),
        said(Some(&Revision::default())),
        said(None),
    ];
    insta::assert_snapshot!(texts.join("---\n"));
}
