//! The fake as a whole, from outside. One binary: every further one costs seconds of linking.

mod faults;
mod journal;
mod model;
mod support;
mod tidy;
mod upload_link;
