//! An account: its user, its tree, its links, sessions and settings.

use super::assumptions::{Assumptions, NfdLookup, NonBmpNames};
use super::bounds::Bounds;
use super::download_link::{DOWNLOAD_LINK_LIFE, DownloadLink};
use super::errors::{LookupError, WriteError};
use super::ids::{IdSource, entry_id, rev};
use super::jobs::Jobs;
use super::letters::{composed, fold};
use super::link::{Life, Link, LinkFailure};
use super::maps::SharedSet;
use super::metadata::{FileMetadata, FolderMetadata, Metadata};
use super::path::{PathArgument, Place, is_within};
use super::property_templates::PropertyTemplates;
use super::recorded::{Counters, Identity};
use super::session::UploadSession;
use super::shared_links::SharedLinks;
use super::time::Timestamp;
use super::tree::{File, Tree};
use imbl::{OrdMap, OrdSet, Vector};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who the user is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// The first name.
    pub given_name: String,
    /// The last name.
    pub surname: String,
    /// The e-mail address.
    pub email: String,
    /// Whether the address was verified; some routes need it.
    pub email_verified: bool,
    /// ISO 3166-1.
    pub country: String,
    /// A language tag.
    pub locale: String,
    /// What is paid for: it decides which settings a shared link may have (SH-66).
    pub account_type: AccountType,
}

/// `AccountType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    /// Free: a shared link is public, without a password and without an end.
    #[default]
    Basic,
    /// Paid, of one person.
    Pro,
    /// Of a team.
    Business,
}

impl AccountType {
    /// Its tag.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Pro => "pro",
            Self::Business => "business",
        }
    }
}

impl Profile {
    /// As `users/get_current_account` shows it.
    pub fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            given_name: "Fake".to_owned(),
            surname: "Dropbox".to_owned(),
            email: "fake@example.com".to_owned(),
            email_verified: true,
            country: "US".to_owned(),
            locale: "en".to_owned(),
            account_type: AccountType::Basic,
        }
    }
}

/// From where a caller reads paths: the whole account, an app folder, or the home folder of a
/// member of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    root: Place,
    namespace_id: u64,
}

impl View {
    /// The view of somebody whose root is `root`, which is the namespace with this id.
    pub fn new(root: Place, namespace_id: u64) -> Self {
        Self { root, namespace_id }
    }

    /// The key of the folder that the caller sees as the root; empty for the whole account.
    pub fn prefix(&self) -> &str {
        self.root.key()
    }

    /// The folder that the caller sees as the root.
    pub fn root(&self) -> &Place {
        &self.root
    }

    /// The namespace that the caller's root is.
    pub fn namespace_id(&self) -> u64 {
        self.namespace_id
    }

    /// Metadata as the caller sees them (API-212).
    #[must_use]
    pub fn show(&self, metadata: Metadata) -> Metadata {
        match metadata {
            Metadata::File(file) => Metadata::File(self.show_file(file)),
            Metadata::Folder(folder) => Metadata::Folder(self.show_folder(folder)),
            Metadata::Deleted(mut deleted) => {
                self.shorten(&mut deleted.path_lower, &mut deleted.path_display);
                Metadata::Deleted(deleted)
            }
        }
    }

    /// A file's metadata as the caller sees them.
    #[must_use]
    pub fn show_file(&self, mut file: FileMetadata) -> FileMetadata {
        self.shorten(&mut file.path_lower, &mut file.path_display);
        file
    }

    /// A folder's metadata as the caller sees them.
    #[must_use]
    pub fn show_folder(&self, mut folder: FolderMetadata) -> FolderMetadata {
        self.shorten(&mut folder.path_lower, &mut folder.path_display);
        folder
    }

    fn shorten(&self, lower: &mut String, display: &mut String) {
        if self.root.is_root() || !is_within(lower, self.root.key()) {
            return;
        }
        *lower = lower[self.root.key().len()..].to_owned();
        // Lower case can have another length: count components, not bytes.
        let depth = self.root.key().matches('/').count();
        *display = display
            .split('/')
            .skip(depth + 1)
            .flat_map(|name| ["/", name])
            .collect();
    }
}

