//! Servers that take their time, and are right.

use std::time::Duration;

use crate::support::{hear, over_websocket, reply, say, verdict, welcome};

/// More than a deadline is long, asked for at once. Whether what is asked for last is done in time is
/// told by what is done meanwhile.
const MANY: &str = "\
# Who asks for much waits for it.
must     test.answered
open
over     websocket
clients  ana
rooms    lobby

ana -> new_message \"m{n}\" lobby as m{n} for n in 1..100
";

#[tokio::test]
async fn a_server_that_is_at_work_is_not_accused() {
    let url = over_websocket(|mut socket| async move {
        welcome(&mut socket).await;
        while let Some(packet) = hear(&mut socket).await {
            if packet.starts_with("42") {
                think().await;
            }
            if let Some(reply) = reply(&packet) {
                say(&mut socket, &reply).await;
            }
        }
    })
    .await;
    assert_eq!(
        verdict(&url, &[("many", MANY)]).await,
        "many@websocket: pass\n"
    );
}

#[expect(clippy::disallowed_methods, reason = "a server that is slow")]
async fn think() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
