//! Commands that are no servers, or not for long. Some of them are this very test, started again
//! with a role to play.

use std::path::Path;
use std::time::Duration;

use chatspec_report::redact;
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::support::{SPEAKS, answer_all, listen, verdict, websocket_or_greeting, welcome};

/// What names the role in the environment.
const ROLE: &str = "CHATSPEC_TEST_ROLE";

/// The target that is this test in a role.
fn playing(role: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let test = format!("{}::play", module_path!().split_once("::").unwrap().1);
    format!(
        "cmd:{ROLE}={role} exec '{}' --exact {test} --nocapture --quiet",
        program.display()
    )
}

/// No test: what a target does that [`playing`] names.
#[tokio::test]
async fn play() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let port: u16 = std::env::var("PORT").unwrap().parse().unwrap();
    let address = match role.as_str() {
        "elsewhere" => "127.0.0.1:0".to_owned(),
        "v6" => format!("[::1]:{port}"),
        _ => format!("127.0.0.1:{port}"),
    };
    let listener = TcpListener::bind(&address).await.unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    let dies = role == "dies";
    let attend = move |stream| {
        websocket_or_greeting(stream, move |mut socket| async move {
            welcome(&mut socket).await;
            if answer_all(&mut socket, |packet| packet.contains("die") && dies).await {
                eprintln!("TypeError: ack is not a function\n    at server.js:12");
                std::process::exit(7);
            }
        })
    };
    if role == "stranger" {
        return listen(listener, |mut stream| async move {
            crate::support::answer(&mut stream, "404 Not Found", b"not here").await;
        })
        .await;
    }
    listen(listener, attend).await;
}

#[tokio::test]
async fn commands_that_do_not_become_servers() {
    let flood = format!(
        "cmd:yes '{}' | head -n 100000; exit 4",
        "no memory ".repeat(100)
    );
    let commands = [
        "cmd:no-such-program --listen".to_owned(),
        "cmd:echo starting; echo 'Error: no config' >&2; exit 3".to_owned(),
        "cmd:exit 0".to_owned(),
        "cmd:kill -9 $$".to_owned(),
        flood,
        "cmd:echo 'listening on port 3000'; exec sleep 100".to_owned(),
        "cmd:exec sleep 100".to_owned(),
        playing("elsewhere"),
        playing("stranger"),
    ];
    let judged = commands.iter().map(|command| async move {
        let said = verdict(command, &[("speaks", SPEAKS)]).await;
        format!("{command}\n{said}").replace(
            &std::env::current_exe().unwrap().display().to_string(),
            "TEST",
        )
    });
    let said = redact::text(&join_all(judged).await.join("\n"));
    // Shells have words of their own for it.
    insta::with_settings!({filters => [(r"sh: .*not found", "sh: no-such-program: not found")]}, {
        insta::assert_snapshot!(said);
    });
}

#[tokio::test]
async fn a_command_that_listens_on_ipv6_alone() {
    if TcpListener::bind("[::1]:0").await.is_err() {
        return; // without IPv6, no command can
    }
    let said = verdict(&playing("v6"), &[("speaks", SPEAKS)]).await;
    let program = std::env::current_exe().unwrap().display().to_string();
    insta::assert_snapshot!(said.replace(&program, "TEST"));
}

