//! One JSON object a line, written as the run goes on, so that a crash keeps the evidence. A recording
//! is such a file, too.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::budget::Spending;
use crate::outcome::{CaseReport, Head, RunReport};
use crate::redact::Redacted;
use crate::runner::Observer;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    /// The first.
    Run(Head),
    /// One per case.
    Case(CaseReport),
    /// The last: without it the run was cut off.
    End {
        /// `agreed`, `differed`, `could_not_run` or `nothing_compared`.
        ending: String,
        /// Requests that were sent.
        calls: u64,
        /// Bytes of request bodies.
        bytes: u64,
        /// Why the run could not go on to its end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trouble: Option<Redacted>,
    },
}

/// Writes the lines.
#[derive(Debug)]
pub struct Ndjson<W> {
    out: W,
    /// The first error: the run goes on, and its end says so.
    failed: bool,
}

impl<W: Write> Ndjson<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, failed: false }
    }

    fn line(&mut self, line: &Line) {
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::other)
            .and_then(|text| writeln!(self.out, "{text}"))
            .and_then(|()| self.out.flush());
        if let Err(error) = written
            && !self.failed
        {
            self.failed = true;
            eprintln!("The JSON report cannot be written ({error}); the run goes on without it.");
        }
    }
}

impl<W: Write + Send> Observer for Ndjson<W> {
    fn begins(&mut self, head: &Head, _budget: Spending, _folder: &str) {
        self.line(&Line::Run(head.clone()));
    }

    fn case_ended(&mut self, report: &CaseReport) {
        self.line(&Line::Case(report.clone()));
    }

    fn ended(&mut self, report: &RunReport, spent: Spending) {
        let ending = match report.ending() {
            crate::exit::Ending::Agreed => "agreed",
            crate::exit::Ending::Differed => "differed",
            crate::exit::Ending::CouldNotRun => "could_not_run",
            crate::exit::Ending::NothingCompared => "nothing_compared",
        };
        self.line(&Line::End {
            ending: ending.to_owned(),
            calls: spent.calls,
            bytes: spent.bytes,
            trouble: report.trouble.clone(),
        });
    }
}
