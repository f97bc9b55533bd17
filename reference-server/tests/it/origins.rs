//! Pages of other origins.

use reference_server::Config;

use crate::support::Server;

const POLL: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

async fn allowing(origins: &[&str]) -> Server {
    let mut config = Config::default();
    let origins = origins.iter().map(|origin| origin.parse().unwrap());
    config.allowed_origins = origins.collect();
    Server::start_with(config).await
}

/// Status line, CORS headers, and body if the request was refused.
async fn ask(server: &Server, method: &str, path: &str, headers: &str) -> String {
    let answer = server.raw(method, path, headers).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap();
    let mut cors: Vec<_> = lines
        .map(str::to_lowercase)
        .filter(|line| line.starts_with("access-control-"))
        .collect();
    cors.sort();
    let refused = status.contains("403").then_some(body);
    let mut said = vec![status.to_owned()];
    said.extend(cors);
    said.extend(refused.map(str::to_owned));
    said.join("\n")
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async fn all(server: &Server) -> String {
    let mut said = String::new();
    for origin in [
        "",
        "Origin: https://good.example\r\n",
        "Origin: https://evil.example\r\n",
        "Origin: https://test\r\n",
        "Origin: null\r\n",
    ] {
        said += &format!("== {}\n", origin.trim());
        said += &format!("{}\n", ask(server, "GET", POLL, origin).await);
        let upgrade = format!("{origin}{UPGRADE}");
        said += &format!("{}\n", ask(server, "GET", WEBSOCKET, &upgrade).await);
        let preflight = format!(
            "{origin}Access-Control-Request-Method: POST\r\n\
             Access-Control-Request-Headers: content-type\r\n"
        );
        if !origin.is_empty() {
            said += &format!("{}\n", ask(server, "OPTIONS", POLL, &preflight).await);
        }
    }
    said
}

/// As the original does it.
#[tokio::test(flavor = "multi_thread")]
async fn unless_it_is_said_no_page_polls_and_any_opens_a_websocket() {
    let server = allowing(&[]).await;
    insta::assert_snapshot!(all(&server).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_listed_origins_and_no_others() {
    let server = allowing(&["https://good.example", "http://localhost:8080"]).await;
    insta::assert_snapshot!(all(&server).await);
    let metrics = server.metrics().await;
    assert_eq!(metrics.value(r#"chat_refused_total{reason="origin"}"#), 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_all_origins() {
    let server = allowing(&["*"]).await;
    insta::assert_snapshot!(all(&server).await);
    server.stop().await;
}
