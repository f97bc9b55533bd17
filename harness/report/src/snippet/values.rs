//! Values and names as JavaScript has them.

use chatspec_notation::ast::Series;
use chatspec_notation::value::{Text, Value};

/// `value` as an expression. In a series, `{n}` stands for its number.
pub(super) fn literal(value: &Value, series: Option<&Series>) -> String {
    let all = |values: &[Value]| -> Vec<String> {
        values.iter().map(|value| literal(value, series)).collect()
    };
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text_literal(text, series),
        Value::Array(items) => format!("[{}]", all(items).join(", ")),
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| {
                // A plain `__proto__` would not be a key.
                let key = match key.as_str() {
                    "__proto__" => "[\"__proto__\"]".to_owned(),
                    key => quoted(key),
                };
                format!("{key}: {}", literal(value, series))
            });
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Bytes(bytes) => {
            let bytes = bytes.iter().map(|byte| format!("0x{byte:02x}"));
            format!("Buffer.from([{}])", bytes.collect::<Vec<_>>().join(", "))
        }
        Value::ManyBytes(count) => format!("Buffer.alloc({count}).map((_, index) => index % 256)"),
        Value::Name(room) => room_of(&room.value),
        // The notation's checks keep holes out of what is sent, but for what a receive has bound.
        Value::Capture(capture) => format!("undefined /* ${} */", capture.value),
        Value::Any => "undefined /* _ */".to_owned(),
    }
}

/// A room of the scenario.
pub(super) fn room_of(name: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if name.starts_with(|char: char| char.is_ascii_alphabetic()) && name.chars().all(is_plain) {
        format!("rooms.{name}")
    } else {
        format!("rooms[{}]", quoted(name))
    }
}

/// Text of the notation, which is full of quotes.
pub(super) fn notation(text: &str, series: Option<&Series>) -> String {
    match template(text, series) {
        literal if literal.starts_with('`') || text.contains(['\'', '\\']) => literal,
        literal if text.chars().any(char::is_control) => literal,
        _ => format!("'{text}'"),
    }
}

/// Text that is read as it is, but for the number of a series in it.
pub(super) fn template(text: &str, series: Option<&Series>) -> String {
    let Some(series) = series else {
        return quoted(text);
    };
    let hole = format!("{{{}}}", series.variable);
    if !text.contains(&hole) {
        return quoted(text);
    }
    let parts: Vec<String> = text.split(&hole).map(in_template).collect();
    let variable = identifier(series.variable.as_str());
    format!("`{}`", parts.join(&format!("${{{variable}}}")))
}

/// A JSON string is one of JavaScript's.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A name that JavaScript takes and that the prelude does not have.
pub(super) fn identifier(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() {
                char
            } else {
                '_'
            }
        })
        .collect();
    if TAKEN.contains(&plain.as_str()) {
        plain + "_"
    } else {
        plain
    }
}

fn text_literal(text: &Text, series: Option<&Series>) -> String {
    let mut literal = template(&text.text, series);
    if let Some(times) = text.repeat {
        literal = format!("{literal}.repeat({times})");
    }
    if let Some(length) = text.padded {
        literal = format!("{literal}.padEnd({length}, \".\")");
    }
    literal
}

fn in_template(part: &str) -> String {
    let json = quoted(part);
    let inner = json.trim_start_matches('"');
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    // Of what JSON escapes, quotes may stay so; what opens or ends a template has to be.
    inner.replace('`', "\\`").replace("${", "\\${")
}

/// What JavaScript or the prelude has already.
const TAKEN: &[&str] = &[
    "Buffer",
    "LONGEST",
    "OWN",
    "TRANSPORTS",
    "arguments",
    "await",
    "began",
    "break",
    "case",
    "catch",
    "class",
    "connect",
    "console",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enter",
    "enum",
    "eval",
    "everybody",
    "export",
    "extends",
    "false",
    "fetch",
    "finally",
    "for",
    "function",
    "http",
    "if",
    "implements",
    "import",
    "in",
    "inside",
    "inspect",
    "instanceof",
    "interface",
    "io",
    "let",
    "member",
    "new",
    "next",
    "nothing",
    "null",
    "over",
    "package",
    "pause",
    "performance",
    "private",
    "process",
    "protected",
    "public",
    "return",
    "rooms",
    "show",
    "static",
    "super",
    "switch",
    "tell",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "url",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

#[cfg(test)]
mod tests {
    use chatspec_notation::names::Variable;

    use super::*;

    #[test]
    fn what_javascript_would_read_otherwise_is_escaped() {
        let series = Series {
            variable: Variable::from("n"),
            first: 1,
            last: 2,
        };
        let text = |text: &str| literal(&Value::Text(Text::plain(text)), Some(&series));
        assert_eq!(text("m{n}"), "`m${n}`");
        assert_eq!(text("`${x}\\\"{n}"), "`\\`\\${x}\\\\\\\"${n}`");
        assert_eq!(text("`${x}"), "\"`${x}\"");
        assert_eq!(identifier("new"), "new_");
        assert_eq!(identifier("a-b"), "a_b");
        let object = Value::Object(vec![("__proto__".to_owned(), Value::Null)]);
        assert_eq!(literal(&object, None), "{ [\"__proto__\"]: null }");
    }
}
