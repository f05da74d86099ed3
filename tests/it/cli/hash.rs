//! `hash`.

use super::program::{Ended, program, run};
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use std::io::Write;
use std::process::Stdio;

const HELLO: &str = "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50";

fn with_input(arguments: &[&str], input: &[u8]) -> Ended {
    let mut child = program()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input).expect("it takes the input");
    drop(stdin);
    Ended::of(child.wait_with_output().expect("it ends"))
}

#[test]
fn standard_input_is_hashed_where_no_file_is_named() {
    for arguments in [&["hash"][..], &["hash", "-"]] {
        let ended = with_input(arguments, b"hello");
        assert_eq!(ended.out, format!("{HELLO}  -\n"));
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_file_that_cannot_be_read_does_not_keep_the_others_back() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("a"), b"hello").expect("it is written");
    let large = vec![7; (9 << 20) + 1];
    std::fs::write(directory.path().join("large"), &large).expect("it is written");
    let output = program()
        .args(["hash", "a", "missing", "large"])
        .current_dir(directory.path())
        .output()
        .expect("it runs");
    let ended = Ended::of(output);
    assert_eq!(ended.code, Some(1));
    assert_eq!(
        ended.out,
        format!("{HELLO}  a\n{}  large\n", ContentHash::of(&large))
    );
    assert_eq!(
        ended.err,
        "fake-dropbox: cannot read missing: No such file or directory\n"
    );
}

#[test]
fn json_has_one_object_for_each_file() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("a"), b"hello").expect("it is written");
    let output = program()
        .args(["hash", "--json", "a", "missing"])
        .current_dir(directory.path())
        .output()
        .expect("it runs");
    let ended = Ended::of(output);
    assert_eq!(ended.code, Some(1));
    let lines: Vec<serde_json::Value> = ended
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        lines[0],
        serde_json::json!({"file": "a", "content_hash": HELLO, "size": 5})
    );
    assert_eq!(lines[1]["file"], "missing");
    assert!(
        lines[1]["error"]
            .as_str()
            .expect("a text")
            .contains("No such file")
    );
}

#[test]
fn a_list_that_was_printed_can_be_checked() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("a"), b"hello").expect("it is written");
    std::fs::write(at("b\nc"), b"").expect("it is written");
    let list = Ended::of(
        program()
            .args(["hash", "a", "b\nc"])
            .current_dir(directory.path())
            .output()
            .expect("it runs"),
    );
    std::fs::write(at("list"), &list.out).expect("it is written");
    let check = |arguments: &[&str]| {
        let mut command = program();
        command
            .args(["hash", "--check"])
            .args(arguments)
            .current_dir(directory.path());
        Ended::of(command.output().expect("it runs"))
    };
    let ended = check(&["list"]);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (Some(0), "a: OK\nb\nc: OK\n")
    );
    assert_eq!(check(&["--quiet", "list"]).out, "");

    std::fs::write(at("a"), b"hullo").expect("it is written");
    std::fs::remove_file(at("b\nc")).expect("it is removed");
    let ended = check(&["--quiet", "list"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.out, "a: FAILED\nb\nc: FAILED open or read\n");
    assert!(
        ended.err.contains("list: 1 file did not match"),
        "{}",
        ended.err
    );
    assert!(
        ended.err.contains("list: 1 file could not be read"),
        "{}",
        ended.err
    );
}

#[test]
fn a_list_without_hashes_is_no_success() {
    let ended = with_input(&["hash", "--check"], b"hello\n\n");
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.contains("1 line is not a content hash"),
        "{}",
        ended.err
    );
    assert!(
        ended.err.contains("nothing in it could be checked"),
        "{}",
        ended.err
    );
    assert_eq!(run(["hash", "--check", "/no/such/list"]).code, Some(1));
    assert_eq!(run(["hash", "--quiet"]).code, Some(2));
}
