//! A server that we start as a process of its own, and end with all that it started.

use std::ffi::OsString;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anstream::adapter::strip_str;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::running::StartError;
use crate::clock;

/// How long a server may take to end when it is asked to, before it is made to; and how long is
/// waited for what was made to.
const FAREWELL: Duration = Duration::from_secs(2);

/// How often a process is asked what it gives no event for: that it listens, that all of its
/// children are gone.
const LOOK: Duration = Duration::from_millis(10);

/// A command line, and where it is run.
#[derive(Clone, Debug)]
pub(super) struct CommandLine {
    pub(super) program: OsString,
    pub(super) args: Vec<OsString>,
    pub(super) folder: Option<PathBuf>,
    /// As the user knows it.
    pub(super) shown: String,
    /// What has to be done once before, for messages.
    pub(super) setup: Option<String>,
    /// What is in its environment, beside its port.
    pub(super) environment: Vec<(&'static str, String)>,
}

impl CommandLine {
    /// What a shell is to run in `folder`.
    pub(super) fn of_shell(command: &str, folder: Option<&Path>) -> Self {
        Self {
            program: "sh".into(),
            args: vec!["-c".into(), command.into()],
            folder: folder.map(Path::to_owned),
            shown: command.to_owned(),
            setup: None,
            environment: Vec::new(),
        }
    }
}

/// A started process, its children and the end of what it printed.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    group: Option<Pid>,
    tail: Tail,
}

impl Process {
    /// Starts `line` with `PORT` set to `port`, and waits until it accepts there, for as long as
    /// `patience` lasts.
    pub(super) async fn start(
        line: &CommandLine,
        port: u16,
        patience: Duration,
    ) -> Result<Self, StartError> {
        let mut process = Self::spawn(line, Some(port))?;
        process.ready(line, port, patience).await?;
        Ok(process)
    }

    /// Runs `line` to its end, however long that takes: packages come over a network, and whoever
    /// waits for them sees that. What it leaves running is ended with it.
    pub(super) async fn finish(line: &CommandLine) -> Result<(), StartError> {
        let mut process = Self::spawn(line, None)?;
        let how = match process.child.wait().await {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => describe(status),
            Err(error) => error.to_string(),
        };
        process.tail.settle().await;
        Err(StartError::Setup {
            command: line.shown.clone(),
            how,
            output: process.output(),
        })
    }

