//! The rules that were checked, and where each comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use chatspec_judge::ids::ScenarioId;
use chatspec_judge::verdict::ClauseNote;

use super::plain;
use super::scenario::Ran;
use crate::markup::{content, safe};

/// Where documents are, by how a clause's source names them.
const DOCUMENTS: [(&str, &str); 7] = [
    (
        "Socket.IO protocol v5",
        "https://socket.io/docs/v4/socket-io-protocol/",
    ),
    (
        "Engine.IO protocol v4",
        "https://socket.io/docs/v4/engine-io-protocol/",
    ),
    (
        "Socket.IO documentation, rooms",
        "https://socket.io/docs/v4/rooms/",
    ),
    (
        "Socket.IO documentation, delivery guarantees",
        "https://socket.io/docs/v4/delivery-guarantees/",
    ),
    (
        "Socket.IO documentation, Redis adapter",
        "https://socket.io/docs/v4/redis-adapter/",
    ),
    ("Socket.IO documentation", "https://socket.io/docs/v4/"),
    ("seed contract", "#seed-contract"),
];

pub(super) fn write(
    scenarios: &BTreeMap<&ScenarioId, Vec<Ran<'_>>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut clauses: BTreeMap<&str, (&ClauseNote, BTreeSet<&ScenarioId>)> = BTreeMap::new();
    for (id, ran) in scenarios {
        for clause in ran.iter().flat_map(|ran| &ran.case.clauses) {
            let known = clauses.entry(&clause.id);
            known
                .or_insert_with(|| (clause, BTreeSet::new()))
                .1
                .insert(id);
        }
    }
    if clauses.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"clauses\">\n<h2>Clauses</h2>\n<h3 id=\"seed-contract\">The seed contract</h3>\n\
         <div class=\"wide\" role=\"region\" aria-label=\"The seed contract\" tabindex=\"0\"><table class=\"prose\">\n\
         <thead><tr><th scope=\"col\">a client emits</th><th scope=\"col\">the server does, in this order</th></tr></thead>\n\
         <tbody><tr><th scope=\"row\"><code>enter_room</code> (nickname, room, ack)</th><td>remembers the nickname for \
         this socket, joins it to the room, calls ack without arguments, emits <code>welcome</code> (nickname) to \
         everyone else in the room</td></tr>\n\
         <tr><th scope=\"row\"><code>new_message</code> (text, room, ack)</th><td>emits <code>new_message</code> \
         (\"nickname: text\") to everyone else in the room, calls ack without arguments</td></tr></tbody></table></div>\n\
         <dl>"
    )?;
    for (id, (clause, checked)) in clauses {
        let checked = checked.into_iter().map(|scenario| {
            let (place, name) = (plain(scenario.as_str()), content(scenario.as_str()));
            format!("<a href=\"#{place}\">{name}</a>")
        });
        writeln!(
            out,
            "<dt id=\"clause:{}\">{}</dt><dd>{}<br><span class=\"dim\">{}</span><br>checked by {}</dd>",
            plain(id),
            content(id),
            safe(&clause.sentence),
            source(&clause.source),
            checked.collect::<Vec<_>>().join(", ")
        )?;
    }
    writeln!(out, "</dl>\n</section>")
}

/// The source, with a link to each document that it names.
fn source(source: &str) -> String {
    let document = DOCUMENTS.iter().find(|(name, _)| source.contains(name));
    let Some((name, link)) = document else {
        return safe(source);
    };
    safe(source).replacen(
        name,
        &format!("<a href=\"{link}\" rel=\"noreferrer\">{name}</a>"),
        1,
    )
}
