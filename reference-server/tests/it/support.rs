//! A server on a free port, and the smallest client that can talk to it: every packet is written and
//! compared as the text that it is on the wire.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reference_server::{Config, serve_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Far beyond what a right server takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(10);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
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
            stop,
            task,
        }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        in_time(self.task).await.unwrap().unwrap();
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
