//! The fake inside a test: starting it, and everything that a test does to it.

mod account;
mod builder;
mod clock;
mod faults;
mod files;
mod journal;
mod links;

pub use account::Account;
pub use builder::{Builder, StartError};
pub use clock::Clock;
pub use faults::AddedFault;
pub use files::File;
pub use journal::{Expectation, Journal};
pub use links::Link;

use crate::control::operations::status::{ReadStatus, Status};
use crate::control::operations::{
    ControlError, ErrorKind, Operation, Row, accounts, credentials, perform, snapshots, table,
    webhooks,
};
use crate::control::scope::Scope;
use crate::control::secrets::{Alias, SecretKind};
use crate::server::App;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// How many of the journal's last lines a failed test gets to see.
const LAST_LINES: usize = 20;

/// A Dropbox of its own on a free port, for as long as this lives.
///
/// It runs on a thread and a runtime of its own, so it serves plain tests and asynchronous ones of
/// any runtime, and `tokio::time::pause` does not stop it. Dropping it stops it and waits for its
/// end. If the test fails, the last lines of the journal go to standard error.
///
/// ```
/// use fake_dropbox::FakeDropbox;
///
/// let dropbox = FakeDropbox::start_blocking();
/// let alice = dropbox.account("alices-access-token");
/// alice.seed("/in/a.txt", b"hello");
/// assert_eq!(alice.file("/IN/a.txt").bytes(), b"hello");
/// assert!(!dropbox.account("bobs").file("/in/a.txt").exists());
///
/// // All accounts are saved and put back together; one alone in the same way.
/// dropbox.snapshot("before");
/// dropbox.reset();
/// dropbox.restore("before");
/// assert!(alice.file("/in/a.txt").exists());
/// assert_eq!(dropbox.status().accounts, 2);
/// assert!(dropbox.address().ip().is_loopback());
/// ```
///
/// Accounts, apps and tokens can be declared, and everything that can be done over HTTP can be done
/// by name:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), fake_dropbox::Error> {
/// use fake_dropbox::{AccessError, App, FakeDropbox, NewAccount, Profile, Token, Webhook};
/// use serde_json::json;
///
/// let dropbox = FakeDropbox::start().await;
/// let profile = Profile {
///     email: "alice@example.com".to_owned(),
///     ..Profile::default()
/// };
/// let alice = dropbox.declare_account(NewAccount { profile, ..NewAccount::new("alice") });
/// dropbox.declare_app(App::new("app-key"));
/// dropbox.declare_token(Token {
///     denied: Some(AccessError::TeamAccessDenied),
///     ..Token::new("alices-access-token", "alice")
/// });
/// assert_eq!(alice.status().used, 0);
/// let advanced = dropbox.call("advance_clock", json!({"hours": 4})).await?;
/// assert!(advanced["now"].is_string());
/// // Nothing listens there, so nothing is told.
/// let hook = Webhook::new("http://127.0.0.1:1/hook").secret("app secret");
/// assert!(dropbox.add_webhook(hook).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FakeDropbox {
    shared: Shared,
    addresses: Vec<SocketAddr>,
    #[cfg(feature = "tls")]
    authority: Option<crate::server::certificates::CertificateAuthority>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What every handle needs.
#[derive(Clone, Debug)]
struct Shared {
    app: Arc<App>,
    api_url: String,
    runtime: Handle,
    /// An assertion that failed has shown the requests.
    has_told: Arc<AtomicBool>,
}

