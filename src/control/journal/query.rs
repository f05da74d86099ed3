//! Asking the journal.

use super::entry::{JournalEntry, Outcome};
use crate::control::faults::PathPattern;
use crate::control::secrets::{Alias, LinkAlias};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Which entries are wanted: those that meet every condition that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// The account as the journal prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Arc<str>>,
    /// The HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The name of the route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The path, perhaps with `*` and `**`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathPattern>,
    /// The link, such as `link:7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkAlias>,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Whether a fault had a part in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faulted: Option<bool>,
    /// Only entries after the one with this sequence number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// The latest so many; all that are kept if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl Query {
    /// Everything that was sent to one route.
    pub fn route(name: &str) -> Self {
        Self {
            route: Some(name.to_owned()),
            ..Self::default()
        }
    }

    /// The same with this status only.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same with this path only, or one that matches it.
    ///
    /// # Panics
    /// When no path matches the pattern.
    #[track_caller]
    #[must_use]
    pub fn path(mut self, pattern: &str) -> Self {
        self.path = Some(PathPattern::of(pattern));
        self
    }

    /// The same for this link only.
    #[must_use]
    pub fn link(mut self, link: Alias) -> Self {
        self.link = Some(link);
        self
    }

    /// Whether an entry is wanted.
    pub fn matches(&self, entry: &JournalEntry) -> bool {
        self.is_after_start(entry) && self.conditions(entry).all(|condition| condition.is_met)
    }

    /// What keeps an entry from being wanted; nothing for one that came too early.
    pub(super) fn miss(&self, entry: &Arc<JournalEntry>) -> Option<Miss> {
        if !self.is_after_start(entry) {
            return None;
        }
        let conditions: Vec<_> = self.conditions(entry).collect();
        let given = conditions.len();
        let differs: Vec<String> = conditions
            .into_iter()
            .filter(|condition| !condition.is_met)
            .map(|condition| condition.explain())
            .collect();
        // Something that has nothing in common with the query is not near.
        (differs.len() < given || given == 1).then(|| Miss {
            entry: Arc::clone(entry),
            differs,
        })
    }

    fn is_after_start(&self, entry: &JournalEntry) -> bool {
        self.since.is_none_or(|since| entry.sequence > since)
    }

    fn conditions<'a>(
        &'a self,
        entry: &'a JournalEntry,
    ) -> impl Iterator<Item = Condition<'a>> + 'a {
        let none = || "none".to_owned();
        let condition = |name, wanted: Option<String>, is_met, is: String| {
            wanted.map(|wanted| Condition {
                name,
                wanted,
                is_met,
                is,
            })
        };
        [
            condition(
                "account",
                self.account.as_ref().map(ToString::to_string),
                self.account == entry.account,
                entry
                    .account
                    .as_ref()
                    .map_or_else(none, ToString::to_string),
            ),
            condition(
                "method",
                self.method.clone(),
                self.method
                    .as_ref()
                    .is_some_and(|method| method.eq_ignore_ascii_case(entry.method.as_str())),
                entry.method.to_string(),
            ),
            condition(
                "route",
                self.route.clone(),
                self.route.as_deref() == Some(&*entry.route),
                entry.route.to_string(),
            ),
            condition(
                "path",
                self.path.as_ref().map(ToString::to_string),
                match (&self.path, &entry.path) {
                    (Some(pattern), Some(path)) => pattern.matches(path),
                    _ => false,
                },
                entry.path.clone().unwrap_or_else(none),
            ),
            condition(
                "link",
                self.link.map(|link| link.to_string()),
                self.link == entry.link,
                entry.link.map_or_else(none, |link| link.to_string()),
            ),
            condition(
                "status",
                self.status.map(|status| status.to_string()),
                self.status == entry.status,
                entry.status.map_or_else(none, |status| status.to_string()),
            ),
            condition(
                "outcome",
                self.outcome.map(|outcome| format!("{outcome:?}")),
                self.outcome == Some(entry.outcome),
                format!("{:?}", entry.outcome),
            ),
            condition(
                "faulted",
                self.faulted.map(|faulted| faulted.to_string()),
                self.faulted == Some(entry.fault.is_some()),
                entry.fault.is_some().to_string(),
            ),
        ]
        .into_iter()
        .flatten()
    }
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        formatter.write_str(&text)
    }
}

struct Condition<'a> {
    name: &'a str,
    wanted: String,
    is_met: bool,
    is: String,
}

impl Condition<'_> {
    fn explain(&self) -> String {
        format!("{} is {}, not {}", self.name, self.is, self.wanted)
    }
}

/// An entry that is not what was wanted, but near to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Miss {
    /// What happened.
    pub entry: Arc<JournalEntry>,
    /// What is different from what was wanted.
    pub differs: Vec<String>,
}

impl fmt::Display for Miss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.entry, self.differs.join("; "))
    }
}
