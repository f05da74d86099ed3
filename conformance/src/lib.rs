//! The conformance suite: the same cases on the fake, on any URL, on a recording, and on the real
//! Dropbox. It knows a target by its URLs and tokens only.

#![expect(
    missing_docs,
    reason = "a program in rooms that its own tests look at; nobody else calls it"
)]

pub mod cases;
pub mod cli;
pub mod evidence;
pub mod exchanges;
pub mod failure;
pub mod http;
pub mod look;
pub mod report;
pub mod run;
pub mod safety;
pub mod secrecy;
pub mod talk;
pub mod targets;