    /// Starts `line`. `CHATSPEC` is this program, for targets that are a part of it.
    fn spawn(line: &CommandLine, port: Option<u16>) -> Result<Self, StartError> {
        let mut command = Command::new(&line.program);
        command
            .args(&line.args)
            .envs(port.map(|port| ("PORT", port.to_string())))
            .envs(line.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own, so that its children end with it.
            .process_group(0)
            .kill_on_drop(true);
        if let Ok(program) = std::env::current_exe() {
            command.env("CHATSPEC", program);
        }
        if let Some(folder) = &line.folder {
            command.current_dir(folder);
        }
        let spawn = |source| StartError::Spawn {
            command: line.shown.clone(),
            source,
        };
        let mut child = command.spawn().map_err(spawn)?;
        let tail = Tail::default();
        tail.follow(child.stdout.take());
        tail.follow(child.stderr.take());
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        Ok(Self { child, group, tail })
    }

    /// The number of its group.
    pub(super) fn group(&self) -> Option<i32> {
        self.group.map(|group| group.as_raw_nonzero().get())
    }

    /// How the process ended, if it has, or does within `grace`.
    pub(super) async fn ended(&mut self, grace: Duration) -> Option<String> {
        let ended = match self.child.try_wait() {
            Ok(None) => timeout(grace, self.child.wait()).await.ok()?,
            Ok(Some(status)) => Ok(status),
            Err(error) => Err(error),
        };
        match ended {
            Ok(status) => {
                self.tail.settle().await;
                Some(describe(status))
            }
            Err(error) => Some(format!("its process cannot be asked: {error}")),
        }
    }

    /// The end of what it printed.
    pub(super) fn output(&self) -> String {
        self.tail.text()
    }

    /// Asks it and its children to end, then makes them. When this returns, they are gone: the port
    /// can be used again.
    pub(super) async fn stop(mut self) {
        for signal in [Signal::TERM, Signal::KILL] {
            self.signal(signal);
            if timeout(FAREWELL, self.gone()).await.is_ok() {
                return;
            }
            tracing::debug!(?signal, "a target did not end when it was told to");
        }
    }

    /// Resolves when the process and all of its group are gone.
    async fn gone(&mut self) {
        if let Err(error) = self.child.wait().await {
            tracing::debug!(%error, "a target cannot be waited for");
        }
        while let Some(group) = self.group {
            if test_kill_process_group(group).is_err() {
                // From here on the number may be given to somebody else.
                self.group = None;
            } else {
                clock::pause(LOOK).await;
            }
        }
    }

    async fn ready(
        &mut self,
        line: &CommandLine,
        port: u16,
        patience: Duration,
    ) -> Result<(), StartError> {
        let began = clock::now();
        loop {
            // Its own error is worth more than a refused connection.
            if let Some(how) = self.ended(Duration::ZERO).await {
                return Err(StartError::Exited {
                    command: line.shown.clone(),
                    how,
                    output: self.output(),
                    setup: line.setup.clone(),
                });
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .await
                .is_ok()
            {
                return Ok(());
            }
            if clock::now().duration_since(began) > patience {
                let elsewhere = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await;
                return Err(StartError::NeverListened {
                    command: line.shown.clone(),
                    port,
                    waited: patience,
                    only_v6: elsewhere.is_ok(),
                    output: self.output(),
                });
            }
            clock::pause(LOOK).await;
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group
            && let Err(error) = kill_process_group(group, signal)
        {
            // Most likely it is gone already.
            tracing::debug!(%error, "a target's process group could not be signalled");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn describe(status: ExitStatus) -> String {
    format!("the process ended with {status}")
}

/// The end of what a process printed.
#[derive(Clone, Debug, Default)]
struct Tail {
    bytes: Arc<Mutex<Vec<u8>>>,
    readers: Arc<Mutex<Vec<tokio::task::JoinHandle<()>>>>,
}

impl Tail {
    /// Enough for a stack trace; a server that prints without end costs no more.
    const LENGTH: usize = 4 << 10;

    fn follow(&self, stream: Option<impl AsyncRead + Unpin + Send + 'static>) {
        let Some(mut stream) = stream else { return };
        let tail = self.clone();
        let reader = tokio::spawn(async move {
            let mut chunk = [0; 1024];
            while let Ok(length) = stream.read(&mut chunk).await
                && length > 0
            {
                tail.keep(&chunk[..length]);
            }
        });
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(reader);
    }

    fn keep(&self, printed: &[u8]) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend_from_slice(printed);
        let surplus = bytes.len().saturating_sub(Self::LENGTH);
        bytes.drain(..surplus);
    }

    /// Waits until everything that an ended process printed is read; a child that still holds the
    /// pipe open is not waited for.
    async fn settle(&self) {
        let readers =
            std::mem::take(&mut *self.readers.lock().unwrap_or_else(PoisonError::into_inner));
        for reader in readers {
            if timeout(FAREWELL, reader).await.is_err() {
                return;
            }
        }
    }

    /// Without what a terminal would obey, and from the beginning of a line.
    fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut whole = bytes.as_slice();
        if bytes.len() == Self::LENGTH
            && let Some(newline) = bytes.iter().position(|byte| *byte == b'\n')
        {
            whole = &bytes[newline + 1..];
        }
        let text = String::from_utf8_lossy(whole);
        strip_str(&text).to_string().trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(printed: &[u8]) -> String {
        let tail = Tail::default();
        tail.keep(printed);
        tail.text()
    }

    #[test]
    fn what_is_kept_of_an_output_is_its_end_in_whole_lines() {
        assert_eq!(tail(b"\n listening\n\n"), "listening");
        let long = "0123456\n".repeat(Tail::LENGTH);
        let kept = tail(long.as_bytes());
        assert!(kept.len() < Tail::LENGTH);
        assert!(kept.lines().all(|line| line == "0123456"));
        // One line without end has no beginning to be cut at.
        assert_eq!(tail(&[b'x'; 3 * Tail::LENGTH]).len(), Tail::LENGTH);
    }

    #[test]
    fn what_a_terminal_would_obey_is_left_out() {
        assert_eq!(
            tail(b"\x1b[31mError:\x1b[0m no\x07 port \xff"),
            "Error: no port \u{fffd}"
        );
    }
}
