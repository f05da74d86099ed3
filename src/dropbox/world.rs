//! Everything that the fake knows, behind one door.
//!
//! Every method takes `&mut self` and returns at once: whoever holds the lock around a world sees
//! each operation happen as one step.

use super::account::{Account, Profile, View};
use super::assumptions::{Assumptions, LinkLockContention, MintPathCheck};
use super::commit::Committed;
use super::commit_info::CommitInfo;
use super::content::Content;
use super::credentials::{App, AppAccess, Credentials, Grant, Holder};
use super::download_link::DownloadLinkRefusal;
use super::errors::{
    AccessError, AuthError, CommitError, GetTemporaryLinkError, PathRootError, UploadError,
    UploadSessionError, UploadSessionFinishError, UploadSessionStartError, WriteError,
};
use super::ids::IdSource;
use super::link::{BrokenOff, Life, Link, Refusal, UploadHead};
use super::metadata::FileMetadata;
use super::path::{PathArgument, Place};
use super::session::{Part, SessionType, UploadSession};
use super::time::Timestamp;
use super::tree::File;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub struct World {
    ids: IdSource,
    accounts: HashMap<Arc<str>, Account>,
    names: HashMap<String, Arc<str>>,
    links: HashMap<Arc<str>, Arc<str>>,
    downloads: HashMap<Arc<str>, Arc<str>>,
    pub credentials: Credentials,
    /// What an account assumes that is made by a token nobody declared.
    pub assumptions: Arc<Assumptions>,
    /// Bytes that such an account may hold.
    pub quota: super::account::Quota,
}

/// Somebody who may do something: an account, and from where its paths are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: Arc<str>,
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
    AppLacksScope,
    /// A team's token without a user: 400 (API-68).
    TeamToken,
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
    /// `Dropbox-API-Select-User`, or `-Admin` where it is taken.
    pub select_user: Option<String>,
}

/// An upload that has taken its link.
#[derive(Clone, Debug)]
pub struct Claim {
    pub token: Arc<str>,
    /// The name of the account that the link belongs to.
    pub account: Arc<str>,
    /// The path that the bytes go to.
    pub path: String,
    /// How the open questions are answered in that account.
    pub assumptions: Arc<Assumptions>,
    epoch: u64,
}

impl World {
    /// A world without accounts, whose ids come from `seed`.
    pub fn new(seed: u64, assumptions: Assumptions) -> Self {
        let ids = IdSource::from_seed(seed);
        Self {
            credentials: Credentials::new(ids.branch("credentials")),
            ids,
            accounts: HashMap::new(),
            names: HashMap::new(),
            links: HashMap::new(),
            downloads: HashMap::new(),
            assumptions: Arc::new(assumptions),
            quota: super::account::Quota::default(),
        }
    }

    /// The account with this name, which is made if need be.
    pub fn account(&mut self, name: &str) -> &mut Account {
        if !self.accounts.contains_key(name) {
            self.declare_account(name, Profile::default());
        }
        self.accounts.get_mut(name).expect("it is there now")
    }

    /// The account with this name, if it is there.
    pub fn known_account(&self, name: &str) -> Option<&Account> {
        self.accounts.get(name)
    }

