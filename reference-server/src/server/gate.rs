//! Who is let in: not everyone from everywhere, and nobody while the server stops.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tower_http::cors::{AllowHeaders, AllowOrigin, Any, CorsLayer};

use super::watch::Readiness;
use crate::config::{Config, Origin};
use crate::metrics::{Metrics, Refusal};

/// What is known to the one who lets in.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    /// The pages of other origins that may come; anyone may if there are none.
    origins: Arc<[HeaderValue]>,
    readiness: Readiness,
    metrics: Metrics,
}

impl Gate {
    pub(super) fn new(config: &Config, readiness: Readiness, metrics: Metrics) -> Self {
        let origins = listed(&config.allowed_origins).unwrap_or_default();
        Self {
            origins: origins.into(),
            readiness,
            metrics,
        }
    }

    /// Why the request is refused, if it is, and what is said to it.
    fn refusal(&self, request: &Request) -> Option<(Refusal, StatusCode, String)> {
        let query = request.uri().query().unwrap_or_default();
        let has = |name: &str| query.split('&').any(|pair| pair.starts_with(name));
        if !has("transport=") {
            // Not for the engine.
            return None;
        }
        if let Some(origin) = self.foreign(request.headers()) {
            let message = format!("Forbidden: pages of {origin} may not use this server");
            return Some((Refusal::Origin, StatusCode::FORBIDDEN, message));
        }
        if self.readiness.is_stopping() && !has("sid=") {
            let message = "Forbidden: this server is stopping".to_owned();
            return Some((Refusal::Stopping, StatusCode::SERVICE_UNAVAILABLE, message));
        }
        None
    }

    /// The origin of the page that asks, if it is not allowed. What is no page has none.
    fn foreign<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let origin = headers.get(ORIGIN).filter(|_| !self.origins.is_empty())?;
        if self.origins.contains(origin) {
            return None;
        }
        let Ok(text) = origin.to_str() else {
            return Some("an unreadable origin");
        };
        // The server's own page. Behind a proxy that ends TLS, only the host is told.
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let is_own = text.split_once("://").map(|(_, host)| host) == host;
        (!is_own).then_some(text)
    }
}

/// Lets a request pass, or answers why not, as Engine.IO for Node words it.
pub(super) async fn keep(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let Some((refusal, status, message)) = gate.refusal(&request) else {
        return next.run(request).await;
    };
    tracing::info!(reason = message, "refused a connection");
    gate.metrics.refused(refusal);
    let body = json!({ "code": 4, "message": message }).to_string();
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// What browsers are told of who may poll from other origins.
pub(super) fn cross_origin(allowed: &[Origin]) -> CorsLayer {
    if allowed.is_empty() {
        return CorsLayer::new();
    }
    let cors = CorsLayer::new().allow_methods([Method::GET, Method::POST]);
    match listed(allowed) {
        // Clients of one host may be told apart by a cookie of the proxy before it.
        Some(origins) => cors
            .allow_origin(AllowOrigin::list(origins))
            .allow_headers(AllowHeaders::mirror_request())
            .allow_credentials(true),
        None => cors.allow_origin(Any).allow_headers(Any),
    }
}

/// Those that are listed, or nothing if all are meant.
fn listed(allowed: &[Origin]) -> Option<Vec<HeaderValue>> {
    if allowed.iter().any(Origin::is_any) {
        return None;
    }
    Some(allowed.iter().filter_map(Origin::header).collect())
}
