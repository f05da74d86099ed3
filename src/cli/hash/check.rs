//! Comparing files with hashes that were written down.

use super::super::failure::{complain, plain};
use super::name::read_line;
use super::progress::Progress;
use super::read::{CannotHash, Source, hash};
use crate::dropbox::content_hash::ContentHash;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;

/// How many files did not pass, and why.
#[derive(Debug, Default)]
struct Count {
    checked: u64,
    differing: u64,
    unreadable: u64,
    malformed: u64,
}

/// Checks the files that are named in these lists. Whether all of them match.
pub fn check(out: &mut impl Write, lists: &[Source], quiet: bool, json: bool) -> io::Result<bool> {
    let mut all_well = true;
    for list in lists {
        let count = match list {
            Source::Stdin => check_list(out, io::stdin().lock(), quiet, json),
            Source::File(path) => match File::open(path) {
                Ok(file) => check_list(out, BufReader::new(file), quiet, json),
                Err(error) => {
                    complain(&format!("cannot read {}: {}", list.name(), plain(&error)));
                    all_well = false;
                    continue;
                }
            },
        };
        all_well &= well(&list.name(), &count?);
    }
    Ok(all_well)
}

fn well(list: &str, count: &Count) -> bool {
    let files = |number: u64| {
        if number == 1 {
            "1 file".to_owned()
        } else {
            format!("{number} files")
        }
    };
    if count.malformed > 0 {
        let lines = if count.malformed == 1 {
            "line is"
        } else {
            "lines are"
        };
        complain(&format!(
            "{list}: {} {lines} not a content hash with a name",
            count.malformed
        ));
    }
    if count.checked == 0 {
        complain(&format!("{list}: nothing in it could be checked"));
    }
    if count.unreadable > 0 {
        complain(&format!(
            "{list}: {} could not be read",
            files(count.unreadable)
        ));
    }
    if count.differing > 0 {
        complain(&format!("{list}: {} did not match", files(count.differing)));
    }
    count.checked > 0 && count.differing == 0 && count.unreadable == 0
}

fn check_list(
    out: &mut impl Write,
    mut list: impl BufRead,
    quiet: bool,
    json: bool,
) -> io::Result<Count> {
    let mut count = Count::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if list.read_until(b'\n', &mut line)? == 0 {
            return Ok(count);
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        if line.is_empty() {
            continue;
        }
        let Some((expected, name)) = read_line(line) else {
            count.malformed += 1;
            continue;
        };
        count.checked += 1;
        let source = Source::from(path_of(name));
        let progress = Progress::over(&source);
        let hashed = hash(&source, &progress);
        progress.end();
        report(
            out,
            &source,
            expected,
            hashed.map(|hashed| hashed.hash),
            (quiet, json),
            &mut count,
        )?;
    }
}

fn report(
    out: &mut impl Write,
    source: &Source,
    expected: ContentHash,
    found: Result<ContentHash, CannotHash>,
    (quiet, json): (bool, bool),
    count: &mut Count,
) -> io::Result<()> {
    let verdict = match &found {
        Ok(found) if *found == expected => "OK",
        Ok(_) => {
            count.differing += 1;
            "FAILED"
        }
        Err(error) => {
            count.unreadable += 1;
            if !json {
                complain(&error.to_string());
            }
            "FAILED open or read"
        }
    };
    if quiet && verdict == "OK" {
        return Ok(());
    }
    if !json {
        return writeln!(out, "{}: {verdict}", source.name());
    }
    let mut line = serde_json::json!({
        "file": source.name(),
        "matches": verdict == "OK",
        "expected": expected.to_string(),
    });
    match found {
        Ok(found) => line["content_hash"] = found.to_string().into(),
        Err(error) => line["error"] = error.to_string().into(),
    }
    writeln!(out, "{line}")
}

#[cfg(unix)]
fn path_of(name: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    PathBuf::from(std::ffi::OsString::from_vec(name))
}

#[cfg(not(unix))]
fn path_of(name: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&name).into_owned())
}
