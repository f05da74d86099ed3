//! Shared links: made, listed, changed, revoked and opened (SH-01 to SH-07).
//!
//! A link belongs to an entry by its id, so it follows a move and ends with the entry (SH-103).

use super::account::{Account, AccountType, View};
use super::errors::{
    CreateSharedLinkError, GetMetadataError, ListSharedLinksError, LookupError, SharedLinkError,
    SharedLinkSettingsError,
};
use super::maps::SharedMap;
use super::metadata::Metadata;
use super::path::is_within;
use super::time::Timestamp;
use super::tree::{Entry, File};
use super::world::{Caller, Tokens};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Links on one page of `sharing/list_shared_links` (SQ-08).
pub const LINKS_ON_A_PAGE: usize = 100;

/// Who may follow a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    #[default]
    Public,
    /// The members of the owner's team.
    Team,
    /// Those who may see the entry anyway.
    NoOne,
}

/// What whoever follows it may do. An entry has one link of each kind (SH-71).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LinkAccess {
    #[default]
    Viewer,
    Editor,
}

/// What a link lets whom do, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPolicy {
    pub audience: Audience,
    pub password: Option<Arc<str>>,
    /// The last moment at which others may follow it.
    pub expires: Option<Timestamp>,
    pub allow_download: bool,
}

impl Default for LinkPolicy {
    /// Without settings a link is public (SH-56).
    fn default() -> Self {
        Self {
            audience: Audience::Public,
            password: None,
            expires: None,
            allow_download: true,
        }
    }
}

/// A shared link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedLink {
    /// Counts the links of an account: the newest has the highest.
    pub number: u64,
    /// 21 characters; with it the link is found.
    pub id: Arc<str>,
    /// `rlkey`: who has it may follow the link (SH-95).
    pub key: Arc<str>,
    /// What stands behind the id in the address of a folder's link (SH-93).
    pub tail: Arc<str>,
    /// The id of the entry.
    pub target: Arc<str>,
    pub access: LinkAccess,
    pub policy: LinkPolicy,
}

/// `requested_visibility`, the older word for audience and password (SH-28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedVisibility {
    Public,
    TeamOnly,
    Password,
}

/// `audience` as it is asked for (SH-26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedAudience {
    Of(Audience),
    /// The older word for `require_password`.
    Password,
    /// One that no link can be given.
    Other,
}

/// `access` as it is asked for (SH-27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedAccess {
    Viewer,
    Editor,
    /// As much as the entry allows.
    Max,
    Default,
}

/// `SharedLinkSettings` (SH-18); what is not said stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkSettings {
    pub require_password: Option<bool>,
    pub link_password: Option<String>,
    pub expires: Option<Timestamp>,
    pub audience: Option<RequestedAudience>,
    pub access: Option<RequestedAccess>,
    pub requested_visibility: Option<RequestedVisibility>,
    pub allow_download: Option<bool>,
}

impl LinkSettings {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a password is asked for, in one of three ways.
    fn wants_password(&self) -> bool {
        self.require_password == Some(true)
            || self.audience == Some(RequestedAudience::Password)
            || self.requested_visibility == Some(RequestedVisibility::Password)
            || self.link_password.is_some()
    }

    fn wants_team(&self) -> bool {
        self.audience == Some(RequestedAudience::Of(Audience::Team))
            || self.requested_visibility == Some(RequestedVisibility::TeamOnly)
    }

    /// What an account of this kind may not ask for (SH-66): rights are judged before sense (SH-69).
    fn check_rights(&self, kind: AccountType) -> Result<(), SharedLinkSettingsError> {
        let needs_more =
            self.expires.is_some() || self.wants_password() || self.allow_download == Some(false);
        let is_refused = match kind {
            AccountType::Basic => needs_more || self.wants_team(),
            AccountType::Pro => self.wants_team(),
            AccountType::Business => false,
        };
        if is_refused {
            return Err(SharedLinkSettingsError::NotAuthorized);
        }
        Ok(())
    }

