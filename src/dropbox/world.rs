//! Everything that the fake knows, behind one door.
//!
//! Each account has a lock of its own: whoever holds it sees each operation there happen as one
//! step. What concerns several accounts stands in small tables beside them. Locks are taken in this
//! order: the gate, one account, one table; nobody takes a second of the same kind. Whoever acts on
//! all accounts closes the gate first, so that he meets no step half-way ([`World::everything`]).

use super::account::{Account, AccountState, Profile, Quota, View};
use super::assumptions::{Assumptions, SelectAdmin};
use super::bounds::Bounds;
use super::commit_info::CommitInfo;
use super::credentials::{App, AppAccess, Credentials, Grant, Holder};
use super::errors::{AccessError, AuthError, PathRootError};
use super::ids::IdSource;
use super::link::{Refusal, UploadHead};
use super::maps::Map;
use super::path::Place;
use super::recorded::{
    AccountImage, Kind, Recorded, RecordedGuard, Recorder, Recording, Rows, SHARED,
};
use super::shared_account::{ChangedAccounts, Gate, SharedAccount};
use super::time::Timestamp;
use super::uploads::{Claim, NoLink};
use crate::sync::RwLock;
use imbl::ordmap::DiffItem;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

#[derive(Debug)]
pub struct World {
    ids: IdSource,
    gate: Arc<Gate>,
    directory: RwLock<Directory>,
    /// Whose upload links are whose.
    pub links: Tokens,
    /// Whose temporary links for downloads are whose.
    pub downloads: Tokens,
    /// Whose shared links are whose, by their ids.
    pub shared_links: Tokens,
    credentials: Recorded<Credentials>,
    defaults: Recorded<Defaults>,
    bounds: Bounds,
    /// Beyond so many accounts those are looked for that may go.
    most_accounts: AtomicUsize,
}

#[derive(Debug, Default)]
struct Directory {
    by_name: Map<Arc<str>, Arc<SharedAccount>>,
    by_id: Map<String, Arc<SharedAccount>>,
    /// Those that somebody asked for by name; it may name some that are gone.
    declared: HashSet<Arc<str>>,
}

impl Directory {
    fn add(&mut self, account: &Arc<SharedAccount>) {
        let name = Arc::clone(account.name());
        self.by_name.insert(name, Arc::clone(account));
        let id = account.account_id().to_owned();
        self.by_id.insert(id, Arc::clone(account));
    }

    fn remove(&mut self, name: &str) -> Option<Arc<SharedAccount>> {
        let account = self.by_name.remove(name)?;
        self.by_id.remove(account.account_id());
        self.declared.remove(name);
        Some(account)
    }
}

/// What an account is like that is made by a token nobody declared.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// How it answers the open questions.
    pub assumptions: Arc<Assumptions>,
    /// Bytes that it may hold.
    pub quota: Quota,
}

/// So long is a token that does not come a second time by chance: 72 bits.
const UNREPEATED: usize = 12;

/// The accounts that tokens belong to. A token stays taken for ever (UL-86): one that its account has no more is
/// forgotten only if it is so long that it never comes again by chance.
#[derive(Debug, Default)]
pub struct Tokens(RwLock<Map<Arc<str>, Arc<SharedAccount>>>);

impl Tokens {
    /// The account that a token belongs to.
    pub fn owner(&self, token: &str) -> Option<Arc<SharedAccount>> {
        self.0.read().get(token).cloned()
    }

    /// These are nobody's any more.
    pub(super) fn forget<'a>(&self, tokens: impl Iterator<Item = &'a Arc<str>>) {
        let mut gone = tokens.filter(|token| token.len() >= UNREPEATED).peekable();
        if gone.peek().is_none() {
            return;
        }
        let mut owners = self.0.write();
        for token in gone {
            owners.remove(token);
        }
    }

    /// Gives a token to an account, unless somebody has it.
    pub(super) fn add(&self, token: &Arc<str>, owner: &Arc<SharedAccount>) -> bool {
        let mut owners = self.0.write();
        if owners.contains_key(token) {
            return false;
        }
        owners.insert(Arc::clone(token), Arc::clone(owner));
        true
    }
}

