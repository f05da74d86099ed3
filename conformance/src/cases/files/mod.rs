//! Routes about single files.

pub mod batches;
pub mod content;
pub mod everywhere;
pub mod metadata;
pub mod moves;
pub mod older_forms;
pub mod paths;
pub mod restore;
pub mod search;

use crate::cases::case::Case;

pub const CASES: &[&[Case]] = &[
    paths::CASES,
    metadata::CASES,
    moves::CASES,
    everywhere::CASES,
    content::CASES,
    older_forms::CASES,
    batches::CASES,
    search::CASES,
    restore::CASES,
];
