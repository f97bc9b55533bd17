//! A client of whatever making: our own, or a library that a driver speaks through.

use std::sync::Arc;

use chatspec_judge::history::Leg;
use chatspec_wire::data::Data;
use chatspec_wire::engine::Frame;

use super::foreign::{Driven, Driver};
use super::{Client, Opening};
use crate::log::Log;
use crate::target::Endpoint;

/// One connection of one client. What a library cannot do is kept from it: cases that need it are skipped
/// ([`Driver::lacks`]).
pub(crate) enum Speaker {
    /// Our own.
    Own(Client),
    /// Another's.
    Foreign(Driven),
}

impl Speaker {
    /// Begins to connect, through `driver` if there is one; the log says how that ends.
    pub(crate) fn open(
        driver: Option<&Arc<Driver>>,
        endpoint: &Endpoint,
        opening: Opening,
        leg: Leg,
        log: &Log,
    ) -> Self {
        match driver {
            None => Self::Own(Client::open(endpoint, opening, leg, log)),
            Some(driver) => Self::Foreign(Driven::open(driver, endpoint, &opening, leg, log)),
        }
    }

    pub(crate) const fn leg(&self) -> Leg {
        match self {
            Self::Own(client) => client.leg(),
            Self::Foreign(client) => client.leg(),
        }
    }

    /// Whether its connection was upgraded, or never meant to be.
    pub(crate) fn is_settled(&self) -> bool {
        match self {
            Self::Own(client) => client.is_settled(),
            Self::Foreign(client) => client.is_settled(),
        }
    }

    /// The number that the next event with an acknowledgement has in the history. Of our own client it is
    /// the id in its packet; a library has ids of its own.
    pub(crate) const fn next_ack(&self) -> u64 {
        match self {
            Self::Own(client) => client.next_ack(),
            Self::Foreign(client) => client.next_ack(),
        }
    }

    /// Emits an event; asks for an acknowledgement under [`Self::next_ack`] if `ack`. Before anything is sent
    /// it tells which packets it is going to be, where that is known and not what encoding the event would give.
    pub(crate) fn emit(
        &mut self,
        event: &str,
        args: Vec<Data>,
        ack: bool,
        told: impl FnOnce(Vec<String>),
    ) {
        match self {
            Self::Own(client) => client.emit_told(event, args, ack, told),
            Self::Foreign(client) => {
                told(Vec::new());
                client.emit(event, &args, ack);
            }
        }
    }

    /// Emits an event whose acknowledgement is the harness's own business, and gives its number.
    pub(crate) fn flush(&mut self, event: &str, args: Vec<Data>) -> u64 {
        match self {
            Self::Own(client) => client.flush(event, args),
            Self::Foreign(client) => client.flush(event, &args),
        }
    }

    /// The number of the next fence.
    pub(crate) const fn next_fence(&self) -> u64 {
        match self {
            Self::Own(client) => client.next_fence(),
            Self::Foreign(client) => client.next_fence(),
        }
    }

    /// Asks for a round trip on this connection.
    pub(crate) fn fence(&mut self) {
        match self {
            Self::Own(client) => client.fence(),
            Self::Foreign(client) => client.fence(),
        }
    }

    /// Sends a frame as it is.
    pub(crate) fn raw(&self, frame: Frame) {
        if let Self::Own(client) = self {
            client.raw(frame);
        }
    }

    /// Leaves in good order.
    pub(crate) fn disconnect(&self) {
        match self {
            Self::Own(client) => client.disconnect(),
            Self::Foreign(client) => client.disconnect(),
        }
    }

    /// Waits until the connection is over, as it is soon after [`Self::disconnect`]. A library does not say
    /// when it is.
    pub(crate) async fn ended(&mut self) {
        if let Self::Own(client) = self {
            client.ended().await;
        }
    }

    /// Resets the TCP connection.
    pub(crate) fn vanish(&self) {
        if let Self::Own(client) = self {
            client.vanish();
        }
    }

    /// Answers no more pings.
    pub(crate) fn fall_silent(&self) {
        if let Self::Own(client) = self {
            client.fall_silent();
        }
    }

    /// Leaves what arrives in the socket, or takes it again.
    pub(crate) fn read(&self, reading: bool) {
        if let Self::Own(client) = self {
            client.read(reading);
        }
    }
}
