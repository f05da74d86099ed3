//! How Dropbox is *spelled*: JSON, argument schemas and their error texts, error bodies, headers.
//!
//! Everything here is pure: it turns bytes into values and values into bytes. What the values mean
//! is in `dropbox/`, who sends them is in `server/`.

pub mod account;
pub mod arguments;
pub mod authorize;
pub mod batch;
pub mod decode;
pub mod dialect;
pub mod errors;
pub mod fault;
pub mod headers;
pub mod html;
pub mod json;
pub mod link_address;
pub mod metadata;
pub mod mint_rows;
pub mod oauth;
pub mod print;
pub mod python;
pub mod routes;
pub mod schema;
pub mod search;
pub mod shared_links;
pub mod strptime;
pub mod time;
pub mod value;