    /// The policy that comes of these settings over `old` (SH-68).
    fn over(
        &self,
        old: &LinkPolicy,
        now: Timestamp,
    ) -> Result<LinkPolicy, SharedLinkSettingsError> {
        let bad = SharedLinkSettingsError::InvalidSettings;
        let mut policy = old.clone();
        match self.requested_visibility {
            None => {}
            Some(RequestedVisibility::Public) => {
                policy.audience = Audience::Public;
                policy.password = None;
            }
            Some(RequestedVisibility::TeamOnly) => policy.audience = Audience::Team,
            Some(RequestedVisibility::Password) => policy.audience = Audience::Public,
        }
        match self.audience {
            Some(RequestedAudience::Of(audience)) => policy.audience = audience,
            Some(RequestedAudience::Other) => return Err(bad),
            Some(RequestedAudience::Password) | None => {}
        }
        let given = self
            .link_password
            .as_deref()
            .filter(|text| !text.is_empty());
        match (self.require_password, given) {
            (Some(false), Some(_)) => return Err(bad),
            (Some(false), None) => policy.password = None,
            (_, Some(password)) => policy.password = Some(password.into()),
            // One that is there already will do.
            (_, None) if self.wants_password() && policy.password.is_none() => return Err(bad),
            _ => {}
        }
        if let Some(expires) = self.expires {
            if expires <= now {
                return Err(bad);
            }
            policy.expires = Some(expires);
        }
        policy.allow_download = self.allow_download.unwrap_or(policy.allow_download);
        Ok(policy)
    }

    /// Which kind of link it is (SQ-06): a file has none for editors.
    fn access_to(&self, is_folder: bool) -> Result<LinkAccess, SharedLinkSettingsError> {
        match self.access {
            Some(RequestedAccess::Editor) if !is_folder => {
                Err(SharedLinkSettingsError::InvalidSettings)
            }
            Some(RequestedAccess::Editor) => Ok(LinkAccess::Editor),
            Some(RequestedAccess::Max) if is_folder => Ok(LinkAccess::Editor),
            _ => Ok(LinkAccess::Viewer),
        }
    }
}

/// The links of an account. A clone shares its structure with the original.
#[derive(Clone, Debug, Default)]
pub struct SharedLinks {
    by_id: OrdMap<Arc<str>, Arc<SharedLink>>,
    /// Their ids in the order in which they were made.
    in_order: OrdMap<u64, Arc<str>>,
    /// Their ids by the ids of their entries.
    of_entries: SharedMap<(Arc<str>, LinkAccess), Arc<str>>,
}

impl SharedLinks {
    /// The link with this id.
    pub fn get(&self, id: &str) -> Option<&Arc<SharedLink>> {
        self.by_id.get(id)
    }

    /// All of them by their ids.
    pub(super) fn by_id(&self) -> &OrdMap<Arc<str>, Arc<SharedLink>> {
        &self.by_id
    }

    /// The link of an entry.
    fn of(&self, target: &Arc<str>, access: LinkAccess) -> Option<&Arc<SharedLink>> {
        let id = self.of_entries.get(&(Arc::clone(target), access))?;
        self.by_id.get(id)
    }

    /// All of them, the newest first (SQ-07), before the one with this number.
    fn before(&self, number: u64) -> impl Iterator<Item = &Arc<SharedLink>> {
        let older = self.in_order.range(..number).rev();
        older.filter_map(|(_, id)| self.by_id.get(id))
    }

    fn next_number(&self) -> u64 {
        self.in_order.get_max().map_or(1, |(last, _)| last + 1)
    }

    /// Adds a link, or puts it in the place of the one with its id.
    pub(super) fn put(&mut self, link: Arc<SharedLink>) {
        let entry = (Arc::clone(&link.target), link.access);
        self.of_entries.insert(entry, Arc::clone(&link.id));
        self.in_order.insert(link.number, Arc::clone(&link.id));
        self.by_id.insert(Arc::clone(&link.id), link);
    }