/// Somebody who may do something: an account, and from where its paths are read.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub account: Arc<SharedAccount>,
    /// From where paths are read.
    pub view: View,
    pub token: Arc<str>,
}

/// Why somebody may not do something, before the route itself is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// 401.
    Auth(AuthError),
    /// The account or its team lets the token do nothing: 403 (API-110).
    Access(AccessError),
    /// The app may not have the scope: 400 (API-67).
    AppLacksScope {
        /// The number of the app.
        app_id: u64,
    },
    /// A team's token without a user: 400 (API-68).
    TeamToken,
    /// `Dropbox-API-Select-Admin` where it is not taken: 400 (UL-06).
    SelectAdmin,
    /// `Dropbox-API-Select-User` with the token of a user: 400.
    NotATeam,
    /// A path root with an app that has a folder of its own: 400 (API-69).
    SandboxPathRoot,
    /// 422.
    PathRoot(PathRootError),
}

impl From<AuthError> for Denial {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

/// `Dropbox-API-Path-Root` (API-111, API-112).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRoot {
    Home,
    /// The root, if it is this namespace.
    Root(u64),
    Namespace(u64),
}

/// What a caller shows besides the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerOptions {
    /// The scope that the route needs.
    pub scope: Option<&'static str>,
    /// `Dropbox-API-Path-Root`.
    pub path_root: Option<PathRoot>,
    /// `Dropbox-API-Select-User`, or `-Admin`.
    pub select_user: Option<String>,
    /// It was `-Admin`, which not everybody takes (UL-06).
    pub as_admin: bool,
}

impl World {
    /// A world without accounts, whose ids come from `seed`.
    pub fn new(seed: u64, assumptions: Assumptions) -> Self {
        let ids = IdSource::from_seed(seed);
        let gate: Arc<Gate> = Arc::default();
        let recording = &gate.recording;
        let credentials = Credentials::new(ids.branch("credentials"));
        let defaults = Defaults {
            assumptions: Arc::new(assumptions),
            quota: Quota::default(),
        };
        Self {
            credentials: Recorded::new(SHARED, recording, credentials),
            defaults: Recorded::new(SHARED, recording, defaults),
            ids,
            gate,
            directory: RwLock::default(),
            links: Tokens::default(),
            downloads: Tokens::default(),
            shared_links: Tokens::default(),
            bounds: Bounds::default(),
            most_accounts: AtomicUsize::new(Bounds::default().accounts),
        }
    }

    /// The same with other bounds.
    #[must_use]
    pub fn bounded(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self.most_accounts = AtomicUsize::new(bounds.accounts);
        self.everything(|everything| everything.each(|_, account| account.bounds = bounds));
        self
    }

    /// A world that was kept: these are its accounts.
    #[cfg(feature = "data-dir")]
    pub(super) fn kept(
        ids: IdSource,
        credentials: Recorded<Credentials>,
        defaults: Recorded<Defaults>,
        gate: Arc<Gate>,
        accounts: Vec<Arc<SharedAccount>>,
    ) -> Self {
        let world = Self {
            ids,
            gate,
            directory: RwLock::default(),
            links: Tokens::default(),
            downloads: Tokens::default(),
            shared_links: Tokens::default(),
            credentials,
            defaults,
            bounds: Bounds::default(),
            most_accounts: AtomicUsize::new(Bounds::default().accounts),
        };
        for account in &accounts {
            world.directory.write().add(account);
            world.know_links(account, &account.lock().state);
        }
        world
    }

    /// Follows a step by which all of an account's links may be others: a reset, or that a state was restored.
    pub fn replaced_links(&self, name: &str, old: &AccountState, new: &AccountState) {
        let Some(account) = self.known_account(name) else {
            return;
        };
        let gone = |diff| match diff {
            DiffItem::Remove(token, _) => Some(token),
            _ => None,
        };
        self.links
            .forget(old.links.diff(&new.links).filter_map(gone));
        let gone = |diff| match diff {
            DiffItem::Remove(token, _) => Some(token),
            _ => None,
        };
        let downloads = old.downloads.diff(&new.downloads);
        self.downloads.forget(downloads.filter_map(gone));
        self.know_links(&account, new);
    }