/// Everything in an account that a test can save, restore and reset. A clone shares its structure
/// with the original and costs nothing, whatever is in it.
#[derive(Clone, Debug, Default)]
pub struct AccountState {
    /// Files, folders and their past.
    pub tree: Tree,
    /// Upload links by token; boxed, because the map leaves room for entries that are not there. A map in order tells
    /// quickly in what it differs from an earlier copy.
    pub links: OrdMap<Arc<str>, Arc<Link>>,
    /// The same in the order in which they were minted.
    pub(super) link_ages: OrdSet<(Timestamp, Arc<str>)>,
    /// Bytes of memory that they take, about.
    pub(super) link_bytes: usize,
    /// The links that uploads hold now, so that they need not be searched for.
    pub(super) held_links: SharedSet<Arc<str>>,
    /// Upload sessions by id.
    pub sessions: OrdMap<Arc<str>, UploadSession>,
    /// When they end: those that have are dropped with their bytes.
    pub(super) session_ends: OrdSet<(Timestamp, Arc<str>)>,
    /// The sessions that hold the content of failed uploads, the oldest first (API-164).
    pub(super) failed_uploads: Vector<Arc<str>>,
    /// Temporary links for downloads by token.
    pub downloads: OrdMap<Arc<str>, DownloadLink>,
    /// When they end.
    pub(super) download_ends: OrdSet<(Timestamp, Arc<str>)>,
    /// What was done and is still to be told.
    pub(super) jobs: Jobs,
    /// Shared links.
    pub shared_links: SharedLinks,
    /// Bytes that the account may hold.
    pub quota: Quota,
    /// Places where writing fails, by key, with the error (API-174).
    pub refused_writes: OrdMap<Arc<str>, WriteError>,
    /// Templates that property groups may name.
    pub templates: PropertyTemplates,
    /// How the open questions are answered here.
    pub assumptions: Arc<Assumptions>,
    /// Uploads through links so far (OQ-23).
    pub link_uploads: u64,
    /// Links that may end without a file, since a test said that it means it.
    pub expected_failures: Vector<ExpectedFailure>,
}

/// Links that a test means to end without a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedFailure {
    /// Those to this path, by its key; none means all of the account.
    pub path: Option<String>,
    pub failure: LinkFailure,
}

impl AccountState {
    /// Whether a test said that a link to this path may end so.
    pub fn is_expected(&self, path: &str, failure: LinkFailure) -> bool {
        let key = fold(path);
        self.expected_failures.iter().any(|expected| {
            let is_its_path = expected.path.as_ref().is_none_or(|path| *path == key);
            // A link that nobody uses runs out of time.
            let covers = expected.failure == failure
                || (expected.failure == LinkFailure::Unused && failure == LinkFailure::Expired);
            is_its_path && covers
        })
    }

    /// From now on it is expected.
    pub fn expect(&mut self, path: Option<&str>, failure: LinkFailure) {
        let path = path.map(fold);
        let expected = ExpectedFailure { path, failure };
        if !self.expected_failures.contains(&expected) {
            self.expected_failures.push_back(expected);
        }
    }

    /// Adds an upload link.
    pub(super) fn add_link(&mut self, token: Arc<str>, link: Link) {
        self.link_bytes += link.weight();
        self.link_ages.insert((link.minted_at, Arc::clone(&token)));
        self.links.insert(token, Arc::new(link));
    }

    /// Forgets upload links that are over, the oldest first, until there is room for a new one of this weight:
    /// their tokens, and whether there is room.
    pub(super) fn make_room_for_link(
        &mut self,
        weight: usize,
        most: usize,
        now: Timestamp,
    ) -> (Vec<Arc<str>>, bool) {
        let mut gone = Vec::new();
        if self.link_bytes.saturating_add(weight) <= most {
            return (gone, true);
        }
        // The order is shared: whoever goes through it does not see it change.
        for age in self.link_ages.clone() {
            if self.link_bytes.saturating_add(weight) <= most {
                break;
            }
            let token = &age.1;
            let link = self.links.get(token);
            if link.is_some_and(|link| link.is_over(now, &self.assumptions))
                && let Some(link) = self.links.remove(token)
            {
                self.link_bytes -= link.weight();
                self.link_ages.remove(&age);
                gone.push(age.1);
            }
        }
        let fits = self.link_bytes.saturating_add(weight) <= most;
        (gone, fits)
    }

