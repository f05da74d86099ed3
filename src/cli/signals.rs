//! The signals that ask the program to stop.

use super::failure::Failure;

/// Signals that have been asked for but may not have come.
#[derive(Debug)]
pub struct StopSignals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// None where it stays as it is.
    #[cfg(unix)]
    hang_up: Option<tokio::signal::unix::Signal>,
}

/// A signal that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopSignal {
    /// SIGINT, or Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
}

impl StopSignal {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::HangUp => "SIGHUP",
        }
    }

    /// What a process returns that is ended by it, as shells count: 128 and the signal's number.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
        }
    }
}

impl StopSignals {
    /// From now on the signals are caught. Needs a runtime.
    #[cfg(unix)]
    pub fn catch() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let caught = |kind| {
            signal(kind).map_err(|error| {
                Failure::cannot_start(format_args!("cannot listen for signals: {error}"))
            })
        };
        Ok(Self {
            interrupt: caught(SignalKind::interrupt())?,
            terminate: caught(SignalKind::terminate())?,
            // Where nobody tells, it keeps its meaning, which is to end at once.
            hang_up: (is_hang_up_ignored() == Some(false))
                .then(|| caught(SignalKind::hangup()))
                .transpose()?,
        })
    }

    /// From now on Ctrl-C is caught.
    #[cfg(not(unix))]
    pub fn catch() -> Result<Self, Failure> {
        Ok(Self {})
    }

    #[cfg(unix)]
    pub async fn next(&mut self) -> StopSignal {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => StopSignal::Interrupt,
            _ = self.terminate.recv() => StopSignal::Terminate,
            _ = hang_up => StopSignal::HangUp,
        }
    }

    #[cfg(not(unix))]
    pub async fn next(&mut self) -> StopSignal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        StopSignal::Interrupt
    }
}

/// Whether SIGHUP was ignored at the start, as `nohup` has it. None where nobody tells: only Linux
/// does without unsafe code.
#[cfg(unix)]
pub fn is_hang_up_ignored() -> Option<bool> {
    /// SIGHUP is number 1, and its bit the lowest.
    const HANG_UP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    let ignored = u64::from_str_radix(ignored.trim(), 16).ok()?;
    Some(ignored & HANG_UP != 0)
}
