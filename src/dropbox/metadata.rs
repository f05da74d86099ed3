//! What an account tells about its files and folders.

use super::commit_info::PropertyGroup;
use super::content_hash::ContentHash;
use super::time::Timestamp;

/// `FileMetadata` (API-208, API-209).
#[derive(Clone, Debug, PartialEq)]
pub struct FileMetadata {
    /// The last component of the path.
    pub name: String,
    /// The key of the entry: the whole path in lower case (API-168).
    pub path_lower: String,
    pub path_display: String,
    /// `id:…`, kept when the content changes (API-160).
    pub id: String,
    /// When the file was last changed, as the client says.
    pub client_modified: Timestamp,
    /// When the file was last changed here.
    pub server_modified: Timestamp,
    /// The name of this content of this file (API-197).
    pub rev: String,
    /// Bytes.
    pub size: u64,
    /// The content hash (UL-170).
    pub content_hash: ContentHash,
    /// Custom properties; only some routes show them (API-210).
    pub property_groups: Vec<PropertyGroup>,
}

/// `FolderMetadata` (API-211).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderMetadata {
    /// The last component of the path.
    pub name: String,
    pub path_lower: String,
    pub path_display: String,
    /// `id:…`.
    pub id: String,
}

/// `DeletedMetadata` (API-211): an entry that was here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedMetadata {
    /// The last component of the path.
    pub name: String,
    pub path_lower: String,
    pub path_display: String,
}

/// `Metadata`: one of the three (API-28).
#[derive(Clone, Debug, PartialEq)]
pub enum Metadata {
    File(FileMetadata),
    Folder(FolderMetadata),
    Deleted(DeletedMetadata),
}

impl Metadata {
    /// The key of the entry: the whole path in lower case.
    pub fn path_lower(&self) -> &str {
        match self {
            Self::File(file) => &file.path_lower,
            Self::Folder(folder) => &folder.path_lower,
            Self::Deleted(deleted) => &deleted.path_lower,
        }
    }
}
