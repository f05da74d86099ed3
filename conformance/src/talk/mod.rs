//! How a case talks to its target: requests, answers with expectations, and what was said.

pub mod answer;
pub mod client;
pub mod commit_info;
pub mod content_hash;
pub mod context;
pub mod quoted;
pub mod raw_client;
pub mod shown;
pub mod spelling;
pub mod transcript;
