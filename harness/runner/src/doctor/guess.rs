//! What something looks like in a target.toml.

use chatspec_wire::data::Data;
use indexmap::IndexMap;
use toml_edit::{Key, Value};

/// A word, and the placeholder for it.
pub(crate) type Known<'a> = (&'a str, &'static str);

/// An event as a template: what is `known` is a placeholder, and what differs from time to time is left
/// open.
pub(crate) fn event(name: &str, args: &[Data], known: &[Known<'_>]) -> String {
    let name = Value::from(name).to_string();
    let args = args.iter().map(|arg| value(arg, known));
    let all: Vec<_> = std::iter::once(name).chain(args).collect();
    format!("[{}]", all.join(", "))
}

/// Arguments alone, for an ack.
pub(crate) fn arguments(args: &[Data], known: &[Known<'_>]) -> String {
    let args: Vec<_> = args.iter().map(|arg| value(arg, known)).collect();
    format!("[{}]", args.join(", "))
}

const OPEN: &str = "\"$_\"";

fn value(data: &Data, known: &[Known<'_>]) -> String {
    match data {
        Data::Null => "\"$null\"".to_owned(),
        Data::Bool(truth) => truth.to_string(),
        Data::Number(_) | Data::Array(_) | Data::Binary(_) => OPEN.to_owned(),
        Data::Text(text) => {
            let said = match serde_json::from_str(text) {
                Ok(data @ Data::Object(_)) => {
                    json(&data, known).and_then(|data| serde_json::to_string(&data).ok())
                }
                _ => words(text, known),
            };
            said.map_or_else(|| OPEN.to_owned(), |said| Value::from(said).to_string())
        }
        Data::Object(fields) => {
            let field = |(key, field): (&String, &Data)| {
                let field = value(field, known);
                // Fields that are not named may be there all the same.
                (field != OPEN).then(|| format!("{} = {field}", Key::new(key)))
            };
            let said: Vec<_> = fields.iter().filter_map(field).collect();
            match (said.is_empty(), fields.keys().next()) {
                (true, Some(first)) => format!("{{ {} = {OPEN} }}", Key::new(first)),
                (true, None) => "{}".to_owned(),
                (false, _) => format!("{{ {} }}", said.join(", ")),
            }
        }
    }
}

/// The same of what is JSON in a text.
fn json(data: &Data, known: &[Known<'_>]) -> Option<Data> {
    match data {
        Data::Null | Data::Bool(_) => Some(data.clone()),
        Data::Number(_) | Data::Array(_) | Data::Binary(_) => None,
        Data::Text(text) => words(text, known).map(Data::Text),
        Data::Object(fields) => {
            let field = |(key, field): (&String, &Data)| Some((key.clone(), json(field, known)?));
            let mut said: IndexMap<_, _> = fields.iter().filter_map(field).collect();
            if let (true, Some(first)) = (said.is_empty(), fields.keys().next()) {
                said.insert(first.clone(), Data::from("$_"));
            }
            Some(Data::Object(said))
        }
    }
}

/// A text with placeholders in it; none where it differs from time to time.
fn words(text: &str, known: &[Known<'_>]) -> Option<String> {
    /// With more digits than these it is a time or an id, and the next one is another.
    const FEW: usize = 2;
    let mut said = text.replace('$', "$$");
    let mut is_known = false;
    for (word, placeholder) in known {
        if !word.is_empty() && said.contains(word) {
            said = said.replace(word, placeholder);
            is_known = true;
        }
    }
    let digits = said.chars().filter(char::is_ascii_digit).count();
    (is_known || digits <= FEW).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_becomes_a_template() {
        let known = [
            ("Bea", "$nickname"),
            ("hello there", "$text"),
            ("r7", "$room"),
        ];
        let args = |json: &str| -> Vec<Data> { serde_json::from_str(json).unwrap() };
        for (json, template) in [
            (r#"["Bea"]"#, r#"["e", "$nickname"]"#),
            (r#"["Bea: hello there"]"#, r#"["e", "$nickname: $text"]"#),
            (
                r#"[{"user":{"name":"Bea"},"id":17,"at":"2026-01-01T00:00","a b":true}]"#,
                r#"["e", { user = { name = "$nickname" }, "a b" = true }]"#,
            ),
            (
                r#"[{"numUsers":2},[1],null]"#,
                r#"["e", { numUsers = "$_" }, "$_", "$null"]"#,
            ),
            (
                r#"["costs $5","in r7"]"#,
                r#"["e", "costs $$5", "in $room"]"#,
            ),
            ("[{}]", r#"["e", {}]"#),
            (
                r#"["{\"by\":\"Bea\",\"at\":1234,\"text\":\"hello there\"}"]"#,
                r#"["e", '{"by":"$nickname","text":"$text"}']"#,
            ),
        ] {
            assert_eq!(event("e", &args(json), &known), template);
        }
    }
}
