//! The process that makes the namespaces, before any thread exists.

use super::channel::{self, Said, Step, Told};
use super::{INIT, Plan, cover, network, rights};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::SigSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, ExitCode};

/// What stops it.
struct Stopped {
    step: Step,
    error: io::Error,
    text: String,
}

impl Stopped {
    fn at(step: Step) -> impl FnOnce(io::Error) -> Self {
        move |error| Self {
            step,
            text: error.to_string(),
            error,
        }
    }
}

/// Sets up, runs the first process inside to its end, and ends with its code.
///
/// When the program outside is killed, the first process inside ends with the channel, and all others with
/// it; this one stays to remove the directory of the run.
pub fn run(parent: &OsStr, directory: &Path, command: &[OsString]) -> ExitCode {
    rights::end_with_parent();
    // It may have died before that was said.
    let parent = parent.to_str().and_then(|number| number.parse().ok());
    if !parent.is_some_and(rights::has_parent) {
        return ExitCode::FAILURE;
    }
    // Signals of the terminal are the command's; the others come through the channel.
    let _ = SigSet::all().thread_block();
    let Ok(outside) = channel::connect(directory) else {
        return ExitCode::FAILURE;
    };
    rights::outlive_parent();
    let code = lead(&outside, directory, command);
    // The program outside says that it goes on. If it was killed, the channel ends.
    if channel::receive::<Told>(&outside).is_err() {
        let _ = std::fs::remove_dir_all(directory);
    }
    ExitCode::from(code)
}

fn lead(outside: &UnixStream, directory: &Path, command: &[OsString]) -> u8 {
    const FAILURE: u8 = 1;
    if let Err(Stopped { step, error, text }) = set_up(outside, directory) {
        let error = error.raw_os_error();
        let _ = channel::send(outside, &Said::Refused { step, error, text });
        return FAILURE;
    }
    // The program may have been replaced or removed since it was started.
    let begun = Command::new("/proc/self/exe")
        .args([OsStr::new(INIT), OsStr::new("-"), directory.as_os_str()])
        .args(command)
        .status();
    let Ok(status) = begun else {
        return FAILURE;
    };
    // What kills the first process ends all.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.unwrap_or(137)
}

fn set_up(outside: &UnixStream, directory: &Path) -> Result<(), Stopped> {
    let plan: Plan = channel::receive(outside).map_err(Stopped::at(Step::Other))?;
    let mut namespaces =
        CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS;
    if plan.own_processes {
        namespaces |= CloneFlags::CLONE_NEWPID;
    }
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    unshare(namespaces).map_err(|error| Stopped::at(Step::Namespaces)(error.into()))?;
    if plan.maps_all {
        channel::send(outside, &Said::WantsMaps).map_err(Stopped::at(Step::Other))?;
        let _: Told = channel::receive(outside).map_err(Stopped::at(Step::Maps))?;
    } else {
        map_own(user.as_raw(), group.as_raw()).map_err(Stopped::at(Step::Maps))?;
    }
    let has_six = network::begin().map_err(Stopped::at(Step::Network))?;
    let sockets =
        network::sockets(&plan, has_six).map_err(|(step, error)| Stopped::at(step)(error))?;
    let notes = cover::cover(&plan, directory, has_six).map_err(|(text, error)| Stopped {
        step: Step::Files,
        error,
        text,
    })?;
    rights::hand_on().map_err(Stopped::at(Step::Rights))?;
    let (roles, sockets): (Vec<_>, Vec<_>) = sockets.into_iter().unzip();
    channel::send(outside, &Said::Ready { roles, notes })
        .and_then(|()| channel::send_sockets(outside, &sockets))
        .map_err(Stopped::at(Step::Other))
}

/// Maps the caller's own user and group, which is what anybody may.
fn map_own(user: u32, group: u32) -> io::Result<()> {
    let write = |file: &str, text: String| std::fs::write(format!("/proc/self/{file}"), text);
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("{user} {user} 1"))?;
    write("gid_map", format!("{group} {group} 1"))
}
