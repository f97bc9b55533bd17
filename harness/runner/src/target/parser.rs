//! Whether a server that does not understand us is one that encodes its packets otherwise.
//!
//! The parser of Socket.IO can be exchanged (Socket.IO documentation, "Custom parser"), and client and
//! server have to have the same. Such a server opens an Engine.IO session like any other, and ends it with
//! the first packet that it cannot read. Nothing is wrong with it, and no case says anything of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chatspec_notation::ast::{Method, Transport};
use chatspec_wire::engine::{self, payload};

use super::{Endpoint, ProbeError};
use crate::client::{Dialer, answered_over_websocket};
use crate::clock::Allowance;

/// CONNECT to the main namespace as socket.io-msgpack-parser encodes it: `{type: 0, nsp: "/"}`.
const CONNECT: &[u8] = b"\x82\xa4type\x00\xa3nsp\xa1/";

/// Asks a server that did not answer our CONNECT `over` this transport for its answer to one in msgpack.
///
/// # Errors
///
/// That it speaks msgpack: it can then not be judged.
pub(crate) async fn other_parser(
    endpoint: &Endpoint,
    over: Transport,
    patience: &Allowance,
) -> Result<(), ProbeError> {
    let dialer = Dialer::new(endpoint.clone(), Arc::default(), Duration::ZERO);
    let connect = engine::Packet::Binary(Bytes::from_static(CONNECT));
    let asked = async {
        match over {
            Transport::Polling => answered_over_polling(&dialer, &connect).await,
            Transport::Websocket | Transport::Upgrade => {
                answered_over_websocket(&dialer, &connect).await
            }
        }
    };
    match patience.bound(asked).await {
        Ok(Some(engine::Packet::Binary(answer))) if is_msgpack(&answer) => {
            Err(ProbeError::OtherParser {
                at: endpoint.authority(),
                parser: "msgpack",
            })
        }
        _ => Ok(()),
    }
}

/// The first packet that comes back on a packet in a session of its own; the session is left to die.
async fn answered_over_polling(dialer: &Dialer, packet: &engine::Packet) -> Option<engine::Packet> {
    let mut lane = dialer.http();
    let open = dialer.endpoint().target("polling", None);
    let sid = match first(&lane.request(Method::Get, &open, None).await.ok()?.body)? {
        engine::Packet::Open(handshake) => handshake.sid,
        _ => return None,
    };
    let session = dialer.endpoint().target("polling", Some(&sid));
    let body = payload::encode(std::slice::from_ref(packet));
    lane.request(Method::Post, &session, Some(body))
        .await
        .ok()?;
    first(&lane.request(Method::Get, &session, None).await.ok()?.body)
}

fn first(body: &[u8]) -> Option<engine::Packet> {
    let packets = payload::decode(std::str::from_utf8(body).ok()?).ok()?;
    packets.into_iter().next()
}

/// Whether this is a packet of Socket.IO in msgpack: a small map (0x80 and the number of its entries) that
/// has the two keys of each packet.
fn is_msgpack(packet: &[u8]) -> bool {
    let has = |key: &[u8]| packet.windows(key.len()).any(|window| window == key);
    packet.first().is_some_and(|byte| byte & 0xf0 == 0x80) && has(b"\xa4type") && has(b"\xa3nsp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_in_msgpack_is_known_by_its_keys() {
        assert!(is_msgpack(CONNECT));
        assert!(is_msgpack(
            b"\x83\xa4type\x00\xa4data\x81\xa3sid\xa1x\xa3nsp\xa1/"
        ));
        assert!(!is_msgpack(b"\x81\xa4type\x00"));
        assert!(!is_msgpack(b"{\"type\":0,\"nsp\":\"/\"}"));
        assert!(!is_msgpack(b""));
    }
}
