//! The form of an exchange. `fixtures/exchanges/README.md` explains every member.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::targets::special_token::SpecialToken;

/// Calls in their order, and what came.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub what: String,
    pub dialect: String,
    /// Whether the other dialect answers the same.
    #[serde(default)]
    pub both: bool,
    pub seen: Option<String>,
    /// `capture` or `report`.
    pub kind: String,
    pub source: String,
    pub rules: Vec<String>,
    /// Under which choices a fake answers so.
    #[serde(default)]
    pub assumptions: Map<String, Value>,
    /// The size of the account in bytes.
    pub quota: Option<u64>,
    /// Whether the fake of this workspace has the routes.
    #[serde(default = "yes")]
    pub faked: bool,
    /// `what` of the exchange that is accepted instead.
    pub disagrees_with: Option<String>,
    /// Why this one is accepted, and not those that disagree with it.
    pub accepted: Option<String>,
    pub steps: Vec<Step>,
}

/// One call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `files/upload`, `oauth2/token`; or the symbol of an upload link.
    pub route: String,
    #[serde(default = "post")]
    pub method: String,
    /// Where the route is not, if it is asked at the wrong host.
    pub host: Option<Host>,
    /// Headers that the call has instead of the usual ones; `null` leaves one out.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// Through which token.
    #[serde(rename = "as")]
    pub who: Option<Who>,
    /// A bearer token that was never given out.
    pub unknown_token: Option<String>,
    #[serde(default)]
    pub argument: Value,
    /// The argument as a text that need not be JSON.
    pub text: Option<String>,
    /// Whether the argument stands in `Dropbox-API-Arg` and nothing in the body, as downloads have it.
    #[serde(default)]
    pub download: bool,
    /// The bytes of an upload: the argument then stands in `Dropbox-API-Arg`.
    pub content: Option<String>,
    /// What the answer was; without it, part of what the others presuppose.
    pub answer: Option<Answer>,
}

fn yes() -> bool {
    true
}

fn post() -> String {
    "POST".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub status: u16,
    /// `application/json` if nothing is said.
    pub content_type: Option<String>,
    /// Headers that matter; `null` for one that did not come.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    pub body: String,
}

impl Answer {
    pub fn content_type(&self) -> &str {
        self.content_type.as_deref().unwrap_or("application/json")
    }
}

/// One of Dropbox's hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    Api,
    Content,
}

impl Host {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api.dropboxapi.com",
            Self::Content => "content.dropboxapi.com",
        }
    }
}

/// Who calls, if it is not the account of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Who {
    /// Without an `Authorization`.
    Nobody,
    /// A second account.
    Second,
    /// Through a token that something is wrong with.
    Special(SpecialToken),
}

impl TryFrom<String> for Who {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.as_str() {
            "nobody" => Ok(Self::Nobody),
            "second" => Ok(Self::Second),
            kind => kind.parse().map(Self::Special),
        }
    }
}

impl Exchange {
    /// Those that the program was built with.
    pub fn built_in() -> Vec<Self> {
        let texts = [
            include_str!("../../../fixtures/exchanges/2025.json"),
            include_str!("../../../fixtures/exchanges/2026.json"),
        ];
        let read = texts
            .iter()
            .flat_map(|text| Self::of(text).expect("tested with the program"));
        read.collect()
    }

    /// Those in a file.
    pub fn read(path: &Path) -> Result<Vec<Self>, String> {
        let text = std::fs::read_to_string(path);
        let read = text
            .map_err(|error| error.to_string())
            .and_then(|text| Self::of(&text));
        read.map_err(|error| format!("{} cannot be read: {error}.", path.display()))
    }

    fn of(text: &str) -> Result<Vec<Self>, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Whether it can be asked in this dialect.
    pub fn is_in(&self, dialect: &str) -> bool {
        self.both || self.dialect == dialect
    }
}
