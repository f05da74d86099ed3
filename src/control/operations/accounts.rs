//! Accounts: who they are, how much they may hold, and where they may not write.

use super::{Answered, ControlError, Controls, Operation, account_name};
use crate::control::scope::Scope;
use crate::dropbox::account::{Profile, Quota};
use crate::dropbox::errors::{WriteConflictError, WriteError};
use crate::dropbox::path::Place;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AccountStatus {
    /// Its name, or what stands for it.
    pub account: Arc<str>,
    /// `dbid:…`.
    pub account_id: String,
    /// The number by which webhooks name it.
    pub user_id: u64,
    /// The namespace of everything that the user sees.
    pub root_namespace_id: u64,
    /// The namespace of the user's own folder.
    pub home_namespace_id: u64,
    /// Who the user is.
    pub profile: Profile,
    /// Bytes that it may hold.
    pub quota: u64,
    /// Bytes that it holds.
    pub used: u64,
    /// Upload links that it knows.
    pub links: usize,
    /// Upload sessions that it knows.
    pub sessions: usize,
}

fn status(controls: Controls<'_>, scope: &Scope) -> Result<AccountStatus, ControlError> {
    let printed = controls.aliases.account(account_name(scope)?);
    controls.with_account(scope, |account, _| {
        Ok(AccountStatus {
            account: printed,
            account_id: account.account_id.clone(),
            user_id: account.user_id,
            root_namespace_id: account.root_namespace_id,
            home_namespace_id: account.home_namespace_id,
            profile: account.profile.clone(),
            quota: account.state.quota.0,
            used: account.state.tree.used(),
            links: account.state.links.len(),
            sessions: account.state.sessions.len(),
        })
    })
}

/// Reads an account.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadAccount {}

impl Operation for ReadAccount {
    type Answer = AccountStatus;
    const NAME: &'static str = "read_account";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/account";
    const SUMMARY: &'static str = "Reads who an account is, what it holds and what it may hold.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        status(controls, scope)
    }
}

/// Makes an account under a name that may be printed, or gives it a new profile.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclareAccount {
    /// Its name; it is no secret.
    pub name: String,
    /// Who the user is.
    #[serde(default)]
    pub profile: Profile,
}

impl DeclareAccount {
    /// An account of somebody who does not matter.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            profile: Profile::default(),
        }
    }
}

impl Operation for DeclareAccount {
    type Answer = AccountStatus;
    const NAME: &'static str = "declare_account";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/accounts";
    const SUMMARY: &'static str =
        "Makes an account under a name that the journal may print, or gives it a new profile.";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        if self.name.is_empty() {
            return Err(ControlError::bad("An account needs a name."));
        }
        controls.world.declare_account(&self.name, self.profile);
        controls.aliases.publish_account(&self.name);
        status(controls, &Scope::account(&self.name))
    }
}

/// Removes an account.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemoveAccount {}

impl Operation for RemoveAccount {
    type Answer = ();
    const NAME: &'static str = "remove_account";
    const METHOD: &'static str = "DELETE";
    const PATH: &'static str = "/account";
    const SUMMARY: &'static str = "Removes an account with its files, links, sessions and tokens. Its undeclared token makes a new one when it is used again.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let name = account_name(scope)?;
        // What was there goes once the locks are free.
        match controls.world.remove_account(name) {
            Some(_old) => Ok(()),
            None => Err(ControlError::not_found(
                "There is no such account: list_accounts names those that are there.",
            )),
        }
    }
}

/// Lists the accounts.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    /// Also what each is and holds.
    #[serde(default)]
    pub details: bool,
}

/// Accounts by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AccountNames {
    /// Names, or what stands for them, in order.
    pub accounts: Vec<Arc<str>>,
    /// What each is and holds, in the same order, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Vec<AccountStatus>>,
}

