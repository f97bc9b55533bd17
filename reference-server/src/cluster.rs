//! Several nodes of one chat, with Redis between them.
//!
//! What a node tells the members of a room, it tells the other nodes, and each of them tells its own
//! members of that room. It goes through socketioxide's adapter for Redis ([`socketioxide_redis`]): the
//! adapter encodes, names the channels, publishes, subscribes and leaves out what a node hears of itself.
//!
//! The sockets of that adapter are the nodes, one each, and not the clients. Given the clients, it would
//! write to them by itself, and then four things that this server promises on one node would not hold on
//! two. A member whose buffer is full would be skipped, without a word. A relay could come between the
//! moment at which a newcomer is in the room and its ack. While Redis is away, members on the same node
//! would not be told either, since the adapter publishes first and gives up when it cannot. And a room
//! would have no order. So here a message from another node goes the way of every other one: under the
//! room's lock, onto each member's own line.
//!
//! # What is promised
//! - A message, or a welcome, reaches each member on every node once. Its sender is left out.
//! - What one node says is heard in the order in which it said it, so that the messages of a sender keep
//!   theirs. Two nodes may hear two senders in different orders.
//! - The ack of `new_message` says that the members on this node have been told, and that the message is
//!   on its way to the others. It does not say that it has arrived there.
//! - While Redis is away, each node goes on as a chat of its own. `/readyz` says so, what the others
//!   miss is lost and counted, and nothing of it is told later: a node that is reached again hears what
//!   is said from then on. Nobody is disconnected.
//!
//! The extensions `bye` and `room_change` are not to be had with it: a node that dies says no goodbye, and who
//! counts the members of all nodes has to notice that.
//!
//! # Layout
//! - here: what is told to others, and what is heard from them.
//! - `door`: the one socket that a node is to the adapter. `link`: the connection to Redis.

mod door;
mod link;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use socketioxide::SocketIo;
use socketioxide_core::adapter::{BroadcastFlags, BroadcastOptions, CoreAdapter, CoreLocalAdapter};
use socketioxide_core::packet::Packet;
use socketioxide_core::{Sid, Value};
use socketioxide_redis::{CustomRedisAdapter, RedisAdapterConfig, RedisAdapterCtr};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::chat::Chat;
use crate::metrics::Metrics;
use crate::rooms::Speaker;
use door::Door;
pub(crate) use door::Heard;
pub(crate) use link::Link;
use link::{Open, open};

/// How long a node waits for Redis before it serves its own members.
const FIRST_CONNECTION: Duration = Duration::from_secs(1);

/// Where Redis is: `redis://[user:password@]host[:port][/database]`.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedisUrl(String);

/// What is no [`RedisUrl`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no address of a Redis ({0}); write redis://127.0.0.1:6379")]
pub struct RedisUrlError(String);

impl RedisUrl {
    fn client(&self) -> Result<redis::Client, RedisUrlError> {
        redis::Client::open(self.0.as_str()).map_err(|error| RedisUrlError(error.to_string()))
    }
}

impl std::str::FromStr for RedisUrl {
    type Err = RedisUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Self(text.to_owned());
        url.client().map(|_| url)
    }
}

impl TryFrom<String> for RedisUrl {
    type Error = RedisUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RedisUrl> for String {
    fn from(url: RedisUrl) -> Self {
        url.0
    }
}

/// Without what is secret in it.
impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.rsplit('@').next().unwrap_or_default();
        f.debug_tuple("RedisUrl").field(&host).finish()
    }
}

/// This node, as one of several.
pub(crate) struct Cluster {
    adapter: Arc<CustomRedisAdapter<Door, Link>>,
    link: Link,
    node: Sid,
    metrics: Metrics,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

/// What has to be done for a node as long as it runs.
pub(crate) struct Duties {
    open: Open,
    heard: Heard,
}

impl Cluster {
    /// A node that will be reached through the Redis at `url`.
    pub(crate) fn new(url: &RedisUrl, metrics: &Metrics) -> Result<(Self, Duties), RedisUrlError> {
        let node = Sid::new();
        let (link, open) = open(url.client()?, node, metrics.clone());
        let (door, heard) = Door::new(node, link.clone());
        let config = RedisAdapterConfig::new()
            .with_prefix("chatspec")
            .with_stream_buffer(link::MOST_UNREAD);
        let state = RedisAdapterCtr::new_with_driver(link.clone(), config);
        let adapter = CustomRedisAdapter::new(&state, CoreLocalAdapter::new(door));
        let this = Self {
            adapter: Arc::new(adapter),
            link,
            node,
            metrics: metrics.clone(),
        };
        Ok((this, Duties { open, heard }))
    }

    /// Whether Redis is there.
    pub(crate) fn is_up(&self) -> bool {
        self.link.is_up()
    }

    /// Tells the other nodes what the members of `room` are to hear. Resolves when it is on its way, in
    /// its order; there is nobody to say when it has arrived.
    pub(crate) async fn tell(&self, room: &str, event: &str, argument: &RawValue) {
        let told = serde_json::to_string(&(room, event, argument));
        let Ok(told) = told.inspect_err(|error| tracing::error!(%error, "cannot encode a relay"))
        else {
            return;
        };
        let packet = Packet::event("/", Value::Str(told.into(), None));
        // To all nodes, but for this one.
        let mut options = BroadcastOptions::new(self.node);
        options.add_flag(BroadcastFlags::Broadcast);
        if let Err(error) = self.adapter.broadcast(packet, options).await {
            tracing::debug!(%error, "the other nodes miss a message");
            self.metrics.missed_by_others(1);
        }
    }

    /// Subscribes, and from then on connects to Redis, and connects again, and tells the members of this
    /// node what the others say: until the tasks are dropped.
    pub(crate) async fn start(&self, duties: Duties, io: SocketIo, chat: Arc<Chat>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        // It only takes note of the channels; the link subscribes to them whenever it connects.
        if let Err(error) = Arc::clone(&self.adapter).init(|| {}).await {
            tracing::error!(?error, "cannot subscribe");
        }
        tasks.spawn(self.link.clone().run(duties.open));
        tasks.spawn(listen(duties.heard, io, chat));
        // Whoever comes first should find the others; without Redis, nobody should wait for them.
        if timeout(FIRST_CONNECTION, self.link.up()).await.is_err() {
            tracing::warn!("this node begins on its own");
        }
        tasks
    }
}

/// Tells the members of this node what the other nodes say, one thing at a time.
async fn listen(mut heard: Heard, io: SocketIo, chat: Arc<Chat>) {
    while let Some(told) = heard.next().await {
        let parsed: Result<(String, String, Box<RawValue>), _> = serde_json::from_str(&told);
        let (room, event, argument) = match parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                tracing::warn!(%error, "another node says what this one does not understand");
                continue;
            }
        };
        let mut room = chat.rooms.enter(&room).await;
        let delivered = room.tell(Speaker::Nobody(&io), &event, &argument).await;
        chat.metrics.delivered(delivered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_that_of_a_redis_and_its_password_is_not_shown() {
        let url: RedisUrl = "redis://me:secret@redis.example.org:6380/1"
            .parse()
            .unwrap();
        assert_eq!(
            format!("{url:?}"),
            r#"RedisUrl("redis.example.org:6380/1")"#
        );
        for text in [
            "",
            "127.0.0.1:6379",
            "http://127.0.0.1:6379",
            "redis://:port",
        ] {
            text.parse::<RedisUrl>().expect_err(text);
        }
    }
}
