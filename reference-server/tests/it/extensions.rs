//! What goes beyond the contract, where it is asked for: leaving a room, and what is told of others.

use crate::support::{Client, Server};
use reference_server::Config;

/// A server with the extensions whose first letters are in `which`.
async fn server(which: &str) -> Server {
    let mut config = Config::default();
    config.leave_room = which.contains('l');
    config.bye = which.contains('b');
    config.room_change = which.contains('r');
    Server::start_with(config).await
}

async fn silent(clients: &mut [&mut Client]) {
    for client in clients {
        client.expect_nothing().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_anything_unless_it_is_asked_for() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    ben.send_all([
        r#"421["leave_room","lobby"]"#,
        r#"422["new_message","hi","lobby"]"#,
    ])
    .await;
    ben.expect("432[]").await;
    ana.expect(r#"42["new_message","Ben: hi"]"#).await;
    ana.send(r#"421["new_message","still there?","lobby"]"#)
        .await;
    ana.expect("431[]").await;
    ben.expect(r#"42["new_message","Ana: still there?"]"#).await;
    ben.send("41").await;
    // Behind what the leaving brings about.
    let mut eve = server.member("Eve", "lobby").await;
    ana.expect(r#"42["welcome","Eve"]"#).await;
    silent(&mut [&mut ana, &mut eve]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_a_room_is_out_of_it_and_of_no_other() {
    let server = server("l").await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    ana.send(r#"421["enter_room","Ana","kitchen"]"#).await;
    ana.expect("431[]").await;
    ben.send_all([
        r#"421["enter_room","Ben","kitchen"]"#,
        r#"422["leave_room","lobby","and more"]"#,
        // Not in it, not any more, and a name that is no text.
        r#"423["leave_room","cellar"]"#,
        r#"424["leave_room","lobby"]"#,
        r#"425["leave_room"]"#,
        // Without an ack function it is done as well.
        r#"42["leave_room","kitchen"]"#,
        r#"426["new_message","from outside","lobby"]"#,
    ])
    .await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    for id in 1..=6 {
        ben.expect(&format!("43{id}[]")).await;
    }
    ana.expect(r#"42["new_message","Ben: from outside"]"#).await;
    ana.send_all([
        r#"422["new_message","hi","lobby"]"#,
        r#"423["new_message","hi","kitchen"]"#,
    ])
    .await;
    ana.expect("432[]").await;
    ana.expect("433[]").await;
    silent(&mut [&mut ana, &mut ben]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_announced_to_those_who_stay_once_a_room() {
    let server = server("lb").await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut eve = server.member("Eve", "kitchen").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    // The nickname goes as it was given, text or not.
    ben.send(r#"421["enter_room",{"is":"Ben"},"kitchen"]"#)
        .await;
    ben.expect("431[]").await;
    eve.expect(r#"42["welcome",{"is":"Ben"}]"#).await;
    ben.send_all([
        r#"422["leave_room","lobby"]"#,
        r#"423["leave_room","lobby"]"#,
        r#"424["leave_room","cellar"]"#,
        r#"425["enter_room","Ben","cellar"]"#,
        "41",
    ])
    .await;
    for id in 2..=5 {
        ben.expect(&format!("43{id}[]")).await;
    }
    ana.expect(r#"42["bye",{"is":"Ben"}]"#).await;
    eve.expect(r#"42["bye","Ben"]"#).await;
    silent(&mut [&mut ana, &mut eve]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_words_come_before_the_bye() {
    let server = server("b").await;
    let mut ana = server.member("Ana", "lobby").await;
    for ending in ["41", "1"] {
        let mut ben = server.member("Ben", "lobby").await;
        ana.expect(r#"42["welcome","Ben"]"#).await;
        ben.send_all([r#"42["new_message","last words","lobby"]"#, ending])
            .await;
        ana.expect(r#"42["new_message","Ben: last words"]"#).await;
        ana.expect(r#"42["bye","Ben"]"#).await;
    }
    let ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    // The connection breaks, without a word.
    drop(ben);
    ana.expect(r#"42["bye","Ben"]"#).await;
    ana.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_knows_which_rooms_there_are() {
    let server = server("lbr").await;
    let mut ana = server.client().await;
    ana.expect(r#"42["room_change",[]]"#).await;
    ana.send_all([
        r#"421["enter_room","Ana","lobby"]"#,
        r#"422["enter_room","Anna","lobby"]"#,
        // The first of them stands behind the second in UTF-16, where it has two units.
        r#"423["enter_room","Ana","😀"]"#,
        r#"424["enter_room","Ana","\uffe0"]"#,
        r#"425["enter_room","Ana",7]"#,
    ])
    .await;
    for packet in [
        "431[]",
        r#"42["room_change",[["lobby",1]]]"#,
        "432[]",
        "433[]",
        r#"42["room_change",[["lobby",1],["😀",1]]]"#,
        "434[]",
        r#"42["room_change",[["lobby",1],["￠",1],["😀",1]]]"#,
        "435[]",
        r#"42["room_change",[["7",1],["lobby",1],["￠",1],["😀",1]]]"#,
    ] {
        ana.expect(packet).await;
    }
    for (id, room) in [(6, "7"), (7, r"\uffe0"), (8, "😀"), (9, "cellar")] {
        ana.send(&format!(r#"42{id}["leave_room","{room}"]"#)).await;
    }
    for packet in [
        "436[]",
        r#"42["room_change",[["lobby",1],["￠",1],["😀",1]]]"#,
        "437[]",
        r#"42["room_change",[["lobby",1],["😀",1]]]"#,
        "438[]",
        r#"42["room_change",[["lobby",1]]]"#,
        "439[]",
    ] {
        ana.expect(packet).await;
    }
    let mut ben = server.client().await;
    ben.expect(r#"42["room_change",[["lobby",1]]]"#).await;
    ben.send_all([
        r#"421["enter_room","Ben","lobby"]"#,
        r#"422["enter_room","Ben","attic"]"#,
        "41",
    ])
    .await;
    for packet in [
        r#"42["welcome","Ben"]"#,
        r#"42["room_change",[["lobby",2]]]"#,
        r#"42["room_change",[["attic",1],["lobby",2]]]"#,
        r#"42["bye","Ben"]"#,
        r#"42["room_change",[["lobby",1]]]"#,
    ] {
        ana.expect(packet).await;
    }
    ana.expect_nothing().await;
    server.stop().await;
}

/// Many come and go at once, and everybody reads each change in one order: from one list to the next,
/// one room has one member more or less.
#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_one_order_and_each_is_one_change_further() {
    const GUESTS: usize = 12;
    let server = server("lr").await;
    let mut readers = [server.client().await, server.client().await];
    for reader in &mut readers {
        reader.expect(r#"42["room_change",[]]"#).await;
    }
    let guests = (0..GUESTS).map(async |guest| {
        let mut client = server.client().await;
        let room = guest % 5;
        client
            .send_all([
                format!(r#"421["enter_room","G","r{room}"]"#),
                r#"422["enter_room","G","all"]"#.to_owned(),
                format!(r#"423["leave_room","r{room}"]"#),
                r#"424["leave_room","all"]"#.to_owned(),
            ])
            .await;
        while client.next().await.unwrap() != "434[]" {}
        client
    });
    let guests = futures_util::future::join_all(guests).await;
    let mut seen = Vec::new();
    for reader in &mut readers {
        let mut lists = Vec::new();
        for _ in 0..4 * GUESTS {
            let packet = reader.next().await.unwrap();
            let list = packet.strip_prefix(r#"42["room_change","#).unwrap();
            let list: Vec<(String, i64)> =
                serde_json::from_str(list.strip_suffix(']').unwrap()).unwrap();
            lists.push(list);
        }
        reader.expect_nothing().await;
        seen.push(lists);
    }
    assert_eq!(seen[0], seen[1]);
    let members = |list: &[(String, i64)]| list.iter().map(|(_, members)| members).sum::<i64>();
    let steps = seen[0].windows(2);
    assert!(
        steps
            .clone()
            .all(|pair| (members(&pair[0]) - members(&pair[1])).abs() == 1),
        "{:?}",
        seen[0]
    );
    assert_eq!(seen[0].last().map(Vec::len), Some(0));
    drop(guests);
    server.stop().await;
}
