//! `exec`.

use super::program::{Ended, has, program};
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

const MINT: &str = r#"-H 'Authorization: Bearer test' -H 'Content-Type: application/json' -d '{"commit_info":{"path":"/in/a.txt"}}'"#;

fn exec(options: &[&str], command: &[&str]) -> Ended {
    let output = program()
        .arg("exec")
        .args(options)
        .arg("--")
        .args(command)
        .output()
        .expect("it runs");
    Ended::of(output)
}

fn shell(options: &[&str], script: &str) -> Ended {
    exec(options, &["sh", "-euc", script])
}

#[test]
fn clear_text_goes_through_the_fake_and_a_foreign_host_is_refused() {
    const THERE: &str = "http://api.dropboxapi.com/2/users/get_current_account";
    let curl = |url: &str| format!("curl -sS -X POST {url} -H 'Authorization: Bearer test'");
    let python = |url: &str| {
        format!(
            "python3 -c \"import urllib.request as u, urllib.error as e
try: print(u.urlopen(u.Request('{url}', method='POST', headers={{'Authorization': 'Bearer test'}})).read().decode())
except e.HTTPError as error: print(error.read().decode())\""
        )
    };
    for (name, ask) in [
        ("curl", &curl as &dyn Fn(&str) -> String),
        ("python3", &python),
    ] {
        if !has(name) {
            continue;
        }
        let script = format!("{}\n{}\n", ask(THERE), ask("http://registry.example/a"));
        let ended = shell(&[], &script);
        let Ended { code, out, err } = &ended;
        assert_eq!(*code, Some(0), "{name}: {err}");
        assert!(out.contains("dbid:"), "{name}: {out}");
        assert!(
            out.contains(
                "The request for http://registry.example/a is refused: this server stands for Dropbox only. If it is \
                 meant, start the server with --allow-tunnel registry.example:80."
            ),
            "{name}: {out}"
        );
        assert!(err.contains("registry.example:80"), "{name}: {err}");
    }
}

#[test]
fn an_unchanged_curl_mints_and_uses_a_link_under_dropbox_s_names() {
    if !has("curl") {
        return;
    }
    let script = format!(
        "link=$(curl -sS https://api.dropboxapi.com/2/files/get_temporary_upload_link {MINT} | cut -d'\"' -f4)\n\
         echo \"$link\"\n\
         curl -sS \"$link\" -H 'Content-Type: application/octet-stream' --data-binary hello\n"
    );
    // Nobody knows who follows a link, so it leads to the fake unless that is asked for.
    let ended = shell(&[], &script);
    assert!(ended.out.starts_with("http://127.0.0.1:"), "{}", ended.out);
    assert!(ended.out.contains("content-hash"), "{}", ended.out);

    let ended = shell(
        &[
            "--links=production",
            "--fail-on-unused-links",
            "--fail-on-unknown-routes",
        ],
        &script,
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended
            .out
            .starts_with("https://content.dropboxapi.com/apitul/1/"),
        "{}",
        ended.out
    );
    assert!(
        ended
            .err
            .contains("reaches the real Dropbox with it; --links local"),
        "{}",
        ended.err
    );
    assert!(ended.out.contains("content-hash"), "{}", ended.out);
    assert!(
        ended.err.contains("2 requests; links: 1 minted, 1 used\n"),
        "{}",
        ended.err
    );
    assert!(
        ended.err.contains("1× UL-161 After the whole body"),
        "{}",
        ended.err
    );
}

#[test]
fn curl_shows_no_answer_but_dropbox_s() {
    if !has("curl") {
        return;
    }
    let home = tempfile::tempdir().expect("a directory");
    std::fs::write(home.path().join(".curlrc"), "user-agent = mine\n").expect("it is written");
    let script = format!(
        "export HOME={}; unset XDG_CONFIG_HOME CURL_HOME\n\
         exec {} exec --no-summary -- sh -euc 'curl -sSi https://api.dropboxapi.com/2/check/user -X POST; \
         curl -sS $FAKE_DROPBOX_URL/_fake/v1/journal'",
        home.path().display(),
        program().get_program().to_str().expect("text"),
    );
    let ended = shell(&[], &script);
    assert!(
        !ended.out.contains("onnection established"),
        "{}",
        ended.out
    );
    assert!(ended.out.starts_with("HTTP/2 40"), "{}", ended.out);
    assert!(ended.out.contains("\"mine\""), "{}", ended.out);
}

