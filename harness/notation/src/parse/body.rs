//! The lines below the header: steps, and the blocks they stand in.

use super::clause::split_label;
use super::cursor::Cursor;
use crate::ast::{Level, Line, Step, StepKind};
use crate::error::Mistakes;
use crate::lex::{Punct, RawLine, Tok, Token};
use crate::mistake::Kind;
use crate::span::Span;

/// What lines that were given up may have named: nothing is said against its use.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    pub(crate) captures: Vec<String>,
    pub(crate) labels: Vec<String>,
}

/// The body as far as it is read.
#[derive(Default)]
pub(super) struct Body {
    lines: Vec<Line>,
    open: Option<Block>,
    /// Blocks inside the open one, whose lines are read for their mistakes alone.
    nested: usize,
    /// Whether there was a step, be it one that was given up.
    steps: bool,
    lost: Lost,
}

/// A block whose end is not read yet.
struct Block {
    kind: BlockKind,
    /// Its first line.
    span: Span,
    indent: usize,
    /// Its lines, each with how far in it stands.
    lines: Vec<(usize, Line)>,
    /// Whether it holds a step, be it one that was given up.
    steps: bool,
    /// Its `{` is missing, so that nobody is told that its `}` is too.
    unbraced: bool,
}

#[derive(Clone, Copy)]
enum BlockKind {
    Together,
    InAnyOrder,
}

