//! Each fault in each phase of an upload through a link: what the client sees, what is stored,
//! what becomes of the link, and what the journal says.

use crate::support::{Fake, Reply, client};
use fake_dropbox::Fault;
use fake_dropbox::internals::control::journal::{Outcome, Query};
use fake_dropbox::internals::control::scope::Scope;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const LONG: Duration = Duration::from_secs(30);
const BODY: &[u8] = b"twenty bytes of body";

const PHASES: [&str; 5] = [
    r#""head""#,
    r#"{"body": {"after_bytes": 10}}"#,
    r#""before_commit""#,
    r#""after_commit""#,
    r#""answer""#,
];

/// What the client gets.
#[derive(Debug, PartialEq)]
enum Seen {
    Status(u16),
    Broken,
    Nothing,
}

async fn upload(link: &str) -> Seen {
    let request = client()
        .post(link)
        .header("content-type", "application/octet-stream")
        .body(BODY)
        .timeout(Duration::from_millis(400));
    match request.send().await {
        Err(error) if error.is_timeout() => Seen::Nothing,
        Err(_) => Seen::Broken,
        Ok(response) => {
            let status = response.status().as_u16();
            match response.bytes().await {
                Ok(_) => Seen::Status(status),
                Err(error) if error.is_timeout() => Seen::Nothing,
                Err(_) => Seen::Broken,
            }
        }
    }
}

