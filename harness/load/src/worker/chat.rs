//! Messages on a schedule, or one after the other; guests; and the wait for what is still to come.

use chatspec_judge::bench::measured::Guests;
use chatspec_judge::bench::{Histogram, Pace};

use super::{Outcome, Over, Worker};
use crate::clock::{Nanos, nanos, on_processor, seconds};
use crate::member::{ENTERED, Guest, Member, Stage};
use crate::messages::{Messages, Reader, Sending, Window};

/// How long nothing may come after the last message before what is missing counts as lost: longer
/// than the pause of a collector of garbage, and than most other things that servers do instead.
const SILENCE: u64 = 5_000_000_000;

/// How long stragglers are waited for at most.
const STRAGGLERS: u64 = 60_000_000_000;

/// When the messages of a worker are due.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    begins: Nanos,
    /// How long after the beginning the first is due, and each after the one before, in nanoseconds.
    first: f64,
    every: f64,
    nth: u64,
}

impl Schedule {
    /// So many a second over all workers, of whom this one has `share`; those of several workers fall
    /// between each other.
    fn new(begins: Nanos, a_second: f64, share: f64, place: (u32, u32)) -> Self {
        let every = 1e9 / (a_second * share);
        let first = every * f64::from(place.0) / f64::from(place.1);
        Self {
            begins,
            first,
            every,
            nth: 0,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "nanoseconds of a turn, fewer than 2^52"
    )]
    fn due(&self) -> Nanos {
        self.begins
            .plus((self.first + self.every * self.nth as f64) as u64)
    }
}

/// What a worker looked at when the measured time began.
struct Marks {
    at: Nanos,
    processor: u64,
}

impl Worker {
    /// Chats from this time on, and tells what came of it.
    pub(super) fn chat(&mut self, begins: Nanos) -> Result<Outcome, Over> {
        let window_begins = begins.plus(nanos(self.plan.warm_up));
        let window = Window {
            begins: window_begins,
            ends: window_begins.plus(nanos(self.plan.duration)),
        };
        self.ends = window.ends;
        self.messages.measure(window);
        let marks = self.converse(begins, window)?;
        let now = Nanos::now();
        let measured = seconds(now.since(marks.at));
        let cpu = seconds(on_processor().saturating_sub(marks.processor));
        let read_lag = std::mem::take(&mut self.inlet.lay);
        self.drain()?;
        Ok(Outcome {
            figures: std::mem::replace(&mut self.messages, Messages::new(2)).finish(),
            guests: (self.plan.guests > 0.0).then(|| self.visits_end()),
            measured,
            cpu,
            read_lag,
        })
    }

    /// Sends what is due until the time is over; what was looked at when the measured time began.
    fn converse(&mut self, begins: Nanos, window: Window) -> Result<Marks, Over> {
        #[expect(clippy::cast_precision_loss, reason = "a number of rooms")]
        let share = self.rooms.len() as f64 / f64::from(self.plan.rooms);
        let rate = self.plan.rate();
        let mut messages = rate.map(|rate| Schedule::new(begins, rate, share, self.place));
        let guests = (self.plan.guests > 0.0).then_some(self.plan.guests);
        let mut guests = guests.map(|rate| Schedule::new(begins, rate, share, self.place));
        let mut has_begun = false;
        let mut marks = None;
        loop {
            let now = Nanos::now();
            let is_due = |schedule: &Schedule| schedule.due() < window.ends;
            if now >= window.ends && !messages.as_ref().is_some_and(is_due) {
                break;
            }
            if now >= window.begins && marks.is_none() {
                self.inlet.lay = Histogram::new();
                marks = Some(Marks {
                    at: now,
                    processor: on_processor(),
                });
            }
            if let (Pace::Outstanding(at_once), true, false) =
                (self.plan.pace, now >= begins, has_begun)
            {
                has_begun = true;
                self.write_at_once(at_once);
            }
            if let Some(schedule) = &mut messages {
                self.write_due(schedule, now, window.ends);
            }
            if let Some(schedule) = &mut guests {
                while schedule.due() <= now {
                    schedule.nth += 1;
                    self.guest(now >= window.begins);
                }
            }
            self.let_leave(now);
            self.tell_live(now)?;
            let dues = [
                messages.map(|schedule| schedule.due()),
                guests.map(|schedule| schedule.due()),
                self.visits.leaving.front().map(|(leaves, ..)| *leaves),
                Some(begins).filter(|begins| *begins > now),
                Some(window.begins).filter(|begins| *begins > now),
                Some(self.live_at),
            ];
            let until = dues.into_iter().flatten().fold(window.ends, Nanos::min);
            self.pump(Some(until))?;
        }
        Ok(marks.unwrap_or_else(|| Marks {
            at: Nanos::now(),
            processor: on_processor(),
        }))
    }

