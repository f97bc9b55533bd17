//! The processes that a target is: its nodes, and what runs beside them.

use std::time::Duration;

use tokio::net::TcpListener;

use super::process::{CommandLine, Process};
use super::running::StartError;
use super::{Endpoint, Nodes};

/// A server as processes of ours, started together and ended together.
#[derive(Debug)]
pub(super) struct Fleet {
    line: CommandLine,
    nodes: u32,
    beside: Option<CommandLine>,
    /// The ports of the nodes, and behind them that of what runs beside.
    ports: Vec<u16>,
    /// What runs beside comes first, for the others need it. Empty when stopped.
    processes: Vec<Process>,
}

impl Fleet {
    /// One command, started once.
    pub(super) const fn of_one(line: CommandLine) -> Self {
        Self::new(line, 1, None)
    }

    /// The command of a node, how many there are, and what runs beside them.
    pub(super) const fn new(line: CommandLine, nodes: u32, beside: Option<CommandLine>) -> Self {
        Self {
            line,
            nodes,
            beside,
            ports: Vec::new(),
            processes: Vec::new(),
        }
    }

    /// Chooses free ports, which it keeps; gives where the nodes will be reached.
    pub(super) async fn take_ports(&mut self) -> Result<Nodes, StartError> {
        // All are held until all are known, so that none is chosen twice.
        let mut held = Vec::new();
        for _ in 0..self.nodes + u32::from(self.beside.is_some()) {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await;
            held.push(listener.map_err(StartError::NoPort)?);
        }
        let ports = held.iter().map(TcpListener::local_addr);
        let ports: Result<Vec<_>, _> = ports.map(|at| at.map(|at| at.port())).collect();
        self.ports = ports.map_err(StartError::NoPort)?;
        let mut nodes = self.node_ports().map(Endpoint::local);
        let first = nodes.next().unwrap_or_else(|| Endpoint::local(0));
        Ok(Nodes::new(first, nodes.collect()))
    }

    /// Starts everything, one after the other, each with so much patience until it listens.
    pub(super) async fn start(&mut self, patience: Duration) -> Result<(), StartError> {
        let beside_port = self.ports.last().filter(|_| self.beside.is_some());
        let told = beside_port.map(|port| (BESIDE_PORT, port.to_string()));
        if let (Some(beside), Some(port)) = (&self.beside, beside_port) {
            let mut line = beside.clone();
            line.environment.extend(told.clone());
            let process = Process::start(&line, *port, patience).await?;
            self.processes.push(process);
        }
        let mut processes = Vec::new();
        for (port, node) in self.node_ports().zip(1_u32..) {
            let mut line = self.line.clone();
            line.environment.extend(told.clone());
            if self.nodes > 1 {
                let numbers = [(NODE, node), (NODES, self.nodes)];
                let numbers = numbers.map(|(name, number)| (name, number.to_string()));
                line.environment.extend(numbers);
            }
            processes.push(Process::start(&line, port, patience).await?);
        }
        self.processes.append(&mut processes);
        Ok(())
    }

    /// Ends everything, what runs beside last.
    pub(super) async fn stop(&mut self) {
        while let Some(process) = self.processes.pop() {
            process.stop().await;
        }
    }

    /// How the first of them that has ended did, or does within `grace`, and the end of what it
    /// printed.
    pub(super) async fn ended(&mut self, grace: Duration) -> Option<(String, String)> {
        let alone = self.processes.len() == 1;
        let beside = self.beside.is_some();
        for (index, process) in self.processes.iter_mut().enumerate() {
            let Some(how) = process.ended(grace).await else {
                continue;
            };
            let who = match index {
                _ if alone => String::new(),
                0 if beside => "beside the nodes, ".to_owned(),
                index => format!("on node {}, ", index + usize::from(!beside)),
            };
            return Some((format!("{who}{how}"), process.output()));
        }
        let stopped = self.processes.is_empty();
        stopped.then(|| ("it was stopped".to_owned(), String::new()))
    }

    /// The end of what they printed, one after the other.
    pub(super) fn output(&self) -> String {
        let printed = self.processes.iter().map(Process::output);
        let printed: Vec<_> = printed.filter(|text| !text.is_empty()).collect();
        printed.join("\n")
    }

    /// The number of the first node's process group.
    pub(super) fn group(&self) -> Option<i32> {
        self.processes
            .get(usize::from(self.beside.is_some()))?
            .group()
    }

    /// The command, as the user knows it.
    pub(super) fn shown(&self) -> &str {
        &self.line.shown
    }

    fn node_ports(&self) -> impl Iterator<Item = u16> + '_ {
        self.ports.iter().copied().take(self.nodes as usize)
    }
}

/// The port of what runs beside the nodes, in everybody's environment.
const BESIDE_PORT: &str = "BESIDE_PORT";

/// The number of a node, from 1, and how many there are.
const NODE: &str = "CHATSPEC_NODE";
const NODES: &str = "CHATSPEC_NODES";
