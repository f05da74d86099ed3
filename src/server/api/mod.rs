//! The calls of Dropbox's API: who calls, what is asked, and in which style.

pub(super) mod argument;
pub(super) mod call;
pub(super) mod caller;
pub(super) mod download;
pub(super) mod longpoll;
pub(super) mod rpc;
pub(super) mod upload;
