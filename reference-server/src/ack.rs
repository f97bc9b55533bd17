//! The ack that a client waits for, if it does.

use std::convert::Infallible;
use std::sync::Arc;

use serde::Serialize;
use socketioxide::SendError;
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::AckSender;
use socketioxide::handler::FromMessageParts;
use socketioxide::socket::Socket;
use socketioxide_core::Value;

/// An answer to one event.
pub(crate) struct Ack {
    id: Option<i64>,
    sender: AckSender,
}

impl FromMessageParts<LocalAdapter> for Ack {
    type Error = Infallible;

    fn from_message_parts(
        socket: &Arc<Socket<LocalAdapter>>,
        packet: &mut Value,
        id: &Option<i64>,
    ) -> Result<Self, Infallible> {
        let sender = AckSender::from_message_parts(socket, packet, id)?;
        Ok(Self { id: *id, sender })
    }
}

impl Ack {
    /// Whether the client has given an ack function.
    pub(crate) fn is_awaited(&self) -> bool {
        self.id.is_some()
    }

    /// How long the packet with these many bytes of arguments is: `43`, the id, and a list.
    pub(crate) fn size(&self, arguments: usize) -> usize {
        let Some(id) = self.id else {
            return 0;
        };
        let digits = id.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
        "43[]".len() + digits + arguments
    }

    /// Calls the client's ack function, if it has given one.
    pub(crate) fn send<T: Serialize + ?Sized>(self, arguments: &T) -> Result<(), SendError> {
        self.sender.send(arguments)
    }
}
