//! What a first look at a target found, as data for the reporter: `chatspec doctor`.

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// Something that keeps cases from being judged, or has them fail for its own reason.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What, in a word or two.
    pub what: &'static str,
    /// How it was found.
    pub state: State,
    /// What was found, a sentence.
    pub said: String,
    /// The lines of a target.toml that mend it, or words where no line does.
    pub mend: Vec<String>,
}

/// All that was looked at on one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    /// The target's name.
    pub target: String,
    /// In the order in which it was looked at.
    pub checks: Vec<Check>,
    /// Whether a Socket.IO server answered at all.
    pub reached: bool,
}

impl Checkup {
    /// Adds what was found as it should be.
    pub fn good(&mut self, what: &'static str, said: impl Into<String>) {
        self.add(what, State::Good, said, Vec::new());
    }

    /// Adds something else.
    pub fn add(
        &mut self,
        what: &'static str,
        state: State,
        said: impl Into<String>,
        mend: Vec<String>,
    ) {
        self.checks.push(Check {
            what,
            state,
            said: said.into(),
            mend,
        });
    }

    /// The exit code: 0 if nothing keeps the target from being judged, 1 if something does, 3 if it is
    /// not there.
    pub fn code(&self) -> u8 {
        if self.reached {
            u8::from(self.checks.iter().any(|check| check.state == State::Bad))
        } else {
            3
        }
    }
}
