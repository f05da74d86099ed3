//! What happened: every request with its answer, and why that answer was given.
//!
//! The journal keeps the latest entries within a bound of entries and one of bytes. No secret
//! leaves it.
//!
//! ```
//! # fn ask(dropbox: &fake_dropbox::FakeDropbox, route: &str, argument: &str) -> String {
//! #     use std::io::{Read, Write};
//! #     let mut stream = std::net::TcpStream::connect(dropbox.address()).unwrap();
//! #     let length = argument.len();
//! #     write!(
//! #         stream,
//! #         "POST /2/{route} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
//! #          authorization: Bearer token\r\ncontent-type: application/json\r\n\
//! #          content-length: {length}\r\n\r\n{argument}"
//! #     )
//! #     .unwrap();
//! #     let mut answer = String::new();
//! #     stream.read_to_string(&mut answer).unwrap();
//! #     answer.split_once("\r\n\r\n").unwrap().1.to_owned()
//! # }
//! use fake_dropbox::control::journal::{Excerpt, JournalEntry, JournalLimits, Miss, Outcome, Query};
//! use fake_dropbox::{Evidence, FakeDropbox, Rule};
//! use std::sync::Arc;
//!
//! let dropbox = FakeDropbox::start_blocking();
//! // `ask` stands for your own code: it calls a route with an argument.
//! ask(&dropbox, "files/get_metadata", r#"{"path": "/none"}"#);
//!
//! let entry: Arc<JournalEntry> = dropbox
//!     .journal()
//!     .assert_any(&Query::route("files/get_metadata").status(409));
//! assert_eq!(entry.outcome, Outcome::Answered);
//! assert!(entry.is_conformance_evidence());
//! let rule: Rule = entry.rules[0];
//! assert!(rule.id().starts_with("API-"));
//! assert!(entry.evidence() <= Some(rule.evidence()));
//! assert_eq!(Evidence::Documented.name(), "documented");
//! // What was said, without the secrets.
//! let request: &Excerpt = entry.request();
//! assert_eq!(request.body(), Some(r#"{"path":"/none"}"#));
//! assert!(format!("{:?}", request.headers()).contains("Bearer token:1"));
//! assert!(entry.response().body().expect("JSON").contains("path/not_found"));
//!
//! // What is near to what was wanted, and why it is not that.
//! let other = Query::route("files/get_metadata").path("/other".parse().expect("a pattern"));
//! assert!(!other.matches(&entry));
//! assert!(!other.clone().link("link:7".parse().expect("an alias")).matches(&entry));
//! let missed = dropbox.journal().nearest(&other);
//! let miss: &Miss = &missed[0];
//! assert!(miss.differs[0].contains("/none"));
//! // The latest so many are kept.
//! assert_eq!(JournalLimits::default().entries, 10_000);
//! ```

mod entry;
mod messages;
mod query;
mod redaction;
mod ring;

pub(crate) use entry::print_time;
pub use entry::{JournalEntry, Outcome};
pub(crate) use messages::{Message, Messages, Unread};
pub use query::{Miss, Query};
#[doc(hidden)]
pub use redaction::Redactor;
pub use redaction::{EXCERPT_BYTES, Excerpt};
pub use ring::JournalLimits;
#[doc(hidden)]
pub use ring::{Journal, NothingCame};
