//! The first look at a server: is it a Socket.IO server of the protocol we speak?

use std::sync::Arc;
use std::time::Duration;

use chatspec_notation::ast::Method;
use chatspec_wire::engine::{self, payload};
use tokio::time::timeout;

use super::Endpoint;
use super::spoken;
use super::tls::is_about_tls;
use crate::client::{Answer, Dialer, HttpError, greeted_over_websocket};

/// A server that cannot be judged, and what it answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// Nothing accepts connections there.
    #[error("nothing answers at {at}: {cause}")]
    Unreachable {
        /// `host:port`
        at: String,
        /// Why.
        cause: String,
    },
    /// It accepts, and TLS does not come about.
    #[error(
        "{at} accepts connections, and TLS does not come about: {cause}; an authority of your own is named \
         with `ca-file` in [connection] of a target.toml"
    )]
    Tls {
        /// `host:port`
        at: String,
        /// Why.
        cause: String,
    },
    /// It accepts, and then says nothing, or never comes to an end.
    #[error("{at} accepts connections and did not answer GET {target} within {}", spoken(*.waited))]
    Silent {
        /// `host:port`
        at: String,
        /// What was asked.
        target: String,
        /// How long was waited.
        waited: Duration,
    },
    /// It accepts, and its answer is not whole.
    #[error("{at} did not answer GET {target} in full: {cause}")]
    BrokeOff {
        /// `host:port`
        at: String,
        /// What was asked.
        target: String,
        /// Why.
        cause: String,
    },
    /// It speaks an older protocol.
    #[error(
        "{at} speaks Engine.IO v3 (Socket.IO 1 or 2); chatspec judges Engine.IO v4 (Socket.IO 3 \
         and later)"
    )]
    EngineV3 {
        /// `host:port`
        at: String,
    },
    /// It encodes its packets in a way that is not that of Socket.IO by default.
    #[error(
        "{at} speaks another parser ({parser}); chatspec speaks the one that Socket.IO has by \
         default, and cannot judge a server with another. That is no fault of the server"
    )]
    OtherParser {
        /// `host:port`
        at: String,
        /// What the parser is called.
        parser: &'static str,
    },
    /// It answers with a handshake that clients cannot use.
    #[error("{at} answered GET {target}, and its {problem}")]
    Handshake {
        /// `host:port`
        at: String,
        /// What was asked.
        target: String,
        /// What is wrong with it.
        problem: String,
    },
    /// It answers, and what it answers is no Engine.IO handshake.
    #[error("{at} is no Socket.IO server: GET {target} was answered {answer}")]
    Stranger {
        /// `host:port`
        at: String,
        /// What was asked.
        target: String,
        /// The status and the beginning of the body.
        answer: String,
    },
    /// What it answers is no HTTP.
    #[error("{at} does not speak HTTP: {cause}")]
    NoHttp {
        /// `host:port`
        at: String,
        /// Why.
        cause: String,
    },
}

/// Asks for a handshake, and gives the session up again. A server may refuse long-polling and still
/// be worth judging, so that one is asked over WebSocket.
pub(super) async fn probe(endpoint: &Endpoint, patience: Duration) -> Result<(), ProbeError> {
    let stranger = match poll(endpoint, patience).await {
        Err(error @ ProbeError::Stranger { .. }) => error,
        other => return other,
    };
    let dialer = Dialer::new(endpoint.clone(), Arc::default(), Duration::ZERO);
    match timeout(patience, greeted_over_websocket(&dialer)).await {
        Ok(Some(_)) => Ok(()),
        // What it said to a plain request is easier to understand.
        Ok(None) | Err(_) => Err(stranger),
    }
}

