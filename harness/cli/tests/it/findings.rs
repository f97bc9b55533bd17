//! `chatspec findings`.

use crate::support::Place;

/// A server that is right, one with a ledger, one of which nobody has said why it fails, and one that is not
/// there; each says in another way what it is made of.
fn with_servers() -> Place {
    let right = "name = \"right\"\n[launch]\ncommand = '\"$CHATSPEC\" serve'\n";
    let known = "name = \"known\"\n[launch]\ncommand = '\"$CHATSPEC\" serve'\n\n\
        [[known-failure]]\npattern = \"mine/wrong\"\nreason = \"acks say <nothing> | here\"\n\
        link = \"https://chat.example/issues/1\"\n";
    let absent = "name = \"absent\"\n[launch]\ncommand = \"false\"\n";
    let lock = r#"{"packages": {"node_modules/framework": {"version": "1.2.3"},
        "node_modules/socket.io": {"version": "4.8.3"}, "node_modules/deep": {"version": "0.1.0"}}}"#;
    Place::with_scenarios()
        .with(
            "cases/mine/needy.chat",
            &crate::support::HELLO.replace("over ", "needs    nodes 3\nover "),
        )
        .with("servers/right/target.toml", right)
        .with(
            "servers/right/package.json",
            r#"{"dependencies": {"framework": "~1.2.0"}}"#,
        )
        .with("servers/right/package-lock.json", lock)
        .with("servers/known/target.toml", known)
        .with(
            "servers/known/requirements.txt",
            "asked==1.0\n\n# What it needs:\ndeep==0.1\n",
        )
        .with("servers/absent/target.toml", absent)
        .with(
            "servers/absent/Cargo.toml",
            "[dependencies]\nasked.workspace = true\n",
        )
        .with(
            "Cargo.lock",
            "[[package]]\nname = \"asked\"\nversion = \"2.0.0\"\n",
        )
}

const FOLDERS: &str = "servers/known servers/absent servers/right";

#[tokio::test]
async fn a_page_tells_what_was_found() {
    let place = with_servers();
    for name in ["known", "absent", "right"] {
        let line = format!(
            "run mine --scenarios cases --target servers/{name} --json {name}.json --start-timeout 1"
        );
        place.run(&line).await;
    }
    let page = place.run(&format!("findings --reports . {FOLDERS}")).await;
    insta::assert_snapshot!(page);
}

/// Of a case that a ledger is about nothing is counted, whatever came of it.
#[tokio::test]
async fn a_page_tells_of_clients() {
    let lucky = "name = \"lucky\"\ncommand = \"true\"\n\n\
        [[known-failure]]\npattern = \"mine/hello\"\nreason = \"draws lots\"\n";
    let mut place = with_servers()
        .with(
            "right/client.toml",
            "name = \"right\"\ncommand = \"true\"\n",
        )
        .with("lucky/client.toml", lucky);
    for name in ["known", "right"] {
        let line = format!("run mine --scenarios cases --target servers/{name} --json {name}.json");
        place.run(&line).await;
        for client in ["right", "lucky"] {
            let (plain, through) = (
                format!("\"name\": \"{name}\""),
                format!("\"name\": \"{name} through {client}\""),
            );
            let report = place
                .read(&format!("{name}.json"))
                .replace(&plain, &through);
            place = place.with(&format!("{client}/{name}.json"), &report);
        }
    }
    let page = "findings --reports . --client right --client lucky servers/known servers/right";
    insta::assert_snapshot!(place.run(page).await);
}

#[tokio::test]
async fn a_page_needs_its_reports() {
    let place = with_servers().with("bad/right.json", "{}").with(
        "others/right.json",
        r#"{"format":1,"version":"0.1.0","seed":1,"duration-ms":1,"targets":[]}"#,
    );
    let said = place
        .run_all(&[
            "findings --reports none servers/right",
            "findings --reports bad servers/right",
            "findings --reports others servers/right",
            "findings --reports . servers",
            "findings",
        ])
        .await;
    insta::assert_snapshot!(said);
}
