//! What `chatspec coverage` says: a table in Markdown, which is committed and checked.

use std::io::{self, Write};

use chatspec_judge::coverage::Row;
use chatspec_judge::ids::ScenarioId;

use crate::text;

/// Writes every behaviour with its scenarios, or with the reason why it has none.
pub fn write(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Coverage\n")?;
    writeln!(
        out,
        "What a black box can see of a chat, the clauses about it with their scenarios, and why there\n\
         is none where there is none. Written by `chatspec coverage`; its source is\n\
         [catalogue.toml](catalogue.toml).\n"
    )?;
    writeln!(out, "| id | behaviour | scenarios, or why not |")?;
    writeln!(out, "|---|---|---|")?;
    for row in rows {
        let by_clause = row.clauses.iter().map(|(clause, scenarios)| {
            let scenarios: Vec<_> = scenarios.iter().map(ScenarioId::as_str).collect();
            format!("`{clause}`: {}", scenarios.join(", "))
        });
        let open = row.open.iter().map(|why| format!("*open*: {why}"));
        let told: Vec<_> = by_clause.chain(open).collect();
        writeln!(
            out,
            "| {} | {} | {} |",
            row.id,
            row.behaviour,
            told.join("<br>")
        )?;
    }
    let open = rows.iter().filter(|row| row.open.is_some()).count();
    writeln!(
        out,
        "\n{}, {open} of them open.",
        text::count(rows.len(), "behaviour")
    )
}
