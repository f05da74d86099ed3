//! The command line.

mod arguments;
mod compare;
mod exchanges;
mod first_look;
mod leftovers;
mod list;
mod record;
mod run;
mod target;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use futures_util::FutureExt as _;

use crate::run::exit::{EXPLAINED, Ending};

/// The same cases on the fake, on any URL, on a recording, and on the real Dropbox.
#[derive(Debug, Parser)]
#[command(name = "dropbox-conformance", version, after_help = EXPLAINED)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the cases.
    List(list::ListArguments),
    /// Run the cases on a target.
    #[command(after_help = EXPLAINED)]
    Run(Box<run::RunArguments>),
    /// Run the cases and keep the transcript as a recording.
    #[command(after_help = EXPLAINED)]
    Record(Box<record::RecordArguments>),
    /// Line up two runs: each side a recording or a target.
    #[command(after_help = EXPLAINED)]
    Compare(Box<compare::CompareArguments>),
    /// Ask at most eighteen calls that settle most of what is open, and keep what came.
    #[command(after_help = EXPLAINED)]
    FirstLook(Box<first_look::FirstLookArguments>),
    /// Ask what somebody saw the service answer, and hold it against that.
    #[command(after_help = EXPLAINED)]
    Exchanges(Box<exchanges::ExchangesArguments>),
    /// Show what interrupted runs have left on an account; nothing is deleted.
    #[command(after_help = EXPLAINED)]
    Leftovers(Box<target::TargetArguments>),
}

/// The whole program: reads the arguments, does it, gives the exit code.
pub fn main() -> ExitCode {
    // A panic inside a case is a result; its text may quote an answer, so only its place is printed.
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            eprintln!("panicked at {}:{}", place.file(), place.line());
        }
    }));
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Asking for help or the version is no error.
            let ending = if error.use_stderr() {
                Ending::CouldNotRun
            } else {
                Ending::Agreed
            };
            let _printed = error.print();
            return ending.into();
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("No threads can be started: {error}");
            return Ending::CouldNotRun.into();
        }
    };
    let work = async {
        match arguments.command {
            Command::List(arguments) => list::list(&arguments),
            Command::Run(arguments) => run::run(&arguments, crate::cases::all()).await,
            Command::Record(arguments) => record::record(&arguments, crate::cases::all()).await,
            Command::Compare(arguments) => compare::run(&arguments, crate::cases::all()).await,
            Command::FirstLook(arguments) => first_look::run(&arguments).await,
            Command::Exchanges(arguments) => exchanges::run(&arguments).await,
            Command::Leftovers(arguments) => leftovers::run(&arguments).await,
        }
    };
    match runtime.block_on(AssertUnwindSafe(work).catch_unwind()) {
        Ok(Ok(ending)) => ending.into(),
        Ok(Err(error)) => {
            eprintln!("{error}");
            Ending::CouldNotRun.into()
        }
        Err(_) => {
            eprintln!("The suite itself is broken at the place above: please report it.");
            Ending::CouldNotRun.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The command lines that a text tells people, or a machine, to run.
    fn told(text: &str) -> Vec<Vec<String>> {
        let starts = [
            "cargo run -p conformance -- ",
            "target/debug/dropbox-conformance ",
            "`dropbox-conformance ",
        ];
        let after = |line: &str| {
            let found = starts.iter().find_map(|start| line.split_once(start));
            let (_, rest) = found?;
            // Up to a remark, a pipe, or the end of the words that are set as code.
            let rest = rest.split(['#', '|', '`']).next().unwrap_or_default();
            let words = rest.split_whitespace();
            Some(
                words
                    .map(|word| word.trim_matches('"').to_owned())
                    .collect(),
            )
        };
        text.lines().filter_map(after).collect()
    }

    #[test]
    fn every_command_that_is_told_anywhere_is_one() {
        for (name, text, least) in [
            ("README.md", include_str!("../../../README.md"), 2),
            ("conformance/README.md", include_str!("../../README.md"), 8),
            (
                "the workflow",
                include_str!("../../../.github/workflows/conformance.yml"),
                3,
            ),
        ] {
            let told = told(text);
            assert!(told.len() >= least, "{name}: {told:?}");
            for words in told {
                let line = std::iter::once("dropbox-conformance".to_owned()).chain(words);
                let line: Vec<String> = line.collect();
                let parsed = Arguments::try_parse_from(&line);
                assert!(parsed.is_ok(), "{name}: {line:?}: {}", parsed.unwrap_err());
            }
        }
    }
}
