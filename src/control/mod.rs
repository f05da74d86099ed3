//! What a test does to the fake: faults, the journal, and whom each of them concerns.

pub mod faults;
pub mod journal;
pub mod scope;
pub mod secrets;
