//! What is filled in, what is read, and every mistake.

use std::fmt::Write as _;

use super::*;

fn template(toml: &str) -> Template {
    let table: toml::Table = toml::from_str(&format!("it = {toml}")).unwrap();
    Template::parse(&table["it"]).unwrap()
}

fn data(json: &str) -> Data {
    serde_json::from_str(json).unwrap()
}

fn ana() -> Bindings {
    Bindings {
        nickname: Some(Data::from("Ana")),
        room: Some(Data::from("lobby")),
        text: Some(Data::from("hi: $text")),
        ..Bindings::default()
    }
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn a_template_is_filled_in() {
    for (toml, json) in [
        (r#""$nickname""#, r#""Ana""#),
        (r#""<$nickname> $text""#, r#""<Ana> hi: $text""#),
        (r#""${room}s cost $5 or $$5""#, r#""lobbys cost $5 or $5""#),
        (
            r#"{ a = "$room", b = [1, 2.5, true, "$null"], c = "$rooms" }"#,
            r#"{"a":"lobby","b":[1,2.5,true,null]}"#,
        ),
        (r#"["$nickname", "$rooms"]"#, r#"["Ana"]"#),
        // JSON in a text is JSON, whatever is in its places.
        (
            r#"'{ "by": "$nickname", "n": null, "all": ["$rooms", 1] }'"#,
            r#""{\"by\":\"Ana\",\"n\":null,\"all\":[null,1]}""#,
        ),
        (r#"'["say \"$nickname\""]'"#, r#""[\"say \\\"Ana\\\"\"]""#),
        (r#""[$nickname]""#, r#""[Ana]""#),
        (r#"["$rooms", "$nickname"]"#, r#"[null,"Ana"]"#),
    ] {
        assert_eq!(template(toml).fill(&ana()), Some(data(json)), "{toml}");
    }
    assert_eq!(template(r#""$rooms""#).fill(&ana()), None);
}

/// What a template reads: nickname and text.
fn read(toml: &str, json: &str) -> Option<(Option<Data>, Option<Data>)> {
    let (names, rooms) = (set(&["Ana", "Ana Maria", "", "Ben"]), set(&["lobby"]));
    let known = Known {
        names: &names,
        rooms: &rooms,
        folds_names: false,
    };
    let mut found = Bindings::default();
    template(toml)
        .matches(&data(json), known, &mut found)
        .then_some((found.nickname, found.text))
}

#[test]
fn a_text_is_read_by_the_names_that_there_are() {
    let is = |name: &str, text: &str| Some((Some(Data::from(name)), Some(Data::from(text))));
    let relay = r#""$nickname: $text""#;
    assert_eq!(read(relay, r#""Ana: hi""#), is("Ana", "hi"));
    assert_eq!(read(relay, r#""Ana: Ben: hi""#), is("Ana", "Ben: hi"));
    assert_eq!(read(relay, r#""Ana Maria: ""#), is("Ana Maria", ""));
    assert_eq!(read(relay, r#"": hi""#), is("", "hi"));
    assert_eq!(read(relay, r#""Bot: hi""#), None);
    assert_eq!(read(relay, "7"), None);
    let dated = r#""[$_] $nickname> $text""#;
    assert_eq!(
        read(dated, r#""[12:30] Ben> a] Ana> b""#),
        is("Ben", "a] Ana> b")
    );
    let joined = r#""* $nickname joined""#;
    assert_eq!(
        read(joined, r#""* Ana Maria joined""#),
        Some((Some(Data::from("Ana Maria")), None))
    );
    assert_eq!(read(joined, r#""* Ana Maria joined!""#), None);
}

/// As `JSON.stringify` makes it, or another.
#[test]
fn a_text_may_be_json() {
    let relay = r#"'{"by": "$nickname", "text": "$text", "at": "$_"}'"#;
    let is = |text: &str| Some((Some(Data::from("Ana")), Some(Data::from(text))));
    assert_eq!(
        read(
            relay,
            r#""{\"at\":7,\"by\":\"Ana\",\"text\":\"\\\"hi\\\"\",\"id\":1}""#
        ),
        is("\"hi\"")
    );
    assert_eq!(
        read(relay, r#""{\"by\":\"Bot\",\"text\":\"hi\",\"at\":7}""#),
        None
    );
    assert_eq!(read(relay, r#""{\"by\":\"Ana\",\"text\":\"hi\"}""#), None);
    assert_eq!(read(relay, r#""{\"by\":""#), None);
    assert_eq!(read(relay, r#"{"by":"Ana","text":"hi","at":7}"#), None);
}

#[test]
fn an_object_may_have_more_and_a_list_may_not() {
    let object = r#"{ by = "$nickname", text = "$text", room = "$room" }"#;
    let both = Some((Some(Data::from("Ana")), Some(Data::from("hi"))));
    assert_eq!(
        read(object, r#"{"text":"hi","by":"Ana","room":"lobby","id":7}"#),
        both
    );
    assert_eq!(read(object, r#"{"text":"hi","by":"Ana"}"#), None);
    assert_eq!(
        read(object, r#"{"text":"hi","by":"Bot","room":"lobby"}"#),
        None
    );
    assert_eq!(
        read(object, r#"{"text":"hi","by":"Ana","room":"elsewhere"}"#),
        None
    );
    assert_eq!(read(r#"["$nickname", "$text"]"#, r#"["Ana","hi"]"#), both);
    assert_eq!(read(r#"["$nickname", "$text"]"#, r#"["Ana","hi",1]"#), None);
    assert_eq!(
        read(r#"["$nickname", "$text", "..."]"#, r#"["Ana","hi",1]"#),
        both
    );
    assert_eq!(read(r#"["$nickname", "$text", "..."]"#, r#"["Ana"]"#), None);
    // One place is one value, wherever it stands.
    assert_eq!(
        read(r#"["$nickname", "$text", "$text"]"#, r#"["Ana","hi","ho"]"#),
        None
    );
    assert_eq!(
        read(r#"["$nickname", "$text", "$_"]"#, r#"["Ana","hi",null]"#),
        both
    );
}

#[test]
fn capitals_mean_nothing_where_nicknames_are_not_kept() {
    let (names, rooms) = (set(&["Ana"]), set(&["Lobby"]));
    let reads = |toml: &str, json: &str, folds_names| {
        let known = Known {
            names: &names,
            rooms: &rooms,
            folds_names,
        };
        let mut found = Bindings::default();
        template(toml)
            .matches(&data(json), known, &mut found)
            .then_some(found.nickname)
    };
    let as_given = Some(Some(Data::from("Ana")));
    for (toml, json) in [
        (r#""$nickname""#, r#""ana""#),
        (r#""$nickname: $text""#, r#""ANA: hi""#),
    ] {
        assert_eq!(reads(toml, json, true), as_given);
        assert_eq!(reads(toml, json, false), None);
    }
    // A room is a room.
    assert_eq!(
        reads(r#"["$nickname", "$room"]"#, r#"["ana", "lobby"]"#, true),
        None
    );
    assert_eq!(
        reads(r#"["$nickname", "$room"]"#, r#"["ana", "Lobby"]"#, true),
        as_given
    );
    assert_eq!(
        reads(r#"["$nickname", "$nickname"]"#, r#"["ana", "Ana"]"#, true),
        as_given
    );
}

#[test]
fn a_mistake_says_what_was_meant() {
    let mut said = String::new();
    for text in ["$nick", "$nicknam: $text", "hi ${rom}", "$coffee"] {
        writeln!(said, "{text}\n    {}", Words::parse(text).unwrap_err()).unwrap();
    }
    let slots = [Slot::Text].into();
    let not_here = only(&slots, &[Slot::Nickname, Slot::Room]).unwrap_err();
    writeln!(said, "{not_here}").unwrap();
    insta::assert_snapshot!(said);
}
