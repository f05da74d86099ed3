//! The account and its tokens.

pub mod account;
pub mod others;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[account::CASES, others::CASES];
