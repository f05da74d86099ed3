//! What a client asks a commit to do.

use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// `CommitInfo`: where and how uploaded bytes become a file (UL-12 to UL-18).
///
/// Its shape has been checked; what it means for the account is judged at the commit (UL-85).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommitInfo {
    /// The path as the client wrote it: `/a`, `id:…/a` or `ns:1/a` (UL-23).
    pub path: String,
    /// What to do when something is there already (UL-32).
    pub mode: WriteMode,
    /// Take another name instead of a conflict (UL-33, API-161).
    pub autorename: bool,
    /// The modification time to show instead of the time of the commit (API-205).
    pub client_modified: Option<Timestamp>,
    /// No notification for the user's desktop. Kept, and without effect here.
    pub mute: bool,
    /// Custom properties to attach (UL-19).
    pub property_groups: Vec<PropertyGroup>,
    /// A conflict even where the content is identical or the target is gone (API-156).
    pub strict_conflict: bool,
}

impl CommitInfo {
    /// A commit to `path` with every other field at its default.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            mode: WriteMode::Add,
            autorename: false,
            client_modified: None,
            mute: false,
            property_groups: Vec::new(),
            strict_conflict: false,
        }
    }

    /// Bytes of memory that its texts take.
    pub(super) fn weight(&self) -> usize {
        let fields = self.property_groups.iter().flat_map(|group| &group.fields);
        let fields: usize = fields
            .map(|field| 64 + field.name.len() + field.value.len())
            .sum();
        let groups: usize = self
            .property_groups
            .iter()
            .map(|group| 64 + group.template_id.len())
            .sum();
        self.path.len() + groups + fields
    }
}

/// `WriteMode` (UL-32).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WriteMode {
    /// Never replace anything.
    #[default]
    Add,
    /// Replace whatever file is there.
    Overwrite,
    /// Replace the file only while its rev is this one.
    Update(String),
}

/// `PropertyGroup`: values for the fields of one template (UL-19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyGroup {
    /// `ptid:…` or `/…`.
    pub template_id: String,
    pub fields: Vec<PropertyField>,
}

/// One name and value of a [`PropertyGroup`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyField {
    /// At most 256 bytes.
    pub name: String,
    /// At most 1024 bytes.
    pub value: String,
}
