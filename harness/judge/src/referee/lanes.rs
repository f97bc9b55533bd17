//! What a stage still waits for: lanes of items, each lane in its own order, the lanes of one
//! client interleaved in any way.
//!
//! When two lanes could take the same item, no choice is made: every way in which the items so far
//! may have been divided among the lanes is kept, until a later item rules it out. A choice made
//! early would accuse a right server.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::history::Item;
use crate::ids::{ActorId, OpId};
use crate::pattern::Captures;
use crate::plan::{Plan, Stage};

use super::bindings::Bindings;
use super::slot::{Due, Request, Slot, Used};

/// So many ways are kept at most. Lines that differ in nothing count as one, so that this takes a
/// block of a dozen lines that all begin with `_`.
const WAYS: usize = 10_000;

/// The receives of one stage.
pub(super) struct Lanes {
    groups: Vec<Group>,
    of: BTreeMap<ActorId, usize>,
    /// How many groups still wait for something.
    open: usize,
}

/// Lanes that are matched together: those of one client, or those of all clients where a capture
/// that the stage binds ties them to each other.
struct Group {
    lanes: Vec<Lane>,
    /// Lanes that differ in nothing, so that it makes no difference which of them takes an item.
    alike: Vec<Vec<usize>>,
    /// How many slots each lane may have used up, and what the captures then stand for.
    ways: Ways,
    done: bool,
}

type Ways = BTreeMap<Vec<usize>, Vec<Captures>>;

struct Lane {
    actor: ActorId,
    slots: Vec<Slot>,
}

/// What became of an item.
pub(super) enum Take {
    /// A lane took it.
    Taken,
    /// A lane took it, and it should have been here before.
    Late(Due),
    /// No lane waits for it.
    Refused,
    /// There are too many ways to read the block.
    TooMany,
}

impl Lanes {
    /// The lanes of `stage`, with what captures may stand for by now.
    pub(super) fn new(plan: &Plan, stage: &Stage, bindings: &Bindings) -> Self {
        let one;
        let lanes: &[Vec<OpId>] = match stage {
            Stage::One(op) => {
                one = [vec![*op]];
                &one
            }
            Stage::Together(lanes) | Stage::AnyOrder(lanes) => lanes,
        };
        let mut found = Vec::new();
        for lane in lanes {
            let mut slots: BTreeMap<ActorId, Vec<Slot>> = BTreeMap::new();
            for &op in lane {
                let of_actor = slots.entry(plan.op(op).actor).or_default();
                of_actor.extend(Slot::all_of(plan, op));
            }
            let lanes = slots.into_iter().filter(|(_, slots)| !slots.is_empty());
            found.extend(lanes.map(|(actor, slots)| Lane { actor, slots }));
        }
        let mut slots = found.iter().flat_map(|lane| &lane.slots);
        let settled = bindings.settled();
        let tied = found.len() > 1 && slots.any(|slot| slot.binds(plan, &settled));
        let mut groups: Vec<Group> = Vec::new();
        let mut of = BTreeMap::new();
        for lane in found {
            let known = if tied && !groups.is_empty() {
                Some(0)
            } else {
                of.get(&lane.actor).copied()
            };
            let index = known.unwrap_or(groups.len());
            of.insert(lane.actor, index);
            match groups.get_mut(index) {
                Some(group) => group.lanes.push(lane),
                None => groups.push(Group::of(lane)),
            }
        }
        for group in &mut groups {
            group.begin(plan, bindings);
        }
        let open = groups.len();
        Self { groups, of, open }
    }

    /// Whether nothing more is waited for.
    pub(super) const fn satisfied(&self) -> bool {
        self.open == 0
    }

    /// Whether the stage still waits for something of `actor`.
    pub(super) fn waits_for(&self, actor: ActorId) -> bool {
        self.group(actor).is_some_and(|group| !group.has_all(actor))
    }

    /// The clients that the stage is about.
    pub(super) fn actors(&self) -> Vec<ActorId> {
        self.of.keys().copied().collect()
    }

    /// The clients that still wait for something.
    pub(super) fn waiting(&self) -> Vec<ActorId> {
        let mut actors = self.actors();
        actors.retain(|actor| self.waits_for(*actor));
        actors
    }

