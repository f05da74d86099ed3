//! Listing folders.

pub mod listing;

use crate::cases::case::Case;

/// The chapter, room by room.
pub const CASES: &[&[Case]] = &[listing::CASES];
