//! Standard output and standard error that nobody reads, or that take nothing; signals; limits.

use super::program::{Serving, has, program, run};
use crate::support::{Reply, client};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks often enough that the lines of the log fill every pipe and every queue.
async fn ask_often(url: &str) {
    let client = client();
    let path = "x".repeat(1900);
    for _ in 0..3000 {
        let reply = Reply::of(client.get(format!("{url}/{path}"))).await;
        assert_eq!(reply.status, 404);
    }
}

/// Waits for the end without reading what the process writes.
fn ended(mut child: Child) -> (Option<i32>, Child) {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let status = child.wait().expect("it ends");
        let _ = tell.send((status.code(), child));
    });
    told.recv_timeout(PATIENCE).expect("it ends")
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(status.success());
}

/// A server that prints its address, and its end of standard output.
fn printing(command: &mut Command) -> (Child, String) {
    let mut child = command
        .args(["serve", "--port", "0", "--print-url"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut url = String::new();
    BufReader::new(child.stdout.take().expect("it is piped"))
        .read_line(&mut url)
        .expect("a line");
    (child, url.trim_end().to_owned())
}

#[tokio::test]
async fn a_log_that_nobody_reads_stops_neither_requests_nor_the_end_and_says_what_is_missing() {
    let (child, url) = printing(program().stderr(Stdio::piped()));
    ask_often(&url).await;
    signal(&child, "TERM");
    let (code, mut child) = ended(child);
    assert_eq!(code, Some(0));
    drop(child.stderr.take());

    // Somebody who reads late finds the number of the lines that are missing.
    let (mut child, url) = printing(program().stderr(Stdio::piped()));
    ask_often(&url).await;
    let mut stderr = child.stderr.take().expect("it is piped");
    let reader = std::thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).expect("text");
        log
    });
    signal(&child, "TERM");
    let (code, _) = ended(child);
    assert_eq!(code, Some(0));
    let log = reader.join().expect("it reads");
    assert!(log.contains("were left out of the log"), "{}", log.len());
    assert!(log.contains("SIGTERM: stopping"));
}

#[tokio::test]
async fn a_log_that_cannot_be_written_stops_neither_requests_nor_the_end() {
    let full = || {
        let full = OpenOptions::new().write(true).open("/dev/full");
        Stdio::from(full.expect("Linux has it"))
    };
    for is_closed in [true, false] {
        let stderr = if is_closed { Stdio::piped() } else { full() };
        let (mut child, url) = printing(program().stderr(stderr));
        drop(child.stderr.take());
        for _ in 0..3 {
            let reply = Reply::of(client().get(&url)).await;
            assert_eq!(reply.status, 200);
        }
        signal(&child, "TERM");
        assert_eq!(ended(child).0, Some(0), "closed: {is_closed}");
    }
}

#[tokio::test]
async fn a_greeting_that_nobody_reads_or_that_cannot_be_written_does_not_matter() {
    let full = OpenOptions::new().write(true).open("/dev/full");
    let (_reader, mut pipe) = std::io::pipe().expect("a pipe");
    // As much as a pipe of Linux holds.
    pipe.write_all(&vec![b'x'; 1 << 16]).expect("it takes that");
    for stdout in [Stdio::from(full.expect("Linux has it")), pipe.into()] {
        let directory = tempfile::tempdir().expect("a directory");
        let port_file = directory.path().join("port");
        let child = program()
            .args(["serve", "--port", "0", "--port-file"])
            .arg(&port_file)
            .stdout(stdout)
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let port = loop {
            if let Ok(port) = std::fs::read_to_string(&port_file) {
                break port;
            }
            std::thread::yield_now();
        };
        let url = format!("http://127.0.0.1:{}", port.trim());
        assert_eq!(Reply::of(client().get(&url)).await.status, 200);
        signal(&child, "TERM");
        assert_eq!(ended(child).0, Some(0));
    }
}

#[tokio::test]
async fn an_exec_whose_log_nobody_reads_answers_its_command_and_ends_with_it() {
    let mut child = program()
        .args(["exec", "--log", "info", "--", "sh", "-c"])
        .arg("echo $FAKE_DROPBOX_URL; read line; exit 5")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut url = String::new();
    BufReader::new(child.stdout.take().expect("it is piped"))
        .read_line(&mut url)
        .expect("a line");
    ask_often(url.trim_end()).await;
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(b"end\n").expect("it reads");
    assert_eq!(ended(child).0, Some(5));
}

#[tokio::test]
async fn a_terminal_that_goes_stops_the_server_cleanly() {
    let serving = Serving::start(&[]);
    let port_file = serving.port_file.clone();
    serving.signal("HUP");
    let ended = serving.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains("SIGHUP: stopping"), "{}", ended.err);
    assert!(!port_file.exists());
}

