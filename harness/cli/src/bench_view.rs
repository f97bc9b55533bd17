//! How far a bench is.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chatspec_judge::bench::Turn;
use chatspec_load::Live;
use chatspec_load::bench::{Ask, Stage, Watcher};
use chatspec_report::bench::live;
use chatspec_runner::clock::Clock;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::run::millis;
use crate::view;

/// A bar over the time that a bench takes where standard error is a terminal, with what was measured so
/// far; a line for each turn where it is not.
pub(crate) struct Progress {
    bar: ProgressBar,
    now: Mutex<Now>,
}

/// The turn that is under way.
struct Now {
    /// How it is called.
    name: String,
    wanted: u64,
    clock: Clock,
    /// When the last of it came in.
    in_after: Option<Duration>,
    /// How long it chats, with its warm-up.
    chats: Duration,
    /// How long the turns before it chatted.
    before: Duration,
}

impl Progress {
    pub(crate) fn new(ask: &Ask) -> Self {
        let contenders = ask.targets.len() + usize::from(ask.null);
        let turns = contenders as u64 * u64::from(ask.plan.repeats);
        let length = millis(chats(ask.plan.warm_up + ask.plan.duration)).saturating_mul(turns);
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr())
            .with_finish(ProgressFinish::AndClear);
        if let Ok(template) = ProgressStyle::with_template("{bar:20} {wide_msg}") {
            bar.set_style(template);
        }
        let now = Now {
            name: String::new(),
            wanted: 0,
            clock: Clock::start(),
            in_after: None,
            chats: Duration::ZERO,
            before: Duration::ZERO,
        };
        Self {
            bar,
            now: Mutex::new(now),
        }
    }

    /// Takes the bar away, so that the report has the terminal for itself.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn now(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Progress {
    fn begins(&self, stage: &Stage<'_>) {
        let mut now = self.now();
        let chatted = now.chats;
        now.before += chatted;
        now.chats = chats(stage.plan.warm_up + stage.plan.duration);
        now.name = live::name(stage.target, stage.turn, stage.plan);
        now.wanted = stage.plan.connections();
        now.clock = Clock::start();
        now.in_after = None;
        self.bar.set_message(now.name.clone());
    }

    fn live(&self, live: &Live) {
        let mut now = self.now();
        let elapsed = now.clock.elapsed();
        if live.joined >= now.wanted {
            now.in_after.get_or_insert(elapsed);
        }
        let chatted = now
            .in_after
            .map_or(Duration::ZERO, |after| elapsed.saturating_sub(after));
        let done = now.before + chatted.min(now.chats);
        self.bar.set_position(millis(done));
        let left = self.bar.length().unwrap_or(0).saturating_sub(millis(done));
        let said = live::Said {
            joined: live.joined,
            wanted: now.wanted,
            owed: live.owed,
            received: live.received,
            latency: &live.latency,
            left: Duration::from_millis(left),
        };
        self.bar.set_message(format!("{}: {said}", now.name));
    }

    fn ends(&self, turn: &Turn) {
        let line = format!("{}: {}", self.now().name, live::summary(turn));
        if self.bar.is_hidden() {
            view::say(&line);
        } else {
            self.bar.println(line);
        }
    }
}

/// What a plan may say is bounded below a century, and a bar is not worth a failure.
fn chats(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
