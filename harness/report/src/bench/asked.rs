//! What was asked, and on what.

use chatspec_judge::bench::{Bench, Pace, Plan};

use super::document::{About, Block, Section};
use super::units;
use crate::style::Ink;

pub(super) fn section(bench: &Bench) -> Section {
    let mut blocks = vec![
        Block::Words(Ink::Plain, load(bench)),
        Block::Words(Ink::Dim, machine(bench)),
    ];
    if let Some(shard) = bench.shard {
        let words = format!(
            "This is part {} of {}: its rooms only. `chatspec merge` puts the parts together.",
            shard.part, shard.of
        );
        blocks.push(Block::Words(Ink::Note, words));
    }
    if let Some(merged) = bench.merged {
        let words = format!(
            "Put together from {}, which measured at once for at least {} of each turn.",
            units::count(merged.parts.into(), "part"),
            units::share(merged.overlap)
        );
        blocks.push(Block::Words(Ink::Note, words));
    }
    Section {
        about: About::Asked,
        title: "asked",
        blocks,
    }
}

fn load(bench: &Bench) -> String {
    let plan = &bench.plan;
    let profile = match &bench.profile {
        Some(name) => format!("{name}: "),
        None => String::new(),
    };
    let mut words = format!(
        "{profile}{} of {}, {}; {}, {} of text each.",
        units::count(plan.rooms.into(), "room"),
        units::count(plan.members.into(), "member"),
        senders(plan),
        pace(plan),
        units::count(plan.payload.into(), "byte"),
    );
    if plan.polling > 0 {
        words += &format!(" {} in 100 members are on long-polling.", plan.polling);
    }
    if plan.guests > 0.0 {
        words += &format!(
            " {} guests a second enter and leave meanwhile.",
            units::number(plan.guests)
        );
    }
    words += &format!(
        " {} of {} each, after {} of warm-up.",
        units::count(plan.repeats.into(), "turn"),
        units::seconds(plan.duration),
        units::seconds(plan.warm_up),
    );
    words
}

fn senders(plan: &Plan) -> String {
    match plan.senders {
        senders if senders == plan.members => "all of whom write".to_owned(),
        1 => "one of whom writes".to_owned(),
        senders => format!("{} of whom write", units::whole(senders.into())),
    }
}

fn pace(plan: &Plan) -> String {
    match plan.pace {
        Pace::Rate(rate) => format!("{} messages a second over all rooms", units::number(rate)),
        Pace::Outstanding(1) => "each writes on when its last message is acked".to_owned(),
        Pace::Outstanding(under_way) => {
            format!("each has {under_way} messages under way that are not acked")
        }
    }
}

fn machine(bench: &Bench) -> String {
    let machine = &bench.machine;
    let cores = match machine.harness_cores.as_slice() {
        [] => "harness and target share the cores".to_owned(),
        [one] => format!("the harness had core {one} for itself"),
        several => {
            let several: Vec<String> = several.iter().map(ToString::to_string).collect();
            let several = crate::text::listed(&several);
            format!("the harness had the cores {several} for itself")
        }
    };
    format!(
        "{}, {}, {} of memory, {}, {}; {cores}. {} in all, chatspec {}.",
        machine.processor,
        units::count(machine.cores.into(), "core"),
        units::bytes(machine.memory),
        machine.system,
        units::count(machine.open_files, "open file"),
        units::seconds(bench.took),
        bench.chatspec,
    )
}
