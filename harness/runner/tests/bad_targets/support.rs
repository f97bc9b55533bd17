//! Servers that do one thing wrong, and how they are judged.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use chatspec_judge::suite::{Suite, SuiteFile};
use chatspec_judge::verdict::{CaseReport, TargetReport, Verdict, Violation};
use chatspec_report::redact;
use chatspec_runner::conduct::{Audience, Options, Record, judge_target};
use chatspec_runner::target::{Launcher, Patience, Target};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

/// How long judging may take, whatever the target does.
const BOUND: Duration = Duration::from_mins(1);

/// One client that says something and wants to be answered.
pub(crate) const SPEAKS: &str = "\
# Who speaks is answered.
must     test.answered
over     websocket
clients  ana

ana -> new_message \"hi\" \"nowhere\" => ()
";

/// [`SPEAKS`], over another transport.
pub(crate) fn speaks_over(transport: &str) -> String {
    SPEAKS.replace("websocket", transport)
}

/// What is found out about the target that `argument` names when it is judged by `scenarios` one
/// after the other: name and text of each.
pub(crate) async fn verdict(argument: &str, scenarios: &[(&str, &str)]) -> String {
    told(&judged(argument, scenarios).await)
}

/// As [`verdict`], not yet in words.
pub(crate) async fn judged(argument: &str, scenarios: &[(&str, &str)]) -> TargetReport {
    let files = scenarios.iter().map(|(name, text)| SuiteFile {
        path: format!("{name}.chat"),
        shown: format!("{name}.chat"),
        text: (*text).to_owned(),
    });
    let suite = Suite::read(files).unwrap();
    let cases: Vec<_> = suite.cases().collect();
    let target = Target::parse(argument).unwrap();
    let options = Options {
        jobs: 1,
        seed: 1,
        retries: 0,
        client: None,
        full: false,
        again: Vec::new(),
    };
    let launcher = launcher();
    for _ in 0..TRIES {
        let judging = judge_target(&target, &suite, &cases, &options, &launcher, &Nobody);
        let report = timeout(BOUND, judging)
            .await
            .expect("judging takes bounded time");
        if !report.cases.iter().any(was_starved) {
            return report;
        }
    }
    panic!("there was no time to judge {argument}");
}

/// How targets are started here: nothing of ours is.
pub(crate) fn launcher() -> Launcher {
    Launcher {
        setup: false,
        reference: Vec::new(),
        null: Vec::new(),
        patience: Patience {
            listens: Duration::from_secs(2),
            answers: Duration::from_secs(1),
        },
    }
}

/// How often a target is judged when there was not enough time for the harness: that says nothing of
/// the target.
const TRIES: usize = 5;

fn was_starved(case: &CaseReport) -> bool {
    matches!(&case.verdict, Verdict::Inconclusive { cause } if cause.contains("was starved"))
}

/// A file for a test, and its path.
pub(crate) fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// A target.toml of this text, and its path.
pub(crate) fn described(name: &str, text: &str) -> String {
    file(&format!("{name}.toml"), text)
}

struct Nobody;

impl Audience for Nobody {
    fn judged(&self, _target: &str, _report: &CaseReport, _record: &Record<'_>) {}
}

/// What a report says, without what differs from run to run.
pub(crate) fn told(report: &TargetReport) -> String {
    let mut text = String::new();
    if let Some(cause) = &report.unavailable {
        writeln!(text, "could not be judged: {cause}").unwrap();
    }
    for case in &report.cases {
        let (word, violations) = match &case.verdict {
            Verdict::Pass => ("pass".to_owned(), &[][..]),
            Verdict::Fail { violations } => ("fail".to_owned(), violations.as_slice()),
            Verdict::Inconclusive { cause } => (format!("inconclusive: {cause}"), &[][..]),
            other => (format!("{other:?}"), &[][..]),
        };
        writeln!(text, "{}: {word}", case.case).unwrap();
        for found in violations {
            tell(found, &mut text);
        }
    }
    redact::text(&text)
}

fn tell(found: &Violation, text: &mut String) {
    writeln!(text, "  {:?}: {}", found.rule, found.summary).unwrap();
    for (word, lines) in [
        ("expected", &found.expected),
        ("actual", &found.actual),
        ("note", &found.notes),
    ] {
        for line in lines {
            writeln!(text, "    {word}: {line}").unwrap();
        }
    }
}

/// Begins to listen, and has `attend` attend to each connection. Gives the URL.
pub(crate) async fn serve<F, A>(attend: F) -> String
where
    F: Fn(TcpStream) -> A + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(listen(listener, attend));
    url
}

