//! Nothing that is secret reaches a file or the screen, whatever the run does.

use std::path::Path;

use super::stand_in::{ACCOUNT_ID, EMAIL, Manners, PERSON, StandIn};
use super::support::{
    ACCESS_TOKEN, APP_KEY, APP_SECRET, REFRESH_TOKEN, Server, conformance, printed,
};

/// Every text that a run of everything leaves behind.
fn everything_left_by(manners: Manners) -> (Vec<(String, String)>, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let server = Server::start_tls(StandIn::new(manners), Path::new(&at("ca.pem")));
    let address = server.address.to_string();
    let (json, junit, html) = (at("run.json"), at("run.xml"), at("run.html"));
    let (fixtures, ca_file) = (at("fixtures"), at("ca.pem"));
    // These chapters meet every kind of secret: tokens, links, the account and its user.
    let chapters = ["link/consume/", "auth/scope", "users/account"];
    let output = conformance(&["record", "--target", "dropbox", "--verbose"])
        .args(chapters.iter().flat_map(|chapter| ["--filter", chapter]))
        .args([
            "--connect-to",
            &address,
            "--ca-file",
            &ca_file,
            "--fixtures",
            &fixtures,
        ])
        .args(["--json", &json, "--junit", &junit, "--html", &html])
        .env("DROPBOX_REFRESH_TOKEN", REFRESH_TOKEN)
        .env("DROPBOX_APP_KEY", APP_KEY)
        .env("DROPBOX_APP_SECRET", APP_SECRET)
        .output()
        .unwrap();
    let mut texts = vec![("the screen".to_owned(), printed(&output))];
    let mut places = vec![directory.path().to_path_buf()];
    while let Some(place) = places.pop() {
        for entry in std::fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                places.push(path);
            } else if path.extension().is_some_and(|extension| extension != "pem") {
                let text = std::fs::read_to_string(&path).unwrap();
                texts.push((path.display().to_string(), text));
            }
        }
    }
    let mut secrets: Vec<String> = [
        ACCESS_TOKEN,
        REFRESH_TOKEN,
        APP_KEY,
        APP_SECRET,
        ACCOUNT_ID,
        PERSON,
        EMAIL,
    ]
    .map(str::to_owned)
    .to_vec();
    let state = server.stand_in.state.lock().unwrap();
    assert!(
        state.link_tokens.len() > 3,
        "too few links for a test: {texts:?}"
    );
    secrets.extend(state.link_tokens.iter().cloned());
    (texts, secrets)
}

#[test]
fn no_output_holds_a_secret() {
    for manners in [
        Manners::default(),
        // Failures quote answers.
        Manners {
            link_works_twice: true,
            ..Manners::default()
        },
    ] {
        let (texts, secrets) = everything_left_by(manners);
        // The screen, the recording, and three reports.
        assert_eq!(
            texts.len(),
            5,
            "{:?}",
            texts.iter().map(|text| &text.0).collect::<Vec<_>>()
        );
        for (name, text) in &texts {
            assert!(text.len() > 200, "{name} is nearly empty: {text}");
            for secret in &secrets {
                assert!(!text.contains(secret.as_str()), "{name} holds {secret}");
            }
        }
        let recording = texts.iter().find(|(name, _)| name.ends_with(".ndjson"));
        let (name, recording) = recording.expect("there is a recording");
        // What is not Dropbox itself never gets its name.
        assert!(name.ends_with("stand-in.ndjson"), "{name}");
        for symbol in [
            "<link:1>",
            "<rev:1>",
            "<access-token:1>",
            "<account-id:1>",
            "<folder>",
        ] {
            assert!(recording.contains(symbol), "{symbol} is missing");
        }
    }
}
