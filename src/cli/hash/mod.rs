//! `fake-dropbox hash`.

mod check;
mod name;
mod progress;
mod read;

use super::failure::{self, Failure, complain};
use clap::Args;
use progress::Progress;
use read::{Hashed, Source, hash};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Print the content hash that Dropbox gives to files.
///
/// Lines look like those of sha256sum: the hash, two spaces, the name. A file that cannot be read
/// is complained about, and the others are hashed all the same. Exit codes: 0 when all went well; 1
/// when a file could not be read or a hash did not match; 2 for wrong arguments.
#[derive(Debug, Args)]
pub struct HashArguments {
    /// Files to hash; - is standard input. [default: -]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Read hashes and names from the files, and compare.
    #[arg(short, long)]
    check: bool,

    /// With --check, print nothing for files that match.
    #[arg(long, requires = "check")]
    quiet: bool,

    /// Print one JSON object for each file, on a line of its own.
    #[arg(long)]
    json: bool,
}

/// Hashes, or checks.
pub fn run(arguments: &HashArguments) -> Result<ExitCode, Failure> {
    let files = match arguments.files.as_slice() {
        [] => vec![PathBuf::from("-")],
        files => files.to_vec(),
    };
    let sources: Vec<Source> = files.into_iter().map(Source::from).collect();
    let mut out = io::stdout().lock();
    let ended = if arguments.check {
        check::check(&mut out, &sources, arguments.quiet, arguments.json)
    } else {
        print_all(&mut out, &sources, arguments.json)
    };
    match ended.and_then(|all_well| out.flush().map(|()| all_well)) {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::from(failure::NEGATIVE)),
        // Whoever read the lines has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::negative(format_args!("cannot write: {error}"))),
    }
}

fn print_all(out: &mut impl Write, sources: &[Source], json: bool) -> io::Result<bool> {
    let mut all_well = true;
    for source in sources {
        let progress = Progress::over(source);
        let hashed = hash(source, &progress);
        progress.end();
        all_well &= hashed.is_ok();
        match (hashed, json) {
            (Ok(hashed), false) => name::write_line(out, &hashed.hash, source)?,
            (Ok(Hashed { hash, size }), true) => {
                let line = serde_json::json!({
                    "file": source.name(), "content_hash": hash.to_string(), "size": size,
                });
                writeln!(out, "{line}")?;
            }
            (Err(error), false) => complain(&error.to_string()),
            (Err(error), true) => {
                let line = serde_json::json!({ "file": source.name(), "error": error.to_string() });
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(all_well)
}
