//! How targets are started, whatever is done with them then.

use std::time::Duration;

use chatspec_runner::target::{Launcher, Patience};

use crate::Error;
use crate::run::launcher;

#[derive(Debug, clap::Args)]
pub(crate) struct LaunchArgs {
    /// Do first what has to be done once before a target.toml's command is started: its `setup`
    #[arg(long)]
    pub(crate) setup: bool,
    /// How long a command may take until it listens, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) start_timeout: u64,
}

impl LaunchArgs {
    /// What starts targets so.
    pub(crate) fn launcher(&self) -> Result<Launcher, Error> {
        Ok(Launcher {
            patience: Patience {
                listens: Duration::from_secs(self.start_timeout),
                ..Patience::default()
            },
            setup: self.setup,
            ..launcher()?
        })
    }
}
