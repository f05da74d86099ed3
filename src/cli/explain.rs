//! `explain` and `assumptions`: what is known of Dropbox, in words.

use super::failure::Failure;
use crate::rules::{assumptions, explain, unknown_rule};
use clap::Args;
use std::io::{self, Write};
use std::process::ExitCode;

/// Explain a rule, such as UL-138, or an open question, such as failed_commit.
///
/// It prints what the rule says, how and since when we know, the open questions that it depends on
/// with their choices, and the conformance cases that check it. The log, the journal and the
/// summary of exec name rules by id.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The id of a rule, or the id or the name of an open question.
    #[arg(required = true, value_name = "RULE")]
    rules: Vec<String>,
}

pub fn run(arguments: &ExplainArguments) -> Result<ExitCode, Failure> {
    let explained = |asked: &String| {
        let explanation = explain(asked).map(|explanation| explanation.to_string());
        explanation.ok_or_else(|| {
            let unknown = unknown_rule(asked);
            Failure::cannot_start(format_args!(
                "{unknown} fake-dropbox assumptions lists the open questions"
            ))
        })
    };
    let all: Result<Vec<String>, Failure> = arguments.rules.iter().map(explained).collect();
    print(&all?.join("\n"))
}

/// List the open questions about Dropbox, with the choices for each.
///
/// Nobody outside Dropbox can answer these. Choose an answer with `--assume NAME=CHOICE`.
#[derive(Debug, Args)]
pub struct AssumptionsArguments {}

pub fn list() -> Result<ExitCode, Failure> {
    let all: Vec<String> = assumptions().iter().map(ToString::to_string).collect();
    print(&all.join("\n"))
}

fn print(text: &str) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        // A reader that has seen enough (`| head`) is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::negative(format_args!("cannot write: {error}")))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
