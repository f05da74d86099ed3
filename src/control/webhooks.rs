//! Who is told when an account changes (API-242 to API-245). The telling itself is the server's.

use super::scope::Scope;
use super::secrets::Secret;
#[cfg(feature = "data-dir")]
use crate::dropbox::recorded::{BadRow, decode};
use crate::dropbox::recorded::{Kind, Recording, Rows, SHARED};
use crate::sync::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What the journal calls requests to webhooks.
pub const ROUTE: &str = "webhook";

/// The most webhooks of a server.
const MAX_WEBHOOKS: usize = 1_000;

/// A URL that is told of changes.
#[derive(Debug)]
pub struct Webhook {
    /// Counts the webhooks from 1.
    pub id: u64,
    /// Where notifications go.
    pub url: String,
    /// The key of the app whose it is: only accounts that let it in are told of.
    pub app: Arc<str>,
    /// The accounts among them whose changes are told.
    pub scope: Scope,
    /// The secret of the app, which signs them.
    pub secret: Secret,
    pending: Mutex<Pending>,
}

#[derive(Debug, Default)]
struct Pending {
    accounts: BTreeSet<Arc<str>>,
    under_way: bool,
}

impl Webhook {
    /// Notes that an account changed; whether somebody has to start telling.
    pub fn note(&self, account: &Arc<str>) -> bool {
        let mut pending = self.lock();
        pending.accounts.insert(Arc::clone(account));
        !std::mem::replace(&mut pending.under_way, true)
    }

    /// The accounts that changed since the last time. None: there is nothing to tell any more.
    pub fn take(&self) -> Option<BTreeSet<Arc<str>>> {
        let mut pending = self.lock();
        let accounts = std::mem::take(&mut pending.accounts);
        pending.under_way = !accounts.is_empty();
        pending.under_way.then_some(accounts)
    }

    /// The accounts that changed while somebody is telling already.
    pub fn also(&self) -> BTreeSet<Arc<str>> {
        std::mem::take(&mut self.lock().accounts)
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock()
    }
}

/// A URL that shall prove that it wants to be told.
#[derive(Debug)]
pub struct Challenge {
    /// The URL.
    pub url: String,
    /// Why it did not.
    pub reply: oneshot::Sender<Result<(), String>>,
}

/// All webhooks of a server.
#[derive(Debug)]
pub struct Webhooks {
    hooks: Mutex<Hooks>,
    challenges: mpsc::Sender<Challenge>,
    waiting: Mutex<Option<mpsc::Receiver<Challenge>>>,
    recording: Recording,
}

/// A webhook as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct WebhookRow {
    id: u64,
    url: String,
    app: Arc<str>,
    /// None: all of them.
    account: Option<Arc<str>>,
    secret: String,
}

#[derive(Debug, Default)]
struct Hooks {
    last: u64,
    hooks: Vec<Arc<Webhook>>,
}

impl Default for Webhooks {
    fn default() -> Self {
        let (challenges, waiting) = mpsc::channel(64);
        Self {
            hooks: Mutex::default(),
            challenges,
            waiting: Mutex::new(Some(waiting)),
            recording: Recording::default(),
        }
    }
}

impl Hooks {
    fn row(&self) -> (u64, Vec<WebhookRow>) {
        let hooks = self.hooks.iter().map(|hook| WebhookRow {
            id: hook.id,
            url: hook.url.clone(),
            app: Arc::clone(&hook.app),
            account: hook.scope.name().map(Into::into),
            secret: hook.secret.expose().to_owned(),
        });
        (self.last, hooks.collect())
    }
}

impl Webhooks {
    /// Those that were kept in this row, if any were.
    #[cfg(feature = "data-dir")]
    pub fn kept(row: Option<&[u8]>) -> Result<Self, BadRow> {
        let webhooks = Self::default();
        if let Some(row) = row {
            let (last, rows): (u64, Vec<WebhookRow>) = decode(&[], row)?;
            let mut hooks = webhooks.lock();
            hooks.last = last;
            hooks.hooks = rows
                .into_iter()
                .map(|row| {
                    Arc::new(Webhook {
                        id: row.id,
                        url: row.url,
                        app: row.app,
                        scope: row.account.map_or(Scope::All, Scope::Account),
                        secret: Secret::new(&row.secret),
                        pending: Mutex::default(),
                    })
                })
                .collect();
        }
        Ok(webhooks)
    }

