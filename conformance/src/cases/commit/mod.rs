//! What a commit does, by a link or by a route.

pub mod effects;
pub mod fields;
pub mod modes;
pub mod names;
pub mod places;
pub mod properties;
pub mod table;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[
    modes::CASES,
    table::CASES,
    effects::CASES,
    names::CASES,
    fields::CASES,
    places::CASES,
    properties::CASES,
];
