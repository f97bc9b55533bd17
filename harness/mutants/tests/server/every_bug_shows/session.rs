//! What everybody says and sees, step by step.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use chatspec_wire::engine::Packet;
use chatspec_wire::socket::Packet as Event;

use crate::support::Client;

/// A right server answers in a fraction of it, and a wrong one is waited for once.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// What everybody saw, in the order of the session's steps.
pub(super) struct Session {
    pub(super) people: Vec<(&'static str, Client)>,
    pub(super) seen: String,
    /// What a right server shows, if it is known.
    pub(super) right: Option<Arc<String>>,
    pub(super) flushes: u32,
}

/// Something was seen that a right server does not show: there is no need to go on.
pub(super) struct Differs;

impl Session {
    pub(super) fn note(&mut self, who: &str, packets: &[String]) -> Result<(), Differs> {
        for packet in packets {
            let shown: String = packet.chars().take(60).collect();
            let more = packet.len() - shown.len();
            let more = if more > 0 {
                format!(" and {more} bytes")
            } else {
                String::new()
            };
            writeln!(self.seen, "    {who}: {shown}{more}").expect("a string takes it");
        }
        match &self.right {
            Some(right) if !right.starts_with(&self.seen) => Err(Differs),
            _ => Ok(()),
        }
    }

    pub(super) fn person(&mut self, who: &str) -> &mut Client {
        let mut people = self.people.iter_mut();
        &mut people
            .find(|(name, _)| *name == who)
            .expect("is in the session")
            .1
    }

    pub(super) fn step(&mut self, what: &str) {
        writeln!(self.seen, "{what}").expect("a string takes it");
    }

    /// Sends, and waits until all that follows from it must have arrived everywhere.
    pub(super) async fn send(&mut self, who: &str, packets: &[&str]) -> Result<(), Differs> {
        let first: String = packets[0].chars().take(60).collect();
        self.step(&format!("{who} sends {} of {first}", packets.len()));
        self.person(who).send(packets).await;
        self.settle(who).await
    }

    /// As [`send`](Self::send), events whose arguments may be bytes.
    pub(super) async fn send_events(&mut self, who: &str, events: &[Event]) -> Result<(), Differs> {
        self.step(&format!("{who} sends {} events with bytes", events.len()));
        let packets = events.iter().flat_map(|event| {
            let encoded = event.encode();
            let text = std::iter::once(Packet::Message(encoded.text));
            text.chain(encoded.attachments.into_iter().map(Packet::Binary))
        });
        let packets = packets.collect();
        self.person(who).send_messages(packets).await;
        self.settle(who).await
    }

    /// Flush and fence: a request to a room where nobody is, its ack, and then a round trip with
    /// everybody.
    pub(super) async fn settle(&mut self, who: &str) -> Result<(), Differs> {
        self.flushes += 1;
        let id = 1_000_000 + self.flushes;
        let flush = format!(r#"2{id}["new_message","","nobody-{id}"]"#);
        let client = self.person(who);
        client.send(&[&flush]).await;
        let seen = client.until(&format!("3{id}["), PATIENCE).await;
        self.note(who, &seen)?;
        for at in 0..self.people.len() {
            let (name, client) = &mut self.people[at];
            let (name, seen) = (*name, client.fence(PATIENCE).await);
            self.note(name, &seen)?;
        }
        Ok(())
    }

    /// As [`settle`](Self::settle), where what arrives is in no order.
    pub(super) async fn settle_unseen(&mut self, who: &str) {
        self.flushes += 1;
        let id = 1_000_000 + self.flushes;
        let flush = format!(r#"2{id}["new_message","","nobody-{id}"]"#);
        let client = self.person(who);
        client.send(&[&flush]).await;
        client.until(&format!("3{id}["), PATIENCE).await;
        for (_, client) in &mut self.people {
            client.fence(PATIENCE).await;
        }
    }
}
