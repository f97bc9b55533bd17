//! A server that is not ours and dies.

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::support::{SPEAKS, answer_all, verdict, websocket_or_greeting, welcome};

/// A server that closes everything, its port too, when somebody says "die".
async fn mortal() -> String {
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
                    if answer_all(&mut socket, |packet| packet.contains("die")).await {
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
    insta::assert_snapshot!(verdict(&mortal().await, &scenarios).await);
}