/// The block that a line begins, and how many words it takes to say so.
fn block_kind(tokens: &[Token<'_>]) -> Option<(BlockKind, usize)> {
    let word = |at: usize| match tokens.get(at).map(|token| &token.kind) {
        Some(Tok::Word(word)) => *word,
        _ => "",
    };
    match (word(0), word(1), word(2)) {
        ("together", ..) => Some((BlockKind::Together, 1)),
        ("in", "any", "order") => Some((BlockKind::InAnyOrder, 3)),
        _ => None,
    }
}

/// Whether a line begins a block.
pub(super) fn opens_block(tokens: &[Token<'_>]) -> bool {
    block_kind(tokens).is_some()
}

impl Body {
    pub(super) fn has_steps(&self) -> bool {
        self.steps
    }

    pub(super) fn blank(&mut self) {
        self.push(0, Line::Blank);
    }

    pub(super) fn comment(&mut self, text: &str, indent: usize) {
        self.push(indent, Line::Comment(text.trim_end().to_owned()));
    }

    /// A line of tokens, in a case that is `of_case`.
    pub(super) fn line(
        &mut self,
        line: &RawLine<'_>,
        tokens: &[Token<'_>],
        broken: bool,
        of_case: Option<Level>,
        mistakes: &mut Mistakes,
    ) {
        self.steps = true;
        if let Some((kind, words)) = block_kind(tokens) {
            self.open(kind, line, (tokens, words), broken, mistakes);
            return;
        }
        if is_punct(tokens.first(), Punct::CloseBrace) {
            self.close(line.span, mistakes);
            if tokens.len() > 1 {
                mistakes.note(Kind::BlockOnOneLine, line.span);
            }
            return;
        }
        // `ana disconnects }`: the brace closes the block, if there is one.
        let closes = self.open.is_some() && balance(tokens) < 0;
        let tokens = if closes {
            mistakes.note(Kind::BlockOnOneLine, line.span);
            &tokens[..tokens.len() - 1]
        } else {
            tokens
        };
        let step = if broken {
            None
        } else {
            Cursor::new(tokens, mistakes).step(of_case).ok()
        };
        if let Some(open) = &mut self.open {
            open.steps = true;
        }
        match step {
            Some(step) if self.nested == 0 => self.push(line.indent, Line::Step(step)),
            _ => self.lost.tokens(tokens),
        }
        if closes {
            self.close(line.span, mistakes);
        }
    }

    fn open(
        &mut self,
        kind: BlockKind,
        line: &RawLine<'_>,
        (tokens, words): (&[Token<'_>], usize),
        broken: bool,
        mistakes: &mut Mistakes,
    ) {
        let rest = &tokens[words..];
        if let Some(open) = &mut self.open {
            if open.indent < line.indent {
                mistakes.note(Kind::NestedBlock, line.span);
                open.steps = true;
                self.nested += usize::from(balance(rest) > 0);
                return;
            }
            self.cut_off(mistakes);
        }
        let braced = is_punct(rest.first(), Punct::OpenBrace);
        if !braced && !broken {
            let help = Some("a block reads `together {`, its lines, and `}` on a line of its own");
            let mut cursor = Cursor::new(tokens, mistakes);
            (0..words).for_each(|_| cursor.skip());
            cursor.expected("`{`", help);
        }
        self.open = Some(Block {
            kind,
            span: line.span,
            indent: line.indent,
            lines: Vec::new(),
            steps: false,
            unbraced: !braced,
        });
        if braced && rest.len() > 1 {
            mistakes.note(Kind::BlockOnOneLine, line.span);
            self.lost.tokens(rest);
            if let Some(open) = &mut self.open {
                open.steps = true;
            }
            if balance(rest) <= 0 {
                self.close(line.span, mistakes);
            }
        }
    }

    /// A `}`.
    fn close(&mut self, span: Span, mistakes: &mut Mistakes) {
        if self.nested > 0 {
            self.nested -= 1;
            return;
        }
        let Some(block) = self.open.take() else {
            mistakes.note(Kind::UnopenedBlock, span);
            return;
        };
        self.keep(block, mistakes);
    }

    /// The open block ends without a `}`. Where its first lines stand further in than its own, it
    /// is taken to end with them.
    fn cut_off(&mut self, mistakes: &mut Mistakes) {
        self.nested = 0;
        let Some(mut block) = self.open.take() else {
            return;
        };
        if !block.unbraced {
            mistakes.note(Kind::UnclosedBlock, block.span);
        }
        let first = block.lines.first();
        let indented = first.is_some_and(|(indent, _)| *indent > block.indent);
        let end = block.lines.iter().position(|(indent, line)| {
            indented && *indent <= block.indent && !matches!(line, Line::Blank)
        });
        let below = block.lines.split_off(end.unwrap_or(block.lines.len()));
        self.keep(block, mistakes);
        for (indent, line) in below {
            self.push(indent, line);
        }
    }

    fn keep(&mut self, block: Block, mistakes: &mut Mistakes) {
        if !block.steps {
            mistakes.note(Kind::EmptyBlock, block.span);
        }
        let mut lines: Vec<Line> = block.lines.into_iter().map(|(_, line)| line).collect();
        trim_end(&mut lines);
        let kind = match block.kind {
            BlockKind::Together => StepKind::Together(lines),
            BlockKind::InAnyOrder => StepKind::InAnyOrder(lines),
        };
        let step = Step {
            at: None,
            kind,
            level: None,
            span: block.span,
        };
        self.push(block.indent, Line::Step(step));
    }

    /// Adds a line where it belongs, unless it is a blank too many.
    fn push(&mut self, indent: usize, line: Line) {
        let last = match &self.open {
            Some(open) => open.lines.last().map(|(_, line)| line),
            None => self.lines.last(),
        };
        if matches!(line, Line::Blank) && matches!(last, None | Some(Line::Blank)) {
            return;
        }
        match &mut self.open {
            Some(open) => open.lines.push((indent, line)),
            None => self.lines.push(line),
        }
    }

    /// The lines in their canonical form, and what else may have been said.
    pub(super) fn finish(mut self, mistakes: &mut Mistakes) -> (Vec<Line>, Lost) {
        self.cut_off(mistakes);
        trim_end(&mut self.lines);
        (self.lines, self.lost)
    }
}

impl Lost {
    fn tokens(&mut self, tokens: &[Token<'_>]) {
        for (at, token) in tokens.iter().enumerate() {
            match (&token.kind, tokens.get(at + 1).map(|next| &next.kind)) {
                (Tok::Capture(name), _) => self.captures.push((*name).to_owned()),
                (Tok::Word("as"), Some(Tok::Word(label))) => {
                    self.labels.push(split_label(label).0.to_owned());
                }
                _ => {}
            }
        }
    }
}

fn trim_end(lines: &mut Vec<Line>) {
    while let Some(Line::Blank) = lines.last() {
        lines.pop();
    }
}

fn is_punct(token: Option<&Token<'_>>, punct: Punct) -> bool {
    token.is_some_and(|token| token.kind == Tok::Punct(punct))
}

/// How many more braces are opened than closed.
fn balance(tokens: &[Token<'_>]) -> isize {
    let one = |token: &Token<'_>| match token.kind {
        Tok::Punct(Punct::OpenBrace) => 1,
        Tok::Punct(Punct::CloseBrace) => -1,
        _ => 0,
    };
    tokens.iter().map(one).sum()
}
