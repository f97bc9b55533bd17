//! The messages that are under way, and what became of each.
//!
//! A message is kept until everybody owed has it and its ack is there; then what is to be known of it
//! goes into the histograms, and its memory to the next. What is left at the end was lost.

use std::collections::VecDeque;

use chatspec_judge::bench::Histogram;
use chatspec_judge::bench::measured::{Reach, Second};

use crate::clock::Nanos;

/// What a worker measured.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) reach: Reach,
    pub(crate) latency: Histogram,
    pub(crate) uncorrected: Histogram,
    pub(crate) ack: Histogram,
    pub(crate) first: Histogram,
    pub(crate) median: Histogram,
    pub(crate) last: Histogram,
    pub(crate) send_lag: Histogram,
    pub(crate) seconds: Vec<Second>,
}

/// Which messages are measured: those that are due in this time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) begins: Nanos,
    pub(crate) ends: Nanos,
}

/// A member of a room, as far as its deliveries go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reader {
    /// Its room.
    pub(crate) room: u32,
    /// Its place in it; senders have the first ones.
    pub(crate) place: u32,
    /// For each sender of its room, how many of its messages came before the latest that came: the
    /// number of that one, counted per sender from 1; nothing from those who have none.
    latest: Vec<u32>,
}

impl Reader {
    /// One who has received nothing.
    pub(crate) const fn new(room: u32, place: u32) -> Self {
        Self {
            room,
            place,
            latest: Vec::new(),
        }
    }
}

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sending {
    /// Its room.
    pub(crate) room: u32,
    /// The place of its sender in that room.
    pub(crate) sender: u32,
    /// Which of this sender's messages it is, from 1.
    pub(crate) nth: u32,
    /// When it was due.
    pub(crate) due: Nanos,
    /// When it was sent.
    pub(crate) sent: Nanos,
}

/// All messages of a worker.
#[derive(Debug)]
pub(crate) struct Messages {
    window: Window,
    /// How many members each room has.
    members: u32,
    /// The messages from `oldest` on; none where all is known.
    kept: VecDeque<Option<Message>>,
    /// The number of the first that is kept.
    oldest: u32,
    /// Of each message ever sent: its room, and whether it is acked.
    sent: Vec<Sent>,
    /// Memory of messages that are done.
    spare: Vec<Message>,
    /// How many are kept.
    open: usize,
    pub(crate) figures: Figures,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    room: u32,
    acked: bool,
}

#[derive(Debug)]
struct Message {
    sending: Sending,
    /// In which second of the window it was due; none where it is not measured.
    second: Option<usize>,
    acked: bool,
    /// A bit for each place of the room that has it.
    had: Vec<u64>,
    /// When each of them had it, in microseconds after it was due, as they came.
    arrivals: Vec<u32>,
}

impl Messages {
    /// None yet, in rooms of so many members.
    pub(crate) fn new(members: u32) -> Self {
        Self {
            window: Window::default(),
            members,
            kept: VecDeque::new(),
            oldest: 0,
            sent: Vec::new(),
            spare: Vec::new(),
            open: 0,
            figures: Figures::default(),
        }
    }

    /// Says which messages are measured.
    pub(crate) fn measure(&mut self, window: Window) {
        self.window = window;
        let seconds = window.ends.since(window.begins).div_ceil(1_000_000_000);
        let seconds = usize::try_from(seconds).unwrap_or(usize::MAX);
        self.figures.seconds.resize_with(seconds, Second::default);
    }

