//! Whether anything stays of those who have left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::Process;

/// How many clients come and go at the same time.
const AT_ONCE: usize = 32;

/// How often somebody connects, enters a room of its own and leaves. A client that leaves its socket
/// behind costs some kilobytes: five thousand of them are more than any noise. A hundred thousand
/// (`CHATSPEC_LEAK_CYCLES=100000`, in release) take minutes, and show a few bytes.
fn cycles() -> usize {
    let given = std::env::var("CHATSPEC_LEAK_CYCLES").ok();
    given.map_or(5000, |given| given.parse().unwrap())
}

async fn come_and_go(server: &Arc<Process>, cycles: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let several = (0..AT_ONCE).map(|_| {
        let (server, next) = (Arc::clone(server), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= cycles {
                    return;
                }
                let mut client = server.client().await;
                let enter = format!(r#"420["enter_room","{n}","room {n}"]"#);
                client.send(&enter).await;
                client.expect("430[]").await;
                // All ways to leave: the namespace, the session, and to be gone.
                match n % 3 {
                    0 => client.send("41").await,
                    1 => client.send("1").await,
                    _ => {}
                }
            }
        })
    });
    for task in several.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    server.until("chat_connections", 0).await;
    server.until("chat_rooms", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_of_those_who_have_left() {
    let cycles = cycles();
    let server = Arc::new(Process::start(&[]).await);
    come_and_go(&server, 1000).await;
    let warm = server.rss();
    come_and_go(&server, cycles).await;
    let end = server.rss();
    println!("{cycles} cycles: {warm} bytes resident before, {end} after");
    let grown = end.saturating_sub(warm);
    assert!(
        grown < 6_000_000,
        "{grown} bytes more than the {warm} before"
    );
    let entered = r#"chat_messages_received_total{event="enter_room"}"#;
    let metrics = server.metrics().await;
    assert_eq!(
        metrics.value(entered),
        i64::try_from(cycles + 1000).unwrap()
    );
    Arc::into_inner(server).unwrap().end().await;
}
