//! `compare`: two runs, lined up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::arguments::Selection;
use super::run::{Limits, file_trouble, hold_limits, stop_on_signals};
use super::target::{ReachArguments, connect_unless_stopped};
use crate::cases::case::Case;
use crate::evidence::compare::{compare, explained};
use crate::evidence::divergences::{self, Accepted};
use crate::evidence::recording;
use crate::report::screen::Screen;
use crate::run::exit::Ending;
use crate::run::outcome::RunReport;
use crate::run::runner::{self, Observer};
use crate::targets::CannotRun;

/// What to compare.
#[derive(Clone, Debug, Args)]
pub struct CompareArguments {
    /// A recording (a file), or a target: `fake`, `dropbox`, a URL.
    left: String,
    /// A recording (a file), or a target.
    right: String,
    /// The divergences that are accepted, each with a reason and a date: without it those of
    /// fixtures/accepted-divergences.json, if that is there.
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
    /// Compare the spelling of JSON, too: spaces and the order of keys.
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    extent: Limits,
    #[command(flatten)]
    reach: ReachArguments,
}

/// Compares and prints what does not match.
pub async fn run(arguments: &CompareArguments, cases: Vec<Case>) -> Result<Ending, CannotRun> {
    let (path, accepted) = match accepted(arguments.accepted.as_deref()) {
        Ok(accepted) => accepted,
        Err(sentence) => return Ok(file_trouble(&sentence)),
    };
    let left = side(arguments, &arguments.left, &cases).await?;
    let right = side(arguments, &arguments.right, &cases).await?;
    let mut comparison = compare(&left, &right, arguments.exact);
    let known: Vec<&str> = cases.iter().map(|case| case.id).collect();
    let selected: Vec<&str> = arguments
        .selection
        .of(cases)
        .iter()
        .map(|case| case.id)
        .collect();
    if !arguments.selection.filter.is_empty() {
        comparison
            .compared
            .retain(|id| selected.contains(&id.as_str()));
        comparison
            .differences
            .retain(|difference| selected.contains(&difference.case.as_str()));
    }
    let sifted = divergences::sift(
        comparison.differences,
        &accepted,
        &comparison.compared,
        &known,
    );
    for difference in &sifted.unexpected {
        print!("{}", explained(difference));
    }
    for entry in &sifted.stale {
        println!(
            "{}\n    {}: this accepted divergence ({}) excuses nothing any more: remove it from {}.",
            entry.case,
            entry.field,
            entry.date,
            path.display()
        );
    }
    for (id, why) in &comparison.left_out {
        println!("not compared: {id} ({why})");
    }
    println!(
        "{} cases compared · {} differences · {} accepted · {} stale · {} left out",
        comparison.compared.len(),
        sifted.unexpected.len(),
        sifted.excused.len(),
        sifted.stale.len(),
        comparison.left_out.len()
    );
    Ok(if comparison.compared.is_empty() {
        println!("NOTHING WAS COMPARED: the two have no case in common that ran on both.");
        Ending::NothingCompared
    } else if sifted.unexpected.is_empty() && sifted.stale.is_empty() {
        println!("AGREED");
        Ending::Agreed
    } else {
        println!("DIFFERED");
        Ending::Differed
    })
}

/// What is accepted, and the file that says so. One that was named has to be there.
fn accepted(named: Option<&Path>) -> Result<(&Path, Vec<Accepted>), String> {
    let usual = Path::new("fixtures/accepted-divergences.json");
    match named {
        None if !usual.exists() => Ok((usual, Vec::new())),
        _ => {
            let path = named.unwrap_or(usual);
            divergences::read(path).map(|accepted| (path, accepted))
        }
    }
}

/// A recording is read, a target is run.
async fn side(
    arguments: &CompareArguments,
    name: &str,
    cases: &[Case],
) -> Result<RunReport, CannotRun> {
    let is_target = matches!(name, "fake" | "dropbox")
        || name.starts_with("http://")
        || name.starts_with("https://");
    let report = if is_target {
        let stopping = stop_on_signals();
        let connected = connect_unless_stopped(name, &arguments.reach, &stopping).await?;
        let plan = arguments
            .extent
            .plan(arguments.selection.of(cases.to_vec()));
        hold_limits(&arguments.extent, &plan, &connected.target)?;
        // The comparison goes to the standard output, how the run goes on to the other one.
        let screen = Screen::new(std::io::stderr(), false);
        let mut observers: [Box<dyn Observer>; 1] = [Box::new(screen)];
        runner::run(
            &plan,
            Arc::clone(&connected.target),
            stopping,
            &mut observers,
        )
        .await
    } else {
        recording::read(Path::new(name))?
    };
    match &report.trouble {
        Some(trouble) => Err(CannotRun(format!("{name}: {trouble}"))),
        None => Ok(report),
    }
}
