//! curl, which prints the answer of a proxy to `CONNECT` as if it were the server's: a script that looks
//! for the first status with `-i` or `-D` takes `200 Connection established` for success.

use super::Lookup;
use std::path::{Path, PathBuf};

/// The name of the directory, so that those of other servers are known.
pub const DIRECTORY: &str = "fake-dropbox-curl";
/// The file of settings that curl looks for in it.
pub const SETTINGS_FILE: &str = ".curlrc";

/// Settings that leave such an answer out, and take along those that the user has.
pub fn settings(current: Lookup<'_>) -> String {
    let users = match current("CURL_HOME").map(PathBuf::from) {
        // It was made for a server around this one, and knows where the user's are.
        Some(home) if home.file_name() == Some(DIRECTORY.as_ref()) => {
            return std::fs::read_to_string(home.join(SETTINGS_FILE)).unwrap_or_default();
        }
        home => of_the_user(home, current),
    };
    let mut settings = String::from("suppress-connect-headers\n");
    if let Some(path) = users {
        let path = path
            .to_string_lossy()
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        settings.push_str(&format!("config = \"{path}\"\n"));
    }
    settings
}

/// The first of the files that curl would read.
fn of_the_user(curl_home: Option<PathBuf>, current: Lookup<'_>) -> Option<PathBuf> {
    let below = |name: &str, file: &str| current(name).map(|home| Path::new(&home).join(file));
    [
        curl_home.map(|home| home.join(".curlrc")),
        below("XDG_CONFIG_HOME", ".curlrc"),
        below("XDG_CONFIG_HOME", "curlrc"),
        below("HOME", ".curlrc"),
        below("HOME", ".config/curlrc"),
        below("APPDATA", "_curlrc"),
    ]
    .into_iter()
    .flatten()
    .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_s_own_settings_still_hold_also_below_another_server() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".curlrc"), "silent\n").unwrap();
        let path = home.path().to_str().unwrap().to_owned();
        let current = |name: &str| (name == "HOME").then(|| path.clone());
        let outer = settings(&current);
        assert_eq!(
            outer,
            format!("suppress-connect-headers\nconfig = \"{path}/.curlrc\"\n")
        );
        let ours = home.path().join(DIRECTORY);
        std::fs::create_dir(&ours).unwrap();
        std::fs::write(ours.join(SETTINGS_FILE), &outer).unwrap();
        let ours = ours.to_str().unwrap().to_owned();
        let inside = |name: &str| (name == "CURL_HOME").then(|| ours.clone());
        assert_eq!(settings(&inside), outer);
        assert_eq!(settings(&|_| None), "suppress-connect-headers\n");
    }
}
