//! Arguments and routes that are wrong.

pub mod arguments;
pub mod content_type;
pub mod routes;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[content_type::CASES, arguments::CASES, routes::CASES];