#[test]
fn an_unchanged_python_reaches_it_with_what_it_brings() {
    if !has("python3") {
        return;
    }
    let script = r#"
import json, urllib.request
def call(url, body, kind):
    request = urllib.request.Request(url, body, {"Authorization": "Bearer test", "Content-Type": kind})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
info = json.dumps({"commit_info": {"path": "/in/a.txt"}}).encode()
link = call("https://api.dropboxapi.com/2/files/get_temporary_upload_link", info, "application/json")["link"]
print(call(link, b"hello", "application/octet-stream")["content-hash"])
"#;
    let ended = exec(&[], &["python3", "-c", script]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(
        ended.out,
        "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50\n"
    );
}

#[test]
fn another_host_is_refused() {
    if !has("curl") {
        return;
    }
    let ended = shell(&[], "curl -sS https://example.com/");
    assert_ne!(ended.code, Some(0));
    assert!(
        ended.err.contains("CONNECT") || ended.err.contains("403"),
        "{}",
        ended.err
    );
    assert!(
        ended
            .err
            .contains("1 tunnel refused: example.com:443 (1×)\n"),
        "{}",
        ended.err
    );
}

#[test]
fn a_fault_that_never_acted_is_named() {
    if !has("curl") {
        return;
    }
    let script = r#"curl -sS "$FAKE_DROPBOX_URL/_fake/v1/faults" -o /dev/null \
        -d '{"match": {"route": "upload_link"}, "phase": "head", "action": "reset"}'"#;
    let ended = shell(&[], script);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let line = r#"1 injected fault never triggered: fault:1 (matched 0 requests): {"match":{"route":"upload_link"}"#;
    assert!(ended.err.contains(line), "{}", ended.err);
}

#[test]
fn a_variable_that_nothing_reads_is_named() {
    let mut command = program();
    command.env("FAKE_DROPBOX_QOUTA", "1MiB");
    command.env("FAKE_DROPBOX_QUOTA", "1MiB");
    let output = command.args(["exec", "--", "true"]).output();
    let ended = Ended::of(output.expect("it runs"));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let words = "FAKE_DROPBOX_QOUTA is no variable of this program";
    assert!(ended.err.contains(words), "{}", ended.err);
    assert!(!ended.err.contains("FAKE_DROPBOX_QUOTA"), "{}", ended.err);
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    assert_eq!(shell(&[], "exit 42").code, Some(42));
    assert_eq!(shell(&[], "kill -KILL $$").code, Some(137));
    let missing = exec(&[], &["no-such-command-anywhere"]);
    assert_eq!(missing.code, Some(127));
    assert!(
        missing
            .err
            .contains("cannot run no-such-command-anywhere: No such file"),
        "{}",
        missing.err
    );
    assert_eq!(missing.err.lines().count(), 1, "nothing is summed up");
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("text");
    assert_eq!(exec(&[], &[path]).code, Some(126));
    assert_eq!(exec(&[], &[]).code, Some(2));
}

#[test]
fn checks_fail_with_a_code_of_their_own_and_only_when_the_command_was_content() {
    if !has("curl") {
        return;
    }
    let mint =
        format!("curl -sSo /dev/null $FAKE_DROPBOX_URL/2/files/get_temporary_upload_link {MINT}");
    let ended = shell(&["--fail-on-unused-links"], &mint);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert!(
        ended.err.contains("1 link never used: /in/a.txt\n"),
        "{}",
        ended.err
    );
    assert!(
        ended
            .err
            .contains("--fail-on-unused-links: 1 link without a successful upload\n"),
        "{}",
        ended.err
    );
    let ended = shell(&["--fail-on-unused-links"], &format!("{mint}; exit 7"));
    assert_eq!(ended.code, Some(7), "{}", ended.err);
    assert_eq!(shell(&[], &mint).code, Some(0));

    let unknown = "curl -sSo /dev/null -X POST $FAKE_DROPBOX_URL/2/files/tags/get";
    let ended = shell(&["--fail-on-unknown-routes"], unknown);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert!(
        ended.err.contains("POST /2/files/tags/get (1×)"),
        "{}",
        ended.err
    );

    let used = mint_and_upload("");
    for (name, code) in [
        ("failed_commit", 3),
        ("any", 3),
        ("UL-161", 3),
        ("UL-138", 0),
    ] {
        let ended = shell(&["--fail-on-assumptions", name], &used);
        assert_eq!(ended.code, Some(code), "{name}: {}", ended.err);
    }
    let ended = shell(&["--fail-on-assumptions", "no_such"], "exit 0");
    assert_eq!(ended.code, Some(2), "{}", ended.err);
}

#[test]
fn a_link_whose_file_was_stored_is_used_whatever_became_of_the_answer() {
    if !has("curl") {
        return;
    }
    for fault in [
        r#"{"match":{"route":"upload_link"},"phase":"after_commit","action":"reset"}"#,
        r#"{"match":{"route":"upload_link"},"phase":"after_commit","action":{"answer":"unavailable"}}"#,
        r#"{"match":{"route":"upload_link"},"phase":"answer","action":{"truncate":{"after_bytes":5}}}"#,
        r#"{"match":{"route":"upload_link"},"phase":"answer","action":"close"}"#,
    ] {
        let script = format!(
            "curl -sSo /dev/null $FAKE_DROPBOX_URL/_fake/v1/faults -H 'Authorization: Bearer test' -d '{fault}'\n{}",
            mint_and_upload("|| true")
        );
        let ended = shell(&["--fail-on-unused-links"], &script);
        assert_eq!(ended.code, Some(0), "{fault}: {}", ended.err);
        assert!(
            ended.err.contains("links: 1 minted, 1 used\n"),
            "{fault}: {}",
            ended.err
        );
    }
}

#[test]
fn a_link_that_a_reset_removed_is_neither_used_nor_unused() {
    if !has("curl") {
        return;
    }
    let script = format!(
        "curl -sSo /dev/null $FAKE_DROPBOX_URL/2/files/get_temporary_upload_link {MINT}\n\
         curl -sSo /dev/null $FAKE_DROPBOX_URL/_fake/v1/reset -X POST -H 'Authorization: Bearer test'\n"
    );
    let ended = shell(&["--fail-on-unused-links"], &script);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended.err.contains("links: 1 minted, 0 used\n"),
        "{}",
        ended.err
    );
}

