//! Who is speaking.

pub mod account;
pub mod header;
pub mod tokens;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[tokens::CASES, header::CASES, account::CASES];
