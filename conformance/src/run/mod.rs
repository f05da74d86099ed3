//! Running cases: before, during and after, and what came of it.

mod absent;
pub mod cleanup;
pub mod diagnose;
pub mod exit;
pub mod leftovers;
pub mod outcome;
pub mod preflight;
pub mod runner;
pub mod time;
