//! The connection to Redis, as the adapter's driver.
//!
//! The adapter's own drivers do not do here. The one on `redis` never connects again, and drops what comes
//! when a buffer is full. This one connects again until it is told to end, never leaves out a message
//! between two others, and knows whether Redis is there: what it publishes to itself every second must
//! come back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use redis::AsyncConnectionConfig;
use redis::aio::{MultiplexedConnection, PubSubStream};
use socketioxide_core::Sid;
use socketioxide_redis::drivers::{ChanItem, Driver, MessageStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::metrics::Metrics;

/// How many messages may wait for the adapter to take them up.
pub(super) const MOST_UNREAD: usize = 65_536;

/// How many messages may wait to be sent to Redis. Beyond that, whoever speaks waits.
const MOST_UNSENT: usize = 4096;

/// How many messages are sent to Redis at once.
const BATCH: usize = 128;

/// How often the link is tried, and after how long without any message it counts as broken. A frozen Redis,
/// or a network that swallows everything, shows in nothing else.
const BEAT: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_secs(3);

/// How long connecting, or an answer, may take; and how long is waited between two attempts.
const PATIENCE: Duration = Duration::from_secs(3);
const AGAIN: Duration = Duration::from_millis(250);

/// The driver: cheap to clone, all clones are one.
#[derive(Clone)]
pub(crate) struct Link(Arc<Shared>);

struct Shared {
    client: redis::Client,
    /// The channel on which this node hears itself.
    beat: String,
    orders: mpsc::Sender<Order>,
    /// What is subscribed to, and who takes what comes.
    channels: Mutex<BTreeMap<String, mpsc::Sender<ChanItem>>>,
    up: watch::Sender<bool>,
    give_up: Notify,
    metrics: Metrics,
}

/// Something to be published.
struct Order {
    channel: String,
    message: Vec<u8>,
}

/// What waits to be published: the part of a link that its task holds.
pub(crate) struct Open(mpsc::Receiver<Order>);

/// Why a message was not published.
#[derive(Debug, thiserror::Error)]
#[error("Redis is away")]
pub(crate) struct Away;

/// A link that is not connected yet.
pub(super) fn open(client: redis::Client, node: Sid, metrics: Metrics) -> (Link, Open) {
    let (orders, queue) = mpsc::channel(MOST_UNSENT);
    let shared = Shared {
        client,
        beat: format!("chatspec-beat#{node}"),
        orders,
        channels: Mutex::default(),
        up: watch::Sender::new(false),
        give_up: Notify::new(),
        metrics,
    };
    (Link(Arc::new(shared)), Open(queue))
}

impl Link {
    pub(crate) fn is_up(&self) -> bool {
        *self.0.up.borrow()
    }

    /// Resolves when Redis is there.
    pub(crate) async fn up(&self) {
        // An error is the end of the link, which this holds.
        drop(self.0.up.subscribe().wait_for(|up| *up).await);
    }

    /// Breaks the connection off, and connects anew.
    pub(crate) fn give_up(&self) {
        self.0.give_up.notify_one();
    }

    /// Connects, carries what there is to be carried, and connects again.
    pub(crate) async fn run(self, Open(mut orders): Open) {
        let mut attempts = interval(AGAIN);
        attempts.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = false;
        loop {
            attempts.tick().await;
            let why = match timeout(PATIENCE, self.connect()).await {
                Ok(Ok((commands, messages))) => {
                    // What was said before is too late now.
                    self.lose(&mut orders);
                    self.turn(true);
                    told = false;
                    let carried = tokio::select! {
                        why = self.write(commands, &mut orders) => why,
                        why = self.read(messages) => why,
                        () = self.0.give_up.notified() => "this node cannot keep up".to_owned(),
                    };
                    self.turn(false);
                    carried
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no connection within {} s", PATIENCE.as_secs()),
            };
            if !std::mem::replace(&mut told, true) {
                tracing::warn!(reason = why, "Redis is away: each node is on its own");
            }
            self.lose(&mut orders);
        }
    }

    async fn connect(&self) -> redis::RedisResult<(MultiplexedConnection, PubSubStream)> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let client = &self.0.client;
        let commands = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let (mut sink, messages) = client.get_async_pubsub().await?.split();
        let mut channels: Vec<_> = self.channels().keys().cloned().collect();
        channels.push(self.0.beat.clone());
        sink.subscribe(channels).await?;
        Ok((commands, messages))
    }

    /// Publishes in the order in which it is asked to; gives why it cannot any more.
    async fn write(
        &self,
        mut commands: MultiplexedConnection,
        orders: &mut mpsc::Receiver<Order>,
    ) -> String {
        let mut beats = interval(BEAT);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let mut pipe = redis::pipe();
            tokio::select! {
                count = orders.recv_many(&mut batch, BATCH) => if count == 0 {
                    return "this node ends".to_owned();
                },
                _ = beats.tick() => {
                    pipe.publish(&self.0.beat, "").ignore();
                }
            }
            for Order { channel, message } in &batch {
                pipe.publish(channel, message).ignore();
            }
            if let Err(error) = pipe.query_async::<()>(&mut commands).await {
                self.0.metrics.missed_by_others(batch.len() as u64);
                return error.to_string();
            }
            batch.clear();
        }
    }

    /// Hands over what comes; gives why nothing comes any more.
    async fn read(&self, mut messages: PubSubStream) -> String {
        loop {
            let message = match timeout(SILENCE, messages.next()).await {
                Ok(Some(message)) => message,
                Ok(None) => return "the connection ended".to_owned(),
                Err(_) => return format!("nothing came for {} s", SILENCE.as_secs()),
            };
            let channel = message.get_channel_name();
            let taker = self.channels().get(channel).cloned();
            let Some(taker) = taker else {
                continue; // the beat
            };
            let item = (channel.to_owned(), message.get_payload_bytes().to_vec());
            if taker.try_send(item).is_err() {
                return "this node cannot keep up".to_owned();
            }
        }
    }

    fn turn(&self, up: bool) {
        self.0.up.send_replace(up);
        self.0.metrics.redis_is(up);
        if up {
            tracing::info!("Redis is there: the nodes are one chat");
        }
    }

    /// Nobody will hear what waits here.
    fn lose(&self, orders: &mut mpsc::Receiver<Order>) {
        while orders.try_recv().is_ok() {
            self.0.metrics.missed_by_others(1);
        }
    }

    fn channels(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, mpsc::Sender<ChanItem>>> {
        // A map of channels is whole whoever has broken off.
        self.0
            .channels
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Driver for Link {
    type Error = Away;

    /// Resolves when the message has its place in the order.
    async fn publish(&self, channel: String, message: Vec<u8>) -> Result<(), Away> {
        if !self.is_up() {
            return Err(Away);
        }
        let order = Order { channel, message };
        self.0.orders.send(order).await.map_err(|_| Away)
    }

    /// Takes note of the channel: whenever the link connects, it subscribes to all of them.
    async fn subscribe(
        &self,
        channel: String,
        most_unread: usize,
    ) -> Result<MessageStream<ChanItem>, Away> {
        let (taker, messages) = mpsc::channel(most_unread);
        self.channels().insert(channel, taker);
        Ok(MessageStream::new(messages))
    }

    async fn unsubscribe(&self, channel: String) -> Result<(), Away> {
        self.channels().remove(&channel);
        Ok(())
    }

    /// Only requests that are answered ask for it, and this server makes none.
    async fn num_serv(&self, _: &str) -> Result<u16, Away> {
        Err(Away)
    }
}
