//! What clients do on the wire that no HTTP library does, and what it does to a link.

use crate::raw::{Raw, UPLOAD, until};
use crate::support::Fake;
use fake_dropbox::internals::control::clock::Change;
use fake_dropbox::internals::dropbox::assumptions::InterruptedBody;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use fake_dropbox::internals::dropbox::link::LinkState;
use fake_dropbox::internals::server::ServerConfig;
use std::time::Duration;

const HELLO: &str = "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn success(hash: &str) -> (u16, String) {
    (200, format!("{{\"content-hash\": \"{hash}\"}}"))
}

#[tokio::test]
async fn a_body_is_asked_for_only_when_the_link_takes_it() {
    // UL-128, OQ-22
    let fake = Fake::assuming(&[("oversize", "frees"), ("bad_content_type", "keeps_link")]);
    let path = fake.mint_path().await;
    let head = |path: &str, extra: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n{extra}\r\n")
    };
    let good = "Content-Type: application/octet-stream\r\nContent-Length: 5\r\n";
    let refused = [
        ("/apitul/1/AAAAAAAAAAAAAA", good, 409),
        ("/apitul/2/x", good, 409),
        (
            &*path,
            "Content-Type: image/jpeg\r\nContent-Length: 5\r\n",
            400,
        ),
        (&*path, "Content-Length: 5\r\n", 400),
        (
            &*path,
            "Content-Type: application/octet-stream\r\nContent-Length: 300000001\r\n",
            413,
        ),
    ];
    for (path, extra, status) in refused {
        let mut raw = Raw::connect(&fake).await;
        let reply = raw.send(head(path, extra)).await.reply().await;
        assert_eq!(reply.status, status, "no 100 before it: {extra}");
    }
    assert_eq!(fake.link_state(&path), LinkState::Fresh);

    let mut raw = Raw::connect(&fake).await;
    let asked = raw.send(head(&path, good)).await.reply().await;
    assert_eq!((asked.status, asked.headers.len()), (100, 0));
    assert_eq!(fake.link_state(&path), LinkState::InFlight);
    let reply = raw.send("hello").await.reply().await;
    assert_eq!((reply.status, reply.text()), success(HELLO));

    let mut raw = Raw::connect(&fake).await;
    let reply = raw.send(head(&path, good)).await.reply().await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (410, "Temporary upload link has been recently consumed.")
    );
}

#[tokio::test]
async fn an_upload_route_asks_for_the_body_only_when_it_takes_it() {
    let fake = Fake::start();
    for (extra, status) in [
        ("", 400),
        ("Dropbox-API-Arg: {\"path\":\"a\"}\r\n", 400),
        ("Dropbox-API-Arg: {\"path\":\"/a\"}\r\n", 100),
    ] {
        let mut raw = Raw::connect(&fake).await;
        let head = format!(
            "POST /2/files/upload HTTP/1.1\r\n{UPLOAD}Authorization: Bearer test\r\nContent-Length: 5\r\n\
             Expect: 100-continue\r\n{extra}\r\n"
        );
        let reply = raw.send(head).await.reply().await;
        assert_eq!(reply.status, status, "{}", reply.text());
        if status == 100 {
            assert_eq!(raw.send("hello").await.reply().await.status, 200);
        }
    }
}

#[tokio::test]
async fn chunks_of_any_size_with_extensions_and_trailers_are_one_body() {
    // UL-127
    let fake = Fake::start();
    for body in [
        "5\r\nhello\r\n0\r\n\r\n",
        "1\r\nh\r\n3;name=\"value\"\r\nell\r\n1;x\r\no\r\n0\r\n\r\n",
        "00004\r\nhell\r\n1\r\no\r\n0\r\nX-Trailer: 1\r\nContent-MD5: x\r\n\r\n",
    ] {
        let path = fake.mint_path().await;
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "POST {path} HTTP/1.1\r\n{UPLOAD}Transfer-Encoding: chunked\r\n\r\n"
        ))
        .await;
        for byte in body.as_bytes().chunks(1) {
            raw.send(byte).await;
        }
        let reply = raw.reply().await;
        assert_eq!((reply.status, reply.text()), success(HELLO), "{body:?}");
    }
}

