use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use tower::ServiceExt;

use super::*;

const SOME: Client = Client {
    script: b"/* \xc3\xa4, and what is no text: \xff */",
    map: b"{}",
};

fn app(client: Option<Client>) -> Router {
    add_to(Router::new(), client)
}

async fn ask(app: &Router, method: Method, path: &str, held: Option<&str>) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(held) = held {
        request = request.header(header::IF_NONE_MATCH, held);
    }
    let request = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

async fn get(app: &Router, path: &str) -> Response {
    ask(app, Method::GET, path, None).await
}

async fn body(response: Response) -> Vec<u8> {
    to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap()
        .to_vec()
}

#[tokio::test]
async fn the_client_is_served_as_it_is() {
    let app = app(Some(SOME));
    for (path, kind, bytes) in [
        (CLIENT_PATH, "text/javascript; charset=utf-8", SOME.script),
        (MAP_PATH, "application/json; charset=utf-8", SOME.map),
    ] {
        let response = get(&app, path).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], kind);
        assert_eq!(body(response).await, bytes);
    }
}

#[tokio::test]
async fn without_the_client_it_says_what_is_missing_and_serves_everything_else() {
    let app = app(None);
    for path in [CLIENT_PATH, MAP_PATH] {
        let response = get(&app, path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()[header::CONTENT_TYPE], TEXT);
        let text = String::from_utf8(body(response).await).unwrap();
        insta::assert_snapshot!("missing", text);
    }
    for (path, _, bytes) in FILES {
        let response = get(&app, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(body(response).await, bytes, "{path}");
    }
}

#[test]
fn whoever_starts_it_without_the_client_is_told_once() {
    let log = Log::default();
    let told = |client| {
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .without_time()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        drop(tracing::subscriber::with_default(subscriber, || {
            app(client)
        }));
        String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap()
    };
    assert_eq!(told(Some(SOME)), "");
    insta::assert_snapshot!("warning", told(None));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    for client in [Some(SOME), None] {
        let app = app(client);
        let paths = FILES.iter().map(|(path, ..)| *path);
        for path in paths.chain([CLIENT_PATH, MAP_PATH]) {
            let response = get(&app, path).await;
            let said: Vec<String> = ["content-security-policy", "x-content-type-options"]
                .into_iter()
                .chain(["referrer-policy", "cache-control"])
                .map(|name| format!("{name}: {}", response.headers()[name].to_str().unwrap()))
                .collect();
            insta::allow_duplicates! {
                insta::assert_snapshot!("headers", said.join("\n"));
            }
            let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
            assert!(kind.ends_with("; charset=utf-8"), "{path}: {kind}");
        }
    }
}

#[tokio::test]
async fn what_a_browser_holds_is_not_sent_again() {
    let app = app(Some(SOME));
    let first = get(&app, "/").await;
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    for held in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"another\" , {tag}"),
        "*".to_owned(),
    ] {
        let response = ask(&app, Method::GET, "/", Some(&held)).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{held}");
        assert_eq!(response.headers()[header::ETAG], tag.as_str());
        assert!(body(response).await.is_empty());
    }
    let bare = tag.trim_matches('"');
    for held in ["\"another\"", "", bare] {
        let response = ask(&app, Method::GET, "/", Some(held)).await;
        assert_eq!(response.status(), StatusCode::OK, "{held}");
    }
}

/// Of two that look alike, a browser that holds one would never be given the other.
#[tokio::test]
async fn no_two_documents_look_alike() {
    let app = app(Some(SOME));
    let mut tags = BTreeSet::new();
    for path in FILES.iter().map(|(path, ..)| *path).chain([CLIENT_PATH]) {
        let response = get(&app, path).await;
        let tag = response.headers()[header::ETAG].to_str().unwrap();
        assert!(tags.insert(tag.to_owned()), "{path}: {tag}");
    }
}

#[tokio::test]
async fn it_can_be_asked_for_without_its_content_and_not_be_written_to() {
    let app = app(Some(SOME));
    let response = ask(&app, Method::HEAD, CLIENT_PATH, None).await;
    assert_eq!(response.status(), StatusCode::OK);
    let length = SOME.script.len().to_string();
    assert_eq!(response.headers()[header::CONTENT_LENGTH], length.as_str());
    assert!(response.headers().contains_key(header::ETAG));
    assert!(body(response).await.is_empty());
    let response = ask(&app, Method::POST, "/", None).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}