    /// Notes whose the links in a state are.
    pub(super) fn know_links(&self, account: &Arc<SharedAccount>, state: &AccountState) {
        for token in state.links.keys() {
            self.links.add(token, account);
        }
        for token in state.downloads.keys() {
            self.downloads.add(token, account);
        }
        for id in state.shared_links.by_id().keys() {
            self.shared_links.add(id, account);
        }
    }

    /// Where everybody finds the one who keeps what changes.
    pub fn recording(&self) -> &Recording {
        &self.gate.recording
    }

    /// From now on all that changes is told to this one, and at first all that nobody was told of.
    pub fn record_to(&self, recorder: Arc<dyn Recorder>) {
        self.recording().begin(recorder);
        let mut rows = Rows::default();
        rows.put(SHARED, Kind::World, &[], &self.ids);
        // Together: a store that has a part of it is none.
        drop(self.credentials().settle(&mut rows));
        drop(self.defaults().settle(&mut rows));
        for account in self.accounts() {
            account.step_alone(|_| {}, &mut rows);
        }
        self.recording().record(rows);
    }

    /// The account with this name, which is made if need be.
    pub fn account(&self, name: &str) -> Arc<SharedAccount> {
        self.known_account(name)
            .unwrap_or_else(|| self.make_account(name, Profile::default()))
    }

    /// The account with this name, if it is there.
    pub fn known_account(&self, name: &str) -> Option<Arc<SharedAccount>> {
        self.directory.read().by_name.get(name).cloned()
    }

    /// The account with this id (`dbid:…`).
    pub fn account_with_id(&self, account_id: &str) -> Option<Arc<SharedAccount>> {
        self.directory.read().by_id.get(account_id).cloned()
    }

    /// The accounts, in the order of their names.
    pub fn accounts(&self) -> Vec<Arc<SharedAccount>> {
        let mut accounts: Vec<_> = self.directory.read().by_name.values().cloned().collect();
        accounts.sort_unstable_by(|one, other| one.name().cmp(other.name()));
        accounts
    }

    /// Makes an account, or gives a new profile to the one that is there.
    pub fn declare_account(&self, name: &str, profile: Profile) -> Arc<SharedAccount> {
        let account = self.make_account(name, profile.clone());
        let name = Arc::clone(account.name());
        self.directory.write().declared.insert(name);
        account.lock().profile = profile;
        account
    }

    fn make_account(&self, name: &str, profile: Profile) -> Arc<SharedAccount> {
        self.make_room_for_account();
        let _open = self.gate.open.read();
        let defaults = self.defaults().clone();
        let mut directory = self.directory.write();
        if let Some(account) = directory.by_name.get(name) {
            return Arc::clone(account);
        }
        let ids = self.ids.branch(&format!("account {name}"));
        let mut account = Account::new(ids, profile, defaults.assumptions);
        account.name = name.into();
        account.state.quota = defaults.quota;
        account.bounds = self.bounds;
        let account = Arc::new(SharedAccount::new(account, Arc::clone(&self.gate)));
        directory.add(&account);
        account
    }

