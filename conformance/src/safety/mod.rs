//! What keeps a real account safe: the folder, the budget, the pauses, the stop.

pub mod budget;
pub mod confine;
pub mod pacing;
pub mod stopping;
