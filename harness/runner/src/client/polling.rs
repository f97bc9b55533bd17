//! HTTP long-polling (Engine.IO protocol v4, "HTTP long-polling").

use chatspec_notation::ast::{Method, Transport};
use chatspec_wire::engine::{self, Handshake, payload};
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;
use tokio::time::timeout;

use super::link::{Answer, Dialer, HttpLane};
use super::session::{End, Session, shown};
use super::upgrade::{self, Upgrade};
use super::websocket::{silent, within};
use super::writer::{Queue, Way};

/// What one request may carry where the handshake names no limit: the default of the original.
const USUAL_PAYLOAD: u64 = 1_000_000;

/// Opens, then reads to the end, over WebSocket once an upgrade is done.
pub(super) async fn converse(
    session: &mut Session,
    dialer: &Dialer,
    queue: Queue,
) -> Result<(), End> {
    let patience = session.opening.patience.clone();
    let mut lane = dialer.http();
    let target = dialer.endpoint().target("polling", None);
    let opening = lane.request(Method::Get, &target, None);
    let answer = within(&patience, "the Engine.IO handshake", opening).await??;
    let mut packets = packets(&answer)?;
    let Some(engine::Packet::Open(handshake)) = packets.next().transpose()? else {
        let body = shown(&answer.text());
        return Err(End::Broken(format!(
            "the first packet is no Engine.IO handshake: {body}"
        )));
    };
    let target = dialer.endpoint().target("polling", Some(&handshake.sid));
    let largest = handshake.max_payload.unwrap_or(USUAL_PAYLOAD);
    let (lost, losses) = mpsc::unbounded_channel();
    let way = Way::Polling {
        lane: dialer.http(),
        target: target.clone(),
        largest: usize::try_from(largest).unwrap_or(usize::MAX),
    };
    session.outbox.start(queue, way, lost);
    session.opened();
    for packet in packets {
        session.take(packet?)?;
    }
    let upgrade = (session.opening.transport == Transport::Upgrade)
        .then(|| upgrade::start(dialer.clone(), &handshake, session));
    poll(session, lane, &target, losses, &handshake, upgrade).await
}

async fn poll(
    session: &mut Session,
    mut lane: HttpLane,
    target: &str,
    mut losses: mpsc::UnboundedReceiver<String>,
    handshake: &Handshake,
    mut upgrade: Option<Upgrade>,
) -> Result<(), End> {
    let patience = Session::patience(handshake);
    loop {
        session.reading.wait_for(|reading| *reading).await?;
        if let Some(probed) = upgrade.take_if(|upgrade| upgrade.is_ready())
            && let Some(mut stream) = upgrade::finish(probed, session).await?
        {
            return super::websocket::read(session, &mut stream, &mut losses, patience).await;
        }
        let request = timeout(patience, lane.request(Method::Get, target, None));
        let answer = tokio::select! {
            answer = request => match answer {
                Err(_) => return Err(silent(patience)),
                Ok(answer) => answer?,
            },
            Some(cause) = losses.recv() => return Err(End::Lost(cause)),
        };
        for packet in packets(&answer)? {
            session.take(packet?)?;
        }
        // An answer that is always there already must not keep the others from the processor.
        consume_budget().await;
    }
}

/// The packets of an answer to a GET, one after the other: a body of very many tiny ones would be
/// many times its size if it were read at once.
fn packets(
    answer: &Answer,
) -> Result<impl Iterator<Item = Result<engine::Packet, engine::DecodeError>>, End> {
    if answer.status != 200 {
        return Err(End::Lost(format!("a poll was answered {}", answer.shown())));
    }
    let body = std::str::from_utf8(&answer.body)
        .map_err(|_| End::Broken("a poll was answered with a body that is no UTF-8".to_owned()))?;
    Ok(body.split(payload::SEPARATOR).flat_map(|packet| {
        // A piece without separator is one packet, or a mistake.
        match payload::decode(packet) {
            Ok(packets) => packets.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        }
    }))
}
