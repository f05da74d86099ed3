//! `record`: a run whose transcript is kept.

use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::arguments::unless_lost;
use super::run::{RunArguments, file_trouble, prepare};
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
    let day = format!("recordings/{}", time::today());
    let directory = arguments.fixtures.join(&day);
    std::fs::create_dir_all(&directory)
        .map_err(|error| CannotRun(format!("{} cannot be made: {error}.", directory.display())))?;
    let mut observers = match arguments.run.outputs.open() {
        Ok(observers) => observers,
        Err(sentence) => return Ok(file_trouble(&sentence)),
    };
    let (file, path) = free_place(&directory, &file_name(&connected.target))?;
    // It gets its name when it is whole: a recording that was cut off must not look like one.
    let unfinished = path.with_extension(UNFINISHED);
    observers.push(Box::new(Ndjson::new(BufWriter::new(file))));
    let report = runner::run(
        &prepared,
        Arc::clone(&connected.target),
        stopping,
        &mut observers,
    )
    .await;
    // The recording is judged when it is read back; the other files are not.
    let recording = observers.pop();
    let ending = unless_lost(&observers, report.ending());
    drop(recording);
    if report.trouble.is_some() {
        println!("The recording is not whole: {}", unfinished.display());
        return Ok(ending);
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
        let name = path.strip_prefix(&arguments.fixtures).unwrap_or(&path);
        propose(&arguments.fixtures, &name.to_string_lossy(), &path, &report)?;
    } else {
        println!(
            "It proves nothing about Dropbox: the target was not Dropbox at its own addresses."
        );
    }
    Ok(ending)
}

/// What a recording ends in until it is whole.
const UNFINISHED: &str = "ndjson.unfinished";

/// A place that no recording has, `fake.ndjson` or `fake-2.ndjson` and so on, with the file that is
/// written until it is whole: an earlier recording may be an hour of work, and is never written over.
fn free_place(directory: &Path, name: &str) -> Result<(File, PathBuf), CannotRun> {
    for number in 1.. {
        let name = match number {
            1 => format!("{name}.ndjson"),
            _ => format!("{name}-{number}.ndjson"),
        };
        let path = directory.join(name);
        let unfinished = path.with_extension(UNFINISHED);
        match File::create_new(&unfinished) {
            Ok(file) if !path.exists() => return Ok((file, path)),
            Ok(_) => drop(std::fs::remove_file(&unfinished)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                let place = unfinished.display();
                return Err(CannotRun(format!("{place} cannot be written: {error}.")));
            }
        }
    }
    unreachable!("there are more numbers than recordings")
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
