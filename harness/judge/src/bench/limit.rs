//! Where an objective breaks: which load to try next, and when it is known.
//!
//! The load begins as the plan has it. It is doubled while the objective holds, halved while it does
//! not, and then the load in the middle of what held and what did not is tried (the geometric middle,
//! because it is proportions that matter), until the two are within [`WIDTH`].
//!
//! # How often a load is tried
//! A neighbour on the machine or one collection of garbage can break a percentile of one turn, and a
//! lucky turn can hold what the next would not. No single turn may decide:
//! - a load that did not hold is tried once more before it is believed, at once;
//! - the highest load that held is tried once more at the end. If it does not hold then, it is tried a
//!   third time, and if that does not hold either, the search goes on below it.
//!
//! Both loads that the result names have therefore given their answer twice, in three tries at most
//! (four, if each of the three said something else). All other loads that held were tried once: the load
//! rises from them, so if one of them was luck, a higher one breaks, and the confirmation at the end finds
//! out. One wrong answer, wherever it comes, changes nothing but how long it takes. To try every load twice
//! would take nearly twice as long and know no more.
//!
//! # The harness as the bottleneck
//! A turn that must not be believed ([`doubts`]) is neither held nor broken. Nothing above it is
//! tried, because there the harness could be trusted even less. What is below still is: the target
//! may well break before, and if it does not, the limit is at least what held.
//!
//! # Layout
//! - this file: from plans and turns to loads and verdicts, and back.
//! - `course`: which load comes next.

mod course;

use super::measured::{Ended, Limit, Raised, Step, StepVerdict, Turn};
use super::objective::Objective;
use super::plan::{Pace, Plan};
use super::trust::{Doubt, doubts};

use course::{Course, Tries};

pub use course::{MOST_STEPS, WIDTH};

/// The highest load that is ever asked for. It stops the doubling on a target to which everything
/// is one, and no single machine gets near it.
const HIGHEST: f64 = 10_000_000.0;

/// How often the load of the plan is halved at most.
const HALVINGS: i32 = 10;

/// How many messages must be due in a turn: a percentile of fewer says nothing.
const FEWEST: f64 = 10.0;

/// A search that cannot begin.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LimitError {
    /// There is no rate to raise.
    #[error(
        "the plan has no rate that could be raised: its senders wait for acks (`outstanding`), so the target itself says how fast they are. Give the plan a rate to begin with, or raise the members"
    )]
    NoRate,
    /// The rooms have more members than the harness can connect.
    #[error(
        "each room needs at least {least} members, those who write among them, and the harness can connect no more than {ceiling} in each. Plan fewer rooms or fewer senders, or let it open more files (`ulimit -n`)"
    )]
    Ceiling {
        /// The fewest members of a room with these senders.
        least: u32,
        /// The most that are possible.
        ceiling: u32,
    },
}

/// A search for the load at which an objective breaks.
///
/// Ask for the [`next`](Self::next) load, measure it, say what was [`found`](Self::found), until there
/// is no next one; then [`finish`](Self::finish).
#[derive(Clone, Debug)]
pub struct Search {
    objective: Objective,
    raised: Raised,
    plan: Plan,
    course: Course,
    steps: Vec<Step>,
}

impl Search {
    /// A search that begins with the load of `plan`. Where the members are raised, as many of them
    /// write as in the plan, so that each room has at least these; and it has at most `ceiling`
    /// members, if there is one.
    pub fn new(
        objective: Objective,
        raised: Raised,
        plan: &Plan,
        ceiling: Option<u32>,
    ) -> Result<Self, LimitError> {
        let (start, least, ceiling) = match raised {
            Raised::Rate => {
                let rate = plan.rate().ok_or(LimitError::NoRate)?;
                let least = (FEWEST / plan.duration).max(rate / 2.0_f64.powi(HALVINGS));
                (rate, least.min(rate), rate.max(HIGHEST))
            }
            Raised::Members => {
                let least = plan.senders.max(2);
                if let Some(ceiling) = ceiling.filter(|ceiling| *ceiling < least) {
                    return Err(LimitError::Ceiling { least, ceiling });
                }
                let ceiling = ceiling.map_or(HIGHEST, f64::from);
                (f64::from(plan.members), f64::from(least), ceiling)
            }
        };
        Ok(Self {
            objective,
            raised,
            plan: plan.clone(),
            course: Course::new(raised, start.min(ceiling), least..=ceiling),
            steps: Vec::new(),
        })
    }

    /// The load to try next, as a plan of one turn; None when the search has ended.
    pub fn next(&self) -> Option<Plan> {
        self.course.next().ok().map(|load| self.plan_of(load))
    }

