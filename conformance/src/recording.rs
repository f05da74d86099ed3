//! Reading what a run has left: a recording is the stream of JSON lines of a run.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::outcome::RunReport;
use crate::report::ndjson::Line;

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
                });
            }
            (Line::Case(case), Some(report), false) => report.cases.push(case),
            (Line::End { trouble, .. }, Some(report), false) => {
                report.trouble = trouble;
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