#[tokio::test]
async fn broken_chunks_leave_the_link_free_and_nothing_behind() {
    let fake = Fake::assuming(&[("interrupted_body", "frees")]);
    let path = fake.mint_path().await;
    for body in [
        "5\r\nhello world\r\n0\r\n\r\n",
        "zz\r\nhello\r\n0\r\n\r\n",
        "-1\r\n\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    ] {
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "POST {path} HTTP/1.1\r\n{UPLOAD}Transfer-Encoding: chunked\r\n\r\n{body}"
        ))
        .await;
        if let Some(reply) = raw.reply_or_end().await {
            assert_eq!(reply.status, 400, "{body:?}");
        }
        assert!(raw.rest().await.is_empty(), "the connection ends: {body:?}");
        until("the link is free", || {
            fake.link_state(&path) == LinkState::Fresh
        })
        .await;
    }
    assert!(fake.holds_nothing());
    assert_eq!(fake.stored_hash("/a").await, None);
}

#[tokio::test]
async fn a_length_beside_chunks_smuggles_nothing() {
    let fake = Fake::start();
    for lines in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
    ] {
        let path = fake.mint_path().await;
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "POST {path} HTTP/1.1\r\n{UPLOAD}{lines}\r\n5\r\nhello\r\n0\r\n\r\n"
        ))
        .await;
        let reply = raw.reply().await;
        if reply.status == 200 {
            assert_eq!((reply.status, reply.text()), success(HELLO));
        } else {
            assert_eq!(reply.status, 400);
        }
        raw.half_close().await;
        assert!(raw.rest().await.is_empty(), "no second answer: {lines}");
    }
}

#[tokio::test]
async fn two_different_lengths_are_refused_before_the_link_is_looked_at() {
    let fake = Fake::start();
    let path = fake.mint_path().await;
    let mut raw = Raw::connect(&fake).await;
    raw.send(format!(
        "POST {path} HTTP/1.1\r\n{UPLOAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"
    ))
    .await;
    assert_eq!(raw.reply().await.status, 400);
    assert_eq!(fake.link_state(&path), LinkState::Fresh);
}

#[tokio::test]
async fn no_bytes_are_an_empty_file_with_and_without_a_length() {
    // OQ-06, OQ-22
    let fake = Fake::start();
    for (lines, body) in [
        ("Content-Length: 0\r\n", ""),
        ("", ""),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    ] {
        let path = fake.mint_path().await;
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!("POST {path} HTTP/1.1\r\n{UPLOAD}{lines}\r\n{body}"))
            .await;
        let reply = raw.reply().await;
        assert_eq!((reply.status, reply.text()), success(EMPTY), "{lines:?}");
        assert_eq!(fake.link_state(&path), LinkState::Consumed);
    }
    let metadata = fake
        .rpc("files/get_metadata", r#"{"path":"/a"}"#)
        .await
        .json();
    assert_eq!(metadata["size"], 0);
}

