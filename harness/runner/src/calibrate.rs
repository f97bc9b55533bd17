//! What has to be known about a target before its cases: how fast it answers, whether it takes the
//! events of one client in order, and how long what is said on one of its nodes takes to another.
//!
//! Nothing here is a verdict. What goes wrong is left for the cases to find, and the measurement
//! ends there.

mod another;

use std::sync::Arc;
use std::time::Duration;

use chatspec_judge::expand::{ENTER_ROOM, NEW_MESSAGE, WELCOME};
use chatspec_judge::history::{Event, Item, Kind, Leg};
use chatspec_judge::ids::ActorId;
use chatspec_judge::verdict::{AcrossNodes, Calibration};
use chatspec_notation::ast::Transport;
use chatspec_wire::data::Data;
use tokio::time::timeout_at;

use crate::client::{Client, Opening};
use crate::clock::{self, Allowance, Clock, LagMeter};
use crate::log::Log;
use crate::target::dialect::Company;
use crate::target::dialect::template::Bindings;
use crate::target::{Endpoint, Manners, Nodes};

/// How often the round trip is taken: enough for a median that one slow wake-up does not move.
const ROUND_TRIPS: usize = 15;

/// Rounds of pipelined messages, and messages in each. A server that handles a client's events in
/// tasks of their own reordered every single round of this size.
const ORDER_ROUNDS: usize = 3;
const PIPELINED: usize = 50;

/// Rounds in which an effect is looked for behind flush and fence.
const EFFECT_ROUNDS: usize = 10;

/// How long an answer may take here. A slower target is not calibrated, only judged.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long all rounds may take: a target that needs a tenth of a second for each message shows what
/// it does in fewer of them.
const BUDGET: Duration = Duration::from_secs(4);

/// How much longer than its worst measured lag a concurrent target is waited for. The worst of a
/// few rounds is not the worst there is; four times it held in all trials.
const SAFETY: u32 = 4;

/// The least that is waited for a concurrent target, whose lag is a matter of scheduling: a few
/// time slices of a busy machine.
const LEAST_WINDOW: Duration = Duration::from_millis(30);

/// Messages that cross from each node to the next, one at a time, and in a burst behind them.
const CROSSINGS: usize = 20;

/// Measures the target at `nodes`, over one transport. `tag` begins the names of the rooms it uses.
pub(crate) async fn calibrate(
    nodes: &Nodes,
    over: Transport,
    tag: &str,
    lag: &LagMeter,
    manners: &Manners,
) -> (Calibration, Strangers) {
    let mut found = Calibration {
        round_trip_us: 0,
        worst_round_trip_us: 0,
        concurrent: false,
        quiet_window_us: 0,
        across_nodes: None,
    };
    let patience = Allowance::new(PATIENCE, lag.clone());
    let mut bench = Bench::new(nodes.first(), nodes.first(), over, &patience, manners, tag);
    let mut strangers = Strangers::Heard;
    let measured = if manners.are_plain() {
        bench.measure(tag, &mut found).await
    } else {
        bench
            .measure_another(tag, manners, &mut found, &mut strangers)
            .await
    };
    if let Err(Gone) = measured {
        tracing::debug!("the calibration ended early; the cases will say why");
    }
    bench.leave().await;
    found.across_nodes = across(nodes, over, tag, &patience, manners).await;
    (found, strangers)
}

/// What comes of a message to a room where its author is not, nor anybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strangers {
    /// It is answered as any message is.
    Heard,
    /// It is answered, and not as a message is.
    Refused,
    /// Nothing comes of it, or it cannot be sent without being heard.
    Ignored,
}

/// What was measured between nodes, in microseconds.
#[derive(Default)]
struct Crossings {
    /// From the emit of a message, with nothing else under way.
    alone: Vec<u64>,
    /// From the ack of a message in a burst.
    behind_acks: Vec<u64>,
}

