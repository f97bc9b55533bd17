//! What a server tells its clients of others, and how much of it an inbox sees.
//!
//! Two extensions speak to clients that did nothing: [`BYE`] and [`ROOM_CHANGE`]. A target that has
//! them would fill the inboxes of every scenario that was written without them. So there they are set
//! aside: the history keeps them, and no inbox has them. A scenario that needs such an extension gets
//! all of it.
//!
//! The list of rooms is about everybody on the server, and a scenario is about rooms of its own. So of
//! each list it sees the rooms of its run, and a list that changed elsewhere alone it does not see at all.
//! One that changed nowhere stays: somebody was told nothing new.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chatspec_notation::ast::Scenario;
use chatspec_wire::data::Data;

use crate::history::{Item, Leg};
use crate::plan::Plan;

/// The event that says who left a room, and the capability that it comes with.
pub const BYE: &str = "bye";
/// The event with which a client leaves a room, and the capability that it comes with.
pub const LEAVE_ROOM: &str = "leave_room";
/// The event that lists the rooms, and the capability that it comes with.
pub const ROOM_CHANGE: &str = "room_change";

/// The events that a target with `capabilities` sends and `scenario` was written without.
pub fn aside(scenario: &Scenario, capabilities: &[String]) -> BTreeSet<String> {
    let announced = [BYE, ROOM_CHANGE].into_iter();
    let aside = announced
        .filter(|event| capabilities.iter().any(|has| has == event) && !needs(scenario, event));
    aside.map(str::to_owned).collect()
}

fn needs(scenario: &Scenario, capability: &str) -> bool {
    let mut needs = scenario.needs.iter();
    needs.any(|need| need.value.as_str() == capability)
}

/// What has been told so far.
pub(crate) struct Notices<'p> {
    plan: &'p Plan,
    /// Whether lists are a part of the scenario.
    lists: bool,
    /// The list that each connection was sent last.
    last: BTreeMap<Leg, Listed>,
}

struct Listed {
    whole: Vec<Data>,
    own: Vec<Data>,
}

impl<'p> Notices<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            lists: needs(&plan.source.scenario, ROOM_CHANGE),
            last: BTreeMap::new(),
        }
    }

    /// How the inbox of `leg` sees what arrived next on it; none if not at all.
    pub(crate) fn seen<'i>(&mut self, leg: Leg, item: &'i Item) -> Option<Cow<'i, Item>> {
        match item {
            Item::Event { event, .. } if self.plan.aside.contains(event) => None,
            Item::Raw { text } if self.plan.aside.iter().any(|event| is_raw(text, event)) => None,
            Item::Event { event, args, ack } if self.lists && event == ROOM_CHANGE => {
                let args = self.own_rooms(leg, args)?;
                Some(Cow::Owned(Item::Event {
                    event: event.clone(),
                    args,
                    ack: *ack,
                }))
            }
            _ => Some(Cow::Borrowed(item)),
        }
    }

    /// The arguments, without the rooms of others; none if nothing but those has changed.
    fn own_rooms(&mut self, leg: Leg, whole: &[Data]) -> Option<Vec<Data>> {
        let mut own = whole.to_vec();
        if let [Data::Array(rooms)] = own.as_mut_slice() {
            rooms.retain(|room| !self.is_elsewhere(room));
        }
        let now = Listed {
            whole: whole.to_vec(),
            own: own.clone(),
        };
        let before = self.last.insert(leg, now);
        let is_for_others = |before: &Listed| before.own == own && before.whole.as_slice() != whole;
        (!before.as_ref().is_some_and(is_for_others)).then_some(own)
    }

    /// Whether an entry is about a room of somebody else. What is no entry is nobody else's.
    fn is_elsewhere(&self, entry: &Data) -> bool {
        let Data::Array(entry) = entry else {
            return false;
        };
        let name = entry.first().and_then(Data::as_text);
        name.is_some_and(|name| !name.starts_with(&self.plan.tag))
    }
}

/// Whether a raw packet is this event of the main namespace.
fn is_raw(text: &str, event: &str) -> bool {
    let name = text.strip_prefix("42[\"");
    let rest = name.and_then(|name| name.strip_prefix(event));
    rest.is_some_and(|rest| rest.starts_with('"'))
}
