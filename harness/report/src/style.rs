//! How text is shown: colour, width, strictness.

use anstyle::{AnsiColor, Effects};

/// How a report is shown. The caller decides all of it; nothing is detected here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are written.
    pub colour: bool,
    /// How many columns a line may have, where it can be broken.
    pub width: usize,
    /// Whether a broken `should` fails the run (`--strict`).
    pub strict: bool,
}

impl Style {
    /// Uncoloured, not strict, `width` columns.
    pub const fn plain(width: usize) -> Self {
        Self {
            colour: false,
            width,
            strict: false,
        }
    }

    /// `text` in `ink`, or as it is where no colour is wanted.
    pub(crate) fn paint(self, ink: Ink, text: &str) -> String {
        if !self.colour || ink == Ink::Plain || text.trim().is_empty() {
            return text.to_owned();
        }
        let style = ink.style();
        format!("{style}{text}{style:#}")
    }

    /// The columns that are left behind an indent, never so few that nothing can be said.
    pub(crate) fn room(self, indent: usize) -> usize {
        const LEAST: usize = 24;
        self.width.saturating_sub(indent).max(LEAST)
    }
}

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
    Doubtful,
    Note,
    Open,
}

impl Ink {
    fn style(self) -> anstyle::Style {
        match self {
            Self::Plain => anstyle::Style::new(),
            Self::Strong => Effects::BOLD.into(),
            Self::Dim => Effects::DIMMED.into(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default() | Effects::BOLD,
            Self::Doubtful => AnsiColor::Yellow.on_default(),
            Self::Note => AnsiColor::Cyan.on_default(),
            Self::Open => AnsiColor::Magenta.on_default(),
        }
    }
}
