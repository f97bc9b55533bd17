//! What has to be done once before a target is started.

use crate::support::Place;

/// A server that is not there before `setup` has put it there.
const TARGET: &str = r#"name = "mine"

[launch]
setup = "echo 'exec \"$CHATSPEC\" serve' > server.sh"
command = "exec sh ./server.sh"
"#;

/// A setup that fails, of a server that would run all the same.
const BROKEN: &str = r#"name = "broken"

[launch]
setup = "echo no such package: socket.oi; exit 3"
command = "exec \"$CHATSPEC\" serve"
"#;

#[tokio::test]
async fn a_target_is_set_up_where_that_is_asked_for() {
    let place = Place::with_scenarios()
        .with("mine/target.toml", TARGET)
        .with("broken/target.toml", BROKEN);
    let said = place
        .run_all(&[
            "run --scenarios cases mine/hello --target mine",
            "run --scenarios cases mine/hello --setup --target mine --target broken",
            "run --scenarios cases mine/hello --target mine",
            "doctor --setup broken",
        ])
        .await;
    insta::assert_snapshot!(said);
}

/// A driver that is not there either; that it ends at once is another mistake.
#[tokio::test]
async fn so_is_a_client() {
    let place = Place::with_scenarios()
        .with(
            "client/client.toml",
            "name = \"other\"\nsetup = \"echo 'exit 0' > driver.sh\"\ncommand = \"sh ./driver.sh\"\n",
        )
        .with(
            "broken/client.toml",
            "name = \"other\"\nsetup = \"exit 3\"\ncommand = \"sh ./driver.sh\"\n",
        );
    let said = place
        .run("run --scenarios cases mine/hello --client client")
        .await;
    assert!(!place.path("client/driver.sh").exists(), "{said}");
    let said = place
        .run("run --scenarios cases mine/hello --client client --setup")
        .await;
    assert!(place.path("client/driver.sh").exists(), "{said}");
    insta::assert_snapshot!(
        place
            .run("run --scenarios cases mine/hello --client broken --setup")
            .await
    );
}
