//! Takes one client's requests, in order.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use crate::bug::Request;
use crate::chat::Change;
use crate::lock::lock;
use crate::server::Server;
use crate::session::{Queued, Session};
use crate::world::Pause;

/// Runs until the client is gone. What it had sent before it went is still done.
pub(crate) async fn run(
    server: Arc<Server>,
    session: Arc<Session>,
    mut queue: UnboundedReceiver<Queued>,
) {
    let (deaf, gathers) = {
        let world = lock(&server.world);
        (world.bug.deaf_after_connect(), world.bug.gathers())
    };
    let mut next = None;
    loop {
        let queued = match next.take() {
            Some(queued) => Some(queued),
            None => queue.recv().await,
        };
        match queued {
            Some(Queued::Connect) => {
                lock(&server.world).connect(&session);
                // With a bug, the handlers do not exist yet.
                (_, next) = gather(&mut queue, deaf).await;
            }
            Some(Queued::Request(first)) => {
                let mut requests = vec![first];
                let (more, after) = gather(&mut queue, gathers).await;
                requests.extend(more);
                next = after;
                handle(&server, requests).await;
            }
            Some(Queued::Odd(oddity)) => {
                if !lock(&server.world).bug.survives(oddity) {
                    return server.die();
                }
            }
            Some(Queued::Disconnect) => {
                lock(&server.world).disconnect(session.id, Change::Disconnect);
            }
            Some(Queued::Gone) | None => break,
        }
    }
    lock(&server.world).disconnect(session.id, Change::Lost);
    server.forget(&session.sid);
}

/// Takes requests for some time, or until something else turns up, which is the second value.
async fn gather(
    queue: &mut UnboundedReceiver<Queued>,
    time: Duration,
) -> (Vec<Request>, Option<Queued>) {
    let mut requests = Vec::new();
    if time.is_zero() {
        return (requests, None);
    }
    let other = timeout(time, async {
        while let Some(queued) = queue.recv().await {
            match queued {
                Queued::Request(request) => requests.push(request),
                other => return Some(other),
            }
        }
        None
    });
    let other = other.await.ok().flatten();
    (requests, other)
}

async fn handle(server: &Server, requests: Vec<Request>) {
    let (mut effects, mut pause) = {
        // Under one lock, so that all members see all messages in one order.
        let mut world = lock(&server.world);
        let mut effects = world.handle(requests);
        let pause = world.perform(&mut effects);
        (effects, pause)
    };
    while let Some(cause) = pause {
        match cause {
            Pause::Die => return server.die(),
            Pause::Wait(time) => late(time).await,
        }
        pause = lock(&server.world).perform(&mut effects);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "some bugs are to be late, and by how much is theirs"
)]
async fn late(time: Duration) {
    tokio::time::sleep(time).await;
}
