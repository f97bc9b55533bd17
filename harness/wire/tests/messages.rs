//! Every error message, as a user sees it.

use std::fmt::Write as _;

use bytes::Bytes;
use chatspec_wire::engine;
use chatspec_wire::socket::Decoder;

#[test]
fn engine_errors() {
    let mut seen = String::new();
    for text in [
        "",
        "abc",
        "7",
        "\u{0}",
        "0",
        "0{}",
        r#"0{"sid":5}"#,
        r#"0{"sid":"a","upgrades":[],"pingInterval":-1,"pingTimeout":1}"#,
        "1now",
        "5probe",
        "6\n",
        "b!",
        "bA",
        "4fine\u{1e}",
        "4fine\u{1e}x",
    ] {
        let error = engine::payload::decode(text).expect_err(text);
        writeln!(seen, "{text:?}\n    {error}").unwrap();
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn socket_errors() {
    let mut seen = String::new();
    let deep = format!(r#"2["e",{}{}]"#, "[".repeat(200), "]".repeat(200));
    let long = format!(r#"2["e","{}"] "#, "ä".repeat(100)).replace("] ", "");
    for text in [
        "",
        "7",
        "x",
        r#"5["e"]"#,
        r#"5x-["e"]"#,
        "5-[]",
        r#"50-["e"]"#,
        r#"51025-["e"]"#,
        r#"599999999999999999999999999999-["e"]"#,
        r#"51-["e",{"_placeholder":true,"num":1}]"#,
        r#"51-["e",{"_placeholder":true,"num":-1}]"#,
        r#"51-["e",{"_placeholder":true,"num":0.5}]"#,
        r#"51-["e",{"_placeholder":true,"num":"0"}]"#,
        r#"61-3[{"_placeholder":true}]"#,
        r#"52-["e",{"_placeholder":true,"num":0}]"#,
        r#"2abc["e"]"#,
        r#"2-1["e"]"#,
        r#"218446744073709551616["e"]"#,
        "3[]",
        "2",
        "2/admin,",
        "212",
        "3",
        "2[",
        r#"2["e"]x"#,
        r#"2["e",1e400]"#,
        "2/admin",
        deep.as_str(),
        long.as_str(),
        "2{}",
        r#"2"e""#,
        "2null",
        "31{}",
        "2[]",
        "2[1]",
        "2[null]",
        "2[[]]",
        "2[{}]",
        "2[true]",
        r#"2["disconnect"]"#,
        r#"0"token""#,
        "0[1]",
        "4[1]",
        "41",
        "1[]",
        "1/admin,{}",
    ] {
        let error = Decoder::new().text(text).expect_err(text);
        let shown: String = text.chars().take(70).collect();
        writeln!(seen, "{shown:?}\n    {error}").unwrap();
    }
    insta::assert_snapshot!(seen);
}

#[test]
fn errors_of_what_comes_after_the_text() {
    let header = r#"51-["e",{"_placeholder":true,"num":0}]"#;
    let mut decoder = Decoder::new();
    decoder.text(header).unwrap();
    insta::assert_snapshot!(
        decoder.text(r#"2["too early"]"#).unwrap_err(),
        @r#"text before the attachments of a packet were complete (1 missing): `2["too early"]`"#
    );
    insta::assert_snapshot!(
        Decoder::new().binary(Bytes::from_static(&[0; 12])).unwrap_err(),
        @"12 bytes that no packet announced"
    );
    insta::assert_snapshot!(
        Decoder::with_attachment_limit(0).text(header).unwrap_err(),
        @r#"1 attachments announced, no more than 0 are taken: `51-["e",{"_placeholder":true,"num":0}]`"#
    );
}
