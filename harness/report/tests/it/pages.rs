//! What `chatspec explain` and `chatspec list` say.

use chatspec_judge::ids::ScenarioId;
use chatspec_judge::verdict::{ClauseNote, Level};
use chatspec_notation::ast::Transport;
use chatspec_report::Style;
use chatspec_report::explain::{self, Explained};
use chatspec_report::list::{self, Listed};
use chatspec_report::mutants::MutantRow;

const NARROW: Style = Style::plain(80);

fn explained() -> Explained {
    let mutant = |name: &str, summary: &str| MutantRow {
        name: name.to_owned(),
        summary: summary.to_owned(),
    };
    Explained {
        id: "chat/welcome/announced-to-room".to_owned(),
        reason: "A newcomer is announced to everybody already in the room, and to nobody else."
            .to_owned(),
        level: Level::Must,
        clauses: vec![ClauseNote {
            id: "seed.welcome".to_owned(),
            sentence: "Entering a room emits `welcome` with the nickname to everyone else in that \
                       room."
                .to_owned(),
            source: "the seed contract, `enter_room`".to_owned(),
        }],
        catches: vec![
            mutant("welcome-to-self", "the newcomer hears its own welcome"),
            mutant(
                "welcome-to-everyone",
                "everybody on the server hears it, in the room or not",
            ),
        ],
        needs: Vec::new(),
        transports: Transport::ALL.to_vec(),
        alone: false,
        open: false,
        file: "chat/welcome/announced-to-room.chat".to_owned(),
        text: "# A newcomer is announced to everybody already in the room, and to nobody else.\n\
               must     seed.welcome\n\
               catches  welcome-to-self welcome-to-everyone\n\
               clients  ana ben eve\n\
               rooms    lobby kitchen\n\
               \n\
               ana -> enter_room \"Ana\" lobby => ()\n\
               eve -> enter_room \"Eve\" kitchen => ()\n\
               ben -> enter_room \"Ben\" lobby => ()\n\
               ana <- welcome \"Ben\"\n"
            .to_owned(),
        again: "chatspec run chat/welcome/announced-to-room".to_owned(),
    }
}

fn listed() -> Vec<Listed> {
    let everywhere = || Transport::ALL.iter().map(ToString::to_string).collect();
    let scenario = |id: &str, reason: &str, level| Listed {
        id: ScenarioId::from_path(id),
        reason: reason.to_owned(),
        level,
        transports: everywhere(),
        needs: Vec::new(),
        clauses: vec!["seed.ack".to_owned()],
        catches: vec!["ack-with-ok".to_owned()],
    };
    vec![
        scenario(
            "chat/acks/arity",
            "An ack carries no arguments.",
            Level::Must,
        ),
        Listed {
            transports: vec!["polling".to_owned()],
            ..scenario(
                "chat/acks/order-while-upgrading",
                "A hundred pipelined messages are acked in the order in which they were sent, \
                 whatever the transport does meanwhile.",
                Level::Must,
            )
        },
        Listed {
            needs: vec!["echo".to_owned(), "nodes 2".to_owned()],
            ..scenario("echo/text", "What was sent comes back.", Level::Should)
        },
    ]
}

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

#[test]
fn a_scenario_explained() {
    insta::assert_snapshot!(text(|out| explain::write(&explained(), &NARROW, out)));
}

#[test]
fn a_scenario_out_of_the_ordinary_explained() {
    let scenario = Explained {
        level: Level::Should,
        needs: vec!["restart".to_owned()],
        transports: vec![Transport::Polling],
        alone: true,
        open: true,
        catches: Vec::new(),
        ..explained()
    };
    insta::assert_snapshot!(text(|out| explain::write(&scenario, &NARROW, out)));
}

#[test]
fn scenarios_listed() {
    insta::assert_snapshot!(text(|out| list::write(&listed(), &NARROW, out)));
}

#[test]
fn nothing_listed() {
    insta::assert_snapshot!(text(|out| list::write(&[], &NARROW, out)));
}

#[test]
fn scenarios_listed_as_json() {
    insta::assert_snapshot!(text(|out| list::write_json(&listed(), out)));
}
