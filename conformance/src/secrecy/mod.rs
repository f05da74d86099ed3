//! Secrets, and what turns them into symbols.

pub mod normaliser;
pub mod redacted;
pub mod secret;
