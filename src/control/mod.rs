//! What a test does to the fake: the clock, faults, the journal, and whom each of them concerns.

pub mod clock;
pub mod faults;
pub mod journal;
pub mod operations;
pub mod scope;
pub mod secrets;
pub mod tally;
pub mod webhooks;
