//! Exit codes: part of the interface.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything that was compared agreed.
    Agreed,
    /// Something differed, a case broke, or an accepted divergence is stale.
    Differed,
    /// It could not run, or not to its end: a sentence said what to do.
    CouldNotRun,
    /// No case was selected, or all were skipped: nothing was compared.
    NothingCompared,
    /// A file that was named cannot be read or written: what it should hold is lost, however the run ended.
    FileTrouble,
}

impl Ending {
    pub const fn code(self) -> u8 {
        match self {
            Self::Agreed => 0,
            Self::Differed => 1,
            Self::CouldNotRun => 2,
            Self::NothingCompared => 3,
            Self::FileTrouble => 4,
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending.code())
    }
}

/// For `--help`.
pub const EXPLAINED: &str = "\
Exit codes:
  0  everything that was compared agreed
  1  something differed (a case failed, panicked or took too long; an accepted divergence is stale;
     leftovers were found)
  2  could not run, or not to its end: a sentence says what to do
  3  nothing was compared: no case was selected, or all were skipped
  4  a report cannot be written, or the file of --accepted cannot be read: a sentence names it";
