//! The fake itself stands in for Dropbox: the real host names, TLS with its own authority, an app-folder
//! app, a refresh token. Nothing in the suite can tell.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::SystemTime;

use fake_dropbox::dropbox::assumptions::Assumptions;
use fake_dropbox::dropbox::credentials::{App as DropboxApp, AppAccess};
use fake_dropbox::dropbox::world::World;
use fake_dropbox::server::certificates::CertificateAuthority;
use fake_dropbox::server::listener::ListenerConfig;
use fake_dropbox::server::{App, Server, ServerConfig};

use super::support::{APP_KEY, APP_SECRET, REFRESH_TOKEN, conformance, expect, printed};

/// A fake that runs until the process ends; its authority is written to `ca_file`.
fn start(ca_file: &Path) -> SocketAddr {
    let now = SystemTime::from(jiff::Timestamp::now());
    let authority = CertificateAuthority::fresh(now).unwrap();
    std::fs::write(ca_file, authority.ca_pem()).unwrap();
    let tls = authority.tls(&[], now).unwrap();
    let config = ServerConfig::default();
    let mut world = World::new(config.seed, Assumptions::default());
    world.credentials.declare_app(DropboxApp {
        secret: Some(APP_SECRET.to_owned()),
        access: AppAccess::AppFolder("conformance".to_owned()),
        ..DropboxApp::new(APP_KEY)
    });
    world
        .credentials
        .declare_refresh_token(REFRESH_TOKEN, "somebody", Some(APP_KEY), None);
    // As on Dropbox, a token that nobody issued opens nothing.
    world.credentials.open = false;
    let app = App::new(config, world);
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = ListenerConfig {
                tls: Some(tls),
                ..ListenerConfig::loopback(0)
            };
            let server = Server::bind(app, listener).await.unwrap();
            tell.send(server.local_address()).unwrap();
            let _report = server.serve(std::future::pending()).await;
        });
    });
    told.recv().unwrap()
}

struct Stage {
    directory: tempfile::TempDir,
    address: SocketAddr,
}

impl Stage {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = start(&directory.path().join("ca.pem"));
        Self { directory, address }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = conformance(arguments);
        command
            .args([
                "--target",
                "dropbox",
                "--connect-to",
                &self.address.to_string(),
            ])
            .arg("--ca-file")
            .arg(self.directory.path().join("ca.pem"))
            .env("DROPBOX_REFRESH_TOKEN", REFRESH_TOKEN)
            .env("DROPBOX_APP_KEY", APP_KEY)
            .env("DROPBOX_APP_SECRET", APP_SECRET);
        command
    }
}

#[test]
fn every_case_agrees_under_the_real_names_and_nothing_is_left() {
    let stage = Stage::new();
    let output = stage.command(&["run"]).output().unwrap();
    expect(&output, 0, "AGREED");
    let text = printed(&output);
    assert!(
        text.contains("give --slow"),
        "a real clock is not moved: {text}"
    );
    let left = stage.command(&["leftovers"]).output().unwrap();
    expect(&left, 0, "No run has left anything");
}

#[test]
fn a_wrong_app_secret_is_one_sentence() {
    let stage = Stage::new();
    let mut command = stage.command(&["run"]);
    let output = command.env("DROPBOX_APP_SECRET", "wrong").output().unwrap();
    expect(&output, 2, "check DROPBOX_APP_KEY and DROPBOX_APP_SECRET");
}

#[test]
fn an_authority_that_is_not_trusted_is_one_sentence() {
    let stage = Stage::new();
    let mut command = conformance(&["run", "--target", "dropbox", "--connect-to"]);
    let output = command
        .arg(stage.address.to_string())
        .env("DROPBOX_ACCESS_TOKEN", "sl.any-token-at-all")
        .output()
        .unwrap();
    expect(
        &output,
        2,
        "check the address, the network and the certificates",
    );
}

#[test]
fn a_recording_of_the_stand_in_agrees_with_the_fake_over_plain_http() {
    let stage = Stage::new();
    let fixtures = stage.directory.path().join("fixtures");
    let mut command = stage.command(&["record"]);
    let recorded = command.arg("--fixtures").arg(&fixtures).output().unwrap();
    let text = printed(&recorded);
    let path = text
        .lines()
        .find_map(|line| line.strip_prefix("Recorded: "));
    let path = path.unwrap_or_else(|| panic!("{text}"));
    assert!(path.ends_with("stand-in.ndjson"), "{path}");
    // The one difference that there has to be: only the app of the stand-in has a folder of its own.
    let accepted = stage.directory.path().join("accepted.json");
    let app_folder = r#"[{"case": "auth/path-root/*", "field": "*", "date": "2026-11-23",
        "reason": "an app with a folder of its own has no path root (API-69)"}]"#;
    std::fs::write(&accepted, app_folder).unwrap();
    let output = conformance(&["compare", path, "fake", "--accepted"])
        .arg(accepted)
        .output()
        .unwrap();
    expect(&output, 0, " 0 differences");
}
