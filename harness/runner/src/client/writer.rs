//! The task through which everything leaves, in order, whatever the transport is at the moment.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatspec_notation::ast::Method;
use chatspec_wire::engine::{self, Frame, payload};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinHandle};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::link::{HttpLane, Link};
use crate::clock;

pub(super) type Sink = SplitSink<WebSocketStream<Link>, Message>;

/// How long a server may take to see a client off before the harness stops listening.
pub(super) const FAREWELL: Duration = Duration::from_secs(1);

/// Where packets are put to be written.
#[derive(Clone)]
pub(super) struct Outbox {
    queue: mpsc::UnboundedSender<Out>,
    pongs: Arc<Semaphore>,
    writer: Arc<Mutex<Option<AbortHandle>>>,
}

/// How many pongs may wait to be written: more than any server has pings under way. Without a bound
/// a server that pings without end and does not read would fill the memory.
const PONGS: usize = 1_000;

/// What the writer takes.
pub(super) struct Queue(mpsc::UnboundedReceiver<Out>);

pub(super) enum Out {
    Packet(engine::Packet),
    /// The answer to a ping, and its place among those that may wait.
    Pong(String, OwnedSemaphorePermit),
    /// A frame that need not be a packet.
    Raw(Frame),
    /// Say goodbye and end.
    Close,
    /// Finish what is being written, say so, and wait for [`Out::Switch`].
    Pause(oneshot::Sender<()>),
    /// Go on over WebSocket.
    Switch(Sink),
}

/// How packets leave.
pub(super) enum Way {
    /// One POST after the other, each with all that has gathered (Engine.IO protocol v4, "HTTP
    /// long-polling").
    Polling {
        lane: HttpLane,
        target: String,
        largest: usize,
    },
    /// A frame each.
    Websocket(Sink),
}

impl Outbox {
    pub(super) fn new() -> (Self, Queue) {
        let (queue, out) = mpsc::unbounded_channel();
        (
            Self {
                queue,
                pongs: Arc::new(Semaphore::new(PONGS)),
                writer: Arc::default(),
            },
            Queue(out),
        )
    }

    /// Starts the writer. `lost` is told why, when it cannot go on.
    pub(super) fn start(&self, queue: Queue, way: Way, lost: mpsc::UnboundedSender<String>) {
        let task = tokio::spawn(async move {
            if let Err(cause) = write(queue, way).await
                && lost.send(cause).is_err()
            {
                tracing::debug!("a connection broke after its client had left");
            }
        });
        *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
    }

    pub(super) fn send(&self, packet: engine::Packet) {
        self.put(Out::Packet(packet));
    }

    /// Answers a ping, unless very many answers wait already.
    pub(super) fn pong(&self, text: String) {
        if let Ok(place) = Arc::clone(&self.pongs).try_acquire_owned() {
            self.put(Out::Pong(text, place));
        }
    }

    pub(super) fn send_all(&self, packets: Vec<engine::Packet>) {
        for packet in packets {
            self.send(packet);
        }
    }

    pub(super) fn close(&self) {
        self.put(Out::Close);
    }

    pub(super) fn put(&self, out: Out) {
        if self.queue.send(out).is_err() {
            // The writer has ended, and the session says why in the log.
            tracing::debug!("a packet was given to a connection that has ended");
        }
    }

    pub(super) fn abort(&self) {
        if let Some(writer) = &*self.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            writer.abort();
        }
    }

    /// Ends the connection for good when the farewell takes too long.
    pub(super) fn expire(&self, session: &JoinHandle<()>) {
        let (outbox, session) = (self.clone(), session.abort_handle());
        if !session.is_finished() {
            tokio::spawn(async move {
                clock::pause(FAREWELL).await;
                session.abort();
                outbox.abort();
            });
        }
    }
}

impl Queue {
    async fn recv(&mut self) -> Option<Out> {
        self.0.recv().await.map(Out::taken)
    }

    fn try_recv(&mut self) -> Option<Out> {
        self.0.try_recv().ok().map(Out::taken)
    }
}

impl Out {
    /// A pong leaves its place when it is about to be written.
    fn taken(self) -> Self {
        match self {
            Self::Pong(text, place) => {
                drop(place);
                Self::Packet(engine::Packet::Pong(text))
            }
            other => other,
        }
    }
}