/// How long messages take from each node to the next; none where there is one node.
async fn across(
    nodes: &Nodes,
    over: Transport,
    tag: &str,
    patience: &Allowance,
    manners: &Manners,
) -> Option<AcrossNodes> {
    let all: Vec<_> = nodes.iter().collect();
    if all.len() < 2 {
        return None;
    }
    let mut found = Crossings::default();
    for (index, from) in all.iter().enumerate() {
        let to = all[(index + 1) % all.len()];
        let room = format!("{tag}-crossing-{index}");
        let mut bench = Bench::new(from, to, over, patience, manners, &room);
        if let Err(Gone) = bench.crossings(&room, &mut found).await {
            tracing::debug!("not everything crossed from node to node; the cases will say why");
        }
    }
    let crossings = &mut found.alone;
    crossings.sort_unstable();
    let worst = crossings.last().copied().unwrap_or_default();
    let longest = found.behind_acks.iter().copied().fold(worst, u64::max);
    let window = (Duration::from_micros(longest) * SAFETY).max(LEAST_WINDOW);
    Some(AcrossNodes {
        nodes: u32::try_from(all.len()).unwrap_or(u32::MAX),
        crossing_us: crossings
            .get(crossings.len() / 2)
            .copied()
            .unwrap_or_default(),
        worst_crossing_us: worst,
        quiet_window_us: clock::micros(window),
    })
}

/// The target did something that the measurement cannot go on from.
struct Gone;

struct Bench {
    patience: Allowance,
    clock: Clock,
    log: Log,
    speaker: Client,
    listener: Client,
    seen: usize,
    /// The time of the last event looked at.
    at_us: u64,
    /// Welcomes looked at so far.
    welcomes: usize,
    /// The numbers of the messages heard so far.
    relays: Vec<usize>,
}

const SPEAKER: ActorId = ActorId(0);
const LISTENER: ActorId = ActorId(1);

/// Two names, since not every chat has namesakes.
fn named(actor: ActorId) -> &'static str {
    if actor == SPEAKER { "CalOne" } else { "CalTwo" }
}

impl Bench {
    /// A bench whose speaker and listener sit at these endpoints.
    fn new(
        speaks_at: &Endpoint,
        listens_at: &Endpoint,
        over: Transport,
        patience: &Allowance,
        manners: &Manners,
        room: &str,
    ) -> Self {
        let clock = Clock::start();
        let log = Log::new(clock);
        let names = [SPEAKER, LISTENER].map(|actor| named(actor).to_owned());
        let company = Arc::new(Company::named(names));
        let open = |actor, endpoint| {
            let guest = Bindings {
                nickname: Some(Data::from(named(actor))),
                room: Some(Data::from(room)),
                ..Bindings::default()
            };
            let connection = &manners.connection;
            let namespace = connection.namespace(&guest);
            let opening = Opening {
                transport: over,
                auth: connection.auth(&guest),
                namespace: namespace.unwrap_or_else(|| "/".to_owned()),
                raw: false,
                delay: Duration::ZERO,
                patience: patience.clone(),
                tongue: manners.tongue(&company),
            };
            let endpoint = manners.endpoint_of(endpoint, &guest);
            Client::open(&endpoint, opening, Leg { actor, number: 1 }, &log)
        };
        let (speaker, listener) = (open(SPEAKER, speaks_at), open(LISTENER, listens_at));
        Self {
            patience: patience.clone(),
            clock,
            log,
            speaker,
            listener,
            seen: 0,
            at_us: 0,
            welcomes: 0,
            relays: Vec::new(),
        }
    }

    async fn connected(&mut self) -> Result<(), Gone> {
        for _ in 0..2 {
            self.next(|kind| matches!(kind, Kind::Connected { .. }))
                .await?;
        }
        Ok(())
    }