    /// From now on they are kept there.
    #[cfg(feature = "data-dir")]
    pub fn record_to(&mut self, recording: &Recording) {
        self.recording = recording.clone();
    }

    fn record(&self, hooks: &Hooks) {
        let mut rows = Rows::default();
        rows.put(SHARED, Kind::Webhooks, &[], &hooks.row());
        self.recording.record(rows);
    }

    /// Challenges a URL, and adds it if it answers as it must. One that is there already is
    /// challenged again (API-244).
    pub async fn add(
        &self,
        url: &str,
        app: &str,
        scope: Scope,
        secret: Secret,
    ) -> Result<Arc<Webhook>, String> {
        let url = complete(url);
        let url = url.as_str();
        let (reply, answer) = oneshot::channel();
        let challenge = Challenge {
            url: url.to_owned(),
            reply,
        };
        let stopped = || "the server is not running, so nobody can challenge it".to_owned();
        self.challenges
            .send(challenge)
            .await
            .map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())??;
        let mut hooks = self.lock();
        hooks
            .hooks
            .retain(|hook| hook.url != url || &*hook.app != app || hook.scope != scope);
        if hooks.hooks.len() >= MAX_WEBHOOKS {
            return Err(format!("there are {MAX_WEBHOOKS} webhooks already"));
        }
        hooks.last += 1;
        let hook = Arc::new(Webhook {
            id: hooks.last,
            url: url.to_owned(),
            app: app.into(),
            scope,
            secret,
            pending: Mutex::default(),
        });
        hooks.hooks.push(Arc::clone(&hook));
        self.record(&hooks);
        Ok(hook)
    }

    /// Removes one; whether it was there.
    pub fn remove(&self, id: u64, scope: &Scope) -> bool {
        let mut hooks = self.lock();
        let before = hooks.hooks.len();
        hooks
            .hooks
            .retain(|hook| hook.id != id || (*scope != Scope::All && hook.scope != *scope));
        let removed = hooks.hooks.len() < before;
        if removed {
            self.record(&hooks);
        }
        removed
    }

    /// Whether it is still there.
    pub fn has(&self, id: u64) -> bool {
        self.lock().hooks.iter().any(|hook| hook.id == id)
    }

    /// Those of the scope.
    pub fn list(&self, scope: &Scope) -> Vec<Arc<Webhook>> {
        let hooks = self.lock();
        let seen = hooks.hooks.iter();
        seen.filter(|hook| *scope == Scope::All || hook.scope == *scope)
            .cloned()
            .collect()
    }

    /// Those that are told when this account changes, if it has let their app in.
    pub fn concerned(&self, account: &str) -> Vec<Arc<Webhook>> {
        let hooks = self.lock();
        let concerned = hooks.hooks.iter();
        concerned
            .filter(|hook| hook.scope.covers(Some(account)))
            .cloned()
            .collect()
    }

    /// The challenges to come, for the one who makes them; once.
    pub fn challenges(&self) -> Option<mpsc::Receiver<Challenge>> {
        let mut waiting = self.waiting.lock();
        waiting.take()
    }

    fn lock(&self) -> MutexGuard<'_, Hooks> {
        self.hooks.lock()
    }
}

/// A URL as it is asked for: with a path, and without a fragment.
fn complete(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{host}{slash}{path}")
}

#[cfg(test)]
mod tests {
    use super::complete;

    #[test]
    fn a_url_without_a_path_has_the_root_and_a_fragment_is_not_asked_for() {
        for (url, asked) in [
            ("http://localhost:5000", "http://localhost:5000/"),
            ("http://localhost:5000?a=b", "http://localhost:5000/?a=b"),
            ("http://localhost/h#f", "http://localhost/h"),
            ("http://localhost#f?x", "http://localhost/"),
            ("http://[::1]:80/h?a=/b", "http://[::1]:80/h?a=/b"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(complete(url), asked);
        }
    }
}
