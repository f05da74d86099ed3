//! What happened: every request with its answer, and why that answer was given.
//!
//! The journal keeps the latest entries within a bound of entries and one of bytes. No secret
//! enters it: see [`Redactor`].

mod entry;
mod query;
mod redaction;
mod ring;

pub(crate) use entry::print_time;
pub use entry::{JournalEntry, Outcome};
pub use query::{Miss, Query};
pub use redaction::{EXCERPT_BYTES, Excerpt, Redactor};
pub use ring::{Journal, JournalLimits, NothingCame};
