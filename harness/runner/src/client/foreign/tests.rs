//! Drivers that are a few lines of shell.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use chatspec_judge::history::{Kind, Leg};
use chatspec_judge::ids::ActorId;
use chatspec_notation::ast::Transport;
use chatspec_wire::data::Data;
use tokio::time::timeout;

use super::{ClientError, Driven, Driver, ForeignClient};
use crate::client::Opening;
use crate::clock::{Allowance, Clock, LagMeter};
use crate::log::Log;
use crate::target::Endpoint;

/// A folder of its own, which goes when this is dropped.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str, toml: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("chatspec-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("client.toml"), toml).unwrap();
        Self(folder)
    }

    /// With a driver that is this script.
    fn with_driver(name: &str, script: &str, more: &str) -> Self {
        let toml = format!("name = \"shell\"\ncommand = \"sh driver.sh\"\n{more}");
        let folder = Self::new(name, &toml);
        std::fs::write(folder.0.join("driver.sh"), script).unwrap();
        folder
    }

    fn read(&self) -> Result<ForeignClient, ClientError> {
        ForeignClient::read(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

/// A client of this driver, and what is said of it.
fn opened(folder: &Folder) -> (Driven, Log) {
    let driver = Arc::new(Driver::new(folder.read().unwrap()));
    opened_by(&driver)
}

fn opened_by(driver: &Arc<Driver>) -> (Driven, Log) {
    let log = Log::new(Clock::start());
    let opening = Opening {
        transport: Transport::Websocket,
        auth: Some(Data::from("secret")),
        namespace: "/".to_owned(),
        raw: false,
        tongue: None,
        delay: Duration::ZERO,
        patience: Allowance::new(Duration::from_secs(1), LagMeter::start()),
    };
    let leg = Leg {
        actor: ActorId(0),
        number: 1,
    };
    (
        Driven::open(driver, &Endpoint::local(1), &opening, leg, &log),
        log,
    )
}

/// What is recorded, once it is so much.
async fn recorded(log: &Log, number: usize) -> Vec<Kind> {
    let all = async {
        loop {
            let events = log.since(0);
            if events.len() >= number {
                return events.into_iter().map(|event| event.kind).collect();
            }
            log.grown().await;
        }
    };
    let bound = Duration::from_secs(10);
    timeout(bound, all).await.expect("it is recorded")
}

/// Says what it was told as the cause of an end.
const PARROT: &str = r#"
read -r open; echo '{"is": "connected", "client": 0}'
read -r emit; read -r fence
said=$(printf '%s | %s | %s' "$open" "$emit" "$fence" | tr -d '\\"')
echo "{\"is\": \"closed\", \"client\": 0, \"cause\": \"$said\"}"
read -r close
"#;

#[tokio::test]
async fn a_driver_is_told_in_lines() {
    let mut said = String::new();
    for (name, more) in [("namespaces", ""), ("none", "lacks = [\"namespaces\"]\n")] {
        let folder = Folder::with_driver(name, PARROT, more);
        let (mut client, log) = opened(&folder);
        let bytes = Data::Binary(vec![0, 255].into());
        client.emit("new_message", &[Data::from("hi"), bytes], true);
        client.fence();
        for kind in recorded(&log, 2).await {
            writeln!(said, "{name}: {}", serde_json::to_string(&kind).unwrap()).unwrap();
        }
    }
    insta::assert_snapshot!(said);
}

/// Tells one of each.
const EVERYTHING: &str = r#"
read -r open
cat <<'END'
{"is": "connected", "client": 0}
{"is": "upgraded", "client": 0}
{"is": "event", "client": 0, "event": "welcome", "args": ["Ben", {"$bytes": "AP8="}]}
{"is": "event", "client": 7, "event": "welcome", "args": ["of nobody"]}
{"is": "ack", "client": 0, "ack": 0, "args": [1]}
{"is": "ack", "client": 0, "ack": 1, "args": []}
{"is": "fenced", "client": 0, "fence": 0}
{"is": "refused", "client": 0, "data": {"message": "no"}}
{"is": "broken", "client": 0, "cause": "what is this"}
{"is": "closed", "client": 0, "cause": "transport close"}
{"is": "event", "client": 0, "event": "welcome", "args": ["too late"]}
END
read -r more
"#;

#[tokio::test]
async fn what_a_driver_tells_is_recorded() {
    let folder = Folder::with_driver("everything", EVERYTHING, "");
    let (mut client, log) = opened(&folder);
    // Asked before it is answered: the driver waits for nothing.
    client.shared.flushes.lock().unwrap().insert(1);
    client.fence();
    let said: String = recorded(&log, 9)
        .await
        .iter()
        .map(|kind| serde_json::to_string(kind).unwrap() + "\n")
        .collect();
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_driver_that_fails_is_named_as_the_cause() {
    let mut said = String::new();
    for (name, script) in [
        ("ends at once", "exit 3"),
        (
            "ends later",
            "read -r open; echo '{\"is\": \"connected\", \"client\": 0}'",
        ),
        ("babbles", "read -r open; echo hello; read -r more"),
    ] {
        let folder = Folder::with_driver(&name.replace(' ', "-"), script, "");
        let (_client, log) = opened(&folder);
        let number = 1 + usize::from(name == "ends later");
        for kind in recorded(&log, number).await {
            writeln!(said, "{name}: {}", serde_json::to_string(&kind).unwrap()).unwrap();
        }
    }
    insta::assert_snapshot!(said);
}

/// The next client has a driver again.
#[tokio::test]
async fn a_driver_that_has_died_is_started_again() {
    // It tells the client's number as it was told it.
    let once = r#"
read -r open; client=${open#*\"client\":}
echo "{\"is\": \"connected\", \"client\": ${client%%,*}}"
"#;
    let folder = Folder::with_driver("again", once, "");
    let driver = Arc::new(Driver::new(folder.read().unwrap()));
    for _ in 0..2 {
        let (_client, log) = opened_by(&driver);
        let kinds = recorded(&log, 2).await;
        assert!(matches!(kinds[0], Kind::Connected { .. }), "{kinds:?}");
        assert!(matches!(kinds[1], Kind::Arrived { .. }), "{kinds:?}");
    }
}

#[test]
fn every_mistake_in_a_client_toml_is_told() {
    let mut said = String::new();
    for (index, toml) in [
        "command = \"node driver.js\"",
        "name = \"x\"",
        "name = \"x\"\ncommand = \"x\"\nlacks = [\"wings\"]",
        "name = \"x\"\ncommand = \"x\"\ntransports = [\"pigeon\"]",
        "name = \"x\"\ncommand = \"x\"\n[[known-failure]]\npattern = \"chat/[\"\nreason = \"x\"",
        "name = \"x\"\ncommand = \"x\"\nfancy = true",
    ]
    .into_iter()
    .enumerate()
    {
        let folder = Folder::new(&format!("toml-{index}"), toml);
        let error = folder.read().unwrap_err().to_string();
        let error = error.replace(&folder.0.display().to_string(), "DIR");
        writeln!(said, "{error}\n").unwrap();
    }
    insta::assert_snapshot!(said);
}
