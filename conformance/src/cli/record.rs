//! `record`: a run whose transcript is kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::run::{RunArguments, create, observers, prepare};
use crate::cases::case::Case;
use crate::evidence::proposal;
use crate::evidence::recording;
use crate::report::ndjson::Ndjson;
use crate::run::exit::Ending;
use crate::run::outcome::RunReport;
use crate::run::runner;
use crate::run::time;
use crate::targets::CannotRun;

/// How to record.
#[derive(Clone, Debug, Args)]
pub struct RecordArguments {
    #[command(flatten)]
    run: RunArguments,
    /// The directory of the catalogue; the recording goes to `recordings/<date>/` below it.
    #[arg(long, value_name = "DIRECTORY", default_value = "fixtures")]
    fixtures: PathBuf,
}

/// Runs and keeps what was said.
pub async fn record(arguments: &RecordArguments, cases: Vec<Case>) -> Result<Ending, CannotRun> {
    let stopping = super::run::stop_on_signals();
    let Some((prepared, connected)) = prepare(&arguments.run, cases, &stopping).await? else {
        return Ok(Ending::NothingCompared);
    };
    let name = format!(
        "recordings/{}/{}.ndjson",
        time::today(),
        file_name(&connected.target)
    );
    let path = arguments.fixtures.join(&name);
    // It gets its name when it is whole: a recording that was cut off must not look like one.
    let unfinished = path.with_extension("ndjson.unfinished");
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(|error| {
            CannotRun(format!("{} cannot be made: {error}.", directory.display()))
        })?;
    }
    let mut observers = observers(&arguments.run.outputs)?;
    observers.push(Box::new(Ndjson::new(create(&unfinished)?)));
    let report = runner::run(
        &prepared,
        Arc::clone(&connected.target),
        stopping,
        &mut observers,
    )
    .await;
    drop(observers);
    if report.trouble.is_some() {
        println!("The recording is not whole: {}", unfinished.display());
        return Ok(report.ending());
    }
    // Read back: a full disk, say, must not leave half of what was said under the name of all of it.
    if recording::read(&unfinished)? != report {
        return Err(CannotRun(format!(
            "{} does not hold what was said: is there room on the disk?",
            unfinished.display()
        )));
    }
    std::fs::rename(&unfinished, &path)
        .map_err(|error| CannotRun(format!("{} cannot be named: {error}.", path.display())))?;
    println!("Recorded: {}", path.display());
    if report.head.genuine {
        propose(&arguments.fixtures, &name, &path, &report)?;
    } else {
        println!(
            "It proves nothing about Dropbox: the target was not Dropbox at its own addresses."
        );
    }
    Ok(report.ending())
}

fn propose(fixtures: &Path, name: &str, path: &Path, report: &RunReport) -> Result<(), CannotRun> {
    let text = proposal::propose(fixtures, name, report)?;
    let to = path.with_extension("proposed.diff");
    std::fs::write(&to, text)
        .map_err(|error| CannotRun(format!("{} cannot be written: {error}.", to.display())))?;
    println!(
        "What it would change in the catalogue, to be reviewed: {}",
        to.display()
    );
    Ok(())
}

/// `dropbox` is kept for Dropbox itself.
fn file_name(target: &crate::targets::Target) -> String {
    if target.genuine {
        return "dropbox".to_owned();
    }
    if target.name == "dropbox" {
        return "stand-in".to_owned();
    }
    target
        .name
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")
}
