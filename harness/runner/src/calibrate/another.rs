//! What can be measured of a chat that need not be as the seed has it.

use std::time::Duration;

use chatspec_judge::expand::{ENTER_ROOM, NEW_MESSAGE, WELCOME};
use chatspec_judge::history::{Item, Kind};
use chatspec_judge::ids::ActorId;
use chatspec_judge::verdict::Calibration;
use chatspec_judge::ways::{Ability, Ways};
use chatspec_wire::data::Data;

use super::{
    Bench, CROSSINGS, Gone, LEAST_WINDOW, LISTENER, SAFETY, SPEAKER, Strangers, is_heard, named,
};
use crate::clock;
use crate::target::Manners;

impl Bench {
    /// What can be measured of a chat that need not have acks, nor more rooms than one: how long after its
    /// answer, or a round trip where there is none, a message still was on its way; and whether a flush
    /// comes back.
    pub(super) async fn measure_another(
        &mut self,
        room: &str,
        manners: &Manners,
        found: &mut Calibration,
        strangers: &mut Strangers,
    ) -> Result<(), Gone> {
        let may_flush = manners.may_flush();
        if !may_flush {
            // Until something is measured, and if nothing can be.
            *strangers = Strangers::Ignored;
            found.quiet_window_us = clock::micros(LEAST_WINDOW);
        }
        self.connected().await?;
        self.round_trips(found).await?;
        for actor in [LISTENER, SPEAKER] {
            let args = vec![Data::from(named(actor)), Data::from(room)];
            self.ask(actor, ENTER_ROOM, args, &manners.ways).await?;
        }
        let mut worst = self.entered(room, &manners.ways).await?;
        let said = self.relays.len();
        for number in 0..CROSSINGS {
            let args = vec![Data::Text(number.to_string()), Data::from(room)];
            self.ask(SPEAKER, NEW_MESSAGE, args, &manners.ways).await?;
            worst = worst.max(self.lag(said + number + 1).await?);
        }
        for number in CROSSINGS..2 * CROSSINGS {
            let args = vec![Data::Text(number.to_string()), Data::from(room)];
            let answered = !manners.ways.unanswered.contains(NEW_MESSAGE);
            self.speaker.emit(NEW_MESSAGE, args, answered);
        }
        let args = vec![Data::Text((2 * CROSSINGS).to_string()), Data::from(room)];
        self.ask(SPEAKER, NEW_MESSAGE, args, &manners.ways).await?;
        worst = worst.max(self.lag(said + 2 * CROSSINGS + 1).await?);
        found.concurrent = !self.relays.iter().skip(said).is_sorted();
        if may_flush {
            *strangers = self.stranger(&format!("{room}-flush")).await;
        }
        let flushes = *strangers != Strangers::Ignored;
        if found.concurrent || !flushes || !worst.is_zero() {
            found.quiet_window_us = clock::micros((worst * SAFETY).max(LEAST_WINDOW));
        }
        Ok(())
    }

    /// How long after its answer, or a round trip where there is none, the speaker's entering had its
    /// effect: the listener is told, or the speaker is heard.
    async fn entered(&mut self, room: &str, ways: &Ways) -> Result<Duration, Gone> {
        let began = self.at_us;
        if !ways.lacks.contains(&Ability::Welcome) {
            if self.welcomes == 0 {
                self.next(|kind| is_heard(kind, WELCOME)).await?;
            }
            return Ok(Duration::from_micros(self.at_us.saturating_sub(began)));
        }
        if !ways.unanswered.contains(ENTER_ROOM) {
            return Ok(Duration::ZERO);
        }
        // Nothing tells: something is said until the speaker hears it.
        for number in 0..CROSSINGS {
            let args = vec![Data::Text(format!("entered {number}")), Data::from(room)];
            self.ask(LISTENER, NEW_MESSAGE, args, ways).await?;
            self.speaker.fence();
            let seen = |kind: &Kind| match kind {
                Kind::FenceAnswered { leg, .. } => leg.actor == SPEAKER,
                Kind::Arrived {
                    leg,
                    item: Item::Event { event, .. },
                } => leg.actor == SPEAKER && event == NEW_MESSAGE,
                _ => false,
            };
            if matches!(self.next(seen).await?, Kind::Arrived { .. }) {
                return Ok(Duration::from_micros(self.at_us.saturating_sub(began)));
            }
            clock::pause(LEAST_WINDOW).await;
        }
        Err(Gone)
    }

    /// Whether a message to this room, where nobody is, is answered.
    async fn stranger(&mut self, room: &str) -> Strangers {
        let id = self.speaker.next_ack();
        let args = vec![Data::from("flush"), Data::from(room)];
        self.speaker.emit(NEW_MESSAGE, args, true);
        let answer = |kind: &Kind| matches!(kind, Kind::Arrived { item: Item::Ack { id: acked, .. }, .. } if *acked == id);
        match self.next(answer).await {
            Err(Gone) => Strangers::Ignored,
            Ok(Kind::Arrived {
                item: Item::Ack { args, .. },
                ..
            }) if args.is_empty() => Strangers::Heard,
            Ok(_) => Strangers::Refused,
        }
    }

    /// Asks for something, and waits until it is answered; where nothing answers, for a round trip.
    async fn ask(
        &mut self,
        actor: ActorId,
        event: &str,
        args: Vec<Data>,
        ways: &Ways,
    ) -> Result<(), Gone> {
        let answered = !ways.unanswered.contains(event);
        let client = if actor == SPEAKER {
            &mut self.speaker
        } else {
            &mut self.listener
        };
        let id = client.next_ack();
        client.emit(event, args, answered);
        if !answered {
            client.fence();
        }
        let done = |kind: &Kind| match kind {
            Kind::Arrived {
                leg,
                item: Item::Ack { id: acked, .. },
            } => leg.actor == actor && answered && *acked == id,
            Kind::FenceAnswered { leg, .. } => leg.actor == actor && !answered,
            _ => false,
        };
        self.next(done).await.map(drop)
    }

    /// How long after a fence the last of so many messages reached the listener.
    async fn lag(&mut self, messages: usize) -> Result<Duration, Gone> {
        self.listener.fence();
        let fenced =
            |kind: &Kind| matches!(kind, Kind::FenceAnswered { leg, .. } if leg.actor == LISTENER);
        self.next(fenced).await?;
        let fenced = self.at_us;
        while self.relays.len() < messages {
            self.next(|kind| is_heard(kind, NEW_MESSAGE)).await?;
        }
        let late = self.at_us.saturating_sub(fenced);
        Ok(Duration::from_micros(late))
    }
}
