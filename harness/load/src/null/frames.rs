//! What the server does with a WebSocket frame.

use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::connection::Role;
use super::http::MAX_PAYLOAD;
use super::server::Server;
use super::wires::Member;
use crate::frame::{self, Frame};

/// What is in front of the payload of a client's longest frame, in bytes.
const LONGEST_HEADER: usize = 14;

impl Server {
    /// Does the first frame; says how long it was, or none if it is not whole.
    pub(super) fn frame(&mut self, at: usize, bytes: &mut [u8]) -> Option<usize> {
        let frame = match frame::first(bytes) {
            Ok(Some(frame)) => frame,
            Ok(None) if bytes.len() <= MAX_PAYLOAD + LONGEST_HEADER => return None,
            Ok(None) | Err(_) => {
                self.wires.end(at);
                return Some(bytes.len());
            }
        };
        let Frame {
            opcode,
            is_final,
            mask,
            payload,
        } = frame;
        let length = payload.end;
        let payload = &mut bytes[payload];
        // A client masks whatever it sends (RFC 6455, section 5.1).
        let Some(mask) = mask.filter(|_| payload.len() <= MAX_PAYLOAD) else {
            self.wires.end(at);
            return Some(length);
        };
        frame::apply(payload, mask);
        match opcode {
            OpCode::Data(Data::Text) if is_final => self.message(at, payload),
            OpCode::Data(data) => self.fragment(at, data, is_final, payload),
            OpCode::Control(Control::Ping) => self.control(at, Control::Pong, payload),
            OpCode::Control(Control::Close) => {
                self.control(at, Control::Close, payload);
                self.wires.end(at);
            }
            OpCode::Control(_) => {}
        }
        Some(length)
    }

    fn control(&mut self, at: usize, control: Control, payload: &[u8]) {
        let opcode = OpCode::Control(control);
        let put = |out: &mut Vec<u8>| frame::put(out, opcode, payload, None);
        self.wires.put_raw(at, put);
    }

    /// Takes a frame that is part of a message, or that no chat has a use for.
    fn fragment(&mut self, at: usize, data: Data, is_final: bool, payload: &[u8]) {
        let Some(connection) = self.wires.connections.get_mut(at) else {
            return;
        };
        let Role::WebSocket {
            message, is_text, ..
        } = &mut connection.role
        else {
            return;
        };
        match data {
            Data::Text => *is_text = Some(true),
            Data::Binary => *is_text = Some(false),
            Data::Continue if is_text.is_some() => {}
            Data::Continue | Data::Reserved(_) => return self.wires.end(at),
        }
        if message.len() + payload.len() > MAX_PAYLOAD {
            return self.wires.end(at);
        }
        message.extend_from_slice(payload);
        if is_final {
            let message = std::mem::take(message);
            if is_text.take() == Some(true) {
                self.message(at, &message);
            }
        }
    }

    /// Takes a packet.
    fn message(&mut self, at: usize, packet: &[u8]) {
        let Ok(packet) = std::str::from_utf8(packet) else {
            return self.wires.end(at);
        };
        if self.chat.take(&mut self.wires, Member::Socket(at), packet) {
            self.wires.end(at);
        }
    }
}
