//! The account and its tokens.

pub mod account;

use crate::cases::case::Case;

/// The chapter, room by room.
pub const CASES: &[&[Case]] = &[account::CASES];