    /// How long each message takes from its emit to the listener on the other node, and, of a burst,
    /// from its ack, in microseconds.
    async fn crossings(&mut self, room: &str, found: &mut Crossings) -> Result<(), Gone> {
        self.connected().await?;
        self.enter_both(room).await?;
        let say = |this: &mut Self, number: usize| {
            let args = vec![Data::Text(number.to_string()), Data::from(room)];
            this.speaker.emit(NEW_MESSAGE, args, true);
        };
        for number in 0..CROSSINGS {
            let began = self.clock.micros();
            say(self, number);
            let (mut acked, mut heard) = (false, false);
            while !(acked && heard) {
                let kind = self
                    .next(|kind| is_ack(kind) || is_heard(kind, NEW_MESSAGE))
                    .await?;
                acked |= is_ack(&kind);
                if !is_ack(&kind) {
                    heard = true;
                    found.alone.push(self.at_us.saturating_sub(began));
                }
            }
        }
        for number in 0..CROSSINGS {
            say(self, number);
        }
        let (mut acked, mut heard) = (Vec::new(), Vec::new());
        while acked.len() < CROSSINGS || heard.len() < CROSSINGS {
            let kind = self
                .next(|kind| is_ack(kind) || is_heard(kind, NEW_MESSAGE))
                .await?;
            if is_ack(&kind) {
                acked.push(self.at_us);
            } else {
                heard.push(self.at_us);
            }
        }
        let lags = heard
            .iter()
            .zip(&acked)
            .map(|(heard, acked)| heard.saturating_sub(*acked));
        found.behind_acks.extend(lags);
        Ok(())
    }

    async fn measure(&mut self, tag: &str, found: &mut Calibration) -> Result<(), Gone> {
        self.connected().await?;
        self.round_trips(found).await?;
        let mut worst_lag = Duration::ZERO;
        for round in 0..ORDER_ROUNDS {
            if self.clock.elapsed() > BUDGET {
                break;
            }
            let room = format!("{tag}-order-{round}");
            let (ordered, lag) = self.order(&room).await?;
            found.concurrent |= !ordered || !lag.is_zero();
            worst_lag = worst_lag.max(lag);
        }
        for round in 0..EFFECT_ROUNDS {
            if self.clock.elapsed() > BUDGET {
                break;
            }
            let lag = self.effect(&format!("{tag}-effect-{round}")).await?;
            found.concurrent |= !lag.is_zero();
            worst_lag = worst_lag.max(lag);
        }
        if found.concurrent {
            let window = (worst_lag * SAFETY).max(LEAST_WINDOW);
            found.quiet_window_us = clock::micros(window);
        }
        Ok(())
    }

    /// Leaves the target as if nobody had been there.
    async fn leave(mut self) {
        for client in [&mut self.speaker, &mut self.listener] {
            client.disconnect();
            client.ended().await;
        }
    }

    async fn round_trips(&mut self, found: &mut Calibration) -> Result<(), Gone> {
        let mut trips = Vec::with_capacity(ROUND_TRIPS);
        for _ in 0..ROUND_TRIPS {
            let began = self.clock.micros();
            self.fence().await?;
            trips.push(self.at_us.saturating_sub(began));
        }
        trips.sort_unstable();
        found.round_trip_us = trips[trips.len() / 2];
        found.worst_round_trip_us = trips[trips.len() - 1];
        Ok(())
    }

    /// A burst from one client: whether relays and acks kept its order, and how long after the
    /// last ack and a fence the last relay still came.
    async fn order(&mut self, room: &str) -> Result<(bool, Duration), Gone> {
        self.enter_both(room).await?;
        let first = self.speaker.next_ack();
        for number in 0..PIPELINED {
            let args = vec![Data::Text(number.to_string()), Data::from(room)];
            self.speaker.emit(NEW_MESSAGE, args, true);
        }
        let (mut acks, mut relays) = (Vec::new(), Vec::new());
        while acks.len() < PIPELINED {
            let kind = self
                .next(|kind| is_ack(kind) || is_heard(kind, NEW_MESSAGE))
                .await?;
            sort(kind, &mut acks, &mut relays);
        }
        self.listener.fence();
        let mut fenced = None;
        while fenced.is_none() || relays.len() < PIPELINED {
            let fence = |kind: &Kind| matches!(kind, Kind::FenceAnswered { .. });
            let kind = self
                .next(|kind| fence(kind) || is_heard(kind, NEW_MESSAGE))
                .await?;
            if fence(&kind) {
                fenced = Some(self.at_us);
            } else {
                sort(kind, &mut acks, &mut relays);
            }
        }
        let lag = self.at_us.saturating_sub(fenced.unwrap_or(self.at_us));
        let acks_ordered = acks.iter().copied().eq(first..first + PIPELINED as u64);
        Ok((
            acks_ordered && relays.is_sorted(),
            Duration::from_micros(lag),
        ))
    }