    /// Sends all that is due. What has arrived is looked at in between, however far behind we are:
    /// whoever sends and does not read makes a server wait.
    fn write_due(&mut self, schedule: &mut Schedule, now: Nanos, ends: Nanos) {
        const AT_ONCE: u32 = 64;
        for _ in 0..AT_ONCE {
            let due = schedule.due();
            if due > now || due >= ends {
                return;
            }
            let rooms = self.rooms.len() as u64;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "below rooms, and below senders"
            )]
            let (room, sender) = (
                (schedule.nth % rooms) as u32,
                (schedule.nth / rooms % u64::from(self.plan.senders)) as u32,
            );
            schedule.nth += 1;
            self.write(room, sender, due);
        }
    }

    /// Has every sender send so many.
    fn write_at_once(&mut self, at_once: u32) {
        for _ in 0..at_once {
            for sender in 0..self.plan.senders {
                for room in 0..self.rooms.len() {
                    #[expect(clippy::cast_possible_truncation, reason = "a number of rooms")]
                    self.write(room as u32, sender, Nanos::now());
                }
            }
        }
    }

    /// Sends a message that was due then.
    pub(super) fn write(&mut self, room: u32, sender: u32, due: Nanos) {
        let key = sender as usize * self.rooms.len() + room as usize;
        let number = self.messages.next();
        let Some(Some(member)) = self.members.get_mut(key) else {
            self.messages.not_sent(due);
            return;
        };
        self.scratch.clear();
        let name = &self.rooms[room as usize].name;
        let ack = number + ENTERED + 1;
        self.texts.message(&mut self.scratch, ack, number, name);
        let sent = Nanos::now();
        if let Err(cut) = member.link.send(&mut self.ways, &self.scratch) {
            self.cut(key, &cut);
            self.messages.not_sent(due);
            return;
        }
        member.written += 1;
        let nth = member.written;
        self.messages.sent(Sending {
            room,
            sender,
            nth,
            due,
            sent,
        });
    }

    /// Waits for what is still to come.
    fn drain(&mut self) -> Result<(), Over> {
        let began = Nanos::now();
        self.heard = self.heard.max(began);
        loop {
            let now = Nanos::now();
            // Who is still here is to leave, and whoever comes only now.
            self.let_leave(now.plus(Guest::STAYS));
            let is_over = self.messages.open() == 0 && self.guests.is_empty();
            let gives_up = now.since(self.heard) > SILENCE || now.since(began) > STRAGGLERS;
            if is_over || gives_up {
                return Ok(());
            }
            self.tell_live(now)?;
            self.pump(Some(self.live_at))?;
        }
    }
}

/// Guests.
impl Worker {
    /// Begins to let a guest in.
    fn guest(&mut self, counts: bool) {
        let first_guest = self.plan_members();
        let entry = self.guests.vacant_entry();
        let key = first_guest + entry.key();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "guests of a turn, and rooms"
        )]
        let (room, name) = (
            (self.visits.begun % self.rooms.len() as u64) as u32,
            (first_guest as u64 + self.visits.begun) as u32,
        );
        self.visits.begun += 1;
        let reader = Reader::new(room, u32::MAX);
        match Member::new(&mut self.ways, key, false, name, reader) {
            Ok(mut member) => {
                let guest = Guest {
                    counts,
                    ..Guest::default()
                };
                member.guest = Some(Box::new(guest));
                entry.insert(member);
            }
            Err(cut) => {
                tracing::debug!(%cut, "a guest was not let in");
                self.visits.found.failed += u64::from(counts);
            }
        }
    }

    /// Has those leave whose time has come.
    fn let_leave(&mut self, now: Nanos) {
        while let Some(&(leaves, key, name)) = self.visits.leaving.front() {
            if leaves > now {
                return;
            }
            self.visits.leaving.pop_front();
            self.leave(key, name);
        }
    }

    /// Has a guest leave as soon as it has what is acked: the ack of a message says that its relay is
    /// done, so that whatever comes later was on its way, and whatever does not come is lost.
    fn leave(&mut self, key: usize, name: u32) {
        let first_guest = self.plan_members();
        let Some(member) = self.guests.get_mut(key - first_guest) else {
            return;
        };
        let room = member.reader.room;
        // The place of one that was cut off may be another's by now.
        let Some(guest) = member.guest.as_mut().filter(|_| member.name == name) else {
            return;
        };
        if guest.misses.is_some() {
            return;
        }
        guest.has.sort_unstable();
        let owed: Vec<u32> = self.messages.acked_since(guest.from, room).collect();
        if guest.counts {
            self.visits.found.owed += owed.len() as u64;
        }
        let missing = owed.iter().copied();
        let missing = missing.filter(|number| guest.has.binary_search(number).is_err());
        let missing: Vec<u32> = missing.collect();
        if guest.counts {
            self.visits.found.received += (owed.len() - missing.len()) as u64;
        }
        let is_over = missing.is_empty();
        guest.misses = Some(missing);
        if is_over {
            self.visit_over(key);
        }
    }

    /// Counts what a guest got after all, and closes its connection.
    pub(super) fn visit_over(&mut self, key: usize) {
        let Some(mut member) = self.guests.try_remove(key - self.plan_members()) else {
            return;
        };
        // Socket.IO protocol v5, "Disconnection from a namespace".
        if let Err(cut) = member.link.send(&mut self.ways, b"41") {
            tracing::debug!(%cut, "a guest could not say that it leaves");
        }
        member.link.close(&self.ways);
    }

    /// Lets go of a guest whose connection ended before it left: what it is owed is owed all the same.
    pub(super) fn guest_cut(&mut self, key: usize) {
        let Some(member) = self.guests.get(key - self.plan_members()) else {
            return;
        };
        let is_here = member
            .guest
            .as_ref()
            .is_some_and(|guest| guest.misses.is_none());
        if member.stage == Stage::In && is_here {
            self.leave(key, member.name);
        }
        let Some(member) = self.guests.try_remove(key - self.plan_members()) else {
            return;
        };
        if member.guest.is_some_and(|guest| guest.counts) && member.stage != Stage::In {
            self.visits.found.failed += 1;
        }
        member.link.close(&self.ways);
    }

    /// What guests met, all in all.
    fn visits_end(&mut self) -> Guests {
        for member in std::mem::take(&mut self.guests) {
            if member.1.stage != Stage::In && member.1.guest.is_some_and(|guest| guest.counts) {
                self.visits.found.failed += 1;
            }
        }
        std::mem::take(&mut self.visits.found)
    }
}
