//! Headers that many answers share.

pub mod common;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[common::CASES];
