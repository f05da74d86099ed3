//! Files that are there from the start.

use super::BadSettings;
use crate::control::operations::files::{Seed, SeedDirectory, SeedFiles};
use crate::control::operations::{ControlError, Controls, perform};
use crate::control::scope::Scope;
use crate::server::App;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A file, a folder, or a directory of this machine with everything below it.
///
/// ```
/// use fake_dropbox::FakeDropbox;
/// use fake_dropbox::config::FileSettings;
///
/// let dropbox = FakeDropbox::builder().configure(|settings| {
///     settings.accounts.insert("alice".to_owned(), Default::default());
///     settings.tokens.push(fake_dropbox::Token::new("token", "alice"));
///     settings.files.push(FileSettings {
///         text: Some("hello".to_owned()),
///         ..FileSettings::new("alice", "/in/a.txt")
///     });
/// });
/// let dropbox = dropbox.start_blocking();
/// dropbox.account("token").file("/in/a.txt").assert_bytes("hello");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// The name of the account, which has to be declared.
    pub account: String,
    /// The path in the account; the root is `""`.
    #[serde(default)]
    pub path: String,
    /// The content as a text.
    #[serde(default)]
    pub text: Option<String>,
    /// The content in base64.
    #[serde(default)]
    pub base64: Option<String>,
    /// A file or a directory of this machine. In a configuration file a relative path begins at the directory of
    /// that file.
    #[serde(default)]
    pub from: Option<PathBuf>,
}

impl FileSettings {
    /// A folder, unless a content is set, too.
    pub fn new(account: &str, path: &str) -> Self {
        Self {
            account: account.to_owned(),
            path: path.to_owned(),
            text: None,
            base64: None,
            from: None,
        }
    }

    async fn put(&self, controls: Controls<'_>) -> Result<(), String> {
        let scope = Scope::account(&self.account);
        let path = self.path.clone();
        let entry = match (&self.text, &self.base64, &self.from) {
            (None, None, None) => Seed::Folder(path),
            (None, None, Some(directory)) if directory.is_dir() => {
                let directory = directory.clone();
                let seed = SeedDirectory { directory, path };
                return done(perform(seed, controls, &scope).await);
            }
            (None, None, Some(file)) => {
                let content = tokio::fs::read(file)
                    .await
                    .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
                Seed::file(&path, content)
            }
            (text, base64, None) => Seed::File {
                path,
                text: text.clone(),
                base64: base64.clone(),
            },
            _ => {
                let reason = "it has both 'from' and a content of its own: leave one of them out";
                return Err(reason.to_owned());
            }
        };
        let entries = vec![entry];
        done(perform(SeedFiles { entries }, controls, &scope).await)
    }
}

fn done<T>(put: Result<T, ControlError>) -> Result<(), String> {
    put.map(drop).map_err(|error| error.to_string())
}

/// The files of a server that is about to start.
#[derive(Clone, Debug, Default)]
pub(crate) struct FilesAtStart {
    pub(super) files: Vec<FileSettings>,
    /// Accounts that were kept have their files: nothing is put over them.
    pub(super) kept: BTreeSet<String>,
}

impl FilesAtStart {
    /// Puts them into their accounts.
    pub(crate) async fn put(&self, app: &App) -> Result<(), BadSettings> {
        for (number, file) in (1..).zip(&self.files) {
            let refused = |reason: String| BadSettings::File { number, reason };
            if app.world().known_account(&file.account).is_none() {
                return Err(refused(format!(
                    "the account '{}' is not declared: add it under [accounts]",
                    file.account
                )));
            }
            if !self.kept.contains(&file.account) {
                let put = file.put(app.controls()).await;
                put.map_err(refused)?;
            }
        }
        Ok(())
    }
}

/// Paths of a configuration file begin where it is.
#[cfg(feature = "cli")]
pub(super) fn begin_at(files: &mut [FileSettings], directory: &std::path::Path) {
    for from in files.iter_mut().filter_map(|file| file.from.as_mut()) {
        *from = directory.join(&*from);
    }
}