    /// Apps and tokens.
    pub fn credentials(&self) -> RecordedGuard<'_, Credentials> {
        self.credentials.lock()
    }

    /// What accounts to come are like.
    pub fn defaults(&self) -> RecordedGuard<'_, Defaults> {
        self.defaults.lock()
    }

    /// The accounts that changed and that nobody was told of yet.
    pub fn changed(&self) -> &ChangedAccounts {
        &self.gate.changed
    }

    /// One step on all accounts and on what accounts to come are like: nobody else's step comes
    /// between. What it leaves behind, such as old states, is for the caller to drop.
    pub fn everything<T>(&self, step: impl FnOnce(&mut Everything<'_>) -> T) -> T {
        let alone = self.gate.open.write();
        let mut everything = Everything {
            world: self,
            changed: Vec::new(),
            rows: Rows::default(),
            left_behind: Vec::new(),
        };
        let result = step(&mut everything);
        let (changed, left_behind) = (everything.changed, everything.left_behind);
        self.recording().record(everything.rows);
        drop(alone);
        drop(left_behind);
        for account in changed {
            account.tell();
        }
        result
    }

    /// Finds out who calls and from where their paths are read (sections 5.1 to 5.3 of the API).
    pub fn authorize(
        &self,
        token: &str,
        options: &CallerOptions,
        now: Timestamp,
    ) -> Result<Caller, Denial> {
        let selected = options.select_user.as_deref();
        if options.as_admin && !self.takes_admins(token, selected) {
            return Err(Denial::SelectAdmin);
        }
        // A member is named by account id; the plain name is taken too, because a test knows it.
        let selected = selected.map(|selected| {
            let known = self.account_with_id(selected);
            known.map_or_else(|| selected.into(), |account| Arc::clone(account.name()))
        });
        let (name, access) = {
            let mut credentials = self.credentials();
            // Looking changes nothing; only who is met for the first time is noted.
            if credentials.known_grant(token).is_none() {
                credentials.grant(token);
            }
            let grant = credentials.known_grant(token);
            let grant = grant.ok_or(AuthError::InvalidAccessToken)?;
            grant.check(now)?;
            let app = credentials.declared_app(&grant.app);
            if let Some(scope) = options.scope {
                check_scope(grant, app, scope)?;
            }
            let name = holder(grant, selected)?;
            if let Some(error) = grant.denied {
                return Err(Denial::Access(error));
            }
            (name, app.map(|app| app.access.clone()).unwrap_or_default())
        };
        let account = self.account(&name);
        let view = view(&account.lock(), &access, options.path_root)?;
        Ok(Caller {
            account,
            view,
            token: token.into(),
        })
    }

    /// Whether the account that an administrator selects, or else the token's own, lets him in.
    fn takes_admins(&self, token: &str, selected: Option<&str>) -> bool {
        let selected = selected.and_then(|selected| {
            let by_id = self.account_with_id(selected);
            by_id.or_else(|| self.known_account(selected))
        });
        let account = selected.or_else(|| {
            let name = self.account_of_token(token)?;
            Some(self.account(&name))
        });
        let assumptions = match account {
            Some(account) => Arc::clone(&account.lock().state.assumptions),
            None => Arc::clone(&self.defaults().assumptions),
        };
        assumptions.select_admin == SelectAdmin::Accepted
    }

    /// The name of the account that an access token stands for; none for a team's.
    pub fn account_of_token(&self, token: &str) -> Option<Arc<str>> {
        match &self.credentials().grant(token)?.holder {
            Holder::User(name) => Some(Arc::clone(name)),
            Holder::Team(_) => None,
        }
    }

    /// The owner of an account, who sees all of it.
    pub fn owner(&self, name: &str) -> Caller {
        let account = self.account(name);
        let view = account.lock().home_view();
        Caller {
            account,
            view,
            token: name.into(),
        }
    }

    /// Mints a link in a step of its own; see [`Account::mint`].
    pub fn mint(
        &self,
        caller: &Caller,
        commit_info: CommitInfo,
        duration: Duration,
        now: Timestamp,
    ) -> Result<Arc<str>, NoLink> {
        let mut account = caller.account.lock();
        account.mint(&self.links, caller, commit_info, duration, now)
    }

    /// Takes a link for an upload whose head has arrived (UL-160).
    pub fn claim_link(
        &self,
        token: &str,
        head: &UploadHead,
        now: Timestamp,
    ) -> Result<Claim, Refusal> {
        let Some(owner) = self.links.owner(token) else {
            return Err(Refusal::without_link(head, &self.defaults().assumptions));
        };
        let mut account = owner.lock();
        let is_revoked = |minter: &str| {
            let credentials = self.credentials();
            let grant = credentials.known_grant(minter);
            grant.is_some_and(|grant| grant.revoked)
        };
        let path = account.claim_link(token, head, is_revoked, now)?;
        Ok(Claim {
            token: token.into(),
            path,
            assumptions: Arc::clone(&account.state.assumptions),
            epoch: account.epoch,
            account: Arc::clone(&owner),
        })
    }
}

