//! The process that makes the namespaces, before any thread exists.

use super::channel::{self, Said, Step, Told};
use super::{INIT, Plan, Role, cover, network, rights};
use crate::cli::exec::directory;
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::SigSet;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::ffi::OsString;
use std::io;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitCode};
use std::time::Duration;

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
pub fn run(command: &[OsString]) -> ExitCode {
    // Signals of the terminal are the command's; the others come through the channel.
    let _ = SigSet::all().thread_block();
    let Ok(outside) = channel::own() else {
        return ExitCode::FAILURE;
    };
    match lead(&outside, command) {
        Ok(code) => ExitCode::from(code),
        Err(Stopped { step, error, text }) => {
            let error = error.raw_os_error();
            let _ = channel::send(&outside, &Said::Refused { step, error, text });
            ExitCode::FAILURE
        }
    }
}

fn lead(outside: &UnixStream, command: &[OsString]) -> Result<u8, Stopped> {
    let plan: Plan = channel::receive(outside).map_err(Stopped::at(Step::Other))?;
    let input = channel::receive_sockets(outside, 1).map_err(Stopped::at(Step::Other))?;
    let (sockets, notes) = set_up(&plan, outside)?;
    let (mut first, inside) = begin(command, &input).map_err(Stopped::at(Step::Other))?;
    // What kills the whole group, as `timeout --signal=KILL` does, leaves this one.
    let _ = rustix::process::setpgid(None, None);
    let directory = directory().map_err(|failure| Stopped {
        step: Step::Directory,
        error: io::ErrorKind::Other.into(),
        text: failure.message,
    })?;
    let (roles, sockets): (Vec<_>, Vec<OwnedFd>) = sockets.into_iter().unzip();
    let ready = Said::Ready {
        roles,
        notes,
        directory: directory.path().to_owned(),
    };
    let mut all = vec![OwnedFd::from(inside)];
    all.extend(sockets);
    channel::send(outside, &ready)
        .and_then(|()| channel::send_sockets(outside, &all))
        .map_err(Stopped::at(Step::Other))?;
    // From here on they are others', and end with them.
    drop(all);
    // Where the system cannot do that, it waits all the same.
    let _ = connect_for(outside, &first);
    let status = first.wait().map_err(Stopped::at(Step::Other))?;
    // What kills the first process ends all.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(137))
}

/// Opens connections inside for the program outside, until it or the first process ends. A thread of its own is not to
/// be had: it would belong to the processes inside.
fn connect_for(outside: &UnixStream, first: &Child) -> io::Result<()> {
    // Who listens takes a connection at once, or has no room for one.
    const LONGEST: Duration = Duration::from_secs(5);
    let ended = pidfd_open(Pid::from_child(first), PidfdFlags::empty())?;
    loop {
        let mut both = [
            PollFd::new(&ended, PollFlags::IN),
            PollFd::new(outside, PollFlags::IN),
        ];
        poll(&mut both, None)?;
        if !both[0].revents().is_empty() {
            return Ok(());
        }
        let Told::Connect(address) = channel::receive(outside)? else {
            continue;
        };
        match TcpStream::connect_timeout(&address, LONGEST) {
            Ok(stream) => {
                channel::send(outside, &Said::Connected(Ok(())))?;
                channel::send_sockets(outside, &[stream])?;
            }
            Err(error) => {
                channel::send(outside, &Said::Connected(Err(error.raw_os_error())))?;
            }
        }
    }
}

/// Starts the first process inside, and gives it the command's standard input. What comes back is the other end of
/// its channel.
fn begin(command: &[OsString], input: &[OwnedFd]) -> io::Result<(Child, UnixStream)> {
    let (outside, inside) = UnixStream::pair()?;
    channel::send_sockets(&outside, input)?;
    // The program may have been replaced or removed since it was started.
    let first = Command::new("/proc/self/exe")
        .arg(INIT)
        .args(command)
        .stdin(OwnedFd::from(inside))
        .spawn()?;
    Ok((first, outside))
}

type Sockets = Vec<(Role, OwnedFd)>;

fn set_up(plan: &Plan, outside: &UnixStream) -> Result<(Sockets, Vec<String>), Stopped> {
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
        network::sockets(plan, has_six).map_err(|(step, error)| Stopped::at(step)(error))?;
    let notes = cover::cover(plan, has_six).map_err(|(text, error)| Stopped {
        step: Step::Files,
        error,
        text,
    })?;
    rights::hand_on().map_err(Stopped::at(Step::Rights))?;
    Ok((sockets, notes))
}

/// Maps the caller's own user and group, which is what anybody may.
fn map_own(user: u32, group: u32) -> io::Result<()> {
    let write = |file: &str, text: String| std::fs::write(format!("/proc/self/{file}"), text);
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("{user} {user} 1"))?;
    write("gid_map", format!("{group} {group} 1"))
}
