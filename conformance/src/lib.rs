//! The conformance suite: the same cases on the fake, on any URL, on a recording, and on the real
//! Dropbox. It knows a target by its URLs and tokens only.

pub mod cases;
pub mod cli;
pub mod evidence;
pub mod failure;
pub mod http;
pub mod report;
pub mod run;
pub mod safety;
pub mod secrecy;
pub mod talk;
pub mod targets;
