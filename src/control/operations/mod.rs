//! Everything that a test can do to the fake, once: as types.
//!
//! An [`Operation`] is its own argument. The library runs it as it stands; over HTTP it is a row
//! of a table, read from JSON. There is no second implementation, so neither face can do what
//! the other cannot.

pub mod accounts;
pub mod assumptions;
pub mod clock;
pub mod content;
pub mod credentials;
mod examples;
pub mod faults;
pub mod files;
pub mod journal;
pub mod links;
mod moment;
pub mod rules;
pub mod snapshots;
pub mod status;
mod table;
pub mod webhooks;

pub use examples::{Example, all as examples, example, faults as fault_examples};
pub use moment::{BadExpiry, BadMoment, Expiry, Moment};
pub use table::{Row, table};

use super::clock::Clock;
use super::faults::FaultPlan;
use super::journal::{Journal, VainWait};
use super::link_origin::LinkOriginSwitch;
use super::scope::Scope;
use super::secrets::Aliases;
use super::webhooks::Webhooks;
use crate::dropbox::account::{Account, AccountState};
use crate::dropbox::time::Timestamp;
use crate::dropbox::world::{Defaults, World};
use crate::storage::Storage;
use crate::sync::Signal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What has a schema, to be described to callers.
#[cfg(feature = "openapi")]
pub use schemars::JsonSchema as Described;

/// Without the feature `openapi` nothing is described.
#[cfg(not(feature = "openapi"))]
pub trait Described {}

#[cfg(not(feature = "openapi"))]
impl<T> Described for T {}

/// Something that a test can do to the fake, with its argument.
pub trait Operation: DeserializeOwned + Described + Send {
    /// What it answers.
    type Answer: Serialize + Described + Send;
    /// Its name, such as `advance_clock`.
    const NAME: &'static str;
    /// The method by which it is called over HTTP. GET and DELETE take the argument from the query.
    const METHOD: &'static str;
    /// Which fields are numbers, where the argument stands in the query.
    const NUMBERS: &'static [&'static str] = &[];
    /// Which fields are true or false, where the argument stands in the query.
    const FLAGS: &'static [&'static str] = &[];
    /// Its path behind `/_fake/v1`.
    const PATH: &'static str;
    /// What it does, in a sentence.
    const SUMMARY: &'static str;

    /// Does it.
    fn run(
        self,
        controls: Controls<'_>,
        scope: &Scope,
    ) -> impl Future<Output = Answered<Self>> + Send;
}

/// What an operation answers, or why it was not done.
pub type Answered<O> = Result<<O as Operation>::Answer, ControlError>;

/// Does an operation, and wakes whoever follows what is done. Both faces go through here.
pub async fn perform<O: Operation>(
    operation: O,
    controls: Controls<'_>,
    scope: &Scope,
) -> Answered<O> {
    let answer = operation.run(controls, scope).await;
    if let Err(error) = &answer
        && error.kind == ErrorKind::TimedOut
    {
        controls.journal.waited_in_vain(VainWait {
            account: scope.name().map(|name| controls.aliases.account(name)),
            after: controls.journal.last_sequence(),
            text: error.detail.clone(),
        });
    }
    if O::METHOD != "GET" {
        controls.done.notify();
    }
    answer
}

/// What operations work on.
#[derive(Clone, Copy, Debug)]
pub struct Controls<'a> {
    /// Everything that the fake knows.
    pub world: &'a World,
    /// The time.
    pub clock: &'a Clock,
    /// What shall go wrong.
    pub faults: &'a FaultPlan,
    /// What happened.
    pub journal: &'a Journal,
    /// What stands for secrets.
    pub aliases: &'a Aliases,
    /// Where bytes rest.
    pub storage: &'a Arc<Storage>,
    /// Saved states.
    pub snapshots: &'a snapshots::Snapshots,
    /// Who is told of changes.
    pub webhooks: &'a Webhooks,
    /// Where links lead.
    pub links: &'a LinkOriginSwitch,
    /// Whenever an operation was done that may have changed something.
    pub(crate) done: &'a Signal,
    /// Which directories of this machine may be read.
    pub readable: Readable<'a>,
}

/// Which directories of this machine an operation may read.
#[derive(Clone, Copy, Debug)]
pub enum Readable<'a> {
    /// Whoever holds a handle of the library can read them all without its help.
    Everything,
    /// Those below one of these.
    Below(&'a [PathBuf]),
}

