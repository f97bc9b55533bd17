//! What a worker does with what arrives.

use chatspec_wire::socket::{Decoder, Packet};

use super::{Worker, member};
use crate::clock::Nanos;
use crate::link::{Arrived, Cut};
use crate::member::{ENTERED, Stage, Step, Waited, ack};
use crate::text::{Found, Texts};

impl Worker {
    pub(super) fn flush(&mut self, key: usize, second: bool) {
        let Some(member) = self.member(key) else {
            return;
        };
        if let Err(cut) = member.link.flush(second) {
            self.cut(key, &cut);
        }
    }

    /// Reads all that has arrived for a member.
    pub(super) fn read(&mut self, key: usize, second: bool) {
        let first_guest = self.plan_members();
        let Some(reading) = member(&mut self.members, &mut self.guests, first_guest, key) else {
            return;
        };
        reading.link.begin(&mut self.inlet, second);
        loop {
            let Some(reading) = member(&mut self.members, &mut self.guests, first_guest, key)
            else {
                return;
            };
            let next = reading.link.next(&mut self.ways, &mut self.inlet);
            let done = match next {
                Ok(None) => return,
                Ok(Some(arrived)) => self.packet(key, &arrived),
                Err(cut) => Err(cut),
            };
            if let Err(cut) = done {
                self.cut(key, &cut);
                return;
            }
        }
    }

    fn packet(&mut self, key: usize, arrived: &Arrived) -> Result<(), Cut> {
        let first_guest = self.plan_members();
        let Some(member) = member(&mut self.members, &mut self.guests, first_guest, key) else {
            return Ok(());
        };
        let packet = self.inlet.taken(arrived.packet.clone());
        if packet == b"2" {
            // Engine.IO protocol v4, "Heartbeat".
            return member.link.send(&mut self.ways, b"3");
        }
        self.heard = arrived.at;
        if member.stage != Stage::In {
            let room = &mut self.rooms[member.reader.room as usize];
            match member.come_in(&mut self.ways, &self.texts, &room.name, packet)? {
                Step::None => {}
                Step::Asked => {
                    room.clock += 1;
                    member.asked_to_enter = room.clock;
                    if key < first_guest {
                        self.joined.welcomes_owed += u64::from(room.entered);
                    }
                }
                Step::Entered => self.entered(key, arrived.at),
            }
            return Ok(());
        }
        match meaning(&self.texts, packet) {
            Meaning::Message(Some(Found::Ours(number))) => match &mut member.guest {
                None => self
                    .messages
                    .delivered(&mut member.reader, number, arrived.at),
                Some(guest) => {
                    if self.messages.room(number) != Some(member.reader.room) {
                        self.messages.misdirected();
                        return Ok(());
                    }
                    let waited = guest.got(number);
                    if guest.counts && waited != Waited::Not {
                        self.visits.found.received += 1;
                    }
                    if waited == Waited::Last {
                        self.visit_over(key);
                    }
                }
            },
            Meaning::Message(Some(Found::Foreign)) => self.messages.misdirected(),
            Meaning::Message(None) | Meaning::Nothing => {}
            Meaning::Welcome(name) => self.welcomed(key, name),
            Meaning::Ack(ack) => self.acked(ack, arrived.at),
            Meaning::End => return Err(Cut::Closed),
        }
        Ok(())
    }

    fn welcomed(&mut self, key: usize, name: u32) {
        let Some(Some(newcomer)) = self.members.get(name as usize) else {
            return;
        };
        let (room, asked) = (newcomer.reader.room, newcomer.asked_to_enter);
        let Some(Some(member)) = self.members.get(key) else {
            return;
        };
        if member.reader.room == room && member.entered < asked {
            self.joined.welcomes += 1;
        } else if member.reader.room != room {
            self.messages.misdirected();
        }
    }

    fn acked(&mut self, ack: u32, arrived: Nanos) {
        let Some(number) = ack.checked_sub(ENTERED + 1) else {
            return;
        };
        let Some(sending) = self.messages.acked(number, arrived) else {
            return;
        };
        let now = Nanos::now();
        if !self.plan.pace.is_open() && now < self.ends {
            self.write(sending.room, sending.sender, now);
        }
    }
}

/// What a packet means to a member.
pub(crate) enum Meaning {
    /// A delivery, and what is found in it.
    Message(Option<Found>),
    /// The welcome of one of ours.
    Welcome(u32),
    /// An ack.
    Ack(u32),
    /// The server has had enough.
    End,
    /// Nothing that is counted.
    Nothing,
}

/// What a packet means to a member that is in.
pub(crate) fn meaning(texts: &Texts, packet: &[u8]) -> Meaning {
    if packet.starts_with(b"42[\"new_message\",") {
        return Meaning::Message(texts.find(packet));
    }
    if let Some(name) = packet.strip_prefix(b"42[\"welcome\",\"") {
        return texts.whose(name).map_or(Meaning::Nothing, Meaning::Welcome);
    }
    if let Some(ack) = ack(packet) {
        return Meaning::Ack(ack);
    }
    match packet {
        [b'4', b'1', ..] | [b'1'] => Meaning::End,
        [b'4', b'2', rest @ ..] => otherwise(texts, rest),
        _ => Meaning::Nothing,
    }
}

/// An event that is not written as nearly all servers write it: with spaces, or with an ack's number.
fn otherwise(texts: &Texts, event: &[u8]) -> Meaning {
    let text = String::from_utf8_lossy(event);
    let Ok(Some(Packet::Event { args, .. })) = Decoder::new().text(&format!("2{text}")) else {
        return Meaning::Nothing;
    };
    let text = |index: usize| args.get(index).and_then(|data| data.as_text());
    match (text(0), text(1)) {
        (Some("new_message"), Some(text)) => Meaning::Message(texts.find(text.as_bytes())),
        (Some("welcome"), Some(name)) => {
            let whose = texts.whose(name.as_bytes());
            whose.map_or(Meaning::Nothing, Meaning::Welcome)
        }
        _ => Meaning::Nothing,
    }
}
