//! Asking, and waiting for what comes of it.

use std::time::Duration;

use chatspec_judge::history::{Item, Kind};
use chatspec_judge::ids::ActorId;
use chatspec_wire::data::Data;
use tokio::time::timeout_at;

use super::{Chat, Reply, WHILE};
use crate::client::Client;
use crate::clock::{self, Allowance};

impl Chat<'_> {
    pub(super) async fn ask(&mut self, actor: ActorId, event: &str, args: Vec<Data>) -> Reply {
        let answered = !self.ways().unanswered.contains(event);
        let Some(client) = self.clients.get_mut(&actor) else {
            return Reply::Unanswered;
        };
        let id = client.next_ack();
        client.emit(event, args, answered);
        if !answered {
            self.pause().await;
            return Reply::Answered;
        }
        let is_it = move |item: &Item| matches!(item, Item::Ack { id: acked, .. } if *acked == id);
        let limit = Allowance::new(Duration::from_secs(1), self.patience.meter());
        self.wait(&limit, |chat| {
            chat.arrived
                .get(&actor)
                .is_some_and(|items| items.iter().any(is_it))
        })
        .await;
        let items = self.arrived.entry(actor).or_default();
        let place = items.iter().position(is_it);
        match place.map(|place| items.remove(place)) {
            Some(Item::Ack { args, .. }) if !args.is_empty() => Reply::Otherwise(args),
            Some(_) => Reply::Answered,
            None => Reply::Unanswered,
        }
    }

    /// Whether an event with this argument arrives. It is taken.
    pub(super) async fn hears(&mut self, actor: ActorId, event: &str, arg: &Data) -> bool {
        let is_it = |item: &Item| {
            matches!(item, Item::Event { event: name, args, .. }
                if name == event && args.first() == Some(arg))
        };
        let limit = Allowance::new(WHILE, self.patience.meter());
        self.wait(&limit, |chat| {
            chat.arrived
                .get(&actor)
                .is_some_and(|items| items.iter().any(is_it))
        })
        .await;
        let items = self.arrived.entry(actor).or_default();
        let place = items.iter().position(is_it);
        place.map(|place| items.remove(place)).is_some()
    }

    /// Gives what need not come the time to come.
    pub(super) async fn pause(&mut self) {
        let before = self.fenced;
        let waiting = self.clients.len();
        self.clients.values_mut().for_each(Client::fence);
        let limit = self.patience.clone();
        self.wait(&limit, |chat| chat.fenced >= before + waiting)
            .await;
        clock::pause(WHILE).await;
        self.take();
    }

    pub(super) async fn wait(&mut self, limit: &Allowance, done: impl Fn(&Self) -> bool) {
        let spending = limit.begin();
        loop {
            self.take();
            if done(self) || spending.spent().is_some() {
                return;
            }
            // Whether it grows or not, the loop looks again.
            drop(timeout_at(spending.until(), self.log.grown()).await);
        }
    }

    /// Takes what has happened since it last looked.
    fn take(&mut self) {
        for event in self.log.since(self.seen) {
            self.seen += 1;
            match event.kind {
                Kind::Connected { .. } => self.connected += 1,
                Kind::ConnectFailed { cause, .. } => self.failed = Some(cause),
                Kind::FenceAnswered { .. } => self.fenced += 1,
                Kind::Arrived { leg, item } => {
                    if let Item::Closed { cause } = &item {
                        self.failed = Some(cause.clone());
                    }
                    if matches!(item, Item::ConnectError { .. }) {
                        self.failed = Some("it was refused".to_owned());
                    }
                    self.arrived.entry(leg.actor).or_default().push(item);
                }
                _ => {}
            }
        }
    }
}
