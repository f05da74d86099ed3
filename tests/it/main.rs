//! The fake as a whole, from outside. One binary: every further one costs seconds of linking.

mod assumptions;
mod cli;
mod clients;
mod control;
mod control_examples;
mod embedded;
mod fault_phases;
mod faults;
mod fixtures;
mod journal;
mod layers;
mod memory;
mod model;
mod races;
mod raw;
mod raw_socket;
mod readme;
mod robustness;
mod routes;
mod soak;
mod strangers;
mod support;
mod tidy;
mod upload_link;
mod webhooks;
mod wire;
