//! The arguments of the routes: for each, its schema and the struct that a handler gets.
//!
//! Schemas follow the public specification. [`ROUTES`] lists them all by route name.

pub mod accounts;
pub mod commit;
pub mod entries;
mod extract;
pub mod folders;
pub mod patterns;
mod route;
pub mod sessions;

pub use extract::Argument;
pub use route::{ROUTES, argument_type};

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod tests;
