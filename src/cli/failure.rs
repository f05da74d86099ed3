//! How the program ends when it cannot do what it was asked to.

use super::output::stderr;
use std::fmt;
use std::process::ExitCode;

/// What was asked was done, and the answer is no.
pub const NEGATIVE: u8 = 1;
/// It could not be begun: wrong arguments, a port in use, an unreadable file.
pub const CANNOT_START: u8 = 2;

/// A reason to end, in a sentence that says what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: u8,
    /// The sentence, without a full stop.
    pub message: String,
}

impl Failure {
    /// It could not be begun.
    pub fn cannot_start(message: impl fmt::Display) -> Self {
        Self {
            code: CANNOT_START,
            message: plain(message),
        }
    }

    /// The answer is no.
    pub fn negative(message: impl fmt::Display) -> Self {
        Self {
            code: NEGATIVE,
            message: plain(message),
        }
    }

    pub fn report(&self) -> ExitCode {
        eprint_warning(&self.message);
        ExitCode::from(self.code)
    }
}

/// A message without the numbers that the system's errors bring along, as in `Permission denied (os error 13)`.
pub fn plain(message: impl fmt::Display) -> String {
    let text = message.to_string();
    let mut rest = text.as_str();
    let mut all = String::new();
    while let Some((before, behind)) = rest.split_once(" (os error ") {
        all.push_str(before);
        rest = behind.split_once(')').map_or("", |(_, rest)| rest);
    }
    all + rest
}

/// Says something on standard error.
pub fn eprint_warning(message: &str) {
    stderr().say(format!("fake-dropbox: {message}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_as_a_sentence() {
        let failure =
            Failure::negative("cannot read /a: Permission denied (os error 13); name another");
        assert_eq!(
            failure.message,
            "cannot read /a: Permission denied; name another"
        );
        assert_eq!(plain("a (os error 1) b (os error 2)"), "a b");
        assert_eq!(plain("(b)"), "(b)");
    }
}
