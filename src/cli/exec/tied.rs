//! A command that ends with this program, however that ends.
//!
//! Linux has a signal for whose parent died. A process can only ask for it itself, so that this program
//! runs itself again, asks, and becomes the command: the process stays the same. Elsewhere the command
//! lives on when `exec` is killed.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use tokio::process::Command;

/// The first argument of a process that is about to become the command.
pub const BECOME: &str = "become";

/// The command, tied to this program where the system can do that.
#[cfg(target_os = "linux")]
pub fn command(name: &OsStr, arguments: &[OsString], tell: &Path) -> Command {
    // Also where the program was replaced or removed since it was started.
    let myself = Path::new("/proc/self/exe");
    if !myself.exists() {
        return untied(name, arguments);
    }
    let mut command = Command::new(myself);
    command
        .arg(BECOME)
        .arg(std::process::id().to_string())
        .arg(tell)
        .arg(name)
        .args(arguments);
    command
}

#[cfg(not(target_os = "linux"))]
pub fn command(name: &OsStr, arguments: &[OsString], _tell: &Path) -> Command {
    untied(name, arguments)
}

fn untied(name: &OsStr, arguments: &[OsString]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments);
    command
}

/// Becomes the command, if that is what these arguments of the process ask for. What comes back is the
/// exit code where that did not work; the reason then stands in the file that `tell` names.
#[cfg(target_os = "linux")]
pub fn become_asked(arguments: &[OsString]) -> Option<std::process::ExitCode> {
    use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
    use std::os::unix::process::CommandExt;
    let [_, asked, parent, tell, name, arguments @ ..] = arguments else {
        return None;
    };
    if asked != BECOME {
        return None;
    }
    let parent: u32 = parent.to_str()?.parse().ok()?;
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    // It may have died before it was asked for.
    let now = getppid().map(|parent| Pid::as_raw_nonzero(parent).get().cast_unsigned());
    if now != Some(parent) {
        return Some(std::process::ExitCode::FAILURE);
    }
    let error = std::process::Command::new(name).args(arguments).exec();
    let ended = super::child::not_begun(name, &error);
    // The code says the essential if the file cannot be written.
    let _ = std::fs::write(tell, ended.why.unwrap_or_default());
    Some(std::process::ExitCode::from(ended.code))
}

/// Nothing asks for it.
#[cfg(not(target_os = "linux"))]
pub fn become_asked(_arguments: &[OsString]) -> Option<std::process::ExitCode> {
    None
}