#[tokio::test]
async fn what_nohup_started_stays_when_the_terminal_goes() {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(program().get_program())
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let (child, url) = printing(&mut shell);
    signal(&child, "HUP");
    assert_eq!(Reply::of(client().get(&url)).await.status, 200);
    signal(&child, "TERM");
    assert_eq!(ended(child).0, Some(0));

    // A command of exec ignores it as it would without exec.
    let mut shell = Command::new("sh");
    let mut child = shell
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(program().get_program())
        .args([
            "exec",
            "--no-summary",
            "--",
            "sh",
            "-c",
            "kill -HUP $$; echo on",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut said = String::new();
    let mut out = child.stdout.take().expect("it is piped");
    out.read_to_string(&mut said).expect("text");
    assert_eq!(said, "on\n");
    assert_eq!(ended(child).0, Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn the_command_ends_with_an_exec_that_is_killed() {
    let mut child = program()
        .args([
            "exec",
            "--",
            "sh",
            "-c",
            "trap '' TERM HUP; echo ready; exec cat",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let stdin = child.stdin.take();
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    assert_eq!(line, "ready\n");
    signal(&child, "KILL");
    child.wait().expect("it ends");
    // The command holds standard output; it is closed when the command is gone.
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut rest = String::new();
        let _ = tell.send(out.read_to_string(&mut rest).is_ok());
    });
    assert_eq!(told.recv_timeout(PATIENCE), Ok(true));
    drop(stdin);
}

#[test]
fn the_command_of_an_exec_does_not_learn_the_control_token() {
    let ended = super::program::Ended::of(
        program()
            .args(["exec", "--no-summary", "--", "env"])
            .env("FAKE_DROPBOX_CONTROL_TOKEN", "hush-hush")
            .output()
            .expect("it runs"),
    );
    assert!(ended.out.contains("FAKE_DROPBOX_URL="), "{}", ended.out);
    assert!(!ended.out.contains("hush-hush"), "{}", ended.out);
}

#[tokio::test]
async fn more_clients_than_the_soft_limit_of_descriptors_are_served() {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -Sn 64; exec \"$0\" \"$@\""])
        .arg(program().get_program())
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let (child, url) = printing(&mut shell);
    let address = url.trim_start_matches("http://").to_owned();
    let idle: Vec<TcpStream> = (0..200)
        .map(|_| TcpStream::connect(&address).expect("a connection"))
        .collect();
    assert_eq!(Reply::of(client().get(&url)).await.status, 200);
    drop(idle);
    signal(&child, "TERM");
    assert_eq!(ended(child).0, Some(0));
}

#[tokio::test]
async fn without_descriptors_those_who_are_connected_are_answered_and_the_log_says_so_once() {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -n 48; exec \"$0\" \"$@\""])
        .arg(program().get_program())
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let (mut child, url) = printing(&mut shell);
    let stderr = child.stderr.take().expect("it is piped");
    let (tell, told) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut times = 0;
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if line.contains("cannot accept further connections") {
                times += 1;
                let _ = tell.send(());
            }
        }
        times
    });
    let address = url.trim_start_matches("http://").to_owned();
    let mut first = BufReader::new(TcpStream::connect(&address).expect("a connection"));
    let mut ask = || {
        first
            .get_mut()
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .expect("it takes it");
        let mut head = Vec::new();
        while head.last().is_none_or(|line: &String| line != "\r\n") {
            let mut line = String::new();
            first.read_line(&mut line).expect("a line");
            head.push(line.to_ascii_lowercase());
        }
        assert!(head[0].starts_with("http/1.1 200"), "{head:?}");
        let length = head
            .iter()
            .find_map(|line| line.strip_prefix("content-length: "))
            .expect("a length");
        let mut body = vec![0; length.trim().parse().expect("a number")];
        first.read_exact(&mut body).expect("a body");
    };
    ask();
    let idle: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(&address).expect("a connection"))
        .collect();
    told.recv_timeout(PATIENCE).expect("it is told");
    ask();
    ask();
    drop(idle);
    signal(&child, "TERM");
    assert_eq!(ended(child).0, Some(0));
    assert_eq!(reader.join().expect("it reads"), 1);
}

#[test]
fn a_port_file_is_replaced_only_by_a_server_that_runs_and_only_if_it_is_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let thesis = directory.path().join("thesis.txt");
    std::fs::write(&thesis, "years of work").expect("it can be written");
    let thesis = thesis.to_str().expect("text");
    for host in ["127.0.0.1", "10.255.255.1"] {
        let arguments = [
            "serve",
            "--host",
            host,
            "--port",
            "0",
            "--port-file",
            thesis,
        ];
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2));
        assert!(ended.err.contains("it is no port file"), "{}", ended.err);
        assert_eq!(
            std::fs::read_to_string(thesis).expect("it is there"),
            "years of work"
        );
    }
    let first = Serving::start(&[]);
    let port_file = first.port_file.to_str().expect("text");
    let port = first.port.to_string();
    let ended = run(["serve", "--port", &port, "--port-file", port_file]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("is in use"), "{}", ended.err);
    let kept = std::fs::read_to_string(&first.port_file).expect("it is there");
    assert_eq!(kept.trim(), port);
    if has("sh") {
        let ended = run(["serve", "--port", "0", "--port-file", "/dev/null"]);
        assert_eq!(ended.code, Some(2));
        assert!(std::path::Path::new("/dev/null").exists());
    }
}
