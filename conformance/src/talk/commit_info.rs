//! A commit info as a case writes it down, with its path relative to the case's folder.

use serde_json::{Map, Value, json};

/// The argument of `files/upload`, and of a mint together with a duration.
#[derive(Clone, Debug)]
pub struct CommitInfo {
    pub(crate) path: String,
    pub(crate) fields: Map<String, Value>,
    pub(crate) duration: Option<Value>,
}

/// A commit info for this path, relative to the case's folder: `/a.txt`. It always carries
/// `mute: true`, so that no desktop of the account's owner pops up (UL-188).
pub fn commit_info(path: &str) -> CommitInfo {
    CommitInfo {
        path: path.to_owned(),
        fields: Map::new(),
        duration: None,
    }
    .field("mute", true)
}

impl CommitInfo {
    /// Any field with any value, well formed or not.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Overwrites whatever file is there.
    #[must_use]
    pub fn overwrite(self) -> Self {
        self.field("mode", "overwrite")
    }

    /// Overwrites the file if its rev is this one.
    #[must_use]
    pub fn update(self, rev: &str) -> Self {
        self.field("mode", json!({".tag": "update", "update": rev}))
    }

    /// Takes another name instead of a conflict.
    #[must_use]
    pub fn autorename(self) -> Self {
        self.field("autorename", true)
    }

    /// Makes a conflict of identical content too.
    #[must_use]
    pub fn strict_conflict(self) -> Self {
        self.field("strict_conflict", true)
    }

    /// When the client says that the file changed, as `2020-01-02T03:04:05Z`.
    #[must_use]
    pub fn client_modified(self, time: &str) -> Self {
        self.field("client_modified", time)
    }

    /// How long the link lives, in seconds; only for a mint.
    #[must_use]
    pub fn duration(mut self, seconds: impl Into<Value>) -> Self {
        self.duration = Some(seconds.into());
        self
    }

    /// As an object, with the path put under `folder`.
    pub(crate) fn to_json(&self, folder: &str) -> Value {
        let mut object = Map::new();
        object.insert("path".to_owned(), format!("{folder}{}", self.path).into());
        object.extend(self.fields.clone());
        Value::Object(object)
    }
}
