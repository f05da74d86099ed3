//! Bytes that a file or an upload session holds.

use super::content_hash::ContentHash;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A handle on bytes that rest somewhere else.
///
/// The tree keeps the handle for as long as any revision or snapshot needs the bytes; when the
/// last handle goes, so do they. What is behind it is the business of whoever stored them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Body {
    about: AboutBody,
    /// Where they are; nowhere in what was just read back ([`Body::put_at`]).
    #[serde(skip, default = "nowhere")]
    stored: Arc<dyn Any + Send + Sync>,
}

/// What is known of the bytes themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutBody {
    /// The content hash of these bytes alone.
    pub hash: ContentHash,
    /// Bytes.
    pub size: u64,
    /// Whether they are anywhere, or were only hashed and counted.
    pub kept: bool,
}

fn nowhere() -> Arc<dyn Any + Send + Sync> {
    Arc::new(())
}

impl Body {
    /// A handle on `stored`.
    pub fn new(about: AboutBody, stored: impl Any + Send + Sync) -> Self {
        Self {
            about,
            stored: Arc::new(stored),
        }
    }

    /// A handle on bytes that rest in itself.
    #[cfg(test)]
    pub fn of(bytes: &[u8]) -> Self {
        let about = AboutBody {
            hash: ContentHash::of(bytes),
            size: bytes.len() as u64,
            kept: true,
        };
        Self::new(about, bytes.to_vec())
    }

    /// A handle on no bytes.
    pub fn none() -> Self {
        let about = AboutBody {
            hash: ContentHash::of_blocks([]),
            size: 0,
            kept: true,
        };
        Self::new(about, ())
    }

    /// What is known of the bytes.
    pub fn about(&self) -> AboutBody {
        self.about
    }

    /// What was stored, for the one who knows its type.
    pub fn stored<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.stored.downcast_ref()
    }

    /// Says where the bytes are that this handle was read back for.
    pub fn put_at(&mut self, stored: impl Any + Send + Sync) {
        self.stored = Arc::new(stored);
    }
}

impl PartialEq for Body {
    /// Wherever the bytes are, they are the same.
    fn eq(&self, other: &Self) -> bool {
        self.about == other.about
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Body")
    }
}

/// The content of a file: what is known of its bytes, and the bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    pub hash: ContentHash,
    /// Bytes.
    pub size: u64,
    /// The bytes, in pieces that follow one another.
    pub bodies: Vec<Body>,
}
