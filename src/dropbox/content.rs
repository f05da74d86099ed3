//! Bytes that a file or an upload session holds.

use super::content_hash::ContentHash;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A handle on bytes that rest somewhere else.
///
/// The tree keeps the handle for as long as any revision or snapshot needs the bytes; when the
/// last handle goes, so do they. What is behind it is the business of whoever stored them.
#[derive(Clone)]
pub struct Body(Arc<dyn Any + Send + Sync>);

impl Body {
    /// A handle on `stored`.
    pub fn new(stored: impl Any + Send + Sync) -> Self {
        Self(Arc::new(stored))
    }

    /// What was stored, for the one who knows its type.
    pub fn stored<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Body")
    }
}

/// The content of a file: what is known of its bytes, and the bytes.
#[derive(Clone, Debug)]
pub struct Content {
    pub hash: ContentHash,
    /// Bytes.
    pub size: u64,
    /// The bytes, in pieces that follow one another.
    pub bodies: Vec<Body>,
}
