//! Has chatspec's scenarios played by `rust_socketio`: what comes in on standard input is done with the
//! library's asynchronous interface, and what the library says goes out on standard output
//! (harness/runner/DRIVERS.md).

mod client;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

use client::{Order, play};

/// A line of standard input.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Command {
    Open {
        client: u64,
        url: String,
        path: String,
        transport: String,
        namespace: String,
        auth: Option<Value>,
    },
    Emit {
        client: u64,
        event: String,
        args: Vec<Value>,
        ack: Option<u64>,
    },
    Close {
        client: u64,
    },
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (reports, queue) = mpsc::unbounded_channel();
    let writing = tokio::spawn(write(queue));
    let mut clients: BTreeMap<u64, mpsc::UnboundedSender<Order>> = BTreeMap::new();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let (client, order) = match serde_json::from_str(&line)? {
            Command::Open {
                client,
                url,
                path,
                transport,
                namespace,
                auth,
            } => {
                let (orders, taken) = mpsc::unbounded_channel();
                clients.insert(client, orders);
                let opening = client::Opening {
                    client,
                    url: format!("{url}{path}"),
                    transport,
                    namespace,
                    auth,
                };
                tokio::spawn(play(opening, taken, reports.clone()));
                continue;
            }
            Command::Emit {
                client,
                event,
                args,
                ack,
            } => (client, Order::Emit { event, args, ack }),
            Command::Close { client } => (client, Order::Close),
        };
        if let Some(orders) = clients.get(&client)
            && orders.send(order).is_err()
        {
            // A client that is gone has said so.
            clients.remove(&client);
        }
    }
    writing.abort();
    Ok(())
}

async fn write(mut reports: mpsc::UnboundedReceiver<Value>) {
    let mut out = tokio::io::stdout();
    while let Some(report) = reports.recv().await {
        let line = format!("{report}\n");
        if out.write_all(line.as_bytes()).await.is_err() || out.flush().await.is_err() {
            return; // nobody listens any more
        }
    }
}
