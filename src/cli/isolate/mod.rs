//! `exec --isolate`: the command where Dropbox's names are the fake, and nothing else can be reached.
//!
//! The program starts itself a second time ([`set_up`]). That process makes namespaces for users, the
//! network and mounts, opens the sockets on which the fake is reached inside, hands them out through its
//! standard input ([`channel`]), and covers the files by which programs find hosts and decide whom they trust
//! ([`cover`], [`trust`]). Then it starts a small first process ([`init`]), which gives up every right
//! and runs the command. The fake serves from outside: in its process nothing changes. The files of the run
//! lie in a directory that the second process makes and removes: whoever is killed, it is there to do so.
//!
//! It guards against accidents, not against a hostile root: sockets of the file system stay reachable.

mod cannot;
mod channel;
mod cover;
mod dns;
mod init;
mod java_store;
mod names;
mod network;
mod outside;
mod pass;
mod rights;
mod seen;
mod serve;
mod set_up;
mod trust;
mod watch;

use names::Names;
pub use outside::{Begun, begin, may_map_all, probe};
use pass::Passed;
pub use pass::{Target, places};

use std::ffi::OsString;
use std::process::ExitCode;

/// The first argument of the process that makes the namespaces.
const SET_UP: &str = "isolate-set-up";
/// The first argument of the first process inside.
const INIT: &str = "isolate-init";

/// What the process inside is told, and what it opens.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// The certificate of the fake's authority, in PEM.
    pub certificate: String,
    /// The port of the fake outside, which leads to it inside as well.
    pub port: u16,
    /// The names that are the fake.
    pub names: Vec<String>,
    /// What leads outside.
    pub passed: Vec<Passed>,
    /// Whether ports 80 and 53 are the command's.
    pub https_only: bool,
    /// Sockets of the file system that stay reachable although they lead out.
    pub uncovered: Vec<std::path::PathBuf>,
    /// Whether the parent writes the maps of users and groups: it may map them all.
    pub maps_all: bool,
    /// Whether the command gets processes of its own. Usual containers refuse that.
    pub own_processes: bool,
}

impl Plan {
    /// Which name is where.
    pub fn known(&self) -> Names {
        Names::new(&self.names, &self.passed)
    }
}

/// What a socket is for that was opened inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Role {
    /// The fake.
    Fake,
    /// Names are asked for in datagrams.
    Datagrams,
    /// Names are asked for in streams.
    Streams,
    /// What leads outside, by its place in [`Plan::passed`].
    Passed(usize),
    /// Shows which addresses are tried.
    Watch,
}

/// Becomes a part of an isolated command, if that is what these arguments of the process ask for.
pub fn become_asked(arguments: &[OsString]) -> Option<ExitCode> {
    let [_, asked, command @ ..] = arguments else {
        return None;
    };
    match asked.to_str() {
        Some(SET_UP) => Some(set_up::run(command)),
        Some(INIT) => Some(init::run(command)),
        _ => None,
    }
}
