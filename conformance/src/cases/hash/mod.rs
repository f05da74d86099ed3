//! The content hash.

pub mod vectors;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[vectors::CASES];