    /// Adds a temporary link for downloads. Those that ended as long ago as a link lives go, with the bytes that only
    /// they have, and of too many the oldest; their tokens come back.
    pub(super) fn add_download(&mut self, token: Arc<str>, link: DownloadLink) -> Vec<Arc<str>> {
        let ends = link.expires_at;
        self.download_ends.insert((ends, Arc::clone(&token)));
        self.downloads.insert(token, link);
        let mut gone = Vec::new();
        while let Some((end, oldest)) = self.download_ends.get_min().cloned()
            && (end.plus(2 * DOWNLOAD_LINK_LIFE) < ends || self.downloads.len() > DOWNLOAD_LINKS)
        {
            self.download_ends.remove(&(end, Arc::clone(&oldest)));
            self.downloads.remove(&oldest);
            gone.push(oldest);
        }
        gone
    }

    /// Notes whether an upload holds the link with this token.
    pub(super) fn note_held(&mut self, token: &Arc<str>) {
        let life = self.links.get(token).map(|link| link.life);
        if matches!(life, Some(Life::InFlight { .. })) {
            self.held_links.insert(Arc::clone(token));
        } else {
            self.held_links.remove(token);
        }
    }

    /// Adds a session, and drops those whose time is over.
    pub(super) fn add_session(&mut self, id: &str, session: UploadSession, now: Timestamp) {
        self.drop_expired_sessions(now);
        let id: Arc<str> = id.into();
        self.session_ends
            .insert((session.expires_at(), Arc::clone(&id)));
        self.sessions.insert(id, session);
    }

    /// Puts a session back that was kept; those that hold failed uploads are known as such already.
    #[cfg(feature = "data-dir")]
    pub(super) fn put_session_back(&mut self, id: Arc<str>, session: UploadSession) {
        if !self.failed_uploads.contains(&id) {
            self.session_ends
                .insert((session.expires_at(), Arc::clone(&id)));
        }
        self.sessions.insert(id, session);
    }

    /// Removes a session that became a file.
    pub(super) fn remove_session(&mut self, id: &str) {
        if let Some(session) = self.sessions.remove(id) {
            self.session_ends.remove(&(session.expires_at(), id.into()));
        }
    }

    /// Drops the sessions whose time is over, with their bytes.
    pub(super) fn drop_expired_sessions(&mut self, now: Timestamp) {
        while let Some((end, id)) = self.session_ends.get_min().cloned()
            && end < now
        {
            self.session_ends.remove(&(end, Arc::clone(&id)));
            self.sessions.remove(&id);
        }
    }

    /// Keeps the content of a failed upload for a while: so many of them as a client could still
    /// ask for.
    pub(super) fn hold_failed_upload(&mut self, id: &str, session: UploadSession) {
        let id: Arc<str> = id.into();
        self.failed_uploads.push_back(Arc::clone(&id));
        self.sessions.insert(id, session);
        if self.failed_uploads.len() > FAILED_UPLOADS
            && let Some(oldest) = self.failed_uploads.pop_front()
        {
            self.sessions.remove(&oldest);
        }
    }

    /// The upload link with this token. A saved state that shares it is not changed.
    pub fn link_mut(&mut self, token: &str) -> Option<&mut Link> {
        self.links.get_mut(token).map(Arc::make_mut)
    }
}

/// How many temporary links for downloads an account has.
const DOWNLOAD_LINKS: usize = 10_000;

/// How many failed uploads keep their content.
const FAILED_UPLOADS: usize = 64;

/// Bytes that an account may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota(pub u64);

impl Default for Quota {
    /// 2 GiB would be Dropbox Basic; load tests want more, so it is 2 TiB.
    fn default() -> Self {
        Self(2 << 40)
    }
}

