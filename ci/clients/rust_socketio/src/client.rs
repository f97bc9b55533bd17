//! One client.

use std::time::Duration;

use futures_util::FutureExt;
use rust_socketio::asynchronous::{Client, ClientBuilder};
use rust_socketio::{Event, Payload, TransportType};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

/// How long the library waits for an ack: longer than any scenario does.
const ACK: Duration = Duration::from_mins(1);

/// How a client is to be opened.
pub(crate) struct Opening {
    pub(crate) client: u64,
    pub(crate) url: String,
    pub(crate) transport: String,
    pub(crate) namespace: String,
    pub(crate) auth: Option<Value>,
}

/// What a client is to do.
pub(crate) enum Order {
    Emit {
        event: String,
        args: Vec<Value>,
        ack: Option<u64>,
    },
    Close,
}

type Reports = mpsc::UnboundedSender<Value>;

/// Opens a client and has it do what it is told, in order.
pub(crate) async fn play(
    opening: Opening,
    mut orders: mpsc::UnboundedReceiver<Order>,
    reports: Reports,
) {
    let client = opening.client;
    // The library sends what it is given also before the server has answered its CONNECT; other clients
    // wait until then.
    let (answered, mut ready) = watch::channel(false);
    let opened = match open(opening, answered, reports.clone()).await {
        Ok(opened) => opened,
        Err(error) => {
            tell(
                &reports,
                json!({"is": "failed", "client": client, "cause": error.to_string()}),
            );
            return;
        }
    };
    if ready.wait_for(|answered| *answered).await.is_err() {
        return;
    }
    while let Some(order) = orders.recv().await {
        let done = match order {
            Order::Close => {
                // Whoever leaves does not care how the connection ends.
                drop(opened.disconnect().await);
                return;
            }
            Order::Emit { event, args, ack } => {
                emit(&opened, event, args, ack, client, &reports).await
            }
        };
        if let Err(error) = done {
            let cause = format!("an emit failed: {error}");
            tell(
                &reports,
                json!({"is": "closed", "client": client, "cause": cause}),
            );
            return;
        }
    }
}

async fn open(
    opening: Opening,
    answered: watch::Sender<bool>,
    reports: Reports,
) -> Result<Client, rust_socketio::Error> {
    let client = opening.client;
    let failing = answered.subscribe();
    let transport = match opening.transport.as_str() {
        "polling" => TransportType::Polling,
        "upgrade" => TransportType::WebsocketUpgrade,
        _ => TransportType::Websocket,
    };
    let say = move |report: Value| {
        tell(&reports, report);
        async {}.boxed()
    };
    let (connected, refused, closed, heard) = (say.clone(), say.clone(), say.clone(), say);
    let upgraded = opening.transport == "upgrade";
    let mut builder = ClientBuilder::new(opening.url)
        .namespace(opening.namespace)
        .transport_type(transport)
        // A scenario says itself when a client comes back.
        .reconnect(false)
        .on(Event::Connect, move |_, _| {
            answered.send_replace(true);
            if upgraded {
                // It upgrades before it asks for its namespace.
                drop(connected(json!({"is": "upgraded", "client": client})));
            }
            connected(json!({"is": "connected", "client": client}))
        })
        .on(Event::Error, move |payload, _| {
            // One event for what the server refused, and for what the library could not read.
            let cause = shown(payload);
            refused(if *failing.borrow() {
                json!({"is": "broken", "client": client, "cause": format!("the library says: {cause}")})
            } else {
                json!({"is": "refused", "client": client, "data": cause})
            })
        })
        .on(Event::Close, move |_, _| {
            closed(json!({"is": "closed", "client": client, "cause": "the library says `close`"}))
        })
        .on_any(move |event, payload, _| {
            let event = String::from(event);
            heard(json!({"is": "event", "client": client, "event": event, "args": args(payload)}))
        });
    if let Some(auth) = opening.auth {
        builder = builder.auth(auth);
    }
    builder.connect().await
}

async fn emit(
    opened: &Client,
    event: String,
    args: Vec<Value>,
    ack: Option<u64>,
    client: u64,
    reports: &Reports,
) -> Result<(), rust_socketio::Error> {
    let payload = Payload::Text(args);
    let Some(ack) = ack else {
        return opened.emit(event, payload).await;
    };
    let reports = reports.clone();
    let acked = move |payload: Payload, _: Client| {
        let args = acked_with(payload);
        tell(
            &reports,
            json!({"is": "ack", "client": client, "ack": ack, "args": args}),
        );
        async {}.boxed()
    };
    opened.emit_with_ack(event, payload, ACK, acked).await
}

/// The arguments of an event.
fn args(payload: Payload) -> Vec<Value> {
    match payload {
        Payload::Text(values) => values,
        other => vec![shown(other)],
    }
}

/// The arguments of an ack, which the library gives as one list.
fn acked_with(payload: Payload) -> Vec<Value> {
    match payload {
        Payload::Text(mut values) if values.len() == 1 => match values.remove(0) {
            Value::Array(values) => values,
            other => vec![other],
        },
        other => args(other),
    }
}

fn shown(payload: Payload) -> Value {
    match payload {
        Payload::Text(mut values) if values.len() == 1 => values.remove(0),
        Payload::Text(values) => Value::Array(values),
        Payload::Binary(bytes) => json!(format!("{} bytes", bytes.len())),
        #[expect(deprecated, reason = "the library has it still")]
        Payload::String(text) => Value::String(text),
    }
}

fn tell(reports: &Reports, report: Value) {
    // The process is about to end if nobody takes it.
    drop(reports.send(report));
}
