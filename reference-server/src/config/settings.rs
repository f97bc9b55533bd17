//! The configuration in its layers: default, file, environment, command line. The later wins.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::units::{parse_duration, parse_size, print_duration};
use super::{Config, LogFormat, Origin};
use crate::cluster::RedisUrl;

/// What of a [`Config`] is given on the command line, or else in the environment.
///
/// The fields are those of [`Config`], which says what each is for in full.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, clap::Args)]
pub struct Settings {
    /// Address and port to listen on, or a port of 127.0.0.1
    ///
    /// Without it: `listen` in the file, if the environment has no PORT; without that,
    /// 127.0.0.1:3000.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address, env = "CHATSPEC_SERVER_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// Send back whatever comes: `message` as `message-back`, `message-with-ack` in its ack
    ///
    /// It is no part of the chat. `chatspec run` asks for it, to judge how arguments of every kind
    /// come through (its capability `echo`).
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        env = "CHATSPEC_SERVER_ECHO"
    )]
    pub echo: Option<bool>,

    /// Let clients leave a room: `leave_room` (room, ack)
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        env = "CHATSPEC_SERVER_LEAVE_ROOM"
    )]
    pub leave_room: Option<bool>,

    /// Tell everyone else in a room who leaves it: `bye` (nickname); not with --redis
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        env = "CHATSPEC_SERVER_BYE"
    )]
    pub bye: Option<bool>,

    /// Tell everyone which rooms there are, and how many are in each: `room_change` (list); not with --redis
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        env = "CHATSPEC_SERVER_ROOM_CHANGE"
    )]
    pub room_change: Option<bool>,

    /// How long after a pong the next ping is sent [default: 25s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, env = "CHATSPEC_SERVER_PING_INTERVAL")]
    #[serde(serialize_with = "duration")]
    pub ping_interval: Option<Duration>,

    /// How long a client may take for its pong [default: 20s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, env = "CHATSPEC_SERVER_PING_TIMEOUT")]
    #[serde(serialize_with = "duration")]
    pub ping_timeout: Option<Duration>,

    /// The largest message taken from a client [default: 1MB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, env = "CHATSPEC_SERVER_MAX_PAYLOAD")]
    pub max_payload: Option<usize>,

    /// The longest nickname [default: 1KiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, env = "CHATSPEC_SERVER_MAX_NICKNAME")]
    pub max_nickname: Option<usize>,

    /// The longest name of a room [default: 1KiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, env = "CHATSPEC_SERVER_MAX_ROOM")]
    pub max_room: Option<usize>,

    /// The longest text of a message [default: what --max-payload lets through]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, env = "CHATSPEC_SERVER_MAX_TEXT")]
    pub max_text: Option<usize>,

    /// How many rooms a client may be in [default: 1000]
    #[arg(long, value_name = "N", env = "CHATSPEC_SERVER_MAX_ROOMS")]
    pub max_rooms: Option<NonZeroUsize>,

    /// How many events a client may send in a second [default: no limit]
    #[arg(
        long,
        value_name = "N",
        env = "CHATSPEC_SERVER_MAX_MESSAGES_PER_SECOND"
    )]
    pub max_messages_per_second: Option<NonZeroU32>,

    /// How many clients may be connected at once [default: no limit]
    #[arg(long, value_name = "N", env = "CHATSPEC_SERVER_MAX_CONNECTIONS")]
    pub max_connections: Option<NonZeroUsize>,

    /// How many packets may wait for one slow reader [default: 65536]
    #[arg(long, value_name = "N", env = "CHATSPEC_SERVER_MAX_BUFFER_PACKETS")]
    pub max_buffer_packets: Option<NonZeroUsize>,

    /// How many bytes may wait for one slow reader [default: 64MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, env = "CHATSPEC_SERVER_MAX_BUFFER_BYTES")]
    pub max_buffer_bytes: Option<usize>,

    /// How many bytes of one client's events may wait to be done [default: 64MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, env = "CHATSPEC_SERVER_MAX_BACKLOG")]
    pub max_backlog: Option<usize>,

    /// Pages of other origins that may use the server, with commas between; `*` for all [default:
    /// they can open a WebSocket, and nothing else]
    #[arg(
        long,
        value_name = "ORIGIN,..",
        value_delimiter = ',',
        env = "CHATSPEC_SERVER_ALLOWED_ORIGINS"
    )]
    pub allowed_origins: Option<Vec<Origin>>,

    /// Be a node of several, one chat together, with this Redis between them
    #[arg(
        long,
        value_name = "URL",
        env = "CHATSPEC_SERVER_REDIS",
        hide_env_values = true
    )]
    pub redis: Option<RedisUrl>,

    /// How long a stopping server may take for its clients' last messages and leave [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, env = "CHATSPEC_SERVER_SHUTDOWN_GRACE")]
    #[serde(serialize_with = "duration")]
    pub shutdown_grace: Option<Duration>,

    /// What the lines of the log on stderr look like [default: text]
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        env = "CHATSPEC_SERVER_LOG_FORMAT"
    )]
    pub log_format: Option<LogFormat>,
}

