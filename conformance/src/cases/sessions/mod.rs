//! Upload sessions.

pub mod upload;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[upload::CASES];
