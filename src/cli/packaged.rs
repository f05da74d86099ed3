//! `completions` and `man`: what a package of the program brings along.

use super::failure::{Failure, plain};
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Print the completion script for a shell.
///
/// bash: fake-dropbox completions bash > /etc/bash_completion.d/fake-dropbox.
/// zsh: to a file _fake-dropbox in a directory of $fpath.
/// fish: to ~/.config/fish/completions/fake-dropbox.fish.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell.
    shell: Shell,
}

/// Write the manual pages, one for the program and one for each command.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// The directory that they are written into; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn completions(arguments: &CompletionsArguments) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut super::Cli::command(),
        "fake-dropbox",
        &mut script,
    );
    let mut out = io::stdout().lock();
    let written = out.write_all(&script).and_then(|()| out.flush());
    written.map_err(|error| Failure::negative(format_args!("cannot write: {error}")))?;
    Ok(ExitCode::SUCCESS)
}

pub fn man(arguments: &ManArguments) -> Result<ExitCode, Failure> {
    let cannot = |path: &Path, error: io::Error| {
        Failure::negative(format_args!(
            "cannot write {}: {}",
            path.display(),
            plain(&error)
        ))
    };
    let directory = &arguments.out;
    std::fs::create_dir_all(directory).map_err(|error| cannot(directory, error))?;
    clap_mangen::generate_to(super::Cli::command(), directory)
        .map_err(|error| cannot(directory, error))?;
    Ok(ExitCode::SUCCESS)
}
