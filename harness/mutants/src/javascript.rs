//! What JavaScript makes of a value where text is wanted.
//!
//! The original builds its lines with string concatenation, so a client that sends anything but
//! text still gets a line. A server in another language has to choose something; this one chooses
//! the same.

use chatspec_wire::data::Data;

/// The text of a value; of `undefined` for `None`.
pub(crate) fn text_of(data: Option<&Data>) -> String {
    match data {
        None => "undefined".to_owned(),
        Some(Data::Null) => "null".to_owned(),
        Some(Data::Bool(value)) => value.to_string(),
        Some(Data::Number(number)) => number.as_f64().map(number_text).unwrap_or_default(),
        Some(Data::Text(text)) => text.clone(),
        Some(Data::Array(items)) => {
            let texts: Vec<_> = items.iter().map(item_text).collect();
            texts.join(",")
        }
        Some(Data::Object(_)) => "[object Object]".to_owned(),
        // Node's `Buffer` reads itself as UTF-8.
        Some(Data::Binary(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// `null` within an array is nothing.
fn item_text(item: &Data) -> String {
    if *item == Data::Null {
        String::new()
    } else {
        text_of(Some(item))
    }
}

fn number_text(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if (1e-6..1e21).contains(&size) {
        number.to_string()
    } else {
        let text = format!("{number:e}");
        if size < 1.0 {
            text
        } else {
            text.replace('e', "e+")
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    #[test]
    fn is_what_node_prints() {
        for (value, text) in [
            (json!(null), "null"),
            (json!(true), "true"),
            (json!(1.0), "1"),
            (json!(-0.0), "0"),
            (json!(0.1), "0.1"),
            (json!(-12.5), "-12.5"),
            (json!(1e21), "1e+21"),
            (json!(1.234_567_890_123_456_8e20), "123456789012345680000"),
            (json!(1e-7), "1e-7"),
            (json!(0.000_001), "0.000001"),
            (json!(9_007_199_254_740_993_u64), "9007199254740992"),
            (json!("as it is"), "as it is"),
            (json!([1, [null, "a"], {}]), "1,,a,[object Object]"),
            (json!([]), ""),
            (json!({"a": 1}), "[object Object]"),
        ] {
            assert_eq!(text_of(Some(&value.clone().into())), text, "{value}");
        }
        assert_eq!(text_of(None), "undefined");
        assert_eq!(
            text_of(Some(&Bytes::from_static(b"h\xc3\xa9\xff").into())),
            "hé\u{fffd}"
        );
    }
}
