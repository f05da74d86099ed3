//! The command as a process: signals go in, the exit code comes out.

use super::super::environment::Variable;
use super::super::failure::{Failure, plain};
use super::tied;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::ExitStatus;

/// There is no such command.
const NOT_FOUND: u8 = 127;
/// The command is there and cannot be run.
const NOT_RUNNABLE: u8 = 126;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What to return.
    pub code: u8,
    /// Why it did not even begin.
    pub why: Option<String>,
}

/// Runs a command to its end. `tell` is a file that is not there yet.
pub async fn run(
    name: &OsStr,
    arguments: &[OsString],
    variables: Vec<Variable>,
    tell: &Path,
) -> Result<Ended, Failure> {
    let mut command = tied::command(name, arguments, tell);
    for variable in variables {
        match variable.value {
            Some(value) => command.env(variable.name, value),
            None => command.env_remove(variable.name),
        };
    }
    #[cfg(unix)]
    let signals = unix::Signals::catch()?;
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ok(not_begun(name, &error)),
    };
    // The command keeps the limit that it would have without this program.
    super::super::descriptors::raise();
    #[cfg(unix)]
    let id = child.id();
    #[cfg(unix)]
    let status = unix::wait(signals, child.wait(), |signal| unix::send(signal, id)).await;
    #[cfg(not(unix))]
    let status = child.wait().await;
    let code = code(status.map_err(|error| cannot_wait(&error))?);
    let why = std::fs::read_to_string(tell).ok();
    Ok(Ended { code, why })
}

pub fn cannot_wait(error: &io::Error) -> Failure {
    Failure::cannot_start(format_args!("cannot wait for the command: {error}"))
}

pub fn not_begun(name: &OsStr, error: &io::Error) -> Ended {
    let code = match error.kind() {
        io::ErrorKind::NotFound => NOT_FOUND,
        _ => NOT_RUNNABLE,
    };
    Ended {
        code,
        why: Some(format!(
            "cannot run {}: {}",
            name.to_string_lossy(),
            plain(error)
        )),
    }
}

pub fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    // Windows has more codes than a byte holds; none of them may become a success.
    status
        .code()
        .map_or(u8::MAX, |code| u8::try_from(code).unwrap_or(u8::MAX))
}

#[cfg(unix)]
pub mod unix {
    use super::super::super::signals::is_hang_up_ignored;
    use super::Failure;
    use rustix::process::{Pid, Signal, kill_process};
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    /// Signals that would end this program, or that the command may want to know.
    #[derive(Debug)]
    pub struct Signals {
        interrupt: Stream,
        terminate: Stream,
        /// None under `nohup`: caught, it would be on again for the command.
        hang_up: Option<Stream>,
        quit: Stream,
        first_user: Stream,
        second_user: Stream,
    }

    impl Signals {
        pub fn catch() -> Result<Self, Failure> {
            let caught = |kind| {
                signal(kind).map_err(|error| {
                    Failure::cannot_start(format_args!("cannot listen for signals: {error}"))
                })
            };
            Ok(Self {
                interrupt: caught(SignalKind::interrupt())?,
                terminate: caught(SignalKind::terminate())?,
                hang_up: (is_hang_up_ignored() != Some(true))
                    .then(|| caught(SignalKind::hangup()))
                    .transpose()?,
                quit: caught(SignalKind::quit())?,
                first_user: caught(SignalKind::user_defined1())?,
                second_user: caught(SignalKind::user_defined2())?,
            })
        }

        pub async fn next(&mut self) -> Signal {
            let hang_up = async {
                match &mut self.hang_up {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.interrupt.recv() => Signal::INT,
                _ = self.terminate.recv() => Signal::TERM,
                _ = hang_up => Signal::HUP,
                _ = self.quit.recv() => Signal::QUIT,
                _ = self.first_user.recv() => Signal::USR1,
                _ = self.second_user.recv() => Signal::USR2,
            }
        }
    }

    /// Waits for the command, and passes signals on unless it has them already.
    pub async fn wait<T>(
        mut signals: Signals,
        ended: impl Future<Output = T>,
        pass_on: impl Fn(Signal),
    ) -> T {
        let mut ended = std::pin::pin!(ended);
        loop {
            tokio::select! {
                ended = &mut ended => return ended,
                signal = signals.next() => {
                    let from_keyboard = [Signal::INT, Signal::QUIT].contains(&signal) && is_in_foreground();
                    if !from_keyboard {
                        pass_on(signal);
                    }
                }
            }
        }
    }

    pub fn send(signal: Signal, child: Option<u32>) {
        let child = child
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        if let Some(child) = child {
            // It may be gone already.
            let _ = kill_process(child, signal);
        }
    }

    /// Whether keys typed at the terminal signal this program, and then the command as well: both
    /// are in one group.
    fn is_in_foreground() -> bool {
        let group = rustix::process::getpgrp();
        // Standard input may be a file or a pipe, and the terminal rules the group all the same.
        std::fs::File::open("/dev/tty")
            .and_then(|terminal| Ok(rustix::termios::tcgetpgrp(terminal)?))
            .is_ok_and(|foreground| foreground == group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_not_there_differs_from_one_that_cannot_be_run() {
        let missing = not_begun("x".as_ref(), &io::ErrorKind::NotFound.into());
        assert_eq!(missing.code, 127);
        let forbidden = not_begun("x".as_ref(), &io::ErrorKind::PermissionDenied.into());
        assert_eq!(forbidden.code, 126);
        assert!(forbidden.why.unwrap().starts_with("cannot run x: "));
    }
}
