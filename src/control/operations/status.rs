//! Asking how the server is.

use super::{Answered, Controls, Moment, Operation};
use crate::control::LinkOrigin;
use crate::control::scope::Scope;
use serde::{Deserialize, Serialize};

/// Asks how the server is.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadStatus {}

/// How the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Status {
    /// Of the program.
    pub version: &'static str,
    /// By the clock of the scope.
    pub now: Moment,
    /// Accounts that it knows.
    pub accounts: usize,
    /// Entries that the journal has.
    pub journal_entries: usize,
    /// Fault rules that have not acted yet.
    pub unfired_faults: usize,
    /// Where links lead.
    pub links: LinkOrigin,
    /// Bytes of content in memory.
    pub bytes_in_memory: u64,
    /// Bytes of content on the disk.
    pub bytes_on_disk: u64,
}

impl Operation for ReadStatus {
    type Answer = Status;
    const NAME: &'static str = "read_status";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/status";
    const SUMMARY: &'static str =
        "Tells that the server is there, its version, and how much it holds.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let faults = controls.faults.list(scope);
        let accounts = controls.world.accounts().len();
        Ok(Status {
            version: env!("CARGO_PKG_VERSION"),
            now: Moment(controls.now(scope)),
            accounts,
            journal_entries: controls.journal.len(),
            unfired_faults: faults.iter().filter(|fault| fault.fired == 0).count(),
            links: controls.links.get(),
            bytes_in_memory: controls.storage.bytes_in_memory(),
            bytes_on_disk: controls.storage.bytes_on_disk(),
        })
    }
}
