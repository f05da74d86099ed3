//! The bodies of answers that say no.

pub mod bad_input;
pub mod endpoint;
pub mod link;
mod spell_access;
mod spell_files;
pub mod spell_sharing;
mod spelled;

pub use spelled::{Spell, Spelled};
