//! `env`.

use super::program::{Ended, Serving, has, program, run};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn env(serving: &Serving, directory: &Path, options: &[&str]) -> Ended {
    let output = program()
        .args(["env", "--url", &serving.url(), "--dir"])
        .arg(directory)
        .args(options)
        .output()
        .expect("it runs");
    Ended::of(output)
}

#[test]
fn a_shell_that_evaluates_it_reaches_the_server_under_dropbox_s_names() {
    if !has("curl") {
        return;
    }
    let serving = Serving::start(&[]);
    let directory = tempfile::tempdir().expect("a directory");
    // A name that needs quotes.
    let directory = directory.path().join("it's here");
    let ended = env(&serving, &directory, &[]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let script = format!(
        "export DROPBOX_DOMAIN=.wrong NO_PROXY='*'\n{}\n\
         echo \"${{DROPBOX_DOMAIN-gone}} $no_proxy\"\n\
         curl -sS -X POST https://api.dropboxapi.com/2/check/user -H 'Authorization: Bearer a' \
         -H 'Content-Type: application/json' -d '{{\"query\":\"x\"}}'",
        ended.out
    );
    let output = Command::new("sh")
        .args(["-euc", &script])
        .output()
        .expect("sh runs");
    let shown = Ended::of(output);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    assert_eq!(
        shown.out,
        "gone localhost,127.0.0.1,::1\n{\"result\":\"x\"}"
    );
}

fn variables(json: &str) -> BTreeMap<String, Option<String>> {
    serde_json::from_str(json).expect("JSON")
}

/// What a shell has in these variables after it read what `env` prints for it; it has wrong ones before.
fn read_by(
    shell: &str,
    script: &str,
    wanted: &BTreeMap<String, Option<String>>,
    printed: &str,
) -> BTreeMap<String, Option<String>> {
    let mut command = Command::new(shell);
    // A variable that is there shows whether it is removed.
    let output = command
        .args(["-c", script])
        .envs(wanted.keys().map(|name| (name, "wrong")))
        .env("PRINTED", printed)
        .output()
        .expect("it runs");
    let ended = Ended::of(output);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{shell}");
    let there: BTreeMap<&str, &str> = ended
        .out
        .split('\0')
        .filter_map(|line| line.split_once('='))
        .collect();
    let found = wanted.keys().map(|name| {
        (
            name.clone(),
            there.get(name.as_str()).map(ToString::to_string),
        )
    });
    found.collect()
}

/// A directory's name has whatever a file system takes.
fn shell_reads_the_same(shell: &str, format: &str, script: &str) {
    if !has(shell) {
        return;
    }
    let serving = Serving::start(&[]);
    let parent = tempfile::tempdir().expect("a directory");
    for name in [
        "plain",
        "it's \"$HOME\" `x` \\n ü; (a)",
        "two\nlines",
        "-x 'y'\\",
    ] {
        let directory = parent.path().join(name);
        let printed = |format: &str| {
            let ended = env(&serving, &directory, &["--format", format]);
            assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
            ended.out
        };
        let wanted = variables(&printed("json"));
        assert!(wanted.len() > 15 && wanted["DROPBOX_DOMAIN"].is_none());
        let place = wanted["FAKE_DROPBOX_CA"].as_deref().expect("a path");
        assert_eq!(Path::new(place), directory.join("ca.pem"));
        let read = read_by(shell, script, &wanted, &printed(format));
        assert_eq!(read, wanted, "{shell} in {name:?}");
    }
}

#[test]
fn sh_and_bash_read_what_was_meant_whatever_the_directory_is_called() {
    shell_reads_the_same("sh", "sh", "eval \"$PRINTED\"; env -0");
    shell_reads_the_same("bash", "sh", "eval \"$PRINTED\"; env -0");
}

#[test]
fn fish_reads_what_was_meant_whatever_the_directory_is_called() {
    shell_reads_the_same("fish", "fish", "printf %s $PRINTED | source; env -0");
}

#[test]
fn powershell_reads_what_was_meant_whatever_the_directory_is_called() {
    let show = "Get-ChildItem Env: | ForEach-Object { [Console]::Write($_.Name + '=' + $_.Value + \"`0\") }";
    let script = format!("$env:PRINTED | Out-String | Invoke-Expression; {show}");
    shell_reads_the_same("pwsh", "powershell", &script);
}

#[test]
fn a_dotenv_file_in_whose_quotes_its_readers_differ_is_complained_about() {
    let serving = Serving::start(&[]);
    let parent = tempfile::tempdir().expect("a directory");
    let directory = parent.path().join("it's here");
    let ended = env(&serving, &directory, &["--format", "dotenv"]);
    assert_eq!(ended.code, Some(0));
    assert!(
        ended
            .err
            .contains("JAVA_TOOL_OPTIONS: name one without quotes"),
        "{}",
        ended.err
    );
    assert!(
        ended.err.contains("name one without quotes"),
        "{}",
        ended.err
    );
}

#[test]
fn a_server_is_found_by_its_port_file_and_files_go_among_the_caches() {
    let serving = Serving::start(&[]);
    let caches = tempfile::tempdir().expect("a directory");
    let output = program()
        .args(["env", "--format", "json", "--port-file"])
        .arg(&serving.port_file)
        .env("XDG_CACHE_HOME", caches.path())
        .env("HOME", caches.path())
        .output()
        .expect("it runs");
    let ended = Ended::of(output);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let json: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
    let certificate = Path::new(json["FAKE_DROPBOX_CA"].as_str().expect("text"));
    assert!(certificate.starts_with(caches.path()) && certificate.exists());
}

#[test]
fn without_tls_it_says_what_is_missing() {
    let serving = Serving::start(&["--no-tls"]);
    let directory = tempfile::tempdir().expect("a directory");
    let ended = env(&serving, directory.path(), &[]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(
        ended.out,
        format!("export FAKE_DROPBOX_URL='{}'\n", serving.url())
    );
    assert!(ended.err.contains("without TLS"), "{}", ended.err);
}

#[test]
fn a_script_that_stops_at_errors_does_not_go_on_without_a_server() {
    let shell = |script: &str| {
        let output = Command::new("sh")
            .args(["-ec", script])
            .env("FAKE", env!("CARGO_BIN_EXE_fake-dropbox"))
            .output();
        Ended::of(output.expect("sh runs"))
    };
    for arguments in ["--url http://127.0.0.1:1", "--port-file /no/such", "--nope"] {
        let ended = shell(&format!("eval \"$($FAKE env {arguments})\"; echo went on"));
        assert_ne!(ended.code, Some(0), "{arguments}");
        assert_eq!(ended.out, "", "{arguments}");
    }
    for (format, says) in [
        ("fish", "false\n"),
        ("powershell", "throw 'nobody answers"),
        ("json", ""),
        ("dotenv", ""),
    ] {
        let ended = run(["env", "--url", "http://127.0.0.1:1", "--format", format]);
        assert_eq!(ended.code, Some(1), "{format}");
        assert!(ended.out.starts_with(says), "{format}: {}", ended.out);
        assert_eq!(ended.out.is_empty(), says.is_empty(), "{format}");
    }
}

#[test]
fn without_a_server_it_says_what_to_do() {
    for command in ["env", "ca"] {
        let ended = run([command, "--url", "http://127.0.0.1:1"]);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert!(ended.err.contains("fake-dropbox serve"), "{}", ended.err);
        let stops = if command == "env" { "false\n" } else { "" };
        assert_eq!(ended.out, stops);
    }
}
