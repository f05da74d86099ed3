//! The fake as a whole, from outside. One binary: every further one costs seconds of linking.

#![expect(missing_docs, reason = "the names of tests are sentences")]

mod clients;
mod faults;
mod journal;
mod model;
mod support;
mod upload_link;
