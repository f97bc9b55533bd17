//! The operations of each line.

use std::collections::BTreeSet;

use chatspec_notation::ast::{
    Act, Connect, Emit, Expect, Fault, Line, Receive, Reply, Step, StepKind, UpTo,
};
use chatspec_notation::span::Span;

use crate::ids::{ActorId, OpId};
use crate::plan::{OpKind, Stage, Wanted};

use super::Expander;
use super::values::{filled, packet, turns};

impl Expander {
    pub(super) fn step(&mut self, step: &Step) {
        match &step.kind {
            StepKind::Together(lines) => {
                let started = self.lanes(lines);
                self.plan.stages.push(Stage::Together(started));
            }
            StepKind::InAnyOrder(lines) => {
                let received = self.lanes(lines);
                // Whoever receives must be connected before the block begins.
                let connects: BTreeSet<_> = received
                    .iter()
                    .flatten()
                    .filter(|op| self.is_connect(**op))
                    .copied()
                    .collect();
                let received = received
                    .into_iter()
                    .map(|lane| {
                        lane.into_iter()
                            .filter(|op| !connects.contains(op))
                            .collect()
                    })
                    .collect();
                self.in_turn(connects.into_iter().collect());
                self.plan.stages.push(Stage::AnyOrder(received));
            }
            _ => {
                for lane in self.line(step) {
                    self.in_turn(lane);
                }
            }
        }
    }

    fn lanes(&mut self, lines: &[Line]) -> Vec<Vec<OpId>> {
        let steps = lines.iter().filter_map(|line| match line {
            Line::Step(step) => Some(step),
            Line::Comment(_) | Line::Blank => None,
        });
        steps.flat_map(|step| self.line(step)).collect()
    }

    /// The operations of one line, a lane for each client it speaks of.
    fn line(&mut self, step: &Step) -> Vec<Vec<OpId>> {
        let outer = self.level;
        if let Some(level) = step.level {
            self.level = outer.min(level.into());
        }
        let span = Some(step.span);
        let lanes = match &step.kind {
            StepKind::Connect(connect) => self.connect(connect, span),
            StepKind::Emit(emit) => self.emit(emit, span),
            StepKind::Receive(receive) => self.receives(receive, span),
            StepKind::UpTo(up_to) => self.up_to(up_to, span),
            StepKind::Nothing(who) => self.each(who, |this, actor| {
                let mut lane = this.connected(actor, span);
                lane.push(this.op(actor, OpKind::Silence { everyone: false }, span));
                lane
            }),
            StepKind::Act(who, act) => self.each(who, |this, actor| {
                let mut lane = this.connected(actor, span);
                if matches!(act, Act::Disconnects | Act::Vanishes) {
                    this.connected.remove(&actor);
                }
                lane.push(this.op(actor, OpKind::Act(*act), span));
                lane
            }),
            StepKind::RawSend(who, raw) => self.each(who, |this, actor| {
                let mut lane = this.connected(actor, span);
                lane.push(this.op(actor, OpKind::RawSend(packet(raw)), span));
                lane
            }),
            StepKind::RawReceive(raw) => self.each(&raw.who, |this, actor| {
                let mut lane = this.connected(actor, span);
                let kind = OpKind::Receive {
                    wanted: Wanted::Raw(packet(&raw.raw)),
                    already: false,
                    within: raw.within,
                };
                lane.push(this.op(actor, kind, span));
                lane
            }),
            StepKind::Http(http) => self.each(&http.who, |this, actor| {
                let kind = OpKind::Http {
                    method: http.method,
                    target: http.target.clone(),
                    body: http.body.clone(),
                    status: http.status,
                    answer: http.answer.clone(),
                };
                vec![this.op(actor, kind, span)]
            }),
            StepKind::Fault(Fault::ServerRestarts) => {
                vec![vec![self.op(ActorId(0), OpKind::RestartServer, span)]]
            }
            StepKind::Fault(Fault::LinkDelays(who, delay)) => self.each(who, |this, actor| {
                vec![this.op(actor, OpKind::DelayLink(*delay), span)]
            }),
            StepKind::Together(_) | StepKind::InAnyOrder(_) => Vec::new(), // the notation forbids nesting
        };
        self.level = outer;
        lanes
    }