    fn remove(&mut self, link: &SharedLink) {
        self.by_id.remove(&link.id);
        self.in_order.remove(&link.number);
        self.of_entries
            .remove(&(Arc::clone(&link.target), link.access));
    }
}

/// A link and what it shows to somebody.
#[derive(Clone, Debug)]
pub struct ShownLink {
    pub link: Arc<SharedLink>,
    /// What it leads to, as the caller sees it.
    pub entry: Metadata,
    /// Where that is in the folder of the link, beginning with `/`; empty for the link's own entry.
    pub below: String,
    /// Whether the caller made the link.
    pub is_own: bool,
    /// The account that the link belongs to.
    pub owner: AccountType,
}

/// One page of links.
#[derive(Clone, Debug)]
pub struct LinkPage {
    pub links: Vec<ShownLink>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// How somebody comes to a link.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit<'a> {
    /// `rlkey` of the address.
    pub key: Option<&'a str>,
    pub password: Option<&'a str>,
    /// A path in the folder of the link.
    pub path: Option<&'a str>,
    /// Whether he made the link: then nothing of it holds him up.
    pub is_owner: bool,
}

/// Why a visitor does not get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// No such link, or nothing there any more.
    NotFound,
    /// Its time is over (SQ-09).
    Expired,
    /// The key is missing or wrong (SH-95), or the link is not for everybody.
    NotInvited,
    /// The password is missing or wrong (SH-83).
    Password,
}

/// What a link leads to.
#[derive(Clone, Debug)]
pub struct Opened {
    pub shown: ShownLink,
    /// The file, if it is one.
    pub file: Option<File>,
    /// The key of the entry in the owner's account.
    pub place: Arc<str>,
}

impl Account {
    /// `sharing/create_shared_link_with_settings` (SH-01). `tokens` are the ids that are taken.
    pub fn create_shared_link(
        &mut self,
        tokens: &Tokens,
        caller: &Caller,
        path: &str,
        settings: &LinkSettings,
        now: Timestamp,
    ) -> Result<ShownLink, CreateSharedLinkError> {
        let view = &caller.view;
        let (target, is_folder) = self
            .linkable(view, path)
            .map_err(CreateSharedLinkError::Path)?;
        if !self.profile.email_verified {
            return Err(CreateSharedLinkError::EmailNotVerified);
        }
        let refused = CreateSharedLinkError::Settings;
        settings
            .check_rights(self.profile.account_type)
            .map_err(refused)?;
        let access = settings.access_to(is_folder).map_err(refused)?;
        let policy = settings
            .over(&LinkPolicy::default(), now)
            .map_err(refused)?;
        if let Some(link) = self.state.shared_links.of(&target, access) {
            let shown = self.show_own(view, link).map(Box::new);
            return Err(CreateSharedLinkError::AlreadyExists(shown));
        }
        let link = Arc::new(SharedLink {
            number: self.state.shared_links.next_number(),
            id: self.new_link_id(tokens, caller),
            key: self.ids.lower(25).into(),
            tail: format!("A{}", &self.ids.base64url(21)[1..28]).into(),
            target,
            access,
            policy,
        });
        self.state.shared_links.put(Arc::clone(&link));
        self.show_own(view, &link)
            .ok_or(CreateSharedLinkError::Path(LookupError::NotFound))
    }