#[tokio::test]
async fn one_connection_carries_many_requests_one_by_one_and_in_a_row() {
    let fake = Fake::start();
    let mut raw = Raw::connect(&fake).await;
    let mint = "POST /2/files/get_temporary_upload_link HTTP/1.1\r\nHost: localhost\r\n\
                Authorization: Bearer test\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n\
                {\"commit_info\":{\"path\":\"/a\"}}";
    let mut paths = Vec::new();
    for _ in 0..3 {
        let reply = raw.send(mint).await.reply().await;
        let json: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
        let link = json["link"].as_str().expect("a link");
        paths.push(link[link.find("/apitul").expect("a path")..].to_owned());
    }
    let upload =
        |path: &str| format!("POST {path} HTTP/1.1\r\n{UPLOAD}Content-Length: 5\r\n\r\nhello");
    for path in &paths[..2] {
        let reply = raw.send(upload(path)).await.reply().await;
        assert_eq!((reply.status, reply.text()), success(HELLO));
    }
    // All at once: the answers come in the order of the requests.
    let used = upload(&paths[0]);
    let all = format!("{used}{}{}{mint}", upload(&paths[2]), upload("/apitul/1/x"));
    raw.send(all).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        match raw.reply_or_end().await {
            Some(reply) => statuses.push(reply.status),
            None => break,
        }
    }
    assert_eq!(statuses[0], 410);
    assert!(
        [
            [410].as_slice(),
            &[410, 200],
            &[410, 200, 409],
            &[410, 200, 409, 200]
        ]
        .contains(&statuses.as_slice()),
        "{statuses:?}"
    );
}

#[tokio::test]
async fn a_client_that_has_said_all_may_close_its_half() {
    let fake = Fake::start();
    let path = fake.mint_path().await;
    let mut raw = Raw::connect(&fake).await;
    raw.send(format!(
        "POST {path} HTTP/1.1\r\n{UPLOAD}Content-Length: 5\r\n\r\nhello"
    ))
    .await;
    let reply = raw.half_close().await.reply().await;
    assert_eq!((reply.status, reply.text()), success(HELLO));
    assert!(raw.rest().await.is_empty());
}

#[tokio::test]
async fn a_client_that_goes_in_mid_body_leaves_nothing_and_frees_the_link() {
    // OQ-02, UL-162; in memory and spilled, with a length and in chunks, torn off and half closed
    for memory_limit in [1 << 30, 0] {
        let mut config = ServerConfig::default();
        config.storage.memory_limit = memory_limit;
        let fake = Fake::start_with(config, |assumptions| {
            assumptions.interrupted_body = InterruptedBody::Frees;
        });
        let path = fake.mint_path().await;
        let megabyte = vec![7; 1 << 20];
        for (lines, before, torn_off) in [
            ("Content-Length: 9000000\r\n", "", true),
            ("Content-Length: 9000000\r\n", "", false),
            ("Transfer-Encoding: chunked\r\n", "500000\r\n", true),
            ("Transfer-Encoding: chunked\r\n", "500000\r\n", false),
        ] {
            let mut raw = Raw::connect(&fake).await;
            raw.send(format!(
                "POST {path} HTTP/1.1\r\n{UPLOAD}{lines}\r\n{before}"
            ))
            .await;
            raw.send(&megabyte).await.send(&megabyte).await;
            until("bytes are held", || !fake.holds_nothing()).await;
            assert_eq!(fake.link_state(&path), LinkState::InFlight);
            if torn_off {
                drop(raw);
            } else {
                raw.half_close().await;
                if let Some(reply) = raw.reply_or_end().await {
                    assert_eq!(reply.status, 400, "{}", reply.text());
                }
            }
            until("the link is free", || {
                fake.link_state(&path) == LinkState::Fresh
            })
            .await;
            until("nothing is held", || fake.holds_nothing()).await;
        }
        assert_eq!(fake.stored_hash("/a").await, None);
        let whole = vec![1; 2 << 20];
        let reply = fake.consume(&fake.url(&path), whole.clone()).await;
        assert_eq!(
            (reply.status, reply.text()),
            success(&ContentHash::of(&whole).to_string())
        );
    }
}

