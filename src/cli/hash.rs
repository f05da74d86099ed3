//! `fake-dropbox hash`.

use super::failure::{self, Failure, eprint_warning, plain};
use crate::dropbox::content_hash::{ContentHash, ContentHasher};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Files below this number of bytes are done before anybody could look at a progress bar.
const WORTH_A_BAR: u64 = 64 << 20;

/// Print Dropbox's content hash of files.
///
/// The output looks like that of sha256sum: the hash, two spaces, the name. If a file cannot be
/// read, the others are hashed all the same. Exit codes: 0 if all went well; 1 if a file could not
/// be read or a hash did not match; 2 for wrong arguments.
#[derive(Debug, Args)]
pub struct HashArguments {
    /// Files to hash; - is standard input. [default: -]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Read hashes and names from the files, and check them.
    #[arg(short, long)]
    check: bool,

    /// With --check, print nothing for files that match.
    #[arg(long, requires = "check")]
    quiet: bool,

    /// Print a JSON object for each file, one a line.
    #[arg(long)]
    json: bool,
}

/// Hashes, or checks.
pub fn run(arguments: &HashArguments) -> Result<ExitCode, Failure> {
    let stdin = [PathBuf::from("-")];
    let files = match arguments.files.as_slice() {
        [] => &stdin[..],
        files => files,
    };
    let mut out = io::stdout().lock();
    let ended = files.iter().try_fold(true, |all_well, file| {
        if arguments.check {
            return Ok(check(&mut out, file, arguments)? && all_well);
        }
        let found = hash(file);
        print(&mut out, file, &found, None, arguments)?;
        Ok(found.is_ok() && all_well)
    });
    match ended.and_then(|all_well| out.flush().map(|()| all_well)) {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::from(failure::NEGATIVE)),
        // Whoever read the lines has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::negative(format_args!("cannot write: {error}"))),
    }
}

