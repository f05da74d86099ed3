//! What a test does to the fake: it moves the clock, injects faults, reads the journal.

pub mod clock;
