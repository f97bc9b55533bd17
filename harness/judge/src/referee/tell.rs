//! Findings in words: what was broken, what the line allows, what came instead.

use crate::history::{Item, Leg};
use crate::ids::{ActorId, OpId, Seq};
use crate::pattern::Captures;
use crate::plan::{Plan, Wanted};
use crate::verdict::{Level, Rule, SourceLine, Violation};

use super::inbox::Letter;
use super::requests::Requests;
use super::slot::Due;
use super::words;

/// Writes violations of a plan.
pub(super) struct Teller<'a> {
    pub(super) plan: &'a Plan,
    pub(super) requests: &'a Requests,
    /// As far as they are settled.
    pub(super) captures: Captures,
}

impl Teller<'_> {
    /// A client waited for one thing and came upon another. `due` is what it waited for, `op` the
    /// line that this is held against.
    pub(super) fn mismatch(&self, op: OpId, due: &[Due], letter: &Letter) -> Violation {
        let Letter { leg, item, .. } = letter;
        let name = self.leg(*leg);
        let (rule, summary) = match item {
            Item::Closed { cause } => (Rule::Closed, lost(&name, cause)),
            Item::Broken { cause } => (Rule::BrokenPacket, broken(&name, cause)),
            item => (
                Rule::Mismatch,
                format!(
                    "{name} waited for {}, and next came {}",
                    words::any_of(due.iter().map(|due| self.what(*due)).collect()),
                    self.instead(due, *leg, item),
                ),
            ),
        };
        let mut violation = self.violation(rule, Some(op), &summary, vec![letter.seq]);
        violation.expected = self.expected(due);
        violation.actual = vec![self.arrival(*leg, item)];
        violation
    }

    /// Something came that no line takes. `op` is the line it is held against.
    pub(super) fn unexpected(&self, op: OpId, letter: &Letter) -> Violation {
        let Letter { leg, item, .. } = letter;
        let name = self.leg(*leg);
        let (rule, summary) = match item {
            Item::Closed { cause } => (Rule::Closed, lost(&name, cause)),
            Item::Broken { cause } => (Rule::BrokenPacket, broken(&name, cause)),
            item => {
                let what = words::item(item, self.whose(*leg, item));
                let summary = format!("{name} received {what} that no line takes");
                (Rule::Unexpected, summary)
            }
        };
        let mut violation = self.violation(rule, Some(op), &summary, vec![letter.seq]);
        if violation.line.is_none() {
            violation.line = self.under_way(letter.stage);
        }
        violation.expected = vec![format!("{name} <- nothing")];
        violation.actual = vec![self.arrival(*leg, item)];
        violation
    }

    /// The item came, and should have been here before.
    pub(super) fn late(&self, due: Due, fenced: Option<Seq>, letter: &Letter) -> Violation {
        let (name, what) = (self.leg(letter.leg), self.what(due));
        let summary = format!("{name} should already hold {what}, and it came later");
        let evidence = fenced.into_iter().chain([letter.seq]).collect();
        let mut violation = self.violation(Rule::Late, Some(due.op), &summary, evidence);
        violation.expected = self.expected(&[due]);
        violation.actual = vec![self.arrival(letter.leg, &letter.item)];
        violation.notes.push(words::LATE.to_owned());
        violation
    }

    /// The item never came between the events `began` and `ended`. `fenced` says when it should have
    /// been here, if it should.
    pub(super) fn missing(
        &self,
        actor: ActorId,
        due: &[Due],
        [began, ended]: [Seq; 2],
        fenced: Option<Seq>,
    ) -> Violation {
        let name = &self.plan.actor(actor).name;
        let what = words::any_of(due.iter().map(|due| self.what(*due)).collect());
        let (rule, summary) = if fenced.is_some() {
            let summary = format!("{name} should already hold {what}, and holds nothing");
            (Rule::Late, summary)
        } else {
            let summary = format!("{name} waited for {what}, and nothing came");
            (Rule::Missing, summary)
        };
        let evidence = [Some(began), fenced, Some(ended)];
        let evidence = evidence.into_iter().flatten().collect();
        let op = due.first().map(|due| due.op);
        let mut violation = self.violation(rule, op, &summary, evidence);
        violation.expected = self.expected(due);
        violation
    }

    pub(super) fn connect_failed(
        &self,
        op: Option<OpId>,
        leg: Leg,
        cause: &str,
        seq: Seq,
    ) -> Violation {
        let summary = format!("{} could not connect: {cause}", self.leg(leg));
        self.violation(Rule::ConnectFailed, op, &summary, vec![seq])
    }

    pub(super) fn proof_failed(&self, op: OpId, leg: Leg, what: &str, seq: Seq) -> Violation {
        let summary = format!("{} {what}", self.leg(leg));
        let mut violation = self.violation(Rule::ProofFailed, Some(op), &summary, vec![seq]);
        violation.notes.push(words::NO_PROOF.to_owned());
        violation
    }

    pub(super) fn http(
        &self,
        op: OpId,
        wanted: (u16, Option<&str>),
        answer: &Result<(u16, String), String>,
        seq: Seq,
    ) -> Violation {
        let summary = match answer {
            Ok(_) => "the HTTP answer is not what the line says".to_owned(),
            Err(cause) => format!("the HTTP request was not answered: {cause}"),
        };
        let mut violation = self.violation(Rule::HttpAnswer, Some(op), &summary, vec![seq]);
        violation.expected = vec![words::http(wanted.0, wanted.1)];
        if let Ok((status, body)) = answer {
            violation.actual = vec![words::http(*status, Some(body))];
        }
        violation
    }

    pub(super) fn died(&self, op: Option<OpId>, cause: &str, seq: Seq) -> Violation {
        let (how, printed) = cause.split_once('\n').unwrap_or((cause, ""));
        let summary = format!("the server died: {how}");
        let mut violation = self.violation(Rule::ServerDied, op, &summary, vec![seq]);
        // A server that dies takes everybody with it: no line can allow that.
        violation.level = self.case();
        violation.notes.extend(printed.lines().map(str::to_owned));
        violation
    }

    pub(super) fn case(&self) -> Level {
        self.plan.source.scenario.level.into()
    }

    /// The label of the request that an ack answers.
    fn whose(&self, leg: Leg, item: &Item) -> Option<String> {
        let Item::Ack { id, .. } = item else {
            return None;
        };
        let request = self.requests.answered(leg, *id)?;
        self.requests.label(request).map(|label| label.to_string())
    }

    /// What came instead of `due`: of the same kind it is another.
    fn instead(&self, due: &[Due], leg: Leg, item: &Item) -> String {
        let what = words::item(item, self.whose(leg, item));
        let wanted = due.iter().filter_map(|due| due.wanted(self.plan));
        for wanted in wanted {
            match (wanted, item) {
                (Wanted::Event { event, .. }, Item::Event { event: got, .. }) if event == got => {
                    return format!("another {what}");
                }
                (Wanted::Ack { request, .. }, Item::Ack { id, .. })
                    if self.requests.answered(leg, *id) == Some(*request) =>
                {
                    return format!("{what} with other arguments");
                }
                (Wanted::ConnectError(_), Item::ConnectError { .. })
                | (Wanted::Raw(_), Item::Raw { .. }) => {
                    return "another".to_owned();
                }
                _ => {}
            }
        }
        what
    }

    fn what(&self, due: Due) -> String {
        words::what(due.wanted(self.plan))
    }

    fn expected(&self, due: &[Due]) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for due in due {
            lines.extend(words::receive(
                self.plan,
                *due,
                self.requests,
                &self.captures,
            ));
            if due.or_closed(self.plan) {
                lines.push(words::closed(self.plan, *due));
            }
        }
        lines.dedup();
        lines
    }

    fn arrival(&self, leg: Leg, item: &Item) -> String {
        words::arrival(self.plan, leg, item, self.requests)
    }

    fn leg(&self, leg: Leg) -> String {
        words::leg(self.plan, leg)
    }

    /// The line under way in a stage: its own, or, of what the harness added, the one before.
    pub(super) fn under_way(&self, stage: Option<usize>) -> Option<SourceLine> {
        let stages = self.plan.stages.get(..=stage?)?;
        let mut ops = stages.iter().rev().filter_map(|stage| stage.ops().next());
        ops.find_map(|op| self.plan.line(self.plan.op(op)))
    }

    fn violation(
        &self,
        rule: Rule,
        op: Option<OpId>,
        summary: &str,
        evidence: Vec<Seq>,
    ) -> Violation {
        let found = op.map(|op| self.plan.op(op));
        Violation {
            rule,
            level: found.map_or(self.case(), |op| op.level),
            summary: words::one_line(summary),
            line: found.and_then(|op| self.plan.line(op)),
            expected: Vec::new(),
            actual: Vec::new(),
            notes: Vec::new(),
            evidence,
        }
    }
}

fn lost(name: &str, cause: &str) -> String {
    format!("{name} lost its connection: {cause}")
}

fn broken(name: &str, cause: &str) -> String {
    format!("{name} was sent a broken packet: {cause}")
}
