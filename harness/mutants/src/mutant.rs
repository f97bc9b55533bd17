//! The choice of a bug.

use std::fmt;
use std::str::FromStr;

use crate::bug::{Bug, NoBug};
use crate::bugs::{ALL, Entry};

/// The right server, or one with exactly one bug.
///
/// Read it from its name with [`str::parse`].
#[derive(Clone, Copy)]
pub struct Mutant(&'static Entry);

/// The right server.
static RIGHT: Entry = Entry {
    name: "none",
    chapter: "none",
    summary: "keeps the contract",
    bug: || Box::new(NoBug),
};

/// The right server that also says who leaves and which rooms there are.
static EXTENDED: Entry = Entry {
    name: "extended",
    chapter: "extended",
    summary: "keeps the contract, and has the capabilities bye and room_change",
    bug: || Box::new(NoBug),
};

impl Mutant {
    /// The server without a bug.
    pub const NONE: Self = Self(&RIGHT);

    /// The server without a bug, with everything that it can do (see
    /// [`capabilities`](Self::capabilities)).
    pub const EXTENDED: Self = Self(&EXTENDED);

    /// Every bug there is, in the order of chapters; without those that are right.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(Self)
    }

    /// Whether it has no bug.
    pub fn is_right(self) -> bool {
        [Self::NONE, Self::EXTENDED].contains(&self)
    }

    /// What it can do beyond the seed contract.
    ///
    /// Saying who leaves and which rooms there are goes to clients that asked for nothing. So only the
    /// mutants do that whose bugs are in it.
    pub fn capabilities(self) -> &'static [&'static str] {
        if self.announces() {
            &[
                "echo",
                "leave_room",
                "nodes 2",
                "ack-across-nodes",
                "bye",
                "room_change",
            ]
        } else {
            &["echo", "leave_room", "nodes 2", "ack-across-nodes"]
        }
    }

    pub(crate) fn announces(self) -> bool {
        ["extended", "bye", "room list"].contains(&self.chapter())
    }

    /// What it is called in a scenario's `catches`, such as `welcome-to-self`; `none` or `extended`
    /// without a bug.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The bug in one sentence.
    pub fn summary(self) -> &'static str {
        self.0.summary
    }

    /// What the bug is about, such as `welcome`; the name without a bug.
    pub fn chapter(self) -> &'static str {
        self.0.chapter
    }

    pub(crate) fn bug(self) -> Box<dyn Bug> {
        (self.0.bug)()
    }
}

impl PartialEq for Mutant {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Mutant {}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mutant({})", self.name())
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Mutant {
    type Err = UnknownMutant;

    fn from_str(name: &str) -> Result<Self, UnknownMutant> {
        every()
            .find(|mutant| mutant.name() == name)
            .ok_or_else(|| UnknownMutant::new(name))
    }
}

/// Everything that has a name.
fn every() -> impl Iterator<Item = Mutant> {
    [Mutant::NONE, Mutant::EXTENDED]
        .into_iter()
        .chain(Mutant::all())
}

/// A name that no mutant has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMutant {
    name: String,
    meant: Option<&'static str>,
}

/// How alike two names must be for one to be taken for a slip of the other; from 0 to 1. Below it
/// the guess is more often confusing than helpful.
const ALIKE: f64 = 0.75;

impl UnknownMutant {
    fn new(name: &str) -> Self {
        let meant = every()
            .map(Mutant::name)
            .map(|candidate| {
                (
                    strsim::normalized_damerau_levenshtein(name, candidate),
                    candidate,
                )
            })
            .filter(|(alike, _)| *alike >= ALIKE)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, candidate)| candidate);
        Self {
            name: name.chars().take(80).collect(),
            meant,
        }
    }

    /// The name that was probably meant.
    pub fn meant(&self) -> Option<&'static str> {
        self.meant
    }
}

impl std::error::Error for UnknownMutant {}

impl fmt::Display for UnknownMutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no mutant is called `{}`", self.name)?;
        if let Some(meant) = self.meant {
            return write!(f, "; did you mean `{meant}`?");
        }
        write!(f, "; the names are {}", Mutant::NONE)?;
        every()
            .skip(1)
            .try_for_each(|mutant| write!(f, ", {mutant}"))
    }
}
