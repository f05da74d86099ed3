//! Webhooks: what a receiver on this machine gets, byte for byte.

use crate::raw::until;
use crate::support::{Reply, client};
use fake_dropbox::{App, ErrorKind, FakeDropbox, Query, Token, Webhook};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const SECRET: &str = "app secret";
const LONG: Duration = Duration::from_secs(30);

/// A receiver that hands on every request, and answers challenges as it should. Notifications get
/// these statuses, one after another, and then 200.
pub async fn receiver(statuses: &'static [u16]) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!(
        "http://{}/hook?x=1",
        listener.local_addr().expect("an address")
    );
    let (give, take) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut notifications = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut chunk = [0; 4096];
            while !is_complete(&request) {
                let length = stream.read(&mut chunk).await.expect("a request");
                request.extend_from_slice(&chunk[..length]);
            }
            let request = String::from_utf8(request).expect("a text");
            let target = request.split(' ').nth(1).unwrap_or_default();
            let word = target
                .split_once("challenge=")
                .map(|(_, word)| word.to_owned());
            let status = if word.is_some() {
                200
            } else {
                notifications += 1;
                statuses.get(notifications - 1).copied().unwrap_or(200)
            };
            let word = word.unwrap_or_default();
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{word}",
                word.len()
            );
            stream.write_all(answer.as_bytes()).await.expect("sent");
            if give.send(request).is_err() {
                return;
            }
        }
    });
    (url, take)
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    body.len() >= length.unwrap_or(0)
}

async fn upload(dropbox: &FakeDropbox, token: &str, path: &str) {
    let request = client()
        .post(format!(
            "{}/2/files/get_temporary_upload_link",
            dropbox.api_url()
        ))
        .bearer_auth(token)
        .header("content-type", "application/json")
        .body(json!({"commit_info": {"path": path}}).to_string());
    let link = Reply::of(request).await.json()["link"]
        .as_str()
        .expect("a link")
        .to_owned();
    let request = client()
        .post(link)
        .header("content-type", "application/octet-stream")
        .body("x");
    assert_eq!(Reply::of(request).await.status, 200);
}

#[tokio::test]
async fn an_upload_through_a_link_is_told_signed_and_byte_for_byte() {
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account("t");
    let (url, mut received) = receiver(&[]).await;
    account
        .add_webhook(&url, SECRET)
        .await
        .expect("it takes the challenge");
    let challenge = received.recv().await.expect("a challenge");
    assert!(
        challenge.starts_with("GET /hook?x=1&challenge="),
        "{challenge}"
    );
    assert!(
        challenge.contains("\r\nuser-agent: DropboxWebhooks/1.0\r\n"),
        "{challenge}"
    );
    assert!(!challenge.contains("signature"), "{challenge}");

    upload(&dropbox, "t", "/in/a.txt").await;
    let notification = received.recv().await.expect("a notification");
    let (head, body) = notification.split_once("\r\n\r\n").expect("a head");
    let status = account.status();
    assert_eq!(
        body,
        format!(
            r#"{{"delta": {{"users": [{}]}}, "list_folder": {{"accounts": ["{}"]}}}}"#,
            status.user_id, status.account_id
        )
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    let digest = mac.finalize().into_bytes();
    let digest = digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes everything");
        text
    });
    assert!(head.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{head}");
    for line in [
        "content-type: application/json",
        "user-agent: DropboxWebhooks/1.0",
        "accept: */*",
        "accept-encoding: gzip,deflate",
        &format!("x-dropbox-signature: {digest}"),
    ] {
        assert!(
            head.lines().any(|other| other == line),
            "{head} lacks {line}"
        );
    }
    let told = Query::route("webhook").status(200);
    let entry = account
        .journal()
        .wait_for(&told, LONG)
        .await
        .expect("an entry");
    assert_eq!(entry.rules[0].id(), "API-243");
}

#[tokio::test]
async fn deletions_are_told_and_those_of_others_are_not() {
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account("t");
    account.seed("/a", "x");
    let (url, mut received) = receiver(&[]).await;
    account
        .add_webhook(&url, SECRET)
        .await
        .expect("it takes the challenge");
    received.recv().await.expect("a challenge");
    upload(&dropbox, "somebody-else", "/b").await;
    account.file("/a").delete();
    let notification = received.recv().await.expect("a notification");
    assert!(
        notification.contains(&account.status().account_id),
        "{notification}"
    );
    let other = dropbox.account("somebody-else").status().account_id;
    assert!(!notification.contains(&other), "{notification}");
}

/// Declares a token of an account for an app.
fn let_in(dropbox: &FakeDropbox, account: &str, app: &str) {
    let token =
        json!({"token": format!("{account}-lets-{app}-in"), "account": account, "app": app});
    let token: Token = serde_json::from_value(token).expect("a token");
    dropbox.declare_token(token);
}

