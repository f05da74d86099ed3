//! Using a link.

pub mod consume;
pub mod content_types;
pub mod expiry;
pub mod framing;
pub mod headers;
pub mod methods;
pub mod requests;
pub mod shape;
pub mod sizes;
pub mod texts;
pub mod use_once;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[
    shape::CASES,
    consume::CASES,
    content_types::CASES,
    sizes::CASES,
    texts::CASES,
    framing::CASES,
    requests::CASES,
    methods::CASES,
    headers::CASES,
    expiry::CASES,
    use_once::CASES,
];