impl Readable<'_> {
    /// The directory as the system knows it, with no link in its path, if it may be read.
    async fn directory(self, directory: &Path) -> Result<PathBuf, ControlError> {
        let roots = match self {
            Self::Everything => return Ok(directory.to_owned()),
            Self::Below(roots) => roots,
        };
        // Whether something is there is told only of what may be read.
        if let Ok(real) = tokio::fs::canonicalize(directory).await {
            for root in roots {
                let root = tokio::fs::canonicalize(root).await;
                if root.is_ok_and(|root| real.starts_with(root)) {
                    return Ok(real);
                }
            }
        }
        Err(ControlError::new(
            ErrorKind::NotAllowed,
            format!(
                "{} is not below a directory that may be read over HTTP: start the server with --seed-root and one that is.",
                directory.display()
            ),
        ))
    }
}

impl Controls<'_> {
    /// The time in the scope.
    pub fn now(&self, scope: &Scope) -> Timestamp {
        self.clock.now(scope.name())
    }

    /// One step in the account of the scope.
    fn with_account<T>(
        &self,
        scope: &Scope,
        step: impl FnOnce(&mut Account, Timestamp) -> Result<T, ControlError>,
    ) -> Result<T, ControlError> {
        let shared = self.world.account(account_name(scope)?);
        let mut account = shared.lock();
        let now = self.clock.now(Some(shared.name()));
        step(&mut account, now)
    }

    /// One step in every account of the scope; for all accounts it is one step, too, of which the
    /// accounts to come are a part. What it leaves behind goes once they are free: it can be a lot.
    fn with_each<T>(
        &self,
        scope: &Scope,
        defaults: impl FnOnce(&mut Defaults),
        mut step: impl FnMut(&Arc<str>, &mut Account) -> T,
    ) -> usize {
        let left_behind = match scope {
            Scope::Account(name) => {
                let shared = self.world.account(name);
                let left_behind = step(name, &mut shared.lock());
                vec![left_behind]
            }
            Scope::All => self.world.everything(|everything| {
                everything.defaults(defaults);
                everything.each(step)
            }),
        };
        left_behind.len()
    }
}

impl Controls<'_> {
    /// The same by which each state gives way to another one: what was there comes back from the step.
    fn replace_each(
        &self,
        scope: &Scope,
        mut step: impl FnMut(&Arc<str>, &mut Account) -> AccountState,
    ) -> usize {
        self.with_each(
            scope,
            |_| {},
            |name, account| {
                let old = step(name, account);
                self.world.replaced_links(name, &old, &account.state);
                old
            },
        )
    }
}

/// The account that the scope names; an error for all accounts.
fn account_name(scope: &Scope) -> Result<&Arc<str>, ControlError> {
    match scope {
        Scope::Account(name) => Ok(name),
        Scope::All => Err(ControlError::new(
            ErrorKind::NeedsAccount,
            "This concerns one account: name it by 'Authorization: Bearer <its access token>' or '?account=<its name>'.",
        )),
    }
}

/// What keeps an operation from being done. Then nothing was changed.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ControlError {
    /// What kind of trouble it is.
    pub kind: ErrorKind,
    /// What is wrong and what to do, in a sentence.
    pub detail: String,
}

/// Kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The argument is not one.
    BadArgument,
    /// What is there is in the way.
    Conflict,
    /// It has to be said which account is meant.
    NeedsAccount,
    /// It may not be done over HTTP.
    NotAllowed,
    /// There is nothing of that name.
    NotFound,
    /// What was waited for did not come in time.
    TimedOut,
}

impl ErrorKind {
    /// The status of the answer over HTTP.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadArgument | Self::NeedsAccount => 400,
            Self::Conflict => 409,
            Self::NotAllowed => 403,
            Self::NotFound => 404,
            Self::TimedOut => 408,
        }
    }

    /// The title of the answer over HTTP.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BadArgument => "bad argument",
            Self::Conflict => "conflict",
            Self::NeedsAccount => "which account?",
            Self::NotAllowed => "not allowed",
            Self::NotFound => "not found",
            Self::TimedOut => "timed out",
        }
    }
}

/// A test that unwraps it shows this: lines, not escaped line feeds.
impl fmt::Debug for ControlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.detail, self.kind.title())
    }
}

impl ControlError {
    /// An error.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    fn bad(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadArgument, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, detail)
    }
}

/// How many of something there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Count {
    /// How many.
    pub count: usize,
}
