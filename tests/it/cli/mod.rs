//! The program as a process.
#![cfg(feature = "cli")]

mod ca;
mod doctor;
mod env;
mod exec;
mod explain;
mod hash;
#[cfg(target_os = "linux")]
mod isolate;
#[cfg(target_os = "linux")]
mod isolate_elsewhere;
mod outputs;
mod packaged;
pub mod program;
mod serve;
mod wait;
