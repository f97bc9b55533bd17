//! A server that is not ours and dies.

use std::time::Duration;

use chatspec_judge::explore::Size;
use chatspec_judge::suite::Suite;
use chatspec_judge::verdict::{Rate, Rule};
use chatspec_notation::ast::Transport;
use chatspec_runner::explore::{Options, Spectator, explore};
use chatspec_runner::target::{Launcher, Patience, Target};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::support::{SPEAKS, answer_all, verdict, websocket_or_greeting, welcome};

/// A server that closes everything, its port too, when somebody says `word`.
async fn mortal(word: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (death, dying) = watch::channel(false);
    tokio::spawn(async move {
        let mut dies = dying.clone();
        let death = std::sync::Arc::new(death);
        loop {
            let stream = tokio::select! {
                _ = dies.wait_for(|dead| *dead) => return,
                accepted = listener.accept() => accepted.unwrap().0,
            };
            let (death, mut dies) = (std::sync::Arc::clone(&death), dying.clone());
            tokio::spawn(async move {
                let live = websocket_or_greeting(stream, |mut socket| async move {
                    welcome(&mut socket).await;
                    if answer_all(&mut socket, |packet| packet.contains(word)).await {
                        death.send_replace(true);
                    }
                });
                tokio::select! {
                    () = live => {}
                    _ = dies.wait_for(|dead| *dead) => {}
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn the_case_that_kills_a_foreign_server_fails_and_the_rest_is_open() {
    let deadly = SPEAKS.replace("\"hi\"", "\"die\"");
    let scenarios = [
        ("1-before", SPEAKS),
        ("2-deadly", &deadly),
        ("3-after", SPEAKS),
    ];
    insta::assert_snapshot!(verdict(&mortal("die").await, &scenarios).await);
}

/// What was seen is told, although it cannot be seen again.
#[tokio::test]
async fn a_chat_that_kills_a_foreign_server_is_told() {
    let target = Target::parse(&mortal("enter_room").await).unwrap();
    let suite = Suite::read([]).unwrap();
    let options = Options {
        seed: 7,
        time: Duration::from_secs(20),
        chats: None,
        transports: vec![Transport::Websocket],
        file: "explored.chat".to_owned(),
    };
    let launcher = Launcher {
        setup: false,
        reference: Vec::new(),
        null: Vec::new(),
        patience: Patience::default(),
    };
    let explored = explore(&target, &suite, &options, &launcher, &Nobody).await;
    let explored = explored.unwrap();
    let finding = explored.finding.expect("the chat that did it");
    let rules = finding.report.verdict.violations().iter();
    let rules: Vec<_> = rules.map(|found| found.rule).collect();
    assert_eq!(rules, [Rule::ServerDied]);
    assert_eq!(finding.report.rate, Some(Rate { broken: 1, runs: 1 }));
    assert!(explored.cut_short.is_some());
}

struct Nobody;

impl Spectator for Nobody {
    fn tried(&self, _chats: u64) {}
    fn shows(&self, _size: Size) {}
}