/// An account.
#[derive(Debug)]
pub struct Account {
    /// The name, where it has one.
    pub(super) name: Arc<str>,
    /// `dbid:…`.
    pub account_id: String,
    /// The number by which OAuth and webhooks name the user.
    pub user_id: u64,
    /// Who the user is.
    pub profile: Profile,
    /// The namespace of everything that the user sees.
    pub root_namespace_id: u64,
    /// The namespace of the user's own folder.
    pub home_namespace_id: u64,
    /// The user's own folder; the root for everybody who is not in a team space.
    pub home: Place,
    /// What a test can save, restore and reset.
    pub state: AccountState,
    /// Changes with every reset and restore, so that old cursors are told to start anew.
    pub epoch: u64,
    /// How much of it is kept.
    pub(super) bounds: Bounds,
    /// How often a test ended all cursors.
    cursors_ended: u64,
    pub(super) ids: IdSource,
    entry_id_part: [u8; 8],
    entries_made: u64,
    last_rev: i64,
}

impl Account {
    /// An empty account that draws its ids from `ids`.
    pub fn new(mut ids: IdSource, profile: Profile, assumptions: Arc<Assumptions>) -> Self {
        let account_id = ids.account_id();
        let namespace = 1_000_000_000 + ids.below(9_000_000_000);
        let random = ids.sixteen_bytes();
        let entry_id_part = std::array::from_fn(|index| random[index]);
        Self {
            name: "".into(),
            account_id,
            user_id: 10_000_000 + ids.below(3_000_000_000),
            profile,
            root_namespace_id: namespace,
            home_namespace_id: namespace,
            home: Place::root(),
            state: AccountState {
                assumptions,
                ..AccountState::default()
            },
            epoch: 0,
            bounds: Bounds::default(),
            cursors_ended: 0,
            ids,
            entry_id_part,
            entries_made: 0,
            last_rev: 0,
        }
    }

    /// Who it is, for whoever keeps it.
    pub(super) fn identity(&self) -> Identity {
        Identity {
            name: Arc::clone(&self.name),
            account_id: self.account_id.clone(),
            user_id: self.user_id,
            profile: self.profile.clone(),
            root_namespace_id: self.root_namespace_id,
            home_namespace_id: self.home_namespace_id,
            home: self.home.clone(),
            entry_id_part: self.entry_id_part,
        }
    }

    /// Where it goes on, for whoever keeps it.
    pub(super) fn counters(&self) -> Counters {
        Counters {
            epoch: self.epoch,
            cursors_ended: self.cursors_ended,
            ids: self.ids.clone(),
            entries_made: self.entries_made,
            last_rev: self.last_rev,
        }
    }

    /// The account that was kept like this.
    #[cfg(feature = "data-dir")]
    pub(super) fn kept(identity: Identity, counters: Counters, state: AccountState) -> Self {
        Self {
            name: identity.name,
            account_id: identity.account_id,
            user_id: identity.user_id,
            profile: identity.profile,
            root_namespace_id: identity.root_namespace_id,
            home_namespace_id: identity.home_namespace_id,
            home: identity.home,
            state,
            epoch: counters.epoch,
            bounds: Bounds::default(),
            cursors_ended: counters.cursors_ended,
            ids: counters.ids,
            entry_id_part: identity.entry_id_part,
            entries_made: counters.entries_made,
            last_rev: counters.last_rev,
        }
    }

    /// Lets the oldest revisions go of what changed since `position`.
    pub(super) fn let_revisions_go(&mut self, position: usize) {
        let Some(keep) = self.bounds.revisions else {
            return;
        };
        let changed: Vec<Arc<str>> = self
            .state
            .tree
            .changes_from(position)
            .map(|(_, key)| Arc::clone(key))
            .collect();
        for key in changed {
            self.state.tree.let_go(&key, keep.max(1));
        }
    }

    /// Why a revision is not there, if that is not because nobody made it.
    pub fn why_no_revision(&self, path: &str) -> Option<String> {
        let PathArgument::Rev(rev) = PathArgument::parse(path) else {
            return None;
        };
        let keep = self
            .bounds
            .revisions
            .filter(|_| self.state.tree.may_have_let_go(rev))?;
        Some(format!(
            "if there was such a revision, it was let go: a path keeps its latest {keep} (--keep-revisions)"
        ))
    }

