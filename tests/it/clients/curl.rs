//! curl, as the documentation of upload links has it, and as people get it wrong.

use super::tools::{PATIENCE, command, run, skipped, version};
use super::{accounts, fake_with_production_links};
use crate::support::Fake;
use fake_dropbox::internals::dropbox::content_hash::ContentHasher;
use std::fmt::Write as _;
use std::path::Path;
use tempfile::TempDir;

/// The largest body that curl sends without asking first is 1 MiB.
const ASKED_FIRST: usize = (1 << 20) + 1;

/// What curl saw of an answer.
#[derive(Debug)]
struct Answer {
    status: String,
    body: String,
    trace: String,
}

/// A server that curl finds through its proxy setting, and a directory with a file to send.
struct Desk {
    fake: Fake,
    directory: TempDir,
}

impl Desk {
    fn new() -> Option<Self> {
        if let Err(why) = version("curl", "--version") {
            skipped("curl", &why);
            return None;
        }
        let directory = TempDir::new().expect("a directory");
        let bytes: Vec<u8> = (0..ASKED_FIRST)
            .map(|at| (at % 251).to_le_bytes()[0])
            .collect();
        std::fs::write(directory.path().join("file.bin"), bytes).expect("a file");
        Some(Self {
            fake: fake_with_production_links(),
            directory,
        })
    }

    fn curl(&self, arguments: &[&str]) -> Answer {
        let mut curl = command("curl");
        curl.current_dir(self.directory.path())
            .env("HTTPS_PROXY", format!("http://{}", self.fake.address))
            .env("CURL_CA_BUNDLE", self.fake.ca("ca.pem"))
            .args(["--silent", "--show-error", "--verbose"])
            .args(["--max-time", "30", "--write-out", "\n%{http_code}"])
            .args(arguments);
        let outcome = run(&mut curl, PATIENCE).expect("curl ends").expect("curl");
        let (body, status) = outcome.stdout.rsplit_once('\n').expect("a status");
        Answer {
            status: status.to_owned(),
            body: body.to_owned(),
            trace: outcome.stderr,
        }
    }

    fn rpc(&self, route: &str, argument: &str) -> Answer {
        self.curl(&[
            "-X",
            "POST",
            &format!("https://api.dropboxapi.com/2/{route}"),
            "--header",
            &format!("Authorization: Bearer {}", accounts::TOKEN),
            "--header",
            "Content-Type: application/json",
            "--data",
            argument,
        ])
    }

