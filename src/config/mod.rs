//! How a whole server is set up: one set of settings for the command line, its configuration file
//! and the library.
//!
//! Settings that are not given have the defaults of [`Settings::default`].
//!
//! ```
//! use fake_dropbox::FakeDropbox;
//! use fake_dropbox::config::{ContentPolicy, Settings};
//!
//! let settings = Settings {
//!     port: 0,
//!     content: ContentPolicy::None,
//!     max_upload_size: "8MiB".parse()?,
//!     ..Settings::default()
//! };
//! let dropbox = FakeDropbox::builder().settings(settings).start_blocking();
//! # drop(dropbox);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accounts;
mod assume;
mod build;
#[cfg(feature = "cli")]
mod file;
mod files;
mod host;
mod prepare;
mod quantities;
mod settings;

pub use crate::control::{BadLinkOrigin, LinkOrigin};
#[cfg(feature = "data-dir")]
pub use crate::storage::data_dir::{DataDirError, Durability};
pub use accounts::AccountSettings;
pub use assume::Assumed;
pub use build::BadSettings;
#[cfg(feature = "cli")]
pub use file::BadConfigFile;
pub use files::FileSettings;
pub use host::{BadHost, ListenHost};
pub(crate) use prepare::CannotPrepare;
#[cfg(feature = "cli")]
pub(crate) use prepare::Prepared;
pub use quantities::{BadByteRate, BadByteSize, BadMost, BadSpan, ByteRate, ByteSize, Most, Span};
pub use settings::{ContentPolicy, Limits, Settings, UnknownTokens};
