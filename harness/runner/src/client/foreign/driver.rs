//! The process of a driver, and which of its lines is for whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chatspec_judge::plan::Plan;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Command, ForeignClient, Route, Told};

/// A driver: one process, through which all clients of a run speak. It is started with the first of them,
/// and again after it has died.
pub struct Driver {
    spec: ForeignClient,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    next: u64,
    /// The lines to the process, while it is there.
    lines: Option<mpsc::UnboundedSender<String>>,
    routes: BTreeMap<u64, Route>,
    reading: Option<JoinHandle<()>>,
}

impl Driver {
    /// A driver that is not started yet.
    pub fn new(spec: ForeignClient) -> Self {
        Self {
            spec,
            state: Arc::default(),
        }
    }

    /// What client.toml says of it.
    pub const fn spec(&self) -> &ForeignClient {
        &self.spec
    }

    /// What a plan needs that the client cannot do.
    pub(crate) fn lacks(&self, plan: &Plan) -> BTreeSet<String> {
        self.spec.lacks(plan)
    }

    pub(super) fn has_namespaces(&self) -> bool {
        self.spec.has_namespaces()
    }

    /// Gives a client its number, tells the driver to open it, and gives the number.
    pub(super) fn open<'a>(&self, route: Route, open: impl FnOnce(u64) -> Command<'a>) -> u64 {
        let mut state = lock(&self.state);
        let client = state.next;
        state.next += 1;
        if state.lines.is_none()
            && let Err(error) = self.start(&mut state)
        {
            drop(state);
            route.over(format!(
                "the driver `{}` cannot be started: {error}",
                self.spec.command
            ));
            return client;
        }
        state.routes.insert(client, route);
        drop(state);
        self.tell(&open(client));
        client
    }

    /// Tells the driver something. One that is gone has said so to every client.
    pub(super) fn tell(&self, command: &Command<'_>) {
        let line = match serde_json::to_string(command) {
            Ok(line) => line,
            Err(error) => {
                tracing::error!(%error, "a command to a driver is no JSON");
                return;
            }
        };
        let state = lock(&self.state);
        if let Some(lines) = &state.lines
            && lines.send(line).is_err()
        {
            tracing::debug!("a command came too late for a driver that has ended");
        }
    }

    /// Has a client leave, of which nothing more is heard.
    pub(super) fn close(&self, client: u64) {
        if lock(&self.state).routes.remove(&client).is_some() {
            self.tell(&Command::Close { client });
        }
    }

    fn start(&self, state: &mut State) -> std::io::Result<()> {
        let mut child = tokio::process::Command::new("sh")
            .args(["-c", &format!("exec {}", self.spec.command)])
            .current_dir(&self.spec.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        let (lines, queue) = mpsc::unbounded_channel();
        if let Some(stdin) = child.stdin.take() {
            tokio::spawn(write(stdin, queue));
        }
        state.lines = Some(lines);
        state.reading = Some(tokio::spawn(read(child, Arc::clone(&self.state))));
        Ok(())
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Driver").field(&self.spec.name).finish()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The process goes with the task that holds it.
        if let Some(reading) = &lock(&self.state).reading {
            reading.abort();
        }
    }
}

async fn write(mut stdin: ChildStdin, mut queue: mpsc::UnboundedReceiver<String>) {
    while let Some(mut line) = queue.recv().await {
        line.push('\n');
        while let Ok(more) = queue.try_recv() {
            line.push_str(&more);
            line.push('\n');
        }
        if stdin.write_all(line.as_bytes()).await.is_err() {
            return; // the reader sees the end as well, and says so
        }
    }
}

/// Hands out what the driver tells, until it ends; then tells every client of it.
async fn read(mut child: Child, state: Arc<Mutex<State>>) {
    let mut cause = "the driver said nothing that can be read".to_owned();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        cause = loop {
            match lines.next_line().await {
                Ok(Some(line)) => match serde_json::from_str::<Told>(&line) {
                    Ok(told) => hand_out(told, &state),
                    Err(error) => break format!("the driver said what is no report: {error}"),
                },
                Ok(None) => break "the driver ended".to_owned(),
                Err(error) => break format!("the driver cannot be heard: {error}"),
            }
        };
    }
    let routes = {
        let mut state = lock(&state);
        state.lines = None;
        std::mem::take(&mut state.routes)
    };
    for route in routes.into_values() {
        route.over(cause.clone());
    }
}

fn hand_out(told: Told, state: &Mutex<State>) {
    let client = told.client();
    let route = lock(state).routes.get(&client).cloned();
    if let Some(route) = route
        && !route.take(told)
    {
        lock(state).routes.remove(&client);
    }
}

/// What is kept here is whole after each statement.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
