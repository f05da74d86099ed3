//! Reading what a run has left: a recording is the stream of JSON lines of a run.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::run::outcome::{CaseReport, Head, RunReport};
use crate::secrecy::redacted::Redacted;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    Run(Head),
    /// One per case.
    Case(CaseReport),
    /// The last: without it the run was cut off.
    End {
        /// `agreed`, `differed`, `could_not_run` or `nothing_compared`.
        ending: String,
        calls: u64,
        /// Bytes of request bodies.
        bytes: u64,
        /// Why the run could not go on to its end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trouble: Option<Redacted>,
        /// What is worth saying besides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Redacted>,
    },
}

/// Reads a recording. It must be whole: one that was cut off says nothing about what is missing.
pub fn read(path: &Path) -> Result<RunReport, String> {
    let file = std::fs::File::open(path)
        .map_err(|error| format!("The recording {} cannot be read: {error}.", path.display()))?;
    parse(file).map_err(|error| {
        format!(
            "{} is no recording of a whole run: {error}.",
            path.display()
        )
    })
}

/// Reads the lines of a recording.
pub fn parse(input: impl Read) -> Result<RunReport, String> {
    let mut report: Option<RunReport> = None;
    let mut ended = false;
    for (index, line) in BufReader::new(input).lines().enumerate() {
        let number = index + 1;
        let line = line.map_err(|error| format!("line {number}: {error}"))?;
        let line: Line =
            serde_json::from_str(&line).map_err(|error| format!("line {number}: {error}"))?;
        match (line, &mut report, ended) {
            (Line::Run(head), None, _) => {
                report = Some(RunReport {
                    head,
                    cases: Vec::new(),
                    trouble: None,
                    note: None,
                });
            }
            (Line::Case(case), Some(report), false) => report.cases.push(case),
            (Line::End { trouble, note, .. }, Some(report), false) => {
                report.trouble = trouble;
                report.note = note;
                ended = true;
            }
            _ => return Err(format!("line {number} does not belong there")),
        }
    }
    match report {
        Some(report) if ended => Ok(report),
        Some(_) => Err("its last line is missing, the run was cut off".to_owned()),
        None => Err("it is empty".to_owned()),
    }
}