#[test]
fn a_link_that_is_meant_to_fail_is_no_complaint_and_any_other_is_named() {
    if !has("curl") {
        return;
    }
    // Something stands in the way, so the upload uses the link up and stores nothing.
    let refused = format!(
        "curl -sSo /dev/null $FAKE_DROPBOX_URL/_fake/v1/files/seed -H 'Authorization: Bearer test' \
         -d '{{\"entries\":[{{\"file\":{{\"path\":\"/in/a.txt\",\"text\":\"in the way\"}}}}]}}'\n{}",
        mint_and_upload("")
    );
    let ended = shell(&["--fail-on-unused-links"], &refused);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("1 link used up without storing a file: /in/a.txt\n"),
        "{}",
        ended.err
    );
    let expect = |path: &str, failure: &str| {
        format!(
            "curl -sSo /dev/null $FAKE_DROPBOX_URL/_fake/v1/links/expect -H 'Authorization: Bearer test' \
             -d '{{\"path\":\"{path}\",\"failure\":\"{failure}\"}}'\n"
        )
    };
    for (path, failure, code) in [
        ("/In/A.txt", "refused", 0),
        ("/in/a.txt", "unused", 3),
        ("/in/b.txt", "refused", 3),
    ] {
        let script = expect(path, failure) + &refused;
        let ended = shell(&["--fail-on-unused-links"], &script);
        assert_eq!(ended.code, Some(code), "{path} {failure}: {}", ended.err);
    }
}

/// What mints a link and posts a file to it; `then` follows the upload.
fn mint_and_upload(then: &str) -> String {
    format!(
        "link=$(curl -sS $FAKE_DROPBOX_URL/2/files/get_temporary_upload_link {MINT} | cut -d'\"' -f4)\n\
         curl -sSo /dev/null \"$link\" -H 'Content-Type: application/octet-stream' --data-binary hello {then}\n"
    )
}

#[test]
fn refused_requests_are_named_and_the_summary_can_be_left_out() {
    if !has("curl") {
        return;
    }
    let script = "for i in 1 2; do curl -sSo /dev/null -X POST $FAKE_DROPBOX_URL/2/files/get_metadata \
                  -H 'Authorization: Bearer a' -H 'Content-Type: application/json' -d '{\"path\":\"/no\"}'; done";
    let ended = shell(&[], script);
    assert!(
        ended.err.contains("2× 409 files/get_metadata: API-177 "),
        "{}",
        ended.err
    );
    assert_eq!(shell(&["--no-summary"], script).err, "");
}

