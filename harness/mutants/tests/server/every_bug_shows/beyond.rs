//! What a chat does beyond the seed contract: on two nodes, and with what is said unasked.

use super::session::{Differs, PATIENCE, Session};
use crate::support::{Client, Running};

/// Two on the first node, two on the second.
pub(super) async fn across_nodes(session: &mut Session, server: &Running) -> Result<(), Differs> {
    session.step("on two nodes");
    for (who, address) in [
        ("amy", server.address),
        ("bob", server.second),
        ("cat", server.second),
    ] {
        let client = Client::websocket(address).await.ok_or(Differs)?;
        session.people.push((who, client));
    }
    for (who, packet) in [
        ("amy", r#"20["enter_room","Amy","hall"]"#),
        ("bob", r#"20["enter_room","Bob","hall"]"#),
        ("amy", r#"21["new_message","hi","hall"]"#),
        ("cat", r#"20["enter_room","Cat","hall"]"#),
        ("amy", r#"22["enter_room","Ann","hall"]"#),
        ("amy", r#"23["new_message","hi","hall"]"#),
        ("cat", r#"21["enter_room","Cat","Hall"]"#),
        ("amy", r#"24["new_message","hi","hall"]"#),
        ("cat", "1"),
    ] {
        session.send(who, &[packet]).await?;
    }
    let large = format!(r#"25["new_message","{}","hall"]"#, "x".repeat(10_000));
    session.send("amy", &[&large]).await?;
    session.step("cat comes back on the first node");
    let cat = Client::websocket(server.address).await.ok_or(Differs)?;
    session.people.pop();
    session.people.push(("cat", cat));
    session
        .send("cat", &[r#"20["enter_room","Cat","hall"]"#])
        .await?;
    for id in 20..40 {
        let packet = format!(r#"2{id}["new_message","m{id}","hall"]"#);
        session.send("bob", &[&packet]).await?;
    }
    session.step("an ack, and what the other node has done by then");
    for id in 40..60 {
        let packet = format!(r#"2{id}["new_message","m{id}","hall"]"#);
        session.person("bob").send(&[&packet]).await;
        let seen = session
            .person("bob")
            .until(&format!("3{id}["), PATIENCE)
            .await;
        session.note("bob", &seen)?;
        let seen = session.person("amy").fence(PATIENCE).await;
        session.note("amy", &seen)?;
        let seen = session.person("cat").fence(PATIENCE).await;
        session.note("cat", &seen)?;
    }
    Ok(())
}

/// What is said unasked, once each.
pub(super) async fn play_extended(session: &mut Session, server: &Running) -> Result<(), Differs> {
    for who in ["ana", "ben", "eve", "kim"] {
        let client = Client::websocket(server.address).await.ok_or(Differs)?;
        session.people.push((who, client));
    }
    session.step("what a newcomer is told");
    session.settle("kim").await?;
    for (who, packet) in [
        ("ana", r#"20["enter_room","Ana","lobby"]"#),
        ("ana", r#"21["enter_room","Anna","lobby"]"#),
        ("ben", r#"20["enter_room","Anna","lobby"]"#),
        ("eve", r#"20["enter_room","Eve","lobby"]"#),
        ("eve", r#"21["enter_room","Eve","kitchen"]"#),
        ("ben", r#"21["enter_room","Ben","kitchen"]"#),
        ("ben", r#"22["enter_room","Ben","cellar"]"#),
        ("ben", r#"23["leave_room","cellar"]"#),
        ("ben", r#"24["leave_room","cellar"]"#),
    ] {
        session.send(who, &[packet]).await?;
    }
    session.step("acked before it is announced");
    session
        .person("ben")
        .send(&[r#"25["leave_room","kitchen"]"#])
        .await;
    let announced = session.person("eve").until(r#"2["bye"#, PATIENCE).await;
    session.note("eve", &announced)?;
    let held = session.person("ben").fence(PATIENCE).await;
    // What everybody is told may be here, or come behind it.
    let acks: Vec<_> = held
        .into_iter()
        .filter(|held| held.starts_with('3'))
        .collect();
    session.note("ben", &acks)?;
    session.settle_unseen("ben").await;
    for (who, packet) in [
        ("ben", r#"26["leave_room","kitchen"]"#),
        ("ben", r#"27["enter_room","Ben","attic"]"#),
        ("eve", r#"26["enter_room","Eve","attic"]"#),
    ] {
        session.send(who, &[packet]).await?;
    }
    session.step("ben disconnects");
    let ben = session.person("ben");
    ben.send(&["1", "0"]).await;
    ben.until(r#"0{"sid""#, PATIENCE).await;
    session.settle("ben").await?;
    session.step("the connection of ana breaks");
    session.people.remove(0);
    let told = session
        .person("eve")
        .until(r#"2["room_change"#, PATIENCE)
        .await;
    session.note("eve", &told)?;
    session.step("that is all");
    session.settle("kim").await
}
