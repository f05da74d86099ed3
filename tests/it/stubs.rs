//! Routes of Dropbox that are not faked: what they answer, and how a test writes their answer.

use crate::support::{Reply, client};
use fake_dropbox::{CustomAnswer, FakeDropbox, Fault, Query};
use serde_json::{Value, json};

/// One that stays away: no issue of a later version brings it.
const ROUTE: &str = "files/tags/get";

async fn ask(dropbox: &FakeDropbox, token: &str) -> Reply {
    let url = format!("{}/2/{ROUTE}", dropbox.api_url());
    let request = client().post(url).bearer_auth(token);
    Reply::of(request.json(&json!({"paths": ["/a"]}))).await
}

#[tokio::test]
async fn the_refusal_of_a_route_that_is_not_faked_names_the_call_that_stubs_it() {
    let dropbox = FakeDropbox::start().await;
    let refused = ask(&dropbox, "alice").await;
    assert_eq!(refused.status, 501);
    let detail = refused.json()["detail"]
        .as_str()
        .expect("a text")
        .to_owned();
    let (_, call) = detail.split_once("POST ").expect("a call");
    let (path, body) = call.split_once(' ').expect("a body");
    let url = format!("{}{path}", dropbox.api_url());
    let added = client().post(url).body(body.to_owned());
    assert_eq!(Reply::of(added).await.status, 200, "{detail}");
    let stubbed = ask(&dropbox, "alice").await;
    assert_eq!((stubbed.status, stubbed.json()), (200, json!({})));
}

#[tokio::test]
async fn a_stub_answers_with_status_headers_and_json_for_one_account_and_so_often() {
    let dropbox = FakeDropbox::start().await;
    let alice = dropbox.account("alice");
    let answer = CustomAnswer::json(409, json!({"error": "none"})).header("X-Tag", "1");
    let stub = alice.fail(Fault::head().of(ROUTE).answer(answer).times(2));
    for status in [409, 409, 501] {
        let reply = ask(&dropbox, "alice").await;
        assert_eq!(reply.status, status);
        if status == 409 {
            assert_eq!(reply.json(), json!({"error": "none"}));
            assert_eq!(reply.headers["x-tag"], "1");
            assert_eq!(reply.headers["x-fake-dropbox"], "stub");
            assert_eq!(reply.headers["content-type"], "application/json");
        }
    }
    assert_eq!(ask(&dropbox, "bob").await.status, 501);
    assert_eq!(stub.status().expect("it is there").fired, 2);
}

#[tokio::test]
async fn the_journal_says_that_a_stub_is_no_evidence() {
    let dropbox = FakeDropbox::start().await;
    dropbox.stub(ROUTE, json!([]));
    assert_eq!(ask(&dropbox, "alice").await.json(), json!([]));
    let entry = dropbox.journal().latest(Query::route(ROUTE));
    assert!(!entry.is_conformance_evidence());
    let note = entry.note.as_deref().unwrap_or_default();
    assert!(note.starts_with("stubbed by you"), "{note}");
    let argument: Value =
        serde_json::from_str(entry.request().body().expect("a body")).expect("JSON");
    assert_eq!(argument, json!({"paths": ["/a"]}));
}

#[tokio::test]
async fn what_no_stub_can_be_is_refused_with_the_reason() {
    let dropbox = FakeDropbox::start().await;
    let no = |fault| dropbox.try_fail(fault).expect_err("it is refused").detail;
    for (fault, words) in [
        (
            Fault::head().of("files/tag/get").reset(),
            "Did you mean \"files/tags/get\"?",
        ),
        (
            Fault::after_commit().of(ROUTE).reset(),
            "come to the phase \"head\" only",
        ),
        (
            Fault::head().of(ROUTE).path("/a").reset(),
            "nobody reads its path",
        ),
        (
            Fault::head()
                .of(ROUTE)
                .answer(CustomAnswer::json(99, json!({}))),
            "a status from 200 to 599",
        ),
        (
            Fault::head()
                .of(ROUTE)
                .answer(CustomAnswer::json(204, json!({}))),
            "has no body",
        ),
        (
            Fault::head()
                .of(ROUTE)
                .answer(CustomAnswer::text(200, "a").header("Content-Length", "9")),
            "the server itself says Content-Length",
        ),
        (
            Fault::head()
                .of(ROUTE)
                .answer(CustomAnswer::text(200, "a").header("a b", "9")),
            "no header is called \"a b\"",
        ),
        (
            Fault::head().of(ROUTE).answer(CustomAnswer {
                body: "a".to_owned(),
                ..CustomAnswer::json(200, json!(1))
            }),
            "not as both",
        ),
    ] {
        let detail = no(fault);
        assert!(detail.contains(words), "{detail}");
    }
}

#[tokio::test]
async fn a_program_that_asks_whether_it_is_online_is_answered() {
    let dropbox = FakeDropbox::start().await;
    let head = client().head(format!("{}/", dropbox.api_url()));
    assert_eq!(Reply::of(head).await.status, 200);
}
