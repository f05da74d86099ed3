//! Shared links. They are revoked again, or end with the folder of the run.

pub mod links;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[links::CASES];
