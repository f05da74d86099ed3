//! The fake as a whole, from outside. One binary: every further one costs seconds of linking.

#![expect(missing_docs, reason = "the names of tests are sentences")]

mod model;
mod races;
mod raw;
mod raw_socket;
mod robustness;
mod support;
mod upload_link;
