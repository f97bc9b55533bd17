//! Connecting, emitting and receiving.

use std::time::Duration;

use super::clause::{SHORTEST, split_label};
use super::cursor::{Cursor, Parsed};
use super::value::Use;
use crate::ast::{Connect, Emit, Expect, Receive, Reply, Series, StepKind, Transport, UpTo, Who};
use crate::lex::{Punct, Tok};
use crate::mistake::Kind;
use crate::names::{EventName, Label, Namespace, VOCABULARY};
use crate::span::{Span, Spanned};
use crate::suggest::closest;

/// What may be received, beside events.
const RECEIVED: &[&str] = &["ack", "closed", "connect_error", "nothing", "up to"];

const AWAIT: &str = "the arguments of the acknowledgement stand in parentheses: `=> ()`";
const ACK: &str = "the arguments of the acknowledgement stand in parentheses: `ack m1 ()`";
const UP_TO: &str = "write `up to 10 of new_message \"m{n}\" for n in 1..10, then closed`";

/// The clauses behind a receive.
#[derive(Default)]
struct Clauses {
    already: Option<Span>,
    within: Option<Duration>,
    series: Option<Spanned<Series>>,
}

impl Cursor<'_> {
    /// Behind `connects`.
    pub(super) fn connect(&mut self, who: Who) -> Parsed<Connect> {
        let (mut via, mut auth, mut to, mut node) = (None, None, None, None);
        loop {
            let span = self.span();
            if self.eat_word("via") {
                self.once(via.is_some(), "via", span);
                via = self.transport()?.map(|transport| transport.value);
            } else if self.eat_word("auth") {
                self.once(auth.is_some(), "auth", span);
                auth = Some(self.value(Use::Sent, 0)?);
            } else if self.eat_word("to") {
                self.once(to.is_some(), "to", span);
                to = Some(self.namespace()?);
            } else if self.eat_words("on node") {
                self.once(node.is_some(), "on node", span);
                node = Some(self.count("a node", "the number of a node, from 1", 1, u32::MAX)?);
            } else {
                return Ok(Connect {
                    who,
                    via,
                    auth,
                    to,
                    node,
                });
            }
        }
    }

    /// A transport, or nothing but a note that this is none.
    pub(super) fn transport(&mut self) -> Parsed<Option<Spanned<Transport>>> {
        let word = self.word("a transport", Some("`websocket`, `polling` or `upgrade`"))?;
        match word.value.parse() {
            Ok(transport) => Ok(Some(Spanned::new(transport, word.span))),
            Err(unknown) => {
                self.note(Kind::UnknownTransport(unknown), word.span);
                Ok(None)
            }
        }
    }

    fn namespace(&mut self) -> Parsed<Namespace> {
        let span = self.span();
        match self.peek() {
            Some(Tok::Path(path)) => {
                self.skip();
                Ok(Namespace::from(*path))
            }
            Some(Tok::Word(word)) => {
                let word = (*word).to_owned();
                Err(self.note(Kind::NamespaceWithoutSlash(word), span))
            }
            _ => Err(self.expected("a namespace", Some("write `to /admin`"))),
        }
    }

    /// Behind `->`.
    pub(super) fn emit(&mut self, who: Who) -> Parsed<Emit> {
        let event = self.event(&[])?;
        let args = self.arguments(Use::Sent)?;
        let (mut reply, mut series) = (None, None);
        loop {
            let span = self.span();
            if self.eat(Punct::Answer) {
                self.once(reply.is_some(), "=>", span);
                reply = Some(Reply::Await(self.acknowledged(AWAIT)?));
            } else if self.eat_word("as") {
                self.once(reply.is_some(), "as", span);
                reply = Some(Reply::As(self.label()?));
            } else if self.eat_word("for") {
                self.once(series.is_some(), "for", span);
                series = Some(self.series()?);
            } else {
                break;
            }
        }
        let reply = reply.unwrap_or(Reply::None);
        match &reply {
            Reply::As(label) => {
                self.numbered(label, series.as_ref());
                if let Some(series) = repeated(label, series.as_ref()) {
                    let variable = series.variable.to_string();
                    let label_name = label.value.to_string();
                    let kind = Kind::LabelRepeated {
                        label: label_name,
                        variable,
                    };
                    self.note(kind, label.span);
                }
            }
            Reply::None | Reply::Await(_) => self.uses_variable(series.as_ref(), &args),
        }
        Ok(Emit {
            who,
            event,
            args,
            reply,
            series: series.map(|series| series.value),
        })
    }

    /// Behind `<-`.
    pub(super) fn receive(&mut self, who: Who) -> Parsed<StepKind> {
        if self.eat_word("nothing") {
            return Ok(StepKind::Nothing(who));
        }
        if self.eat_words("up to") {
            return self.up_to(who).map(StepKind::UpTo);
        }
        let start = self.span();
        let (what, once) = if self.eat_word("closed") {
            (Expect::Closed, Some("closed"))
        } else if self.eat_word("connect_error") {
            let payload = self.value(Use::Pattern, 0)?;
            (Expect::ConnectError(payload), Some("connect_error"))
        } else if self.eat_word("ack") {
            let label = self.label()?;
            let args = self.acknowledged(ACK)?;
            (Expect::Ack { label, args }, None)
        } else {
            let event = self.event(RECEIVED)?;
            let args = self.arguments(Use::Pattern)?;
            (Expect::Event { event, args }, None)
        };
        let what_span = start.to(self.last_span());
        let clauses = self.clauses()?;
        match (&what, &clauses.series) {
            (Expect::Ack { label, .. }, series) => {
                self.numbered(label, series.as_ref());
                if repeated(label, series.as_ref()).is_some() {
                    self.note(Kind::AckTwice(label.value.to_string()), what_span);
                }
            }
            (Expect::Event { args, .. }, series) => self.uses_variable(series.as_ref(), args),
            (_, Some(series)) => {
                self.note(Kind::SeriesOfOne(once.unwrap_or_default()), series.span);
            }
            (_, None) => {}
        }
        Ok(StepKind::Receive(Receive {
            who,
            what,
            already: clauses.already.is_some(),
            within: clauses.within,
            series: clauses.series.map(|series| series.value),
        }))
    }

    /// Behind `up to`.
    fn up_to(&mut self, who: Who) -> Parsed<UpTo> {
        let count_span = self.span();
        let count = self.count("the length of a prefix", "how many at most", 1, u32::MAX)?;
        self.expect_word("of", "`of`", Some(UP_TO))?;
        let event = self.event(&[])?;
        let args = self.arguments(Use::Pattern)?;
        let mut clauses = self.clauses()?;
        let Some(series) = clauses.series.take() else {
            return Err(self.expected("`for`", Some(UP_TO)));
        };
        self.expect(Punct::Comma, "`, then closed`", Some(UP_TO))?;
        self.expect_word("then", "`then closed`", Some(UP_TO))?;
        self.expect_word("closed", "`closed`", Some(UP_TO))?;
        let or_all = self.eat(Punct::Comma);
        if or_all {
            self.expect_word("or", "`or all`", Some(UP_TO))?;
            self.expect_word("all", "`all`", Some(UP_TO))?;
        }
        if self.at_word("within") {
            let span = self.span();
            self.skip();
            self.once(clauses.within.is_some(), "within", span);
            clauses.within = Some(self.duration(SHORTEST)?);
        }
        if let Some(already) = clauses.already {
            let what = Kind::Trailing("`already`".to_owned());
            return Err(self.note(what, already));
        }
        if count > series.value.count() {
            self.note(Kind::UpToTooMany(series.value.count()), count_span);
        }
        self.uses_variable(Some(&series), &args);
        Ok(UpTo {
            who,
            count,
            event,
            args,
            series: series.value,
            or_all,
            within: clauses.within,
        })
    }

    fn clauses(&mut self) -> Parsed<Clauses> {
        let mut clauses = Clauses::default();
        loop {
            let span = self.span();
            if self.eat_word("already") {
                self.once(clauses.already.is_some(), "already", span);
                clauses.already = Some(span);
            } else if self.eat_word("within") {
                self.once(clauses.within.is_some(), "within", span);
                clauses.within = Some(self.duration(SHORTEST)?);
            } else if self.eat_word("for") {
                self.once(clauses.series.is_some(), "for", span);
                clauses.series = Some(self.series()?);
            } else {
                break;
            }
        }
        if let (Some(already), Some(_)) = (clauses.already, clauses.within) {
            self.note(Kind::AlreadyWithin, already);
        }
        Ok(clauses)
    }

    /// A bare word of the vocabulary, or a text. `keywords` are what else could have been meant.
    fn event(&mut self, keywords: &'static [&'static str]) -> Parsed<Spanned<EventName>> {
        let span = self.span();
        if let Some(Tok::Text(text)) = self.peek() {
            self.skip();
            return Ok(Spanned::new(EventName::from(text.as_str()), span));
        }
        let word = self.word(
            "an event",
            Some("an event and its arguments: `welcome \"Ben\"`"),
        )?;
        let word = word.value.to_owned();
        let event = Spanned::new(EventName::from(word.as_str()), span);
        if !VOCABULARY.contains(&word.as_str()) {
            let known: Vec<&'static str> = [VOCABULARY, keywords].concat();
            let near = closest(&word, known);
            self.note(Kind::UnknownEvent { word, near }, span);
        }
        Ok(event)
    }

    /// Notes a label whose variable has no number.
    fn numbered(&mut self, label: &Spanned<Label>, series: Option<&Spanned<Series>>) {
        let (_, variable) = split_label(label.value.as_str());
        let given = series.map(|series| series.value.variable.as_str());
        if let Some((variable, _)) = variable
            && given != Some(variable)
        {
            let kind = Kind::LabelWithoutSeries {
                variable: variable.to_owned(),
                given: given.map(str::to_owned),
            };
            self.note(kind, label.span);
        }
    }
}

/// The series that would give each of its requests this same label.
fn repeated<'a>(label: &Spanned<Label>, series: Option<&'a Spanned<Series>>) -> Option<&'a Series> {
    let series = &series?.value;
    let same = split_label(label.value.as_str()).1.is_none();
    (same && series.count() > 1).then_some(series)
}
