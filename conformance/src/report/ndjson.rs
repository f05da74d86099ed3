//! One JSON object a line, written as the run goes on, so that a crash keeps the evidence. A recording
//! is such a file, too.

use std::io::Write;

use crate::evidence::recording::Line;
use crate::run::exit::Ending;
use crate::run::outcome::{CaseReport, Head, RunReport};
use crate::run::runner::Observer;
use crate::safety::budget::Spending;

#[derive(Debug)]
pub struct Ndjson<W> {
    out: W,
    /// The first error: the run goes on, and its end says so.
    lost: Option<String>,
}

impl<W: Write> Ndjson<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, lost: None }
    }

    fn line(&mut self, line: &Line) {
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::other)
            .and_then(|text| writeln!(self.out, "{text}"))
            .and_then(|()| self.out.flush());
        if let Err(error) = written
            && self.lost.is_none()
        {
            self.lost = Some(format!("The JSON report cannot be written: {error}."));
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
            Ending::Agreed => "agreed",
            Ending::Differed => "differed",
            Ending::CouldNotRun | Ending::FileTrouble => "could_not_run",
            Ending::NothingCompared => "nothing_compared",
        };
        self.line(&Line::End {
            ending: ending.to_owned(),
            calls: spent.calls,
            bytes: spent.bytes,
            trouble: report.trouble.clone(),
            note: report.note.clone(),
        });
    }

    fn lost(&self) -> Option<&str> {
        self.lost.as_deref()
    }
}
