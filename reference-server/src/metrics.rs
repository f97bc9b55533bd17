//! What is counted, for Prometheus.
//!
//! A message costs a few atomic additions, however many receive it.

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::limits::Code;
use crate::line::Expulsion;

/// What the text is, as HTTP tells it.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper ends of the classes of latencies, in seconds.
const LATENCIES: [f64; 17] = [
    10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1,
    0.25, 0.5, 1.0, 2.5,
];

/// All that a server counts.
#[derive(Debug, Clone)]
pub(crate) struct Metrics(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    registry: Registry,
    connections: Gauge,
    rooms: Gauge,
    entered: Counter,
    received: Counter,
    delivered: Counter,
    fan_out: Histogram,
    expelled: Family<Why, Counter>,
    refused: Family<Why, Counter>,
    limited: Family<Which, Counter>,
    redis_up: Gauge,
    missed: Counter,
}

/// Why nobody was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Refusal {
    /// As many are connected as may be.
    Full,
    /// The page is of an origin that is not allowed.
    Origin,
    /// The server is stopping.
    Stopping,
}

impl Refusal {
    const ALL: [Self; 3] = [Self::Full, Self::Origin, Self::Stopping];

    fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Origin => "origin",
            Self::Stopping => "stopping",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Why {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Which {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    event: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let connections = Gauge::default();
        let rooms = Gauge::default();
        let received: Family<Named, Counter> = Family::default();
        let of = |event| received.get_or_create_owned(&Named { event });
        let counts = Counts {
            entered: of("enter_room"),
            received: of("new_message"),
            delivered: Counter::default(),
            fan_out: Histogram::new(LATENCIES),
            expelled: Family::default(),
            refused: Family::default(),
            limited: Family::default(),
            redis_up: Gauge::default(),
            missed: Counter::default(),
            connections,
            rooms,
            registry: Registry::with_prefix("chat"),
        };
        // What is there from the beginning can be told from what is not counted at all.
        for reason in Expulsion::ALL {
            counts.expelled(reason);
        }
        for reason in Refusal::ALL {
            counts.refused(reason);
        }
        for code in Code::ALL {
            counts.limited(code);
        }
        Self(Arc::new(counts.registered(received)))
    }

    /// One more client is connected. The number of those who were before.
    pub(crate) fn come(&self) -> usize {
        usize::try_from(self.0.connections.inc()).unwrap_or_default()
    }

    pub(crate) fn gone(&self) {
        self.0.connections.dec();
    }

    /// How many are connected.
    pub(crate) fn connections(&self) -> i64 {
        self.0.connections.get()
    }

    /// Somebody has asked to enter a room.
    pub(crate) fn entering(&self) {
        self.0.entered.inc();
    }

    /// Somebody has sent a message.
    pub(crate) fn received(&self) {
        self.0.received.inc();
    }

    /// A message, or a welcome, was handed to so many members.
    pub(crate) fn delivered(&self, members: u64) {
        self.0.delivered.inc_by(members);
    }

    /// A message was handed to all members so long after it had come.
    pub(crate) fn fanned_out(&self, after: std::time::Duration) {
        self.0.fan_out.observe(after.as_secs_f64());
    }

    pub(crate) fn expelled(&self, reason: Expulsion) {
        self.0.expelled(reason).inc();
    }

    pub(crate) fn refused(&self, reason: Refusal) {
        self.0.refused(reason).inc();
    }

    pub(crate) fn limited(&self, code: Code) {
        self.0.limited(code).inc();
    }

    /// Whether Redis is there, for a node of several.
    pub(crate) fn redis_is(&self, up: bool) {
        self.0.redis_up.set(i64::from(up));
    }

    /// So many messages were told to no other node.
    pub(crate) fn missed_by_others(&self, messages: u64) {
        self.0.missed.inc_by(messages);
    }

    /// All of it as Prometheus reads it, while there are so many rooms.
    pub(crate) fn print(&self, rooms: usize) -> Result<String, std::fmt::Error> {
        self.0.rooms.set(i64::try_from(rooms).unwrap_or(i64::MAX));
        let mut text = String::new();
        text::encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

impl Counts {
    fn expelled(&self, why: Expulsion) -> Counter {
        let reason = why.name();
        self.expelled.get_or_create_owned(&Why { reason })
    }

    fn refused(&self, why: Refusal) -> Counter {
        let reason = why.name();
        self.refused.get_or_create_owned(&Why { reason })
    }

    fn limited(&self, code: Code) -> Counter {
        let code = code.name();
        self.limited.get_or_create_owned(&Which { code })
    }

    /// The same, each under its name.
    fn registered(mut self, received: Family<Named, Counter>) -> Self {
        let registry = &mut self.registry;
        registry.register(
            "connections",
            "Clients that are connected",
            self.connections.clone(),
        );
        registry.register("rooms", "Rooms with a member or more", self.rooms.clone());
        registry.register(
            "messages_received",
            "Events of clients that were taken up, by their name",
            received,
        );
        registry.register(
            "messages_delivered",
            "Messages and welcomes handed to a member's connection, each member counted",
            self.delivered.clone(),
        );
        registry.register(
            "fan_out_seconds",
            "From the moment at which a message is put into its sender's inbox until it is handed to \
             the connections of all members; it does not include the network, nor a member's buffer",
            self.fan_out.clone(),
        );
        registry.register(
            "expelled",
            "Clients disconnected by the server, by reason; slow_consumer is one whose buffer was full",
            self.expelled.clone(),
        );
        registry.register(
            "refused",
            "Connections that were refused, by reason",
            self.refused.clone(),
        );
        registry.register(
            "limit_errors",
            "Events that were over a limit and not done, by the code that the client was told",
            self.limited.clone(),
        );
        registry.register(
            "redis_up",
            "Whether Redis is there, for a node of several; 0 for a server that is one by itself",
            self.redis_up.clone(),
        );
        registry.register(
            "messages_missed_by_other_nodes",
            "Messages and welcomes that other nodes were not told, because Redis was away",
            self.missed.clone(),
        );
        registry.register(
            "build",
            "The version of the server",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_named_and_there_from_the_beginning() {
        let text = Metrics::new().print(0).unwrap();
        assert!(text.ends_with("# EOF\n"));
        // Series of one metric come in any order.
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn what_happens_is_counted() {
        let metrics = Metrics::new();
        assert_eq!([metrics.come(), metrics.come()], [0, 1]);
        metrics.gone();
        metrics.entering();
        metrics.received();
        metrics.delivered(3);
        metrics.fanned_out(std::time::Duration::from_micros(30));
        metrics.expelled(Expulsion::SlowReader);
        metrics.refused(Refusal::Full);
        metrics.limited(Code::TextTooLong);
        let before = Metrics::new().print(0).unwrap();
        let after = metrics.print(2).unwrap();
        let mut changed: Vec<&str> = after
            .lines()
            .filter(|line| !before.lines().any(|old| old == *line))
            .collect();
        changed.sort_unstable();
        insta::assert_snapshot!(changed.join("\n"));
    }
}
