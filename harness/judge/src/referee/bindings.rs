//! What captures may stand for.

use crate::pattern::Captures;

/// Every reading that what came so far leaves open: where a block can be read in several ways, its
/// captures can too, and what comes later may tell which is meant.
#[derive(Clone)]
pub(super) struct Bindings {
    /// Never none.
    readings: Vec<Captures>,
}

impl Bindings {
    pub(super) fn new() -> Self {
        Self {
            readings: vec![Captures::new()],
        }
    }

    /// The different ones of these; `None` for none.
    pub(super) fn any_of<'a>(readings: impl Iterator<Item = &'a Captures>) -> Option<Self> {
        let mut different: Vec<Captures> = Vec::new();
        for reading in readings {
            if !different.contains(reading) {
                different.push(reading.clone());
            }
        }
        (!different.is_empty()).then_some(Self {
            readings: different,
        })
    }

    pub(super) fn all(&self) -> &[Captures] {
        &self.readings
    }

    /// The reading that is sent, when something has to be.
    pub(super) fn first(&self) -> &Captures {
        &self.readings[0]
    }

    /// What all readings agree on.
    pub(super) fn settled(&self) -> Captures {
        let mut settled = self.first().clone();
        for reading in &self.readings {
            settled.retain(|name, bound| reading.get(name) == Some(&*bound));
        }
        settled
    }

    /// Only those in which `holds`; all, if it holds in none.
    pub(super) fn keep(&mut self, holds: impl Fn(&Captures) -> bool) {
        if self.readings.iter().any(&holds) {
            self.readings.retain(holds);
        }
    }
}
