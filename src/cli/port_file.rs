//! A file that holds the port while the server runs.

use super::failure::{Failure, plain};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file, which goes when this is dropped.
#[derive(Debug)]
pub struct PortFile {
    path: PathBuf,
    text: String,
}

impl PortFile {
    /// Removes what an earlier server left there, which would mislead whoever waits for the file.
    pub fn clear(path: &Path) -> Result<(), Failure> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(cannot("remove", path, &error))
            }
            _ => Ok(()),
        }
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
        PortFile::clear(&path).unwrap();
        PortFile::clear(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let failure = PortFile::write(Path::new("/no/such/place/port"), 1).unwrap_err();
        assert!(failure.message.contains("/no/such/place/port"));
        assert_eq!(failure.code, 2);
    }
}
