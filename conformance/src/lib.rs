//! The conformance suite: the same cases on the fake, on any URL, on a recording, and on the real
//! Dropbox. It knows a target by its URLs and tokens only.

pub mod answer;
pub mod budget;
pub mod case;
pub mod cases;
pub mod cleanup;
pub mod cli;
pub mod clock;
pub mod commit_info;
pub mod compare;
pub mod confine;
pub mod content_hash;
pub mod context;
pub mod coverage;
pub mod diagnose;
pub mod divergences;
pub mod exit;
pub mod http;
pub mod leftovers;
pub mod outcome;
pub mod pacing;
pub mod preflight;
pub mod proposal;
pub mod raw_talk;
pub mod recording;
pub mod redact;
pub mod report;
pub mod runner;
pub mod secret;
pub mod special_token;
pub mod speech;
pub mod spelling;
pub mod stopping;
pub mod targets;
pub mod time;
pub mod transcript;
