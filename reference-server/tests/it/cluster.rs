//! Two nodes and a Redis of their own between them. It takes Debian's `redis-server` (or any other).

use std::process::Stdio;
use std::time::Duration;

use reference_server::Config;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::{Client, Process, Server, in_time};

/// A Redis that keeps nothing.
struct Redis {
    port: u16,
    child: Child,
}

impl Redis {
    async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let child = Self::run(port).await;
        Self { port, child }
    }

    async fn run(port: u16) -> Child {
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let child = child.expect("redis-server is there: sudo apt-get install -y redis-server");
        in_time(async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        child
    }

    async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    async fn come_back(&mut self) {
        self.child = Self::run(self.port).await;
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn node(&self) -> Server {
        let mut config = Config::default();
        config.redis = Some(self.url().parse().unwrap());
        Server::start_with(config).await
    }

    /// Two nodes that know each other.
    async fn nodes(&self) -> [Server; 2] {
        let nodes = [self.node().await, self.node().await];
        for node in &nodes {
            until_ready(node, true).await;
        }
        nodes
    }
}

async fn until_ready(node: &Server, ready: bool) {
    let status = if ready { "200" } else { "503" };
    in_time(async {
        while !node.http("GET", "/readyz", "").await.0.contains(status) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn says(client: &mut Client, text: &str) {
    client
        .send(&format!(r#"421["new_message","{text}","lobby"]"#))
        .await;
    client.expect("431[]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_are_one_chat() {
    let redis = Redis::start().await;
    let [one, two] = redis.nodes().await;
    let mut ana = one.member("Ana", "lobby").await;
    let mut eve = one.member("Eve", "kitchen").await;
    let mut ben = two.member("Ben", "lobby").await;
    let mut cyn = two.member("Cyn", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    ana.expect(r#"42["welcome","Cyn"]"#).await;
    ben.expect(r#"42["welcome","Cyn"]"#).await;
    // In order, once, and not to the sender: whatever else came would be the next packet.
    let text = |n| format!(r#"42["new_message","m{n}","lobby"]"#);
    ana.send_all((0..1000).map(text)).await;
    for n in 0..1000 {
        let heard = format!(r#"42["new_message","Ana: m{n}"]"#);
        ben.expect(&heard).await;
        cyn.expect(&heard).await;
    }
    says(&mut ben, "and back").await;
    ana.expect(r#"42["new_message","Ben: and back"]"#).await;
    cyn.expect(r#"42["new_message","Ben: and back"]"#).await;
    // Of all this, Eve has heard nothing.
    eve.send(r#"420["new_message","","nobody"]"#).await;
    eve.expect("430[]").await;
    for node in [one, two] {
        assert_eq!(node.metrics().await.value("chat_redis_up"), 1);
        node.stop().await;
    }
}

/// Without the room's lock, what comes from the other node came first now and then.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_from_the_other_node_reaches_a_newcomer_before_its_ack() {
    let redis = Redis::start().await;
    let [one, two] = redis.nodes().await;
    let mut ana = one.member("Ana", "lobby").await;
    let text = |n: u32| format!(r#"42["new_message","m{n}","lobby"]"#);
    for round in 0..20 {
        let mut ben = two.client().await;
        ana.send_all((0..50).map(text)).await;
        ben.send(r#"420["enter_room","Ben","lobby"]"#).await;
        ben.expect("430[]").await;
        ana.expect(r#"42["welcome","Ben"]"#).await;
        // All that was said is behind this, at Ben too.
        says(&mut ana, &format!("end of {round}")).await;
        let end = format!(r#"42["new_message","Ana: end of {round}"]"#);
        while ben.next().await.unwrap() != end {}
    }
    for node in [one, two] {
        node.stop().await;
    }
}

/// While Redis is away, each node is a chat of its own and says that it is; afterwards the nodes are one
/// chat again, and what was missed is missed.
#[tokio::test(flavor = "multi_thread")]
async fn redis_goes_away_and_comes_back() {
    let mut redis = Redis::start().await;
    let [one, two] = redis.nodes().await;
    let mut ana = one.member("Ana", "lobby").await;
    let mut cyn = one.member("Cyn", "lobby").await;
    let mut ben = two.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Cyn"]"#).await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    cyn.expect(r#"42["welcome","Ben"]"#).await;

    redis.kill().await;
    for node in [&one, &two] {
        until_ready(node, false).await;
        let (_, why) = node.http("GET", "/readyz", "").await;
        assert_eq!(why, "Redis is away: this node is on its own\n");
        assert_eq!(node.metrics().await.value("chat_redis_up"), 0);
        assert!(node.http("GET", "/healthz", "").await.0.contains("200"));
    }
    let missed = "chat_messages_missed_by_other_nodes_total";
    let before = one.metrics().await.value(missed);
    says(&mut ana, "on our own").await;
    cyn.expect(r#"42["new_message","Ana: on our own"]"#).await;
    assert_eq!(one.metrics().await.value(missed), before + 1);

    redis.come_back().await;
    until_ready(&one, true).await;
    until_ready(&two, true).await;
    says(&mut ana, "together again").await;
    cyn.expect(r#"42["new_message","Ana: together again"]"#)
        .await;
    ben.expect(r#"42["new_message","Ana: together again"]"#)
        .await;
    for node in [one, two] {
        node.stop().await;
    }
}

/// A Redis that is stopped and not gone refuses nothing and answers nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_is_one_that_is_away() {
    use rustix::process::{Pid, Signal, kill_process};
    let redis = Redis::start().await;
    let node = redis.node().await;
    until_ready(&node, true).await;
    let pid = Pid::from_raw(redis.child.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    until_ready(&node, false).await;
    kill_process(pid, Signal::CONT).unwrap();
    until_ready(&node, true).await;
    node.stop().await;
}

/// Not skipped: a message that does not fit is the last thing that a member is not told.
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_the_other_node_too_slowly_is_disconnected() {
    let redis = Redis::start().await;
    let one = redis.node().await;
    let url = redis.url();
    let two = Process::start(&["--redis", &url, "--max-buffer-bytes", "1MB"]).await;
    until_ready(&one, true).await;
    until_ready(&two, true).await;
    let mut ana = one.member("Ana", "lobby").await;
    let slow = two.raw_member("Ben", "lobby").await;
    let mut cyn = two.member("Cyn", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    ana.expect(r#"42["welcome","Cyn"]"#).await;
    let expelled = r#"chat_expelled_total{reason="slow_consumer"}"#;
    let text = "x".repeat(10_000);
    let heard = format!(r#"42["new_message","Ana: {text}"]"#);
    let mut sent = 0;
    while two.metrics().await.value(expelled) == 0 {
        assert!(sent < 5000, "nobody is expelled");
        for _ in 0..20 {
            says(&mut ana, &text).await;
            cyn.expect(&heard).await;
            sent += 1;
        }
    }
    says(&mut ana, "the end").await;
    cyn.expect(r#"42["new_message","Ana: the end"]"#).await;
    drop(slow);
    one.stop().await;
}

/// A node starts without a Redis, serves its own members, and takes part as soon as there is one.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_may_be_there_before_redis() {
    let mut redis = Redis::start().await;
    redis.kill().await;
    let node = redis.node().await;
    let mut ana = node.member("Ana", "lobby").await;
    says(&mut ana, "anybody?").await;
    until_ready(&node, false).await;
    redis.come_back().await;
    let up = timeout(Duration::from_secs(10), until_ready(&node, true)).await;
    up.expect("it tries again");
    node.stop().await;
}
