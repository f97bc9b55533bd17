//! The seed contract, packet by packet.

use crate::support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_is_acked_and_announced_to_the_others_in_the_room() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut eve = server.member("Eve", "kitchen").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    for client in [&mut ana, &mut ben, &mut eve] {
        client.expect_nothing().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_to_the_others_in_the_room_and_is_then_acked() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    let mut eve = server.member("Eve", "kitchen").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    // Ana is in two rooms; Eve is in one of them.
    ana.send(r#"421["enter_room","Ana \"A\"","kitchen"]"#).await;
    ana.expect("431[]").await;
    eve.expect(r#"42["welcome","Ana \"A\""]"#).await;

    ana.send(r#"427["new_message","<b>\u00e4 😀\n","lobby"]"#)
        .await;
    ana.expect("437[]").await;
    // The relay was done before the ack was sent, so it is ahead of what is answered from here on.
    ben.send("40/none,").await;
    ben.expect(r#"42["new_message","Ana \"A\": <b>\u00e4 😀\n"]"#)
        .await;
    ben.expect(r#"44/none,{"message":"Invalid namespace"}"#)
        .await;
    for client in [&mut ana, &mut eve] {
        client.expect_nothing().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_ack_function_there_is_no_ack_and_all_else() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.client().await;
    ben.send_all([
        r#"42["enter_room","Ben","lobby"]"#,
        r#"42["new_message","hi","lobby"]"#,
    ])
    .await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    ana.expect(r#"42["new_message","Ben: hi"]"#).await;
    ben.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_arguments_are_the_event_is_done_and_acked() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.client().await;
    for (arguments, heard) in [
        (r#""hi","lobby""#, r#""undefined: hi""#),
        (r#"42,"lobby","extra",null"#, r#""undefined: 42""#),
        (r#"null,"lobby""#, r#""undefined: null""#),
        (r#"[1,"a"],"lobby""#, r#""undefined: [1,\"a\"]""#),
    ] {
        ben.send(&format!(r#"421["new_message",{arguments}]"#))
            .await;
        ben.expect("431[]").await;
        ana.expect(&format!(r#"42["new_message",{heard}]"#)).await;
    }
    for arguments in ["", ",7", ",{},{}", ",\"no room\""] {
        ben.send(&format!(r#"422["new_message"{arguments}]"#)).await;
        ben.expect("432[]").await;
    }

    ben.send(r#"423["enter_room",7,"lobby"]"#).await;
    ben.expect("433[]").await;
    ana.expect(r#"42["welcome",7]"#).await;
    ben.send(r#"424["new_message","hi","lobby"]"#).await;
    ben.expect("434[]").await;
    ana.expect(r#"42["new_message","7: hi"]"#).await;
    ben.send(r#"451-5["new_message",{"_placeholder":true,"num":0},"lobby"]"#)
        .await;
    ben.send_bytes(b"bytes").await;
    ben.expect("435[]").await;
    ana.expect(r#"42["new_message","7: bytes"]"#).await;
    ana.expect_nothing().await;

    // Rooms that print alike are one room, the missing one too.
    ana.send_all([r#"421["enter_room","Ana",7]"#, r#"422["enter_room","Ana"]"#])
        .await;
    ana.expect("431[]").await;
    ana.expect("432[]").await;
    ben.send_all([r#"42["new_message","a","7"]"#, r#"42["new_message","b"]"#])
        .await;
    ana.expect(r#"42["new_message","7: a"]"#).await;
    ana.expect(r#"42["new_message","7: b"]"#).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_json_costs_its_sender_the_chat_and_nobody_else() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    ben.send(r#"421["new_message","hi","lobby"] and more"#)
        .await;
    ben.expect("41").await;
    ana.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_sent_before_it_left_is_done() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    for round in 0..50 {
        let mut ben = server.client().await;
        ben.send_all([
            format!(r#"42["enter_room","Ben {round}","lobby"]"#),
            r#"42["new_message","bye","lobby"]"#.to_owned(),
            // One way to leave or the other: the namespace, or the session.
            (if round % 2 == 0 { "41" } else { "1" }).to_owned(),
        ])
        .await;
        ana.expect(&format!(r#"42["welcome","Ben {round}"]"#)).await;
        ana.expect(&format!(r#"42["new_message","Ben {round}: bye"]"#))
            .await;
    }
    ana.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chat_works_over_polling() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let (status, open) = server
        .http("GET", "/socket.io/?EIO=4&transport=polling", "")
        .await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    let sid = open.split('"').nth(3).unwrap();
    let expected = format!(
        r#"0{{"sid":"{sid}","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}"#
    );
    assert_eq!(open, expected);

    let session = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
    let ok = ("HTTP/1.1 200 OK".to_owned(), "ok".to_owned());
    assert_eq!(server.http("POST", &session, "40").await, ok);
    let mut inbox = Vec::new();
    while inbox.is_empty() {
        inbox.extend(server.poll(&session).await);
    }
    assert_eq!(inbox, [format!(r#"40{{"sid":"{sid}"}}"#)]);
    let events = "420[\"enter_room\",\"Ben\",\"lobby\"]\u{1e}421[\"new_message\",\"hi\",\"lobby\"]";
    assert_eq!(server.http("POST", &session, events).await, ok);
    ana.expect(r#"42["welcome","Ben"]"#).await;
    ana.expect(r#"42["new_message","Ben: hi"]"#).await;
    while inbox.len() < 3 {
        inbox.extend(server.poll(&session).await);
    }
    assert_eq!(inbox[1..], ["430[]", "431[]"]);
    server.stop().await;
}

/// In the original these are one step, since it has one thread.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_enter_at_once_one_hears_of_the_other_and_not_before_its_ack() {
    let server = Server::start().await;
    for round in 0..200 {
        let mut ana = server.client().await;
        let mut ben = server.client().await;
        let enter = format!(r#"420["enter_room","who","{round}"]"#);
        tokio::join!(ana.send(&enter), ben.send(&enter));
        for client in [&mut ana, &mut ben] {
            client.expect("430[]").await;
            client.send(r#"421["new_message","","nobody"]"#).await;
        }
        // The welcome is behind the ack; behind the ack of a second event, it has been sent.
        let mut heard = 0;
        for client in [&mut ana, &mut ben] {
            while let Some(packet) = client.next().await.filter(|packet| packet != "431[]") {
                assert_eq!(packet, r#"42["welcome","who"]"#);
                heard += 1;
            }
        }
        for client in [&mut ana, &mut ben] {
            client.send("40/none,").await;
            while let Some(packet) = client.next().await.filter(|p| !p.starts_with("44/none,")) {
                assert_eq!(packet, r#"42["welcome","who"]"#);
                heard += 1;
            }
        }
        assert_eq!(heard, 1, "round {round}");
    }
    server.stop().await;
}
