//! `wait`.

use super::program::{Serving, program, run};
use std::io::{Read, Write};
use std::net::TcpListener;

#[test]
fn it_returns_when_the_server_is_ready() {
    let serving = Serving::start(&[]);
    let ended = run(["wait", "--url", &serving.url()]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let ended = run([
        "wait".as_ref(),
        "--port-file".as_ref(),
        serving.port_file.as_os_str(),
    ]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let mut by_variable = program();
    by_variable
        .arg("wait")
        .env("FAKE_DROPBOX_URL", serving.url());
    assert!(by_variable.status().expect("it runs").success());
}

#[test]
fn it_can_be_started_before_the_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let port_file = directory.path().join("port");
    let mut waiting = program()
        .arg("wait")
        .arg("--port-file")
        .arg(&port_file)
        .spawn()
        .expect("it starts");
    let serving = Serving::start(&[]);
    std::fs::write(&port_file, format!("{}\n", serving.port)).expect("it is written");
    assert!(waiting.wait().expect("it ends").success());
}

#[test]
fn it_says_why_no_server_was_ready() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let url = format!("http://127.0.0.1:{port}");
    let ended = run(["wait", "--url", &url, "--timeout", "100ms"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.starts_with(&format!(
            "fake-dropbox: no server was ready within 100ms: nobody answers at {url}: "
        )),
        "{}",
        ended.err
    );
    let ended = run(["wait", "--port-file", "/no/such/port", "--timeout", "50ms"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("/no/such/port"), "{}", ended.err);
}

#[test]
fn an_open_port_is_not_a_server() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", other.local_addr().expect("an address"));
    let answering = std::thread::spawn(move || {
        // Until the asker is gone for good; each test process ends its threads anyway.
        for stream in other.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = [0; 1024];
            let length = stream.read(&mut head).expect("a request");
            if head[..length].starts_with(b"STOP") {
                return;
            }
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        }
    });
    let ended = run(["wait", "--url", &url, "--timeout", "200ms"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("is not a fake-dropbox"), "{}", ended.err);
    let address = url.trim_start_matches("http://");
    let mut stop = std::net::TcpStream::connect(address).expect("a connection");
    stop.write_all(b"STOP").expect("it is sent");
    answering.join().expect("it ends");
}

#[test]
fn a_wrong_address_or_time_is_a_mistake_of_the_caller() {
    for (arguments, says) in [
        (
            ["--url", "https://127.0.0.1:1"],
            "plain HTTP on the same port",
        ),
        (["--url", "localhost:8080"], "http://"),
        (["--timeout", "soon"], "30s"),
    ] {
        let ended = run(["wait"].iter().chain(&arguments));
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains(says), "{}", ended.err);
    }
}
