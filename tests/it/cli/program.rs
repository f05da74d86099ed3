//! Running the program, without what the environment of the tests happens to hold.

use fake_dropbox::internals::control::clock::Stopwatch;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program with no variable of its own or of proxies in its environment.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-dropbox"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if text.starts_with("FAKE_DROPBOX_") || text.ends_with("_PROXY") {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Whether a program is on this machine; if not, the test says that it is skipped.
pub fn has(name: &str) -> bool {
    let there = Command::new(name).arg("--version").output().is_ok();
    if !there {
        // Past the capture of the output: a skip is never silent.
        let _ = writeln!(
            std::io::stderr().lock(),
            "SKIPPED {name}: it is not installed"
        );
    }
    there
}

/// Runs the program to its end.
pub fn run<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Ended {
    Ended::of(program().args(arguments).output().expect("it runs"))
}

#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A server that runs as a process of its own.
pub struct Serving {
    pub child: Child,
    pub port_file: PathBuf,
    pub port: u16,
    _directory: tempfile::TempDir,
}

impl Serving {
    /// Starts a server on a free port, and waits until the port file is there.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(program().arg("serve").args(arguments))
    }

    /// The same with a command of one's own.
    pub fn start_with(command: &mut Command) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let port_file = directory.path().join("port");
        let mut child = command
            .args(["--port", "0", "--port-file"])
            .arg(&port_file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let port = port_in(&port_file, &mut child);
        Self {
            child,
            port_file,
            port,
            _directory: directory,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status()
            .expect("kill runs");
        assert!(status.success());
    }

    pub fn end(mut self) -> Ended {
        let (mut out, mut err) = (String::new(), String::new());
        let mut stdout = self.child.stdout.take().expect("it is piped");
        let mut stderr = self.child.stderr.take().expect("it is piped");
        stdout.read_to_string(&mut out).expect("text");
        stderr.read_to_string(&mut err).expect("text");
        let status: ExitStatus = self.child.wait().expect("it ends");
        Ended {
            code: status.code(),
            out,
            err,
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn port_in(path: &Path, child: &mut Child) -> u16 {
    let start = Stopwatch::start();
    loop {
        if let Ok(text) = std::fs::read_to_string(path) {
            return text
                .trim()
                .parse()
                .expect("the file is written in one step");
        }
        if let Some(status) = child.try_wait().expect("its state") {
            let mut err = String::new();
            let mut stderr = child.stderr.take().expect("it is piped");
            stderr.read_to_string(&mut err).expect("text");
            panic!("it ended before it was ready: {status}: {err}");
        }
        assert!(start.elapsed() < PATIENCE, "no port file");
        std::thread::yield_now();
    }
}
