//! Round trips of one kind on one connection.

use crate::ids::Seq;

/// Flushes or fences, in the order in which they began.
#[derive(Default)]
pub(super) struct Trips {
    trips: Vec<Trip>,
}

struct Trip {
    id: u64,
    begun: Seq,
    /// When it was answered; once sealed, when the first of this and the later ones was.
    answered: Option<Seq>,
}

impl Trips {
    pub(super) fn begin(&mut self, id: u64, begun: Seq) {
        let answered = None;
        self.trips.push(Trip {
            id,
            begun,
            answered,
        });
    }

    pub(super) fn answer(&mut self, id: u64, at: Seq) {
        // Answers come soon, so that the search from the end is short.
        let open = self.trips.iter_mut().rev().find(|trip| trip.id == id);
        if let Some(trip) = open {
            trip.answered.get_or_insert(at);
        }
    }

    /// All have begun that will.
    pub(super) fn seal(&mut self) {
        let mut soonest: Option<Seq> = None;
        for trip in self.trips.iter_mut().rev() {
            soonest = [soonest, trip.answered].into_iter().flatten().min();
            trip.answered = soonest;
        }
    }

    /// When the first that began after `seq` was answered. For a sealed one.
    pub(super) fn after(&self, seq: Seq) -> Option<Seq> {
        let first = self.trips.partition_point(|trip| trip.begun <= seq);
        self.trips.get(first)?.answered
    }
}
