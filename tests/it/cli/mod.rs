//! The program as a process.
#![cfg(feature = "cli")]

mod ca;
mod doctor;
mod env;
mod exec;
mod explain;
mod hash;
mod outputs;
pub mod program;
mod serve;
mod wait;
