//! PHP, which takes its certificates from settings and its settings from directories.

use std::path::Path;

/// The name of the directory, so that those of other servers are known.
pub const DIRECTORY: &str = "fake-dropbox-php";
/// The file of settings in it.
pub const SETTINGS_FILE: &str = "trust.ini";

const SEPARATOR: &str = if cfg!(windows) { ";" } else { ":" };

/// `PHP_INI_SCAN_DIR` with the directory behind those that are there. An empty one stands for those that
/// PHP was built with.
pub fn scan_directories(before: &str, directory: &Path) -> String {
    let is_other = |entry: &&str| Path::new(entry).file_name() != Some(DIRECTORY.as_ref());
    let kept: Vec<&str> = before.split(SEPARATOR).filter(is_other).collect();
    format!("{}{SEPARATOR}{}", kept.join(SEPARATOR), directory.display())
}

/// Settings by which PHP's curl and streams trust what is in a bundle.
pub fn settings(bundle: &Path) -> String {
    let bundle = quoted(&bundle.to_string_lossy());
    format!("curl.cainfo={bundle}\nopenssl.cafile={bundle}\n")
}

/// In single quotes all is what it seems, but there is no way to write one.
fn quoted(value: &str) -> String {
    if value.contains('\'') {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("'{value}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn directories_that_are_there_stay_and_that_of_another_server_makes_room() {
        let directory = Path::new("/t/fake-dropbox-php");
        assert_eq!(scan_directories("", directory), ":/t/fake-dropbox-php");
        assert_eq!(
            scan_directories("/etc/php:/other/fake-dropbox-php:/mine", directory),
            "/etc/php:/mine:/t/fake-dropbox-php"
        );
        assert_eq!(
            scan_directories(":/other/fake-dropbox-php", directory),
            ":/t/fake-dropbox-php"
        );
    }

    #[test]
    fn a_path_is_quoted_as_php_reads_it() {
        assert_eq!(quoted("/a \"b\" ${c}"), "'/a \"b\" ${c}'");
        assert_eq!(quoted("/it's \"b\""), "\"/it's \\\"b\\\"\"");
    }
}