    /// Somebody enters: how long after flush and fence the welcome still came.
    async fn effect(&mut self, room: &str) -> Result<Duration, Gone> {
        let welcomes = self.welcomes;
        self.enter_both(room).await?;
        let args = vec![Data::from("flush"), Data::Text(format!("{room}-flush"))];
        let id = self.speaker.flush(NEW_MESSAGE, args);
        self.next(|kind| matches!(kind, Kind::FlushAcked { id: acked, .. } if *acked == id))
            .await?;
        self.fence().await?;
        let fenced = self.at_us;
        if self.welcomes > welcomes {
            return Ok(Duration::ZERO);
        }
        self.next(|kind| is_heard(kind, WELCOME)).await?;
        Ok(Duration::from_micros(self.at_us.saturating_sub(fenced)))
    }

    /// The listener enters, then the speaker, each acknowledged.
    async fn enter_both(&mut self, room: &str) -> Result<(), Gone> {
        for actor in [LISTENER, SPEAKER] {
            let client = if actor == LISTENER {
                &mut self.listener
            } else {
                &mut self.speaker
            };
            let args = vec![Data::from(named(actor)), Data::from(room)];
            client.emit(ENTER_ROOM, args, true);
            let acked = |kind: &Kind| matches!(kind, Kind::Arrived { leg, item: Item::Ack { .. } } if leg.actor == actor);
            self.next(acked).await?;
        }
        Ok(())
    }

    async fn fence(&mut self) -> Result<(), Gone> {
        self.listener.fence();
        self.next(|kind| matches!(kind, Kind::FenceAnswered { .. }))
            .await
            .map(drop)
    }

    /// The next event that is `wanted`; others are passed over, but the end of a connection ends
    /// all.
    async fn next(&mut self, wanted: impl Fn(&Kind) -> bool) -> Result<Kind, Gone> {
        let patience = self.patience.clone();
        let spending = patience.begin();
        loop {
            for Event { at_us, kind, .. } in self.log.since(self.seen) {
                self.seen += 1;
                self.at_us = at_us;
                self.welcomes += usize::from(is_heard(&kind, WELCOME));
                if is_heard(&kind, NEW_MESSAGE) {
                    sort(kind.clone(), &mut Vec::new(), &mut self.relays);
                }
                if wanted(&kind) {
                    return Ok(kind);
                }
                let over = matches!(
                    kind,
                    Kind::ConnectFailed { .. }
                        | Kind::Arrived {
                            item: Item::Closed { .. },
                            ..
                        }
                );
                if over {
                    return Err(Gone);
                }
            }
            if spending.spent().is_some() {
                return Err(Gone);
            }
            // Whether it grows or not, the loop looks again.
            drop(timeout_at(spending.until(), self.log.grown()).await);
        }
    }
}

fn is_ack(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Arrived {
            item: Item::Ack { .. },
            ..
        }
    )
}

/// Whether the listener received it. What the speaker hears of itself says nothing of others.
fn is_heard(kind: &Kind, name: &str) -> bool {
    matches!(
        kind,
        Kind::Arrived { leg, item: Item::Event { event, .. } }
            if leg.actor == LISTENER && event == name
    )
}

fn sort(kind: Kind, acks: &mut Vec<u64>, relays: &mut Vec<usize>) {
    match kind {
        Kind::Arrived {
            item: Item::Ack { id, .. },
            ..
        } => acks.push(id),
        Kind::Arrived {
            item: Item::Event { args, .. },
            ..
        } => {
            // "nickname: number"; whatever else it is, it is out of order.
            let number = args
                .first()
                .and_then(Data::as_text)
                .and_then(|text| text.rsplit(' ').next());
            relays.push(
                number
                    .and_then(|number| number.parse().ok())
                    .unwrap_or(usize::MAX),
            );
        }
        _ => {}
    }
}
