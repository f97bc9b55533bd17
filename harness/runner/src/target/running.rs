//! A started target, of whatever kind.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::Duration;

use chatspec_mutants::Mutant;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::fleet::Fleet;
use super::probe::{ProbeError, probe};
use super::process::{CommandLine, Process};
use super::spec::{Launch, Target};
use super::{Endpoint, Manners, Nodes, Processes, spoken};
use crate::clock;

/// What starting a target needs to know about this program, and how long it may take.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// The program and its arguments that start the reference on the port in its `PORT`.
    pub reference: Vec<OsString>,
    /// The program and its arguments that start the null server on that port; its options follow.
    pub null: Vec<OsString>,
    /// How long is waited.
    pub patience: Patience,
    /// Whether a command's `setup` is done before its first launch, however long that takes.
    pub setup: bool,
}

/// How long a target is waited for before its first case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long a command may take to accept connections: an interpreter with many packages on a
    /// busy machine needs seconds, and nothing is gained by giving up on it early.
    pub listens: Duration,
    /// How long the first look at a server may take, once it accepts connections.
    pub answers: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            listens: Duration::from_secs(20),
            answers: Duration::from_secs(5),
        }
    }
}

/// How long a process that answers no more may take to end: long enough to write a stack trace.
const LAST_BREATH: Duration = Duration::from_millis(200);

/// How long a target that does not answer yet is left alone between two looks at it.
const AGAIN: Duration = Duration::from_millis(20);

/// A target that does not start. Never the target's verdict: nothing was judged.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The command cannot be run.
    #[error("`{command}` cannot be started: {source}")]
    Spawn {
        /// The command.
        command: String,
        /// Why.
        source: io::Error,
    },
    /// What has to be done once before failed.
    #[error("`{command}`, which comes before the first launch, failed: {how}{}", printed(.output))]
    Setup {
        /// The command.
        command: String,
        /// How it ended.
        how: String,
        /// What it printed.
        output: String,
    },
    /// The command ended before it listened.
    #[error("`{command}` ended before it listened: {how}{}{}", printed(.output), advice(.setup.as_deref()))]
    Exited {
        /// The command.
        command: String,
        /// How it ended.
        how: String,
        /// What it printed.
        output: String,
        /// What has to be done once before.
        setup: Option<String>,
    },
    /// The command runs and does not listen.
    #[error(
        "`{command}` did not listen on 127.0.0.1:{port} within {}; {}{}",
        spoken(*.waited), where_instead(*.only_v6), printed(.output)
    )]
    NeverListened {
        /// The command.
        command: String,
        /// The port it was given.
        port: u16,
        /// How long was waited.
        waited: Duration,
        /// Whether it listens on that port of `[::1]` instead.
        only_v6: bool,
        /// What it printed.
        output: String,
    },
    /// It listened, and ended when it was first looked at.
    #[error("`{target}` ended at the first look at it: {how}")]
    Died {
        /// The command, or the image.
        target: String,
        /// How it ended, and what it printed.
        how: String,
    },
    /// It is there, and is nothing that can be judged.
    #[error("{source}{}", printed(.output))]
    Probe {
        /// What the first look found.
        source: ProbeError,
        /// What it printed.
        output: String,
    },
    /// Somebody else's server is not there, or is nothing that can be judged.
    #[error(transparent)]
    Foreign(ProbeError),
    /// The container does not start.
    #[error("the image `{image}` cannot be started: {cause}")]
    Container {
        /// The image.
        image: String,
        /// Why.
        cause: String,
    },
    /// This program was built without containers.
    #[error("this chatspec was built without containers: build it with the feature `containers`")]
    NoContainers,
    /// TLS is not to be had.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// No port is to be had.
    #[error("no local port is free: {0}")]
    NoPort(#[source] io::Error),
}

const fn where_instead(only_v6: bool) -> &'static str {
    if only_v6 {
        "it listens on [::1] alone, where `localhost` may lead; name 127.0.0.1"
    } else {
        "it must take the port from PORT in its environment"
    }
}

