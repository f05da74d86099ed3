//! One account in a test's hands.

use super::{Clock, File, Journal, Shared};
use crate::control::faults::PathPattern;
use crate::control::operations::ControlError;
use crate::control::operations::accounts::{
    AccountStatus, AllowWrites, EndCursors, ReadAccount, RefuseWrites, Refused, SetQuota,
};
use crate::control::operations::assumptions::{AssumptionValues, ReadAssumptions, SetAssumptions};
use crate::control::operations::files::{
    EntryStatus, ListFiles, Seed, SeedDirectory, SeedFiles, WaitForFile,
};
use crate::control::operations::snapshots::{Reset, RestoreSnapshot, SaveSnapshot};
use crate::control::operations::webhooks::{AddWebhook, WebhookStatus};
use crate::control::scope::Scope;
use crate::dropbox::credentials::{Holder, TOKEN_SHAPE};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// An account: what is in it, and everything that a test does to it and to nobody else.
///
/// ```
/// use fake_dropbox::{Account, FakeDropbox, Query, WriteRefusal};
///
/// let dropbox = FakeDropbox::start_blocking();
/// let account: Account<'_> = dropbox.account("token");
/// account.seed("/in/a.txt", b"hello");
/// account.snapshot("before");
/// account.reset();
/// account.file("/in/a.txt").assert_missing();
/// account.restore("before");
/// account.file("/in/a.txt").assert_bytes(b"hello");
/// account.set_quota(10);
/// account.refuse_writes("/in", WriteRefusal::NoWritePermission);
/// account.allow_writes("/in");
/// account.assume("failed_commit", "frees");
/// assert_eq!(account.assumptions().assumptions["failed_commit"], "frees");
///
/// account.seed_folder("/out");
/// let paths: Vec<_> = account.files("").into_iter().map(|entry| entry.path).collect();
/// assert_eq!(paths, ["/in".into(), "/in/a.txt".into(), "/out".into()]);
/// assert_eq!(account.status().used, 5);
/// // What happens to it alone.
/// assert!(account.links().is_empty());
/// assert!(account.journal().find(Query::default()).is_empty());
/// assert!(account.faults().is_empty());
/// account.clock().freeze();
/// assert!(!dropbox.clock().is_frozen());
/// ```
///
/// Waiting for what a client does:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), fake_dropbox::Error> {
/// use fake_dropbox::FakeDropbox;
/// use std::time::Duration;
///
/// let dropbox = FakeDropbox::start().await;
/// let account = dropbox.account("token");
/// account.seed("/in/a.txt", "as if a client had uploaded it");
/// let arrived = account.wait_for_file("/in/*.txt", Duration::from_secs(10)).await?;
/// assert_eq!(&*arrived.path, "/in/a.txt");
/// account.wait_for_file_blocking("/in/a.txt", Duration::from_secs(10))?;
/// // Nothing listens there, so nothing is told.
/// assert!(account.add_webhook("http://127.0.0.1:1/hook", "app secret").await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Account<'a> {
    pub(super) shared: &'a Shared,
    pub(super) scope: Scope,
}

impl<'a> Account<'a> {
    pub(super) fn new(shared: &'a Shared, scope: Scope) -> Self {
        Self { shared, scope }
    }

    #[track_caller]
    pub(super) fn of_token(shared: &'a Shared, token: &str) -> Self {
        let holder = {
            let mut credentials = shared.app.world().credentials();
            credentials.grant(token).map(|grant| grant.holder.clone())
        };
        match holder {
            Some(Holder::User(name)) => Self::new(shared, Scope::Account(name)),
            Some(Holder::Team(_)) => {
                panic!("the token is a team's: name one of its members with account_named")
            }
            None => panic!(
                "the token was not declared, and this fake takes only declared ones; or it has what no bearer token has: \
                 {TOKEN_SHAPE}"
            ),
        }
    }

    /// The name of the account: a scope of this handle is never all accounts.
    pub(super) fn name(&self) -> &str {
        self.scope.name().expect("an account has a name")
    }

    /// Runs an operation for this account by its name, as it is called over HTTP; see
    /// [`FakeDropbox::call`](super::FakeDropbox::call).
    pub async fn call(&self, operation: &str, argument: Value) -> Result<Value, ControlError> {
        self.shared
            .call(self.scope.clone(), operation, argument)
            .await
    }

    /// The same, and the thread waits.
    pub fn call_blocking(&self, operation: &str, argument: Value) -> Result<Value, ControlError> {
        self.shared
            .call_blocking(self.scope.clone(), operation, argument)
    }

    /// Who it is, what it holds and what it may hold.
    pub fn status(&self) -> AccountStatus {
        self.shared.expect(&self.scope, ReadAccount {})
    }