    fn connect(&mut self, connect: &Connect, span: Option<Span>) -> Vec<Vec<OpId>> {
        let via = connect.via.unwrap_or(self.plan.case.transport);
        let auth = connect.auth.as_ref().map(|auth| self.pattern(auth, None));
        let namespace = connect
            .to
            .as_ref()
            .map_or_else(|| "/".to_owned(), ToString::to_string);
        self.each(&connect.who, |this, actor| {
            this.connected.insert(actor);
            let kind = OpKind::Connect {
                via,
                auth: auth.clone(),
                namespace: namespace.clone(),
                node: connect.node.unwrap_or_else(|| this.plan.node_of(actor)),
            };
            vec![this.op(actor, kind, span)]
        })
    }

    fn emit(&mut self, emit: &Emit, span: Option<Span>) -> Vec<Vec<OpId>> {
        self.each(&emit.who, |this, actor| {
            let mut lane = this.connected(actor, span);
            for turn in turns(emit.series.as_ref()) {
                let args = this.patterns(&emit.args, turn);
                let ack = emit.reply != Reply::None;
                let event = emit.event.value.to_string();
                let request = this.op(actor, OpKind::Emit { event, args, ack }, span);
                lane.push(request);
                match &emit.reply {
                    Reply::None => {}
                    Reply::Await(args) => {
                        let args = this.patterns(args, turn);
                        let wanted = Wanted::Ack {
                            request,
                            label: None,
                            args,
                        };
                        lane.push(this.receive(actor, wanted, span));
                    }
                    Reply::As(label) => {
                        this.requests
                            .insert((actor, filled(&label.value, turn)), request);
                    }
                }
            }
            lane
        })
    }

    fn receives(&mut self, receive: &Receive, span: Option<Span>) -> Vec<Vec<OpId>> {
        self.each(&receive.who, |this, actor| {
            let mut lane = this.connected(actor, span);
            for turn in turns(receive.series.as_ref()) {
                let wanted = match &receive.what {
                    Expect::Event { event, args } => Wanted::Event {
                        event: event.value.to_string(),
                        args: this.patterns(args, turn),
                    },
                    Expect::Ack { label, args } => {
                        let label = filled(&label.value, turn);
                        let Some(&request) = this.requests.get(&(actor, label.clone())) else {
                            continue;
                        };
                        let args = this.patterns(args, turn);
                        Wanted::Ack {
                            request,
                            label: Some(label),
                            args,
                        }
                    }
                    Expect::ConnectError(value) => Wanted::ConnectError(this.pattern(value, turn)),
                    Expect::Closed => {
                        this.connected.remove(&actor);
                        Wanted::Closed
                    }
                };
                let kind = OpKind::Receive {
                    wanted,
                    already: receive.already,
                    within: receive.within,
                };
                lane.push(this.op(actor, kind, span));
            }
            lane
        })
    }

    fn up_to(&mut self, up_to: &UpTo, span: Option<Span>) -> Vec<Vec<OpId>> {
        self.each(&up_to.who, |this, actor| {
            let mut lane = this.connected(actor, span);
            let count = usize::try_from(up_to.count).unwrap_or(usize::MAX);
            let series = turns(Some(&up_to.series))
                .into_iter()
                .take(count)
                .map(|turn| Wanted::Event {
                    event: up_to.event.value.to_string(),
                    args: this.patterns(&up_to.args, turn),
                });
            let series = series.collect();
            let kind = OpKind::UpTo {
                series,
                or_all: up_to.or_all,
                within: up_to.within,
            };
            lane.push(this.op(actor, kind, span));
            lane
        })
    }
}
