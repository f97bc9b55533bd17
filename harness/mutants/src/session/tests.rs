//! Heartbeat and queue, without I/O.

use super::*;

const MILLISECOND: Duration = Duration::from_millis(1);

fn session() -> (Arc<Session>, mpsc::UnboundedReceiver<Queued>) {
    let (queue, queued) = mpsc::unbounded_channel();
    let session = Session::new(1, crate::chat::Node(0), Transport::WebSocket, queue);
    session.update(|state| state.outbox.clear());
    (session, queued)
}

fn sent(session: &Session) -> Vec<Packet> {
    session.update(|state| state.outbox.drain(..).collect())
}

/// The clock is paused: time passes at once, and only where somebody waits for it.
#[expect(
    clippy::disallowed_methods,
    reason = "it is time itself that is tested here"
)]
async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

#[tokio::test(start_paused = true)]
async fn pings_for_as_long_as_they_are_answered() {
    let (session, _queued) = session();
    session.receive(Packet::Message("0".to_owned()));
    let beating = tokio::spawn({
        let session = Arc::clone(&session);
        async move { session.keep_alive().await }
    });
    pass(PING_INTERVAL.saturating_sub(MILLISECOND)).await;
    assert_eq!(sent(&session), []);
    for _ in 0..3 {
        pass(2 * MILLISECOND).await;
        assert_eq!(sent(&session), [Packet::Ping(String::new())]);
        pass(PING_TIMEOUT.saturating_sub(4 * MILLISECOND)).await;
        session.receive(Packet::Pong(String::new()));
        pass(PING_INTERVAL.saturating_sub(MILLISECOND)).await;
        assert_eq!(sent(&session), [], "the interval begins with the answer");
    }
    pass(2 * MILLISECOND).await;
    assert!(!session.is_closed());
    pass(PING_TIMEOUT).await;
    assert!(session.is_closed());
    beating.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_early_pong_is_no_answer() {
    let (session, _queued) = session();
    session.receive(Packet::Message("0".to_owned()));
    session.receive(Packet::Pong(String::new()));
    tokio::spawn({
        let session = Arc::clone(&session);
        async move { session.keep_alive().await }
    });
    pass(PING_INTERVAL + PING_TIMEOUT + MILLISECOND).await;
    assert!(session.is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_joins_nothing_is_not_waited_for() {
    let (session, mut queued) = session();
    session.receive(Packet::Message("0/none,".to_owned()));
    tokio::spawn({
        let session = Arc::clone(&session);
        async move { session.keep_alive().await }
    });
    pass(PING_INTERVAL + MILLISECOND).await;
    assert!(session.is_closed());
    assert!(matches!(queued.recv().await, Some(Queued::Gone)));
}

#[tokio::test]
async fn the_queue_has_everything_in_order_and_one_end() {
    let (session, mut queued) = session();
    for text in [
        "0",
        r#"2["enter_room","Ana","lobby"]"#,
        r#"2["unknown"]"#,
        "1",
        "0",
        "1",
    ] {
        session.receive(Packet::Message(text.to_owned()));
    }
    session.receive(Packet::Close);
    session.receive(Packet::Message("0".to_owned()));
    session.close();
    drop(session);
    let mut seen = Vec::new();
    while let Some(queued) = queued.recv().await {
        seen.push(match queued {
            Queued::Odd(_) => "odd",
            Queued::Connect => "connect",
            Queued::Request(_) => "request",
            Queued::Disconnect => "disconnect",
            Queued::Gone => "gone",
        });
    }
    assert_eq!(
        seen,
        [
            "connect",
            "request",
            "request",
            "disconnect",
            "connect",
            "disconnect",
            "gone"
        ]
    );
}