/// Attends to every connection that comes.
pub(crate) async fn listen<F, A>(listener: TcpListener, attend: F)
where
    F: Fn(TcpStream) -> A,
    A: Future<Output = ()> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(attend(stream));
    }
}

/// The head of the request that `stream` begins with, which is left there.
pub(crate) async fn peek(stream: &TcpStream) -> String {
    let mut bytes = vec![0; 8 << 10];
    loop {
        let length = stream.peek(&mut bytes).await.unwrap_or(0);
        let text = String::from_utf8_lossy(&bytes[..length]);
        if length == 0 || text.contains("\r\n\r\n") {
            return text.into_owned();
        }
        // The rest is on its way; peeking does not tell when it comes.
        tokio::task::yield_now().await;
    }
}

/// Reads a request, and gives its body.
pub(crate) async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4 << 10];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return body.to_owned();
            }
        }
        match stream.read(&mut chunk).await {
            Ok(length) if length > 0 => bytes.extend_from_slice(&chunk[..length]),
            _ => return text,
        }
    }
}

/// Reads a request and answers it, with nothing to follow.
pub(crate) async fn answer(stream: &mut TcpStream, status: &str, body: &[u8]) {
    read_request(stream).await;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    write(stream, head.as_bytes()).await;
    write(stream, body).await;
}

/// Writes, whether or not anybody reads.
pub(crate) async fn write(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).await.unwrap_or_default();
}

/// What a server opens a session with.
pub(crate) const HANDSHAKE: &str = r#"0{"sid":"s1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// A server that is right until a WebSocket is open, and then does as `act` says.
pub(crate) async fn over_websocket<F, A>(act: F) -> String
where
    F: Fn(Socket) -> A + Clone + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    serve(move |stream| websocket_or_greeting(stream, act.clone())).await
}

/// Answers the first look; hands a WebSocket to `act`.
pub(crate) async fn websocket_or_greeting<A: Future<Output = ()>>(
    mut stream: TcpStream,
    act: impl FnOnce(Socket) -> A,
) {
    let head = peek(&stream).await;
    if head.contains("transport=websocket") {
        if let Ok(socket) = accept_async(stream).await {
            act(socket).await;
        }
    } else if head.starts_with("POST") {
        answer(&mut stream, "200 OK", b"ok").await;
    } else {
        answer(&mut stream, "200 OK", HANDSHAKE.as_bytes()).await;
    }
}

/// Says something over a WebSocket, whether or not anybody listens.
pub(crate) async fn say(socket: &mut Socket, text: &str) {
    socket.send(Message::text(text)).await.unwrap_or_default();
}

/// The next text that the client sends.
pub(crate) async fn hear(socket: &mut Socket) -> Option<String> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
            Some(Ok(_)) => {}
            _ => return None,
        }
    }
}

/// Opens the session and joins the client to its namespace, as a right server does.
pub(crate) async fn welcome(socket: &mut Socket) {
    say(socket, HANDSHAKE).await;
    hear(socket).await;
    say(socket, r#"40{"sid":"a1"}"#).await;
}

/// What a right server that knows no rooms says to a packet, if anything.
pub(crate) fn reply(packet: &str) -> Option<String> {
    if let Some(namespace) = packet.strip_prefix("40/") {
        let namespace = namespace.trim_end_matches(',');
        return Some(format!(
            r#"44/{namespace},{{"message":"Invalid namespace"}}"#
        ));
    }
    let event = packet.strip_prefix("42")?;
    let id = event.split('[').next().filter(|id| !id.is_empty())?;
    Some(format!("43{id}[]"))
}

/// Is a right server that knows no rooms, until the client leaves or `until` says so of a packet.
/// Whether it was the latter.
pub(crate) async fn answer_all(socket: &mut Socket, until: impl Fn(&str) -> bool) -> bool {
    while let Some(packet) = hear(socket).await {
        if until(&packet) {
            return true;
        }
        if let Some(reply) = reply(&packet) {
            say(socket, &reply).await;
        }
    }
    false
}
