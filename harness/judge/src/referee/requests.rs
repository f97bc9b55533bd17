//! The requests of a run, and what they are called.

use std::collections::{BTreeMap, BTreeSet};

use chatspec_notation::names::Label;

use crate::history::Leg;
use crate::ids::OpId;
use crate::plan::{OpKind, Plan, Wanted};

/// Every request that was sent, by the connection and the acknowledgement id it went out with.
///
/// A request is called what its scenario calls it, if that name is its alone (a group's members
/// share one); else `r1`, `r2` and so on in the order in which they were sent.
pub(crate) struct Requests {
    named: BTreeMap<OpId, String>,
    names: BTreeSet<String>,
    sent: BTreeMap<(Leg, u64), OpId>,
    called: BTreeMap<OpId, String>,
    number: usize,
}

impl Requests {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut owners: BTreeMap<&str, BTreeSet<OpId>> = BTreeMap::new();
        for op in &plan.ops {
            if let OpKind::Receive { wanted, .. } = &op.kind
                && let Wanted::Ack {
                    request,
                    label: Some(label),
                    ..
                } = wanted
            {
                owners.entry(label).or_default().insert(*request);
            }
        }
        let taken = owners.keys().map(ToString::to_string).collect();
        let alone = owners.into_iter().filter_map(|(name, requests)| {
            let only = requests.first().filter(|_| requests.len() == 1)?;
            Some((*only, name.to_owned()))
        });
        Self {
            named: alone.collect(),
            names: taken,
            sent: BTreeMap::new(),
            called: BTreeMap::new(),
            number: 0,
        }
    }

    /// `op` went out on `leg` under `id`.
    pub(crate) fn sent(&mut self, leg: Leg, id: u64, op: OpId) {
        self.sent.insert((leg, id), op);
        self.number += 1;
        let name = self.named.get(&op).cloned().unwrap_or_else(|| {
            let mut name = format!("r{}", self.number);
            // A scenario may call its own requests so.
            while !self.names.insert(name.clone()) {
                name.push('_');
            }
            name
        });
        self.called.insert(op, name);
    }

    /// The request that an acknowledgement on `leg` answers.
    pub(crate) fn answered(&self, leg: Leg, id: u64) -> Option<OpId> {
        self.sent.get(&(leg, id)).copied()
    }

    /// What a request is called, once it was sent.
    pub(crate) fn label(&self, request: OpId) -> Option<Label> {
        self.called
            .get(&request)
            .map(|name| Label::new(name.as_str()))
    }
}
