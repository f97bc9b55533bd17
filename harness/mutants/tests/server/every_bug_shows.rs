//! Each mutant behaves otherwise than the right server, in one session that everybody goes through.
//!
//! The proof that the suite's scenarios catch each of them is the suite's own; this is the proof
//! that there is something to catch, and that it is there every time.

mod beyond;
mod session;

use std::sync::Arc;

use crate::support::{Client, Running};
use beyond::{across_nodes, play_extended};
use bytes::Bytes;
use chatspec_mutants::Mutant;
use chatspec_wire::data::Data;
use chatspec_wire::socket::Packet as Event;
use session::{Differs, PATIENCE, Session};
use tokio::task::JoinSet;

/// Everything that the chat does, once. What takes longest, or many people, comes last: a mutant
/// that differs earlier is not asked for more.
async fn play(session: &mut Session, server: &Running) -> Result<(), Differs> {
    let websocket = || Client::websocket(server.address);
    session.people = vec![
        ("ana", websocket().await.ok_or(Differs)?),
        ("ben", Client::polling(server.address).await.ok_or(Differs)?),
        (
            "eve",
            Client::upgraded(server.address).await.ok_or(Differs)?,
        ),
        ("kim", websocket().await.ok_or(Differs)?),
    ];
    rooms(session).await?;
    names_of_rooms(session).await?;
    texts(session).await?;
    arguments(session).await?;
    several_at_once(session).await?;
    before_and_after(session).await?;
    out_of_a_room(session).await?;
    session.step("an event on the CONNECT reply");
    session
        .people
        .push(("zoe", websocket().await.ok_or(Differs)?));
    session
        .send("zoe", &[r#"20["enter_room","Zoe","lobby"]"#])
        .await?;
    nicknames(session).await?;
    leaving(session).await?;
    odd_requests(session).await?;
    across_nodes(session, server).await?;
    crowded(session, server).await
}

async fn rooms(session: &mut Session) -> Result<(), Differs> {
    for (who, packet) in [
        ("ana", r#"20["enter_room","Ana","lobby"]"#),
        ("ben", r#"20["enter_room","Ben","lobby"]"#),
        ("eve", r#"20["enter_room","Eve","lobby"]"#),
        ("kim", r#"20["enter_room","Kim","lobby-2"]"#),
        ("ana", r#"21["new_message","hi","lobby"]"#),
    ] {
        session.send(who, &[packet]).await?;
    }
    session.step("several rooms");
    for (who, packet) in [
        ("ana", r#"22["enter_room","Ana","kitchen"]"#),
        ("eve", r#"22["enter_room","Eve","kitchen"]"#),
        ("kim", r#"22["enter_room","Kim","LOBBY"]"#),
        ("ana", r#"23["new_message","in the first","lobby"]"#),
        ("ana", r#"24["enter_room","Anna","lobby"]"#),
        ("ana", r#"25["new_message","by a new name","lobby"]"#),
        ("kim", r#"25["new_message","from outside","lobby"]"#),
        ("kim", r#"26["new_message","to nobody",""]"#),
    ] {
        session.send(who, &[packet]).await?;
    }
    Ok(())
}

/// Nobody meets anybody in the first ones.
async fn names_of_rooms(session: &mut Session) -> Result<(), Differs> {
    session.step("rooms whose names look alike");
    let wide = "w".repeat(100);
    for (ana, ben) in [
        ("tea", "tea "),
        ("tea/1", "tea/2"),
        ("7", "07"),
        ("caf\u{e9}", "cafe\u{301}"),
        (wide.as_str(), &format!("{wide}w")),
        ("the sixth", "the sixth"),
    ] {
        for (who, room) in [("ana", ana), ("ben", ben)] {
            let packet = format!(r#"27["enter_room","{who}","{room}"]"#);
            session.send(who, &[&packet]).await?;
        }
    }
    session
        .send("ana", &[r#"28["new_message","hi","the sixth"]"#])
        .await
}

async fn texts(session: &mut Session) -> Result<(), Differs> {
    session.step("texts");
    let long = "x".repeat(100_000);
    for text in [
        "",
        "  two  spaces  ",
        r#"<b>\"it's\" & \\</b>"#,
        "caf\u{e9} \u{1f600}",
        "no\u{a0}break",
        r"\u0000 \u0007",
        "again",
        "again",
        "007",
        "null",
        "/quit",
        "a: b",
        "$& $$ %41",
        "http://example.org",
        "damn",
        &long,
    ] {
        let packet = format!(r#"26["new_message","{text}","lobby"]"#);
        session.send("eve", &[&packet]).await?;
    }
    for packet in [
        r#"2["new_message","without ack","lobby"]"#,
        r#"28["new_message",[1,{}],"lobby"]"#,
    ] {
        session.send("eve", &[packet]).await?;
    }
    Ok(())
}

async fn arguments(session: &mut Session) -> Result<(), Differs> {
    session.step("arguments");
    let deep = format!(r#"2["message",{}1{}]"#, "[".repeat(30), "]".repeat(30));
    for packet in [
        r#"2["message"]"#,
        r#"2["message",false,9007199254740991,{"b":"\u2028","a":1},null]"#,
        r#"2["message",[1,2]]"#,
        r#"2["message",1,2,3,4,5,6,7,8,9,10,11]"#,
        r#"2["message",{"_placeholder":true,"num":0}]"#,
        r#"280["message-with-ack",1,2]"#,
        &deep,
    ] {
        session.send("ana", &[packet]).await?;
    }
    session.step("bytes");
    let bytes = |bytes: &'static [u8]| Data::from(Bytes::from_static(bytes));
    let message = |args: Vec<Data>| Event::event("message", args, None);
    for who in ["ana", "ben"] {
        let of_each = [who.as_bytes().to_vec(), vec![0; 70_000]];
        let of_each = of_each.map(|bytes| Data::from(Bytes::from(bytes)));
        let events = [
            message(vec![
                bytes(b"\xff\xfb\xff"),
                Data::from(vec![bytes(b"inside")]),
            ]),
            message(vec!["text".into()]),
            message(vec![bytes(b"")]),
            message(of_each.into()),
            Event::event("message-with-ack", vec![bytes(b"acked")], Some(281)),
        ];
        session.send_events(who, &events).await?;
    }
    Ok(())
}

async fn several_at_once(session: &mut Session) -> Result<(), Differs> {
    session.step("many at once");
    let many: Vec<_> = (100..1200)
        .map(|n| format!(r#"2{n}["new_message","{n}","lobby"]"#))
        .collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    session.send("ana", &many).await?;

    session.step("long and short, here and there, and a new name");
    let long = format!(r#"240["new_message","{}","lobby"]"#, "x".repeat(2_000));
    let packets = [
        &long,
        r#"241["new_message","short","kitchen"]"#,
        r#"242["new_message","short too","lobby"]"#,
        r#"243["enter_room","Ana","lobby"]"#,
    ];
    session.send("ana", &packets).await?;

    session.step("two enter at once");
    for who in ["eve", "kim"] {
        let packet = format!(r#"244["enter_room","{who}","lobby"]"#);
        session.person(who).send(&[&packet]).await;
    }
    // The two are in no order; each of them is to be heard of, and one says nothing of the other.
    for welcome in [r#"2["welcome","eve"]"#, r#"2["welcome","kim"]"#] {
        let seen = session.person("ben").until(r#"2["welcome"#, PATIENCE).await;
        if seen.len() != 1 || !seen[0].starts_with(r#"2["welcome""#) {
            session.note("ben", &[format!("no {welcome}")])?;
        }
    }
    for who in ["eve", "kim"] {
        session.settle_unseen(who).await;
    }
    Ok(())
}

async fn before_and_after(session: &mut Session) -> Result<(), Differs> {
    session.step("relayed before it is acked");
    session
        .person("ana")
        .send(&[r#"230["new_message","done","lobby"]"#])
        .await;
    let acked = session.person("ana").until("330[", PATIENCE).await;
    session.note("ana", &acked)?;
    let held = session.person("ben").fence(PATIENCE).await;
    session.note("ben", &held)?;
    session.settle("ana").await?;

    session.step("acked before it is announced");
    session
        .person("kim")
        .send(&[r#"231["enter_room","Kim","kitchen"]"#])
        .await;
    let announced = session.person("eve").until(r#"2["welcome"#, PATIENCE).await;
    session.note("eve", &announced)?;
    session
        .send("eve", &[r#"232["new_message","hi Kim","kitchen"]"#])
        .await?;
    session.settle("kim").await?;

    // Twice, and an odd number of messages apart.
    for _ in 0..2 {
        session.step("a reply behind its question");
        session
            .person("ana")
            .send(&[r#"234["new_message","why?","lobby"]"#])
            .await;
        let asked = session
            .person("ben")
            .until(r#"2["new_message""#, PATIENCE)
            .await;
        session.note("ben", &asked)?;
        session
            .send("ben", &[r#"234["new_message","because","lobby"]"#])
            .await?;
        session.settle("ana").await?;
        session.settle("ana").await?;
    }

    session.step("in once it is acked");
    session
        .person("kim")
        .send(&[r#"233["enter_room","Kim","hall"]"#])
        .await;
    let acked = session.person("kim").until("333[", PATIENCE).await;
    session.note("kim", &acked)?;
    session
        .send("eve", &[r#"233["new_message","hi again","hall"]"#])
        .await
}

/// Ben leaves one of the two rooms that he is in.
async fn out_of_a_room(session: &mut Session) -> Result<(), Differs> {
    for (who, packet) in [
        ("ben", r#"235["enter_room","ben","den"]"#),
        ("ben", r#"236["enter_room","ben","attic"]"#),
        ("eve", r#"235["enter_room","Eve","den"]"#),
        ("kim", r#"235["enter_room","Kim","attic"]"#),
    ] {
        session.send(who, &[packet]).await?;
    }
    session.step("out once it is acked");
    session
        .person("ben")
        .send(&[r#"237["leave_room","den"]"#])
        .await;
    let acked = session.person("ben").until("337[", PATIENCE).await;
    session.note("ben", &acked)?;
    for (who, packet) in [
        ("kim", r#"238["new_message","is he gone?","den"]"#),
        ("kim", r#"239["new_message","is he here?","attic"]"#),
        ("ben", r#"240["new_message","from outside","den"]"#),
        ("ben", r#"241["leave_room","den"]"#),
    ] {
        session.send(who, &[packet]).await?;
    }
    Ok(())
}

async fn nicknames(session: &mut Session) -> Result<(), Differs> {
    session.step("nicknames");
    for nickname in [" Zoe ", "", &"Z".repeat(100), "ben"] {
        let packet = format!(r#"21["enter_room","{nickname}","lobby"]"#);
        session.send("zoe", &[&packet]).await?;
        session
            .send("zoe", &[r#"22["new_message","hi","lobby"]"#])
            .await?;
    }
    Ok(())
}

/// Ben leaves, who has a namesake, and comes back to another room; then Ana, who came first.
async fn leaving(session: &mut Session) -> Result<(), Differs> {
    for (who, packet) in [
        ("ben", r#"250["enter_room","Ben","cellar"]"#),
        ("ana", r#"250["enter_room","Ana","lobby"]"#),
    ] {
        session.step(&format!("{who} leaves and comes back elsewhere"));
        let client = session.person(who);
        client.send(&["1", "0"]).await;
        // Both have been done once the second is answered, which nobody else could tell.
        client.until(r#"0{"sid""#, PATIENCE).await;
        session.send(who, &[packet]).await?;
        session
            .send("eve", &[r#"250["new_message","who is there?","lobby"]"#])
            .await?;
    }
    session.step("ben comes back to where he was");
    session
        .send("ben", &[r#"251["enter_room","ben","lobby"]"#])
        .await
}

async fn odd_requests(session: &mut Session) -> Result<(), Differs> {
    session.step("odd requests");
    for packet in [
        r#"2["typing","lobby"]"#,
        r#"260["new_message","hi",42]"#,
        r#"261["new_message"]"#,
        r#"262["enter_room","Eve","constructor"]"#,
        r#"2["toString","lobby"]"#,
        r#"263["new_message","hi","lobby",1]"#,
        r#"29007199254740991["new_message","a large id","lobby"]"#,
        r#"399["an ack of nothing"]"#,
    ] {
        session.send("eve", &[packet]).await?;
    }
    Ok(())
}

async fn crowded(session: &mut Session, server: &Running) -> Result<(), Differs> {
    session.step("a full house");
    for _ in 0..60 {
        let guest = Client::websocket(server.address).await.ok_or(Differs)?;
        session.people.push(("guest", guest));
        let (_, guest) = session.people.last_mut().expect("was just pushed");
        guest.send(&[r#"20["enter_room","Guest","full"]"#]).await;
        guest.until("30[", PATIENCE).await;
    }
    session.settle_unseen("kim").await;
    session
        .send("kim", &[r#"270["new_message","welcome all","full"]"#])
        .await?;
    session.step("the guests leave");
    for (who, guest) in &mut session.people {
        if *who == "guest" {
            guest.send(&["1", "0"]).await;
            guest.until(r#"0{"sid""#, PATIENCE).await;
        }
    }
    session
        .send("kim", &[r#"271["new_message","alone","full"]"#])
        .await?;
    session.step("one of them sends what is no packet");
    let (_, guest) = session.people.last_mut().expect("was pushed above");
    guest.send(&[r#"2["new_message""#]).await;
    session.people.pop();
    session
        .send("kim", &[r#"272["new_message","still there?","full"]"#])
        .await?;
    // Who heard nothing leaves no line; this one comes too early then.
    session.step("that is all");
    session.note("kim", &[])
}

/// For the reader: of many packets in a row to one person, the first and the last.
fn abridged(seen: &str) -> String {
    let who = |line: &str| line.split_once(": ").map(|(who, _)| who.to_owned());
    let lines: Vec<_> = seen.lines().collect();
    let mut short = String::new();
    for run in lines.chunk_by(|a, b| who(a).is_some() && who(a) == who(b)) {
        match run {
            [first, .., last] if run.len() > 6 => {
                short.push_str(first);
                short.push_str("\n    (and so on)\n");
                short.push_str(last);
                short.push('\n');
            }
            _ => short.extend(run.iter().map(|line| format!("{line}\n"))),
        }
    }
    short
}

/// What was seen, and whether all of it was played.
async fn observe(mutant: Mutant, right: Option<Arc<String>>) -> (String, bool) {
    let server = Running::start(mutant).await;
    let mut session = Session {
        people: Vec::new(),
        seen: String::new(),
        right,
        flushes: 0,
    };
    let played = if mutant.capabilities() == Mutant::EXTENDED.capabilities() {
        play_extended(&mut session, &server).await.is_ok()
    } else {
        play(&mut session, &server).await.is_ok()
    };
    let alive = server.stop().await.is_ok();
    (session.seen, played && alive)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bug_shows() {
    let (plain, all) = observe(Mutant::NONE, None).await;
    assert!(all, "somebody could not join:\n{plain}");
    insta::assert_snapshot!(abridged(&plain));
    let (extended, all) = observe(Mutant::EXTENDED, None).await;
    assert!(all, "somebody could not join:\n{extended}");
    insta::assert_snapshot!("what_is_said_unasked", abridged(&extended));

    let (plain, extended) = (Arc::new(plain), Arc::new(extended));
    let mut observed = JoinSet::new();
    for mutant in Mutant::all() {
        let right = if mutant.capabilities() == Mutant::EXTENDED.capabilities() {
            Arc::clone(&extended)
        } else {
            Arc::clone(&plain)
        };
        observed.spawn(async move { (mutant, observe(mutant, Some(right)).await.1) });
    }
    let mut unseen = Vec::new();
    while let Some(result) = observed.join_next().await {
        let (mutant, looks_right) = result.expect("an observation ends");
        if looks_right {
            unseen.push(mutant.name());
        }
    }
    assert!(unseen.is_empty(), "nobody could tell: {unseen:?}");
}
