//! A request and its answer, and what all of them need.

pub mod answer;
pub mod content;
pub(super) mod cors;
pub mod exchange;
mod forwarded;
pub(super) mod head;
pub mod origin;
pub mod problem;

/// Where the controls are: under a path that Dropbox does not use.
pub const CONTROL_PREFIX: &str = "/_fake/";

/// How the line of the welcome begins that says why the authority is another one than before.
pub const AUTHORITY_REPLACED: &str = "Its certificate authority is a new one, for ";
