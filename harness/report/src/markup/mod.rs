//! What all pages share: their head, their colours, and text that stays text.

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::style::Ink;
use crate::text;

/// The document up to its body. `title` is markup already.
///
/// With a script nothing else runs and nothing is loaded, whatever a server has sent (Content
/// Security Policy, by the hashes of what we wrote).
pub(crate) fn head(
    title: &str,
    css: &str,
    script: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let css = format!("\n{}{css}", include_str!("base.css"));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
    )?;
    if let Some(script) = script {
        let (style, script) = (hash(&css), hash(script));
        writeln!(
            out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'\">"
        )?;
    }
    writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>{css}</style>\n</head>"
    )
}

fn hash(source: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(source)))
}

/// The class that has the colour of an ink.
pub(crate) const fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Plain | Ink::Strong => "plain",
        Ink::Dim => "dim",
        Ink::Good => "good",
        Ink::Bad => "bad",
        Ink::Doubtful => "doubtful",
        Ink::Note => "note",
        Ink::Open => "open",
    }
}

/// A sentence that says what it says in an element and in a quoted attribute, short enough to be
/// read.
pub(crate) fn safe(words: &str) -> String {
    let mut safe = String::with_capacity(words.len());
    for char in text::legible(words).chars() {
        match char {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(char),
        }
    }
    safe
}

/// One line as the content of an element: nothing in it is markup, and nothing is invisible.
pub(crate) fn content(line: &str) -> String {
    markup(text::escape(line))
}

/// The same, no longer than `room` characters.
pub(crate) fn short(line: &str, room: usize) -> String {
    markup(Cow::Owned(text::shorten(&text::escape(line), room, None)))
}

/// Several lines as the content of an element.
pub(crate) fn lines(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(content).collect();
    lines.join("\n")
}

fn markup(text: Cow<'_, str>) -> String {
    if text.contains(['<', '&']) {
        text.replace('&', "&amp;").replace('<', "&lt;")
    } else {
        text.into_owned()
    }
}
