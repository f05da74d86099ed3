//! The content hash.

pub mod vectors;

use crate::cases::case::Case;

/// The chapter, room by room.
pub const CASES: &[&[Case]] = &[vectors::CASES];