    /// Whether nothing in it was given an id yet.
    pub(super) fn has_drawn_no_id(&self) -> bool {
        self.entries_made == 0 && self.last_rev == 0
    }

    /// The view of the user's own folder.
    pub fn home_view(&self) -> View {
        View::new(self.home.clone(), self.home_namespace_id)
    }

    /// The folder that the namespace with this id is, if this account has it.
    pub fn namespace(&self, id: u64) -> Option<Place> {
        if id == self.home_namespace_id {
            Some(self.home.clone())
        } else if id == self.root_namespace_id {
            Some(Place::root())
        } else {
            None
        }
    }

    /// Ends every cursor that was given out: who goes on with one is told to begin anew (API-218).
    pub fn end_cursors(&mut self) {
        self.cursors_ended += 1;
    }

    /// What the cursors have in them that are good now.
    pub(super) fn cursor_epoch(&self) -> u64 {
        self.epoch + self.cursors_ended
    }

    /// Empties the account: its files, links and sessions. Its settings stay.
    ///
    /// Returns what was there: freeing a large tree takes time that only its dropper should spend.
    pub fn reset(&mut self) -> AccountState {
        let old = std::mem::take(&mut self.state);
        self.state.quota = old.quota;
        self.state.assumptions = Arc::clone(&old.assumptions);
        self.state.templates = old.templates.clone();
        self.epoch += 1;
        old
    }

    /// Puts the account back to a state that was saved. Uploads that were under way then are not
    /// under way now: their links are free. Returns what was there, as [`Account::reset`] does.
    pub fn restore(&mut self, state: AccountState) -> AccountState {
        let old = std::mem::replace(&mut self.state, state);
        self.epoch += 1;
        for token in std::mem::take(&mut self.state.held_links) {
            if let Some(link) = self.state.link_mut(&token) {
                link.life = Life::Fresh;
            }
        }
        old
    }

    /// Where a client's path is, for reading. The place need not hold anything, except for an id.
    pub fn place_to_read(&self, view: &View, path: &str) -> Result<Place, LookupError> {
        if self.state.assumptions.nfd_lookup == NfdLookup::NotFound && composed(path) != path {
            return Err(LookupError::NotFound);
        }
        match PathArgument::parse(path) {
            PathArgument::Absolute(path) => view
                .root()
                .join(path)
                .map_err(|_| LookupError::MalformedPath),
            PathArgument::Id { id, below } => {
                let place = self.place_of_id(view, id).ok_or(LookupError::NotFound)?;
                place.join(below).map_err(|_| LookupError::MalformedPath)
            }
            PathArgument::Namespace { digits, below } => {
                let place = self
                    .place_of_namespace(view, digits)
                    .ok_or(LookupError::NotFound)?;
                place.join(below).map_err(|_| LookupError::MalformedPath)
            }
            PathArgument::Rev(_) => Err(LookupError::NotFile),
        }
    }

    /// Where a client's path is, for writing; and whether one may write there.
    pub fn place_to_write(&self, view: &View, path: &str) -> Result<Place, WriteError> {
        let joined = match PathArgument::parse(path) {
            PathArgument::Absolute(path) => {
                // The root itself, and a path that ends in a slash, name no entry (API-169).
                if path.ends_with('/') {
                    return Err(WriteError::MalformedPath);
                }
                view.root().join(path)
            }
            PathArgument::Id { id, below } => self
                .place_of_id(view, id)
                .ok_or(WriteError::MalformedPath)?
                .join(below),
            PathArgument::Namespace { digits, below } => self
                .place_of_namespace(view, digits)
                .ok_or(WriteError::NoWritePermission)?
                .join(below),
            PathArgument::Rev(_) => return Err(WriteError::MalformedPath),
        };
        let place = joined.map_err(|_| WriteError::MalformedPath)?;
        if self.state.assumptions.non_bmp_names == NonBmpNames::MalformedPath
            && place.is_beyond_the_basic_plane()
        {
            return Err(WriteError::MalformedPath);
        }
        if place.has_disallowed_name() {
            return Err(WriteError::DisallowedName);
        }
        self.check_writable(place.key())?;
        Ok(place)
    }

