//! `first-look`: the dozen and a half of calls that settle most of what is open.

use std::path::{Path, PathBuf};

use clap::Args;

use super::run::{file_trouble, stop_on_signals};
use super::target::{TargetArguments, connect_unless_stopped};
use crate::look::page::page;
use crate::look::{documented, findings, first_look};
use crate::run::exit::Ending;
use crate::run::time;
use crate::targets::CannotRun;

/// Where to look, and where to keep what was seen.
#[derive(Clone, Debug, Args)]
pub struct FirstLookArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// The directory for what was seen: it is made, and must not be there yet.
    #[arg(long, value_name = "DIRECTORY", default_value = "first-look")]
    out: PathBuf,
}

/// Looks, tells, and keeps all of it.
pub async fn run(arguments: &FirstLookArguments) -> Result<Ending, CannotRun> {
    let out = &arguments.out;
    // Before anything is asked: what was seen must not be lost, nor what somebody saw before.
    if let Err(error) = std::fs::create_dir(out) {
        return Ok(file_trouble(&format!(
            "{} cannot be made: {error}.",
            out.display()
        )));
    }
    let looked = look(arguments).await;
    if looked.is_err() {
        let _empty = std::fs::remove_dir(out);
    }
    looked
}

async fn look(arguments: &FirstLookArguments) -> Result<Ending, CannotRun> {
    let stopping = stop_on_signals();
    let TargetArguments { target, reach } = &arguments.target;
    let connected = connect_unless_stopped(target, reach, &stopping).await?;
    let target = &connected.target;
    let http2 = target.client_for_http2()?;
    let (calls, trouble) = first_look(target, &http2, &stopping).await?;
    let found = findings(&calls);
    let whole = page(
        &target.name,
        &time::today(),
        &calls,
        &found,
        trouble.as_deref(),
    );
    let files = [
        ("page.html", whole.into_string()),
        ("calls.json", pretty(&calls)),
        ("documented.json", pretty(&documented(&calls))),
    ];
    for (name, text) in &files {
        if let Err(sentence) = keep(&arguments.out.join(name), text) {
            return Ok(file_trouble(&sentence));
        }
    }
    let mut differs = false;
    for finding in &found {
        let assumed = match (&finding.assumed, finding.holds) {
            (Some(_), Some(true)) => " (as assumed)".to_owned(),
            (Some(assumed), Some(false)) => format!(" (ASSUMED: {assumed})"),
            _ => String::new(),
        };
        differs |= finding.holds == Some(false);
        println!(
            "{} {}\n    {}{assumed}",
            finding.question, finding.sentence, finding.seen
        );
    }
    println!(
        "{} calls · kept in {}: page.html, calls.json, documented.json",
        calls.len(),
        arguments.out.display()
    );
    if !target.genuine {
        println!(
            "It proves nothing about Dropbox: the target was not Dropbox at its own addresses."
        );
    }
    if let Some(trouble) = trouble {
        return Err(CannotRun(trouble));
    }
    Ok(if differs {
        println!("DIFFERED from what is assumed: the rules and assumptions want a change.");
        Ending::Differed
    } else {
        println!("AGREED with what is assumed.");
        Ending::Agreed
    })
}

fn pretty(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(value);
    text.expect("these are texts and numbers") + "\n"
}

fn keep(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text)
        .map_err(|error| format!("{} cannot be written: {error}.", path.display()))
}