    /// `sharing/list_shared_links` (SH-03): for a path its links and those of the folders above it
    /// (SH-76), else a page of all that the caller sees.
    pub fn list_shared_links(
        &self,
        view: &View,
        path: Option<&str>,
        cursor: Option<&str>,
        direct_only: bool,
    ) -> Result<LinkPage, ListSharedLinksError> {
        let before = match cursor {
            Some(cursor) => self.read_cursor(cursor)?,
            None => u64::MAX,
        };
        let own = |link: &Arc<SharedLink>| self.show_own(view, link);
        if let (Some(path), None) = (path, cursor) {
            let (target, _) = self
                .linkable(view, path)
                .map_err(ListSharedLinksError::Path)?;
            let mut targets = vec![Arc::clone(&target)];
            if !direct_only {
                targets.extend(self.folders_above(view, &target));
            }
            let kinds = [LinkAccess::Viewer, LinkAccess::Editor];
            let links = targets
                .iter()
                .flat_map(|target| kinds.map(|kind| self.state.shared_links.of(target, kind)));
            let links = links.flatten().filter_map(own).collect();
            return Ok(LinkPage { links, next: None });
        }
        let mut page = Vec::new();
        let mut next = None;
        let mut last = before;
        for link in self.state.shared_links.before(before) {
            let Some(shown) = own(link) else { continue };
            if page.len() == LINKS_ON_A_PAGE {
                next = Some(format!("{:x}.{last:x}", self.cursor_epoch()));
                break;
            }
            page.push(shown);
            last = link.number;
        }
        Ok(LinkPage { links: page, next })
    }

    /// `sharing/modify_shared_link_settings` (SH-06) of a link of this account.
    pub fn modify_shared_link(
        &mut self,
        view: &View,
        id: &str,
        settings: &LinkSettings,
        remove_expiration: bool,
        now: Timestamp,
    ) -> Result<ShownLink, ModifySharedLinkError> {
        let link = self.own_link(view, id)?;
        if !self.profile.email_verified {
            return Err(ModifySharedLinkError::EmailNotVerified);
        }
        let refused = ModifySharedLinkError::Settings;
        settings
            .check_rights(self.profile.account_type)
            .map_err(refused)?;
        let says_nothing = settings.is_empty() && !remove_expiration;
        let is_both = settings.expires.is_some() && remove_expiration;
        let is_folder = matches!(self.target_of(&link), Some((_, Entry::Folder(_))));
        let other_access =
            settings.access.is_some() && settings.access_to(is_folder) != Ok(link.access);
        if says_nothing || is_both || other_access {
            return Err(refused(SharedLinkSettingsError::InvalidSettings));
        }
        let mut policy = settings.over(&link.policy, now).map_err(refused)?;
        if remove_expiration {
            policy.expires = None;
        }
        let changed = Arc::new(SharedLink {
            policy,
            ..SharedLink::clone(&link)
        });
        self.state.shared_links.put(Arc::clone(&changed));
        self.show_own(view, &changed)
            .ok_or(ModifySharedLinkError::Link(SharedLinkError::NotFound))
    }

    /// `sharing/revoke_shared_link` (SH-07) of a link of this account.
    pub fn revoke_shared_link(&mut self, view: &View, id: &str) -> Result<(), SharedLinkError> {
        let link = self.own_link(view, id)?;
        self.state.shared_links.remove(&link);
        Ok(())
    }

    /// What a link of this account leads to, for whoever comes to it.
    pub fn open_shared_link(
        &self,
        id: &str,
        visit: Visit<'_>,
        now: Timestamp,
    ) -> Result<Opened, NotOpened> {
        let link = self.state.shared_links.get(id).ok_or(NotOpened::NotFound)?;
        let (_, entry) = self.target_of(link).ok_or(NotOpened::NotFound)?;
        if visit.key != Some(&*link.key) {
            return Err(NotOpened::NotInvited);
        }
        let policy = &link.policy;
        if !visit.is_owner {
            if policy.expires.is_some_and(|expires| expires <= now) {
                return Err(NotOpened::Expired);
            }
            if policy.audience != Audience::Public {
                return Err(NotOpened::NotInvited);
            }
            if policy.password.is_some() && policy.password.as_deref() != visit.password {
                return Err(NotOpened::Password);
            }
        }
        // For the link of a file it has no meaning (SH-87).
        let below = match entry {
            Entry::Folder(_) => visit.path.unwrap_or_default().trim_end_matches('/'),
            Entry::File(_) => "",
        };
        let place = super::path::Place::root()
            .join(entry.display())
            .and_then(|place| place.join(below))
            .map_err(|_| NotOpened::NotFound)?;
        let place = place.shared_key();
        // The owner's paths are nobody else's business: the route leaves them out (SH-38).
        let found = self.state.tree.metadata(&place, false);
        Ok(Opened {
            shown: ShownLink {
                link: Arc::clone(link),
                entry: found.ok_or(NotOpened::NotFound)?,
                below: below.to_owned(),
                is_own: visit.is_owner,
                owner: self.profile.account_type,
            },
            file: self.state.tree.file(&place).cloned(),
            place,
        })
    }

