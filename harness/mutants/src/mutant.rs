//! The choice of a bug.

use std::fmt;
use std::str::FromStr;

use crate::bug::{Bug, NoBug};
use crate::bugs::{ALL, Entry};

/// The right server, or one with exactly one bug.
///
/// Read it from its name with [`str::parse`].
#[derive(Clone, Copy)]
pub struct Mutant(Option<&'static Entry>);

impl Mutant {
    /// The server without a bug.
    pub const NONE: Self = Self(None);

    /// Every bug there is, in the order of chapters; without [`NONE`](Self::NONE).
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|entry| Self(Some(entry)))
    }

    /// What it is called in a scenario's `catches`, such as `welcome-to-self`; `none` without a
    /// bug.
    pub fn name(self) -> &'static str {
        self.0.map_or("none", |entry| entry.name)
    }

    /// The bug in one sentence.
    pub fn summary(self) -> &'static str {
        self.0.map_or("keeps the contract", |entry| entry.summary)
    }

    /// What the bug is about, such as `welcome`; `none` without a bug.
    pub fn chapter(self) -> &'static str {
        self.0.map_or("none", |entry| entry.chapter)
    }

    pub(crate) fn bug(self) -> Box<dyn Bug> {
        self.0
            .map_or_else(|| Box::new(NoBug) as Box<dyn Bug>, |entry| (entry.bug)())
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
        let mut every = std::iter::once(Self::NONE).chain(Self::all());
        every
            .find(|mutant| mutant.name() == name)
            .ok_or_else(|| UnknownMutant::new(name))
    }
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
        let every = std::iter::once(Mutant::NONE)
            .chain(Mutant::all())
            .map(Mutant::name);
        let meant = every
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
        write!(f, "; the names are none")?;
        Mutant::all().try_for_each(|mutant| write!(f, ", {mutant}"))
    }
}
