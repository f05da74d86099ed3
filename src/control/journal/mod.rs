//! What happened: every request with its answer, and why that answer was given.
//!
//! The journal keeps the latest entries within a bound of entries and one of bytes. No secret
//! leaves it.

pub mod document;
mod entry;
mod messages;
mod query;
mod redaction;
mod ring;

pub(crate) use entry::print_time;
pub use entry::{JournalEntry, Outcome};
pub(crate) use messages::{Message, Messages, Unread};
pub use query::{Miss, Query};
pub use redaction::Redactor;
pub use redaction::{EXCERPT_BYTES, Excerpt, secrets_in_path};
pub use ring::JournalLimits;
pub use ring::{Journal, NothingCame, VainWait};