/// All accounts, during one step on them.
#[derive(Debug)]
pub struct Everything<'a> {
    world: &'a World,
    changed: Vec<Arc<SharedAccount>>,
    /// What the step changes, which is kept together.
    rows: Rows,
    left_behind: Vec<AccountImage>,
}

impl Everything<'_> {
    /// Changes what accounts to come are like.
    pub fn defaults(&mut self, step: impl FnOnce(&mut Defaults)) {
        let mut defaults = self.world.defaults();
        step(&mut defaults);
        defaults.settle(&mut self.rows);
    }

    /// Does something in each account, in the order of their names: what it gave for each.
    pub fn each<T>(&mut self, mut step: impl FnMut(&Arc<str>, &mut Account) -> T) -> Vec<T> {
        let mut results = Vec::new();
        for shared in self.world.accounts() {
            let step = |account: &mut Account| step(shared.name(), account);
            let (result, changed, left_behind) = shared.step_alone(step, &mut self.rows);
            self.left_behind.extend(left_behind);
            results.push(result);
            if changed {
                self.changed.push(shared);
            }
        }
        results
    }
}

fn holder(grant: &Grant, selected: Option<Arc<str>>) -> Result<Arc<str>, Denial> {
    match (&grant.holder, selected) {
        (Holder::User(name), None) => Ok(Arc::clone(name)),
        (Holder::User(_), Some(_)) => Err(Denial::NotATeam),
        (Holder::Team(_), None) => Err(Denial::TeamToken),
        (Holder::Team(members), Some(selected)) => {
            let member = members.iter().find(|member| **member == selected);
            member
                .cloned()
                .ok_or(Denial::Auth(AuthError::InvalidSelectUser))
        }
    }
}

fn view(
    account: &Account,
    access: &AppAccess,
    path_root: Option<PathRoot>,
) -> Result<View, Denial> {
    if let AppAccess::AppFolder(name) = access {
        if path_root.is_some() {
            return Err(Denial::SandboxPathRoot);
        }
        let folder = account
            .home
            .join(&format!("/Apps/{name}"))
            .unwrap_or_else(|_| account.home.clone());
        // The app folder is a namespace of its own, next to the account's.
        return Ok(View::new(folder, account.home_namespace_id + 1));
    }
    let (root_namespace_id, home_namespace_id) =
        (account.root_namespace_id, account.home_namespace_id);
    match path_root {
        None | Some(PathRoot::Home) => Ok(account.home_view()),
        Some(PathRoot::Root(id)) if id == root_namespace_id => Ok(View::new(Place::root(), id)),
        Some(PathRoot::Root(_)) => Err(Denial::PathRoot(PathRootError::InvalidRoot {
            root_namespace_id,
            home_namespace_id,
        })),
        Some(PathRoot::Namespace(id)) => {
            let place = account
                .namespace(id)
                .ok_or(Denial::PathRoot(PathRootError::NoPermission))?;
            Ok(View::new(place, id))
        }
    }
}

fn check_scope(grant: &Grant, app: Option<&App>, scope: &str) -> Result<(), Denial> {
    let lacks = |app: &&App| {
        let scopes = app.scopes.as_ref();
        scopes.is_some_and(|scopes| !scopes.contains(scope))
    };
    if let Some(app) = app.filter(lacks) {
        let app_id = app.number();
        return Err(Denial::AppLacksScope { app_id });
    }
    if !grant.has_scope(scope) {
        return Err(AuthError::MissingScope {
            required_scope: scope.to_owned(),
        }
        .into());
    }
    Ok(())
}

#[cfg(all(test, feature = "data-dir"))]
mod growth;
mod removal;
#[cfg(test)]
mod tests;