/// Hashes one file: its hash and size, or why it cannot be read.
fn hash(path: &Path) -> Result<(ContentHash, u64), String> {
    let read = || -> io::Result<(ContentHash, u64)> {
        let from = open(path)?;
        let bar = progress(path);
        let mut from = bar.wrap_read(from);
        let (mut hasher, mut piece) = (ContentHasher::new(), vec![0; 1 << 18]);
        loop {
            match from.read(&mut piece) {
                Ok(0) => break,
                Ok(length) => hasher.update(&piece[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bar.finish_and_clear();
        let size = hasher.size();
        Ok((hasher.finish(), size))
    };
    read().map_err(|error| format!("cannot read {}: {}", path.display(), plain(error)))
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(File::open(path)?))
}

/// A bar for a large file, a spinner for a pipe; on a terminal only.
fn progress(path: &Path) -> ProgressBar {
    let size = std::fs::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file);
    let (bar, template) = match size.map(|file| file.len()) {
        Some(size) if size < WORTH_A_BAR => return ProgressBar::hidden(),
        Some(size) => (
            ProgressBar::new(size),
            "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}",
        ),
        None => (
            ProgressBar::no_length(),
            "{spinner} {bytes} {bytes_per_sec} {msg}",
        ),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("the template is right"))
        .with_message(path.display().to_string())
}

/// Checks the files that a list names. Whether there are some, and all of them match.
fn check(out: &mut dyn Write, list: &Path, arguments: &HashArguments) -> io::Result<bool> {
    let name = list.display();
    let lines = match open(list) {
        Ok(lines) => BufReader::new(lines).split(b'\n'),
        Err(error) => {
            eprint_warning(&format!("cannot read {name}: {}", plain(error)));
            return Ok(false);
        }
    };
    let (mut checked, mut differing, mut unreadable, mut malformed) = (0, 0, 0, 0);
    for line in lines {
        let line = line?;
        match read_line(&line) {
            _ if line.is_empty() => {}
            None => malformed += 1,
            Some((expected, path)) => {
                checked += 1;
                let found = hash(&path);
                match &found {
                    Ok((hash, _)) => differing += u64::from(*hash != expected),
                    Err(_) => unreadable += 1,
                }
                print(out, &path, &found, Some(expected), arguments)?;
            }
        }
    }
    let say = |number: u64, one: &str, many: &str, what: &str| {
        if number > 0 {
            let noun = if number == 1 { one } else { many };
            eprint_warning(&format!("{name}: {number} {noun} {what}"));
        }
    };
    say(
        malformed,
        "line is",
        "lines are",
        "not a content hash with a name",
    );
    if checked == 0 {
        eprint_warning(&format!("{name}: nothing in it could be checked"));
    }
    say(unreadable, "file", "files", "could not be read");
    say(differing, "file", "files", "did not match");
    Ok(checked > 0 && differing == 0 && unreadable == 0)
}

/// Prints what a file's hash is, or beside the one that a list names, unless nobody wants to know.
fn print(
    out: &mut dyn Write,
    path: &Path,
    found: &Result<(ContentHash, u64), String>,
    expected: Option<ContentHash>,
    arguments: &HashArguments,
) -> io::Result<()> {
    let name = path.display();
    let matches = matches!(found, Ok((hash, _)) if Some(*hash) == expected);
    if matches && arguments.quiet {
        return Ok(());
    }
    if arguments.json {
        let mut line = serde_json::json!({"file": name.to_string()});
        if let Some(expected) = expected {
            line["matches"] = matches.into();
            line["expected"] = expected.to_string().into();
        }
        match found {
            Ok((hash, size)) => {
                line["content_hash"] = hash.to_string().into();
                if expected.is_none() {
                    line["size"] = (*size).into();
                }
            }
            Err(error) => line["error"] = error.as_str().into(),
        }
        return writeln!(out, "{line}");
    }
    if let Err(error) = found {
        eprint_warning(error);
    }
    match (found, expected) {
        (Ok((hash, _)), None) => out.write_all(&line_of(hash, path)),
        (Err(_), None) => Ok(()),
        (Ok(_), Some(_)) if matches => writeln!(out, "{name}: OK"),
        (Ok(_), Some(_)) => writeln!(out, "{name}: FAILED"),
        (Err(_), Some(_)) => writeln!(out, "{name}: FAILED open or read"),
    }
}

/// What stands for a byte of a name that would break its line; such a line begins with a backslash.
const ESCAPES: [(u8, u8); 3] = [(b'\\', b'\\'), (b'\n', b'n'), (b'\r', b'r')];

/// The line of a file, as sha256sum writes it.
fn line_of(hash: &ContentHash, path: &Path) -> Vec<u8> {
    let mut line = format!("{hash}  ").into_bytes();
    for &byte in path.as_os_str().as_encoded_bytes() {
        match ESCAPES.iter().find(|(plain, _)| *plain == byte) {
            Some((_, escape)) => line.extend([b'\\', *escape]),
            None => line.push(byte),
        }
    }
    if line.contains(&b'\\') {
        line.insert(0, b'\\');
    }
    line.push(b'\n');
    line
}

/// Reads a line without its end. None if it is not a hash with a name.
fn read_line(line: &[u8]) -> Option<(ContentHash, PathBuf)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let unescaped = line.strip_prefix(b"\\");
    let (hash, rest) = unescaped.unwrap_or(line).split_at_checked(64)?;
    let hash = std::str::from_utf8(hash).ok()?.parse().ok()?;
    // The star marks a file that was read in binary mode, which makes no difference.
    let name = rest
        .strip_prefix(b"  ")
        .or_else(|| rest.strip_prefix(b" *"))?;
    let (mut plain, mut bytes) = (Vec::new(), name.iter());
    while let Some(&byte) = bytes.next() {
        plain.push(if byte == b'\\' && unescaped.is_some() {
            let escape = bytes.next()?;
            ESCAPES.iter().find(|(_, known)| known == escape)?.0
        } else {
            byte
        });
    }
    (!plain.is_empty()).then(|| (hash, path_of(plain)))
}

#[cfg(unix)]
fn path_of(name: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(name).into()
}

#[cfg(not(unix))]
fn path_of(name: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&name).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dropbox::content_hash::BLOCK_SIZE;

    #[test]
    fn any_name_reads_back_as_it_was_written() {
        let hash = ContentHash::of(b"hello");
        for name in ["a.txt", " a  b", "*star", "a\nb", "a\\b\r", "ü"] {
            let line = line_of(&hash, Path::new(name));
            let line = line.strip_suffix(b"\n").unwrap();
            assert!(!line.contains(&b'\n'));
            assert_eq!(read_line(line), Some((hash, name.into())));
        }
    }

    #[test]
    fn what_is_no_such_line_is_not_read() {
        let hash = ContentHash::of(b"hello").to_string();
        for line in [
            String::new(),
            hash.clone(),
            format!("{hash}  "),
            format!("{hash} a"),
            format!("{}  a", &hash[1..]),
            format!("\\{hash}  a\\x"),
            format!("{}é  a", &hash[2..]),
        ] {
            assert_eq!(read_line(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_file_of_any_number_of_blocks_has_the_hash_of_its_bytes() {
        for size in [
            0,
            1,
            BLOCK_SIZE - 1,
            BLOCK_SIZE,
            BLOCK_SIZE + 1,
            3 * BLOCK_SIZE + 17,
        ] {
            let bytes: Vec<u8> = (0..size)
                .map(|at| u8::try_from(at % 251).expect("below 251"))
                .collect();
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            let hashed = hash(file.path());
            assert_eq!(hashed, Ok((ContentHash::of(&bytes), size as u64)));
        }
    }

    #[test]
    fn a_directory_cannot_be_hashed() {
        let directory = tempfile::tempdir().unwrap();
        let error = hash(directory.path()).unwrap_err();
        assert!(error.starts_with("cannot read "), "{error}");
        assert!(!error.contains("os error"), "{error}");
    }
}