impl Shared {
    /// Runs an operation on the fake's own runtime, whatever runtime the caller is in.
    async fn run<O: Operation + 'static>(
        &self,
        scope: Scope,
        operation: O,
    ) -> Result<O::Answer, ControlError>
    where
        O::Answer: 'static,
    {
        let app = Arc::clone(&self.app);
        let (give, take) = oneshot::channel();
        self.runtime.spawn(async move {
            let done = tokio::select! {
                done = perform(operation, app.controls(), &scope) => app.lasting_outcome(done).await,
                () = app.stopped() => Err(stopped()),
            };
            // Nobody waits any more: then nobody is told.
            let _ = give.send(done);
        });
        take.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// The same, and the thread waits.
    fn run_blocking<O: Operation + 'static>(
        &self,
        scope: Scope,
        operation: O,
    ) -> Result<O::Answer, ControlError>
    where
        O::Answer: 'static,
    {
        let app = Arc::clone(&self.app);
        self.block_on(async move {
            let done = perform(operation, app.controls(), &scope).await;
            app.lasting_outcome(done).await
        })
    }

    /// Does something on the fake's own runtime until it is done or the fake stops, and the thread
    /// waits.
    fn block_on<T: Send + 'static>(
        &self,
        doing: impl Future<Output = Result<T, ControlError>> + Send + 'static,
    ) -> Result<T, ControlError> {
        let app = Arc::clone(&self.app);
        let (give, take) = std::sync::mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            let done = tokio::select! {
                done = doing => done,
                () = app.stopped() => Err(stopped()),
            };
            let _ = give.send(done);
        });
        take.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// Runs an operation by its name.
    async fn call(&self, scope: Scope, name: &str, argument: Value) -> Result<Value, ControlError> {
        let (row, app) = (row(name)?, Arc::clone(&self.app));
        let (give, take) = oneshot::channel();
        self.runtime.spawn(async move {
            let done = row.run(app.controls(), &scope, argument).await;
            let _ = give.send(app.lasting_outcome(done).await);
        });
        take.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// The same, and the thread waits.
    fn call_blocking(
        &self,
        scope: Scope,
        name: &str,
        argument: Value,
    ) -> Result<Value, ControlError> {
        let (row, app) = (row(name)?, Arc::clone(&self.app));
        self.block_on(async move {
            let done = row.run(app.controls(), &scope, argument).await;
            app.lasting_outcome(done).await
        })
    }

    /// Runs an operation that the test relies on: its refusal fails the test.
    #[track_caller]
    fn expect<O: Operation + 'static>(&self, scope: &Scope, operation: O) -> O::Answer
    where
        O::Answer: 'static,
    {
        match self.run_blocking(scope.clone(), operation) {
            Ok(answer) => answer,
            Err(error) => panic!("{}: {error}", O::NAME),
        }
    }
}

/// The operation with this name.
fn row(name: &str) -> Result<&'static Row, ControlError> {
    let row = table().iter().find(|row| row.name == name);
    row.ok_or_else(|| {
        let names: Vec<&str> = table().iter().map(|row| row.name).collect();
        ControlError::new(
            ErrorKind::NotFound,
            format!(
                "No operation is called {name:?}; there are {}.",
                names.join(", ")
            ),
        )
    })
}

fn stopped() -> ControlError {
    ControlError::new(ErrorKind::TimedOut, "The fake has stopped.")
}

