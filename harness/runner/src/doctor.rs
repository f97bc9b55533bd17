//! What keeps a target from being judged, and the line of its target.toml that mends it.
//!
//! # Layout
//! - here: is it there, what does it speak, how is it set up.
//! - `chat`: a chat of a few words, and what becomes of them.
//! - `guess`: what an event that nobody expected looks like in a target.toml.

mod chat;
pub(crate) mod guess;

use std::sync::Arc;
use std::time::Duration;

use chatspec_judge::checkup::{Checkup, State};
use chatspec_notation::ast::{Method, Transport};
use chatspec_wire::engine::Handshake;
use http::HeaderValue;
use http::header::ORIGIN;
use tokio::time::timeout;

use crate::client::{Answer, Dialer, greeted_over_websocket};
use crate::clock::{Allowance, LagMeter};
use crate::target::{
    Endpoint, Launcher, Patience, ProbeError, Running, StartError, Target, USUAL_PATH, handshake,
    refused,
};

/// Where Socket.IO is found when it is not where it usually is.
const ELSEWHERE: [&str; 5] = [USUAL_PATH, "/ws/", "/socket/", "/chat/", "/api/socket.io/"];

/// The longest message of the suite, with its packet around it.
const LONGEST: u64 = 100_100;

/// A ping that comes less often than this leaves a dead connection unnoticed for minutes.
const SELDOM: u64 = 60_000;

/// A page that is not the server's own.
const ANOTHER_PAGE: &str = "https://chatspec.example";

/// Looks at `target` as it is described, from the outside in.
pub async fn examine(target: &Target, launcher: &Launcher) -> Checkup {
    let mut checkup = Checkup {
        target: target.name.clone(),
        ..Checkup::default()
    };
    let running = match Running::start(target, launcher).await {
        Ok(running) => running,
        Err(error) => {
            unreachable(target, &error, launcher.patience, &mut checkup).await;
            return checkup;
        }
    };
    checkup.reached = true;
    let endpoint = running.endpoint().clone();
    let through = if endpoint.secure { ", through TLS" } else { "" };
    let at = endpoint.authority();
    checkup.good(
        "reachable",
        format!("{at}{through}, path {}", endpoint.path),
    );
    let patience = Allowance::new(launcher.patience.answers, LagMeter::start());
    let over = look(
        target,
        &endpoint,
        launcher.patience,
        &patience,
        &mut checkup,
    )
    .await;
    chat::chat(target, running.nodes(), over, &patience, &mut checkup).await;
    running.stop().await;
    checkup
}

/// Why there is nothing to look at, and where there might be something.
async fn unreachable(
    target: &Target,
    error: &StartError,
    patience: Patience,
    checkup: &mut Checkup,
) {
    let (StartError::Foreign(probe) | StartError::Probe { source: probe, .. }) = error else {
        checkup.add("reachable", State::Bad, error.to_string(), Vec::new());
        return;
    };
    let mut mend = Vec::new();
    if let (ProbeError::Stranger { .. }, crate::target::Launch::Url(nodes)) =
        (probe, &target.launch)
    {
        for path in ELSEWHERE {
            let mut endpoint = nodes.first().clone();
            path.clone_into(&mut endpoint.path);
            if answered(&endpoint, patience).await.is_some() {
                mend = vec!["[connection]".to_owned(), format!("path = \"{path}\"")];
                break;
            }
        }
    }
    if mend.is_empty() && matches!(probe, ProbeError::Stranger { .. }) {
        mend = vec![
            "[connection]".to_owned(),
            "path = \"/../\" # where its clients look for it".to_owned(),
        ];
    }
    let what = match probe {
        ProbeError::EngineV3 { .. } => "protocol",
        ProbeError::Tls { .. } => "TLS",
        _ => "reachable",
    };
    checkup.add(what, State::Bad, error.to_string(), mend);
}

/// The handshake over long-polling, with all that was answered.
async fn answered(endpoint: &Endpoint, patience: Patience) -> Option<(Handshake, Answer)> {
    let dialer = Dialer::new(endpoint.clone(), Arc::default(), Duration::ZERO);
    let mut lane = dialer.http();
    let target = endpoint.target("polling", None);
    let request = lane.request(Method::Get, &target, None);
    let answer = timeout(patience.answers, request).await.ok()?.ok()?;
    Some((handshake(&answer)?, answer))
}

/// How the server is set up. Gives the transport to chat over.
async fn look(
    target: &Target,
    endpoint: &Endpoint,
    patience: Patience,
    allowance: &Allowance,
    checkup: &mut Checkup,
) -> Transport {
    let from_elsewhere = endpoint.with_header(ORIGIN, HeaderValue::from_static(ANOTHER_PAGE));
    let polled = answered(&from_elsewhere, patience).await;
    let (handshake, answer) = if let Some((handshake, answer)) = polled {
        (Some(handshake), Some(answer))
    } else {
        let dialer = Dialer::new(endpoint.clone(), Arc::default(), Duration::ZERO);
        let greeted = timeout(patience.answers, greeted_over_websocket(&dialer)).await;
        (greeted.ok().flatten(), None)
    };
    checkup.good("protocol", "Engine.IO 4, which Socket.IO 3 and later speak");
    let refused = refused(endpoint, allowance).await;
    let offered: Vec<_> = target.transports.difference(&refused).copied().collect();
    let names: Vec<_> = offered.iter().map(|over| over.word()).collect();
    let missing: Vec<_> = refused.intersection(&target.transports).collect();
    if missing.is_empty() {
        checkup.good("transports", names.join(", "));
    } else {
        let line: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        checkup.add(
            "transports",
            State::Note,
            format!("{}; cases on the others are skipped", names.join(", ")),
            vec![format!("transports = [{}]", line.join(", "))],
        );
    }
    if let Some(handshake) = &handshake {
        pings(handshake, checkup);
        payload(handshake, checkup);
    }
    if let Some(answer) = &answer {
        let said = match answer.allow_origin.as_deref() {
            None => "no page from elsewhere may connect by long-polling".to_owned(),
            Some("*") => "any page may connect".to_owned(),
            Some(origin) if origin == ANOTHER_PAGE => {
                "any page may connect, with the cookies of its user where it asks for them"
                    .to_owned()
            }
            Some(origin) => format!("pages of {origin} may connect"),
        };
        checkup.good("CORS", said);
    }
    offered.first().copied().unwrap_or(Transport::Websocket)
}

fn pings(handshake: &Handshake, checkup: &mut Checkup) {
    let (interval, wait) = (handshake.ping_interval_ms, handshake.ping_timeout_ms);
    let said = format!("every {interval} ms, and a client has {wait} ms to answer");
    if interval > SELDOM {
        let said = format!("{said}: who is gone without a word is missed for minutes");
        checkup.add(
            "pings",
            State::Note,
            said,
            vec!["the server's `pingInterval`".to_owned()],
        );
    } else {
        checkup.good("pings", said);
    }
}

fn payload(handshake: &Handshake, checkup: &mut Checkup) {
    match handshake.max_payload {
        None => checkup.good("maxPayload", "not announced"),
        Some(most) if most < LONGEST => checkup.add(
            "maxPayload",
            State::Note,
            format!("{most} bytes, which is less than the longest message of chat/text/long"),
            vec!["the server's `maxHttpBufferSize`".to_owned()],
        ),
        Some(most) => checkup.good("maxPayload", format!("{most} bytes")),
    }
}