#[tokio::test]
async fn what_an_interruption_does_is_an_assumption() {
    // OQ-02
    for (choice, state, status) in [
        ("burns", LinkState::Consumed, 410),
        ("locks", LinkState::Locked, 409),
    ] {
        let fake = Fake::assuming(&[("interrupted_body", choice)]);
        let path = fake.mint_path().await;
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "POST {path} HTTP/1.1\r\n{UPLOAD}Content-Length: 5\r\n\r\nhe"
        ))
        .await;
        until("the link is taken", || {
            fake.link_state(&path) == LinkState::InFlight
        })
        .await;
        drop(raw);
        until(choice, || fake.link_state(&path) == state).await;
        let reply = fake.consume(&fake.url(&path), "hello").await;
        assert_eq!(reply.status, status, "{choice}: {}", reply.text());
        fake.app
            .clock
            .change(None, Change::Advance(Duration::from_secs(61)));
        let reply = fake.consume(&fake.url(&path), "hello").await;
        let later = if choice == "locks" { 200 } else { 410 };
        assert_eq!(reply.status, later, "{choice}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_slow_sender_is_waited_for() {
    let fake = Fake::start();
    let path = fake.mint_path().await;
    let mut raw = Raw::connect(&fake).await;
    let request = format!("POST {path} HTTP/1.1\r\n{UPLOAD}Content-Length: 5\r\n\r\nhello");
    for byte in request.as_bytes().chunks(1) {
        raw.send(byte).await;
        tokio::task::yield_now().await;
    }
    let reply = raw.reply().await;
    assert_eq!((reply.status, reply.text()), success(HELLO));
}

#[tokio::test]
async fn garbage_gets_a_400_or_a_closed_door() {
    let fake = Fake::start();
    let nuls = [0_u8; 4096];
    let rows: &[&[u8]] = &[
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00",
        &nuls,
        b"\r\n\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"get / http/1.1\r\n\r\n",
        b"GET  /  HTTP/1.1\r\n\r\n",
        b"POST /apitul/1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /apitul/1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18446744073709551616\r\n\r\n",
        b"POST /apitul/1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /apitul/1/x HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"POST /apitul/1/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /apitul/1/x HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnothing like a frame",
    ];
    for row in rows {
        let mut raw = Raw::connect(&fake).await;
        let _ = raw.try_send(row).await;
        let _ = raw.half_close().await;
        if row.starts_with(b"PRI") {
            raw.rest().await;
            continue;
        }
        if let Some(reply) = raw.reply_or_end().await {
            assert!(
                (400..=431).contains(&reply.status),
                "{}: {reply:?}",
                String::from_utf8_lossy(row)
            );
        }
    }
    assert_eq!(fake.rpc("check/user", "{}").await.status, 200);
}

