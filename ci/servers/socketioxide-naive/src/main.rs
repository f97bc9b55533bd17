//! The same chat on socketioxide as one writes it first: the handlers of events are registered when a
//! client has connected, and each looks something up in the database before it does anything.
//!
//! socketioxide runs each handler in a task of its own, so a client's messages overtake each other while
//! they wait. What it fails is in its ledger (target.toml), and not to be mended here: the reference
//! server is the same chat mended.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, Extension, SocketRef};

/// The nickname of a socket.
#[derive(Clone, Default)]
struct Nickname(String);

/// Which copy of the database a socket asks next.
#[derive(Clone, Default)]
struct Database {
    far: Arc<AtomicBool>,
}

impl Database {
    /// What a look into either copy takes.
    const NEAR: Duration = Duration::from_millis(2);
    const FAR: Duration = Duration::from_millis(30);

    /// A look into the database, of which there are two copies that a session asks in turn. One is next
    /// door and the other far away, so that what is asked second is often answered first: here each
    /// time, for a suite that finds it must find it in each run.
    #[expect(
        clippy::disallowed_methods,
        reason = "it stands for the time that a database takes"
    )]
    async fn look(&self) {
        let far = self.far.fetch_xor(true, Ordering::Relaxed);
        tokio::time::sleep(if far { Self::FAR } else { Self::NEAR }).await;
    }
}

/// An ack without arguments.
const NOTHING: [(); 0] = [];

// On several threads the CONNECT reply may be out before the handlers are there, and what comes at once is
// lost: in some cases of each run, and each time in others. So this author has one thread.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", connected);
    let app = axum::Router::new().layer(layer);
    let port = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    Ok(axum::serve(listener, app).await?)
}

async fn connected(socket: SocketRef) {
    socket.extensions.insert(Database::default());
    socket.on("enter_room", enter_room);
    socket.on("new_message", new_message);
}

async fn enter_room(
    socket: SocketRef,
    Extension(database): Extension<Database>,
    Data((nickname, room)): Data<(String, String)>,
    ack: AckSender,
) {
    database.look().await;
    socket.extensions.insert(Nickname(nickname.clone()));
    socket.join(room.clone());
    ack.send(&NOTHING).ok();
    socket.to(room).emit("welcome", &nickname).await.ok();
}

async fn new_message(
    socket: SocketRef,
    Extension(database): Extension<Database>,
    Data((text, room)): Data<(String, String)>,
    ack: AckSender,
) {
    database.look().await;
    let Nickname(nickname) = socket.extensions.get().unwrap_or_default();
    let line = format!("{nickname}: {text}");
    socket.to(room).emit("new_message", &line).await.ok();
    ack.send(&NOTHING).ok();
}
