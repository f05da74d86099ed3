//! Instructions in user space for each call, counted by callgrind (Debian: valgrind). The program runs
//! twice, with some calls and with more over one connection: what starting and stopping costs cancels
//! out of the difference, and the count repeats where times do not.

use super::Client;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const FEW: u64 = 500;
const MANY: u64 = 2_500;

pub fn instructions() {
    let found = Command::new("valgrind").arg("--version").output();
    if found.is_err() {
        println!("instructions for each call: skipped, there is no valgrind here");
        return;
    }
    let calls: [(&str, fn(&mut Client)); 3] = [
        ("check/user", |client| drop(client.rpc("check/user", "{}"))),
        ("mint", |client| drop(client.mint())),
        ("mint with its upload of 5 bytes", |client| {
            let link = client.mint();
            client.upload(&link, b"hello", 5);
        }),
    ];
    for (what, call) in calls {
        let [few, many] = [FEW, MANY].map(|count| counted(count, call));
        println!("{what}: {} instructions", (many - few) / (MANY - FEW));
    }
}

/// All that the program executes from its start to its end, with so many calls.
fn counted(count: u64, call: fn(&mut Client)) -> u64 {
    let directory = tempfile::tempdir().expect("a directory");
    let port_file = directory.path().join("port");
    let mut child = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env!("CARGO_BIN_EXE_fake-dropbox"))
        .args(["serve", "--port", "0", "--log", "off"])
        .args(["--until-stdin-closes", "--port-file"])
        .arg(&port_file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("valgrind starts");
    let mut client = Client::connect(([127, 0, 0, 1], port(&port_file)).into());
    for _ in 0..count {
        call(&mut client);
    }
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| {
        let (_, figure) = line.split_once("Collected :")?;
        figure.trim().parse().ok()
    });
    collected.unwrap_or_else(|| panic!("callgrind counts: {text}"))
}

fn port(file: &Path) -> u16 {
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if let Ok(port) = text.trim().parse() {
            return port;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
