//! The page at `/_fake/`: who may have it, and what it follows.

use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::control::secrets::Secret;
use fake_dropbox::internals::server::ServerConfig;
use futures_util::StreamExt;

const SECRET_MARK: &str = "name=\"fake-dropbox-secret\" content=\"";

/// The secret in a document.
fn secret(document: &str) -> &str {
    let (_, rest) = document.split_once(SECRET_MARK).expect("the mark");
    rest.split('"').next().expect("its end")
}

async fn page(fake: &Fake, headers: &[(&str, &str)]) -> Reply {
    let request = client().get(fake.url("/_fake/"));
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    Reply::of(request).await
}

fn with_token() -> Fake {
    let config = ServerConfig {
        control_token: Some(Secret::new("open sesame")),
        any_host: true,
        ..ServerConfig::default()
    };
    Fake::start_with(config, |_| {})
}

#[tokio::test]
async fn a_person_on_this_machine_gets_the_page_with_its_secret_and_nobody_frames_it() {
    let fake = Fake::start();
    let reply = page(
        &fake,
        &[("sec-fetch-dest", "document"), ("sec-fetch-site", "none")],
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        secret(&reply.text()),
        fake.app.page_secret.expose(),
        "the secret"
    );
    let policy = reply.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert!(fake.app.journal.is_empty(), "it is no request to Dropbox");
}

#[tokio::test]
async fn no_page_of_another_origin_gets_the_document_by_any_way_but_a_click() {
    let fake = Fake::start();
    for (destination, status) in [
        ("document", 200),
        ("iframe", 403),
        ("frame", 403),
        ("embed", 403),
        ("object", 403),
        ("script", 403),
        ("style", 403),
        ("image", 403),
        ("empty", 403),
    ] {
        let reply = page(
            &fake,
            &[
                ("sec-fetch-dest", destination),
                ("sec-fetch-site", "cross-site"),
            ],
        )
        .await;
        assert_eq!(reply.status, status, "{destination}");
    }
}

#[tokio::test]
async fn from_elsewhere_the_page_comes_without_its_secret_and_asks_for_the_token() {
    let passed_on: &[(&str, &str)] = &[("x-forwarded-for", "192.0.2.1")];
    let foreign: &[(&str, &str)] = &[("host", "fake.example")];
    for headers in [passed_on, foreign] {
        let fake = with_token();
        let reply = page(&fake, headers).await;
        assert_eq!((reply.status, secret(&reply.text())), (200, ""));
        let config = ServerConfig {
            any_host: true,
            ..ServerConfig::default()
        };
        let fake = Fake::start_with(config, |_| {});
        let reply = page(&fake, headers).await;
        assert_eq!(reply.status, 403, "without a token nobody else has it");
        assert!(!reply.text().contains(fake.app.page_secret.expose()));
    }
}