    /// Whether anything is to be here already.
    pub(super) fn has_already(&self) -> bool {
        let mut lanes = self.groups.iter().flat_map(|group| &group.lanes);
        lanes.any(|lane| lane.slots.iter().any(|slot| slot.already))
    }

    /// What `actor` may receive next.
    pub(super) fn due(&self, actor: ActorId) -> Vec<Due> {
        let Some(group) = self.group(actor) else {
            return Vec::new();
        };
        let due = group.ways.keys().flat_map(|way| group.heads(way, actor));
        let due: BTreeSet<Due> = due.map(|(_, slot)| slot.due()).collect();
        due.into_iter().collect()
    }

    /// All that `actor` has not received, in the way that speaks best for the server: that in which
    /// least is missing.
    pub(super) fn unmet(&self, actor: ActorId) -> Vec<Vec<Due>> {
        let Some(group) = self.group(actor) else {
            return Vec::new();
        };
        let best = group.ways.keys().min_by_key(|way| {
            let rest = group.rest(way, actor).map(<[Slot]>::len).sum::<usize>();
            (rest, Reverse((*way).clone()))
        });
        let rest = best.into_iter().flat_map(|way| group.rest(way, actor));
        rest.map(|slots| slots.iter().map(Slot::due).collect())
            .collect()
    }

    /// What the captures may stand for at the end of the stage; none where it did not touch them.
    pub(super) fn bindings(&self) -> Option<Bindings> {
        let [group] = self.groups.as_slice() else {
            return None;
        };
        let mut ways = group.ways.iter();
        let complete = ways.clone().any(|(way, _)| group.is_complete(way));
        let left = ways
            .by_ref()
            .filter(|(way, _)| !complete || group.is_complete(way));
        Bindings::any_of(left.flat_map(|(_, bindings)| bindings))
    }

    /// Asks nothing more of `actor`.
    pub(super) fn excuse(&mut self, actor: ActorId) {
        let Some(index) = self.of.remove(&actor) else {
            return;
        };
        if let Some(group) = self.groups.get_mut(index) {
            for lane in group.lanes.iter_mut().filter(|lane| lane.actor == actor) {
                lane.slots.clear();
            }
        }
        self.settle(index);
    }

    /// Takes `item` for `actor`, if some lane waits for it. `late`: a fence that it had to precede
    /// was answered before it came.
    pub(super) fn take(
        &mut self,
        plan: &Plan,
        actor: ActorId,
        item: &Item,
        answered: Request,
        late: bool,
    ) -> Take {
        let Some(&index) = self.of.get(&actor) else {
            return Take::Refused;
        };
        let Some(group) = self.groups.get_mut(index) else {
            return Take::Refused;
        };
        let in_time = group.step(actor, |slot, captures| {
            if late && slot.already {
                return None;
            }
            slot.takes(plan, item, answered, captures)
        });
        let (ways, take) = if let Some((ways, _)) = in_time {
            (ways, Take::Taken)
        } else {
            let in_any_time = group.step(actor, |slot, captures| {
                slot.takes(plan, item, answered, captures)
            });
            match in_any_time.filter(|_| late) {
                Some((ways, due)) => (ways, Take::Late(due)),
                None => return Take::Refused,
            }
        };
        if ways.values().map(Vec::len).sum::<usize>() > WAYS {
            return Take::TooMany;
        }
        group.ways = ways;
        self.settle(index);
        take
    }

    /// Takes `item` although it is not as it should be, if it is what `actor` waits for in kind: the
    /// same event, or the ack of the same request.
    pub(super) fn take_for_kind(
        &mut self,
        plan: &Plan,
        actor: ActorId,
        item: &Item,
        answered: Request,
    ) -> bool {
        let Some(&index) = self.of.get(&actor) else {
            return false;
        };
        let step = self.groups.get(index).and_then(|group| {
            group.step(actor, |slot, _| {
                let alike = slot.due().is_of_the_kind(plan, item, answered);
                alike.then_some(Used::One)
            })
        });
        let Some((ways, _)) = step else { return false };
        if let Some(group) = self.groups.get_mut(index) {
            group.ways = ways;
        }
        self.settle(index);
        true
    }

    fn group(&self, actor: ActorId) -> Option<&Group> {
        self.groups.get(*self.of.get(&actor)?)
    }