fn printed(output: &str) -> String {
    if output.is_empty() {
        "; it printed nothing".to_owned()
    } else {
        format!("; it printed:\n{output}")
    }
}

fn advice(setup: Option<&str>) -> String {
    setup
        .map(|setup| format!("\nbefore the first run (--setup does it): {setup}"))
        .unwrap_or_default()
}

/// Does in `folder` what has to be done once before something is started from it.
pub(crate) async fn set_up(command: &str, folder: Option<&Path>) -> Result<(), StartError> {
    Process::finish(&CommandLine::of_shell(command, folder)).await
}

/// A target that is there to be judged.
#[derive(Debug)]
pub struct Running {
    nodes: Nodes,
    kind: Kind,
    patience: Patience,
    manners: Manners,
}

#[derive(Debug)]
enum Kind {
    Foreign,
    Processes(Box<Fleet>),
    Mutant {
        mutant: Mutant,
        server: Option<MutantServer>,
    },
    #[cfg(feature = "containers")]
    Container {
        image: String,
        port: u16,
        container: Option<Box<super::container::Container>>,
    },
}

#[derive(Debug)]
struct MutantServer {
    server: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

impl Running {
    /// Starts `target` and takes a first look at it.
    pub async fn start(target: &Target, launcher: &Launcher) -> Result<Self, StartError> {
        let patience = launcher.patience;
        let manners = target.manners.clone();
        let mut running = match &target.launch {
            Launch::Url(nodes) => Self {
                nodes: nodes.clone(),
                kind: Kind::Foreign,
                patience,
                manners,
            },
            Launch::Reference => {
                // What the target says it can do, and does only when asked.
                let echo = std::iter::once("--echo".into());
                let mut words = launcher.reference.iter().cloned();
                let line = CommandLine {
                    program: words.next().unwrap_or_default(),
                    args: words.chain(echo).collect(),
                    folder: None,
                    shown: "chatspec serve --echo".to_owned(),
                    setup: None,
                    environment: Vec::new(),
                };
                Self::of_fleet(Fleet::of_one(line), patience, manners).await?
            }
            Launch::Null { options } => {
                let mut words = launcher.null.iter().cloned();
                let line = CommandLine {
                    program: words.next().unwrap_or_default(),
                    args: words.chain(std::iter::once(options.into())).collect(),
                    folder: None,
                    shown: target.name.clone(),
                    setup: None,
                    environment: Vec::new(),
                };
                Self::of_fleet(Fleet::of_one(line), patience, manners).await?
            }
            Launch::Command {
                command,
                folder,
                setup,
                nodes,
                beside,
            } => {
                let line = |command: &String| CommandLine {
                    setup: setup.clone(),
                    ..CommandLine::of_shell(command, folder.as_deref())
                };
                if let Some(setup) = setup.as_ref().filter(|_| launcher.setup) {
                    set_up(setup, folder.as_deref()).await?;
                }
                let fleet = Fleet::new(line(command), *nodes, beside.as_ref().map(line));
                Self::of_fleet(fleet, patience, manners).await?
            }
            Launch::Mutant(mutant) => {
                let (nodes, server) = mutant_server(*mutant)?;
                let kind = Kind::Mutant {
                    mutant: *mutant,
                    server: Some(server),
                };
                Self {
                    nodes,
                    kind,
                    patience,
                    manners,
                }
            }
            #[cfg(feature = "containers")]
            Launch::Image { image, port } => {
                let container = super::container::Container::start(image, *port).await?;
                let endpoint = container.endpoint(image).await?;
                let container = Some(Box::new(container));
                Self {
                    nodes: endpoint.into(),
                    kind: Kind::Container {
                        image: image.clone(),
                        port: *port,
                        container,
                    },
                    patience,
                    manners,
                }
            }
            #[cfg(not(feature = "containers"))]
            Launch::Image { .. } => return Err(StartError::NoContainers),
        };
        running.nodes = running.nodes.placed(&running.manners)?;
        running.first_look().await?;
        Ok(running)
    }

