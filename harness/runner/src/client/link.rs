//! The TCP connection beneath: it can be reset, and delayed, whatever speaks through it.

use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use chatspec_notation::ast::Method;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use super::session::shown;
use crate::clock;
use crate::target::Endpoint;
use crate::target::tls::server_name;

/// The largest message or HTTP body that is read: far above what a chat sends (a slow reader's
/// backlog comes in one body), and small enough that a server which never stops cannot exhaust the
/// harness.
pub(crate) const LARGEST: usize = 16 << 20;

/// Opens the connections of one client.
#[derive(Clone, Debug)]
pub(crate) struct Dialer {
    endpoint: Endpoint,
    reset: Arc<AtomicBool>,
    delay: Duration,
}

impl Dialer {
    pub(crate) fn new(endpoint: Endpoint, reset: Arc<AtomicBool>, delay: Duration) -> Self {
        Self {
            endpoint,
            reset,
            delay,
        }
    }

    pub(crate) const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(crate) async fn dial(&self) -> io::Result<Link> {
        let stream = TcpStream::connect((self.endpoint.host.as_str(), self.endpoint.port)).await?;
        // Latency is what is looked at; Nagle's algorithm would hide the server's own.
        stream.set_nodelay(true)?;
        let socket = Socket {
            stream,
            reset: Arc::clone(&self.reset),
        };
        let wire = if self.delay.is_zero() {
            Wire::Direct(socket)
        } else {
            Wire::Delayed(delayed(socket, self.delay))
        };
        let Some(tls) = self.endpoint.tls() else {
            return Ok(Link::Plain(wire));
        };
        let name = server_name(&self.endpoint.host).map_err(io::Error::other)?;
        let stream = tls.connector().connect(name, wire).await?;
        Ok(Link::Tls(Box::new(stream)))
    }

    pub(crate) fn http(&self) -> HttpLane {
        HttpLane {
            dialer: self.clone(),
            idle: None,
        }
    }
}

/// A TCP connection that is reset instead of closed when it is told so.
pub(crate) struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Acquire)
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::warn!(%error, "a connection could not be reset and is closed instead");
        }
    }
}

/// What a client speaks through.
pub(crate) enum Link {
    Plain(Wire),
    Tls(Box<TlsStream<Wire>>),
}