    /// The number of the next message.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "four thousand million messages are more than a turn has"
    )]
    pub(crate) fn next(&self) -> u32 {
        self.sent.len() as u32
    }

    /// How many are under way.
    pub(crate) const fn open(&self) -> usize {
        self.open
    }

    /// Counts a message that is due and that nobody can send.
    pub(crate) fn not_sent(&mut self, due: Nanos) {
        if let Some(second) = self.second(due) {
            self.figures.reach.due += 1;
            self.figures.seconds[second].due += 1;
        }
    }

    /// Keeps a message that is sent, under the number that [`Messages::next`] gave.
    pub(crate) fn sent(&mut self, sending: Sending) {
        let second = self.second(sending.due);
        if let Some(second) = second {
            let figures = &mut self.figures;
            figures.reach.due += 1;
            figures.reach.sent += 1;
            figures.reach.owed += u64::from(self.members - 1);
            figures
                .send_lag
                .record(sending.sent.micros_since(sending.due));
            figures.seconds[second].due += 1;
        }
        let mut message = self.spare.pop().unwrap_or_else(|| Message {
            sending,
            second,
            acked: false,
            had: vec![0; (self.members as usize).div_ceil(64)],
            arrivals: Vec::with_capacity(self.members as usize - 1),
        });
        message.sending = sending;
        message.second = second;
        self.sent.push(Sent {
            room: sending.room,
            acked: false,
        });
        self.kept.push_back(Some(message));
        self.open += 1;
    }

    /// Counts the ack of a message; whose it was and when that was sent, if it is the first.
    pub(crate) fn acked(&mut self, number: u32, arrived: Nanos) -> Option<Sending> {
        let sent = self.sent.get_mut(number as usize)?;
        sent.acked = true;
        let message = kept(&mut self.kept, self.oldest, number)?;
        if message.acked {
            return None;
        }
        message.acked = true;
        let sending = message.sending;
        if message.second.is_some() {
            self.figures.reach.acked += 1;
            self.figures.ack.record(arrived.micros_since(sending.due));
        }
        self.settle(number);
        Some(sending)
    }

    /// Counts a delivery. Those of a message that is not measured count nowhere.
    pub(crate) fn delivered(&mut self, reader: &mut Reader, number: u32, arrived: Nanos) {
        if let Some(second) = self.arrival_second(arrived) {
            second.arrived += 1;
        }
        let Some(sent) = self.sent.get(number as usize) else {
            self.figures.reach.misdirected += 1;
            return;
        };
        if sent.room != reader.room {
            self.figures.reach.misdirected += 1;
            return;
        }
        let Some(message) = kept(&mut self.kept, self.oldest, number) else {
            // Everybody has it.
            self.figures.reach.duplicates += 1;
            return;
        };
        let sending = message.sending;
        let is_measured = message.second.is_some();
        if sending.sender == reader.place {
            self.figures.reach.misdirected += u64::from(is_measured);
            return;
        }
        let (word, bit) = (reader.place as usize / 64, 1 << (reader.place % 64));
        if message.had[word] & bit != 0 {
            self.figures.reach.duplicates += u64::from(is_measured);
            return;
        }
        message.had[word] |= bit;
        let sender = sending.sender as usize;
        if reader.latest.len() <= sender {
            // Exactly so many: a room of ten thousand who all write has that many of these.
            reader
                .latest
                .reserve_exact(sender + 1 - reader.latest.len());
            reader.latest.resize(sender + 1, 0);
        }
        let is_late = reader.latest[sender] > sending.nth;
        reader.latest[sender] = reader.latest[sender].max(sending.nth);
        let after = arrived.micros_since(sending.due);
        message
            .arrivals
            .push(u32::try_from(after).unwrap_or(u32::MAX));
        let is_done = message.acked && message.arrivals.len() + 1 == self.members as usize;
        if let Some(second) = message.second {
            let figures = &mut self.figures;
            figures.reach.received += 1;
            figures.reach.misordered += u64::from(is_late);
            figures.latency.record(after);
            figures
                .uncorrected
                .record(arrived.micros_since(sending.sent));
            figures.seconds[second].latency.record(after);
        }
        if is_done {
            self.settle(number);
        }
    }

    /// Counts what came to somebody it was not for.
    pub(crate) const fn misdirected(&mut self) {
        self.figures.reach.misdirected += 1;
    }

    /// The numbers of the messages to `room` from `from` on that are acked.
    pub(crate) fn acked_since(&self, from: u32, room: u32) -> impl Iterator<Item = u32> {
        (from..self.next()).filter(move |&number| {
            let sent = self.sent[number as usize];
            sent.room == room && sent.acked
        })
    }

    /// The room of a message.
    pub(crate) fn room(&self, number: u32) -> Option<u32> {
        self.sent.get(number as usize).map(|sent| sent.room)
    }

    /// What was measured. Of a message that somebody never got, the first and the one in the middle
    /// are known if there are so many; the last is not.
    pub(crate) fn finish(mut self) -> Figures {
        for message in std::mem::take(&mut self.kept).into_iter().flatten() {
            self.complete(message);
        }
        self.figures
    }

    /// Lets go of a message of which everything is known.
    fn settle(&mut self, number: u32) {
        let owed = self.members as usize - 1;
        let is_known = |message: &Message| message.acked && message.arrivals.len() == owed;
        let index = (number - self.oldest) as usize;
        let Some(message) = self.kept[index].take_if(|message| is_known(message)) else {
            return;
        };
        self.open -= 1;
        let mut message = self.complete(message);
        message.had.fill(0);
        message.arrivals.clear();
        message.acked = false;
        self.spare.push(message);
        while let Some(None) = self.kept.front() {
            self.kept.pop_front();
            self.oldest += 1;
        }
    }

    fn complete(&mut self, mut message: Message) -> Message {
        if message.second.is_none() {
            return message;
        }
        let owed = self.members as usize - 1;
        message.arrivals.sort_unstable();
        let mut record = |histogram: fn(&mut Figures) -> &mut Histogram, place: usize| {
            if let Some(&after) = message.arrivals.get(place) {
                histogram(&mut self.figures).record(u64::from(after));
            }
        };
        record(|figures| &mut figures.first, 0);
        record(|figures| &mut figures.median, (owed - 1) / 2);
        record(|figures| &mut figures.last, owed - 1);
        message
    }

    /// The second of the window in which a message was due; none outside of it.
    fn second(&self, due: Nanos) -> Option<usize> {
        let Window { begins, ends } = self.window;
        if due < begins || due >= ends {
            return None;
        }
        usize::try_from(due.since(begins) / 1_000_000_000).ok()
    }

    /// The second in which something arrived; those after the window are added as they are needed.
    fn arrival_second(&mut self, arrived: Nanos) -> Option<&mut Second> {
        /// Stragglers are shown for a minute.
        const STRAGGLERS: u64 = 60_000_000_000;
        let Window { begins, ends } = self.window;
        if arrived < begins || arrived >= ends.plus(STRAGGLERS) || begins == ends {
            return None;
        }
        let second = usize::try_from(arrived.since(begins) / 1_000_000_000).ok()?;
        let seconds = &mut self.figures.seconds;
        if second >= seconds.len() {
            seconds.resize_with(second + 1, Second::default);
        }
        seconds.get_mut(second)
    }
}

