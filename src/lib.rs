//! A Dropbox on localhost, for integrations built on temporary upload links.

pub mod dropbox;