    fn settle(&mut self, index: usize) {
        if let Some(group) = self.groups.get_mut(index)
            && !group.done
            && group.ways.keys().any(|way| group.is_complete(way))
        {
            group.done = true;
            self.open -= 1;
        }
    }
}

impl Group {
    fn of(lane: Lane) -> Self {
        Self {
            lanes: vec![lane],
            alike: Vec::new(),
            ways: Ways::new(),
            done: false,
        }
    }

    fn begin(&mut self, plan: &Plan, bindings: &Bindings) {
        self.ways = Ways::from([(vec![0; self.lanes.len()], bindings.all().to_vec())]);
        for (index, lane) in self.lanes.iter().enumerate() {
            let like = |class: &&mut Vec<usize>| {
                let known = class.first().and_then(|first| self.lanes.get(*first));
                known.is_some_and(|known| {
                    known.actor == lane.actor && Slot::same(plan, &known.slots, &lane.slots)
                })
            };
            match self.alike.iter_mut().find(like) {
                Some(class) => class.push(index),
                None => self.alike.push(vec![index]),
            }
        }
        self.alike.retain(|class| class.len() > 1);
    }

    /// Every way that is left when a lane of `actor` takes one more item, and the first slot that
    /// did; `None` if none does.
    fn step(
        &self,
        actor: ActorId,
        takes: impl Fn(&Slot, &mut Captures) -> Option<Used>,
    ) -> Option<(Ways, Due)> {
        let mut ways = Ways::new();
        let mut first = None;
        for (way, alternatives) in &self.ways {
            for captures in alternatives {
                for (lane, slot) in self.heads(way, actor) {
                    let mut bound = captures.clone();
                    let Some(used) = takes(slot, &mut bound) else {
                        continue;
                    };
                    let mut after = way.clone();
                    after[lane] = match used {
                        Used::One => way[lane] + 1,
                        Used::AllThatIsLeft => self.lanes[lane].slots.len(),
                    };
                    self.canonical(&mut after);
                    first.get_or_insert(slot.due());
                    let known = ways.entry(after).or_default();
                    if !known.contains(&bound) {
                        known.push(bound);
                    }
                }
            }
        }
        Some((ways, first?))
    }

    /// The next slot of each lane of `actor`, with the lane's index; of lanes that are alike and
    /// equally far, one.
    fn heads<'a>(
        &'a self,
        way: &'a [usize],
        actor: ActorId,
    ) -> impl Iterator<Item = (usize, &'a Slot)> + 'a {
        let lanes = self.lanes.iter().zip(way).enumerate();
        lanes.filter_map(move |(index, (lane, &used))| {
            if lane.actor != actor || self.has_twin_before(way, index) {
                return None;
            }
            Some((index, lane.slots.get(used)?))
        })
    }

    /// What is left of each lane of `actor`.
    fn rest<'a>(
        &'a self,
        way: &'a [usize],
        actor: ActorId,
    ) -> impl Iterator<Item = &'a [Slot]> + 'a {
        let lanes = self.lanes.iter().zip(way);
        lanes
            .filter(move |(lane, _)| lane.actor == actor)
            .filter_map(|(lane, &used)| lane.slots.get(used..))
            .filter(|slots| !slots.is_empty())
    }

    fn has_twin_before(&self, way: &[usize], index: usize) -> bool {
        let class = self.alike.iter().find(|class| class.contains(&index));
        let Some(class) = class else { return false };
        let before = class.iter().take_while(|other| **other < index);
        before.into_iter().any(|other| way[*other] == way[index])
    }

    /// Among lanes that are alike, the first are the furthest.
    fn canonical(&self, way: &mut [usize]) {
        for class in &self.alike {
            let mut used: Vec<usize> = class.iter().map(|lane| way[*lane]).collect();
            used.sort_unstable_by_key(|used| Reverse(*used));
            for (lane, used) in class.iter().zip(used) {
                way[*lane] = used;
            }
        }
    }

    fn has_all(&self, actor: ActorId) -> bool {
        self.done
            || self.ways.keys().any(|way| {
                let mut lanes = self.lanes.iter().zip(way);
                lanes.all(|(lane, used)| lane.actor != actor || *used >= lane.slots.len())
            })
    }

    fn is_complete(&self, way: &[usize]) -> bool {
        let mut lanes = self.lanes.iter().zip(way);
        lanes.all(|(lane, used)| *used >= lane.slots.len())
    }
}
