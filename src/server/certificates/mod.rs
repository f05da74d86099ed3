//! The server's own certificate authority, for clients that insist on TLS.
//!
//! An authority is made fresh at every start, or kept in a directory so that it needs to be
//! trusted only once a year. Either can speak for the names of its server only (`constraints`). The certificate that clients see is made anew at every start either way;
//! its key is never written anywhere.
//!
//! The time is handed in, for certificates are the one part of the server that must follow the
//! clock of the client's machine and not the fake's own.

mod authority;
mod constraints;
mod directory;
mod error;

pub use authority::{CertificateAuthority, trust_store};
pub use directory::{CERTIFICATE_FILE, KEY_FILE};
pub use error::CertificateError;

#[cfg(test)]
mod tests;
