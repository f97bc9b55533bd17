//! The page, beside the chat that it is for.

use std::fs;

use crate::support::Server;

const OK: &str = "HTTP/1.1 200 OK";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_the_first_thing_that_a_browser_gets() {
    let server = Server::start().await;
    let page = include_str!("../../web/index.html").to_owned();
    assert_eq!(server.http("GET", "/", "").await, (OK.to_owned(), page));
    server.stop().await;
}

/// Whether it is in place or not is the business of whoever runs this; both are checked beside the code.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_is_the_one_that_is_in_place_and_does_not_get_in_the_way_of_the_chat() {
    let server = Server::start().await;
    let (status, served) = server.http("GET", "/socket.io/socket.io.js", "").await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/web/node_modules");
    let installed = format!("{folder}/socket.io-client/dist/socket.io.min.js");
    if let Ok(installed) = fs::read_to_string(installed) {
        assert_eq!(status, OK);
        assert!(
            served == installed,
            "another client than the package's: {} and {} bytes",
            served.len(),
            installed.len()
        );
        let (_, map) = served.trim_end().rsplit_once("sourceMappingURL=").unwrap();
        let (status, _) = server.http("GET", &format!("/socket.io/{map}"), "").await;
        assert_eq!(status, OK);
    } else {
        assert_eq!(status, "HTTP/1.1 404 Not Found");
        assert!(served.contains("npm ci"), "{served}");
    }
    let mut ana = server.member("Ana", "lobby").await;
    ana.expect_nothing().await;
    server.stop().await;
}
