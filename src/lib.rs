//! A Dropbox on localhost, for integrations built on temporary upload links.
//!
//! Begin with [`FakeDropbox`]; [`embedded`] shows the most common tests in full. [`control`] has what
//! a test can do to it, [`config`] how it is set up. What else is public here serves the program and
//! the conformance suite: it is hidden, and may change.
//!
//! ```
//! use fake_dropbox::{FakeDropbox, Timestamp};
//! use std::time::Duration;
//!
//! let dropbox = FakeDropbox::start_blocking();
//! let start: Timestamp = dropbox.clock().freeze();
//! dropbox.clock().advance(Duration::from_secs(60));
//! assert_eq!(dropbox.clock().now(), start.plus(Duration::from_secs(60)));
//! assert_eq!(Timestamp::from_micros(1_500_000).as_seconds(), 1);
//! assert_eq!(Timestamp::from_seconds(1).as_micros(), 1_000_000);
//! assert_eq!(start.since(start), Duration::ZERO);
//! ```
//!
//! Who an account belongs to and why a token may be refused everything is said with these:
//!
//! ```
//! use fake_dropbox::control::operations::accounts::DeclareAccount;
//! use fake_dropbox::control::operations::credentials::DeclareToken;
//! use fake_dropbox::{AccessError, FakeDropbox, Profile};
//!
//! let dropbox = FakeDropbox::start_blocking();
//! let profile = Profile {
//!     email: "alice@example.com".to_owned(),
//!     ..Profile::default()
//! };
//! dropbox.declare_account(DeclareAccount { profile, ..DeclareAccount::new("alice") });
//! dropbox.declare_token(DeclareToken {
//!     denied: Some(AccessError::TeamAccessDenied),
//!     ..DeclareToken::new("a token", "alice")
//! });
//! ```

#![cfg_attr(
    feature = "internals",
    expect(missing_docs, reason = "only the face needs a sentence for each item")
)]
#![cfg_attr(
    not(any(feature = "cli", feature = "internals")),
    expect(
        dead_code,
        unused_imports,
        reason = "the program uses more than the library does"
    )
)]

#[cfg(feature = "cli")]
mod cli;
pub mod config;
pub mod control;
mod dropbox;
pub mod embedded;
mod rules;
mod server;
mod storage;
mod sync;
mod wire;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::main;
pub use dropbox::account::Profile;
pub use dropbox::errors::AccessError;
pub use dropbox::time::Timestamp;
pub use embedded::FakeDropbox;
pub use rules::{Evidence, Rule};

/// The rooms of the house, for the tests and the suite of this workspace alone.
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals {
    pub mod control {
        pub use crate::control::*;
    }
    pub mod dropbox {
        pub use crate::dropbox::*;
    }
    pub mod rules {
        pub use crate::rules::*;
    }
    pub mod server {
        pub use crate::server::*;
    }
    pub mod wire {
        pub use crate::wire::*;
    }
}
