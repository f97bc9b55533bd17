//! Identities. A path is an identity; nothing is numbered by hand.

use std::fmt;
use std::str::FromStr;

use chatspec_notation::ast::Transport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scenario's path below `scenarios/`, without its ending: `chat/welcome/announced-to-room`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ScenarioId(String);

impl ScenarioId {
    /// The id of the file at `path`, which is relative to the scenarios' folder.
    pub fn from_path(path: &str) -> Self {
        let path = path.replace('\\', "/");
        Self(path.strip_suffix(".chat").unwrap_or(&path).to_owned())
    }

    /// The path, with slashes and without ending.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder it stands in: `chat/welcome`; empty for a file at the top.
    pub fn chapter(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(chapter, _)| chapter)
    }
}

impl fmt::Display for ScenarioId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A scenario on one transport: `chat/welcome/announced-to-room@polling`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId {
    /// The scenario.
    pub scenario: ScenarioId,
    /// How its clients connect, unless they say otherwise.
    pub transport: Transport,
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}@{}", self.scenario, self.transport))
    }
}

/// The text is not `SCENARIO@TRANSPORT`.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a case: write SCENARIO@TRANSPORT")]
pub struct NoCaseId(String);

impl FromStr for CaseId {
    type Err = NoCaseId;

    fn from_str(text: &str) -> Result<Self, NoCaseId> {
        let no = || NoCaseId(text.to_owned());
        let (scenario, transport) = text.rsplit_once('@').ok_or_else(no)?;
        Ok(Self {
            scenario: ScenarioId::from_path(scenario),
            transport: Transport::from_word(transport).ok_or_else(no)?,
        })
    }
}

impl Serialize for CaseId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CaseId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for CaseId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CaseId".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

/// A client of a plan: an index into [`crate::plan::Plan::actors`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ActorId(pub u32);

/// An operation of a plan: an index into [`crate::plan::Plan::ops`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct OpId(pub u32);

/// The place of an event in its history, from 0, without gaps.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Seq(pub u64);
