//! The members: each is a client of its own.

use std::error::Error;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use rust_socketio::asynchronous::{Client, ClientBuilder};
use rust_socketio::{Event, Payload, TransportType};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use crate::Load;
use crate::tally::Tally;

/// How many connect at the same time.
const AT_ONCE: usize = 50;

/// How long an answer may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long the text of a message is, in bytes.
const TEXT: usize = 64;

/// Somebody who is in a room.
#[derive(Clone)]
pub(crate) struct Member {
    client: Client,
    room: String,
}

/// All members in the order of their rooms, when the last of them is in.
pub(crate) async fn enter_all(
    load: &Load,
    tally: &Arc<Tally>,
) -> Result<Vec<Member>, Box<dyn Error>> {
    stream::iter(0..load.clients)
        .map(|number| Member::enter(load, number, tally))
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

impl Member {
    async fn enter(load: &Load, number: u32, tally: &Arc<Tally>) -> Result<Self, Box<dyn Error>> {
        let room = format!("room-{}", number / load.room_size);
        let connected = Arc::new(Notify::new());
        let client = connect(&load.url, &connected, tally).await?;
        timeout(PATIENCE, connected.notified()).await?;

        let (acked, ack) = oneshot::channel();
        let mut acked = Some(acked);
        let data = vec![json!(format!("member-{number}")), json!(room)];
        client
            .emit_with_ack("enter_room", data, PATIENCE, move |_, _| {
                // Nobody waits any longer where it is too late.
                if let Some(acked) = acked.take() {
                    acked.send(()).unwrap_or_default();
                }
                ready(()).boxed()
            })
            .await?;
        timeout(PATIENCE, ack).await??;
        Ok(Self { client, room })
    }

    /// Sends a message that was due then. What `acked` returns is done when its ack comes.
    pub(crate) async fn say(
        &self,
        due: u64,
        mut acked: impl FnMut() + Send + Sync + 'static,
    ) -> Result<(), rust_socketio::Error> {
        let data = vec![json!(format!("{due:<TEXT$}")), json!(self.room)];
        let ack = move |_, _| {
            acked();
            ready(()).boxed()
        };
        self.client
            .emit_with_ack("new_message", data, PATIENCE, ack)
            .await
    }
}

async fn connect(
    url: &str,
    connected: &Arc<Notify>,
    tally: &Arc<Tally>,
) -> Result<Client, rust_socketio::Error> {
    let connected = Arc::clone(connected);
    let (welcomes, messages) = (Arc::clone(tally), Arc::clone(tally));
    ClientBuilder::new(url)
        .transport_type(TransportType::Websocket)
        // A member who is cut off does not come back unnoticed: what it misses is lost.
        .reconnect(false)
        .on(Event::Connect, move |_, _| {
            connected.notify_one();
            ready(()).boxed()
        })
        .on("welcome", move |_, _| {
            welcomes.welcome();
            ready(()).boxed()
        })
        .on("new_message", move |payload, _| {
            if let Payload::Text(values) = payload
                && let Some(Value::String(line)) = values.first()
            {
                messages.message(line);
            }
            ready(()).boxed()
        })
        .on(Event::Error, |error, _| {
            eprintln!("rust_socketio: {error:?}");
            ready(()).boxed()
        })
        .connect()
        .await
}
