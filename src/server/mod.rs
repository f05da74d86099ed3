//! The asynchronous shell: sockets, TLS and HTTP around the pure parts.

#[cfg(feature = "tls")]
pub mod certificates;
pub mod listener;
