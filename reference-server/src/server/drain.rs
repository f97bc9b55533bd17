//! What a stopping server still does for those who are connected.

use std::sync::Arc;
use std::time::Duration;

use socketioxide::SocketIo;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::chat::Chat;
use crate::line::Line;

/// How often it is looked.
const TICK: Duration = Duration::from_millis(10);

/// How many times in a row there must have been nothing: for so long, what is on its way may be on
/// the network or in the buffers of the operating system, where nobody can look.
const QUIET_TICKS: usize = 5;

/// Waits until every event that has come is done, nothing waits for a client, and no client sends
/// anything any more; for `patience` at most.
pub(super) async fn until_quiet(io: &SocketIo, chat: &Arc<Chat>, patience: Duration) {
    let quiet = async {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut read = chat.traffic.read();
        let mut quiet = 0;
        while quiet < QUIET_TICKS && chat.metrics.connections() > 0 {
            ticks.tick().await;
            let before = std::mem::replace(&mut read, chat.traffic.read());
            let is_quiet = before == read && chat.traffic.undone() == 0 && !waiting(io);
            quiet = if is_quiet { quiet + 1 } else { 0 };
        }
    };
    if timeout(patience, quiet).await.is_err() {
        tracing::warn!(
            undone = chat.traffic.undone(),
            "clients still send, or do not read what they are sent"
        );
    }
}

/// Whether anything waits for anyone.
fn waiting(io: &SocketIo) -> bool {
    let Some(chat) = io.of("/") else {
        return false;
    };
    let sockets = chat.sockets();
    sockets
        .iter()
        .filter_map(Line::of)
        .any(|line| line.is_open() && line.waiting() > 0)
}
