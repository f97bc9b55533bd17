//! Requests named with `as`, and the acknowledgements received for them.

use crate::ast::{Line, Reply, Series, StepKind, Who};
use crate::error::Mistakes;
use crate::mistake::Kind;
use crate::names::Label;
use crate::parse::{Lost, split_label};
use crate::span::{Span, Spanned};
use crate::suggest::closest;

/// The labels that one line stands for: `m{n}` from 1 to 100, or `m1` alone.
#[derive(Clone, Copy)]
struct Family<'s> {
    /// As it is written.
    label: &'s str,
    before: &'s str,
    /// The text behind the number, and the numbers; `None` for a label without one.
    numbers: Option<(&'s str, u32, u32)>,
}

/// The requests and acknowledgements seen so far.
pub(super) struct Labels<'s> {
    named: Vec<Request<'s>>,
    acknowledged: Vec<(Family<'s>, Option<u32>, Span)>,
    /// All requests of the file, also those below.
    all: Vec<Family<'s>>,
    lost: &'s [String],
}

struct Request<'s> {
    family: Family<'s>,
    who: &'s Who,
    span: Span,
}

impl Request<'_> {
    /// Whether `who` receives the acknowledgement. What a whole group asks, each member receives;
    /// what one member asks, no other does.
    fn is_of(&self, who: &Who) -> bool {
        self.who.name == who.name && (self.who.member.is_none() || self.who.member == who.member)
    }
}

impl<'s> Labels<'s> {
    pub(super) fn new(body: &'s [Line], lost: &'s Lost) -> Self {
        let mut all = Vec::new();
        collect(body, &mut all);
        Self {
            named: Vec::new(),
            acknowledged: Vec::new(),
            all,
            lost: &lost.labels,
        }
    }

    /// `who` names requests.
    pub(super) fn named(
        &mut self,
        who: &'s Who,
        label: &'s Spanned<Label>,
        series: Option<&'s Series>,
        mistakes: &mut Mistakes,
    ) {
        let family = Family::new(label.value.as_str(), series);
        let same = self
            .named
            .iter()
            .find(|known| known.family.overlaps(family));
        if let Some(known) = same {
            let kind = Kind::LabelTwice(label.value.to_string());
            mistakes.note_with(kind, label.span, known.span, "first here");
        }
        self.named.push(Request {
            family,
            who,
            span: label.span,
        });
    }

    /// Whether `who` asked for the acknowledgements that it receives; noted if not.
    pub(super) fn asked(
        &self,
        who: &Who,
        label: &'s Spanned<Label>,
        series: Option<&Series>,
        mistakes: &mut Mistakes,
    ) -> bool {
        let family = Family::new(label.value.as_str(), series);
        let Some(request) = self.named.iter().find(|known| known.family.holds(family)) else {
            self.unknown(family, label, mistakes);
            return false;
        };
        if request.is_of(who) {
            return true;
        }
        let kind = Kind::ForeignLabel {
            label: label.value.to_string(),
            who: who.to_string(),
            owner: request.who.to_string(),
        };
        mistakes.note_with(kind, label.span, request.span, "asked here");
        false
    }

    /// `who` receives the acknowledgements; noted if it has received one of them before.
    pub(super) fn once(
        &mut self,
        who: &Who,
        label: &'s Spanned<Label>,
        series: Option<&Series>,
        mistakes: &mut Mistakes,
    ) {
        let family = Family::new(label.value.as_str(), series);
        let same = self.acknowledged.iter().find(|(known, member, _)| {
            let members_meet = member.is_none() || who.member.is_none() || *member == who.member;
            members_meet && known.overlaps(family)
        });
        if let Some((_, _, first)) = same {
            let kind = Kind::AckTwice(label.value.to_string());
            mistakes.note_with(kind, label.span, *first, "first here");
        }
        self.acknowledged.push((family, who.member, label.span));
    }

    fn unknown(&self, family: Family<'s>, label: &Spanned<Label>, mistakes: &mut Mistakes) {
        if self.lost.iter().any(|lost| family.before.starts_with(lost)) {
            return;
        }
        let name = label.value.to_string();
        if self.all.iter().any(|known| known.holds(family)) {
            mistakes.note(Kind::LabelBelow(name), label.span);
            return;
        }
        let other = self.named.iter().find_map(|known| {
            let (_, first, last) = known.family.numbers?;
            (known.family.label == family.label).then_some((first, last, known.span))
        });
        if let Some((first, last, span)) = other {
            let kind = Kind::LabelOutOfSeries {
                label: name,
                first,
                last,
            };
            mistakes.note_with(kind, label.span, span, "named here");
            return;
        }
        let near = closest(&name, self.all.iter().map(|known| known.label)).map(str::to_owned);
        mistakes.note(Kind::UnknownLabel { name, near }, label.span);
    }
}

fn collect<'s>(lines: &'s [Line], all: &mut Vec<Family<'s>>) {
    for line in lines {
        match line {
            Line::Step(step) => match &step.kind {
                StepKind::Emit(emit) => {
                    if let Reply::As(label) = &emit.reply {
                        all.push(Family::new(label.value.as_str(), emit.series.as_ref()));
                    }
                }
                StepKind::Together(lines) | StepKind::InAnyOrder(lines) => collect(lines, all),
                _ => {}
            },
            Line::Comment(_) | Line::Blank => {}
        }
    }
}

impl<'s> Family<'s> {
    fn new(label: &'s str, series: Option<&Series>) -> Self {
        let (before, variable) = split_label(label);
        let numbers = variable.map(|(_, after)| {
            let (first, last) = series.map_or((0, 0), |series| (series.first, series.last));
            (after, first, last)
        });
        Self {
            label,
            before,
            numbers,
        }
    }

    /// Whether `label`, which holds no variable, is one of these.
    fn has(self, label: &str) -> bool {
        let Some((after, first, last)) = self.numbers else {
            return label == self.before;
        };
        let number = label
            .strip_prefix(self.before)
            .and_then(|rest| rest.strip_suffix(after));
        let canonical = |digits: &&str| *digits == "0" || !digits.starts_with(['0', '+']);
        let number: Option<u32> = number
            .filter(canonical)
            .and_then(|digits| digits.parse().ok());
        number.is_some_and(|number| (first..=last).contains(&number))
    }

    /// Every label, one by one.
    fn labels(self) -> impl Iterator<Item = String> {
        let (after, first, last) = self.numbers.unwrap_or_default();
        (first..=last).map(move |number| match self.numbers {
            Some(_) => format!("{}{number}{after}", self.before),
            None => self.before.to_owned(),
        })
    }

    /// Whether all of `other` are among these.
    fn holds(self, other: Self) -> bool {
        match (self.numbers, other.numbers) {
            (Some((after, first, last)), Some((other_after, other_first, other_last)))
                if (self.before, after) == (other.before, other_after) =>
            {
                first <= other_first && other_last <= last
            }
            _ => other.labels().all(|label| self.has(&label)),
        }
    }

    /// Whether one label is among these and `other`.
    fn overlaps(self, other: Self) -> bool {
        match (self.numbers, other.numbers) {
            (Some((after, first, last)), Some((other_after, other_first, other_last)))
                if (self.before, after) == (other.before, other_after) =>
            {
                first <= other_last && other_first <= last
            }
            (None, _) => other.has(self.before),
            // Most labels do not even begin alike.
            _ if !self.before.starts_with(other.before)
                && !other.before.starts_with(self.before) =>
            {
                false
            }
            _ => other.labels().any(|label| self.has(&label)),
        }
    }
}
