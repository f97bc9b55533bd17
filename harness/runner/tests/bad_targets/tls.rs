//! Servers behind TLS, with a certificate that this machine knows nothing of.

use std::pin::pin;
use std::sync::Arc;

use chatspec_mutants::Mutant;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::support::{described, file, listen, verdict};

const CHATS: &str = "\
# Two who talk hear each other.
must     test.heard
clients  ana ben
rooms    lobby
in       lobby: ana ben

ana -> new_message \"hi\" lobby => ()
ben <- new_message \"Ana: hi\"
";

/// A right server behind TLS: its port, and its certificate.
async fn secure() -> (u16, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let behind = plain.local_addr().unwrap();
    let right: Mutant = "none".parse().unwrap();
    tokio::spawn(async move {
        let forever = pin!(std::future::pending());
        chatspec_mutants::serve(plain, right, forever).await
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(listen(listener, move |stream| {
        let acceptor = acceptor.clone();
        async move {
            // Who does not trust the certificate leaves, and that is that.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut behind = TcpStream::connect(behind).await.unwrap();
                copy_bidirectional(&mut stream, &mut behind)
                    .await
                    .unwrap_or_default();
            }
        }
    }));
    (port, cert.pem())
}

#[tokio::test]
async fn a_server_of_an_authority_of_ones_own_is_judged_on_every_transport() {
    let (port, pem) = secure().await;
    file("trusted.pem", &pem);
    let text = format!(
        "name = \"a\"\n[launch]\nurl = \"https://localhost:{port}\"\n[connection]\nca-file = \"trusted.pem\"\n"
    );
    let said = verdict(&described("trusted", &text), &[("chats", CHATS)]).await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_certificate_that_nobody_knows_is_not_taken() {
    let (port, _) = secure().await;
    let said = verdict(&format!("https://localhost:{port}"), &[("chats", CHATS)]).await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_certificate_is_for_its_host_alone() {
    let (port, pem) = secure().await;
    file("other-host.pem", &pem);
    let text = format!(
        "name = \"a\"\n[launch]\nurl = \"https://127.0.0.1:{port}\"\n[connection]\nca-file = \"other-host.pem\"\n"
    );
    let said = verdict(&described("other-host", &text), &[("chats", CHATS)]).await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn authorities_must_be_there() {
    file("empty.pem", "nothing\n");
    let mut said = String::new();
    for name in ["nowhere.pem", "empty.pem"] {
        let text = format!(
            "name = \"a\"\n[launch]\nurl = \"https://h\"\n[connection]\nca-file = \"{name}\"\n"
        );
        let path = described(name, &text);
        let error = chatspec_runner::target::Target::parse(&path).unwrap_err();
        said.push_str(&error.to_string().replace(&path, "target.toml"));
        said.push('\n');
    }
    insta::assert_snapshot!(said);
}
