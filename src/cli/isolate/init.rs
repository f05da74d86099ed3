//! The first process inside: it gives up its rights, runs the command, and ends with it.

use super::channel::{self, Said, Step, Told};
use super::{cover, rights};
use crate::cli::exec::not_begun;
use crate::sync::Mutex;
use nix::sys::signal::SigSet;
use rustix::mount::{MountFlags, mount};
use rustix::process::{
    DumpableBehavior, Pid, Signal, WaitOptions, kill_process, set_child_subreaper,
    set_dumpable_behavior, wait,
};
use rustix::stdio::dup2_stdin;
use std::ffi::OsString;
use std::io;
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode};
use std::sync::Arc;

/// Runs the command to its end, and ends with its code.
pub fn run(command: &[OsString]) -> ExitCode {
    rights::end_with_parent();
    let _ = SigSet::all().thread_block();
    let Ok(outside) = take_channel() else {
        return ExitCode::FAILURE;
    };
    let is_first = rustix::process::getpid().is_init();
    let ready = prepare(is_first)
        .and_then(|()| channel::send(&outside, &Said::Waits).map_err(|error| (Step::Other, error)));
    if let Err((step, error)) = ready {
        let text = error.to_string();
        let error = error.raw_os_error();
        let _ = channel::send(&outside, &Said::Refused { step, error, text });
        return ExitCode::FAILURE;
    }
    // The end of the channel is the end of the program outside.
    let Ok(Told::Go { variables }) = channel::receive(&outside) else {
        return ExitCode::FAILURE;
    };
    let covered = cover::covered();
    let code = match command {
        [name, arguments @ ..] => {
            let mut command = Command::new(name);
            command.args(arguments);
            for (name, value) in variables {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            follow(&mut command, &outside, is_first)
        }
        [] => 2,
    };
    for path in covered {
        if !cover::is_covered(&path) {
            let note = format!(
                "{} was replaced from outside while the command ran: from then on it saw the new file",
                path.display()
            );
            let _ = channel::send(&outside, &Said::Note(note));
        }
    }
    if !is_first {
        end_all();
    }
    ExitCode::from(code)
}

/// The channel, which gives way to the standard input of the command.
fn take_channel() -> io::Result<UnixStream> {
    let outside = channel::own()?;
    for input in channel::receive_sockets(&outside, 1)? {
        dup2_stdin(input)?;
    }
    Ok(outside)
}

fn prepare(is_first: bool) -> Result<(), (Step, io::Error)> {
    if is_first {
        let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        mount("proc", "/proc", "proc", flags, None)
            .map_err(|error| (Step::Processes, error.into()))?;
    } else {
        let myself = rustix::process::getpid();
        set_child_subreaper(Some(myself)).map_err(|error| (Step::Processes, error.into()))?;
    }
    rights::give_up().map_err(|error| (Step::Rights, error))?;
    // Nobody inside looks into this process.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    rights::end_with_parent();
    Ok(())
}

/// Starts the command, passes signals on to it, and reaps whatever ends until it does.
fn follow(command: &mut Command, outside: &UnixStream, is_first: bool) -> u8 {
    // What is blocked would be blocked in the command as well.
    let _ = SigSet::empty().thread_set_mask();
    let spawned = command.spawn();
    let _ = SigSet::all().thread_block();
    let child = match spawned {
        Ok(child) => child,
        Err(error) => {
            let ended = not_begun(command.get_program(), &error);
            let why = ended.why.unwrap_or_default();
            let code = ended.code;
            let _ = channel::send(outside, &Said::NotBegun { code, why });
            return code;
        }
    };
    let child = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // None once it has been reaped: its number may be another's.
    let alive = Arc::new(Mutex::new(child));
    if let Ok(outside) = outside.try_clone() {
        let alive = Arc::clone(&alive);
        std::thread::spawn(move || {
            while let Ok(told) = channel::receive(&outside) {
                let child = alive.lock();
                let signal = match told {
                    Told::Signal(number) => Signal::from_named_raw(number),
                    _ => None,
                };
                if let (Some(child), Some(signal)) = (*child, signal) {
                    let _ = kill_process(child, signal);
                }
            }
            // Nobody is there any more who would want to know.
            if !is_first {
                end_all();
            }
            std::process::exit(1);
        });
    }
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((ended, status))) if Some(ended) == child => {
                *alive.lock() = None;
                let signal = status.terminating_signal().map(|signal| 128 + signal);
                let code = status.exit_status().or(signal);
                return code
                    .and_then(|code| u8::try_from(code).ok())
                    .unwrap_or(u8::MAX);
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return u8::MAX,
        }
    }
}

/// Ends what the command left behind, where the system does not.
fn end_all() {
    let myself = rustix::process::getpid().as_raw_nonzero().get();
    loop {
        let children = children(myself);
        if children.is_empty() {
            return;
        }
        for child in children.into_iter().filter_map(Pid::from_raw) {
            let _ = kill_process(child, Signal::KILL);
        }
        // Their own children become ours.
        if wait(WaitOptions::empty()).is_err() {
            return;
        }
    }
}

/// The processes whose parent this is.
fn children(parent: i32) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter(|number: &i32| {
            let text = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
            // The name stands in parentheses, and may hold some.
            let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
            let of = rest.split_whitespace().nth(1);
            of.and_then(|of| of.parse().ok()) == Some(parent)
        })
        .collect()
}
