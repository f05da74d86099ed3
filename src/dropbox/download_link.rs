//! Temporary links for downloads (API-222).

use super::time::Timestamp;
use super::tree::File;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a temporary link may be used: 4 hours (API-222).
pub const DOWNLOAD_LINK_LIFE: Duration = Duration::from_hours(4);

/// A temporary link: one content of one file, for everybody who knows the address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DownloadLink {
    /// The file as it was when the link was made.
    pub file: File,
    /// The last moment at which it may be used.
    pub expires_at: Timestamp,
}

/// Why a temporary link gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownloadLinkRefusal {
    Unknown,
    /// Its time is over: 410.
    Expired,
}

impl DownloadLink {
    /// A link to `file`, made at `now`.
    pub fn new(file: File, now: Timestamp) -> Self {
        Self {
            file,
            expires_at: now.plus(DOWNLOAD_LINK_LIFE),
        }
    }

    /// The file, while the link lasts.
    pub fn file(&self, now: Timestamp) -> Result<&File, DownloadLinkRefusal> {
        if now > self.expires_at {
            Err(DownloadLinkRefusal::Expired)
        } else {
            Ok(&self.file)
        }
    }
}
