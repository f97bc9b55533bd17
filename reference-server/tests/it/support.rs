//! A server on a free port, and the smallest client that can talk to it: every packet is written and
//! compared as the text that it is on the wire.

use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::process::Stdio;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reference_server::{Config, serve_with};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Far beyond what a right server takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(10);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Of a server in this process.
    running: Option<(oneshot::Sender<()>, JoinHandle<io::Result<()>>)>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    pub(crate) async fn start_with(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve_with(config, listener, async move {
            stopped.await.unwrap();
        }));
        Self {
            address,
            running: Some((stop, task)),
        }
    }

    pub(crate) async fn stop(self) {
        let (stop, task) = self.running.unwrap();
        stop.send(()).unwrap();
        in_time(task).await.unwrap().unwrap();
    }

    pub(crate) async fn client(&self) -> Client {
        let mut client = self.session().await;
        client.send("40").await;
        client.connected().await;
        client
    }

    /// A client that has entered `room` and got its ack.
    pub(crate) async fn member(&self, nickname: &str, room: &str) -> Client {
        let mut client = self.client().await;
        client
            .send(&format!(r#"420["enter_room","{nickname}","{room}"]"#))
            .await;
        client.expect("430[]").await;
        client
    }

    /// An open Engine.IO session over WebSocket, connected to no namespace.
    pub(crate) async fn session(&self) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", self.address);
        let (socket, _) = in_time(client_async(url, stream)).await.unwrap();
        let mut client = Client { socket };
        let open = client.next().await.unwrap();
        assert!(open.starts_with("0{"), "{open}");
        client
    }

    /// The path of an open Engine.IO session over long-polling, connected to no namespace.
    pub(crate) async fn polling_session(&self) -> String {
        let path = "/socket.io/?EIO=4&transport=polling";
        let (_, open) = self.http("GET", path, "").await;
        let (_, rest) = open.split_once(r#""sid":""#).unwrap();
        let (sid, _) = rest.split_once('"').unwrap();
        format!("{path}&sid={sid}")
    }

    /// The path of a session over long-polling whose client has entered `room` and got its ack.
    pub(crate) async fn polling_member(&self, nickname: &str, room: &str) -> String {
        let session = self.polling_session().await;
        let enter = format!(r#"420["enter_room","{nickname}","{room}"]"#);
        // The first ping comes at once, with the CONNECT reply or before it.
        for (post, answer) in [("40", "40{"), (&enter, "430[]"), ("3", "")] {
            let (status, body) = self.http("POST", &session, post).await;
            assert_eq!(status, "HTTP/1.1 200 OK", "{body}");
            let mut packets = vec![String::new(); usize::from(answer.is_empty())];
            while !packets.iter().any(|packet| packet.starts_with(answer)) {
                packets.extend(self.poll(&session).await);
            }
        }
        session
    }

    /// Begins to take the session of a path to WebSocket; `5` completes it.
    pub(crate) async fn probed(&self, session: &str) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let path = session.replace("transport=polling", "transport=websocket");
        let url = format!("ws://{}{path}", self.address);
        let (socket, _) = in_time(client_async(url, stream)).await.unwrap();
        let mut client = Client { socket };
        client.send("2probe").await;
        client.expect("3probe").await;
        client
    }

    /// The packets that one long-polling request brings, but for pings.
    pub(crate) async fn poll(&self, session: &str) -> Vec<String> {
        let (_, body) = self.http("GET", session, "").await;
        let packets = body.split('\u{1e}').filter(|packet| *packet != "2");
        packets.map(str::to_owned).collect()
    }

    /// The answer to one HTTP request without a body, on a connection of its own: all that comes
    /// before the connection ends, or the head of an upgrade.
    pub(crate) async fn raw(&self, method: &str, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let close = if headers.contains("Upgrade") {
            ""
        } else {
            "Connection: close\r\n"
        };
        let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\n{close}{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while in_time(stream.read_buf(&mut answer)).await.unwrap() > 0 {
            let text = String::from_utf8_lossy(&answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().unwrap());
            if close.is_empty() && body.len() >= length {
                break;
            }
        }
        // Frames may follow the head of an upgrade.
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) async fn metrics(&self) -> Metrics {
        let (status, text) = self.http("GET", "/metrics", "").await;
        assert_eq!(status, "HTTP/1.1 200 OK");
        Metrics(text)
    }

    /// Asks for a metric until it has this value: the server counts some things behind what can be
    /// seen of them.
    pub(crate) async fn until(&self, name: &str, value: i64) {
        in_time(async {
            while self.metrics().await.value(name) != value {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// One HTTP request on a connection of its own; status line and body of the answer.
    pub(crate) async fn http(&self, method: &str, path: &str, body: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
             Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        in_time(stream.read_to_string(&mut answer)).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }
}

/// A server in a process of its own.
pub(crate) struct Process {
    server: Server,
    child: Child,
    stdout: BufReader<ChildStdout>,
    log: JoinHandle<String>,
}

/// How a server ended, and what it said on stderr.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) log: String,
}

impl Deref for Process {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Process {
    /// The binary, with these arguments and nothing in its environment.
    pub(crate) fn command(arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reference-server"));
        command.args(arguments).env_clear().kill_on_drop(true);
        command
    }

    /// On a free port.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let mut child = Self::command(arguments)
            .args(["--listen", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = tokio::spawn(async move {
            let mut log = String::new();
            stderr.read_to_string(&mut log).await.unwrap();
            log
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        in_time(stdout.read_line(&mut line)).await.unwrap();
        let address = line.trim_end().strip_prefix("listening on http://");
        let address = address.expect(&line).parse().unwrap();
        let server = Server {
            address,
            running: None,
        };
        Self {
            server,
            child,
            stdout,
            log,
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.child.id().unwrap().try_into().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// How much of its memory is resident, in bytes.
    pub(crate) fn rss(&self) -> usize {
        let status = format!("/proc/{}/status", self.child.id().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: usize = line
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kilobytes * 1024
    }

    /// A member that does not read any more once it has entered.
    pub(crate) async fn raw_member(&self, nickname: &str, room: &str) -> TcpStream {
        self.member(nickname, room).await.socket.into_inner()
    }

    /// Ends it, which must go well.
    pub(crate) async fn end(&mut self) -> Ended {
        self.signal(Signal::TERM);
        let ended = self.ended().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
        ended
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> Ended {
        let status = in_time(self.child.wait()).await.unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "", "more than one line on stdout");
        Ended {
            code: status.code(),
            log: in_time(&mut self.log).await.unwrap(),
        }
    }
}

/// What the server has counted.
pub(crate) struct Metrics(String);

impl Metrics {
    /// The value of a metric, named with its labels.
    pub(crate) fn value(&self, name: &str) -> i64 {
        let mut lines = self.0.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = value.unwrap_or_else(|| panic!("no {name} in:\n{}", self.0));
        value.parse().unwrap()
    }
}

pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
}

impl Client {
    pub(crate) async fn send(&mut self, packet: &str) {
        self.send_all([packet]).await;
    }

    /// Writes all packets before anything is read, in as few writes as it can.
    pub(crate) async fn send_all<P: Into<String>>(&mut self, packets: impl IntoIterator<Item = P>) {
        self.try_send_all(packets).await.unwrap();
    }

    /// As [`Client::send_all`], on a connection that the server may have closed.
    pub(crate) async fn try_send_all<P: Into<String>>(
        &mut self,
        packets: impl IntoIterator<Item = P>,
    ) -> Result<(), tungstenite::Error> {
        for packet in packets {
            self.socket.feed(Message::text(packet.into())).await?;
        }
        self.socket.flush().await
    }

    /// As [`Client::send_bytes`], on a connection that the server may have closed.
    pub(crate) async fn try_send_bytes(
        &mut self,
        bytes: Vec<u8>,
    ) -> Result<(), tungstenite::Error> {
        self.socket.send(Message::binary(bytes)).await
    }

    /// A binary event's attachment.
    pub(crate) async fn send_bytes(&mut self, bytes: &'static [u8]) {
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    /// The next packet but for pings, which are answered; none when the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<String> {
        match self.message().await? {
            Message::Text(packet) => Some(packet.to_string()),
            other => panic!("{other:?}"),
        }
    }

    async fn message(&mut self) -> Option<Message> {
        loop {
            match in_time(self.socket.next()).await {
                Some(Ok(Message::Text(packet))) if packet == "2" => {
                    // A ping may be the last that was read from a connection that has ended since.
                    self.try_send_all(["3"]).await.ok()?;
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(message)) => return Some(message),
            }
        }
    }

    pub(crate) async fn expect(&mut self, packet: &str) {
        assert_eq!(self.next().await.as_deref(), Some(packet));
    }

    /// The next packet is an attachment, of these bytes.
    pub(crate) async fn expect_bytes(&mut self, bytes: &[u8]) {
        let expected = Message::binary(bytes.to_vec());
        assert_eq!(self.message().await, Some(expected));
    }

    pub(crate) async fn connected(&mut self) {
        let reply = self.next().await.expect("a CONNECT reply");
        assert!(reply.starts_with(r#"40{"sid":""#), "{reply}");
    }

    /// Proves that nothing else is on its way: the answer to a CONNECT that must be refused comes
    /// behind all that was written before it.
    pub(crate) async fn expect_nothing(&mut self) {
        self.send("40/none,").await;
        self.expect(r#"44/none,{"message":"Invalid namespace"}"#)
            .await;
    }
}

pub(crate) async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(DEADLINE, future)
        .await
        .expect("an answer in time")
}