fn rule(phase: &str, action: &str) -> Fault {
    let json =
        format!(r#"{{"match": {{"route": "upload_link"}}, "phase": {phase}, "action": {action}}}"#);
    serde_json::from_str(&json).expect("a rule")
}

/// Plays one fault and checks everything that can be told from it.
async fn play(phase: &str, action: &str, seen: Seen, stored: bool) {
    let what = format!("{action} at {phase}");
    // Where a body that breaks off frees the link, the second use tells whether the first one stored.
    let fake = Fake::assuming(&[("interrupted_body", "frees")]);
    let link = fake.mint(r#"{"commit_info": {"path": "/a.txt"}}"#).await;
    let id = fake
        .app
        .faults
        .add(Scope::All, rule(phase, action))
        .expect("a rule that can act");

    assert_eq!(upload(&link).await, seen, "{what}: the client");

    let file = fake
        .rpc("files/get_metadata", r#"{"path": "/a.txt"}"#)
        .await;
    assert_eq!(file.status == 200, stored, "{what}: {}", file.text());
    let status = fake.app.faults.status(id).expect("the rule");
    assert_eq!((status.hits, status.fired), (1, 1), "{what}");
    // The client has an answer, or has gone away and the request ends without it.
    let first = Query {
        faulted: Some(true),
        ..Query::route("upload_link")
    };
    let first = fake.app.journal.wait_for(&first, LONG).await;
    let first = first.unwrap_or_else(|nothing| panic!("{what}: {nothing}"));
    let again = fake.consume(&link, BODY).await;
    let expected = if stored { 410 } else { 200 };
    assert_eq!(again.status, expected, "{what}: the second use");
    let entries = fake.app.journal.entries(&Query::route("upload_link"));
    assert_eq!(entries.len(), 2, "{what}");
    assert_eq!(entries[0].fault, Some(id), "{what}");
    assert!(!entries[0].is_conformance_evidence(), "{what}");
    assert_eq!(entries[1].fault, None, "{what}");
    assert!(entries[1].is_conformance_evidence(), "{what}");
    let outcome = match seen {
        Seen::Broken => Outcome::Aborted,
        Seen::Nothing => Outcome::ClientLeft,
        Seen::Status(_) => Outcome::Answered,
    };
    assert_eq!((first.outcome, first.fault), (outcome, Some(id)), "{what}");
}

fn is_stored_before(phase: &str) -> bool {
    phase.contains("after_commit") || phase.contains("answer")
}

#[tokio::test]
async fn an_answer_of_its_own_takes_the_place_of_the_true_one_in_every_phase() {
    for phase in PHASES {
        for (answer, status) in [
            (
                r#"{"answer": {"too_many_requests": {"retry_after": 3}}}"#,
                429,
            ),
            (
                r#"{"answer": {"too_many_requests": {"form": "text"}}}"#,
                429,
            ),
            (r#"{"answer": {"too_many_write_operations": {}}}"#, 429),
            (r#"{"answer": "internal_error"}"#, 500),
            (r#"{"answer": "bad_gateway"}"#, 502),
            (r#"{"answer": "unavailable"}"#, 503),
            (r#"{"answer": "expired_access_token"}"#, 401),
            (r#"{"answer": "payload_too_large"}"#, 413),
        ] {
            play(phase, answer, Seen::Status(status), is_stored_before(phase)).await;
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_or_closed_breaks_in_every_phase() {
    for phase in PHASES {
        for action in [r#""reset""#, r#""close""#] {
            play(phase, action, Seen::Broken, is_stored_before(phase)).await;
        }
    }
}

#[tokio::test]
async fn a_stall_gives_nothing_and_ends_with_its_client_in_every_phase() {
    for phase in PHASES {
        play(phase, r#""stall""#, Seen::Nothing, is_stored_before(phase)).await;
    }
}

#[tokio::test]
async fn a_delay_lets_the_upload_come_to_its_good_end_in_every_phase() {
    for phase in PHASES {
        let action = r#"{"delay": {"milliseconds": 20}}"#;
        play(phase, action, Seen::Status(200), true).await;
    }
}

#[tokio::test]
async fn a_slow_body_and_a_slow_answer_come_to_their_end() {
    for phase in [PHASES[1], PHASES[4]] {
        let action = r#"{"slow": {"bytes_per_second": 1000}}"#;
        play(phase, action, Seen::Status(200), true).await;
    }
}

#[tokio::test]
async fn a_body_that_is_read_too_slowly_ends_with_its_client() {
    // The bytes after the tenth would take nearly three hours.
    let rule = rule(PHASES[1], r#"{"slow": {"bytes_per_second": 1}}"#);
    let fake = Fake::start();
    let link = fake.mint(r#"{"commit_info": {"path": "/a.txt"}}"#).await;
    fake.app.faults.add(Scope::All, rule).expect("a rule");
    let (head, path) = link.rsplit_once("/apitul").expect("a link");
    let address = head.strip_prefix("http://").expect("a link");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let body = [0; 10_000];
    let head = format!(
        "POST /apitul{path} HTTP/1.1\r\nhost: {address}\r\n\
         content-type: application/octet-stream\r\ncontent-length: 20000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(&body).await.expect("sent");
    drop(stream);
    let left = Query {
        outcome: Some(Outcome::ClientLeft),
        ..Query::route("upload_link")
    };
    let entry = fake.app.journal.wait_for(&left, LONG).await;
    let entry = entry.expect("its entry comes when its client goes");
    assert!(entry.fault.is_some(), "{entry}");
}

#[tokio::test]
async fn a_truncated_answer_announces_more_than_it_brings() {
    let action = r#"{"truncate": {"after_bytes": 5}}"#;
    play(PHASES[4], action, Seen::Broken, true).await;
}

#[tokio::test]
async fn the_answer_is_lost_after_the_commit_and_the_second_try_is_gone() {
    let fake = Fake::start();
    let link = fake.mint(r#"{"commit_info": {"path": "/a.txt"}}"#).await;
    let rule = Fault::after_commit().of("upload_link").reset();
    fake.app
        .faults
        .add(Scope::account("test"), rule)
        .expect("a rule");
    assert_eq!(upload(&link).await, Seen::Broken);
    let again = fake.consume(&link, BODY).await;
    assert_eq!(again.status, 410);
    assert_eq!(
        again.text(),
        "Temporary upload link has been recently consumed."
    );
}

#[tokio::test]
async fn a_rule_for_one_token_leaves_the_others_alone() {
    let fake = Fake::start();
    let rule: Fault = serde_json::from_str(
        r#"{"match": {"token": "a"}, "phase": "head", "action": {"answer": "expired_access_token"}, "times": "unlimited"}"#,
    )
    .expect("a rule");
    fake.app.faults.add(Scope::All, rule).expect("a rule");
    for _ in 0..3 {
        let reply = fake.rpc_as("a", "check/user", "{}").await;
        assert_eq!(reply.status, 401);
        assert_eq!(
            reply.text(),
            r#"{"error":{".tag":"expired_access_token"},"error_summary":"expired_access_token/"}"#
        );
        assert_eq!(fake.rpc_as("b", "check/user", "{}").await.status, 200);
    }
}

#[tokio::test]
async fn an_upload_by_a_path_pattern_and_a_header_is_hit() {
    let fake = Fake::start();
    let rule: Fault = serde_json::from_str(
        r#"{"match": {"path": "/in/**", "header": {"name": "x-try"}}, "phase": "head", "action": {"answer": "internal_error"}}"#,
    )
    .expect("a rule");
    fake.app.faults.add(Scope::All, rule).expect("a rule");
    let link = fake
        .mint(r#"{"commit_info": {"path": "/IN/sub/a.txt"}}"#)
        .await;
    let request = client()
        .post(&link)
        .header("content-type", "application/octet-stream")
        .header("x-try", "1")
        .body("x");
    let reply = Reply::of(request).await;
    assert_eq!((reply.status, reply.text().as_str()), (500, ""));
    assert_eq!(reply.header("content-length"), "0");
    assert_eq!(fake.consume(&link, "x").await.status, 200);
}
