//! A request and its answer, and what all of them need.

pub mod answer;
pub mod content;
pub(super) mod cors;
pub mod exchange;
mod forwarded;
pub mod origin;
pub mod problem;