    /// Where it is reached; of several nodes, the first.
    pub const fn endpoint(&self) -> &Endpoint {
        self.nodes.first()
    }

    /// Where each of its nodes is reached.
    pub const fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// Which processes it is, where it is some that we started; of several nodes, those of the first.
    pub fn processes(&self) -> Option<Processes> {
        match &self.kind {
            Kind::Processes(fleet) => fleet.group().map(Processes::Group),
            #[cfg(feature = "containers")]
            Kind::Container { container, .. } => {
                let id = container.as_ref()?.id();
                Some(Processes::Container(id.to_owned()))
            }
            Kind::Foreign | Kind::Mutant { .. } => None,
        }
    }

    /// How it died, if it has: a process of it ended, or a node of it does not answer any more.
    pub async fn death(&mut self) -> Option<String> {
        if let Some(how) = self.ended(Duration::ZERO).await {
            return Some(how);
        }
        let error = self.unanswered().await?;
        // A process that is about to end says more than a refused connection.
        match self.ended(LAST_BREATH).await {
            Some(how) => Some(how),
            None => Some(error.to_string()),
        }
    }

    /// How what we started ended, if it has, or does within `grace`.
    async fn ended(&mut self, grace: Duration) -> Option<String> {
        match &mut self.kind {
            Kind::Foreign => None,
            Kind::Processes(fleet) => {
                let (how, output) = fleet.ended(grace).await?;
                Some(format!("{how}{}", printed(&output)))
            }
            Kind::Mutant { server, .. } => server
                .as_ref()
                .is_none_or(|server| server.server.is_finished())
                .then(|| "the mutant ended".to_owned()),
            #[cfg(feature = "containers")]
            Kind::Container { container, .. } => match container {
                Some(container) => {
                    let how = container.ended().await?;
                    Some(format!("{how}{}", printed(&container.output().await)))
                }
                None => Some("it was stopped".to_owned()),
            },
        }
    }

    /// Whether it is ours to start again.
    pub const fn is_managed(&self) -> bool {
        !matches!(self.kind, Kind::Foreign)
    }

    /// Ends it, starts it again and waits until it answers. Its endpoint may change.
    pub async fn restart(&mut self) -> Result<(), StartError> {
        match &mut self.kind {
            Kind::Foreign => {}
            Kind::Processes(fleet) => {
                fleet.stop().await;
                // The same ports, so that clients find it again.
                fleet.start(self.patience.listens).await?;
            }
            Kind::Mutant { mutant, server } => {
                if let Some(server) = server.take() {
                    server.stop().await;
                }
                let (nodes, started) = mutant_server(*mutant)?;
                self.nodes = nodes.placed(&self.manners)?;
                *server = Some(started);
            }
            #[cfg(feature = "containers")]
            Kind::Container {
                image,
                port,
                container,
            } => {
                if let Some(container) = container.take() {
                    container.stop().await;
                }
                let started = super::container::Container::start(image, *port).await?;
                let nodes = Nodes::from(started.endpoint(image).await?);
                self.nodes = nodes.placed(&self.manners)?;
                *container = Some(Box::new(started));
            }
        }
        self.first_look().await
    }

    /// Ends it, with everything it started.
    pub async fn stop(self) {
        match self.kind {
            Kind::Foreign => {}
            Kind::Processes(mut fleet) => fleet.stop().await,
            Kind::Mutant { server, .. } => {
                if let Some(server) = server {
                    server.stop().await;
                }
            }
            #[cfg(feature = "containers")]
            Kind::Container { container, .. } => {
                if let Some(container) = container {
                    container.stop().await;
                }
            }
        }
    }

    async fn of_fleet(
        mut fleet: Fleet,
        patience: Patience,
        manners: Manners,
    ) -> Result<Self, StartError> {
        let nodes = fleet.take_ports().await?;
        fleet.start(patience.listens).await?;
        let kind = Kind::Processes(Box::new(fleet));
        Ok(Self {
            nodes,
            kind,
            patience,
            manners,
        })
    }

