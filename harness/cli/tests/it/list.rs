//! `chatspec list` and `chatspec explain`.

use crate::support::Place;

#[tokio::test]
async fn scenarios_are_listed_and_explained() {
    let place = Place::with_scenarios();
    let said = place
        .run_all(&[
            "list mine --scenarios cases",
            "list mine/hello --scenarios cases --json",
            "explain mine/hello --scenarios cases",
            "explain scenarios/mine/hello.chat --scenarios cases",
            "explain mine/hello@websocket --scenarios cases",
        ])
        .await;
    insta::assert_snapshot!(said);
}
