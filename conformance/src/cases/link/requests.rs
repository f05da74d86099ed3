//! Odd requests to a link: headers that it has no use for, and no length at all.

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::http::Request;
use crate::talk::client::Link;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    IN_PIECES,
    CHUNKS_OF_THE_CLIENT,
    PROBE_HTTP_VERSION,
    PROBE_AUTHORIZATION,
    PROBE_CONTENT_ENCODING,
    PROBE_NO_LENGTH,
    PROBE_QUERY_AND_EXTRA_HEADERS,
    PROBE_SELECT_USER,
];

const IN_PIECES: Case = Case::observed("link/requests/in-pieces")
    .rules(&["UL-126"])
    .claim("A body with a Content-Length may come in pieces.")
    .calls(3)
    .run(|t| Box::pin(in_pieces(t)));

async fn in_pieces(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let mut wire = t.raw(link.url()).await?;
    let head = wire.head(
        "POST",
        &[
            "Content-Type: application/octet-stream",
            "Content-Length: 5",
        ],
    );
    for piece in [head.as_str(), "h", "ell", "o"] {
        wire.write(piece).await?;
    }
    wire.answer().await?.expect_status(200)?;
    t.shows(&["UL-126"], t.expect_content("/a.txt", b"hello"))
        .await?;
    Ok(())
}

const CHUNKS_OF_THE_CLIENT: Case = Case::observed("link/requests/chunks-of-the-client")
    .rules(&["UL-127", "API-12"])
    .claim("A body in chunks without a Content-Length is stored whole.")
    .calls(3)
    .run(|t| Box::pin(chunks_of_the_client(t)));

async fn chunks_of_the_client(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let chunks = [&b"he"[..], b"l", b"lo"].map(bytes::Bytes::from_static);
    let body = crate::http::Body::Chunks(chunks.to_vec());
    t.consume(&link, body).await?.expect_status(200)?;
    t.shows(&["UL-127"], t.expect_content("/a.txt", b"hello"))
        .await?;
    Ok(())
}

const PROBE_HTTP_VERSION: Case = Case::probe("link/requests/probe-http-version")
    .rules(&["OQ-22.rest", "UL-130"])
    .claim("Which protocol the host of a link chooses where a client offers HTTP/2.")
    .calls(2)
    .run(|t| Box::pin(probe_http_version(t)));

async fn probe_http_version(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    if !link.url().starts_with("https://") {
        return Err(t.does_not_apply("without TLS there is no ALPN"));
    }
    let mut wire = t.raw_offering(link.url(), &["h2", "http/1.1"]).await?;
    let chosen = wire.alpn().unwrap_or("none").to_owned();
    if chosen == "h2" {
        t.contradicts(&["UL-130"]);
        wire.abort();
    } else {
        let head = wire.head(
            "POST",
            &[
                "Content-Type: application/octet-stream",
                "Content-Length: 5",
            ],
        );
        wire.write(head + "hello").await?;
        wire.answer().await?.expect_status(200)?;
    }
    t.observe("OQ-22.rest", format!("by ALPN {chosen}"));
    Ok(())
}

/// What an upload with something odd about it was taken for.
async fn taken_for(
    t: &Context,
    link: &Link,
    odd: Request,
) -> Result<&'static str, crate::failure::Failure> {
    let answer = t.send(odd).await?;
    Ok(match answer.status() {
        200 => "ignored",
        400 => match t.consume(link, b"hello").await?.status() {
            200 => "rejected",
            _ => "rejected, and the link is used up",
        },
        _ => "something else",
    })
}

const PROBE_AUTHORIZATION: Case = Case::probe("link/requests/probe-authorization")
    .rules(&["OQ-22", "UL-158", "UL-191"])
    .claim("What an Authorization header on an upload does, valid or not.")
    .calls(5)
    .run(|t| Box::pin(probe_authorization(t)));

