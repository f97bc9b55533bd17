//! The one socket that a node is to the adapter: what the other nodes say comes in here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::Empty;
use socketioxide::AckError;
use socketioxide_core::adapter::errors::SocketError;
use socketioxide_core::adapter::{AckStreamItem, BroadcastIter, RemoteSocketData, SocketEmitter};
use socketioxide_core::packet::Packet;
use socketioxide_core::parser::Parse;
use socketioxide_core::{Sid, Str, Uid, Value};
use socketioxide_parser_common::CommonParser;
use tokio::sync::mpsc;

use super::Link;

/// How many bytes that other nodes have said may wait here. A node that has got so far behind gives its
/// connection up, and misses what is said until it has another: seen by everybody, and never a message
/// here and there.
const MOST_WAITING: usize = 64 * 1024 * 1024;

/// The node's socket.
pub(crate) struct Door {
    node: Sid,
    server: Uid,
    path: Str,
    link: Link,
    inward: mpsc::UnboundedSender<Str>,
    waiting: Arc<AtomicUsize>,
}

/// What has come in, in its order.
pub(crate) struct Heard {
    from: mpsc::UnboundedReceiver<Str>,
    waiting: Arc<AtomicUsize>,
}

impl Heard {
    /// The next thing that another node says: a JSON list.
    pub(crate) async fn next(&mut self) -> Option<Str> {
        let told = self.from.recv().await?;
        self.waiting.fetch_sub(told.len(), Ordering::Relaxed);
        Some(told)
    }
}

impl Door {
    pub(crate) fn new(node: Sid, link: Link) -> (Self, Heard) {
        let (inward, from) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let heard = Heard {
            from,
            waiting: Arc::clone(&waiting),
        };
        let door = Self {
            node,
            server: Uid::new(),
            path: Str::from("/"),
            link,
            inward,
            waiting,
        };
        (door, heard)
    }

    fn take(&self, packet: Value) {
        let Value::Str(packet, _) = packet else {
            return tracing::warn!("another node says what is no text");
        };
        // The packet type (Socket.IO protocol v5, EVENT) stands in front of the list.
        let told = packet.slice(1..);
        let size = told.len();
        if self.waiting.fetch_add(size, Ordering::Relaxed) + size > MOST_WAITING {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            return self.link.give_up();
        }
        if self.inward.send(told).is_err() {
            tracing::debug!("a message of another node came when this one had ended");
        }
    }
}

impl SocketEmitter for Door {
    type AckError = AckError;
    type AckStream = Empty<AckStreamItem<AckError>>;

    fn get_all_sids(&self, filter: impl Fn(&Sid) -> bool) -> Vec<Sid> {
        Some(self.node).into_iter().filter(filter).collect()
    }

    fn send_many(&self, nodes: BroadcastIter<'_>, packet: Value) -> Result<(), Vec<SocketError>> {
        if nodes.into_iter().any(|node| node == self.node) {
            self.take(packet);
        }
        Ok(())
    }

    fn server_id(&self) -> Uid {
        self.server
    }

    fn path(&self) -> &Str {
        &self.path
    }

    fn parser(&self) -> impl Parse {
        CommonParser
    }

    // What follows is asked of clients, and no client is behind this door.

    fn send_many_volatile(&self, _: BroadcastIter<'_>, _: Value) {}

    fn send_many_with_ack(
        &self,
        _: BroadcastIter<'_>,
        _: Packet,
        _: Option<Duration>,
    ) -> (Self::AckStream, u32) {
        (futures_util::stream::empty(), 0)
    }

    fn get_remote_sockets(&self, _: BroadcastIter<'_>) -> Vec<RemoteSocketData> {
        Vec::new()
    }

    fn disconnect_many(&self, _: Vec<Sid>) -> Result<(), Vec<SocketError>> {
        Ok(())
    }

    fn ack_timeout(&self) -> Duration {
        Duration::ZERO
    }
}
