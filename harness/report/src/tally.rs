//! Verdicts, counted.

use chatspec_judge::verdict::{CaseReport, Verdict};

use crate::style::{Ink, Style};
use crate::text;

/// The kinds of verdict, in the order in which they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Passed,
    Failed,
    UnexpectedPass,
    Warning,
    Info,
    Known,
    Skipped,
    Inconclusive,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Passed,
        Self::Failed,
        Self::UnexpectedPass,
        Self::Warning,
        Self::Info,
        Self::Known,
        Self::Skipped,
        Self::Inconclusive,
    ];

    pub(crate) const fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Passed,
            Verdict::Fail { .. } => Self::Failed,
            Verdict::Warning { .. } => Self::Warning,
            Verdict::Info { .. } => Self::Info,
            Verdict::Skipped { .. } => Self::Skipped,
            Verdict::KnownFailure { .. } => Self::Known,
            Verdict::UnexpectedPass { .. } => Self::UnexpectedPass,
            Verdict::Inconclusive { .. } => Self::Inconclusive,
        }
    }

    /// The word at the head of an entry.
    pub(crate) const fn headline(self) -> &'static str {
        match self {
            Self::Passed => "PASS",
            Self::Failed => "FAIL",
            Self::UnexpectedPass => "UNEXPECTED PASS",
            Self::Warning => "WARNING",
            Self::Info => "INFO",
            Self::Known => "KNOWN FAILURE",
            Self::Skipped => "SKIPPED",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }

    /// The head of its column.
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Failed => "fail",
            Self::UnexpectedPass => "unexpected",
            Self::Warning => "warn",
            Self::Info => "info",
            Self::Known => "known",
            Self::Skipped => "skip",
            Self::Inconclusive => "open",
        }
    }

    /// Its mark in the matrix of several targets; passes are the bare number.
    pub(crate) const fn mark(self) -> &'static str {
        match self {
            Self::Passed => "",
            Self::Failed => "F",
            Self::UnexpectedPass => "U",
            Self::Warning => "W",
            Self::Info => "I",
            Self::Known => "K",
            Self::Skipped => "S",
            Self::Inconclusive => "?",
        }
    }

    /// So many of it, in words.
    pub(crate) fn counted(self, number: usize) -> String {
        match self {
            Self::Passed => format!("{} passed", text::digits(number)),
            Self::Failed => format!("{} failed", text::digits(number)),
            Self::UnexpectedPass => text::count(number, "unexpected pass"),
            Self::Warning => text::count(number, "warning"),
            Self::Info => format!("{} info", text::digits(number)),
            Self::Known => text::count(number, "known failure"),
            Self::Skipped => format!("{} skipped", text::digits(number)),
            Self::Inconclusive => format!("{} inconclusive", text::digits(number)),
        }
    }

    pub(crate) const fn ink(self, style: Style) -> Ink {
        match self {
            Self::Passed => Ink::Good,
            Self::Failed | Self::UnexpectedPass => Ink::Bad,
            Self::Warning if style.strict => Ink::Bad,
            Self::Warning => Ink::Doubtful,
            Self::Info => Ink::Note,
            Self::Known | Self::Skipped => Ink::Dim,
            Self::Inconclusive => Ink::Open,
        }
    }
}

/// How many cases got which kind of verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally([usize; Kind::ALL.len()]);

impl Tally {
    pub(crate) fn of<'a>(cases: impl IntoIterator<Item = &'a CaseReport>) -> Self {
        let mut tally = Self::default();
        for case in cases {
            tally.0[Kind::of(&case.verdict) as usize] += 1;
        }
        tally
    }

    pub(crate) const fn get(&self, kind: Kind) -> usize {
        self.0[kind as usize]
    }

    pub(crate) fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// The kinds that occur, in order.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (Kind, usize)> + '_ {
        Kind::ALL
            .into_iter()
            .map(|kind| (kind, self.get(kind)))
            .filter(|(_, number)| *number > 0)
    }

    /// `75 passed, 3 failed, 6 skipped`
    pub(crate) fn sentence(&self, style: Style) -> String {
        if self.total() == 0 {
            return "no cases".to_owned();
        }
        let words: Vec<String> = self
            .kinds()
            .map(|(kind, number)| style.paint(kind.ink(style), &kind.counted(number)))
            .collect();
        words.join(", ")
    }
}
