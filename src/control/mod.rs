//! What a test does to the fake: the clock, faults, the journal, and whom each of them concerns.

pub mod clock;
pub mod faults;
pub mod journal;
mod link_origin;
pub mod operations;
pub mod scope;
pub mod secrets;
pub mod tally;
pub mod webhooks;

#[doc(hidden)]
pub use link_origin::LinkOriginSwitch;
pub use link_origin::{BadLinkOrigin, LinkOrigin};
