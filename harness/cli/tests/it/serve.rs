//! `chatspec serve`.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::support::{Place, said};

#[tokio::test]
async fn a_port_in_use_and_no_port_at_all() {
    let place = Place::new();
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = other.local_addr().unwrap();
    let port = address.port().to_string();
    let in_use = place.run(&format!("serve --listen {address}")).await;
    let mut text = in_use.as_it_is().replace(&port, "PORT");
    let mut command = place.command(["serve"]);
    command.env("PORT", "many");
    text += &said("serve (with PORT=many)", command).await.as_it_is();
    for line in ["serve --listen nowhere", "serve --listen 192.0.2.1:3000"] {
        text += &place.run(line).await.as_it_is();
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn it_says_where_it_listens_and_ends_in_good_order() {
    for signal in [Signal::INT, Signal::TERM] {
        let place = Place::new();
        let mut command = place.command(["serve", "--listen", "127.0.0.1:0"]);
        let mut server = command.stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let address = line.strip_prefix("listening on http://").unwrap();
        TcpStream::connect(address).await.unwrap();
        let pid = Pid::from_raw(server.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let status = timeout(Duration::from_secs(20), server.wait())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(status.code(), Some(0), "{signal:?}");
    }
}
