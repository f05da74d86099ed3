//! Headers that many answers share.

pub mod common;

use crate::cases::case::Case;

/// The chapter, room by room.
pub const CASES: &[&[Case]] = &[common::CASES];
