//! The page that people chat on, and the browser client that it needs.
//!
//! The page is part of the program. The client is somebody else's, pinned in `web/package.json` and never
//! copied into the repository: `build.rs` takes it from where npm has put it. Without it everything but
//! the page works, and whoever asks for the client is told what is missing.

use std::future::{Ready, ready};
use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The client that this program was built with, if it was in place.
pub(crate) const CLIENT: Option<Client> = include!(concat!(env!("OUT_DIR"), "/client.rs"));

/// What is said in its place.
const MISSING: &str = "\
The page cannot chat: the Socket.IO browser client was not in place when this server was built.
Everything else works. Whoever runs the server puts it in place with

  npm ci --prefix reference-server/web

in the folder of the source, and builds the server again.
";

const CLIENT_PATH: &str = "/socket.io/socket.io.js";
/// Where the last line of the script says that its map is.
const MAP_PATH: &str = "/socket.io/socket.io.min.js.map";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";
const SVG: &str = "image/svg+xml; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The page's own files: where they are served, as what, and what is in them.
const FILES: [(&str, &str, &[u8]); 7] = [
    ("/", HTML, include_bytes!("../web/index.html")),
    ("/chat.css", CSS, include_bytes!("../web/chat.css")),
    ("/chat.js", JAVASCRIPT, include_bytes!("../web/chat.js")),
    ("/log.js", JAVASCRIPT, include_bytes!("../web/log.js")),
    ("/outbox.js", JAVASCRIPT, include_bytes!("../web/outbox.js")),
    (
        "/session.js",
        JAVASCRIPT,
        include_bytes!("../web/session.js"),
    ),
    ("/icon.svg", SVG, include_bytes!("../web/icon.svg")),
];

/// What every answer says. What a page may load is nothing but its own files, and it may connect to
/// nothing but its own server (`'self'` covers the WebSocket there). Markup that is made from text,
/// which this page never does, is refused by the browser as well.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'",
        ),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    // Kept, but asked for each time: another build is another page, and takes effect at once.
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

/// The official browser client, as it comes from its package.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) script: &'static [u8],
    /// Its source map, for whoever looks into it with a debugger.
    pub(crate) map: &'static [u8],
}

/// Adds the page to what `app` serves, with `client` or with what is to be said where there is none.
///
/// Its routes are not under the layers that `app` has already: the one of Socket.IO would take the path
/// of the client for its own.
pub(crate) fn add_to(mut app: Router, client: Option<Client>) -> Router {
    for (path, kind, bytes) in FILES {
        app = app.route(path, get(Document::new(kind, bytes).handler()));
    }
    if let Some(Client { script, map }) = client {
        let script = Document::new(JAVASCRIPT, script);
        let map = Document::new(JSON, map);
        app.route(CLIENT_PATH, get(script.handler()))
            .route(MAP_PATH, get(map.handler()))
    } else {
        tracing::warn!(
            "built without the Socket.IO browser client: the page cannot chat; \
             `npm ci --prefix reference-server/web` puts it in place for the next build"
        );
        app.route(CLIENT_PATH, get(missing))
            .route(MAP_PATH, get(missing))
    }
}

async fn missing() -> Response {
    let kind = [(header::CONTENT_TYPE, TEXT)];
    (StatusCode::NOT_FOUND, HEADERS, kind, MISSING).into_response()
}

/// A file that does not change while the server runs.
#[derive(Clone)]
struct Document {
    kind: &'static str,
    bytes: &'static [u8],
    /// Its entity tag, in quotes: what is in it, in a few letters.
    tag: String,
}

impl Document {
    fn new(kind: &'static str, bytes: &'static [u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let tag = format!("\"{:016x}\"", hasher.finish());
        Self { kind, bytes, tag }
    }

    fn handler(self) -> impl Fn(HeaderMap) -> Ready<Response> + Clone {
        move |asked| ready(self.answer(&asked))
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let tag = [(header::ETAG, self.tag.clone())];
        if self.is_held(asked) {
            return (StatusCode::NOT_MODIFIED, HEADERS, tag).into_response();
        }
        let kind = [(header::CONTENT_TYPE, self.kind)];
        (HEADERS, tag, kind, self.bytes).into_response()
    }

    /// Whether the browser has it already (RFC 9110, section 13.1.2). Proxies that compress make a tag
    /// a weak one, and a comma cannot be part of ours.
    fn is_held(&self, asked: &HeaderMap) -> bool {
        let held = asked.get_all(header::IF_NONE_MATCH).into_iter();
        let mut tags = held
            .filter_map(|list| list.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.tag)
    }
}

#[cfg(test)]
mod tests;