async fn probe_authorization(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    let valid = link
        .request()
        .header("Authorization", t.bearer(&t.target().tokens.main))
        .body(b"hello");
    let valid = taken_for(t, &link, valid).await?;
    let link = t.mint(commit_info("/b.txt").overwrite()).await?;
    let invalid = link
        .request()
        .header("Authorization", "Bearer nonsense")
        .body(b"hello");
    let invalid = t.send(invalid).await?.status();
    let answer = match (valid, invalid) {
        ("ignored", 200) => "ignored".to_owned(),
        ("rejected", 400) => "rejected".to_owned(),
        _ => format!("a valid one is {valid}, an invalid one gets {invalid}"),
    };
    if answer == "ignored" {
        t.confirms(&["UL-191"]);
    } else {
        t.contradicts(&["UL-191"]);
    }
    t.observe("OQ-22", answer);
    Ok(())
}

const PROBE_CONTENT_ENCODING: Case = Case::probe("link/requests/probe-content-encoding")
    .rules(&["OQ-22.link_content_encoding", "UL-106"])
    .claim("What a Content-Encoding on an upload does.")
    .calls(3)
    .run(|t| Box::pin(probe_content_encoding(t)));

async fn probe_content_encoding(t: &Context) -> Verdict {
    /// `hello` by gzip without a name and a time.
    const GZIPPED: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 0, 255, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0,
        0,
    ];
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    let request = link
        .request()
        .header("Content-Encoding", "gzip")
        .body(GZIPPED);
    let answer = match taken_for(t, &link, request).await? {
        "ignored" => match t.file("/a.txt").await?.size() {
            25 => "stored_raw",
            5 => "it is unpacked",
            _ => "something else is stored",
        },
        other => other,
    };
    t.observe("OQ-22.link_content_encoding", answer);
    Ok(())
}

const PROBE_NO_LENGTH: Case = Case::probe("link/requests/probe-no-length")
    .rules(&["OQ-22.missing_length", "UL-119", "UL-126"])
    .claim("What an upload is that has neither a length nor chunks.")
    .calls(3)
    .run(|t| Box::pin(probe_no_length(t)));

async fn probe_no_length(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let mut wire = t.raw(link.url()).await?;
    let head = wire.head("POST", &["Content-Type: application/octet-stream"]);
    wire.write(head).await?;
    let answer = match wire.answer().await?.status() {
        200 => {
            t.expect_content("/a.txt", b"").await?;
            "empty_body"
        }
        411 => {
            t.consume(&link, b"hello").await?.expect_status(200)?;
            "length_required"
        }
        _ => "something else",
    };
    t.observe("OQ-22.missing_length", answer);
    Ok(())
}

const PROBE_QUERY_AND_EXTRA_HEADERS: Case =
    Case::probe("link/requests/probe-query-and-extra-headers")
        .rules(&["OQ-22.rest"])
        .claim("Whether a query string and headers such as Content-MD5 are ignored.")
        .calls(5)
        .run(|t| Box::pin(probe_query_and_extra_headers(t)));

async fn probe_query_and_extra_headers(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let query = t
        .send(link.request().query("name=value").body(b"hello"))
        .await?
        .status();
    let link = t.mint(commit_info("/b.txt")).await?;
    let request = link
        .request()
        .header("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")
        .header(
            "Dropbox-API-Arg",
            r#"{"path":"/elsewhere.txt"}"#.replace("/elsewhere.txt", &t.path("/c.txt")),
        );
    let headers = t.send(request.body(b"hello")).await?.status();
    let answer = match (query, headers) {
        (200, 200) => {
            t.expect_content("/b.txt", b"hello").await?;
            "both are ignored".to_owned()
        }
        (query, headers) => format!("{query} with a query, {headers} with extra headers"),
    };
    t.observe("OQ-22.rest", answer);
    Ok(())
}

const PROBE_SELECT_USER: Case = Case::probe("link/requests/probe-select-user")
    .rules(&["OQ-22.select_user", "UL-158"])
    .claim("Whether the headers of team calls are ignored by a link.")
    .calls(3)
    .run(|t| Box::pin(probe_select_user(t)));

async fn probe_select_user(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let request = link
        .request()
        .header("Dropbox-API-Select-User", "dbmid:conformance");
    let answer = match t.send(request.body(b"hello")).await?.status() {
        200 => "ignored",
        _ => "refused",
    };
    t.observe("OQ-22.select_user", answer);
    Ok(())
}
