//! A gigabyte through a link, a full disk, a sudden death: on the program itself.

use crate::raw::{PATIENCE, UPLOAD};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The program, on a port of its own; it ends when this is dropped.
struct Program {
    child: Child,
    address: SocketAddr,
    directory: tempfile::TempDir,
}

impl Program {
    /// Starts `serve` with these options, behind `wrapper` where the shell has to set a limit first.
    async fn start(wrapper: Option<&str>, options: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let port_file = directory.path().join("port");
        let spill = directory.path().join("spill");
        std::fs::create_dir(&spill).expect("a directory");
        let program = env!("CARGO_BIN_EXE_fake-dropbox");
        let mut command = match wrapper {
            Some(limit) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("{limit}; exec \"$0\" \"$@\""), program]);
                shell
            }
            None => Command::new(program),
        };
        let child = command
            .args(["serve", "--port", "0", "--no-tls", "--port-file"])
            .arg(&port_file)
            .arg("--spill-dir")
            .arg(&spill)
            .args(options)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(directory.path().join("log")).expect("a file"))
            .spawn()
            .expect("the program starts");
        let mut program = Self {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            directory,
        };
        let mut port = None;
        crate::raw::until("the program has its port", || {
            let text = std::fs::read_to_string(&port_file).unwrap_or_default();
            port = text.trim().parse().ok();
            port.is_some()
        })
        .await;
        program.address.set_port(port.expect("a port"));
        program
    }

    fn spill(&self) -> PathBuf {
        self.directory.path().join("spill")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).expect("a log")
    }

    async fn exchange(&self, head: &str, pieces: impl Iterator<Item = Vec<u8>>) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.expect("a server");
        let asking = async {
            stream
                .write_all(head.as_bytes())
                .await
                .expect("it takes the head");
            for piece in pieces {
                // An early answer may end it.
                if stream.write_all(&piece).await.is_err() {
                    break;
                }
            }
            let mut text = Vec::new();
            let _ = stream.read_to_end(&mut text).await;
            text
        };
        let answer = tokio::time::timeout(5 * PATIENCE, asking)
            .await
            .expect("in time");
        let answer = String::from_utf8(answer).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        (head[9..12].parse().expect("a status"), body.to_owned())
    }

    async fn rpc(&self, route: &str, argument: &str) -> (u16, String) {
        let head = format!(
            "POST /2/{route} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer test\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{argument}",
            argument.len()
        );
        self.exchange(&head, std::iter::empty()).await
    }

    /// Sends so many mebibytes through a new link.
    async fn upload(&self, path: &str, mebibytes: usize) -> (u16, String) {
        let argument = format!("{{\"commit_info\":{{\"path\":\"{path}\"}}}}");
        let (status, text) = self.rpc("files/get_temporary_upload_link", &argument).await;
        assert_eq!(status, 200, "{text}");
        let link = &text[text.find("/apitul").expect("a link")..text.len() - 2];
        let head = format!(
            "POST {link} HTTP/1.1\r\n{UPLOAD}Connection: close\r\nContent-Length: {}\r\n\r\n",
            mebibytes << 20
        );
        self.exchange(&head, (0..mebibytes).map(|_| vec![5; 1 << 20]))
            .await
    }

    /// A line of `/proc/<pid>/status`, in kibibytes.
    fn status(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(path).expect("a process");
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .expect("a line");
        let number = line.split_whitespace().nth(1).expect("a number");
        number.parse().expect("a number")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn has_proc() -> bool {
    let there = Path::new("/proc/self/status").exists();
    if !there {
        println!("skipped: this system has no /proc to read a process's memory from");
    }
    there
}

/// Design: 32 MiB above idle. Twice that is noise enough for an allocator and a debug build.
const ALLOWED_KIB: u64 = 64 << 10;

async fn gigabyte(options: &[&str]) {
    if !has_proc() {
        return;
    }
    let common = ["--assume", "link_size_limit=4000000000"];
    let program = Program::start(None, &[&common, options].concat()).await;
    assert_eq!(program.upload("/warm", 1).await.0, 200);
    let idle = program.status("VmRSS:");
    let (status, text) = program.upload("/large", 1024).await;
    assert_eq!(status, 200, "{text}");
    let (_, metadata) = program
        .rpc("files/get_metadata", r#"{"path":"/large"}"#)
        .await;
    assert!(metadata.contains("\"size\":1073741824"), "{metadata}");
    let hash = &text[text.len() - 66..text.len() - 2];
    assert!(metadata.contains(hash), "{metadata} {hash}");
    let peak = program.status("VmHWM:");
    println!("{options:?}: {idle} KiB idle, {peak} KiB at most");
    assert!(
        peak - idle < ALLOWED_KIB,
        "{options:?}: {idle} KiB idle, {peak} KiB at most"
    );
}

#[tokio::test]
async fn a_gigabyte_that_is_spilled_takes_no_memory() {
    gigabyte(&["--memory-limit", "1MiB"]).await;
}

#[tokio::test]
async fn a_gigabyte_that_is_not_kept_takes_no_memory() {
    gigabyte(&["--content", "none"]).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_is_a_clear_5xx_and_nothing_is_half_written() {
    // A file may not grow beyond 2 MiB (in blocks of 512 bytes); the signal for that is ignored.
    let limit = "trap '' XFSZ; ulimit -f 4096";
    let program = Program::start(Some(limit), &["--memory-limit", "0"]).await;
    for path in ["/first", "/second"] {
        let (status, text) = program.upload(path, 16).await;
        assert_eq!(status, 507, "{text}");
        assert!(text.contains("could not be stored"), "{text}");
        let argument = format!("{{\"path\":\"{path}\"}}");
        assert_eq!(program.rpc("files/get_metadata", &argument).await.0, 409);
    }
    // The space of what failed is free again.
    assert_eq!(program.upload("/small", 1).await.0, 200);
    let log = program.log();
    assert!(log.contains("could not be stored"), "{log}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_sudden_death_leaves_no_files() {
    let mut program = Program::start(None, &["--memory-limit", "0"]).await;
    assert_eq!(program.upload("/a", 4).await.0, 200);
    program.child.kill().expect("it runs");
    program.child.wait().expect("it ends");
    let left: Vec<_> = std::fs::read_dir(program.spill())
        .expect("a directory")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_told_as_such() {
    let program = Program::start(None, &["--memory-limit", "0"]).await;
    std::fs::remove_dir(program.spill()).expect("it is empty");
    let (status, text) = program.upload("/a", 2).await;
    assert_eq!(status, 507, "{text}");
    std::fs::create_dir(program.spill()).expect("a directory");
    assert_eq!(program.upload("/b", 2).await.0, 200);
}
