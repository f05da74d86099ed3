//! From rows back to a world.

use super::account::{Counters, Identity, SettingsRow, UploadsRow};
use super::credentials::{CredentialsImage, TokensRow};
use super::{AssumptionsRow, DefaultsRow, Kind, Part, Recorded, SHARED};
use crate::dropbox::account::{Account, AccountState, Quota};
use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::content::Body;
use crate::dropbox::credentials::Credentials;
use crate::dropbox::download_link::DownloadLink;
use crate::dropbox::ids::IdSource;
use crate::dropbox::link::{BrokenOff, Life, Link};
use crate::dropbox::session::{Part as SessionPart, UploadSession};
use crate::dropbox::shared_account::{Gate, SharedAccount};
use crate::dropbox::shared_links::SharedLink;
use crate::dropbox::time::Timestamp;
use crate::dropbox::tree::{Change, Entry, File, Now};
use crate::dropbox::world::{Defaults, World};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why what was kept cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRow {
    #[error("the row {key} is not readable")]
    Unreadable {
        /// In hexadecimal digits.
        key: String,
    },
    #[error("the row {0} is missing")]
    Missing(&'static str),
    #[error("a file needs bytes that are not there: {0}")]
    Body(String),
}

/// Says where the bytes are that a handle was kept for.
pub type FindBody<'a> = dyn FnMut(&mut Body) -> Result<(), String> + 'a;

/// Takes rows in the order of their keys.
#[derive(Debug, Default)]
pub struct Loader {
    seed: Option<IdSource>,
    defaults: Option<DefaultsRow>,
    tokens: Option<TokensRow>,
    credentials: CredentialsMaps,
    /// The rows that others read, by their kind.
    others: BTreeMap<u8, Vec<(Vec<u8>, Vec<u8>)>>,
    parts: BTreeMap<Part, Parts>,
}

#[derive(Debug, Default)]
struct CredentialsMaps {
    apps: Vec<(Arc<str>, crate::dropbox::credentials::App)>,
    grants: Vec<(Arc<str>, crate::dropbox::credentials::Grant)>,
    refresh_tokens: Vec<(Arc<str>, crate::dropbox::credentials::Renewal)>,
    codes: Vec<(Arc<str>, crate::dropbox::credentials::Renewal)>,
    used_codes: Vec<(Arc<str>, ())>,
}

#[derive(Debug, Default)]
struct Parts {
    identity: Option<Identity>,
    counters: Option<Counters>,
    state: AccountState,
}

/// What came back.
#[derive(Debug)]
pub struct Loaded {
    pub world: World,
    /// The states that belong to no account, by their part: those that were saved.
    pub states: BTreeMap<Part, AccountState>,
}

impl Loaded {
    /// A state that was saved for an account. Its links are the account's.
    pub fn take_state(&mut self, account: &str, part: Part) -> Result<AccountState, BadRow> {
        let state = self.states.remove(&part);
        let state = state.ok_or(BadRow::Missing("of a snapshot"))?;
        if let Some(account) = self.world.known_account(account) {
            self.world.know_links(&account, &state);
        }
        Ok(state)
    }
}

/// What a value is.
pub fn decode<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Result<T, BadRow> {
    postcard::from_bytes(value).map_err(|_| unreadable(key))
}

fn unreadable(key: &[u8]) -> BadRow {
    let key = key.iter().map(|byte| format!("{byte:02x}")).collect();
    BadRow::Unreadable { key }
}

impl Loader {
    /// The rows of a kind that others read: the key behind the kind, and the value.
    pub fn take(&mut self, kind: Kind) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.others.remove(&(kind as u8)).unwrap_or_default()
    }

    /// Takes the next row.
    pub fn add(&mut self, key: &[u8], value: &[u8], find: &mut FindBody<'_>) -> Result<(), BadRow> {
        let bad = || unreadable(key);
        let (part, rest) = key.split_first_chunk::<8>().ok_or_else(bad)?;
        let part = Part::from_be_bytes(*part);
        let (kind, id) = rest.split_first().ok_or_else(bad)?;
        let text = || {
            std::str::from_utf8(id)
                .map(Arc::<str>::from)
                .map_err(|_| bad())
        };
        let is = |wanted: Kind| *kind == wanted as u8;
        if part == SHARED {
            let maps = &mut self.credentials;
            if is(Kind::World) {
                self.seed = Some(decode(key, value)?);
            } else if is(Kind::Defaults) {
                self.defaults = Some(decode(key, value)?);
            } else if is(Kind::Tokens) {
                self.tokens = Some(decode(key, value)?);
            } else if is(Kind::Apps) {
                maps.apps.push((text()?, decode(key, value)?));
            } else if is(Kind::Grants) {
                maps.grants.push((text()?, decode(key, value)?));
            } else if is(Kind::RefreshTokens) {
                maps.refresh_tokens.push((text()?, decode(key, value)?));
            } else if is(Kind::Codes) {
                maps.codes.push((text()?, decode(key, value)?));
            } else if is(Kind::UsedCodes) {
                maps.used_codes.push((text()?, ()));
            } else {
                let others = self.others.entry(*kind).or_default();
                others.push((id.to_vec(), value.to_vec()));
            }
            return Ok(());
        }
        let of = self.parts.entry(part).or_default();
        let state = &mut of.state;
        if is(Kind::Links) {
            let link: Link = decode(key, value)?;
            let token = text()?;
            if matches!(link.life, Life::InFlight { .. }) {
                state.held_links.insert(Arc::clone(&token));
            }
            state.add_link(token, link);
        } else if is(Kind::Changes) {
            let mut change: Change = decode(key, value)?;
            if let Now::Entry(Entry::File(file)) = &mut change.now {
                find_file(file, find)?;
            }
            let position = <[u8; 8]>::try_from(id).map_err(|_| bad())?;
            let position = usize::try_from(u64::from_be_bytes(position)).map_err(|_| bad())?;
            state.tree.put_back(position, change);
        } else if is(Kind::Identity) {
            of.identity = Some(decode(key, value)?);
        } else if is(Kind::Counters) {
            of.counters = Some(decode(key, value)?);
        } else if is(Kind::Settings) {
            let row: SettingsRow = decode(key, value)?;
            state.quota = Quota(row.quota);
            state.refused_writes = row.refused_writes.into();
            for (id, fields) in row.templates {
                state.templates.add(&id, fields);
            }
            state.assumptions = Arc::new(row.assumptions.read());
            state.expected_failures = row.expected_failures.into();
        } else if is(Kind::Uploads) {
            let row: UploadsRow = decode(key, value)?;
            state.link_uploads = row.link_uploads;
            state.failed_uploads = row.failed_uploads.into();
        } else if is(Kind::Sessions) {
            let mut session: UploadSession = decode(key, value)?;
            for body in session.whole.iter_mut().flat_map(|whole| &mut whole.bodies) {
                find(body).map_err(BadRow::Body)?;
            }
            state.put_session_back(text()?, session);
        } else if is(Kind::SessionParts) {
            let (id, offset) = id.split_last_chunk::<8>().ok_or_else(bad)?;
            let id = std::str::from_utf8(id).map_err(|_| bad())?;
            let mut piece: SessionPart = decode(key, value)?;
            find(&mut piece.body).map_err(BadRow::Body)?;
            let session = state.sessions.get_mut(id).ok_or_else(bad)?;
            session.parts.insert(u64::from_be_bytes(*offset), piece);
        } else if is(Kind::Downloads) {
            let mut link: DownloadLink = decode(key, value)?;
            find_file(&mut link.file, find)?;
            state.add_download(text()?, link);
        } else if is(Kind::SharedLinks) {
            let link: SharedLink = decode(key, value)?;
            state.shared_links.put(Arc::new(link));
        } else {
            return Err(bad());
        }
        Ok(())
    }

    /// The world that the rows make, where uploads that were under way broke off (UL-162). `now` tells the time of
    /// an account.
    pub fn finish(self, now: impl Fn(&str) -> Timestamp) -> Result<Loaded, BadRow> {
        let gate: Arc<Gate> = Arc::default();
        let recording = &gate.recording;
        let defaults = self.defaults.ok_or(BadRow::Missing("of the defaults"))?;
        let defaults = Defaults {
            assumptions: Arc::new(defaults.assumptions.read()),
            quota: Quota(defaults.quota),
        };
        let maps = self.credentials;
        let credentials = Credentials::from_everything(CredentialsImage {
            tokens: self.tokens.ok_or(BadRow::Missing("of the tokens"))?,
            apps: maps.apps.into_iter().collect(),
            grants: maps.grants.into_iter().collect(),
            refresh_tokens: maps.refresh_tokens.into_iter().collect(),
            codes: maps.codes.into_iter().collect(),
            used_codes: maps.used_codes.into_iter().collect(),
        });
        let mut accounts = Vec::new();
        let mut states = BTreeMap::new();
        for (part, of) in self.parts {
            let Some(identity) = of.identity else {
                recording.taken(part);
                states.insert(part, of.state);
                continue;
            };
            let counters = of
                .counters
                .ok_or(BadRow::Missing("of an account's counters"))?;
            let account = Account::kept(identity, counters, of.state);
            let account = Recorded::known(part, recording, account);
            // Recorded as it is, and then changed: so the change is told, too.
            account.lock().break_off_uploads(&now);
            accounts.push(Arc::new(SharedAccount::around(account, Arc::clone(&gate))));
        }
        let world = World::kept(
            self.seed.ok_or(BadRow::Missing("of the seed"))?,
            Recorded::known(SHARED, recording, credentials),
            Recorded::known(SHARED, recording, defaults),
            Arc::clone(&gate),
            accounts,
        );
        Ok(Loaded { world, states })
    }
}