/// A command that runs below `exec`, in a group of its own, so that no terminal rules it.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(script: &str) -> Self {
        let mut child = program()
            .args(["exec", "--", "sh", "-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("a line").expect("text")
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(status.success());
    }
}

#[test]
fn signals_are_passed_on_and_files_go_in_the_end() {
    for (signal, code) in [("TERM", 9), ("INT", 10), ("HUP", 11), ("USR1", 12)] {
        let mut running = Running::start(&format!(
            "trap 'echo came; exit {code}' {signal}; echo \"$FAKE_DROPBOX_CA\"; while :; do :; done"
        ));
        let certificate = running.line();
        assert!(Path::new(&certificate).exists());
        running.signal(signal);
        assert_eq!(running.line(), "came", "{signal}");
        let ended = running.child.wait().expect("it ends");
        assert_eq!(ended.code(), Some(code), "{signal}");
        assert!(!Path::new(&certificate).exists());
    }
}

#[test]
fn a_command_that_ignores_a_signal_has_its_fake_until_it_ends() {
    if !has("curl") {
        return;
    }
    let mut running = Running::start(
        "trap '' TERM; trap 'echo both came' USR1; echo ready; read line || read line; \
         curl -sS -o /dev/null -w '%{http_code}\\n' $FAKE_DROPBOX_URL/; exit 7",
    );
    assert_eq!(running.line(), "ready");
    running.signal("TERM");
    // The fake is there still, and so is what passes signals on.
    running.signal("USR1");
    assert_eq!(running.line(), "both came");
    let mut input = running.child.stdin.take().expect("it is piped");
    input.write_all(b"on\n").expect("it reads");
    assert_eq!(running.line(), "200");
    assert_eq!(running.child.wait().expect("it ends").code(), Some(7));
}

/// A terminal signals all that run on it, the command too. A second signal may come too late to be seen
/// here, but one that is seen is one too many.
#[test]
fn a_key_that_interrupts_reaches_the_command_once() {
    if !has("python3") {
        return;
    }
    let terminal = r#"
import os, pty, sys
reading, writing = os.pipe()
process, terminal = pty.fork()
if process == 0:
    os.dup2(reading, 0)
    script = "trap 'echo came' INT; echo ready; read a || read a || read a; echo end"
    os.execv(sys.argv[1], [sys.argv[1], "exec", "--no-summary", "--", "sh", "-c", script])
seen = b""
def until(word):
    global seen
    while word not in seen:
        seen += os.read(terminal, 1000)
until(b"ready")
os.write(terminal, b"\x03")
until(b"came")
os.write(writing, b"go on\n")
until(b"end")
print(seen.count(b"came"), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"#;
    let output = Command::new("python3")
        .args(["-c", terminal, env!("CARGO_BIN_EXE_fake-dropbox")])
        .output()
        .expect("it runs");
    let ended = Ended::of(output);
    assert_eq!(ended.out, "1 0\n", "{}", ended.err);
}

#[test]
fn an_exec_in_an_exec_has_a_fake_of_its_own() {
    if !has("curl") {
        return;
    }
    let mint = format!(
        "curl -sSo /dev/null https://api.dropboxapi.com/2/files/get_temporary_upload_link {MINT}"
    );
    let ours = env!("CARGO_BIN_EXE_fake-dropbox");
    let inner = [
        "--no-summary",
        "--",
        ours,
        "exec",
        "--",
        "sh",
        "-euc",
        &mint,
    ];
    let ended = exec(&[], &[&[ours, "exec"], &inner[..]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let summaries: Vec<&str> = ended
        .err
        .lines()
        .filter(|line| line.contains("links: "))
        .collect();
    assert_eq!(
        summaries,
        [
            "fake-dropbox: 1 request; links: 1 minted, 0 used",
            "fake-dropbox: 0 requests; links: 0 minted, 0 used",
        ]
    );
}

#[test]
fn settings_hold_for_the_fake_of_the_command() {
    if !has("curl") {
        return;
    }
    let script = "curl -sS -X POST $FAKE_DROPBOX_URL/2/check/user -H 'Authorization: Bearer a' \
                  -H 'Content-Type: application/json' -d '{\"query\":\"x\"}'";
    let ended = shell(&["--unknown-tokens", "refuse"], script);
    assert!(ended.out.contains("invalid_access_token"), "{}", ended.out);
    let ended = shell(&["--no-tls"], "echo ${FAKE_DROPBOX_CA-none}");
    assert_eq!(ended.out, "none\n");
}
