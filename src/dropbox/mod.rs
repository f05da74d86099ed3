//! What Dropbox *is*: accounts, the file tree, commits, upload links, upload sessions.
//!
//! Pure: no async, no HTTP, no files, no clock and no randomness of its own. `now` and ids are
//! handed in, errors are answers. It reads like the rules that it implements.

pub mod account;
pub mod assumptions;
pub mod authorization;
pub mod bounds;
pub mod commit;
pub mod commit_info;
pub mod content;
pub mod content_hash;
pub mod credentials;
pub mod download_link;
pub mod errors;
pub mod files;
mod free_name;
pub mod ids;
pub mod jobs;
pub mod letters;
pub mod link;
pub mod listing;
pub mod maps;
pub mod metadata;
pub mod path;
pub mod property_templates;
pub mod recorded;
pub mod revisions;
pub mod search;
pub mod session;
pub mod shared_account;
pub mod shared_links;
pub mod time;
pub mod tree;
pub mod uploads;
pub mod world;
