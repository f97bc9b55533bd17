//! What is told about a file that does not parse.

use std::fmt;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, MietteError, MietteSpanContents,
    NamedSource, SourceCode, SourceSpan, SpanContents,
};

use crate::mistake::Mistake;
use crate::span::Span;

/// How many mistakes are drawn.
const DRAWN: usize = 100;

/// All the mistakes of one file, in the order of their places; never none.
///
/// As a [`Diagnostic`] it carries the text and has the mistakes as related diagnostics, so that any
/// of miette's handlers can print it; [`render`](Self::render) is how chatspec prints it.
#[derive(Clone, Debug)]
pub struct ParseError {
    source: NamedSource<Arc<str>>,
    mistakes: Vec<Mistake>,
}

/// How errors are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether to colour them.
    pub colour: bool,
    /// The width of the terminal, in columns.
    pub width: usize,
}

impl Look {
    /// For files and pipes: no colour, a hundred columns.
    pub const PLAIN: Self = Self {
        colour: false,
        width: 100,
    };
}

impl ParseError {
    pub(crate) fn new(name: &str, text: &str, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        Self {
            source: NamedSource::new(name, Arc::from(visible(text))),
            mistakes,
        }
    }

    /// The name of the file, as given to [`parse`](fn@crate::parse).
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// Every mistake, in the order of their places.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// The place of a mistake: its line and column, both from 1, the column in characters.
    pub fn place(&self, mistake: &Mistake) -> (usize, usize) {
        place(self.source.inner(), mistake.span.start)
    }

    /// Every mistake with its `path:line:column`, the line underlined, what is wrong with it and
    /// what to write instead; then how many there are. Ends in a newline, and depends on nothing
    /// but the file and `look`.
    ///
    /// A file of very many mistakes is no scenario at all: of those the first ones are drawn.
    pub fn render(&self, look: Look) -> String {
        let theme = if look.colour {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(look.width)
            .with_links(false)
            .with_context_lines(1);
        let mut text = String::new();
        for mistake in self.mistakes.iter().take(DRAWN) {
            let located = Located {
                mistake,
                source: WholeLines(&self.source),
            };
            // Writing to a string fails only if a `Display` does, and none here does.
            if handler.render_report(&mut text, &located).is_err() {
                text.push_str(&mistake.to_string());
            }
            text.push('\n');
        }
        match self.mistakes.len().checked_sub(DRAWN) {
            Some(more) if more > 0 => text + &format!("{self}, the last {more} not shown\n"),
            _ => text + &format!("{self}\n"),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mistakes.len() {
            1 => write!(f, "1 mistake in {}", self.name()),
            many => write!(f, "{many} mistakes in {}", self.name()),
        }
    }
}

impl std::error::Error for ParseError {}

impl Diagnostic for ParseError {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let mistakes = self.mistakes.iter();
        Some(Box::new(mistakes.map(|mistake| mistake as &dyn Diagnostic)))
    }
}

/// The line and the column of the byte `at` of `text`, both from 1, the column in characters. What
/// lies behind the text is at its end.
pub fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count();
    (line + 1, before[line_start..].chars().count() + 1)
}

/// `text` with what a terminal would obey replaced by as many bytes of something visible. Tabs and
/// line ends stay.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let line_end = character == '\r' && rest.peek() == Some(&'\n');
        visible.push(match character {
            '\t' | '\n' => character,
            _ if line_end || !character.is_control() => character,
            _ if character.len_utf8() == 1 => '?',
            _ => '¿',
        });
    }
    visible
}

/// A mistake together with the text that it is in.
#[derive(Debug)]
struct Located<'a> {
    mistake: &'a Mistake,
    source: WholeLines<'a>,
}

/// A text that, asked for a line of context, gives the line itself and not those around it: steps
/// are read one by one, and a neighbour shown beside each of many mistakes is noise. Columns are
/// counted in characters, lines by line feeds alone, as editors do.
#[derive(Debug)]
struct WholeLines<'a>(&'a NamedSource<Arc<str>>);

impl SourceCode for WholeLines<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.0.inner();
        let (mut start, mut end) = (span.offset(), span.offset() + span.len());
        let (Some(head), Some(tail)) = (text.get(..start), text.get(end..)) else {
            return Err(MietteError::OutOfBounds);
        };
        // Without context, the handler wants to know where the span itself stands.
        if before + after > 0 {
            start = head.rfind('\n').map_or(0, |newline| newline + 1);
            // With its newline, so that the end of the line is a place in it.
            end += tail.find('\n').map_or(tail.len(), |newline| newline + 1);
        }
        let (line, column) = place(text, start);
        let lines = text[start..end].matches('\n').count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.name().to_owned(),
            &text.as_bytes()[start..end],
            (start, end - start).into(),
            line - 1,
            column - 1,
            lines,
        )))
    }
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mistake.fmt(f)
    }
}

impl std::error::Error for Located<'_> {}

impl Diagnostic for Located<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.mistake.help()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        self.mistake.labels()
    }
}

/// Where mistakes are put while a file is read.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

/// A mistake was found and noted; the line it is in is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted;

impl Mistakes {
    /// Notes a mistake.
    pub(crate) fn note(&mut self, kind: impl Into<crate::mistake::Kind>, span: Span) -> Noted {
        self.0.push(Mistake {
            kind: kind.into(),
            span,
            other: None,
        });
        Noted
    }

    /// Notes a mistake that takes a second place to be understood.
    pub(crate) fn note_with(
        &mut self,
        kind: crate::mistake::Kind,
        span: Span,
        other: Span,
        there: &'static str,
    ) {
        self.0.push(Mistake {
            kind,
            span,
            other: Some((other, there)),
        });
    }

    pub(crate) fn into_vec(self) -> Vec<Mistake> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_mistakes_the_first_are_drawn_and_all_are_held() {
        let lines = DRAWN + 20;
        let text = format!("# Not a scenario at all.\n{}", "12 34\n".repeat(lines));
        let error = crate::parse("log.chat", &text).unwrap_err();
        assert!(error.mistakes().len() > lines);
        let rendered = error.render(Look::PLAIN);
        assert_eq!(
            rendered.matches("\u{256d}\u{2500}[log.chat:").count(),
            DRAWN
        );
        let more = error.mistakes().len() - DRAWN;
        assert!(rendered.ends_with(&format!("in log.chat, the last {more} not shown\n")));
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        let error = crate::parse("x.chat", "must a\n").unwrap_err();
        assert!(!error.render(Look::PLAIN).contains('\u{1b}'));
        let colour = Look {
            colour: true,
            ..Look::PLAIN
        };
        assert!(error.render(colour).contains('\u{1b}'));
    }

    #[test]
    fn a_narrow_terminal_has_narrow_lines() {
        let error = crate::parse("x.chat", "must a\n").unwrap_err();
        let narrow = Look {
            width: 40,
            ..Look::PLAIN
        };
        let widest = error
            .render(narrow)
            .lines()
            .map(|line| line.chars().count())
            .max();
        assert!(widest <= Some(40), "{widest:?}");
    }

    #[test]
    fn any_handler_of_miette_can_print_it() {
        let error = crate::parse("x.chat", "must a\n").unwrap_err();
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
        handler.render_report(&mut text, &error).unwrap();
        assert!(text.contains("x.chat:1:1"), "{text}");
    }
}
