//! What is not on the disk.

/// What changed could not be written.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct NotKept {
    pub reason: String,
    /// It will not be before the server is started again.
    pub for_good: bool,
}
