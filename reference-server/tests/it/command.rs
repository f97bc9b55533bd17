//! The binary.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::support::{Process, in_time};

fn server() -> Command {
    Process::command(&[])
}

async fn output(command: &mut Command) -> Output {
    in_time(command.output()).await.unwrap()
}

#[tokio::test]
async fn it_says_where_it_listens_and_ends_when_asked() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut command = server();
        // Both ways to ask for a free port.
        match signal {
            Signal::TERM => command.env("PORT", "0"),
            _ => command.args(["--listen", "localhost:0"]),
        };
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        in_time(stdout.read_line(&mut line)).await.unwrap();
        let address = line
            .strip_prefix("listening on http://")
            .expect(&line)
            .trim_end();
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        let client = TcpStream::connect(address).await.unwrap();

        let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        assert!(in_time(child.wait()).await.unwrap().success());
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "");
        drop(client);
    }
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let output = output(server().arg("--listen").arg(address.to_string())).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    insta::assert_snapshot!(said.replace(&address.port().to_string(), "PORT"));
}

#[tokio::test]
async fn a_wrong_command_is_explained() {
    let wrong_option = output(server().args(["--listen", "example.org"])).await;
    let wrong_port = output(server().env("PORT", "many")).await;
    let said: Vec<u8> = [wrong_option.stderr, wrong_port.stderr].concat();
    insta::assert_snapshot!(String::from_utf8(said).unwrap());
    assert_eq!(
        [wrong_option.status.code(), wrong_port.status.code()],
        [Some(2); 2]
    );
}

#[tokio::test]
async fn help() {
    let output = output(server().arg("--help")).await;
    assert!(output.status.success());
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

/// A folder of one test, with these settings in its `chat.toml`.
fn folder(test: &str, settings: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("chat.toml"), settings).unwrap();
    folder
}

#[tokio::test]
async fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let folder = folder(
        "layers",
        "max_nickname = \"1kB\"\nmax_room = \"1kB\"\nmax_text = \"1kB\"\nlisten = \"0.0.0.0:1\"\n",
    );
    let mut command = server();
    command
        .env("CHATSPEC_SERVER_CONFIG", folder.join("chat.toml"))
        .env("CHATSPEC_SERVER_MAX_ROOM", "2kB")
        .env("CHATSPEC_SERVER_MAX_TEXT", "2kB")
        .env("CHATSPEC_SERVER_ECHO", "true")
        .env("PORT", "2")
        .args(["--max-text", "3kB", "--print-config"]);
    let output = output(&mut command).await;
    assert!(output.status.success(), "{output:?}");
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

#[tokio::test]
async fn a_wrong_configuration_is_explained() {
    let mut said = String::new();
    for (file, settings) in [
        ("chat.toml", "max_text = 5\nmax_paylod = 10\n"),
        ("chat.toml", "max_payload = 10\n"),
        ("no.toml", ""),
    ] {
        let folder = folder("wrong", settings);
        let mut command = server();
        command.current_dir(&folder).args(["--config", file]);
        let output = output(&mut command).await;
        assert_eq!(output.status.code(), Some(2));
        said.push_str(&String::from_utf8(output.stderr).unwrap());
    }
    let mut command = server();
    command.env("CHATSPEC_SERVER_MAX_TEXT", "much");
    said.push_str(&String::from_utf8(output(&mut command).await.stderr).unwrap());
    insta::assert_snapshot!(said);
}