impl AsyncRead for Link {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(wire) => Pin::new(wire).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Link {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(wire) => Pin::new(wire).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(wire) => Pin::new(wire).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(wire) => Pin::new(wire).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// The bytes of a connection, as they are on their way.
pub(crate) enum Wire {
    Direct(Socket),
    Delayed(DuplexStream),
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Direct(socket) => Pin::new(&mut socket.stream).poll_read(cx, buf),
            Self::Delayed(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Direct(socket) => Pin::new(&mut socket.stream).poll_write(cx, buf),
            Self::Delayed(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Direct(socket) => Pin::new(&mut socket.stream).poll_flush(cx),
            Self::Delayed(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Direct(socket) => Pin::new(&mut socket.stream).poll_shutdown(cx),
            Self::Delayed(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// A stream behind which every byte waits for `delay`, in both directions, without being slowed
/// beyond that: chunks are stamped when they come and let go when their time is up.
fn delayed(mut socket: Socket, delay: Duration) -> DuplexStream {
    const WINDOW: usize = 256 << 10;
    let (near, far) = tokio::io::duplex(WINDOW);
    tokio::spawn(async move {
        let (mut from_client, mut to_client) = tokio::io::split(far);
        let (mut from_server, mut to_server) = socket.stream.split();
        // Whichever direction ends first ends the link; dropping the socket closes it.
        tokio::select! {
            () = hold_back(&mut from_client, &mut to_server, delay) => {}
            () = hold_back(&mut from_server, &mut to_client, delay) => {}
        }
    });
    near
}

async fn hold_back(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    delay: Duration,
) {
    const CHUNK: usize = 16 << 10;
    const CHUNKS: usize = 64;
    let (queue, mut due) = mpsc::channel::<(tokio::time::Instant, Vec<u8>)>(CHUNKS);
    let read = async move {
        let mut chunk = vec![0; CHUNK];
        while let Ok(length) = from.read(&mut chunk).await
            && length > 0
            && queue
                .send((clock::now() + delay, chunk[..length].to_vec()))
                .await
                .is_ok()
        {}
    };
    let write = async move {
        while let Some((at, bytes)) = due.recv().await {
            clock::pause(at.saturating_duration_since(clock::now())).await;
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(read, write);
}

/// An HTTP connection that is used for one request after the other, and opened again when the
/// server has closed it between two.
pub(crate) struct HttpLane {
    dialer: Dialer,
    idle: Option<Idle>,
}

/// A connection between two requests.
struct Idle {
    sender: SendRequest<Full<Bytes>>,
    /// Until then the server will hardly close it.
    until: Instant,
}

/// How long a connection may lie idle and be used again. A server may close it at any time (RFC 9112,
/// section 9.5), and a request that meets the close is lost without anybody's fault. The usual limit
/// is five seconds and more; a busy machine may be late by some of them.
const REUSE: Duration = Duration::from_secs(1);

/// An HTTP request that was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("could not connect: {0}")]
    Connect(#[from] io::Error),
    #[error("the answer is no HTTP: {0}")]
    Gibberish(String),
    #[error("the connection broke before the answer was complete: {0}")]
    Broken(String),
    #[error("the body of its answer does not end: the harness left after {} MiB", LARGEST >> 20)]
    Endless,
    #[error("the request cannot be written: {0}")]
    Request(#[from] http::Error),
}

impl From<hyper::Error> for HttpError {
    fn from(error: hyper::Error) -> Self {
        // What lies beneath says more than "connection error" does.
        let cause = error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string);
        if error.is_parse() {
            Self::Gibberish(cause)
        } else {
            Self::Broken(cause)
        }
    }
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Where it sends the client instead, if it does.
    pub(crate) location: Option<String>,
    /// Which pages may read it, if any but the server's own (Fetch Standard, "CORS protocol").
    pub(crate) allow_origin: Option<String>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as text, for messages; what is no UTF-8 is replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What it says, for messages: the status, where it points, the beginning of the body.
    pub(crate) fn shown(&self) -> String {
        let elsewhere = self
            .location
            .as_deref()
            .map(|to| format!(" (to {})", shown(to)));
        format!(
            "{}{}: {}",
            self.status,
            elsewhere.unwrap_or_default(),
            shown(&self.text())
        )
    }
}

impl HttpLane {
    /// Opens the connection, if it is not open.
    pub(crate) async fn connect(&mut self) -> Result<(), HttpError> {
        let sender = self.ready().await?;
        self.rest(sender, REUSE);
        Ok(())
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn request(
        &mut self,
        method: Method,
        target: &str,
        body: Option<String>,
    ) -> Result<Answer, HttpError> {
        let mut request = http::Request::builder()
            .method(method.word())
            .uri(target)
            .header(HOST, self.dialer.endpoint.authority());
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "text/plain;charset=UTF-8");
        }
        if let Some(headers) = request.headers_mut() {
            greet(headers, self.dialer.endpoint.headers());
        }
        let mut request = request.body(Full::new(Bytes::from(body.unwrap_or_default())))?;
        let mut reused = self.idle.is_some();
        let (sender, answer) = loop {
            let mut sender = self.ready().await?;
            match sender.try_send_request(request).await {
                Ok(answer) => break (sender, answer),
                // A server may close an idle connection at the very moment it is used again. What
                // never left may be sent again; what left may have been acted upon.
                Err(mut error) => match error.take_message() {
                    Some(unsent) if std::mem::take(&mut reused) => request = unsent,
                    _ => return Err(error.into_error().into()),
                },
            }
        };
        let status = answer.status().as_u16();
        let header = |name| {
            let value = answer.headers().get(name);
            value.map(|value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let location = header(LOCATION);
        let allow_origin = header(ACCESS_CONTROL_ALLOW_ORIGIN);
        let reuse = reuse(answer.headers());
        let body = match Limited::new(answer.into_body(), LARGEST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let broken = error.downcast::<hyper::Error>();
                return Err(broken.map_or(HttpError::Endless, |error| (*error).into()));
            }
        };
        self.rest(sender, reuse);
        Ok(Answer {
            status,
            location,
            allow_origin,
            body,
        })
    }

    fn rest(&mut self, sender: SendRequest<Full<Bytes>>, reuse: Duration) {
        let until = clock::now() + reuse;
        self.idle = Some(Idle { sender, until });
    }

    /// The open connection, or a new one where the server has closed it or is about to.
    async fn ready(&mut self) -> Result<SendRequest<Full<Bytes>>, HttpError> {
        if let Some(Idle { mut sender, until }) = self.idle.take()
            && clock::now() < until
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        let link = self.dialer.dial().await?;
        let (sender, connection) = handshake(TokioIo::new(link)).await?;
        // Its end reaches whoever waits for an answer.
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// Adds what the user has every request say, in the place of what is there by that name.
pub(super) fn greet(headers: &mut HeaderMap, more: &HeaderMap) {
    for name in more.keys() {
        headers.remove(name);
    }
    for (name, value) in more {
        headers.append(name, value.clone());
    }
}

/// How long the connection of an answer may lie idle: half of what the server says that it keeps it
/// (`Keep-Alive: timeout=5`), since the half that is left is all that its clock and ours may differ.
fn reuse(headers: &HeaderMap) -> Duration {
    let said = headers
        .get("keep-alive")
        .and_then(|value| value.to_str().ok());
    let timeout = said.and_then(|said| {
        let mut parts = said.split(',').map(str::trim);
        let seconds = parts.find_map(|part| part.strip_prefix("timeout="))?;
        seconds.parse().ok().map(Duration::from_secs)
    });
    timeout.map_or(REUSE, |timeout| (timeout / 2).min(REUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_used_again_well_before_its_server_closes_it() {
        let reuse = |said: &'static str| {
            let value = http::HeaderValue::from_static(said);
            reuse(&HeaderMap::from_iter([(
                http::HeaderName::from_static("keep-alive"),
                value,
            )]))
        };
        assert_eq!(reuse("timeout=5"), REUSE);
        assert_eq!(reuse("timeout=1, max=100"), Duration::from_millis(500));
        assert_eq!(reuse("max=100, timeout=0"), Duration::ZERO);
        assert_eq!(reuse("forever"), REUSE);
        assert_eq!(super::reuse(&HeaderMap::new()), REUSE);
    }
}
