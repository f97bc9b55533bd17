//! What those who run the server ask it: does it live, is it ready, what does it do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use socketioxide::SocketIo;

use crate::chat::Chat;
use crate::metrics;

/// Whether new clients should come here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readiness {
    stopping: Arc<AtomicBool>,
}

impl Readiness {
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Why not, if not. Whatever else must hold is asked here.
    fn lacks(&self, chat: &Chat) -> Option<&'static str> {
        let is_cut_off = || {
            chat.cluster
                .as_ref()
                .is_some_and(|cluster| !cluster.is_up())
        };
        if self.is_stopping() {
            Some("stopping")
        } else {
            is_cut_off().then_some("Redis is away: this node is on its own")
        }
    }
}

/// `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn routes(io: &SocketIo, chat: &Arc<Chat>, readiness: &Readiness) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route(
            "/readyz",
            get(ready).with_state((readiness.clone(), Arc::clone(chat))),
        )
        .route(
            "/metrics",
            get(count).with_state((io.clone(), Arc::clone(chat))),
        )
}

async fn ready(State((readiness, chat)): State<(Readiness, Arc<Chat>)>) -> Response {
    match readiness.lacks(&chat) {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn count(State((io, chat)): State<(SocketIo, Arc<Chat>)>) -> Response {
    let rooms = match io.of("/") {
        Some(chat) => chat.rooms().await.map_or(0, |rooms| rooms.len()),
        None => 0,
    };
    match chat.metrics.print(rooms) {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot print the metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