impl Operation for ListAccounts {
    type Answer = AccountNames;
    const NAME: &'static str = "list_accounts";
    const METHOD: &'static str = "GET";
    const FLAGS: &'static [&'static str] = &["details"];
    const PATH: &'static str = "/accounts";
    const SUMMARY: &'static str = "Lists the accounts there are; the name of one that was made by an undeclared token is that token, so an alias stands for it.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let all = controls.world.accounts();
        let seen = all.iter().map(|account| account.name());
        let seen = seen.filter(|name| scope.covers(Some(name)));
        let mut accounts: Vec<_> = seen
            .map(|name| (controls.aliases.account(name), name))
            .collect();
        accounts.sort();
        let details = self.details.then(|| {
            let each = accounts.iter();
            each.map(|(_, name)| status(controls, &Scope::account(name)))
                .collect::<Result<_, _>>()
        });
        Ok(AccountNames {
            accounts: accounts.into_iter().map(|(printed, _)| printed).collect(),
            details: details.transpose()?,
        })
    }
}

/// Sets how many bytes an account may hold; for all accounts, also those to come.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetQuota {
    /// Bytes. Below what is there already, every further write is refused.
    pub bytes: u64,
}

impl Operation for SetQuota {
    type Answer = ();
    const NAME: &'static str = "set_quota";
    const METHOD: &'static str = "PUT";
    const PATH: &'static str = "/quota";
    const SUMMARY: &'static str = "Sets how many bytes an account may hold; without an account, every one, also those to come.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        controls.with_each(
            scope,
            |defaults| defaults.quota = Quota(self.bytes),
            |_, account| account.state.quota = Quota(self.bytes),
        );
        Ok(())
    }
}

/// The errors with which a write can be refused (API-174).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// `malformed_path`.
    MalformedPath,
    /// `conflict/file`.
    ConflictFile,
    /// `conflict/folder`.
    ConflictFolder,
    /// `conflict/file_ancestor`.
    ConflictFileAncestor,
    /// `conflict/other`.
    ConflictOther,
    /// `no_write_permission`.
    NoWritePermission,
    /// `insufficient_space`.
    InsufficientSpace,
    /// `disallowed_name`.
    DisallowedName,
    /// `team_folder`.
    TeamFolder,
    /// `operation_suppressed`.
    OperationSuppressed,
    /// `too_many_write_operations`.
    TooManyWriteOperations,
    /// `access_restricted`.
    AccessRestricted,
    /// `other`.
    Other,
}

const REFUSED: [(Refused, WriteError); 13] = {
    use WriteConflictError as Conflict;
    [
        (Refused::MalformedPath, WriteError::MalformedPath),
        (Refused::ConflictFile, WriteError::Conflict(Conflict::File)),
        (
            Refused::ConflictFolder,
            WriteError::Conflict(Conflict::Folder),
        ),
        (
            Refused::ConflictFileAncestor,
            WriteError::Conflict(Conflict::FileAncestor),
        ),
        (
            Refused::ConflictOther,
            WriteError::Conflict(Conflict::Other),
        ),
        (Refused::NoWritePermission, WriteError::NoWritePermission),
        (Refused::InsufficientSpace, WriteError::InsufficientSpace),
        (Refused::DisallowedName, WriteError::DisallowedName),
        (Refused::TeamFolder, WriteError::TeamFolder),
        (
            Refused::OperationSuppressed,
            WriteError::OperationSuppressed,
        ),
        (
            Refused::TooManyWriteOperations,
            WriteError::TooManyWriteOperations,
        ),
        (Refused::AccessRestricted, WriteError::AccessRestricted),
        (Refused::Other, WriteError::Other),
    ]
};

/// Refuses writes in a folder.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefuseWrites {
    /// The folder or file; the whole account where it is empty.
    pub path: String,
    /// With what.
    pub error: Refused,
}

fn key(path: &str) -> Result<Arc<str>, ControlError> {
    let place = Place::root().join(path);
    let place = place.map_err(|_| {
        ControlError::bad(format!(
            "{path:?} is no place in the account: paths begin with '/', and the whole account is ''."
        ))
    })?;
    Ok(place.shared_key())
}

impl Operation for RefuseWrites {
    type Answer = RefusedWrites;
    const NAME: &'static str = "refuse_writes";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/refused_writes";
    const SUMMARY: &'static str = "Refuses every write in a folder with one of Dropbox's errors, until writes there are allowed again.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let key = key(&self.path)?;
        let known = REFUSED.iter().find(|(refused, _)| *refused == self.error);
        let (_, error) = known.expect("a test holds the list against the enum");
        controls.with_account(scope, |account, _| {
            account.state.refused_writes.insert(key, error.clone());
            Ok(refused_writes(&account.state.refused_writes))
        })
    }
}

