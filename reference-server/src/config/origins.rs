//! Which pages may use the server.

use std::fmt;
use std::str::FromStr;

use axum::http::{HeaderValue, Uri};
use serde::{Deserialize, Serialize};

/// Where a page comes from, as browsers tell it (`https://chat.example.org`), or `*` for wherever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// What is no [`Origin`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no origin; write https://chat.example.org (scheme, host, and a port unless it is the \
     usual one), or * for all"
)]
pub struct OriginError(String);

impl Origin {
    /// Whether it stands for all of them.
    pub fn is_any(&self) -> bool {
        self.0 == "*"
    }

    /// As it stands in the header `Origin`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = || OriginError(text.to_owned());
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong());
        };
        // Browsers write host and scheme in small letters, and nothing behind them.
        let origin = format!("{scheme}://{authority}").to_lowercase();
        if origin != text.to_lowercase() || authority.as_str().contains(['@', '*']) {
            return Err(wrong());
        }
        Ok(Self(origin))
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host_and_no_more() {
        for (text, origin) in [
            ("*", "*"),
            ("https://chat.example.org", "https://chat.example.org"),
            ("HTTP://Localhost:8080", "http://localhost:8080"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), origin);
        }
        for text in [
            "",
            "example.org",
            "https://example.org/",
            "https://example.org/chat",
            "https://me@example.org",
            "https://*",
            "null",
        ] {
            text.parse::<Origin>().expect_err(text);
        }
    }
}
