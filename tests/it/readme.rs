//! The most common tests. The README shows some of them: what stands between the two marks
//! stands there letter for letter.

use crate::support::client;
use fake_dropbox::Query;
use std::time::Duration;

/// The code under test: a backend that mints links.
async fn mint(api: &str, path: &str) -> String {
    let request = client()
        .post(format!("{api}/2/files/get_temporary_upload_link"))
        .bearer_auth("token")
        .header("content-type", "application/json")
        .body(serde_json::json!({"commit_info": {"path": path}}).to_string());
    let answer = request.send().await.expect("an answer");
    let answer: serde_json::Value = answer.json().await.expect("JSON");
    answer["link"].as_str().expect("a link").to_owned()
}

/// The code under test: a client that uploads through them.
async fn put(link: &str, body: &'static str) -> reqwest::Result<u16> {
    let request = client()
        .post(link)
        .header("content-type", "application/octet-stream")
        .body(body);
    Ok(request.send().await?.status().as_u16())
}

// README: from here
use fake_dropbox::{FakeDropbox, Fault};

#[tokio::test]
async fn a_retry_after_a_lost_answer_must_not_lose_the_file() {
    let dropbox = FakeDropbox::start().await;
    // The bytes are stored, then the connection breaks.
    let lost = dropbox.fail(Fault::after_commit().of("upload_link").reset());
    let link = mint(&dropbox.api_url(), "/in/a.txt").await;
    assert!(put(&link, "hello").await.is_err());
    assert!(lost.has_fired());
    // The file is there already: a client must not take this 410 for a failure.
    assert_eq!(put(&link, "hello").await.unwrap(), 410);
    dropbox
        .account("token")
        .file("/in/a.txt")
        .assert_bytes("hello");
}
// README: to here

#[tokio::test]
async fn a_link_expires_after_four_hours() {
    let dropbox = FakeDropbox::start().await;
    let link = mint(&dropbox.api_url(), "/in/a.txt").await;
    dropbox
        .clock()
        .advance(Duration::from_hours(4) + Duration::from_millis(1));
    assert_eq!(put(&link, "too late").await.unwrap(), 410);
    dropbox.account("token").file("/in/a.txt").assert_missing();
}

#[tokio::test]
async fn the_file_arrives() {
    let dropbox = FakeDropbox::start().await;
    let link = mint(&dropbox.api_url(), "/in/a.txt").await;
    assert_eq!(put(&link, "hello").await.unwrap(), 200);
    dropbox
        .account("token")
        .file("/in/a.txt")
        .assert_bytes("hello");
}

#[tokio::test]
async fn a_link_is_good_for_one_upload() {
    let dropbox = FakeDropbox::start().await;
    let link = mint(&dropbox.api_url(), "/in/a.txt").await;
    assert_eq!(put(&link, "first").await.unwrap(), 200);
    assert_eq!(put(&link, "second").await.unwrap(), 410);
    dropbox.journal().expect(1).route("upload_link").status(410);
    // And by which rule.
    let refused = dropbox.journal().latest(Query::route("upload_link"));
    assert_eq!(refused.rules[0].id(), "UL-138");
}

#[test]
fn the_readme_shows_these_tests_letter_for_letter() {
    let here = include_str!("readme.rs");
    let (_, from) = here.split_once("// README: from here\n").unwrap();
    let (tests, _) = from.split_once("// README: to here\n").unwrap();
    let readme = include_str!("../../README.md");
    assert!(
        readme.contains(&format!("```rust\n{tests}```\n")),
        "the README shows other tests"
    );
}

#[test]
fn the_configuration_in_the_readme_is_good() {
    let readme = include_str!("../../README.md");
    let (_, from) = readme.split_once("```toml\n[[tokens]]").unwrap();
    let (toml, _) = from.split_once("```\n").unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("[[tokens]]{toml}")).unwrap();
    let settings = fake_dropbox::config::Settings::from_file(file.path()).unwrap();
    let dropbox = FakeDropbox::builder().settings(settings);
    dropbox.configure(|it| it.port = 0).start_blocking();
}