    /// The entry that a path names, by its id, and whether it is a folder (SH-70).
    fn linkable(&self, view: &View, path: &str) -> Result<(Arc<str>, bool), LookupError> {
        let found = self.get_metadata(view, path, false);
        let (id, is_folder) = match found.map_err(|GetMetadataError::Path(error)| error)? {
            Metadata::File(file) => (file.id, false),
            Metadata::Folder(folder) => (folder.id, true),
            Metadata::Deleted(_) => return Err(LookupError::NotFound),
        };
        // An old revision may be of a file that is gone.
        let is_there = self.state.tree.key_of(&id).is_some();
        is_there
            .then(|| (id.into(), is_folder))
            .ok_or(LookupError::NotFound)
    }

    fn target_of(&self, link: &SharedLink) -> Option<(&Arc<str>, &Entry)> {
        let key = self.state.tree.key_of(&link.target)?;
        Some((key, self.state.tree.entry(key)?))
    }

    /// A link as its owner sees it; none where he does not see its entry.
    fn show_own(&self, view: &View, link: &Arc<SharedLink>) -> Option<ShownLink> {
        let (key, _) = self.target_of(link)?;
        if !is_within(key, view.prefix()) || &**key == view.prefix() {
            return None;
        }
        let entry = self.state.tree.metadata(key, false)?;
        Some(ShownLink {
            link: Arc::clone(link),
            entry: view.show(entry),
            below: String::new(),
            is_own: true,
            owner: self.profile.account_type,
        })
    }

    fn own_link(&self, view: &View, id: &str) -> Result<Arc<SharedLink>, SharedLinkError> {
        let link = self.state.shared_links.get(id);
        let link = link.ok_or(SharedLinkError::NotFound)?;
        self.show_own(view, link)
            .map(|shown| shown.link)
            .ok_or(SharedLinkError::NotFound)
    }

    /// The ids of the folders above an entry that the caller sees.
    fn folders_above(&self, view: &View, target: &str) -> Vec<Arc<str>> {
        let key = self.state.tree.key_of(target);
        let mut above = key.map_or("", |key| super::path::parent_of(key));
        let mut ids = Vec::new();
        while !above.is_empty() && above != view.prefix() && is_within(above, view.prefix()) {
            if let Some(entry) = self.state.tree.entry(above) {
                ids.push(Arc::clone(entry.id()));
            }
            above = super::path::parent_of(above);
        }
        ids
    }

    fn read_cursor(&self, cursor: &str) -> Result<u64, ListSharedLinksError> {
        let number = |text| u64::from_str_radix(text, 16).ok();
        let parts = cursor.split_once('.');
        let parts = parts.and_then(|(epoch, last)| Some((number(epoch)?, number(last)?)));
        match parts {
            Some((epoch, last)) if epoch == self.cursor_epoch() => Ok(last),
            _ => Err(ListSharedLinksError::Reset),
        }
    }

    fn new_link_id(&mut self, tokens: &Tokens, caller: &Caller) -> Arc<str> {
        loop {
            let id: Arc<str> = self.ids.lower(21).into();
            if tokens.add(&id, &caller.account) {
                return id;
            }
        }
    }
}

/// Why a link is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifySharedLinkError {
    Link(SharedLinkError),
    Settings(SharedLinkSettingsError),
    EmailNotVerified,
}

impl From<SharedLinkError> for ModifySharedLinkError {
    fn from(error: SharedLinkError) -> Self {
        Self::Link(error)
    }
}