    /// Says what was measured of the load that was to be tried. After the end it is ignored.
    pub fn found(&mut self, turn: Turn) {
        let Ok(load) = self.course.next() else { return };
        let plan = self.plan_of(load);
        let verdict = self.verdict(&turn);
        self.course.found(load, verdict);
        self.steps.push(Step {
            rate: plan.rate().unwrap_or_else(|| sent_a_second(&turn)),
            members: plan.members,
            verdict,
            turn,
        });
    }

    /// The result. Where the search has not ended by itself, nothing more could be measured:
    /// [`Ended::TargetFailed`].
    pub fn finish(self) -> Limit {
        let ended = self.course.next().err().unwrap_or(Ended::TargetFailed);
        Limit {
            objective: self.objective.to_string(),
            raised: self.raised,
            steps: self.steps,
            ended,
        }
    }

    /// What a turn says. A load that was not put on, because members stayed out or messages were not
    /// sent, was not held. If nobody came in, nothing was sent, and that is not the harness's doing.
    fn verdict(&self, turn: &Turn) -> StepVerdict {
        let all_came = turn.joined.members == turn.joined.wanted;
        let is_ours = |doubt: &Doubt| all_came || *doubt != Doubt::Empty;
        if doubts(turn).iter().any(is_ours) {
            StepVerdict::Doubtful
        } else if all_came && turn.reach.sent == turn.reach.due && self.objective.is_met_by(turn) {
            StepVerdict::Held
        } else {
            StepVerdict::Broke
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole members, from 2 to the ceiling"
    )]
    fn plan_of(&self, load: f64) -> Plan {
        let mut plan = self.plan.clone();
        plan.repeats = 1;
        match self.raised {
            Raised::Rate => plan.pace = Pace::Rate(load),
            Raised::Members => plan.members = load as u32,
        }
        plan
    }
}

impl Limit {
    /// The highest load that held, most of the times that it was tried.
    pub fn held(&self) -> Option<&Step> {
        let load = self.tries().iter().rfind(|tries| tries.has_held())?.load;
        self.of(load, StepVerdict::Held)
    }

    /// The lowest load that broke it, most of the times that it was tried.
    pub fn broke(&self) -> Option<&Step> {
        let load = self.tries().iter().find(|tries| tries.has_broken())?.load;
        self.of(load, StepVerdict::Broke)
    }

    fn tries(&self) -> Vec<Tries> {
        let steps = self.steps.iter();
        Tries::of(steps.map(|step| (self.raised.of(step), step.verdict)))
    }