#[tokio::test]
async fn an_app_is_told_of_those_who_let_it_in_and_of_nobody_else() {
    let dropbox = FakeDropbox::start().await;
    let (url, mut received) = receiver(&[]).await;
    let app = json!({"key": "app", "secret": SECRET});
    let app: App = serde_json::from_value(app).expect("an app");
    dropbox.declare_app(app);
    let_in(&dropbox, "ann", "app");
    let_in(&dropbox, "bob", "another-app");
    let hook = dropbox.add_webhook(Webhook::new(&url).app("app"));
    let hook = hook.await.expect("it takes the challenge");
    assert_eq!((&*hook.app, hook.linked_accounts), ("app", 1));
    received.recv().await.expect("a challenge");

    upload(&dropbox, "bob-lets-another-app-in", "/a").await;
    upload(&dropbox, "a-token-that-nobody-declared", "/a").await;
    upload(&dropbox, "ann-lets-app-in", "/a").await;
    let id = |name: &str| dropbox.account_named(name).status().account_id;
    let only = |name: &str| format!(r#""accounts": ["{}"]"#, id(name));
    let first = received.recv().await.expect("a notification");
    assert!(first.contains(&only("ann")), "{first}");

    // Whoever shuts the app out is not told of any more; whoever lets it in is from then on.
    let shut_out = json!({"token": "ann-lets-app-in"});
    let revoked = dropbox.call("revoke_token", shut_out).await;
    revoked.expect("it is there");
    dropbox.account_named("ann").seed("/b", "x");
    let_in(&dropbox, "bob", "app");
    dropbox.account_named("bob").seed("/b", "x");
    let second = received.recv().await.expect("a notification");
    assert!(second.contains(&only("bob")), "{second}");
}

#[tokio::test]
async fn a_notification_is_repeated_until_it_is_taken() {
    // API-245: only a 200 takes it.
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account("t");
    account.clock().freeze();
    let (url, mut received) = receiver(&[500, 204]).await;
    account
        .add_webhook(&url, SECRET)
        .await
        .expect("it takes the challenge");
    received.recv().await.expect("a challenge");
    account.seed("/a", "x");
    let first = received.recv().await.expect("the first try");
    for seconds in [1, 2] {
        account.clock().advance(Duration::from_secs(seconds));
        assert_eq!(received.recv().await.expect("a further try"), first);
    }
    let taken = Query::route("webhook").status(200);
    dropbox
        .journal()
        .wait_for(&taken, LONG)
        .await
        .expect("it was taken");
    assert!(
        received.try_recv().is_err(),
        "it is not repeated once it was taken"
    );
}

#[tokio::test]
async fn a_notification_that_nobody_takes_is_given_up_after_ten_minutes_of_the_clock() {
    // API-245: the pauses double, so ten tries fit. The challenge is not repeated.
    const ALWAYS: [u16; 64] = [500; 64];
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account("t");
    account.clock().freeze();
    let (url, mut received) = receiver(&ALWAYS).await;
    account
        .add_webhook(&url, SECRET)
        .await
        .expect("it takes the challenge");
    received.recv().await.expect("a challenge");
    account.seed("/a", "x");
    received.recv().await.expect("the first try");
    account.clock().advance(Duration::from_mins(10));
    let failed = Query::route("webhook").status(500);
    let tries = || dropbox.journal().find(&failed).len();
    until("it was tried ten times", || tries() == 10).await;
    // The next change is told anew, an hour later: nothing was left to try of the first.
    account.clock().advance(Duration::from_hours(1));
    account.seed("/b", "x");
    until("the next change is told", || tries() == 11).await;
    let told = std::iter::from_fn(|| received.try_recv().ok());
    assert!(told.into_iter().all(|told| told.starts_with("POST ")));
}

#[tokio::test]
async fn what_changed_meanwhile_is_told_with_the_next_try() {
    // API-245
    let dropbox = FakeDropbox::start().await;
    dropbox.clock().freeze();
    let (url, mut received) = receiver(&[500]).await;
    dropbox
        .add_webhook(Webhook::new(&url).secret(SECRET))
        .await
        .expect("it takes the challenge");
    received.recv().await.expect("a challenge");
    dropbox.account("a").seed("/x", "x");
    received.recv().await.expect("the first try");
    dropbox.account("b").seed("/x", "x");
    let (a, b) = (
        dropbox.account("a").status().account_id,
        dropbox.account("b").status().account_id,
    );
    // The change in b is noted by a task of the server.
    dropbox.clock().advance(Duration::from_secs(1));
    let mut told = received.recv().await.expect("the second try");
    assert!(told.contains(&a), "{told}");
    if !told.contains(&b) {
        told = received.recv().await.expect("what came too late for it");
        assert!(told.contains(&b) && !told.contains(&a), "{told}");
    }
}

#[tokio::test]
async fn changes_that_come_together_are_told_together() {
    let dropbox = FakeDropbox::start().await;
    let (url, mut received) = receiver(&[]).await;
    dropbox
        .add_webhook(Webhook::new(&url).secret(SECRET))
        .await
        .expect("it takes the challenge");
    received.recv().await.expect("a challenge");
    let mut missing: Vec<String> = Vec::new();
    for token in ["a", "b", "c"] {
        dropbox.account(token).seed("/x", token);
        missing.push(dropbox.account(token).status().account_id);
    }
    while !missing.is_empty() {
        let notification = received.recv().await.expect("a notification");
        let before = missing.len();
        missing.retain(|id| !notification.contains(id));
        assert!(missing.len() < before, "{notification} tells nothing new");
    }
}

#[tokio::test]
async fn a_url_that_does_not_take_the_challenge_is_not_registered() {
    let dropbox = FakeDropbox::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno")
            .await;
    });
    let refused = dropbox
        .account("t")
        .add_webhook(&url, SECRET)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict);
    assert!(
        refused.detail.contains("the parameter 'challenge'"),
        "{refused}"
    );
}