impl Account {
    fn break_off_uploads(&mut self, now: impl Fn(&str) -> Timestamp) {
        let now = now(&self.name);
        let assumptions = Arc::clone(&self.state.assumptions);
        for token in self.state.held_links.clone() {
            if let Some(link) = self.state.link_mut(&token) {
                while matches!(link.life, Life::InFlight { .. }) {
                    link.broken_off(BrokenOff::Interrupted, now, &assumptions);
                }
            }
            self.state.note_held(&token);
        }
    }
}

fn find_file(file: &mut File, find: &mut FindBody<'_>) -> Result<(), BadRow> {
    // It was read just now, and nobody else has it.
    let version = Arc::make_mut(&mut file.version);
    for body in &mut version.content.bodies {
        find(body).map_err(BadRow::Body)?;
    }
    Ok(())
}

impl AssumptionsRow {
    /// Those that are not known any more are left out; those that came since have their defaults.
    fn read(&self) -> Assumptions {
        let defaults = Assumptions::default();
        let Ok(serde_json::Value::Object(mut all)) = serde_json::to_value(&defaults) else {
            return defaults;
        };
        let kept = serde_json::from_str::<serde_json::Map<_, _>>(&self.0).unwrap_or_default();
        for (name, value) in kept {
            if let Some(default) = all.get(&name).cloned() {
                all.insert(name.clone(), value);
                // A choice that is gone has the default in its place.
                if serde_json::from_value::<Assumptions>(all.clone().into()).is_err() {
                    all.insert(name, default);
                }
            }
        }
        serde_json::from_value(all.into()).unwrap_or(defaults)
    }
}
