//! The account and its tokens.

pub mod account;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[account::CASES];