#[tokio::test]
async fn the_page_with_the_token_may_call_from_elsewhere_but_no_link_is_revealed_to_it() {
    let fake = with_token();
    let link = fake.mint(r#"{"commit_info":{"path":"/a"}}"#).await;
    let call = |path: &str| {
        let origin = fake.url("");
        let request = client()
            .post(fake.url(path))
            .header("x-fake-dropbox-control-token", "open sesame")
            .header("sec-fetch-site", "same-origin")
            .header("origin", origin)
            .body(r#"{"link":"link:1"}"#);
        Reply::of(request.header("x-forwarded-for", "192.0.2.1"))
    };
    assert_eq!(call("/_fake/v1/links/read").await.status, 200);
    let reply = call("/_fake/v1/links/reveal").await;
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert!(
        !reply
            .text()
            .contains(link.rsplit('/').next().expect("a token"))
    );

    let near = client()
        .post(fake.url("/_fake/v1/links/reveal"))
        .body(r#"{"link":"link:1"}"#);
    let near = Reply::of(near).await;
    assert_eq!(near.json()["url"], link);
}

#[tokio::test]
async fn what_the_page_loads_is_there_and_is_the_same_for_everybody() {
    let fake = with_token();
    let reply = page(&fake, &[]).await.text();
    let mut names: Vec<String> = reply
        .split('"')
        .filter_map(|part| part.strip_prefix("page/").map(str::to_owned))
        .collect();
    let mut seen = 0;
    while seen < names.len() {
        let request = client()
            .get(fake.url(&format!("/_fake/page/{}", names[seen])))
            .header("x-forwarded-for", "192.0.2.1");
        let asset = Reply::of(request).await;
        assert_eq!(asset.status, 200, "{}", names[seen]);
        let text = asset.text();
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "https://",
        ] {
            assert!(!text.contains(way), "{} has {way}", names[seen]);
        }
        for module in text.split("from './").skip(1) {
            let name = module.split('\'').next().expect("its end").to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        seen += 1;
    }
    assert!(seen > 10, "only {seen} were found");
    let nothing = Reply::of(client().get(fake.url("/_fake/page/../v1/status"))).await;
    assert_ne!(nothing.status, 404, "that is the controls");
    let nothing = Reply::of(client().get(fake.url("/_fake/page/nothing.js"))).await;
    assert_eq!(nothing.status, 404);
    assert!(nothing.text().contains("/_fake/"), "{}", nothing.text());
    let moved = Reply::of(client().get(fake.url("/_fake"))).await;
    assert_eq!((moved.status, moved.header("location")), (308, "_fake/"));
    let posted = Reply::of(client().post(fake.url("/_fake/"))).await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD"));
}

/// What comes on the stream until this is in it.
async fn follow(fake: &Fake, query: &str, act: impl AsyncFnOnce(), until: &str) -> String {
    let url = fake.url(&format!("/_fake/v1/events{query}"));
    // Whoever waits in vain fails with its name, and holds nobody up.
    let following = client().get(url).timeout(std::time::Duration::from_mins(3));
    let response = following.send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut pieces = response.bytes_stream();
    let mut text = String::new();
    let piece = pieces.next().await.expect("a greeting").expect("bytes");
    text += &String::from_utf8_lossy(&piece);
    assert!(text.starts_with("event: hello\n"), "{text}");
    act().await;
    while !text.contains(until) {
        let piece = pieces.next().await.expect("more").expect("bytes");
        text += &String::from_utf8_lossy(&piece);
    }
    text
}

#[tokio::test]
async fn requests_and_changes_are_told_as_they_happen_without_what_was_said() {
    let fake = Fake::start();
    fake.mint(r#"{"commit_info":{"path":"/before"}}"#).await;
    let text = follow(
        &fake,
        "",
        async || {
            fake.mint(r#"{"commit_info":{"path":"/after"}}"#).await;
        },
        "/after",
    )
    .await;
    assert!(text.contains("/before"), "{text}");
    assert!(
        !text.contains("\"request\":") && !text.contains("\"response\":"),
        "{text}"
    );

    let later = follow(
        &fake,
        "?since=2",
        async || {
            let freeze = client().post(fake.url("/_fake/v1/clock/freeze"));
            assert_eq!(Reply::of(freeze).await.status, 200);
        },
        "event: changed",
    )
    .await;
    assert!(!later.contains("event: requests"), "{later}");

    // Such a number was given by an earlier start: then all is told.
    let anew = follow(&fake, "?since=99", async || {}, "/after").await;
    assert!(anew.contains("\"since\":0"), "{anew}");
    let reply = Reply::of(client().get(fake.url("/_fake/v1/events?from=1"))).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn the_stream_of_an_account_tells_of_that_account_alone() {
    let fake = Fake::start();
    let mint = "files/get_temporary_upload_link";
    for (token, path) in [("one", "/of-one"), ("two", "/of-two"), ("one", "/last")] {
        let argument = format!(r#"{{"commit_info":{{"path":"{path}"}}}}"#);
        assert_eq!(fake.rpc_as(token, mint, &argument).await.status, 200);
    }
    let text = follow(&fake, "?account=account:1", async || {}, "/last").await;
    assert!(
        text.contains("/of-one") && !text.contains("/of-two"),
        "{text}"
    );
}

#[tokio::test]
async fn the_stream_tells_that_a_link_is_in_use_before_the_upload_is_over() {
    let fake = Fake::start();
    let link = fake.mint(r#"{"commit_info":{"path":"/a"}}"#).await;
    let (more, body) = tokio::sync::mpsc::channel::<std::io::Result<bytes::Bytes>>(1);
    let body =
        futures_util::stream::unfold(body, async |mut body| Some((body.recv().await?, body)));
    let upload = client()
        .post(&link)
        .header("content-type", "application/octet-stream")
        .body(reqwest::Body::wrap_stream(Box::pin(body)));
    let mut uploading = None;
    // Begun only once the stream is open: what was before it is not told.
    let begin = async || {
        uploading = Some(tokio::spawn(upload.send()));
        more.send(Ok("first".into())).await.expect("a body");
    };
    let text = follow(&fake, "?since=1", begin, "event: changed").await;
    assert!(!text.contains("upload_link\""), "{text}");
    let read = client()
        .get(fake.url("/_fake/v1/links"))
        .bearer_auth("test");
    assert_eq!(
        Reply::of(read).await.json()["links"][0]["state"],
        "in_flight"
    );
    drop(more);
    let uploading = uploading.expect("begun").await.expect("it ends");
    assert_eq!(uploading.expect("an answer").status(), 200);
}

#[tokio::test]
async fn the_stream_ends_with_the_server() {
    let fake = Fake::start();
    let url = fake.url("/_fake/v1/events");
    let response = client().get(url).send().await.expect("an answer");
    let mut pieces = response.bytes_stream();
    pieces.next().await.expect("a greeting").expect("bytes");
    fake.app.stop();
    while let Some(piece) = pieces.next().await {
        piece.expect("a clean end");
    }
}

#[tokio::test]
async fn a_wait_in_vain_is_remembered_with_what_came_nearest() {
    let fake = Fake::start();
    fake.mint(r#"{"commit_info":{"path":"/a"}}"#).await;
    let wait = client()
        .post(fake.url("/_fake/v1/journal/wait"))
        .body(r#"{"for":{"route":"upload_link","path":"/a"},"timeout_milliseconds":1}"#);
    assert_eq!(Reply::of(wait).await.status, 408);
    let waits = client().get(fake.url("/_fake/v1/journal/waits"));
    let waits = Reply::of(waits).await.json();
    let text = waits["waits"][0]["text"].as_str().expect("a text");
    assert!(
        text.contains("route is files/get_temporary_upload_link"),
        "{text}"
    );
    assert_eq!(waits["waits"][0]["after"], 1);
    let other = client().get(fake.url("/_fake/v1/journal/waits?account=other"));
    assert_eq!(
        Reply::of(other).await.json()["waits"],
        serde_json::json!([])
    );
}

#[tokio::test]
async fn a_token_can_be_declared_for_an_account_whose_name_is_a_secret() {
    let fake = Fake::start();
    fake.mint(r#"{"commit_info":{"path":"/a"}}"#).await;
    let declare = client()
        .post(fake.url("/_fake/v1/tokens?account=account:1"))
        .body(r#"{"token":"another"}"#);
    assert_eq!(Reply::of(declare).await.status, 200);
    let seed = client()
        .put(fake.url("/_fake/v1/files/content?path=/seen"))
        .bearer_auth("test")
        .body("x");
    assert_eq!(Reply::of(seed).await.status, 200);
    let seen = fake
        .rpc_as("another", "files/get_metadata", r#"{"path":"/seen"}"#)
        .await;
    assert_eq!(seen.status, 200, "{}", seen.text());
    let names = client().get(fake.url("/_fake/v1/accounts"));
    let names = Reply::of(names).await.json();
    assert_eq!(names["accounts"], serde_json::json!(["account:1"]));
    let nobody = client()
        .post(fake.url("/_fake/v1/tokens"))
        .body(r#"{"token":"another"}"#);
    assert_eq!(Reply::of(nobody).await.status, 400);
}
