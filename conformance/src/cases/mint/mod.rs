//! Minting a link.

pub mod answers;
pub mod arguments;
pub mod clients;
pub mod commit_info;
pub mod paths;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[
    arguments::CASES,
    commit_info::CASES,
    paths::CASES,
    answers::CASES,
    clients::CASES,
];
