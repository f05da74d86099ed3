//! The program as a process.
#![cfg(feature = "cli")]

mod hash;
mod program;
mod serve;
mod wait;