    fn mint(&self, path: &str) -> String {
        let argument = format!(r#"{{"commit_info":{{"path":"{path}"}},"duration":3600}}"#);
        let minted = self.rpc("files/get_temporary_upload_link", &argument);
        assert_eq!(minted.status, "200", "{}", minted.body);
        let answer: serde_json::Value = serde_json::from_str(&minted.body).expect("JSON");
        let link = answer["link"].as_str().expect("a link").to_owned();
        assert!(
            link.starts_with("https://content.dropboxapi.com/apitul/1/"),
            "{link}"
        );
        link
    }
}

const OCTETS: &str = "Content-Type: application/octet-stream";

fn content_hash(file: &Path) -> String {
    let mut hasher = ContentHasher::new();
    hasher.update(&std::fs::read(file).expect("a file"));
    hasher.finish().to_string()
}

#[test]
fn the_documented_command_uploads_a_file_that_it_announces_first() {
    let Some(desk) = Desk::new() else { return };
    let link = desk.mint("/in/file.bin");
    let first = desk.curl(&[
        "-X",
        "POST",
        &link,
        "--header",
        OCTETS,
        "--data-binary",
        "@file.bin",
    ]);
    assert_eq!(first.status, "200", "{}", first.body);
    let hash = content_hash(&desk.directory.path().join("file.bin"));
    assert_eq!(first.body, format!("{{\"content-hash\": \"{hash}\"}}"));
    assert!(
        first.trace.contains("> Expect: 100-continue")
            && first.trace.contains("< HTTP/1.1 100 Continue"),
        "{}",
        first.trace
    );

    let metadata = desk.rpc("files/get_metadata", r#"{"path":"/in/FILE.bin"}"#);
    assert!(metadata.body.contains(&hash), "{}", metadata.body);
    let back = desk.curl(&[
        "-X",
        "POST",
        "https://content.dropboxapi.com/2/files/download",
        "--header",
        &format!("Authorization: Bearer {}", accounts::TOKEN),
        "--header",
        r#"Dropbox-API-Arg: {"path":"/in/file.bin"}"#,
        "--output",
        "back.bin",
    ]);
    assert_eq!(back.status, "200");
    assert_eq!(content_hash(&desk.directory.path().join("back.bin")), hash);

    let second = desk.curl(&["-X", "POST", &link, "--header", OCTETS, "--data", "again"]);
    assert_eq!(
        (second.status.as_str(), second.body.as_str()),
        ("410", "Temporary upload link has been recently consumed.")
    );
}

#[test]
fn data_without_a_type_is_a_form_and_refused_and_the_link_is_used_up() {
    let Some(desk) = Desk::new() else { return };
    let link = desk.mint("/form.bin");
    let refused = desk.curl(&["-X", "POST", &link, "--data-binary", "@file.bin"]);
    assert_eq!(refused.status, "400", "{}", refused.body);
    assert!(
        refused.trace.contains("application/x-www-form-urlencoded"),
        "{}",
        refused.trace
    );
    // Whether the link survives is open (OQ-09): only a client that asks for a new one is right either way.
    let again = desk.curl(&["-X", "POST", &link, "--header", OCTETS, "-d", "good"]);
    assert_eq!(again.status, "410", "{}", again.body);
    let link = desk.mint("/form.bin");
    let multipart = desk.curl(&["-X", "POST", &link, "--form", "file=@file.bin"]);
    assert_eq!(multipart.status, "400", "{}", multipart.body);
}

#[test]
fn an_upload_by_put_is_refused_and_one_in_chunks_is_not() {
    let Some(desk) = Desk::new() else { return };
    let link = desk.mint("/put.bin");
    let put = desk.curl(&["--upload-file", "file.bin", &link, "--header", OCTETS]);
    assert_eq!(put.status, "405", "{}", put.body);
    let chunked = desk.curl(&[
        "-X",
        "POST",
        "--upload-file",
        "file.bin",
        "--header",
        "Transfer-Encoding: chunked",
        "--header",
        OCTETS,
        &link,
    ]);
    assert_eq!(chunked.status, "200", "{}", chunked.body);
    let hash = content_hash(&desk.directory.path().join("file.bin"));
    assert!(chunked.body.contains(&hash), "{}", chunked.body);
}

#[test]
fn a_link_with_every_field_leads_to_what_was_asked_for() {
    let Some(desk) = Desk::new() else { return };
    let json = |answer: &Answer| -> serde_json::Value {
        assert_eq!(answer.status, "200", "{}", answer.body);
        serde_json::from_str(&answer.body).expect("JSON")
    };
    let upload = |link: &str, data: &str| {
        desk.curl(&[
            "-X",
            "POST",
            link,
            "--header",
            OCTETS,
            "--data-binary",
            data,
        ])
    };
    json(&upload(&desk.mint("/in/report.txt"), "the first version"));
    let first = json(&desk.rpc("files/get_metadata", r#"{"path":"/in/report.txt"}"#));
    let argument = serde_json::json!({
        "commit_info": {
            "path": "/in/report.txt",
            "mode": {".tag": "update", "update": first["rev"]},
            "autorename": true,
            "client_modified": "2015-05-12T15:50:38Z",
            "mute": true,
            "property_groups": [{
                "template_id": "ptid:1a5n2i6d3OYEAAAAAAAAAYa",
                "fields": [{"name": "Security Policy", "value": "Confidential"}],
            }],
            "strict_conflict": true,
        },
        "duration": 3600,
    });
    let argument = argument.to_string();
    for (data, name) in [
        ("the second version", "report.txt"),
        // The rev is that of the first version still.
        (
            "one beside it",
            "report (Fake Dropbox's conflicted copy).txt",
        ),
    ] {
        let minted = json(&desk.rpc("files/get_temporary_upload_link", &argument));
        let used = json(&upload(minted["link"].as_str().expect("a link"), data));
        let path = serde_json::json!({"path": format!("/in/{name}")}).to_string();
        let file = json(&desk.rpc("files/get_metadata", &path));
        assert_eq!(file["content_hash"], used["content-hash"]);
        assert_eq!(file["client_modified"], "2015-05-12T15:50:38Z");
        assert_eq!(file["id"] == first["id"], name == "report.txt");
        assert_ne!(file["rev"], first["rev"]);
    }
}

#[test]
fn a_new_access_token_is_had_for_a_refresh_token_that_was_not_revoked() {
    let Some(desk) = Desk::new() else { return };
    let renew = |token: &str| {
        let form = format!("grant_type=refresh_token&refresh_token={token}");
        desk.curl(&[
            "https://api.dropboxapi.com/oauth2/token",
            "--user",
            "key:secret",
            "--data",
            &form,
        ])
    };
    let good = renew("good-refresh-token");
    assert_eq!(good.status, "200", "{}", good.body);
    let answer: serde_json::Value = serde_json::from_str(&good.body).expect("JSON");
    let bearer = format!(
        "Authorization: Bearer {}",
        answer["access_token"].as_str().expect("a token")
    );
    let used = desk.curl(&[
        "-X",
        "POST",
        "https://api.dropboxapi.com/2/users/get_current_account",
        "--header",
        &bearer,
    ]);
    assert_eq!(used.status, "200", "{}", used.body);
    let revoked = renew("revoked-refresh-token");
    assert_eq!(revoked.status, "400");
    assert!(revoked.body.contains("invalid_grant"), "{}", revoked.body);
}

/// curl's exit code and its own words, with the fake as a proxy.
fn refusal(desk: &Desk, arguments: &[&str]) -> String {
    let mut curl = command("curl");
    curl.env("CURL_CA_BUNDLE", desk.fake.ca("ca.pem"))
        .args(["--silent", "--show-error", "--verbose", "--max-time", "30"])
        .args(arguments);
    let outcome = run(&mut curl, PATIENCE).expect("curl ends");
    assert!(!outcome.success, "{}", outcome.stdout);
    outcome.stderr
}

#[test]
fn foreign_hosts_and_ports_are_refused_with_a_sentence() {
    let Some(desk) = Desk::new() else { return };
    let proxy = format!("http://{}", desk.fake.address);
    for (url, why) in [
        (
            "https://example.com/",
            "this server stands for Dropbox only",
        ),
        (
            "https://api.dropboxapi.com:8443/",
            "answered on port 443 only, not on port 8443",
        ),
    ] {
        let said = refusal(&desk, &["--proxy", &proxy, url]);
        assert!(
            said.contains("< HTTP/1.1 403 ") && said.contains(why),
            "{said}"
        );
    }
}

#[test]
fn an_unknown_name_fails_at_the_certificate_and_says_which() {
    let Some(desk) = Desk::new() else { return };
    let port = desk.fake.address.port();
    let here = format!("dropbox.test:{port}:127.0.0.1");
    let url = format!("https://dropbox.test:{port}/");
    let said = refusal(&desk, &["--resolve", &here, &url]);
    assert!(said.contains("'dropbox.test'"), "{said}");
}

#[test]
fn plain_http_in_a_tunnel_is_told_so() {
    let Some(desk) = Desk::new() else { return };
    let mut curl = command("curl");
    curl.args([
        "--silent",
        "--show-error",
        "--max-time",
        "30",
        "--proxytunnel",
    ])
    .args(["--proxy", &format!("http://{}", desk.fake.address)])
    .arg("http://api.dropboxapi.com:443/2/check/user");
    let outcome = run(&mut curl, PATIENCE).expect("curl ends").expect("curl");
    assert!(
        outcome
            .stdout
            .contains("it takes TLS, but plain HTTP was spoken in it"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn every_error_is_readable() {
    let Some(desk) = Desk::new() else { return };
    let mut seen = String::new();
    for token in [
        "expired-token",
        "narrow-token",
        "limited-token",
        "broken-token",
        accounts::TOKEN,
    ] {
        let route = if ["narrow-token", accounts::TOKEN].contains(&token) {
            "files/get_metadata"
        } else {
            "check/user"
        };
        let answer = desk.curl(&[
            "-X",
            "POST",
            &format!("https://api.dropboxapi.com/2/{route}"),
            "--header",
            &format!("Authorization: Bearer {token}"),
            "--header",
            "Content-Type: application/json",
            "--data",
            r#"{"path":"/a"}"#,
        ]);
        let tags = ["expired_access_token", "missing_scope", "too_many_requests"];
        let tag = tags
            .into_iter()
            .chain(["path/not_found"])
            .find(|tag| answer.body.contains(tag))
            .unwrap_or("-");
        let _ = writeln!(seen, "{} {tag}", answer.status);
    }
    assert_eq!(
        seen,
        "401 expired_access_token\n401 missing_scope\n429 too_many_requests\n500 -\n409 path/not_found\n"
    );
    let bad = desk.rpc("files/list_folder", r#"{"path":"/"}"#);
    assert_eq!(bad.status, "400");
    assert!(
        bad.body
            .starts_with("Error in call to API function \"files/list_folder\": "),
        "{}",
        bad.body
    );
}