/// Allows writes in a folder again.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AllowWrites {
    /// The folder or file as it was given.
    pub path: String,
}

impl Operation for AllowWrites {
    type Answer = RefusedWrites;
    const NAME: &'static str = "allow_writes";
    const METHOD: &'static str = "DELETE";
    const PATH: &'static str = "/refused_writes";
    const SUMMARY: &'static str = "Allows writes again in a folder where they were refused.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let key = key(&self.path)?;
        controls.with_account(scope, |account, _| {
            if account.state.refused_writes.remove(&key).is_none() {
                return Err(ControlError::not_found(format!(
                    "Writes were not refused at {:?}; list_refused_writes tells where they are.",
                    self.path
                )));
            }
            Ok(refused_writes(&account.state.refused_writes))
        })
    }
}

/// Lists where writes are refused.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListRefusedWrites {}

/// Where writes are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RefusedWrites {
    /// By path, in order.
    pub refused_writes: Vec<RefusedWrite>,
}

/// One place where writes are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RefusedWrite {
    /// The place in lower case.
    pub path: Arc<str>,
    /// With what.
    pub error: Refused,
}

fn refused_writes(places: &imbl::OrdMap<Arc<str>, WriteError>) -> RefusedWrites {
    let refused = |(path, error): (&Arc<str>, &WriteError)| {
        let known = REFUSED.iter().find(|(_, other)| other == error);
        RefusedWrite {
            path: Arc::clone(path),
            error: known.map_or(Refused::Other, |(refused, _)| *refused),
        }
    };
    RefusedWrites {
        refused_writes: places.iter().map(refused).collect(),
    }
}

impl Operation for ListRefusedWrites {
    type Answer = RefusedWrites;
    const NAME: &'static str = "list_refused_writes";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/refused_writes";
    const SUMMARY: &'static str =
        "Lists the places of an account where writes are refused, each with its error.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        controls.with_account(scope, |account, _| {
            Ok(refused_writes(&account.state.refused_writes))
        })
    }
}

/// Adds a template that property groups may name.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddTemplate {
    /// `ptid:…`, or a path of Dropbox's own.
    pub template_id: String,
    /// The names of its fields.
    pub fields: Vec<String>,
}

/// Templates by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Templates {
    /// The names of the fields of each.
    pub templates: std::collections::BTreeMap<Arc<str>, Vec<String>>,
}

impl Operation for AddTemplate {
    type Answer = Templates;
    const NAME: &'static str = "add_template";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/templates";
    const SUMMARY: &'static str = "Adds a template that property groups may name, or replaces it.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        controls.with_account(scope, |account, _| {
            account.state.templates.add(&self.template_id, self.fields);
            Ok(templates(account))
        })
    }
}

/// Lists the templates of an account.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListTemplates {}

impl Operation for ListTemplates {
    type Answer = Templates;
    const NAME: &'static str = "list_templates";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/templates";
    const SUMMARY: &'static str =
        "Lists the templates that property groups of an account may name.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        controls.with_account(scope, |account, _| Ok(templates(account)))
    }
}

/// Ends the cursors of an account: who goes on with one gets the `reset` by which Dropbox says: begin anew.
///
/// Those of `list_folder`, `list_folder/longpoll` and `list_shared_links` (API-218).
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndCursors {}

impl Operation for EndCursors {
    type Answer = ();
    const NAME: &'static str = "end_cursors";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/cursors/end";
    const SUMMARY: &'static str =
        "Ends the cursors of an account, so that a client has to list its folders anew.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        controls.with_account(scope, |account, _| {
            account.end_cursors();
            Ok(())
        })
    }
}

fn templates(account: &crate::dropbox::account::Account) -> Templates {
    let all = account.state.templates.iter();
    Templates {
        templates: all
            .map(|(id, fields)| (Arc::clone(id), fields.clone()))
            .collect(),
    }
}
