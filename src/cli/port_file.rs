//! A file that holds the port while the server runs.

use super::failure::{Failure, plain};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Bytes of the longest port with its line end, in the manner of Windows at most.
const LONGEST: u64 = 7;

/// The file, which goes when this is dropped.
#[derive(Debug)]
pub struct PortFile {
    path: PathBuf,
    text: String,
}

impl PortFile {
    /// Refuses what is there and is no port file. An earlier server's may lie there, and stays until
    /// [`Self::write`] replaces it.
    pub fn check(path: &Path) -> Result<(), Failure> {
        let is_ours = match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(cannot("look at", path, &error)),
            Ok(metadata) => metadata.is_file() && metadata.len() <= LONGEST && holds_port(path),
        };
        if is_ours {
            return Ok(());
        }
        Err(Failure::cannot_start(format_args!(
            "{} is there and holds no port: it is no port file, so it stays; name another with --port-file",
            path.display()
        )))
    }

    /// Writes the port in one step: whoever finds the file finds the whole number.
    pub fn write(path: &Path, port: u16) -> Result<Self, Failure> {
        let text = format!("{port}\n");
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        write_in(directory, path, &text).map_err(|error| cannot("write", path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }
}

impl Drop for PortFile {
    fn drop(&mut self) {
        // Another server may have written its own port since.
        if std::fs::read_to_string(&self.path).is_ok_and(|text| text == self.text) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Whether a number and nothing else stands in a file, or nothing at all.
fn holds_port(path: &Path) -> bool {
    std::fs::read_to_string(path)
        .is_ok_and(|text| text.trim().is_empty() || text.trim().parse::<u16>().is_ok())
}

fn write_in(directory: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fake-dropbox-port");
    // Others may wait for the file too.
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::cannot_start(format_args!(
        "cannot {what} the port file {}: {}; name another with --port-file",
        path.display(),
        plain(error)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_the_port_and_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("port");
        let file = PortFile::write(&path, 4711).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "4711\n");
        drop(file);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_file_of_another_server_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("port");
        let file = PortFile::write(&path, 1).unwrap();
        std::fs::write(&path, "2\n").unwrap();
        drop(file);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "2\n");
    }

    #[test]
    fn only_a_port_file_is_taken_for_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("port");
        PortFile::check(&path).unwrap();
        for (text, is_one) in [
            ("1\n", true),
            ("65535\r\n", true),
            ("", true),
            ("65536\n", false),
            ("my thesis", false),
            ("1 2", false),
            ("       1", false),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(PortFile::check(&path).is_ok(), is_one, "{text:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        for no_file in [directory.path(), Path::new("/dev/null")] {
            let failure = PortFile::check(no_file).unwrap_err();
            assert!(failure.message.contains("no port file"), "{failure:?}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let failure = PortFile::write(Path::new("/no/such/place/port"), 1).unwrap_err();
        assert!(failure.message.contains("/no/such/place/port"));
        assert_eq!(failure.code, 2);
    }
}
