//! What the journal tells of requests that really came, and what it never tells.

use crate::support::{Fake, Reply, client};
use fake_dropbox::FakeDropbox;
use fake_dropbox::internals::control::journal::{Outcome, Query};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn people_read_the_journal_as_text_or_as_one_page() {
    let dropbox = FakeDropbox::start().await;
    let get = |path: &str| client().get(format!("{}{path}", dropbox.api_url())).send();
    get("/2/<b>&").await.expect("an answer");
    get("/2/other").await.expect("an answer");
    let read = async |path: &str| {
        let answer = get(path).await.expect("an answer");
        let header = |name| answer.headers()[name].to_str().expect("text").to_owned();
        let seen = (
            answer.status().as_u16(),
            header("content-type"),
            header("content-security-policy"),
        );
        (seen, answer.text().await.expect("text"))
    };
    let (seen, text) = read("/_fake/v1/journal.txt").await;
    assert_eq!((seen.0, &*seen.1), (200, "text/plain; charset=utf-8"));
    assert_eq!(text.lines().count(), 2, "{text}");
    let (_, text) = read("/_fake/v1/journal.txt?limit=1").await;
    assert!(text.contains("GET /2/other -> 400"), "{text}");
    let (seen, page) = read("/_fake/v1/journal.html").await;
    assert_eq!((seen.0, &*seen.1), (200, "text/html; charset=utf-8"));
    assert!(seen.2.starts_with("sandbox;"), "{}", seen.2);
    assert!(page.contains("2 requests, 2 of them refused") && !page.contains("<b>&"));
    let refused = get("/_fake/v1/journal.txt?status=99")
        .await
        .expect("an answer");
    assert_eq!(refused.status().as_u16(), 400);
}

#[tokio::test]
async fn an_upload_is_told_with_its_rule_its_link_and_its_path() {
    let fake = Fake::start();
    let link = fake
        .mint(r#"{"commit_info": {"path": "/a.txt", "mute": true}}"#)
        .await;
    assert_eq!(fake.consume(&link, "hi").await.status, 200);
    assert_eq!(fake.consume(&link, "hi").await.status, 410);
    let entries = fake.app.journal.entries(&Query::default());
    let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
    assert_eq!(entries.len(), 3, "{lines:?}");
    assert_eq!(entries[0].link, entries[2].link);
    assert_eq!(entries[2].rules[0].id(), "UL-138");
    assert_eq!(entries[2].path.as_deref(), Some("/a.txt"));
    assert_eq!(
        (entries[1].request_bytes, entries[1].status),
        (2, Some(200))
    );
    assert!(lines[2].contains("link:1 -> 410"), "{lines:?}");
}

#[tokio::test]
async fn no_secret_gets_into_the_journal() {
    let fake = Fake::start();
    let token = "SECRET-access-token";
    let mint = fake
        .rpc_as(
            token,
            "files/get_temporary_upload_link",
            r#"{"commit_info": {"path": "/a"}}"#,
        )
        .await;
    let link = mint.json()["link"].as_str().expect("a link").to_owned();
    fake.consume(&link, "x").await;
    fake.consume(&format!("{link}nope"), "x").await;
    fake.rpc_as(token, "files/get_temporary_link", r#"{"path": "/a"}"#)
        .await;
    let request = client()
        .post(fake.url("/oauth2/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=refresh_token&refresh_token=SECRET-refresh&client_id=app&client_secret=SECRET-app");
    let issued = Reply::of(request).await.json()["access_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    fake.rpc_as(&issued, "check/user", "{}").await;
    let wrong = client()
        .post(fake.url("/2/check/user"))
        .header("authorization", "Basic SECRET-basic")
        .header("cookie", "SECRET-cookie");
    Reply::of(wrong).await;
    let unknown = client().get(fake.url("/apitul/2/SECRET-in-path?arg=SECRET-query"));
    Reply::of(unknown).await;

    let entries = fake.app.journal.entries(&Query::default());
    assert_eq!(entries.len(), 8);
    let journal: String = entries
        .iter()
        .map(|entry| {
            format!(
                "{entry} {entry:?} {}",
                serde_json::to_string(entry).unwrap()
            )
        })
        .collect();
    let link_token = link.rsplit('/').next().expect("a token");
    for secret in ["SECRET", link_token, &issued] {
        let at = journal.find(secret);
        assert_eq!(
            at,
            None,
            "{:?}",
            at.map(|at| &journal[at.saturating_sub(200)..at + 20])
        );
    }
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_is_told_so() {
    let fake = Fake::start();
    let link = fake.mint(r#"{"commit_info": {"path": "/a.txt"}}"#).await;
    let path = link.split_once("/apitul").expect("a link").1;
    let mut connection = tokio::net::TcpStream::connect(fake.address)
        .await
        .expect("a connection");
    let head = format!(
        "POST /apitul{path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\ncontent-length: 100\r\n\r\nonly this"
    );
    connection.write_all(head.as_bytes()).await.expect("sent");
    connection.shutdown().await.expect("closed");
    drop(connection);
    let mut query = Query::route("upload_link");
    query.outcome = Some(Outcome::ClientLeft);
    let entry = fake
        .app
        .journal
        .wait_for(&query, std::time::Duration::from_secs(10))
        .await
        .expect("the entry");
    assert_eq!((entry.status, entry.request_bytes), (None, 9));
    // OQ-02
    assert_eq!(fake.consume(&link, "x").await.status, 410);
}
