//! Reading the journal, and waiting for what is not in it yet.

use super::{Answered, ControlError, Controls, Count, ErrorKind, Operation};
use crate::control::journal::{JournalEntry, Miss, Query, VainWait};
use crate::control::scope::Scope;
use crate::control::webhooks;
use crate::nearest::did_you_mean;
use crate::wire::routes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// The longest wait, in milliseconds: ten minutes.
pub const MAX_WAIT_MILLISECONDS: u64 = 600_000;

/// Reads the entries that meet every condition.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ReadJournal(pub Query);

/// Entries of the journal.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Entries {
    /// The oldest first.
    pub entries: Vec<Arc<JournalEntry>>,
    /// Where nothing was found: what came nearest.
    pub nearest: Vec<Miss>,
    /// The number of the latest entry there is; `since` takes it.
    pub last_sequence: u64,
}

impl Operation for ReadJournal {
    type Answer = Entries;
    const NAME: &'static str = "read_journal";
    const METHOD: &'static str = "GET";
    const NUMBERS: &'static [&'static str] = &["status", "since", "limit"];
    const FLAGS: &'static [&'static str] = &["faulted"];
    const PATH: &'static str = "/journal";
    const SUMMARY: &'static str = "Reads the requests that meet every condition, each with the rules that decided its answer; where there are none, what came nearest.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let query = within(controls, scope, self.0)?;
        let entries = controls.journal.entries(&query);
        let nearest = if entries.is_empty() {
            controls.journal.nearest(&query)
        } else {
            Vec::new()
        };
        Ok(Entries {
            entries,
            nearest,
            last_sequence: controls.journal.last_sequence(),
        })
    }
}

/// Reads one entry.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadEntry {
    /// Its number.
    pub sequence: u64,
}

impl Operation for ReadEntry {
    type Answer = Arc<JournalEntry>;
    const NAME: &'static str = "read_entry";
    const METHOD: &'static str = "GET";
    const NUMBERS: &'static [&'static str] = &["sequence"];
    const PATH: &'static str = "/journal/entry";
    const SUMMARY: &'static str =
        "Reads one request by its number: what was said, and by which rules.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let query = within(controls, scope, Query::default())?;
        let before = self.sequence.saturating_sub(1);
        let (found, _) = controls.journal.following(before, &query, 1);
        let entry = found.into_iter().next();
        let entry = entry.filter(|entry| entry.sequence == self.sequence);
        entry.ok_or_else(|| {
            ControlError::not_found(format!(
                "The journal has no request {} here: it keeps the latest, and read_journal lists them.",
                self.sequence
            ))
        })
    }
}

/// Waits for an entry that meets every condition; it may be there already.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WaitForEntry {
    /// The conditions.
    #[serde(rename = "for", default)]
    pub query: Query,
    /// How long, in real time: at most ten minutes.
    #[serde(default = "ten_seconds")]
    pub timeout_milliseconds: u64,
}

pub(super) fn ten_seconds() -> u64 {
    10_000
}

pub(super) fn timeout(milliseconds: u64) -> Result<Duration, ControlError> {
    if milliseconds > MAX_WAIT_MILLISECONDS {
        return Err(ControlError::bad(format!(
            "A wait has at most {MAX_WAIT_MILLISECONDS} milliseconds."
        )));
    }
    Ok(Duration::from_millis(milliseconds))
}

impl Operation for WaitForEntry {
    type Answer = Arc<JournalEntry>;
    const NAME: &'static str = "wait_for_entry";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/journal/wait";
    const SUMMARY: &'static str =
        "Waits for a request that meets every condition; in vain, it tells what came nearest.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let timeout = timeout(self.timeout_milliseconds)?;
        let query = within(controls, scope, self.query)?;
        let came = controls.journal.wait_for(&query, timeout).await;
        came.map_err(|nothing| ControlError::new(ErrorKind::TimedOut, nothing.to_string()))
    }
}

/// Lists what was waited for in vain.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListVainWaits {}

/// Waits that found nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct VainWaits {
    /// The latest few, the oldest first.
    pub waits: Vec<VainWait>,
}

impl Operation for ListVainWaits {
    type Answer = VainWaits;
    const NAME: &'static str = "list_vain_waits";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/journal/waits";
    const SUMMARY: &'static str =
        "Lists the latest waits that found nothing, each with what came nearest.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let own = scope.name().map(|name| controls.aliases.account(name));
        let mut waits = controls.journal.vain_waits();
        waits.retain(|wait| own.is_none() || wait.account == own);
        Ok(VainWaits { waits })
    }
}

/// Forgets all entries.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClearJournal {}

impl Operation for ClearJournal {
    type Answer = Count;
    const NAME: &'static str = "clear_journal";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/journal/clear";
    const SUMMARY: &'static str = "Forgets all entries of all accounts; the numbers go on.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        if *scope != Scope::All {
            return Err(ControlError::bad(
                "The journal is cleared for all accounts together; read it with 'since' to see only what came later.",
            ));
        }
        let count = controls.journal.len();
        controls.journal.clear();
        Ok(Count { count })
    }
}

/// Refuses a route that no entry has: whoever asserts that nothing went there would never be told.
fn check_route(query: &Query) -> Result<(), ControlError> {
    let Some(name) = &query.route else {
        return Ok(());
    };
    let named = || {
        routes::all()
            .map(|route| route.name)
            .chain([webhooks::ROUTE])
    };
    // What goes to no route is written down under its path.
    if named().any(|known| known == name)
        || routes::not_faked(name).is_some()
        || name.starts_with(['/', '*'])
    {
        return Ok(());
    }
    let there: Vec<&str> = named().collect();
    Err(ControlError::bad(format!(
        "No request is written down under the route {name:?}.{} There are {}. \
         What went to no route is under its path: \"/2/{name}\".",
        did_you_mean(name, there.iter().copied()),
        there.join(", ")
    )))
}

/// The same query within the scope; one that no request can ever meet is refused.
fn within(controls: Controls<'_>, scope: &Scope, query: Query) -> Result<Query, ControlError> {
    check_route(&query)?;
    if let Some(status) = query.status.filter(|status| !(100..600).contains(status)) {
        return Err(ControlError::bad(format!(
            "No answer has the status {status}: it is from 100 to 599."
        )));
    }
    let Scope::Account(name) = scope else {
        return Ok(query);
    };
    let own = controls.aliases.account(name);
    if query
        .account
        .as_ref()
        .is_some_and(|account| *account != own)
    {
        return Err(ControlError::bad(format!(
            "The request is about {own}, so it cannot ask for the entries of another account."
        )));
    }
    Ok(Query {
        account: Some(own),
        ..query
    })
}
