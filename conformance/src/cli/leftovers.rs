//! `leftovers`: what interrupted runs have left on an account.

use super::target::{TargetArguments, connect};
use crate::run::exit::Ending;
use crate::run::leftovers;
use crate::targets::CannotRun;

/// Lists them; deletes nothing.
pub async fn run(arguments: &TargetArguments) -> Result<Ending, CannotRun> {
    let connected = connect(&arguments.target, &arguments.reach).await?;
    let found = leftovers::find(&connected.target).await?;
    if found.is_empty() {
        println!("No run has left anything.");
        return Ok(Ending::Agreed);
    }
    for name in &found {
        println!("/{name}");
    }
    println!(
        "{} of interrupted runs: nothing was deleted; delete by hand what you do not need.",
        match found.len() {
            1 => "1 folder".to_owned(),
            several => format!("{several} folders"),
        }
    );
    Ok(Ending::Differed)
}
