//! Long-polling while a session goes over to WebSocket.
//!
//! engineioxide (0.17.9) asks whether the session is being upgraded, and if it is not, takes what the
//! session has to say and keeps it to itself for as long as the poll lasts. The upgrade, on another
//! thread, says that it is under way and then takes the same thing. A poll that has asked and not yet
//! taken finds it gone, takes itself for a second poll of the session, which the protocol forbids, and
//! closes the session with 400. On a busy machine it happened once in some ten thousand upgrades.
//!
//! So a poll and the beginning of an upgrade take turns here, and what is polled for while the upgrade
//! is under way is answered by a NOOP, which is what engineioxide means to do (Engine.IO protocol v4,
//! "Upgrade").

use std::collections::HashSet;
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use socketioxide::socket::Sid;
use socketioxide::{SocketIo, TransportType};

use crate::meter;

/// An Engine.IO packet that says nothing.
const NOOP: &str = "6";

/// How many sessions that do not know each other share a lock, and rarely wait for one another.
const SHARDS: usize = 64;

/// The sessions that are going over to WebSocket.
#[derive(Clone, Debug)]
pub(crate) struct Upgrades {
    io: SocketIo,
    /// How long an upgrade may take; the engine then closes the session.
    patience: Duration,
    shards: Arc<[Mutex<HashSet<Sid>>; SHARDS]>,
    hasher: RandomState,
}

impl Upgrades {
    pub(crate) fn new(io: SocketIo, patience: Duration) -> Self {
        Self {
            io,
            patience,
            shards: Arc::new(std::array::from_fn(|_| Mutex::default())),
            hasher: RandomState::new(),
        }
    }

    fn shard(&self, session: Sid) -> MutexGuard<'_, HashSet<Sid>> {
        let place = usize::try_from(self.hasher.hash_one(session) % SHARDS as u64);
        let shard = &self.shards[place.unwrap_or_default()];
        // A set of ids is whole whoever has broken off.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the session is known to have arrived: what it is polled for is then the engine's to
    /// refuse.
    fn is_done(&self, session: Sid) -> bool {
        let socket = meter::socket(&self.io, session);
        socket.is_some_and(|socket| socket.transport_type() == TransportType::Websocket)
    }

    /// Forgets the session when its upgrade is over, one way or the other.
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing tells of the end of an upgrade but the deadline that it has"
    )]
    fn forget_in_time(&self, session: Sid) {
        let upgrades = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(upgrades.patience).await;
            upgrades.shard(session).remove(&session);
        });
    }
}

/// Lets polls and the beginning of an upgrade take turns; everything else passes.
pub(crate) async fn take_turns(
    State(upgrades): State<Upgrades>,
    request: Request,
    next: Next,
) -> Response {
    let Some(session) = session(&request) else {
        return next.run(request).await;
    };
    if request.headers().contains_key(header::UPGRADE) {
        // From here on no poll begins, and what has begun has taken what it needs.
        if upgrades.shard(session).insert(session) {
            upgrades.forget_in_time(session);
        }
        return next.run(request).await;
    }
    let mut answer = pin!(next.run(request));
    let begun = poll_fn(|context| {
        let upgrading = upgrades.shard(session);
        if upgrading.contains(&session) && !upgrades.is_done(session) {
            return Poll::Ready(Poll::Ready(noop()));
        }
        Poll::Ready(answer.as_mut().poll(context))
    });
    match begun.await {
        Poll::Ready(response) => response,
        Poll::Pending => answer.await,
    }
}

fn noop() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=UTF-8")];
    (kind, NOOP).into_response()
}

/// The session that a GET is for.
pub(crate) fn session(request: &Request) -> Option<Sid> {
    if request.method() != Method::GET {
        return None;
    }
    let mut pairs = request.uri().query()?.split('&');
    let sid = pairs.find_map(|pair| pair.strip_prefix("sid="))?;
    Sid::from_str(sid).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};

    use axum::Router;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// How long a poll that is under way leaves an upgrade to come in between.
    const CHANCE: Duration = Duration::from_millis(200);

    /// What engineioxide does, with all the time in the world between its two steps.
    #[derive(Clone)]
    struct Engine {
        upgrading: Arc<AtomicBool>,
        polled: Sender<()>,
        upgraded: Arc<Mutex<Receiver<()>>>,
        upgrades: Sender<()>,
    }

    impl Engine {
        #[expect(clippy::unused_async, reason = "handlers of axum are async")]
        async fn answer(State(engine): State<Self>, request: Request) -> Response {
            if request.headers().contains_key(header::UPGRADE) {
                engine.upgrading.store(true, Ordering::SeqCst);
                engine.upgrades.send(()).unwrap();
                return "upgrading".into_response();
            }
            assert!(!engine.upgrading.load(Ordering::SeqCst), "polled too late");
            engine.polled.send(()).unwrap();
            // Not a wait for an event: it is there that the upgrade must not come.
            match engine.upgraded.lock().unwrap().recv_timeout(CHANCE) {
                Ok(()) => StatusCode::BAD_REQUEST.into_response(),
                Err(_) => "4polled".into_response(),
            }
        }
    }

    async fn get(address: std::net::SocketAddr, transport: &str, header: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let path = format!("/?EIO=4&transport={transport}&sid=AAAAAAAAAAAAAAAA");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{header}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn an_upgrade_waits_until_a_poll_has_taken_what_it_needs() {
        let (polled, first_poll) = channel();
        let (upgrades, upgraded) = channel();
        let engine = Engine {
            upgrading: Arc::default(),
            polled,
            upgraded: Arc::new(Mutex::new(upgraded)),
            upgrades,
        };
        let (_, io) = SocketIo::new_layer();
        io.ns("/", async || {});
        let upgrades = Upgrades::new(io, Duration::from_mins(1));
        let app = Router::new()
            .fallback(Engine::answer)
            .with_state(engine)
            .layer(from_fn_with_state(upgrades, take_turns));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, app).await });

        let poll = tokio::spawn(get(address, "polling", ""));
        tokio::task::spawn_blocking(move || first_poll.recv().unwrap())
            .await
            .unwrap();
        let upgrade = get(address, "websocket", "Upgrade: websocket\r\n").await;
        assert!(upgrade.ends_with("upgrading"), "{upgrade}");
        let poll = poll.await.unwrap();
        assert!(poll.ends_with("4polled"), "{poll}");
        let later = get(address, "polling", "").await;
        assert!(later.ends_with("\r\n\r\n6"), "{later}");
        server.abort();
    }
}
