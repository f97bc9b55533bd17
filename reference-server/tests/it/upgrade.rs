//! From long-polling to WebSocket.

use std::sync::Arc;

use futures_util::future::{join, join_all};

use crate::support::Server;

/// How many sessions are upgraded at the same time, again and again.
const AT_ONCE: usize = 16;
const ROUNDS: usize = 50;

/// Whoever upgrades goes on polling meanwhile: the poll and the beginning of the upgrade race each
/// other on two threads, in each of these sessions. (What makes the race harmless has a test of its
/// own, in which nothing is left to chance.)
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_poll_beside_the_upgrade_never_ends_the_session() {
    let server = Arc::new(Server::start().await);
    let sessions = (0..AT_ONCE).map(|_| {
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            for _ in 0..ROUNDS {
                let session = server.polling_session().await;
                let poll = server.http("GET", &session, "");
                let (mut upgraded, (status, body)) = join(server.probed(&session), poll).await;
                assert_eq!(status, "HTTP/1.1 200 OK", "{body}");
                upgraded.send("5").await;
                upgraded.send("40").await;
                upgraded.connected().await;
            }
        })
    });
    for done in join_all(sessions).await {
        done.unwrap();
    }
}

/// As soon as the session has gone over, polls are refused again.
#[tokio::test]
async fn a_poll_after_the_upgrade_is_refused() {
    let server = Server::start().await;
    let session = server.polling_session().await;
    let mut upgraded = server.probed(&session).await;
    upgraded.send("5").await;
    upgraded.send("40").await;
    upgraded.connected().await;
    let (status, body) = server.http("GET", &session, "").await;
    assert_eq!(status, "HTTP/1.1 400 Bad Request", "{body}");
    server.stop().await;
}
