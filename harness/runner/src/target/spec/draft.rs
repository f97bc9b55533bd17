//! A target.toml that is still to be written: `chatspec init`.

use std::fmt::Write as _;

use serde_json::Value as Json;
use toml_edit::{Key, Value};

/// What is known of a target that nobody has described yet. Values are JSON, as a browser shows them, with
/// the placeholders of a target.toml.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What it is called.
    pub name: String,
    /// What it can do beyond the seed contract.
    pub capabilities: Vec<String>,
    /// Its own events.
    pub ignore: Vec<String>,
    /// What it lacks.
    pub lacks: Vec<String>,
    /// Keys and values of `[launch]`.
    pub launch: Vec<(&'static str, Json)>,
    /// Keys and values of `[connection]`.
    pub connection: Vec<(&'static str, Json)>,
    /// For each event by its seed's name, keys and values of its table.
    pub events: Vec<(&'static str, Vec<(&'static str, Json)>)>,
}

impl Draft {
    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = String::new();
        line(&mut text, "name", &Json::from(self.name.as_str()));
        for (key, list) in [
            ("capabilities", &self.capabilities),
            ("ignore", &self.ignore),
            ("lacks", &self.lacks),
        ] {
            if !list.is_empty() {
                line(&mut text, key, &Json::from(list.clone()));
            }
        }
        table(&mut text, "launch", &self.launch);
        table(&mut text, "connection", &self.connection);
        for (event, keys) in &self.events {
            table(&mut text, &format!("events.{event}"), keys);
        }
        text
    }
}

fn table(text: &mut String, name: &str, keys: &[(&'static str, Json)]) {
    if keys.is_empty() {
        return;
    }
    writeln!(text, "\n[{name}]").unwrap_or_default();
    for (key, value) in keys {
        line(text, key, value);
    }
}

fn line(text: &mut String, key: &str, value: &Json) {
    // To a string, this cannot fail.
    writeln!(text, "{key} = {}", inline(value)).unwrap_or_default();
}

/// A value of JSON on one line of TOML.
fn inline(value: &Json) -> String {
    match value {
        Json::Null => "\"$null\"".to_owned(),
        Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::String(text) => Value::from(text.as_str()).to_string(),
        Json::Array(items) => {
            let items: Vec<_> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(fields) => {
            let field =
                |(key, value): (&String, &Json)| format!("{} = {}", Key::new(key), inline(value));
            let fields: Vec<_> = fields.iter().map(field).collect();
            if fields.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ {} }}", fields.join(", "))
            }
        }
    }
}