fn kept(kept: &mut VecDeque<Option<Message>>, oldest: u32, number: u32) -> Option<&mut Message> {
    let index = number.checked_sub(oldest)?;
    kept.get_mut(index as usize)?.as_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn at(micros: u64) -> Nanos {
        Nanos(SECOND + micros * 1_000)
    }

    /// Rooms of four members; the first two write.
    fn messages() -> Messages {
        let mut messages = Messages::new(4);
        messages.measure(Window {
            begins: at(0),
            ends: at(3_000_000),
        });
        messages
    }

    fn send(messages: &mut Messages, sender: u32, nth: u32, due: u64, sent: u64) -> u32 {
        let number = messages.next();
        messages.sent(Sending {
            room: 7,
            sender,
            nth,
            due: at(due),
            sent: at(sent),
        });
        number
    }

    fn room() -> [Reader; 4] {
        [0, 1, 2, 3].map(|place| Reader::new(7, place))
    }

    #[test]
    fn a_message_that_everybody_has_is_known_and_forgotten() {
        let mut messages = messages();
        let [_, mut b, mut c, mut d] = room();
        let number = send(&mut messages, 0, 1, 1_000, 1_200);
        for (reader, arrived) in [(&mut c, 5_000), (&mut b, 3_000), (&mut d, 9_000)] {
            messages.delivered(reader, number, at(arrived));
        }
        assert_eq!(messages.open(), 1);
        let sending = messages.acked(number, at(9_500)).unwrap();
        assert_eq!((sending.sender, sending.nth), (0, 1));
        assert_eq!(messages.open(), 0);
        let figures = messages.finish();
        assert!(figures.reach.is_whole(), "{:?}", figures.reach);
        assert_eq!(figures.reach.owed, 3);
        let shown = [
            &figures.latency,
            &figures.first,
            &figures.median,
            &figures.last,
            &figures.ack,
            &figures.send_lag,
            &figures.uncorrected,
        ];
        let shown = shown.map(|histogram| (histogram.count(), histogram.max() / 10 * 10));
        let wanted = [
            (3, 8_000),
            (1, 2_000),
            (1, 4_000),
            (1, 8_000),
            (1, 8_500),
            (1, 200),
            (3, 7_800),
        ];
        assert_eq!(shown, wanted);
        let seconds: Vec<_> = figures
            .seconds
            .iter()
            .map(|second| (second.due, second.arrived))
            .collect();
        assert_eq!(seconds, [(1, 3), (0, 0), (0, 0)]);
    }

    #[test]
    fn what_is_missing_twice_or_out_of_order_is_counted() {
        let mut messages = messages();
        let [mut a, mut b, mut c, _] = room();
        let first = send(&mut messages, 0, 1, 0, 0);
        let second = send(&mut messages, 0, 2, 10, 10);
        let other = send(&mut messages, 1, 1, 20, 20);
        messages.delivered(&mut b, second, at(100));
        messages.delivered(&mut b, first, at(110));
        messages.delivered(&mut c, first, at(120));
        messages.delivered(&mut c, first, at(130));
        messages.delivered(&mut c, second, at(140));
        // One sender's messages say nothing about the other's.
        messages.delivered(&mut c, other, at(150));
        messages.delivered(&mut a, first, at(160));
        messages.delivered(&mut Reader::new(8, 2), first, at(170));
        messages.delivered(&mut c, 99, at(180));
        messages.not_sent(at(30));
        let reach = messages.finish().reach;
        let counted = [
            reach.due,
            reach.sent,
            reach.acked,
            reach.owed,
            reach.received,
        ];
        assert_eq!(counted, [4, 3, 0, 9, 5]);
        assert_eq!(reach.duplicates, 1);
        assert_eq!(reach.misordered, 1);
        // Back to its sender, into another room, from nobody.
        assert_eq!(reach.misdirected, 3);
        assert_eq!(reach.lost(), 4);
    }

    #[test]
    fn of_what_somebody_never_got_the_last_is_not_known() {
        let mut messages = messages();
        let [_, mut b, mut c, _] = room();
        let number = send(&mut messages, 0, 1, 0, 0);
        messages.delivered(&mut b, number, at(10));
        messages.delivered(&mut c, number, at(20));
        let figures = messages.finish();
        let known = [&figures.first, &figures.median, &figures.last].map(Histogram::count);
        assert_eq!(known, [1, 1, 0]);
    }

    #[test]
    fn what_was_due_outside_the_window_is_not_measured() {
        let mut messages = messages();
        let [_, mut b, mut c, mut d] = room();
        messages.window.begins = at(500);
        let number = send(&mut messages, 0, 1, 100, 100);
        for reader in [&mut b, &mut c, &mut d] {
            messages.delivered(reader, number, at(600));
        }
        messages.acked(number, at(700));
        messages.delivered(&mut d, number, at(800));
        let figures = messages.finish();
        assert_eq!((figures.reach.due, figures.reach.received), (0, 0));
        assert_eq!(
            figures.reach.duplicates, 1,
            "that it came twice is wrong all the same"
        );
        assert!(figures.latency.is_empty() && figures.ack.is_empty() && figures.last.is_empty());
        assert_eq!(figures.seconds[0].arrived, 4);
    }

    #[test]
    fn what_is_done_makes_room_for_the_next() {
        let mut messages = messages();
        let [_, mut b, mut c, mut d] = room();
        for nth in 1..=100 {
            let number = send(&mut messages, 0, nth, 0, 0);
            for reader in [&mut b, &mut c, &mut d] {
                messages.delivered(reader, number, at(5));
            }
            messages.acked(number, at(6));
        }
        assert!(messages.kept.is_empty());
        assert_eq!(messages.spare.len(), 1);
        assert_eq!(messages.acked_since(98, 7).count(), 2);
        assert_eq!(messages.acked_since(0, 8).count(), 0);
        assert!(messages.finish().reach.is_whole());
    }
}
