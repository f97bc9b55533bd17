//! What one client was sent and has not yet taken.

use std::collections::VecDeque;

use crate::history::{Item, Leg};
use crate::ids::Seq;

/// One strictly ordered inbox.
#[derive(Default)]
pub(super) struct Inbox {
    items: VecDeque<Letter>,
    /// The item that was received last.
    last: Option<Item>,
}

/// An item and how it came.
#[derive(Clone)]
pub(super) struct Letter {
    pub(super) leg: Leg,
    pub(super) seq: Seq,
    /// The stage under way when it came.
    pub(super) stage: Option<usize>,
    pub(super) item: Item,
}

impl Inbox {
    pub(super) fn push(&mut self, letter: Letter) {
        self.items.push_back(letter);
    }

    /// Takes the front off.
    pub(super) fn take(&mut self) -> Option<Letter> {
        self.items.pop_front()
    }

    /// Puts the front back.
    pub(super) fn give_back(&mut self, letter: Letter) {
        self.items.push_front(letter);
    }

    /// The front that was taken off was received.
    pub(super) fn received(&mut self, item: Item) {
        self.last = Some(item);
    }

    /// Whether the front is the end of the connection.
    pub(super) fn is_closed_next(&self) -> bool {
        let next = self.items.front();
        next.is_some_and(|letter| matches!(letter.item, Item::Closed { .. }))
    }

    /// Whether the item received last was just like this one.
    pub(super) fn repeats(&self, item: &Item) -> bool {
        self.last.as_ref() == Some(item)
    }

    /// Everything unread.
    pub(super) fn empty(&mut self) -> VecDeque<Letter> {
        std::mem::take(&mut self.items)
    }
}