    /// Whether writing at `key` is refused, there or above.
    pub fn check_writable(&self, key: &str) -> Result<(), WriteError> {
        let refused = self
            .state
            .refused_writes
            .iter()
            .find(|(folder, _)| is_within(key, folder));
        refused.map_or(Ok(()), |(_, error)| Err(error.clone()))
    }

    /// Whether `added` bytes fit once `replaced` bytes are gone (API-172).
    pub fn check_space(&self, replaced: u64, added: u64) -> Result<(), WriteError> {
        let used = self.state.tree.used().saturating_sub(replaced);
        if used.saturating_add(added) > self.state.quota.0 {
            Err(WriteError::InsufficientSpace)
        } else {
            Ok(())
        }
    }

    /// The file that a path names, with the key it has or had: `rev:` names an old content too.
    pub fn file_to_read(&self, view: &View, path: &str) -> Result<(Arc<str>, File), LookupError> {
        if let PathArgument::Rev(rev) = PathArgument::parse(path) {
            let file = self.state.tree.at_rev(rev).ok_or(LookupError::NotFound)?;
            let key: Arc<str> = fold(&file.display).into();
            return if is_within(&key, view.prefix()) {
                Ok((key, file.clone()))
            } else {
                Err(LookupError::NotFound)
            };
        }
        let place = self.place_to_read(view, path)?;
        match self.state.tree.entry(place.key()) {
            Some(super::tree::Entry::File(file)) => Ok((place.shared_key(), file.clone())),
            Some(super::tree::Entry::Folder(_)) => Err(LookupError::NotFile),
            None if place.is_root() => Err(LookupError::NotFile),
            None => Err(LookupError::NotFound),
        }
    }

    /// Makes the folders above `place` (API-166) and spells its path as they are spelled.
    pub(super) fn make_parents(&mut self, place: &Place) -> Place {
        let place = self.spelled(place);
        // From the nearest folder that is there downwards; a path can be longer than a stack is deep.
        let mut missing = Vec::new();
        let mut above = place.parent();
        while !above.is_root() && self.state.tree.entry(above.key()).is_none() {
            let next = above.parent();
            missing.push(above);
            above = next;
        }
        for folder in missing.into_iter().rev() {
            let id = self.next_entry_id();
            self.state.tree.place_folder(&folder, id);
        }
        place
    }

    /// The place with the folders above it spelled as those that are there.
    pub(super) fn spelled(&self, place: &Place) -> Place {
        let mut above = place.parent();
        let mut depth = 1;
        while !above.is_root() {
            if let Some(entry) = self.state.tree.entry(above.key()) {
                let below = place.display().rsplitn(depth + 1, '/').take(depth);
                let below: Vec<&str> = below.collect();
                let display = below
                    .into_iter()
                    .rev()
                    .fold(entry.display().to_string(), |display, name| {
                        display + "/" + name
                    });
                return place.spelled(&display.into());
            }
            above = above.parent();
            depth += 1;
        }
        place.clone()
    }

    pub(super) fn next_entry_id(&mut self) -> Arc<str> {
        self.entries_made += 1;
        entry_id(self.entry_id_part, self.entries_made).into()
    }

    /// A rev that no other commit of this account has, in the order of the commits (API-197).
    pub(super) fn next_rev(&mut self, now: Timestamp) -> String {
        self.last_rev = now.as_micros().max(0).max(self.last_rev + 1);
        rev(self.last_rev, self.root_namespace_id)
    }

    fn place_of_id(&self, view: &View, id: &str) -> Option<Place> {
        let key = self.state.tree.key_of(id)?;
        if !is_within(key, view.prefix()) {
            return None;
        }
        let entry = self.state.tree.entry(key)?;
        Place::root().join(entry.display()).ok()
    }

    fn place_of_namespace(&self, view: &View, digits: &str) -> Option<Place> {
        let id = digits.parse().ok()?;
        if id == view.namespace_id() {
            return Some(view.root().clone());
        }
        let place = self.namespace(id)?;
        is_within(place.key(), view.prefix()).then_some(place)
    }
}