async fn write(mut queue: Queue, mut way: Way) -> Result<(), String> {
    let mut held: Option<Out> = None;
    loop {
        let next = match held.take() {
            Some(out) => Some(out),
            None => queue.recv().await,
        };
        match next {
            None => return Ok(()),
            Some(Out::Packet(packet)) => match &mut way {
                Way::Websocket(sink) => {
                    sink.feed(message(&packet))
                        .await
                        .map_err(|error| error.to_string())?;
                    // One flush for all that has gathered.
                    loop {
                        match queue.try_recv() {
                            Some(Out::Packet(packet)) => sink
                                .feed(message(&packet))
                                .await
                                .map_err(|error| error.to_string())?,
                            Some(other) => {
                                held = Some(other);
                                break;
                            }
                            None => break,
                        }
                    }
                    sink.flush().await.map_err(|error| error.to_string())?;
                }
                Way::Polling {
                    lane,
                    target,
                    largest,
                } => {
                    let (batch, rest) = gather(packet, &mut queue, *largest);
                    held = rest;
                    post(lane, target, &batch).await?;
                }
            },
            Some(Out::Raw(frame)) => match &mut way {
                Way::Websocket(sink) => {
                    sink.send(framed(frame))
                        .await
                        .map_err(|error| error.to_string())?;
                }
                Way::Polling { lane, target, .. } => {
                    let body = match frame {
                        Frame::Text(text) => text,
                        Frame::Binary(bytes) => payload::encode(&[engine::Packet::Binary(bytes)]),
                    };
                    post_body(lane, target, body).await?;
                }
            },
            Some(Out::Close) => {
                return match way {
                    Way::Websocket(mut sink) => {
                        sink.close().await.map_err(|error| error.to_string())
                    }
                    Way::Polling {
                        mut lane, target, ..
                    } => post(&mut lane, &target, &[engine::Packet::Close]).await,
                };
            }
            Some(Out::Pause(paused)) => {
                if paused.send(()).is_err() {
                    return Err("the upgrade was given up".to_owned());
                }
                // Whatever else is queued waits behind the switch.
                let mut waiting = Vec::new();
                let mut sink = loop {
                    match queue.recv().await {
                        None => return Ok(()),
                        Some(Out::Switch(sink)) => break sink,
                        Some(other) => waiting.push(other),
                    }
                };
                let mut close = false;
                for out in waiting {
                    match out {
                        Out::Packet(packet) => sink
                            .feed(message(&packet))
                            .await
                            .map_err(|error| error.to_string())?,
                        Out::Raw(frame) => {
                            sink.feed(framed(frame))
                                .await
                                .map_err(|error| error.to_string())?;
                        }
                        Out::Close => close = true,
                        Out::Pong(..) | Out::Pause(_) | Out::Switch(_) => {}
                    }
                }
                sink.flush().await.map_err(|error| error.to_string())?;
                way = Way::Websocket(sink);
                held = close.then_some(Out::Close);
            }
            Some(Out::Switch(sink)) => way = Way::Websocket(sink),
            Some(Out::Pong(..)) => {}
        }
    }
}

/// All packets that have gathered behind `first` and fit into one request.
fn gather(
    first: engine::Packet,
    queue: &mut Queue,
    largest: usize,
) -> (Vec<engine::Packet>, Option<Out>) {
    let mut size = length(&first);
    let mut batch = vec![first];
    while let Some(out) = queue.try_recv() {
        match out {
            Out::Packet(packet) if size + 1 + length(&packet) <= largest => {
                size += 1 + length(&packet);
                batch.push(packet);
            }
            other => return (batch, Some(other)),
        }
    }
    (batch, None)
}

fn length(packet: &engine::Packet) -> usize {
    payload::encode(std::slice::from_ref(packet)).len()
}

async fn post(lane: &mut HttpLane, target: &str, packets: &[engine::Packet]) -> Result<(), String> {
    post_body(lane, target, payload::encode(packets)).await
}

async fn post_body(lane: &mut HttpLane, target: &str, body: String) -> Result<(), String> {
    let answer = lane
        .request(Method::Post, target, Some(body))
        .await
        .map_err(|error| error.to_string())?;
    if answer.status == 200 {
        Ok(())
    } else {
        Err(format!("a POST was answered {}", answer.shown()))
    }
}

fn message(packet: &engine::Packet) -> Message {
    framed(packet.encode())
}

fn framed(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => Message::text(text),
        Frame::Binary(bytes) => Message::binary(bytes),
    }
}
