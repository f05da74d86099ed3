//! Whatever comes, whoever reads it says what it is or what is wrong with it: nobody falls over.
//!
//! `FAKE_DROPBOX_FUZZ` says how many inputs each target gets; see `mutated.rs`.

use crate::mutated::each;
use crate::robustness::survives;
use crate::support::Fake;
use fake_dropbox::FakeDropbox;
use fake_dropbox::config::Settings;
use fake_dropbox::internals::control::operations::table;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use fake_dropbox::internals::dropbox::path::{PathArgument, Place};
use fake_dropbox::internals::wire::decode::{Options, decode};
use fake_dropbox::internals::wire::dialect::Dialect;
use fake_dropbox::internals::wire::json::Json;
use fake_dropbox::internals::wire::link_address::LinkAddress;
use fake_dropbox::internals::wire::routes;

#[test]
fn any_argument_is_decoded_or_refused_the_same_way_each_time() {
    let options = [Dialect::Y2025, Dialect::Y2026]
        .map(|dialect| Options::of(&Assumptions::default(), dialect));
    each("arguments", |input| {
        let Ok(json) = Json::parse(input) else {
            return;
        };
        for route in routes::all() {
            for options in options {
                let said =
                    decode(route.argument, &json, options).map_err(|fault| fault.to_string());
                let again =
                    decode(route.argument, &json, options).map_err(|fault| fault.to_string());
                assert_eq!(format!("{said:?}"), format!("{again:?}"), "{}", route.name);
                assert!(
                    said.err().is_none_or(|text| !text.is_empty()),
                    "{}",
                    route.name
                );
            }
        }
    });
}

#[test]
fn any_address_of_a_link_and_any_path_is_one_or_none() {
    each("links", |input| {
        let text = String::from_utf8_lossy(input);
        let address = LinkAddress::parse(&text, |_| true);
        let (path, query) = text.split_once('?').unwrap_or((&text, ""));
        let target = LinkAddress::of_target(path, query);
        if let Some(address) = address.or(target) {
            assert!(
                address.below.is_empty() || address.below.starts_with('/'),
                "{address:?}"
            );
        }
        if let PathArgument::Absolute(path) = PathArgument::parse(&text)
            && let Ok(place) = Place::root().join(path)
        {
            let again = Place::root()
                .join(place.display())
                .expect("a place has a path");
            assert_eq!(again.key(), place.key());
            assert!(place.is_root() || place.key().starts_with('/'), "{place:?}");
        }
    });
}

#[test]
fn any_head_of_an_upload_gets_a_well_formed_answer() {
    let fake = Fake::start();
    each("heads", |input| {
        if !input.is_empty() {
            survives(&fake, input);
        }
    });
}

#[test]
fn any_configuration_is_one_or_refused_without_its_secrets() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("fake-dropbox.toml");
    each("configurations", |input| {
        std::fs::write(&file, input).expect("room");
        if let Err(refused) = Settings::from_file(&file) {
            let said = refused.to_string();
            assert!(!said.contains("SEKRET"), "{said}");
        }
    });
}

#[test]
fn any_argument_of_the_controls_is_done_or_refused_with_a_sentence() {
    // Those that wait, read this machine or call it are asked elsewhere.
    const ELSEWHERE: [&str; 4] = [
        "wait_for_entry",
        "wait_for_file",
        "seed_directory",
        "add_webhook",
    ];
    let dropbox = FakeDropbox::builder().start_blocking();
    let names: Vec<&str> = table()
        .iter()
        .map(|row| row.name)
        .filter(|name| !name.starts_with("wait") && !ELSEWHERE.contains(name))
        .collect();
    let mut number = 0;
    each("controls", |input| {
        let Ok(argument) = serde_json::from_slice::<serde_json::Value>(input) else {
            return;
        };
        // Each input for a few of them, in turn.
        for _ in 0..8 {
            number += 1;
            let name = names[number % names.len()];
            if let Err(refused) = dropbox.call_blocking(name, argument.clone()) {
                assert!(!refused.detail.is_empty(), "{name}");
            }
        }
    });
    assert!(
        dropbox
            .call_blocking("read_status", serde_json::json!({}))
            .is_ok()
    );
}
