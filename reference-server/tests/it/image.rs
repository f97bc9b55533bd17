//! The image and the compose file. Neither can be tried here, for no base image can be had: what they
//! ask of the server is held against the server.

use std::path::Path;
use std::process::Output;

use saphyr::{LoadableYamlNode as _, Yaml};

use crate::support::{Process, in_time};

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn words(node: &Yaml<'_>) -> Vec<String> {
    let items = node.as_sequence().unwrap().iter();
    items
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

/// What the server makes of these settings.
async fn settings(arguments: &[String], environment: &[(String, String)]) -> Output {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut command = Process::command(&arguments);
    let environment = environment.iter().cloned();
    let output = command.arg("--print-config").envs(environment).output();
    in_time(output).await.unwrap()
}

#[tokio::test]
async fn the_compose_file_asks_for_what_there_is() {
    let text = read("compose.yaml");
    let documents = Yaml::load_from_str(&text).unwrap();
    let chat = &documents[0]["services"]["chat"];
    let environment: Vec<_> = chat["environment"]
        .as_mapping()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let value = value.as_str().unwrap();
            (name.as_str().unwrap().to_owned(), value.to_owned())
        })
        .collect();
    let arguments = words(&chat["command"]);
    let printed = settings(&arguments, &environment).await;
    assert!(printed.status.success(), "{printed:?}");
    let printed = String::from_utf8(printed.stdout).unwrap();
    // Each of them changes something.
    let usual = settings(&[], &[]).await.stdout;
    let usual = String::from_utf8(usual).unwrap();
    let changed = printed.lines().filter(|line| !usual.contains(line));
    insta::assert_snapshot!(changed.collect::<Vec<_>>().join("\n"));

    assert_eq!(
        words(&chat["healthcheck"]["test"]),
        ["CMD", "reference-server", "--probe"]
    );
    assert_eq!(chat["stop_grace_period"].as_str(), Some("15s"));
    assert_eq!(chat["read_only"].as_bool(), Some(true));
    let context =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(chat["build"]["context"].as_str().unwrap());
    let dockerfile = chat["build"]["dockerfile"].as_str().unwrap();
    assert!(context.join(dockerfile).is_file());
}

/// Both nodes are the same but for their ports, and a node finds Redis under the name that it has there.
#[tokio::test]
async fn the_compose_file_of_a_cluster_asks_for_what_there_is() {
    let text = read("compose.cluster.yaml");
    let documents = Yaml::load_from_str(&text).unwrap();
    let node = &documents[0]["x-node"];
    let environment: Vec<_> = node["environment"]
        .as_mapping()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let value = value.as_str().unwrap();
            (name.as_str().unwrap().to_owned(), value.to_owned())
        })
        .collect();
    let printed = settings(&[], &environment).await;
    assert!(printed.status.success(), "{printed:?}");
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(
        printed.contains("redis = \"redis://redis:6379\"\n"),
        "{printed}"
    );
    assert!(printed.contains("log_format = \"json\"\n"), "{printed}");

    let services = documents[0]["services"].as_mapping().unwrap();
    let names: Vec<_> = services
        .iter()
        .filter_map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["one", "two", "redis"]);
    for (name, port) in [
        ("one", "127.0.0.1:3001:3000"),
        ("two", "127.0.0.1:3002:3000"),
    ] {
        assert_eq!(words(&documents[0]["services"][name]["ports"]), [port]);
    }
    // Both take over the whole node.
    assert_eq!(text.matches("<<: *node").count(), 2);
    assert_eq!(
        words(&node["healthcheck"]["test"]),
        ["CMD", "reference-server", "--probe"]
    );
    assert_eq!(
        words(&documents[0]["services"]["redis"]["command"])[0],
        "redis-server"
    );
}

#[tokio::test]
async fn the_image_runs_the_binary_and_is_not_root() {
    let text = read("Dockerfile");
    let last = text.rsplit_once("\nFROM ").unwrap().1;
    for line in [
        "USER 65534:65534",
        r#"ENTRYPOINT ["reference-server"]"#,
        "COPY --from=build /src/target/release/reference-server /usr/local/bin/reference-server",
    ] {
        assert!(last.lines().any(|known| known == line), "{line}");
    }
    assert!(text.contains("\nRUN npm ci --prefix reference-server/web\n"));
    let set = last.lines().find_map(|line| line.strip_prefix("ENV "));
    let (name, value) = set.unwrap().split_once('=').unwrap();
    let environment = [(name.to_owned(), value.to_owned())];
    let printed = settings(&[], &environment).await.stdout;
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.contains("listen = \"0.0.0.0:3000\""), "{printed}");
}
