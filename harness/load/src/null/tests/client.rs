//! Clients that wait for each answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use tungstenite::{Message, WebSocket};

use crate::null::server::{Limits, Server};
use crate::null::{Options, listen, serve};

/// Longer than any answer takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server with these options; says where it is.
pub(super) fn start(options: &str) -> SocketAddr {
    let options: Options = options.parse().unwrap();
    let listener = listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || serve(listener, &options));
    address
}

/// A server with these limits; says where it is.
pub(super) fn start_with(limits: Limits) -> SocketAddr {
    let listener = listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::new(listener, &Options::default(), limits).unwrap();
    thread::spawn(move || server.run());
    address
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A member over WebSocket.
pub(super) struct Client(pub(super) WebSocket<TcpStream>);

impl Client {
    pub(super) fn open(address: SocketAddr) -> Self {
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (socket, _) = tungstenite::client(url, connect(address)).unwrap();
        let mut client = Self(socket);
        let opening = client.next();
        assert!(opening.starts_with(r#"0{"sid":""#), "{opening}");
        client
    }

    pub(super) fn join(address: SocketAddr, nickname: &str, room: &str) -> Self {
        let mut client = Self::open(address);
        client.send("40");
        assert!(client.next().starts_with(r#"40{"sid":""#));
        client.enter(nickname, room);
        client
    }

    pub(super) fn enter(&mut self, nickname: &str, room: &str) {
        self.send(&format!(r#"420["enter_room","{nickname}","{room}"]"#));
        assert_eq!(self.next(), "430[]");
    }

    pub(super) fn send(&mut self, packet: &str) {
        self.0.send(Message::text(packet)).unwrap();
    }

    pub(super) fn next(&mut self) -> String {
        self.try_next().unwrap()
    }

    pub(super) fn try_next(&mut self) -> tungstenite::Result<String> {
        Ok(self.0.read()?.into_text()?.to_string())
    }

    /// All that has been sent to it so far.
    pub(super) fn inbox(&mut self) -> Vec<String> {
        self.send("40/fence,");
        let mut inbox = Vec::new();
        loop {
            let packet = self.next();
            if packet.starts_with("44/fence,") {
                return inbox;
            }
            inbox.push(packet);
        }
    }
}

/// A member over long-polling, on one connection that is kept.
pub(super) struct Poller {
    pub(super) stream: BufReader<TcpStream>,
    pub(super) sid: String,
}

impl Poller {
    pub(super) fn open(address: SocketAddr) -> Self {
        let mut poller = Self {
            stream: BufReader::new(connect(address)),
            sid: String::new(),
        };
        poller.ask("GET", "/socket.io/?EIO=4&transport=polling", "");
        let (status, body) = poller.answer();
        assert_eq!(status, 200);
        let body = body.strip_prefix(r#"0{"sid":""#).unwrap();
        poller.sid = body.split('"').next().unwrap().to_owned();
        poller
    }

    pub(super) fn ask(&mut self, method: &str, target: &str, body: &str) {
        let length = body.len();
        let request =
            format!("{method} {target} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}");
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
    }

    pub(super) fn answer(&mut self) -> (u16, String) {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (status, String::from_utf8(body).unwrap())
    }

    pub(super) fn target(&self) -> String {
        format!("/socket.io/?EIO=4&transport=polling&sid={}", self.sid)
    }

    pub(super) fn give(&mut self, packets: &[&str]) {
        self.ask("POST", &self.target(), &packets.join("\x1e"));
        assert_eq!(self.answer(), (200, "ok".to_owned()));
    }

    pub(super) fn poll(&mut self) -> Vec<String> {
        self.ask("GET", &self.target(), "");
        let (status, body) = self.answer();
        assert_eq!(status, 200, "{body}");
        body.split('\x1e').map(str::to_owned).collect()
    }
}