async fn poll(endpoint: &Endpoint, patience: Duration) -> Result<(), ProbeError> {
    let at = endpoint.authority();
    let target = endpoint.target("polling", None);
    let dialer = Dialer::new(endpoint.clone(), Arc::default(), Duration::ZERO);
    let mut lane = dialer.http();
    let unreachable = |cause| ProbeError::Unreachable {
        at: at.clone(),
        cause,
    };
    match timeout(patience, lane.connect()).await {
        Err(_) => {
            return Err(unreachable(format!(
                "no connection within {}",
                spoken(patience)
            )));
        }
        Ok(Err(HttpError::Connect(error))) if is_about_tls(&error) => {
            let cause = error.to_string();
            return Err(ProbeError::Tls { at, cause });
        }
        Ok(Err(HttpError::Connect(error))) => return Err(unreachable(error.to_string())),
        Ok(Err(error)) => return Err(unreachable(error.to_string())),
        Ok(Ok(())) => {}
    }
    let answer = match timeout(patience, lane.request(Method::Get, &target, None)).await {
        Err(_) => {
            return Err(ProbeError::Silent {
                at,
                target,
                waited: patience,
            });
        }
        Ok(Err(HttpError::Gibberish(cause))) => return Err(ProbeError::NoHttp { at, cause }),
        Ok(Err(error)) => {
            let cause = error.to_string();
            return Err(ProbeError::BrokeOff { at, target, cause });
        }
        Ok(Ok(answer)) => answer,
    };
    if is_engine_v3(&answer) {
        return Err(ProbeError::EngineV3 { at });
    }
    let body = std::str::from_utf8(&answer.body).unwrap_or_default();
    match payload::decode(body.split(payload::SEPARATOR).next().unwrap_or_default()) {
        Ok(packets) if answer.status == 200 => match packets.first() {
            Some(engine::Packet::Open(handshake)) => {
                let target = endpoint.target("polling", Some(&handshake.sid));
                let goodbye = payload::encode(&[engine::Packet::Close]);
                // Courtesy only: whatever the server says to it, the look is over.
                let farewell = lane.request(Method::Post, &target, Some(goodbye));
                if timeout(patience, farewell).await.is_err() {
                    tracing::debug!("the target did not answer the close of the first look");
                }
                Ok(())
            }
            _ => Err(stranger(at, target, &answer)),
        },
        Err(error @ engine::DecodeError::Handshake { .. }) if answer.status == 200 => {
            Err(ProbeError::Handshake {
                at,
                target,
                problem: error.to_string(),
            })
        }
        _ => Err(stranger(at, target, &answer)),
    }
}

fn stranger(at: String, target: String, answer: &Answer) -> ProbeError {
    ProbeError::Stranger {
        at,
        target,
        answer: answer.shown(),
    }
}

/// Engine.IO v3 puts the length in front of each packet (`97:0{"sid":...`), or, where it takes the
/// client for one that reads binary, a zero byte, the digits of the length and 0xff.
fn is_engine_v3(answer: &Answer) -> bool {
    let body = &answer.body;
    let text = String::from_utf8_lossy(body);
    let lengthy = text.split_once(':').is_some_and(|(length, rest)| {
        !length.is_empty()
            && length.bytes().all(|byte| byte.is_ascii_digit())
            && rest.starts_with("0{")
    });
    let binary = body.first().is_some_and(|byte| *byte <= 1)
        && body
            .windows(3)
            .take(16)
            .any(|window| window == [0xff, b'0', b'{']);
    lengthy || binary
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn an_old_server_is_known_by_its_framing() {
        let answer = |body: &'static [u8]| Answer {
            status: 200,
            location: None,
            allow_origin: None,
            body: Bytes::from_static(body),
        };
        assert!(is_engine_v3(&answer(br#"97:0{"sid":"x"}2:40"#)));
        assert!(is_engine_v3(&answer(b"\x00\x09\x07\xff0{\"sid\":\"x\"}")));
        assert!(!is_engine_v3(&answer(br#"0{"sid":"x"}"#)));
        assert!(!is_engine_v3(&answer(b"<!doctype html>")));
    }
}
