//! What a test does to the fake: the clock, faults, the journal, and whom each of them concerns.

#[doc(hidden)]
pub mod changes;
#[doc(hidden)]
pub mod clock;
pub mod faults;
pub mod journal;
pub mod operations;
pub mod scope;
pub mod secrets;
#[doc(hidden)]
pub mod tally;
#[doc(hidden)]
pub mod webhooks;