#[tokio::test]
async fn a_coding_that_nobody_undoes_and_a_foreign_scheme_are_refused_and_the_link_stays() {
    let fake = Fake::start();
    let path = fake.mint_path().await;
    for (target, coding, status) in [
        (path.clone(), "gzip, chunked", 501),
        (path.clone(), "gzip\r\nTransfer-Encoding: chunked", 501),
        (format!("ftp://localhost{path}"), "chunked", 400),
        (path.clone(), "Chunked", 200),
    ] {
        let mut raw = Raw::connect(&fake).await;
        let request = format!(
            "POST {target} HTTP/1.1\r\n{UPLOAD}Transfer-Encoding: {coding}\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        );
        raw.send(request).await;
        let reply = raw.reply_or_end().await.expect("an answer");
        assert_eq!(reply.status, status, "{coding}: {reply:?}");
        if status != 200 {
            assert_eq!(fake.link_state(&path), LinkState::Fresh);
        }
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let fake = Fake::start();
    let many: String = (0..200).map(|i| format!("X-{i}: 1\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "x".repeat(70_000));
    let huge = format!("X-Huge: {}\r\n", "x".repeat(3 << 20));
    for lines in [many, long, huge] {
        let path = fake.mint_path().await;
        let mut raw = Raw::connect(&fake).await;
        let request = format!("POST {path} HTTP/1.1\r\n{UPLOAD}{lines}Content-Length: 0\r\n\r\n");
        let _ = raw.try_send(request).await;
        if let Some(reply) = raw.reply_or_end().await {
            assert_eq!(reply.status, 431);
        }
        assert_eq!(fake.link_state(&path), LinkState::Fresh);
    }
    let mut raw = Raw::connect(&fake).await;
    let target = format!("/apitul/1/{}", "x".repeat(70_000));
    let request = format!("POST {target} HTTP/1.1\r\n{UPLOAD}Content-Length: 0\r\n\r\n");
    let _ = raw.try_send(request).await;
    if let Some(reply) = raw.reply_or_end().await {
        assert!([414, 431].contains(&reply.status), "{reply:?}");
    }
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let fake = Fake::of_2025();
    for (keep_alive, stays) in [("", false), ("Connection: keep-alive\r\n", true)] {
        let path = fake.mint_path().await;
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "POST {path} HTTP/1.0\r\n{UPLOAD}{keep_alive}Content-Length: 5\r\n\r\nhello"
        ))
        .await;
        let reply = raw.reply().await;
        assert_eq!((reply.status, reply.text()), success(HELLO));
        assert_eq!(reply.version, "HTTP/1.0");
        if !stays {
            assert!(raw.rest().await.is_empty());
        }
    }
    // Without a Host the link's origin is the address that was reached.
    let mut raw = Raw::connect(&fake).await;
    raw.send(
        "POST /2/files/get_temporary_upload_link HTTP/1.0\r\nAuthorization: Bearer test\r\n\
         Content-Type: application/json\r\nContent-Length: 29\r\n\r\n{\"commit_info\":{\"path\":\"/b\"}}",
    )
    .await;
    let text = raw.reply().await.text();
    let link = format!("{{\"link\": \"http://{}/apitul/1/", fake.address);
    assert!(text.starts_with(&link), "{text}");
}

#[tokio::test]
async fn a_foreign_host_is_refused_in_every_form_and_the_link_untouched() {
    let fake = Fake::start();
    let path = fake.mint_path().await;
    for (line, host) in [
        (format!("POST {path} HTTP/1.1"), "evil.example"),
        (format!("POST {path} HTTP/1.1"), "evil.example:80"),
        (format!("POST {path} HTTP/1.1"), "localhost.evil.example"),
        (format!("POST {path} HTTP/1.1"), "EVIL.EXAMPLE."),
        (format!("POST {path} HTTP/1.1"), "localhost,evil.example"),
        (format!("POST {path} HTTP/1.1"), "[::2]:80"),
        (format!("POST {path} HTTP/1.1"), "127.0.0.1.evil.example"),
        (
            format!("POST http://evil.example{path} HTTP/1.1"),
            "localhost",
        ),
    ] {
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "{line}\r\nHost: {host}\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\nhello"
        ))
        .await;
        let reply = raw.reply().await;
        assert_eq!(reply.status, 421, "{line} {host}");
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(fake.link_state(&path), LinkState::Fresh);
    }
}

#[tokio::test]
async fn a_host_that_cannot_be_read_is_a_400_and_the_link_untouched() {
    // RFC 9112, section 3.2. A name that nobody could read must not pass for one that is known.
    let fake = Fake::start();
    let path = fake.mint_path().await;
    let line = format!("POST {path} HTTP/1.1");
    for (line, hosts) in [
        (line.clone(), "Host: evil example\r\n"),
        (line.clone(), "Host: localhost:x\r\n"),
        (line.clone(), "Host: evil@localhost\r\n"),
        (line.clone(), "Host: [fe80::1%25lo]\r\n"),
        (line.clone(), "Host: localhost\r\nHost: evil.example\r\n"),
        (line.clone(), "Host: localhost\r\nhost: localhost\r\n"),
        (line.clone(), ""),
        (
            format!("POST http://evil@localhost{path} HTTP/1.1"),
            "Host: localhost\r\n",
        ),
    ] {
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "{line}\r\n{hosts}Content-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\nhello"
        ))
        .await;
        let reply = raw.reply().await;
        assert_eq!(reply.status, 400, "{line} {hosts}");
        assert!(reply.text().contains("ost"), "{}", reply.text());
        assert_eq!(fake.link_state(&path), LinkState::Fresh);
    }
}

