//! The suite held against small servers that are written here: it must be able to fail.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

#[cfg(feature = "fake")]
mod answers;
mod compare;
mod coverage;
mod fake_as_dropbox;
mod foreign;
mod fuzz;
mod layers;
#[cfg(feature = "fake")]
mod lies;
#[cfg(feature = "fake")]
mod on_the_fake;
#[cfg(feature = "fake")]
mod open_questions;
mod redaction;
#[cfg(feature = "fake")]
mod reports;
mod rules;
mod runner;
#[cfg(feature = "fake")]
mod served;
mod stand_in;
mod standing_in_for_dropbox;
mod support;
#[cfg(feature = "fake")]
mod verified;
