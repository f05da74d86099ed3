//! What Dropbox *is*: accounts, the file tree, commits, upload links, upload sessions.
//!
//! Pure: no async, no HTTP, no files, no clock and no randomness of its own. `now` and ids are
//! handed in, errors are answers. It reads like the rules that it implements.

pub mod commit_info;
pub mod content_hash;
pub mod errors;
pub mod metadata;
pub mod time;
