//! Listing folders.

pub mod listing;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[listing::CASES];
