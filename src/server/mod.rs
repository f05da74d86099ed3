//! The asynchronous shell: sockets, TLS and HTTP around the pure parts.

pub mod listener;