#[tokio::test]
async fn a_doubled_content_type_is_one_that_nothing_takes() {
    // API-10
    let fake = Fake::assuming(&[("bad_content_type", "keeps_link")]);
    let path = fake.mint_path().await;
    let doubled = "Content-Type: application/octet-stream\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n";
    let upload = "Authorization: Bearer test\r\nDropbox-API-Arg: {\"path\":\"/b\"}\r\n";
    for (target, lines) in [(&*path, ""), ("/2/files/upload", upload)] {
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\n{doubled}{lines}\r\nhello"
        ))
        .await;
        let reply = raw.reply().await;
        assert_eq!(reply.status, 400, "{target}: {}", reply.text());
    }
    assert_eq!(fake.link_state(&path), LinkState::Fresh);
}

#[tokio::test]
async fn a_target_may_be_absolute_and_a_star() {
    let fake = Fake::start();
    let path = fake.mint_path().await;
    let mut raw = Raw::connect(&fake).await;
    raw.send("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert_eq!(raw.reply().await.status, 200);
    raw.send("PUT * HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert!((400..500).contains(&raw.reply().await.status));
    let mut raw = Raw::connect(&fake).await;
    raw.send(format!(
        "POST http://localhost{path} HTTP/1.1\r\n{UPLOAD}Content-Length: 5\r\n\r\nhello"
    ))
    .await;
    let reply = raw.reply().await;
    assert_eq!((reply.status, reply.text()), success(HELLO));
}

#[tokio::test]
async fn an_early_answer_reaches_a_client_that_goes_on_sending() {
    // 64 MiB to a link that is not there, to one that is used, and over the limit; the client
    // writes all before it reads, as simple clients do.
    let fake = Fake::assuming(&[("link_size_limit", "1000000"), ("oversize", "frees")]);
    let path = fake.mint_path().await;
    let used = fake.mint_path().await;
    assert_eq!(fake.consume(&fake.url(&used), "hello").await.status, 200);
    let length = 64 << 20;
    for (path, framing, status) in [
        ("/apitul/1/AAAAAAAAAAAAAA", "length", 409),
        (&*used, "length", 410),
        (&*path, "length", 413),
        (&*path, "chunks", 413),
        ("/2/files/none", "length", 400),
    ] {
        let mut raw = Raw::connect(&fake).await;
        let lines = if framing == "length" {
            format!("Content-Length: {length}\r\n\r\n")
        } else {
            format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n")
        };
        raw.send(format!("POST {path} HTTP/1.1\r\n{UPLOAD}{lines}"))
            .await;
        let megabyte = vec![3; 1 << 20];
        for _ in 0..64 {
            raw.send(&megabyte).await;
        }
        let reply = raw.reply().await;
        assert_eq!(reply.status, status, "{path} {framing}");
        if status == 413 {
            assert_eq!(reply.header("connection"), Some("close"));
            assert_eq!(reply.header("content-type"), Some("text/html"));
        }
        drop(raw);
        until("nothing is held", || {
            fake.app.storage.bytes_in_memory() <= 5 && fake.app.storage.bytes_on_disk() == 0
        })
        .await;
    }
    assert_eq!(fake.link_state(&path), LinkState::Fresh);
}

#[tokio::test]
async fn a_head_request_gets_the_head_of_the_answer_alone() {
    // OQ-11
    let fake = Fake::start();
    let path = fake.mint_path().await;
    let mut raw = Raw::connect(&fake).await;
    raw.send(format!("HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .await;
    assert_eq!(raw.reply_without_body().await.status, 405);
    raw.send(format!(
        "POST {path} HTTP/1.1\r\n{UPLOAD}Content-Length: 5\r\n\r\nhello"
    ))
    .await;
    assert_eq!(raw.reply().await.status, 200);
}
