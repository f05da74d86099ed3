//! A Dropbox on localhost, for integrations built on temporary upload links.

pub mod config;
pub mod control;
pub mod dropbox;
pub mod embedded;
pub mod rules;
pub mod server;
pub mod storage;
pub mod wire;

pub use embedded::FakeDropbox;
