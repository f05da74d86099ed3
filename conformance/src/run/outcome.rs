//! What became of the cases.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::cases::case::Case;
use crate::run::exit::Ending;
use crate::secrecy::redacted::Redacted;
use crate::talk::transcript::{Exchange, Transcript};

/// What became of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The target did as the case says.
    Agreed,
    /// A probe recorded its answer.
    Answered,
    /// The target did otherwise.
    Differed,
    /// No answer came where one belongs.
    NoAnswer,
    /// The case asked for what it must not have.
    Refused,
    /// The case itself broke.
    Panicked,
    /// It took too long.
    TimedOut,
    /// What it needs is not there.
    Skipped,
    /// The run ended before the case did.
    Stopped,
}

impl Outcome {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Answered => "answered",
            Self::Differed => "differed",
            Self::NoAnswer => "no answer",
            Self::Refused => "refused",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed out",
            Self::Skipped => "skipped",
            Self::Stopped => "stopped",
        }
    }

    /// Whether the run is red because of it.
    pub const fn is_red(self) -> bool {
        matches!(
            self,
            Self::Differed | Self::NoAnswer | Self::Refused | Self::Panicked | Self::TimedOut
        )
    }

    /// Whether something was compared, or a question answered.
    pub const fn is_green(self) -> bool {
        matches!(self, Self::Agreed | Self::Answered)
    }
}

/// One case with what became of it and all evidence. Everything in here may be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The case's id.
    pub id: String,
    pub sentence: String,
    pub rules: Vec<String>,
    /// `required`, `observed` or `probe`.
    pub kind: String,
    pub outcome: Outcome,
    /// Why, when it did not end well or was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Redacted>,
    /// Open questions and their answers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observations: BTreeMap<String, String>,
    /// The rules that an expectation has shown: it would have failed otherwise.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shown: BTreeSet<String>,
    /// The rules that an answer to an open question contradicts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub contradicted: BTreeSet<String>,
    /// How long it took. Never compared.
    pub milliseconds: u64,
    pub exchanges: Transcript,
}

impl CaseReport {
    /// Why it ended as it did; empty if there is nothing to say.
    pub fn detail(&self) -> &str {
        self.detail.as_ref().map_or("", Redacted::as_str)
    }

    /// The exchange in which it went wrong: the one that its detail names, or the last.
    pub fn decisive(&self) -> Option<&Exchange> {
        let named = self.detail().strip_prefix("exchange ");
        let number = named.and_then(|rest| rest.split(' ').next()?.parse().ok());
        let exchanges = &self.exchanges.exchanges;
        let found = exchanges
            .iter()
            .find(|exchange| Some(exchange.number) == number);
        found.or_else(|| exchanges.last())
    }

    /// A report without exchanges.
    pub fn without_talk(case: &Case, outcome: Outcome, detail: Redacted) -> Self {
        Self {
            id: case.id.to_owned(),
            sentence: case.sentence.to_owned(),
            rules: case.rules.iter().map(|rule| (*rule).to_owned()).collect(),
            kind: case.kind.word().to_owned(),
            outcome,
            detail: Some(detail),
            observations: BTreeMap::new(),
            shown: BTreeSet::new(),
            contradicted: BTreeSet::new(),
            milliseconds: 0,
            exchanges: Transcript::default(),
        }
    }
}

/// What a run was, for the head of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub suite: String,
    /// The day, as `2026-01-02`.
    pub date: String,
    /// `fake`, `dropbox`, or the host of a URL.
    pub target: String,
    /// Whether it was Dropbox itself, reached at its own addresses without a detour.
    pub genuine: bool,
    /// How many cases were selected.
    pub selected: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RunReport {
    pub head: Head,
    pub cases: Vec<CaseReport>,
    /// Why the run could not go on to its end, if it could not.
    pub trouble: Option<Redacted>,
    /// What is worth saying and changes nothing about how the run ended.
    pub note: Option<Redacted>,
}

impl RunReport {
    /// How many cases ended like this.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.cases
            .iter()
            .filter(|case| case.outcome == outcome)
            .count()
    }

    /// The exit code's meaning. Trouble comes first: an incomplete run says nothing about agreement.
    pub fn ending(&self) -> Ending {
        let any = |test: fn(Outcome) -> bool| self.cases.iter().any(|case| test(case.outcome));
        if self.trouble.is_some() {
            Ending::CouldNotRun
        } else if any(Outcome::is_red) {
            Ending::Differed
        } else if any(Outcome::is_green) {
            Ending::Agreed
        } else {
            Ending::NothingCompared
        }
    }
}