    /// Its clock; it goes with the server's until it is moved.
    pub fn clock(&self) -> Clock<'a> {
        Clock::new(self.shared, self.scope.clone())
    }

    /// What happened to it.
    pub fn journal(&self) -> Journal<'a> {
        Journal::new(self.shared, self.scope.clone())
    }

    /// A file or a folder of it, whether it is there or not. The path is that in the whole account:
    /// what an app with a folder of its own calls `/in/a.txt` is `/Apps/<its folder>/in/a.txt`.
    pub fn file(&self, path: &str) -> File<'a> {
        File::new(self.shared, self.scope.clone(), path)
    }

    /// What is in a folder and below it, at most 1000 entries; `""` is the root.
    ///
    /// # Panics
    /// When there is no such folder.
    #[track_caller]
    pub fn files(&self, folder: &str) -> Vec<EntryStatus> {
        let list = ListFiles {
            path: folder.to_owned(),
            recursive: true,
            ..ListFiles::default()
        };
        self.shared.expect(&self.scope, list).entries
    }

    /// Waits until a file is at a path, perhaps one with `*` and `**`.
    pub async fn wait_for_file(
        &self,
        path: &str,
        timeout: Duration,
    ) -> Result<EntryStatus, ControlError> {
        let waiting = waiting(path, timeout)?;
        self.shared.run(self.scope.clone(), waiting).await
    }

    /// The same, and the thread waits.
    pub fn wait_for_file_blocking(
        &self,
        path: &str,
        timeout: Duration,
    ) -> Result<EntryStatus, ControlError> {
        let waiting = waiting(path, timeout)?;
        self.shared.run_blocking(self.scope.clone(), waiting)
    }

    /// Puts a file there, over what was there.
    ///
    /// # Panics
    /// When the account does not take it.
    #[track_caller]
    pub fn seed(&self, path: &str, content: impl AsRef<[u8]>) {
        let entries = vec![Seed::file(path, content)];
        self.shared.expect(&self.scope, SeedFiles { entries });
    }

    /// Puts a folder there, if it is not there.
    ///
    /// # Panics
    /// When the account does not take it.
    #[track_caller]
    pub fn seed_folder(&self, path: &str) {
        let entries = vec![Seed::Folder(path.to_owned())];
        self.shared.expect(&self.scope, SeedFiles { entries });
    }

    /// Puts a directory of this machine there, with everything below it; how many entries.
    ///
    /// # Panics
    /// When it cannot be read, or the account does not take it.
    ///
    /// ```
    /// let directory = std::env::temp_dir().join("fake-dropbox, a directory to seed");
    /// std::fs::create_dir_all(&directory)?;
    /// std::fs::write(directory.join("a.txt"), "hello")?;
    ///
    /// let dropbox = fake_dropbox::FakeDropbox::start_blocking();
    /// let account = dropbox.account("token");
    /// assert_eq!(account.seed_directory("/in", &directory), 1);
    /// account.file("/in/a.txt").assert_bytes("hello");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn seed_directory(&self, path: &str, directory: impl AsRef<Path>) -> usize {
        let seed = SeedDirectory {
            directory: directory.as_ref().to_owned(),
            path: path.to_owned(),
        };
        self.shared.expect(&self.scope, seed).count
    }

    /// Ends its cursors: who goes on with one gets the error `reset`, by which Dropbox says: begin anew (API-218).
    ///
    /// ```no_run
    /// # let dropbox = fake_dropbox::FakeDropbox::start_blocking();
    /// dropbox.account("token").end_cursors();
    /// // The client has to list its folders anew.
    /// ```
    pub fn end_cursors(&self) {
        self.shared.expect(&self.scope, EndCursors {});
    }

    /// Sets how many bytes it may hold.
    pub fn set_quota(&self, bytes: u64) {
        self.shared.expect(&self.scope, SetQuota { bytes });
    }

    /// Refuses every write in a folder with an error; `""` is the whole account.
    ///
    /// # Panics
    /// When the path is none.
    #[track_caller]
    pub fn refuse_writes(&self, path: &str, error: Refused) {
        let path = path.to_owned();
        self.shared
            .expect(&self.scope, RefuseWrites { path, error });
    }

    /// Allows writes again where they were refused.
    ///
    /// # Panics
    /// When they were not.
    #[track_caller]
    pub fn allow_writes(&self, path: &str) {
        let path = path.to_owned();
        self.shared.expect(&self.scope, AllowWrites { path });
    }

    /// How the open questions are answered in it.
    pub fn assumptions(&self) -> AssumptionValues {
        self.shared.expect(&self.scope, ReadAssumptions {})
    }

    /// Answers an open question in another way.
    ///
    /// # Panics
    /// When there is no such assumption or it does not take the value; the text says what is allowed.
    #[track_caller]
    pub fn assume(&self, name: &str, value: impl Into<Value>) {
        let one = [(name.to_owned(), value.into())].into_iter().collect();
        self.shared.expect(&self.scope, SetAssumptions(one));
    }

    /// Saves its state under a name.
    #[track_caller]
    pub fn snapshot(&self, name: &str) {
        let name = name.to_owned();
        self.shared.expect(&self.scope, SaveSnapshot { name });
    }

    /// Puts it back to a snapshot.
    ///
    /// # Panics
    /// When there is none of that name; then nothing was changed.
    #[track_caller]
    pub fn restore(&self, name: &str) {
        let name = name.to_owned();
        self.shared.expect(&self.scope, RestoreSnapshot { name });
    }

    /// Empties it; settings stay.
    pub fn reset(&self) {
        self.shared.expect(&self.scope, Reset {});
    }

    /// Challenges a URL and tells it of every change of this account from then on, signed with this
    /// secret, if a token for the app of all undeclared tokens opens the account. For another app
    /// see [`FakeDropbox::add_webhook`](super::FakeDropbox::add_webhook).
    pub async fn add_webhook(
        &self,
        url: &str,
        secret: &str,
    ) -> Result<WebhookStatus, ControlError> {
        let hook = AddWebhook::new(url).secret(secret);
        self.shared.run(self.scope.clone(), hook).await
    }
}

fn waiting(path: &str, timeout: Duration) -> Result<WaitForFile, ControlError> {
    use crate::control::operations::ErrorKind;
    let pattern = PathPattern::new(path);
    Ok(WaitForFile {
        path: pattern.map_err(|error| ControlError::new(ErrorKind::BadArgument, error))?,
        timeout_milliseconds: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
    })
}
