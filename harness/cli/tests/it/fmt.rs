//! `chatspec fmt`.

use crate::support::{HELLO, Place};

/// [`HELLO`] with another layout.
fn untidy() -> String {
    HELLO
        .replace("must     ", "must ")
        .replace("ana ->", "ana   ->")
}

#[tokio::test]
async fn files_are_brought_into_their_canonical_form() {
    let place = Place::new()
        .with("a/tidy.chat", HELLO)
        .with("a/untidy.chat", &untidy())
        .with("a/b/untidy.chat", &untidy())
        .with("a/notes.txt", "not ours");
    let said = place
        .run_all(&[
            "fmt --check a",
            "fmt a",
            "fmt --check a",
            "fmt a/untidy.chat",
        ])
        .await;
    insta::assert_snapshot!(said);
    for file in ["a/tidy.chat", "a/untidy.chat", "a/b/untidy.chat"] {
        assert_eq!(place.read(file), HELLO, "{file}");
    }
}

#[tokio::test]
async fn standard_input_goes_to_standard_output() {
    let place = Place::new();
    let mut said = String::new();
    for (line, text) in [
        ("fmt -", untidy().as_str()),
        ("fmt --check -", untidy().as_str()),
        ("fmt --check -", HELLO),
        ("fmt -", "must\n"),
    ] {
        said += &format!("{}\n", place.run_with(line, text.as_bytes()).await);
    }
    said += &place.run_with("fmt -", b"# \xff").await.to_string();
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_file_with_mistakes_is_left_alone_and_the_others_are_not() {
    let place = Place::new()
        .with(
            "a/bad.chat",
            "# A scenario.\nmust seed.relay\nclients ana\n\nana says hi\n",
        )
        .with("a/untidy.chat", &untidy());
    let said = place.run_all(&["fmt a", "fmt missing.chat"]).await;
    insta::assert_snapshot!(said);
    assert_eq!(place.read("a/untidy.chat"), HELLO);
}