#[tokio::test]
async fn what_is_said_of_a_command_that_needs_a_setup() {
    let folder = std::env::temp_dir().join(format!("chatspec-setup-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = "name = \"node\"\n[launch]\ncommand = \"echo Cannot find module socket.io >&2; exit 1\"\nsetup = \"npm ci\"\n";
    std::fs::write(folder.join("target.toml"), text).unwrap();
    let said = verdict(&folder.display().to_string(), &[("speaks", SPEAKS)]).await;
    std::fs::remove_dir_all(&folder).unwrap();
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_server_that_dies_is_started_again() {
    let deadly = SPEAKS.replace("\"hi\"", "\"die\"");
    let scenarios = [
        ("1-before", SPEAKS),
        ("2-deadly", &deadly),
        ("3-after", SPEAKS),
    ];
    insta::assert_snapshot!(verdict(&playing("dies"), &scenarios).await);
}

#[tokio::test]
async fn a_server_that_does_not_start_again_leaves_the_rest_open() {
    let mark = std::env::temp_dir().join(format!("chatspec-once-{}", std::process::id()));
    let once = format!(
        "cmd:if [ -e {mark} ]; then echo 'data file is corrupt'; exit 5; fi; touch {mark}; {play}",
        mark = mark.display(),
        play = playing("dies").trim_start_matches("cmd:"),
    );
    let deadly = SPEAKS.replace("\"hi\"", "\"die\"");
    let scenarios = [
        ("1-before", SPEAKS),
        ("2-deadly", &deadly),
        ("3-after", SPEAKS),
    ];
    let said = verdict(&once, &scenarios).await;
    std::fs::remove_file(&mark).unwrap();
    let said = said.replace(&mark.display().to_string(), "MARK").replace(
        &std::env::current_exe().unwrap().display().to_string(),
        "TEST",
    );
    insta::assert_snapshot!(said);
}

/// Whether a process is there and not just waiting to be buried.
fn lives(pid: &str) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    status.is_ok_and(|status| {
        !status
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .starts_with(" Z")
    })
}

/// The server, a child of it that hears no SIGTERM, and one in the background: none outlives the
/// judging.
#[tokio::test]
async fn no_child_of_a_command_outlives_it() {
    let folder = std::env::temp_dir().join(format!("chatspec-children-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let command = format!(
        "cmd:(trap '' TERM; sleep 300 & echo $! > {folder}/stubborn; wait) & \
         sleep 300 & echo $! > {folder}/child; {play}",
        folder = folder.display(),
        play = playing("answers").trim_start_matches("cmd:"),
    );
    assert_eq!(
        verdict(&command, &[("speaks", SPEAKS)]).await,
        "speaks@websocket: pass\n"
    );
    for name in ["child", "stubborn"] {
        let pid = std::fs::read_to_string(folder.join(name)).unwrap();
        let gone = async {
            while lives(pid.trim()) {
                tokio::task::yield_now().await;
            }
        };
        let gone = timeout(Duration::from_secs(5), gone).await;
        gone.unwrap_or_else(|_| panic!("{name} ({pid}) is still there"));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A target.toml in a folder of its own, whose server and what runs beside it are these commands.
fn two_nodes(name: &str, command: &str, beside: Option<&str>) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("chatspec-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let play = playing("answers");
    let play = play.trim_start_matches("cmd:");
    let mut text =
        format!("name = \"two\"\n[launch]\nnodes = 2\ncommand = '''{command}; {play}'''\n");
    if let Some(beside) = beside {
        text.push_str(&format!("beside = '''{beside}; {play}'''\n"));
    }
    std::fs::write(folder.join("target.toml"), text).unwrap();
    folder
}

/// Each node has its own port and its number, all are told where what runs beside them is, and none of
/// it is there when the judging is over.
#[tokio::test]
async fn nodes_and_what_runs_beside_them() {
    let node =
        "echo $CHATSPEC_NODE of $CHATSPEC_NODES beside $BESIDE_PORT >> told; echo $$ >> pids";
    let beside = "echo beside $BESIDE_PORT $PORT >> told; echo $$ >> pids";
    let folder = two_nodes("nodes", node, Some(beside));
    let said = verdict(&folder.display().to_string(), &[("speaks", SPEAKS)]).await;
    assert_eq!(said, "speaks@websocket: pass\n");
    let told = std::fs::read_to_string(folder.join("told")).unwrap();
    let port = told.split_whitespace().nth(1).unwrap();
    let expected = format!("beside {port} {port}\n1 of 2 beside {port}\n2 of 2 beside {port}\n");
    assert_eq!(told, expected);
    let pids = std::fs::read_to_string(folder.join("pids")).unwrap();
    assert_eq!(pids.lines().count(), 3);
    assert!(!pids.lines().any(lives), "something is still there");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_node_that_does_not_start_is_told_of() {
    let node = "if [ $CHATSPEC_NODE = 2 ]; then echo no room for two; exit 7; fi";
    let folder = two_nodes("no-second", node, None);
    let said = verdict(&folder.display().to_string(), &[("speaks", SPEAKS)]).await;
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(said.contains("no room for two"), "{said}");
}
