//! `env`.

use super::program::{Ended, Serving, has, program, run};
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
        "gone localhost,127.0.0.1,::1\n{\"result\": \"x\"}"
    );
}

#[test]
fn every_format_says_the_same() {
    let serving = Serving::start(&[]);
    let directory = tempfile::tempdir().expect("a directory");
    let printed = |format: &str| {
        let ended = env(&serving, directory.path(), &["--format", format]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out
    };
    let json: serde_json::Value = serde_json::from_str(&printed("json")).expect("JSON");
    let names: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert!(names.len() > 15);
    for format in ["sh", "fish", "powershell", "dotenv"] {
        let text = printed(format);
        assert_eq!(text.lines().count(), names.len(), "{format}");
        for (name, line) in names.iter().zip(text.lines()) {
            assert!(line.contains(name.as_str()), "{format}: {line}");
        }
    }
    let dotenv = directory.path().join(".env");
    std::fs::write(&dotenv, printed("dotenv")).expect("it is written");
    let script = format!(". {}; printf %s \"$JAVA_TOOL_OPTIONS\"", dotenv.display());
    let output = Command::new("sh")
        .args(["-euc", &script])
        .output()
        .expect("sh runs");
    assert_eq!(
        Ended::of(output).out,
        json["JAVA_TOOL_OPTIONS"].as_str().expect("text")
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
fn without_a_server_it_says_what_to_do() {
    for command in ["env", "ca"] {
        let ended = run([command, "--url", "http://127.0.0.1:1"]);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert!(ended.err.contains("fake-dropbox serve"), "{}", ended.err);
        assert_eq!(ended.out, "");
    }
}
