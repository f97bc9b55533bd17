//! What the server does with a request: Engine.IO sessions begin here, and long-polling is nothing
//! else.

use std::time::Duration;

use super::connection::Role;
use super::http::{self, Ask, MAX_PAYLOAD, Refusal};
use super::poller::SEPARATOR;
use super::server::Server;
use super::wires::Member;
use crate::clock::Nanos;

/// How long a client may take to answer a ping, as announced to it. Nobody checks.
const PING_TIMEOUT: Duration = Duration::from_secs(20);

impl Server {
    /// Does the first request; says how long it was, or none if it is not whole.
    pub(super) fn request(&mut self, at: usize, bytes: &[u8]) -> Option<usize> {
        let request = match http::read(bytes) {
            Ok(request) => request?,
            Err(refusal) => {
                self.refuse(at, refusal, false);
                return Some(bytes.len());
            }
        };
        let keeps = request.keeps;
        match request.ask {
            Ask::OpenWebSocket(key) => {
                self.open_websocket(at, key);
                return Some(request.length);
            }
            Ask::OpenPolling => {
                let sid = self.wires.new_sid();
                let poller = self.wires.open_poller(&sid);
                let member = Member::Poller(poller);
                let serial = self.wires.peer(member).map_or(0, |peer| peer.serial);
                self.ping_later(member, serial, Nanos::now());
                self.answer(at, self.opening(&sid).as_bytes(), keeps);
            }
            Ask::Poll(sid) => self.poll(at, sid, keeps),
            Ask::Give(sid, body) => self.give(at, sid, body, keeps),
            Ask::Refused(refusal) => self.refuse(at, refusal, keeps),
        }
        Some(request.length)
    }

    fn open_websocket(&mut self, at: usize, key: &str) {
        let sid = self.wires.new_sid();
        let peer = self.wires.new_peer();
        let serial = peer.serial;
        self.wires.put_raw(at, |out| http::put_upgrade(out, key));
        if let Some(connection) = self.wires.connections.get_mut(at) {
            connection.role = Role::WebSocket {
                peer,
                message: Vec::new(),
                is_text: None,
            };
        }
        let member = Member::Socket(at);
        self.wires.put(member, &self.opening(&sid));
        self.ping_later(member, serial, Nanos::now());
    }

    /// The packet that opens a session.
    fn opening(&self, sid: &str) -> String {
        let interval = self.ping_interval.as_millis();
        let timeout = PING_TIMEOUT.as_millis();
        format!(
            r#"0{{"sid":"{sid}","upgrades":[],"pingInterval":{interval},"pingTimeout":{timeout},"maxPayload":{MAX_PAYLOAD}}}"#
        )
    }

    fn poll(&mut self, at: usize, sid: &str, keeps: bool) {
        let Some(index) = self.wires.poller(sid) else {
            return self.refuse(at, Refusal::UnknownSession, keeps);
        };
        let Some(poller) = self.wires.pollers.get_mut(index) else {
            return;
        };
        poller.is_heard = true;
        // As the original has it: two polls at once are the end of a session.
        if poller.waits_on.is_some() {
            self.wires.end_poller(index, "1");
            return self.refuse(at, Refusal::BadRequest, keeps);
        }
        poller.waits_on = Some(at);
        if let Some(connection) = self.wires.connections.get_mut(at) {
            connection.role = Role::Http {
                waits: Some((index, keeps)),
            };
        }
        self.wires.answer_poll(index);
    }

    fn give(&mut self, at: usize, sid: &str, body: &[u8], keeps: bool) {
        let Some(index) = self.wires.poller(sid) else {
            return self.refuse(at, Refusal::UnknownSession, keeps);
        };
        if let Some(poller) = self.wires.pollers.get_mut(index) {
            poller.is_heard = true;
        }
        let Ok(body) = std::str::from_utf8(body) else {
            self.wires.end_poller(index, "1");
            return self.refuse(at, Refusal::BadRequest, keeps);
        };
        let member = Member::Poller(index);
        for packet in body.split(char::from(SEPARATOR)) {
            if self.chat.take(&mut self.wires, member, packet) {
                self.wires.end_poller(index, "6");
                break;
            }
        }
        self.answer(at, b"ok", keeps);
    }

    fn refuse(&mut self, at: usize, refusal: Refusal, keeps: bool) {
        let put = |out: &mut Vec<u8>| http::put_refusal(out, refusal, keeps);
        self.wires.put_raw(at, put);
        if !keeps {
            self.wires.end(at);
        }
    }

    fn answer(&mut self, at: usize, body: &[u8], keeps: bool) {
        let put = |out: &mut Vec<u8>| http::put_body(out, body, keeps);
        self.wires.put_raw(at, put);
        if !keeps {
            self.wires.end(at);
        }
    }
}