/// Why there is no [`Config`]. All of it is for its author to mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },

    /// The file is not TOML, or a key of it is not known or has a value that it may not have.
    #[error("in the configuration {}: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Which line and key, and what is allowed there.
        source: Box<toml::de::Error>,
    },

    /// A value that is one, but not one that the server can keep to.
    #[error("{key} = {value} is out of range: {allowed}")]
    Range {
        /// The setting, as it is called in a file.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },

    /// An extension that only a server by itself has, on a node of several.
    #[error(
        "`{0}` and `redis` exclude each other: a node knows the members of its own rooms alone"
    )]
    Alone(
        /// The extension, as it is called in a file.
        &'static str,
    ),

    /// The layers do not fit into each other.
    #[error("the configuration cannot be put together: {0}")]
    Layers(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Config {
    /// The configuration in a file, with the default for each key that it does not have.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Read {
            file: file.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| ConfigError::File {
            file: file.to_owned(),
            source: Box::new(source),
        })
    }

    /// This configuration, with `settings` in place of what they name.
    pub fn with(&self, settings: &Settings) -> Result<Self, ConfigError> {
        let layers = |error: toml::ser::Error| ConfigError::Layers(error.into());
        let mut table = toml::Table::try_from(self).map_err(layers)?;
        table.extend(toml::Table::try_from(settings).map_err(layers)?);
        table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Layers(error.into()))
    }

    /// Whether the server can keep to it. The types of the fields say most of what is allowed.
    pub fn check(&self) -> Result<(), ConfigError> {
        const TIME: &str = "from 1ms to 24h";
        const BYTE: &str = "a byte or more";
        // What is longer is no use to anyone, and some timers of the library overflow on it.
        let time = Duration::from_millis(1)..=Duration::from_hours(24);
        let range = |key, value, allowed| ConfigError::Range {
            key,
            value,
            allowed,
        };
        let durations = [
            ("ping_interval", self.ping_interval, TIME),
            ("ping_timeout", self.ping_timeout, TIME),
            // None at all stops at once.
            (
                "shutdown_grace",
                self.shutdown_grace.max(*time.start()),
                "from 0s to 24h",
            ),
        ];
        for (key, value, allowed) in durations {
            if !time.contains(&value) {
                return Err(range(key, print_duration(value), allowed));
            }
        }
        let most = usize::MAX;
        let sizes = [
            // Less does not hold a CONNECT packet.
            (
                "max_payload",
                self.max_payload,
                64..=most,
                "64 bytes or more",
            ),
            ("max_nickname", self.max_nickname, 1..=most, BYTE),
            ("max_room", self.max_room, 1..=most, BYTE),
            ("max_text", self.max_text.unwrap_or(1), 1..=most, BYTE),
            ("max_buffer_bytes", self.max_buffer_bytes, 1..=most, BYTE),
            // Less than one event leaves nobody connected.
            ("max_backlog", self.max_backlog, 1024..=most, "1KiB or more"),
            // The library's channel has no room for more.
            (
                "max_buffer_packets",
                self.max_buffer_packets.get(),
                1..=1_000_000_000,
                "from 1 to a billion",
            ),
        ];
        for (key, value, allowed, words) in sizes {
            if !allowed.contains(&value) {
                return Err(range(key, value.to_string(), words));
            }
        }
        let alone = [("bye", self.bye), ("room_change", self.room_change)];
        match alone.into_iter().find(|(_, is_asked)| *is_asked) {
            Some((extension, _)) if self.redis.is_some() => Err(ConfigError::Alone(extension)),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Display for Config {
    /// As a file that [`Config::load`] reads.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = toml::to_string(self).map_err(|_| std::fmt::Error)?;
        f.write_str(&text)
    }
}

#[expect(clippy::ref_option, reason = "serde hands the field by reference")]
fn duration<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => serializer.serialize_str(&print_duration(*duration)),
        None => serializer.serialize_none(),
    }
}

pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_address(&text).map_err(serde::de::Error::custom)
}

/// Reads an address and a port, or a port of this machine.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse() {
        return Ok(local(port));
    }
    let numeric = text
        .strip_prefix("localhost:")
        .map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| {
        "not an address and a port; write 127.0.0.1:3000, [::1]:3000, or a port alone".to_owned()
    })
}

/// A port of this machine.
pub(crate) fn local(port: u16) -> SocketAddr {
    (std::net::Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests;
