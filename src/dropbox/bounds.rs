//! How much is kept of what clients make, so that a fake that runs for long stays small.

/// What an account keeps at most, and how many accounts there are before those go that hold nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Revisions of each path, the latest; none means all of them.
    pub revisions: Option<usize>,
    /// Bytes of memory, about, that the upload links of an account may take.
    pub link_bytes: usize,
    /// Accounts: beyond so many those go that an undeclared token made and that hold nothing.
    pub accounts: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            revisions: Some(100),
            link_bytes: 64 << 20,
            accounts: 10_000,
        }
    }
}
