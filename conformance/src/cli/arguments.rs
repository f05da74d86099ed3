//! Arguments that several commands take.

use std::path::PathBuf;

use clap::Args;

use crate::cases::case::Case;

/// Which cases.
#[derive(Clone, Debug, Default, Args)]
pub struct Selection {
    /// Only cases whose id contains one of these texts, or that cite one of these rules (UL-138).
    #[arg(long, value_name = "TEXT")]
    pub filter: Vec<String>,
}

impl Selection {
    /// The selected ones of these cases.
    pub fn of(&self, cases: Vec<Case>) -> Vec<Case> {
        let wanted = |case: &Case| {
            self.filter.is_empty()
                || self.filter.iter().any(|text| {
                    case.id.contains(text.as_str()) || case.rules.contains(&text.as_str())
                })
        };
        cases.into_iter().filter(wanted).collect()
    }
}

/// Where reports go.
#[derive(Clone, Debug, Default, Args)]
pub struct Outputs {
    /// A `JUnit` report for CI servers.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// One JSON object a line, written while the run goes on.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// One self-contained page with every exchange.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// A line for every case, not only for what needs attention.
    #[arg(long, short)]
    pub verbose: bool,
}