    /// The names of the accounts, in no order.
    pub fn account_names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.accounts.keys()
    }

    /// The name of the account with this id (`dbid:…`).
    pub fn account_with_id(&self, account_id: &str) -> Option<Arc<str>> {
        self.names.get(account_id).cloned()
    }

    pub fn declare_account(&mut self, name: &str, profile: Profile) -> &mut Account {
        let name: Arc<str> = name.into();
        let (ids, assumptions, quota) = (&self.ids, &self.assumptions, self.quota);
        let names = &mut self.names;
        let account = self.accounts.entry(Arc::clone(&name)).or_insert_with(|| {
            let mut account = Account::new(
                ids.branch(&format!("account {name}")),
                profile.clone(),
                Arc::clone(assumptions),
            );
            account.state.quota = quota;
            names.insert(account.account_id.clone(), name);
            account
        });
        account.profile = profile;
        account
    }

    /// Finds out who calls and from where their paths are read (sections 5.1 to 5.3 of the API).
    pub fn authorize(
        &mut self,
        token: &str,
        options: &CallerOptions,
        now: Timestamp,
    ) -> Result<Caller, Denial> {
        let grant = self
            .credentials
            .grant(token)
            .ok_or(AuthError::InvalidAccessToken)?
            .clone();
        grant.check(now)?;
        let app = self.credentials.app(&grant.app);
        if let Some(scope) = options.scope {
            check_scope(&grant, &app, scope)?;
        }
        let account = self.holder(&grant, options.select_user.as_deref())?;
        if let Some(error) = grant.denied {
            return Err(Denial::Access(error));
        }
        let view = self.view(&account, &app, options.path_root)?;
        Ok(Caller {
            account,
            view,
            token: token.into(),
        })
    }

    /// `files/get_temporary_upload_link`: the token of a new link (UL-78, UL-86). None when the
    /// path is looked at more closely than by its pattern, and names nothing (OQ-16).
    pub fn mint(
        &mut self,
        caller: &Caller,
        commit_info: CommitInfo,
        duration: Duration,
        now: Timestamp,
    ) -> Option<String> {
        let account = self.account(&caller.account);
        if account.state.assumptions.mint_path_check == MintPathCheck::Semantic
            && names_nothing(&commit_info.path)
        {
            return None;
        }
        let token = self.free_link_token(&caller.account);
        let link = Link {
            commit_info,
            view: caller.view.clone(),
            minted_by: Arc::clone(&caller.token),
            minted_at: now,
            duration,
            ended_at: None,
            life: Life::Fresh,
        };
        let key: Arc<str> = token.as_str().into();
        let account = self.account(&caller.account);
        account.state.links.insert(Arc::clone(&key), Arc::new(link));
        self.links.insert(key, Arc::clone(&caller.account));
        Some(token)
    }

    /// A token that no link has or had (UL-86). It is longer than asked for where short ones run out.
    fn free_link_token(&mut self, account: &str) -> String {
        let account = self.accounts.get_mut(account).expect("the mint made it");
        let mut bytes = account.state.assumptions.link_token_bytes;
        loop {
            for _ in 0..16 {
                let token = account.ids.base64url(bytes);
                if !token.is_empty() && !self.links.contains_key(token.as_str()) {
                    return token;
                }
            }
            bytes += 1;
        }
    }

    /// The name of the account that a link belongs to.
    pub fn account_of_link(&self, token: &str) -> Option<Arc<str>> {
        self.links.get(token).cloned()
    }

    /// Takes a link for an upload whose head has arrived (UL-160).
    pub fn claim_link(
        &mut self,
        token: &str,
        head: &UploadHead,
        now: Timestamp,
    ) -> Result<Claim, Refusal> {
        let unknown = Refusal::without_link(head, &self.assumptions);
        let Some(name) = self.links.get(token).cloned() else {
            return Err(unknown);
        };
        let credentials = &self.credentials;
        let account = self.accounts.get_mut(&name).ok_or(unknown)?;
        let assumptions = Arc::clone(&account.state.assumptions);
        let used_up = assumptions
            .data_transport_limit
            .is_some_and(|limit| account.state.link_uploads >= limit);
        let unknown = Refusal::without_link(head, &assumptions);
        let link = account.state.link_mut(token).ok_or(unknown)?;
        if used_up {
            return Err(Refusal::DataTransportLimit);
        }
        let revoked = credentials
            .known_grant(&link.minted_by)
            .is_some_and(|grant| grant.revoked);
        link.claim(now, head, revoked, &assumptions)?;
        let path = link.commit_info.path.clone();
        let token: Arc<str> = token.into();
        account.state.note_held(&token);
        Ok(Claim {
            token,
            account: name,
            path,
            assumptions,
            epoch: account.epoch,
        })
    }

    /// Commits the bytes of an upload that took its link (UL-161).
    pub fn commit_link(
        &mut self,
        claim: &Claim,
        content: Content,
        now: Timestamp,
    ) -> Result<Committed, Refusal> {
        let account = self.claimed(claim).ok_or(Refusal::Unknown)?;
        let result = commit_claimed(account, claim, content, now);
        account.state.note_held(&claim.token);
        result
    }

    /// The upload that took the link ended without its body (UL-162).
    pub fn break_off_link(&mut self, claim: &Claim, why: BrokenOff, now: Timestamp) {
        if let Some(account) = self.claimed(claim) {
            let assumptions = Arc::clone(&account.state.assumptions);
            if let Some(link) = account.state.link_mut(&claim.token) {
                link.broken_off(why, now, &assumptions);
            }
            account.state.note_held(&claim.token);
        }
    }

    /// `files/upload`. A failed commit leaves the bytes in an upload session (API-164).
    pub fn upload(
        &mut self,
        caller: &Caller,
        info: &CommitInfo,
        content: Content,
        announced: Option<&str>,
        now: Timestamp,
    ) -> Result<Committed, UploadError> {
        if announced.is_some_and(|hash| hash != content.hash.to_string()) {
            return Err(UploadError::ContentHashMismatch);
        }
        let account = self.account(&caller.account);
        account
            .commit(&caller.view, info, content.clone(), now)
            .map_err(|error| match error {
                CommitError::Properties(error) => UploadError::PropertiesError(error),
                CommitError::Write(reason) => {
                    let upload_session_id = account.ids.upload_session_id();
                    let session = UploadSession::holding(&content, now);
                    account
                        .state
                        .hold_failed_upload(&upload_session_id, session);
                    UploadError::Path {
                        reason,
                        upload_session_id,
                    }
                }
            })
    }

    /// `files/upload_session/start`: the id of the session.
    pub fn start_session(
        &mut self,
        caller: &Caller,
        kind: SessionType,
        close: bool,
        part: Part,
        now: Timestamp,
    ) -> Result<String, UploadSessionStartError> {
        let account = self.account(&caller.account);
        let session = UploadSession::start(kind, close, part, now)?;
        let id = account.ids.upload_session_id();
        account.state.sessions.insert(id.as_str().into(), session);
        Ok(id)
    }

    /// The session with this id, while it lasts.
    pub fn session(
        &mut self,
        caller: &Caller,
        id: &str,
        now: Timestamp,
    ) -> Result<&mut UploadSession, UploadSessionError> {
        let session = self.account(&caller.account).state.sessions.get_mut(id);
        session
            .filter(|session| !session.is_expired(now))
            .ok_or(UploadSessionError::NotFound)
    }

    /// `files/upload_session/finish`: the session becomes a file, and is gone.
    pub fn finish_session(
        &mut self,
        caller: &Caller,
        id: &str,
        offset: u64,
        last: Part,
        info: &CommitInfo,
        now: Timestamp,
    ) -> Result<Committed, UploadSessionFinishError> {
        let session = self
            .session(caller, id, now)
            .map_err(UploadSessionFinishError::LookupFailed)?;
        let content = session.finish(offset, last, now)?;
        let account = self.account(&caller.account);
        let committed = account
            .commit(&caller.view, info, content, now)
            .map_err(|error| match error {
                CommitError::Properties(error) => UploadSessionFinishError::PropertiesError(error),
                CommitError::Write(error) => UploadSessionFinishError::Path(error),
            })?;
        account.state.sessions.remove(id);
        Ok(committed)
    }

    /// `files/get_temporary_link`.
    pub fn make_download_link(
        &mut self,
        caller: &Caller,
        path: &str,
        now: Timestamp,
    ) -> Result<(FileMetadata, String), GetTemporaryLinkError> {
        let made = self
            .account(&caller.account)
            .make_download_link(&caller.view, path, now)?;
        self.downloads
            .insert(made.1.as_str().into(), Arc::clone(&caller.account));
        Ok(made)
    }

    /// The name of the account that a temporary link for downloads belongs to.
    pub fn account_of_download(&self, token: &str) -> Option<Arc<str>> {
        self.downloads.get(token).cloned()
    }

    /// The file that a temporary link for downloads names.
    pub fn follow_download_link(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<File, DownloadLinkRefusal> {
        let name = self
            .downloads
            .get(token)
            .ok_or(DownloadLinkRefusal::Unknown)?;
        let account = self
            .accounts
            .get(name)
            .ok_or(DownloadLinkRefusal::Unknown)?;
        let link = account
            .state
            .downloads
            .get(token)
            .ok_or(DownloadLinkRefusal::Unknown)?;
        link.file(now).cloned()
    }

    /// The account of an upload under way, unless it was reset or restored in the meantime: what
    /// began before must not change what a test set up since.
    fn claimed(&mut self, claim: &Claim) -> Option<&mut Account> {
        let account = self.accounts.get_mut(&claim.account)?;
        (account.epoch == claim.epoch).then_some(account)
    }

    fn holder(&self, grant: &Grant, select_user: Option<&str>) -> Result<Arc<str>, Denial> {
        match (&grant.holder, select_user) {
            (Holder::User(name), None) => Ok(Arc::clone(name)),
            (Holder::User(_), Some(_)) => Err(Denial::NotATeam),
            (Holder::Team(_), None) => Err(Denial::TeamToken),
            // A member is named by account id; the plain name is taken too, because a test knows it.
            (Holder::Team(members), Some(selected)) => {
                let name = self.names.get(selected).map_or(selected, |name| name);
                let member = members.iter().find(|member| &***member == name);
                member
                    .cloned()
                    .ok_or(Denial::Auth(AuthError::InvalidSelectUser))
            }
        }
    }

    fn view(
        &mut self,
        account: &str,
        app: &App,
        path_root: Option<PathRoot>,
    ) -> Result<View, Denial> {
        let account = self.account(account);
        if let AppAccess::AppFolder(name) = &app.access {
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
}

fn commit_claimed(
    account: &mut Account,
    claim: &Claim,
    content: Content,
    now: Timestamp,
) -> Result<Committed, Refusal> {
    let assumptions = Arc::clone(&account.state.assumptions);
    let link = account
        .state
        .link_mut(&claim.token)
        .ok_or(Refusal::Unknown)?;
    if let Err(refusal) = link.may_commit(now, &assumptions) {
        link.let_go();
        return Err(refusal);
    }
    if content.size == 0 && assumptions.empty_body == super::assumptions::EmptyBody::Refused {
        link.let_go();
        return Err(Refusal::EmptyBody);
    }
    let (view, commit_info) = (link.view.clone(), link.commit_info.clone());
    let result = account.commit(&view, &commit_info, content, now);
    let link = account
        .state
        .link_mut(&claim.token)
        .ok_or(Refusal::Unknown)?;
    match result {
        Ok(committed) => {
            link.stored(now);
            account.state.link_uploads += 1;
            Ok(committed)
        }
        Err(CommitError::Write(WriteError::TooManyWriteOperations))
            if assumptions.link_lock_contention == LinkLockContention::TooManyRequests =>
        {
            link.let_go();
            Err(Refusal::LockContention)
        }
        Err(_) => {
            link.commit_failed(now, &assumptions);
            Err(Refusal::CommitFailed)
        }
    }
}

fn check_scope(grant: &Grant, app: &App, scope: &str) -> Result<(), Denial> {
    if app
        .scopes
        .as_ref()
        .is_some_and(|scopes| !scopes.contains(scope))
    {
        return Err(Denial::AppLacksScope);
    }
    if !grant.has_scope(scope) {
        return Err(AuthError::MissingScope {
            required_scope: scope.to_owned(),
        }
        .into());
    }
    Ok(())
}

fn names_nothing(path: &str) -> bool {
    match PathArgument::parse(path) {
        PathArgument::Absolute(path) => path.ends_with('/') || Place::root().join(path).is_err(),
        PathArgument::Id { below, .. } | PathArgument::Namespace { below, .. } => {
            Place::root().join(below).is_err()
        }
        PathArgument::Rev(_) => true,
    }
}

#[cfg(test)]
mod tests;
