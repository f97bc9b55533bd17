//! Everybody comes in.

use super::{Over, Worker, member};
use crate::clock::{Nanos, seconds};
use crate::link::Cut;
use crate::member::{Guest, Member, PATIENCE, Stage};
use crate::messages::Reader;

/// So many are on their way in at once, over all workers: a server whose queue for new connections is
/// the usual 128 long has room for them.
const COMING: u32 = 64;

/// So many welcomes may be owed and not there before anybody else is let in.
///
/// Ten thousand who enter one room are fifty million welcomes. A server that acks first and welcomes
/// afterwards, as it must, would otherwise keep millions of them in memory when the chat begins, and
/// be measured while it works them off.
const WELCOMES: u64 = 50_000;

/// How long nothing may come before what is owed is no more waited for.
const SILENCE: u64 = 2_000_000_000;

impl Worker {
    /// Lets everybody in, as fast as the server takes them.
    pub(super) fn join(&mut self) -> Result<(), Over> {
        let began = Nanos::now();
        let wanted = self.plan_members();
        self.joined.wanted = wanted as u64;
        self.members.resize_with(wanted, || None);
        self.heard = began;
        let at_once = (COMING / self.place.1).max(1);
        let mut next = 0;
        let mut last_in = began;
        loop {
            let now = Nanos::now();
            while next < wanted && self.coming < at_once && self.missing() < WELCOMES {
                self.ask(next);
                next += 1;
            }
            if next == wanted && self.coming == 0 && self.missing() == 0 {
                break;
            }
            self.tell_live(now)?;
            let silence = now.since(self.heard);
            if self.coming == 0 && silence > SILENCE {
                // They were never sent, or to nobody: the report says how many.
                self.forgiven += self.missing();
                continue;
            }
            let patience = u64::try_from(PATIENCE.as_nanos()).unwrap_or(u64::MAX);
            if silence > patience {
                self.give_up(next);
                break;
            }
            self.pump(Some(now.plus(SILENCE / 8)))?;
            if self.coming > 0 {
                last_in = Nanos::now();
            }
        }
        self.joined.took = seconds(last_in.since(began));
        self.joined.failures = std::mem::take(&mut self.failures).into_iter().collect();
        Ok(())
    }

    /// How many welcomes are still waited for.
    const fn missing(&self) -> u64 {
        let came = self.joined.welcomes + self.forgiven;
        self.joined.welcomes_owed.saturating_sub(came)
    }

    /// Begins to let in the member with this key. Senders come first, and rooms fill evenly.
    fn ask(&mut self, key: usize) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "keys are below rooms x members"
        )]
        let (room, place) = (
            (key % self.rooms.len()) as u32,
            (key / self.rooms.len()) as u32,
        );
        let is_polling = is_polling(place, self.plan.polling);
        let reader = Reader::new(room, place);
        #[expect(clippy::cast_possible_truncation, reason = "as above")]
        match Member::new(&mut self.ways, key, is_polling, key as u32, reader) {
            Ok(member) => {
                self.members[key] = Some(member);
                self.coming += 1;
            }
            Err(cut) => *self.failures.entry(cut.to_string()).or_default() += 1,
        }
    }

    /// Counts one who is in.
    pub(super) fn entered(&mut self, key: usize, at: Nanos) {
        let next = self.messages.next();
        let first_guest = self.plan_members();
        let Some(member) = member(&mut self.members, &mut self.guests, first_guest, key) else {
            return;
        };
        let took = at.micros_since(member.asked);
        if let Some(guest) = &mut member.guest {
            guest.from = next;
            guest.leaves = at.plus(Guest::STAYS);
            self.visits
                .leaving
                .push_back((guest.leaves, key, member.name));
            if guest.counts {
                self.visits.found.entered += 1;
                self.visits.found.latency.record(took);
            }
            return;
        }
        let room = &mut self.rooms[member.reader.room as usize];
        room.clock += 1;
        room.entered += 1;
        member.entered = room.clock;
        self.coming -= 1;
        self.joined.members += 1;
        self.joined.latency.record(took);
    }

    /// Lets go of all that are on their way, and asks for no more.
    fn give_up(&mut self, next: usize) {
        let silent = Cut::Silent(PATIENCE.as_secs());
        for key in 0..next {
            let member = self.members.get(key).and_then(Option::as_ref);
            if member.is_some_and(|member| member.stage != Stage::In) {
                self.cut(key, &silent);
            }
        }
    }
}

/// Whether the member at this place of its room is one of those on long-polling, who are spread
/// evenly.
fn is_polling(place: u32, percent: u8) -> bool {
    let share = |places: u32| u64::from(places) * u64::from(percent) / 100;
    share(place + 1) > share(place)
}

#[cfg(test)]
mod tests {
    use super::is_polling;

    #[test]
    fn those_on_polling_are_spread_evenly() {
        let places = |percent: u8| {
            (0..10)
                .filter(|&place| is_polling(place, percent))
                .collect::<Vec<_>>()
        };
        assert_eq!(places(0), [0; 0]);
        assert_eq!(places(30), [3, 6, 9]);
        assert_eq!(places(100).len(), 10);
    }
}
