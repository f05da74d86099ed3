//! Upload sessions.

pub mod upload;

use crate::cases::case::Case;

/// The chapter, room by room.
pub const CASES: &[&[Case]] = &[upload::CASES];
