//! The page at `/_fake/` in Chromium: what a person sees of it and does at it, as `browser/page.cjs` plays it.

use super::browser::chromium;
use super::node;
use super::tools::{Outcome, command, data, run, skipped};
use crate::support::Fake;
use fake_dropbox::internals::control::secrets::Secret;
use fake_dropbox::internals::server::ServerConfig;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

/// How long a scenario may take, the start of the browser included.
const LIMIT: Duration = Duration::from_mins(5);

/// What the README shows.
const PICTURE: &str = "packaging/page.png";

/// Plays a scenario at the page of this server; none where the machine lacks a program.
fn play(fake: &Fake, scenario: &str, more: &str) -> Option<Outcome> {
    let what = format!("the page in a browser ({scenario})");
    let found = chromium().and_then(|program| Ok((program, node::packages()?)));
    let (browser, packages) = match found {
        Ok(found) => found,
        Err(why) => {
            skipped(&what, &why);
            return None;
        }
    };
    let mut program = command("node");
    program
        .arg(data("browser/page.cjs"))
        .args([&browser, &fake.url(""), scenario, more])
        // The program is not where its packages are.
        .env("NODE_PATH", packages.join("node_modules"));
    let outcome = run(&mut program, LIMIT).expect("the program ends");
    Some(outcome.expect(&what))
}

fn goes_through(fake: &Fake, scenario: &str, more: &str, steps: &[&str]) {
    if let Some(outcome) = play(fake, scenario, more) {
        let steps: Vec<&str> = steps.iter().copied().chain(["console"]).collect();
        assert_eq!(outcome.rows(), steps);
    }
}

#[test]
fn no_view_has_a_fault_that_axe_finds_at_any_width_in_light_and_dark() {
    goes_through(&Fake::start(), "looks", "", &["looks"]);
}

#[test]
fn the_keyboard_is_enough() {
    goes_through(&Fake::start(), "keyboard", "", &["the list", "the tree"]);
}

#[test]
fn requests_are_shown_as_they_come_in_ten_tabs_and_the_filter_is_in_the_address() {
    let steps = [
        "ten tabs",
        "pause",
        "the filter is in the address",
        "copy as curl",
        "cleared",
    ];
    goes_through(&Fake::start(), "live", "", &steps);
}

#[test]
fn the_time_of_a_link_runs_by_the_clock_of_the_fake() {
    let steps = [
        "the countdown follows the clock",
        "over",
        "copied and used",
        "expired by hand",
        "the filter",
    ];
    goes_through(&Fake::start(), "links", "", &steps);
}

#[test]
fn every_button_does_what_it_says() {
    let steps = [
        "the clock",
        "the usual faults",
        "which fired, and what came close",
        "a rule of one's own",
        "waited for in vain",
        "assumptions",
        "snapshots",
        "quota and webhooks",
        "the journal to keep",
        "begin anew",
    ];
    let hook = format!("http://{}/hook", challenged());
    goes_through(&Fake::start(), "buttons", &hook, &steps);
}

#[test]
fn files_are_shown_with_their_past_and_can_be_taken_home() {
    let steps = ["content, hash and revisions", "download", "a file appears"];
    goes_through(&Fake::start(), "files", "", &steps);
}

#[test]
fn a_file_that_is_dropped_goes_through_a_link_of_this_server_wherever_links_lead() {
    let steps = [
        "dropped",
        "and shown",
        "a conflict is shown",
        "a lost answer is shown",
    ];
    goes_through(&Fake::start(), "upload", "", &steps);
}

#[test]
fn names_and_contents_that_want_to_be_markup_stay_text() {
    goes_through(&Fake::start(), "hostile", "", &["text stays text"]);
}

#[test]
fn of_ten_thousand_requests_only_what_can_be_seen_is_drawn() {
    let steps = ["the last", "what is looked at stays", "the filter"];
    goes_through(&Fake::start(), "many", "9999", &steps);
}

#[test]
fn under_another_name_the_page_asks_for_the_token_once_a_tab() {
    let config = ServerConfig {
        control_token: Some(Secret::new("open sesame")),
        any_host: true,
        ..ServerConfig::default()
    };
    let fake = Fake::start_with(config, |_| {});
    let steps = [
        "a wrong token",
        "kept for the tab",
        "and for no other",
        "a link is shown on the machine itself only",
    ];
    let elsewhere = format!("http://fake.example:{}", fake.address.port());
    goes_through(&fake, "token", &elsewhere, &steps);
}

#[test]
fn a_page_that_is_open_lives_through_a_new_start_of_the_server() {
    let program = env!("CARGO_BIN_EXE_fake-dropbox");
    goes_through(
        &Fake::start(),
        "restart",
        program,
        &["it is gone", "and back"],
    );
}

/// `UPDATE_PICTURES=1` writes the picture into the repository, to be looked at.
#[test]
fn the_picture_of_the_readme_can_be_taken() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let picture = if std::env::var_os("UPDATE_PICTURES").is_some() {
        repository.join(PICTURE)
    } else {
        directory.path().join("page.png")
    };
    let path = picture.to_str().expect("UTF-8");
    goes_through(&Fake::start(), "picture", path, &["the picture"]);
    let readme = std::fs::read_to_string(repository.join("README.md")).expect("the README");
    assert!(readme.contains(PICTURE), "the README shows it");
    let kept = std::fs::metadata(repository.join(PICTURE)).expect("the picture");
    assert!(kept.len() < 200_000, "{} bytes", kept.len());
}

/// A server that answers every challenge of a webhook.
fn challenged() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // It ends with the test's process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut first = String::new();
            let mut lines = BufReader::new(&stream);
            let _ = lines.read_line(&mut first);
            let word = first.split_once("challenge=").map_or("", |(_, rest)| rest);
            let word = word.split(' ').next().unwrap_or_default().to_owned();
            let mut line = String::from("?");
            while !line.trim().is_empty() {
                line.clear();
                if lines.read_line(&mut line).is_err() {
                    break;
                }
            }
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{word}",
                word.len()
            );
        }
    });
    address
}
