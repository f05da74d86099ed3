//! The arguments of the routes: for each, its schema and the struct that a handler gets.
//!
//! Schemas follow the public specification; the table in `wire/routes.rs` says which route takes which.

pub mod accounts;
pub mod batches;
pub mod commit;
pub mod entries;
mod extract;
pub mod folders;
mod path_root;
pub mod patterns;
pub mod search;
pub mod sessions;
pub mod sharing;

pub use extract::Argument;

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod tests;
