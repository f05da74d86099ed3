//! How a case ends.

use crate::secrecy::redacted::Redacted;

/// `Ok` if the target did as the case says.
pub type Verdict = Result<(), Failure>;

/// Why a case did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The target answered otherwise than the case says.
    Differs(Redacted),
    /// No answer came where one belongs.
    NoAnswer(Redacted),
    /// The case asked for what it must not have: more than its cost, or a path outside its folder.
    Refused(Redacted),
    /// The run is being stopped.
    Stopped,
    /// The case found out that it does not apply to this target.
    DoesNotApply(Redacted),
}

impl Failure {
    pub fn into_text(self) -> Redacted {
        match self {
            Self::Differs(text)
            | Self::NoAnswer(text)
            | Self::Refused(text)
            | Self::DoesNotApply(text) => text,
            Self::Stopped => Redacted::fixed("the run was stopped"),
        }
    }

    /// The text for people.
    pub fn text(&self) -> &str {
        match self {
            Self::Differs(text)
            | Self::NoAnswer(text)
            | Self::Refused(text)
            | Self::DoesNotApply(text) => text.as_str(),
            Self::Stopped => "the run was stopped",
        }
    }
}
