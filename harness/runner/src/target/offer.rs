//! Which transports a server says that it does not have.
//!
//! A server may be set up for one transport alone, and says so to whoever asks for another (Engine.IO
//! protocol v4, "HTTP long-polling" and "WebSocket"; the reference implementation answers
//! `{"code":0,"message":"Transport unknown"}`). Cases on a transport that is not offered say nothing
//! of the chat.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chatspec_notation::ast::{Method, Transport};
use chatspec_wire::engine::{self, Handshake, payload};

use super::Endpoint;
use crate::client::{Answer, Dialer, HttpLane};
use crate::clock::Allowance;

/// The transports that the server at `endpoint` refuses by name. Whatever else it answers, or fails
/// to, is for the cases to find.
pub(crate) async fn refused(endpoint: &Endpoint, patience: &Allowance) -> BTreeSet<Transport> {
    let mut refused = BTreeSet::new();
    let mut asking = Asking {
        endpoint,
        patience,
        lane: Dialer::new(endpoint.clone(), Arc::default(), Duration::ZERO).http(),
    };
    if let Some(answer) = asking.get("polling").await {
        if is_unknown(&answer) {
            refused.extend([Transport::Polling, Transport::Upgrade]);
        } else if let Some(handshake) = handshake(&answer) {
            if !handshake.upgrades.iter().any(|to| to == "websocket") {
                refused.insert(Transport::Upgrade);
            }
            asking.leave(&handshake.sid).await;
        }
    }
    if let Some(answer) = asking.get("websocket").await
        && is_unknown(&answer)
    {
        refused.extend([Transport::Websocket, Transport::Upgrade]);
    }
    refused
}

struct Asking<'a> {
    endpoint: &'a Endpoint,
    patience: &'a Allowance,
    lane: HttpLane,
}

impl Asking<'_> {
    async fn get(&mut self, transport: &str) -> Option<Answer> {
        let target = self.endpoint.target(transport, None);
        let request = self.lane.request(Method::Get, &target, None);
        self.patience.bound(request).await.ok()?.ok()
    }

    /// Gives a session up that was only asked for.
    async fn leave(&mut self, sid: &str) {
        let target = self.endpoint.target("polling", Some(sid));
        let close = payload::encode(&[engine::Packet::Close]);
        let request = self.lane.request(Method::Post, &target, Some(close));
        if !matches!(self.patience.bound(request).await, Ok(Ok(_))) {
            tracing::debug!("a session that was only asked for was not given up in good order");
        }
    }
}

fn is_unknown(answer: &Answer) -> bool {
    let text = answer.text().to_lowercase();
    let says_so = ["transport unknown", "invalid transport"];
    answer.status == 400 && says_so.iter().any(|words| text.contains(words))
}

/// The handshake in an answer, if it is one.
pub(crate) fn handshake(answer: &Answer) -> Option<Handshake> {
    let body = std::str::from_utf8(&answer.body).ok()?;
    let first = body.split(payload::SEPARATOR).next()?;
    match payload::decode(first).ok()?.into_iter().next()? {
        engine::Packet::Open(handshake) if answer.status == 200 => Some(handshake),
        _ => None,
    }
}