    /// What the first node that does not answer as it should does instead.
    async fn unanswered(&self) -> Option<ProbeError> {
        for endpoint in self.nodes.iter() {
            if let Err(error) = probe(endpoint, self.patience.answers).await {
                return Some(error);
            }
        }
        None
    }

    /// A server may accept before it answers: a container's port does, and so does a program that
    /// listens first and adds its routes afterwards. So one that we started is asked again until
    /// its time is up. That of a container is the time that a command has until it listens: its port
    /// accepts before there is a server.
    async fn first_look(&mut self) -> Result<(), StartError> {
        let patience = match &self.kind {
            #[cfg(feature = "containers")]
            Kind::Container { .. } => self.patience.listens,
            _ => self.patience.answers,
        };
        let began = clock::now();
        loop {
            let Some(source) = self.unanswered().await else {
                return Ok(());
            };
            if !self.is_managed() {
                return Err(StartError::Foreign(source));
            }
            if let Some(how) = self.ended(LAST_BREATH).await {
                let target = self.command();
                return Err(StartError::Died { target, how });
            }
            let for_good = matches!(
                source,
                ProbeError::EngineV3 { .. } | ProbeError::Handshake { .. }
            );
            if for_good || clock::now().duration_since(began) > patience {
                let output = self.output().await;
                return Err(match output {
                    Some(output) => StartError::Probe { source, output },
                    None => StartError::Foreign(source),
                });
            }
            clock::pause(AGAIN).await;
        }
    }

    /// What was started, in a word.
    fn command(&self) -> String {
        match &self.kind {
            Kind::Foreign => self.endpoint().authority(),
            Kind::Processes(fleet) => fleet.shown().to_owned(),
            Kind::Mutant { mutant, .. } => format!("mutant:{}", mutant.name()),
            #[cfg(feature = "containers")]
            Kind::Container { image, .. } => image.clone(),
        }
    }

    /// The end of what it printed, where we can know.
    #[cfg_attr(
        not(feature = "containers"),
        expect(clippy::unused_async, reason = "only containers have to be asked")
    )]
    async fn output(&self) -> Option<String> {
        match &self.kind {
            Kind::Foreign | Kind::Mutant { .. } => None,
            Kind::Processes(fleet) => Some(fleet.output()),
            #[cfg(feature = "containers")]
            Kind::Container { container, .. } => match container {
                Some(container) => Some(container.output().await),
                None => None,
            },
        }
    }
}

impl MutantServer {
    async fn stop(self) {
        if self.stop.send(()).is_ok()
            && let Err(error) = self.server.await
        {
            tracing::warn!(%error, "a mutant did not end in good order");
        }
    }
}

/// On two nodes: cases that are not about nodes know the first alone.
fn mutant_server(mutant: Mutant) -> Result<(Nodes, MutantServer), StartError> {
    let listen = || -> io::Result<_> {
        let listener = queueing_many()?;
        let endpoint = Endpoint::local(listener.local_addr()?.port());
        Ok((endpoint, listener))
    };
    let (first, one) = listen().map_err(StartError::NoPort)?;
    let (second, other) = listen().map_err(StartError::NoPort)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        // A dropped sender means the same as a sent word: stop.
        let shutdown = async move { stopped.await.unwrap_or_default() };
        if let Err(error) = chatspec_mutants::serve_nodes(vec![one, other], mutant, shutdown).await
        {
            tracing::debug!(%error, "a mutant ended");
        }
    });
    let nodes = Nodes::new(first, vec![second]);
    Ok((nodes, MutantServer { server, stop }))
}

/// A listener on a free port, with a queue for more connections than all cases open at once.
fn queueing_many() -> std::io::Result<TcpListener> {
    const BACKLOG: u32 = 4096;
    let socket = TcpSocket::new_v4()?;
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(BACKLOG)
}