impl FakeDropbox {
    /// Starts one with the defaults, on a free port of this machine.
    ///
    /// # Panics
    /// When no port or thread is to be had; [`Builder::try_start`] says why instead.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let dropbox = fake_dropbox::FakeDropbox::start().await;
    /// assert!(dropbox.api_url().starts_with("http://127.0.0.1:"));
    /// # }
    /// ```
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// The same, for code that is not asynchronous.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_blocking() -> Self {
        Self::builder().start_blocking()
    }

    /// One that is set up in another way.
    ///
    /// ```
    /// use fake_dropbox::FakeDropbox;
    ///
    /// let dropbox = FakeDropbox::builder()
    ///     .seed(7)
    ///     .assume("failed_commit", "frees")
    ///     .start_blocking();
    /// # drop(dropbox);
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The origin of all routes: `http://127.0.0.1:<port>`. A client puts it in the place of
    /// `https://api.dropboxapi.com` and of `https://content.dropboxapi.com`.
    pub fn api_url(&self) -> String {
        self.shared.api_url.clone()
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// The certificate of its authority in PEM, if it speaks TLS.
    ///
    /// ```
    /// let dropbox = fake_dropbox::FakeDropbox::start_blocking();
    /// assert_eq!(dropbox.ca_pem(), None);
    /// let dropbox = fake_dropbox::FakeDropbox::builder().tls().start_blocking();
    /// assert!(dropbox.ca_pem().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
    /// ```
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        let authority = self.authority.as_ref();
        authority.map(crate::server::certificates::CertificateAuthority::ca_pem)
    }

    /// The clock of the server and of every account.
    pub fn clock(&self) -> Clock<'_> {
        Clock::new(&self.shared, Scope::All)
    }

    /// What happened, whatever the account.
    pub fn journal(&self) -> Journal<'_> {
        Journal::new(&self.shared, Scope::All)
    }

    /// The account of an access token; one that nobody declared has an account of its own.
    ///
    /// # Panics
    /// When the token is a team's, or is not declared and either the fake takes only declared ones or
    /// the token has other characters than letters, digits and `-._~+/`.
    #[track_caller]
    pub fn account(&self, token: &str) -> Account<'_> {
        Account::of_token(&self.shared, token)
    }

    /// The account with a name, which is made if need be; or the one that goes by an alias such as
    /// `account:1`, as the journal prints it.
    ///
    /// # Panics
    /// When no account has this alias.
    #[track_caller]
    pub fn account_named(&self, name: &str) -> Account<'_> {
        let scope = match name.parse::<Alias>() {
            Ok(alias) if alias.kind == SecretKind::Account => {
                let Some(name) = self.shared.app.aliases.secret(alias) else {
                    panic!("No account is {alias}.");
                };
                Scope::account(name.expose())
            }
            _ => Scope::account(name),
        };
        Account::new(&self.shared, scope)
    }

    /// How the server is.
    pub fn status(&self) -> Status {
        self.shared.expect(&Scope::All, ReadStatus {})
    }

    /// Empties every account; settings stay.
    pub fn reset(&self) {
        self.shared.expect(&Scope::All, snapshots::Reset {});
    }

    /// Saves the state of every account under a name.
    #[track_caller]
    pub fn snapshot(&self, name: &str) {
        let name = name.to_owned();
        self.shared
            .expect(&Scope::All, snapshots::SaveSnapshot { name });
    }

    /// Puts every account back to a snapshot.
    ///
    /// # Panics
    /// When there is none of that name; then nothing was changed.
    #[track_caller]
    pub fn restore(&self, name: &str) {
        let name = name.to_owned();
        self.shared
            .expect(&Scope::All, snapshots::RestoreSnapshot { name });
    }

    /// Makes an account under a name that may be printed.
    #[track_caller]
    pub fn declare_account(&self, account: accounts::DeclareAccount) -> Account<'_> {
        let scope = Scope::account(&account.name);
        self.shared.expect(&Scope::All, account);
        Account::new(&self.shared, scope)
    }

    /// Declares an app.
    #[track_caller]
    pub fn declare_app(&self, app: credentials::DeclareApp) {
        self.shared.expect(&Scope::All, app);
    }

    /// Declares an access token.
    #[track_caller]
    pub fn declare_token(&self, token: credentials::DeclareToken) {
        self.shared.expect(&Scope::All, token);
    }

    /// Challenges a URL of an app and tells it of every change, from then on, of each account that
    /// has let the app in.
    pub async fn add_webhook(
        &self,
        hook: webhooks::AddWebhook,
    ) -> Result<webhooks::WebhookStatus, ControlError> {
        self.shared.run(Scope::All, hook).await
    }

    /// Runs an operation by its name, as it is called over HTTP: for what no method here does.
    ///
    /// ```
    /// # fn main() -> Result<(), fake_dropbox::Error> {
    /// use fake_dropbox::FakeDropbox;
    /// use serde_json::json;
    ///
    /// let dropbox = FakeDropbox::start_blocking();
    /// dropbox.account("token").seed("/a", b"");
    /// let listed = dropbox.call_blocking("list_accounts", json!({}))?;
    /// assert_eq!(listed["accounts"], json!(["account:1"]));
    /// let unknown = dropbox.call_blocking("list_acounts", json!({})).unwrap_err();
    /// assert!(unknown.detail.contains("list_accounts"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn call(&self, operation: &str, argument: Value) -> Result<Value, ControlError> {
        self.shared.call(Scope::All, operation, argument).await
    }

    /// The same, and the thread waits.
    pub fn call_blocking(&self, operation: &str, argument: Value) -> Result<Value, ControlError> {
        self.shared.call_blocking(Scope::All, operation, argument)
    }
}

impl Drop for FakeDropbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.shared.app.end();
        if std::thread::panicking() && !self.shared.has_told.load(Ordering::Relaxed) {
            let entries = self.shared.app.journal.latest(LAST_LINES);
            match entries.len() {
                0 => eprintln!("--- no request came to fake-dropbox ---"),
                1 => eprintln!("--- the last request to fake-dropbox ---"),
                count => eprintln!("--- the last {count} requests to fake-dropbox ---"),
            }
            for entry in entries {
                eprintln!("{entry}");
            }
        }
    }
}
