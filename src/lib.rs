//! A Dropbox on localhost, for integrations built on temporary upload links.
//!
//! A backend mints a link, and a client uploads through it, once, without credentials. Each test has a
//! Dropbox of its own, or each account of one is a test's own. Four tests show what this is for;
//! `alice.mint` and `put` stand for your own backend and client.
//!
//! ```
//! use fake_dropbox::{FakeDropbox, Fault, Query};
//! use std::time::Duration;
//!
//! /// What was uploaded is in the account.
//! async fn the_file_arrives() {
//!     let dropbox = FakeDropbox::start().await;
//!     let alice = dropbox.account("alices-access-token");
//!     let link = alice.mint("/in/a.txt");
//!     assert_eq!(put(&link, "hello").await.unwrap(), 200);
//!     alice.file("/in/a.txt").assert_bytes("hello");
//! }
//!
//! /// Four hours pass in no time.
//! async fn a_link_expires() {
//!     let dropbox = FakeDropbox::start().await;
//!     let alice = dropbox.account("alices-access-token");
//!     let link = alice.mint("/in/a.txt");
//!     dropbox.clock().advance(Duration::from_secs(4 * 3600 + 1));
//!     assert_eq!(put(&link, "too late").await.unwrap(), 410);
//!     alice.file("/in/a.txt").assert_missing();
//! }
//!
//! /// The bytes are stored, the answer is lost, and the client tries again.
//! async fn the_answer_is_lost() {
//!     let dropbox = FakeDropbox::start().await;
//!     let alice = dropbox.account("alices-access-token");
//!     let lost = dropbox.fail(Fault::after_commit().of("upload_link").reset());
//!     let link = alice.mint("/in/a.txt");
//!     assert!(put(&link, "hello").await.is_err());
//!     assert!(lost.has_fired());
//!     // A client that takes this 410 for a failure loses a file that is there.
//!     assert_eq!(put(&link, "hello").await.unwrap(), 410);
//!     alice.file("/in/a.txt").assert_bytes("hello");
//! }
//!
//! /// The journal has every request, with the rule that decided its answer.
//! async fn a_link_is_good_for_one_upload() {
//!     let dropbox = FakeDropbox::start().await;
//!     let link = dropbox.account("alices-access-token").mint("/in/a.txt");
//!     assert_eq!(put(&link, "first").await.unwrap(), 200);
//!     assert_eq!(put(&link, "second").await.unwrap(), 410);
//!     dropbox.journal().expect(1).route("upload_link").status(410);
//!     let refused = dropbox.journal().latest(Query::route("upload_link"));
//!     assert_eq!(refused.rules[0].id(), "UL-138");
//! }
//! # async fn put(link: &str, body: &'static str) -> reqwest::Result<u16> {
//! #     let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
//! #     let client = reqwest::Client::builder().no_proxy().build().unwrap();
//! #     let request = client.post(link).header("content-type", "application/octet-stream");
//! #     Ok(request.body(body).send().await?.status().as_u16())
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! #     the_file_arrives().await;
//! #     a_link_expires().await;
//! #     the_answer_is_lost().await;
//! #     a_link_is_good_for_one_upload().await;
//! # }
//! ```
//!
//! - [`FakeDropbox`] starts one; [`Builder`] and [`config`] say how.
//! - [`Account`] is one account: its files, links, quota, snapshots. [`App`] and [`Token`] declare who
//!   may do what.
//! - [`Fault`] is what shall go wrong: when, of which requests, what, how often.
//! - [`Journal`] is what happened, [`Query`] what of it; [`Clock`] is the time.
//! - [`FakeDropbox::call`] does by its name whatever the controls can do over HTTP.
//!
//! Rules carry ids such as `UL-138`, and each says how it is known: see [`Rule`] and [`Evidence`].

#![cfg_attr(
    feature = "internals",
    expect(missing_docs, reason = "only the face needs a sentence for each item")
)]
#![cfg_attr(
    not(feature = "internals"),
    expect(
        unused_imports,
        reason = "the tests and the suite name more of the rooms"
    )
)]
#![cfg_attr(
    not(any(test, feature = "internals")),
    expect(
        dead_code,
        reason = "the tests and the suite use more than the product does"
    )
)]

#[cfg(feature = "cli")]
mod cli;
pub mod config;
mod control;
mod dropbox;
mod embedded;
mod nearest;
mod rules;
mod server;
mod storage;
mod sync;
mod wire;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::main;

// What a test holds.
pub use embedded::{
    Account, AddedFault, Builder, Clock, Expectation, FakeDropbox, File, Journal, Link, StartError,
};
// What it declares, and what it gets to read. Inside each is called by what the controls do with it.
pub use control::faults::{
    Action, BadFault, CustomAnswer, FaultAnswer, FaultId, FaultMatch, FaultPoint,
    FaultRule as Fault, FaultStatus, HeaderMatch, HostKind, PathPattern, Phase, RateLimitBody,
    Times,
};
pub use control::journal::{Excerpt, JournalEntry, JournalLimits, Miss, Outcome, Query};
pub use control::operations::accounts::{
    AccountStatus, DeclareAccount as NewAccount, Refused as WriteRefusal,
};
pub use control::operations::assumptions::AssumptionValues;
pub use control::operations::credentials::{
    DeclareApp as App, DeclareGrant as Grant, DeclareToken as Token,
};
pub use control::operations::files::{EntryStatus, FileStatus};
pub use control::operations::links::{LinkStatus, State as LinkState};
pub use control::operations::status::Status;
pub use control::operations::webhooks::{AddWebhook as Webhook, WebhookStatus};
pub use control::operations::{
    BadExpiry, BadMoment, ControlError as Error, ErrorKind, Expiry, Moment,
};
pub use control::secrets::{Alias, BadAlias, Secret, SecretKind};
pub use dropbox::account::Profile;
pub use dropbox::errors::AccessError;
pub use dropbox::link::LinkFailure;
pub use dropbox::time::Timestamp;
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