    /// The last try of a load with this verdict.
    fn of(&self, load: f64, verdict: StepVerdict) -> Option<&Step> {
        let is_it =
            |step: &&Step| step.verdict == verdict && self.raised.of(step).total_cmp(&load).is_eq();
        self.steps.iter().rfind(is_it)
    }
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 messages")]
fn sent_a_second(turn: &Turn) -> f64 {
    if turn.measured > 0.0 {
        turn.reach.sent as f64 / turn.measured
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P99: &str = "p99<200ms";

    /// A turn in which everything arrived after so many milliseconds.
    fn turn(millis: u64) -> Turn {
        let mut turn = Turn {
            measured: 10.0,
            ..Turn::default()
        };
        turn.reach.due = 100;
        turn.reach.sent = 100;
        turn.latency.record(millis * 1_000);
        turn
    }

    fn busy() -> Turn {
        let mut turn = turn(1);
        turn.harness.busy = 0.99;
        turn
    }

    fn search(raised: Raised, plan: &Plan, ceiling: Option<u32>) -> Search {
        Search::new(P99.parse().unwrap(), raised, plan, ceiling).unwrap()
    }

    /// Every load, what was said of it, and how it ended.
    fn told(mut search: Search, answer: impl Fn(&Plan) -> Turn) -> String {
        while let Some(plan) = search.next() {
            assert_eq!(plan.repeats, 1);
            search.found(answer(&plan));
        }
        tell(&search.finish())
    }

    fn tell(limit: &Limit) -> String {
        let steps = limit.steps.iter();
        let steps = steps.map(|step| format!("{}: {:?}", limit.raised.of(step), step.verdict));
        let load = |step: Option<&Step>| step.map(|step| limit.raised.of(step));
        let steps: Vec<_> = steps.collect();
        let (held, broke) = (load(limit.held()), load(limit.broke()));
        format!(
            "{}\n{:?}: held {held:?}, broke {broke:?}\n",
            steps.join("\n"),
            limit.ended
        )
    }

    fn knee(rate: f64) -> impl Fn(&Plan) -> Turn {
        move |plan| turn(if plan.rate() <= Some(rate) { 10 } else { 900 })
    }

    #[test]
    fn the_rate_is_doubled_halved_and_narrowed() {
        let plan = Plan::default();
        let above = told(search(Raised::Rate, &plan, None), knee(2_900.0));
        let below = told(search(Raised::Rate, &plan, None), knee(70.0));
        insta::assert_snapshot!(format!("{above}\n{below}"));
    }

    #[test]
    fn members_are_raised_one_by_one_and_their_senders_stay() {
        let plan = Plan {
            senders: 3,
            members: 4,
            pace: Pace::Outstanding(1),
            ..Plan::default()
        };
        let answer = |plan: &Plan| {
            assert_eq!((plan.senders, plan.pace), (3, Pace::Outstanding(1)));
            turn(if plan.members <= 13 { 10 } else { 900 })
        };
        let told = told(search(Raised::Members, &plan, None), answer);
        insta::assert_snapshot!(told);
    }

    #[test]
    fn a_search_ends_at_the_ceiling_and_at_the_floor() {
        let plan = Plan {
            senders: 7,
            ..Plan::default()
        };
        let all = told(search(Raised::Members, &plan, Some(25)), |_| turn(10));
        let none = told(search(Raised::Members, &plan, None), |_| turn(900));
        insta::assert_snapshot!(format!("{all}\n{none}"));
    }

    #[test]
    fn where_the_harness_is_the_bottleneck_nothing_is_broken() {
        let plan = Plan::default();
        let answer = |plan: &Plan| match plan.rate() {
            Some(rate) if rate <= 1_300.0 => turn(10),
            _ => busy(),
        };
        let limited = told(search(Raised::Rate, &plan, None), answer);
        let nothing = told(search(Raised::Rate, &plan, None), |_| busy());
        let broke = |plan: &Plan| match plan.rate() {
            Some(rate) if rate <= 600.0 => turn(10),
            Some(rate) if rate <= 900.0 => turn(900),
            _ => busy(),
        };
        let below = told(search(Raised::Rate, &plan, None), broke);
        insta::assert_snapshot!(format!("{limited}\n{nothing}\n{below}"));
    }

    #[test]
    fn a_load_that_was_not_put_on_was_not_held() {
        let judged = |turn: &Turn| search(Raised::Rate, &Plan::default(), None).verdict(turn);
        let mut stayed_out = turn(10);
        stayed_out.joined.wanted = 10;
        stayed_out.joined.members = 9;
        assert_eq!(judged(&stayed_out), StepVerdict::Broke);
        let mut nobody = Turn::default();
        nobody.joined.wanted = 10;
        assert_eq!(judged(&nobody), StepVerdict::Broke);
        let mut unsent = turn(10);
        unsent.reach.due += 1;
        assert_eq!(judged(&unsent), StepVerdict::Broke);
        assert_eq!(judged(&Turn::default()), StepVerdict::Doubtful);
        assert_eq!(judged(&turn(10)), StepVerdict::Held);
    }

    #[test]
    fn a_lucky_turn_is_found_out_by_its_confirmation() {
        let plan = Plan::default();
        let search = search(Raised::Rate, &plan, None);
        let lucky = std::cell::Cell::new(true);
        let told = told(search, |plan| match plan.rate() {
            Some(rate) if rate <= 700.0 => turn(10),
            Some(1_000.0) if lucky.replace(false) => turn(10),
            _ => turn(900),
        });
        insta::assert_snapshot!(told);
    }

    #[test]
    fn who_ends_it_early_could_not_measure_any_more() {
        let plan = Plan::default();
        let mut search = search(Raised::Rate, &plan, None);
        search.found(turn(10));
        let limit = search.finish();
        assert_eq!(limit.ended, Ended::TargetFailed);
        assert_eq!(limit.held().map(|step| step.rate), Some(500.0));
        assert_eq!(limit.broke(), None);
        assert_eq!(limit.objective, P99);
    }

    #[test]
    fn what_cannot_be_searched_is_refused() {
        let plan = Plan {
            pace: Pace::Outstanding(1),
            ..Plan::default()
        };
        let objective: Objective = P99.parse().unwrap();
        let said = [
            Search::new(objective, Raised::Rate, &plan, None),
            Search::new(objective, Raised::Members, &plan, Some(9)),
        ]
        .map(|search| search.unwrap_err().to_string());
        insta::assert_snapshot!(said.join("\n"));
    }
}
