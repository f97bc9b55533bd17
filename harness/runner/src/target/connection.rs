//! What is said when a connection is opened, beyond what Socket.IO itself says: `[connection]` of a
//! target.toml.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chatspec_wire::data::Data;
use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::pki_types::CertificateDer;

use super::dialect::template::{Bindings, Slot, Template, Words};

/// Names that Engine.IO has given a meaning (Engine.IO protocol v4, "HTTP long-polling").
pub(crate) const RESERVED: [&str; 4] = ["EIO", "transport", "sid", "t"];

/// What stays as it is in a query (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What is said when a connection is opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Connection {
    /// The path of the Engine.IO endpoint, with both slashes.
    pub(crate) path: Option<String>,
    /// The namespace that is joined, with its slash.
    pub(crate) namespace: Option<Words>,
    pub(crate) query: Vec<(String, Words)>,
    pub(crate) headers: Vec<(HeaderName, Words)>,
    pub(crate) cookies: Vec<(String, Words)>,
    /// The payload of the CONNECT packet.
    pub(crate) auth: Option<Template>,
    /// Whether a server that we start speaks TLS; what a URL says of itself counts as well.
    pub(crate) tls: bool,
    /// Authorities that are trusted beside those of this machine.
    pub(crate) authorities: Vec<CertificateDer<'static>>,
}

/// What every request of one client says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Greeting {
    /// What is added to the query, each with its `&` in front.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
}

/// Who connects where nobody in particular does: the first look at a server.
pub(crate) fn stranger() -> Bindings {
    Bindings {
        nickname: Some(Data::from("Chatspec")),
        room: Some(Data::from("chatspec")),
        ..Bindings::default()
    }
}

impl Connection {
    /// What the requests of this client say.
    pub(crate) fn greeting(&self, with: &Bindings) -> Greeting {
        let mut greeting = Greeting::default();
        for (name, value) in &self.query {
            if let Some(value) = value.fill(with) {
                greeting.query.push('&');
                greeting.query.extend(utf8_percent_encode(name, ENCODED));
                greeting.query.push('=');
                greeting.query.extend(utf8_percent_encode(&value, ENCODED));
            }
        }
        for (name, value) in &self.headers {
            if let Some(value) = value.fill(with).and_then(|value| header(&value)) {
                greeting.headers.append(name.clone(), value);
            }
        }
        let mut cookies = String::new();
        for (name, value) in &self.cookies {
            if let Some(value) = value.fill(with) {
                let between = if cookies.is_empty() { "" } else { "; " };
                // To a string, this cannot fail.
                write!(cookies, "{between}{name}={value}").unwrap_or_default();
            }
        }
        if let Some(cookies) = header(&cookies).filter(|_| !cookies.is_empty()) {
            greeting.headers.append(COOKIE, cookies);
        }
        greeting
    }

    /// The namespace that this client joins.
    pub(crate) fn namespace(&self, with: &Bindings) -> Option<String> {
        self.namespace.as_ref()?.fill(with)
    }

    /// What this client's CONNECT carries.
    pub(crate) fn auth(&self, with: &Bindings) -> Option<Data> {
        self.auth.as_ref()?.fill(with)
    }

    /// What is said here of who connects.
    pub(crate) fn slots(&self) -> BTreeSet<Slot> {
        let pairs = self.query.iter().map(|(_, words)| words);
        let headers = self.headers.iter().map(|(_, words)| words);
        let cookies = self.cookies.iter().map(|(_, words)| words);
        let mut slots = BTreeSet::new();
        for words in pairs.chain(headers).chain(cookies).chain(&self.namespace) {
            words.slots(&mut slots);
        }
        if let Some(auth) = &self.auth {
            auth.slots(&mut slots);
        }
        slots
    }

    /// Whether the CONNECT packet is not the one that a scenario would write.
    pub(crate) const fn changes_the_connect(&self) -> bool {
        self.namespace.is_some() || self.auth.is_some()
    }

    /// Whether it says nothing.
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// A header's value. What a header cannot hold is percent-encoded, as browsers do with cookies.
fn header(value: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(value)
        .or_else(|_| HeaderValue::from_str(&utf8_percent_encode(value, ENCODED).to_string()))
        .ok()
}
