//! Steps, and what they are made of.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use super::value::{arguments, listed, quoted};
use super::{INDENT, duration, lines};
use crate::ast::{
    Connect, Emit, Expect, Fault, Http, Line, Raw, RawReceive, Receive, Reply, Series, StepKind,
    UpTo,
};
use crate::names::{EventName, VOCABULARY};

/// One line without its newline, without stamp and level; a block takes several.
impl Display for StepKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(connect) => connect.fmt(f),
            Self::Emit(emit) => emit.fmt(f),
            Self::Receive(receive) => receive.fmt(f),
            Self::Nothing(who) => write!(f, "{who} <- nothing"),
            Self::UpTo(up_to) => up_to.fmt(f),
            Self::Act(who, act) => write!(f, "{who} {act}"),
            Self::RawSend(who, raw) => write!(f, "{who} >> {raw}"),
            Self::RawReceive(receive) => receive.fmt(f),
            Self::Http(http) => http.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
            Self::Together(inner) => block(f, "together", inner),
            Self::InAnyOrder(inner) => block(f, "in any order", inner),
        }
    }
}

impl Display for Connect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} connects", self.who)?;
        if let Some(via) = self.via {
            write!(f, " via {via}")?;
        }
        if let Some(auth) = &self.auth {
            write!(f, " auth {auth}")?;
        }
        if let Some(to) = &self.to {
            write!(f, " to {to}")?;
        }
        if let Some(node) = self.node {
            write!(f, " on node {node}")?;
        }
        Ok(())
    }
}

impl Display for Emit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> ", self.who)?;
        event(f, &self.event.value)?;
        arguments(f, &self.args)?;
        match &self.reply {
            Reply::None => {}
            Reply::Await(args) => {
                f.write_str(" => ")?;
                listed(f, '(', args, ')')?;
            }
            Reply::As(label) => write!(f, " as {}", label.value)?,
        }
        series(f, self.series.as_ref())
    }
}

impl Display for Receive {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} <- {}", self.who, self.what)?;
        if self.already {
            f.write_str(" already")?;
        }
        within(f, self.within)?;
        series(f, self.series.as_ref())
    }
}

impl Display for Expect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event { event: name, args } => {
                event(f, &name.value)?;
                arguments(f, args)
            }
            Self::Ack { label, args } => {
                write!(f, "ack {} ", label.value)?;
                listed(f, '(', args, ')')
            }
            Self::ConnectError(payload) => write!(f, "connect_error {payload}"),
            Self::Closed => f.write_str("closed"),
        }
    }
}

impl Display for UpTo {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} <- up to {} of ", self.who, self.count)?;
        event(f, &self.event.value)?;
        arguments(f, &self.args)?;
        within(f, self.within)?;
        series(f, Some(&self.series))?;
        f.write_str(", then closed")?;
        if self.or_all {
            f.write_str(", or all")?;
        }
        Ok(())
    }
}

impl Display for Series {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "for {} in {}..{}", self.variable, self.first, self.last)
    }
}

impl Display for Raw {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Bytes(bytes) => super::value::hex(f, bytes),
        }
    }
}

impl Display for RawReceive {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} << {}", self.who, self.raw)?;
        within(f, self.within)
    }
}

impl Display for Http {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.who, self.method)?;
        quoted(f, &self.target)?;
        if let Some(body) = &self.body {
            f.write_str(" ")?;
            quoted(f, body)?;
        }
        write!(f, " => {}", self.status)?;
        if let Some(answer) = &self.answer {
            f.write_str(" ")?;
            quoted(f, answer)?;
        }
        Ok(())
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServerRestarts => f.write_str("server restarts"),
            Self::LinkDelays(who, by) => write!(f, "link {who} delays {}", duration(*by)),
        }
    }
}

fn block(f: &mut Formatter<'_>, opening: &str, inner: &[Line]) -> fmt::Result {
    writeln!(f, "{opening} {{")?;
    lines(f, inner, INDENT)?;
    f.write_str("}")
}

fn event(f: &mut Formatter<'_>, name: &EventName) -> fmt::Result {
    if VOCABULARY.contains(&name.as_str()) {
        name.fmt(f)
    } else {
        quoted(f, name.as_str())
    }
}

fn within(f: &mut Formatter<'_>, within: Option<Duration>) -> fmt::Result {
    match within {
        Some(within) => write!(f, " within {}", duration(within)),
        None => Ok(()),
    }
}

fn series(f: &mut Formatter<'_>, series: Option<&Series>) -> fmt::Result {
    match series {
        Some(series) => write!(f, " {series}"),
        None => Ok(()),
    }
}
