//! What all clients' tests need: programs that may be missing, set-up that is kept, and time limits.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Set, a client that is missing is a failure: for machines that must have them all.
const REQUIRE: &str = "FAKE_DROPBOX_REQUIRE_CLIENTS";

/// How long a set-up that failed is not tried again.
const RETRY_AFTER: Duration = Duration::from_mins(5);

/// How long the program of a client may take.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Variables by which the caller's own environment would decide where a client goes.
const FOREIGN_VARIABLES: &[&str] = &[
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "CURL_HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "JAVA_TOOL_OPTIONS",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NODE_USE_ENV_PROXY",
    "NO_PROXY",
    "PHP_INI_SCAN_DIR",
    "PYTHONPATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];

/// Says that something was not tested, past the capture of the test's output.
pub fn skipped(what: &str, why: &str) {
    assert!(
        std::env::var_os(REQUIRE).is_none(),
        "{what} is missing, and {REQUIRE} is set: {why}"
    );
    // Past the capture of the output, which would swallow it: a skip is never silent.
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED {what}: {why}");
}

/// What one of the clients' programs said.
#[derive(Debug)]
pub struct Outcome {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The rows that the program says it finished, in their order.
    pub fn rows(&self) -> Vec<&str> {
        self.stdout
            .lines()
            .filter_map(|line| line.strip_prefix("ok "))
            .collect()
    }

    /// The output of a program that succeeded.
    #[track_caller]
    pub fn expect(self, what: &str) -> Self {
        assert!(
            self.success,
            "{what} failed\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

/// A program that knows nothing of the caller's proxies and certificates.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let foreign = name.to_str().is_some_and(|name| {
            let upper = name.to_ascii_uppercase();
            FOREIGN_VARIABLES.contains(&upper.as_str())
                || upper.starts_with("DROPBOX_")
                || upper.starts_with("RCLONE_")
        });
        if foreign {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program to its end, or ends it and everything it started after `limit`.
pub fn run(command: &mut Command, limit: Duration) -> Result<Outcome, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    let stdout = collect(child.stdout.take().expect("it is piped"));
    let stderr = collect(child.stderr.take().expect("it is piped"));
    let group = child.id();
    let (done, is_done) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let status = child.wait();
        let _ = done.send(());
        status
    });
    let in_time = is_done.recv_timeout(limit).is_ok();
    if !in_time {
        end_group(group);
    }
    let status = waiter.join().expect("the wait does not panic");
    if !in_time {
        return Err(format!("{name} took more than {limit:?}"));
    }
    Ok(Outcome {
        success: status.is_ok_and(|status| status.success()),
        stdout: stdout.join().expect("reading does not panic"),
        stderr: stderr.join().expect("reading does not panic"),
    })
}

/// Ends a process that was started as a group of its own, with everything that it started.
pub fn end_group(group: u32) {
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{group}")])
        .stderr(Stdio::null())
        .status();
}

fn collect(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Whether a program is there; what it says of its version.
pub fn version(program: &str, argument: &str) -> Result<String, String> {
    let outcome = run(command(program).arg(argument), Duration::from_secs(30))?;
    if !outcome.success {
        return Err(format!("`{program} {argument}` fails"));
    }
    let text = if outcome.stdout.trim().is_empty() {
        outcome.stderr
    } else {
        outcome.stdout
    };
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// The data and programs of the clients.
pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(path)
}

/// Where set-up is kept: `target/clients`.
pub fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("it is below the target directory")
        .join("clients")
}

/// Makes something once for all tests and runs, and again when the files that it is made from change.
/// `make` gets an empty directory.
pub fn once(
    name: &str,
    made_from: &[PathBuf],
    make: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    for path in made_from {
        hasher.write(&fs::read(path).expect("the files of the clients are there"));
    }
    let directory = kept().join(format!("{name}-{:016x}", hasher.finish()));
    let (ready, failed) = (
        directory.with_extension("ready"),
        directory.with_extension("failed"),
    );
    fs::create_dir_all(kept()).map_err(|error| error.to_string())?;
    // Tests run at the same time, in threads and in processes.
    let lock = File::create(directory.with_extension("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if ready.exists() {
        return Ok(directory);
    }
    if let Some(why) = failed_lately(&failed) {
        return Err(why);
    }
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    match make(&directory) {
        Ok(()) => {
            fs::write(&ready, "").map_err(|error| error.to_string())?;
            Ok(directory)
        }
        Err(why) => {
            let _ = fs::write(&failed, &why);
            Err(why)
        }
    }
}

fn failed_lately(marker: &Path) -> Option<String> {
    let age = fs::metadata(marker).ok()?.modified().ok()?.elapsed();
    if age.is_ok_and(|age| age < RETRY_AFTER) {
        return fs::read_to_string(marker).ok();
    }
    None
}

/// A step of a set-up, as the reason why something is missing when it fails.
pub fn step(command: &mut Command, limit: Duration) -> Result<(), String> {
    let outcome = run(command, limit)?;
    if outcome.success {
        return Ok(());
    }
    let last = outcome
        .stderr
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty());
    Err(format!(
        "{} failed: {}",
        command.get_program().to_string_lossy(),
        last.unwrap_or("it says nothing")
    ))
}
