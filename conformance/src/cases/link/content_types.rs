//! Which Content-Types an upload through a link may have.

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::talk::answer::Answer;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;
use crate::talk::shown::Rules;

pub const CASES: &[Case] = &[
    OCTET_STREAM,
    PLAIN_TEXT,
    PLAIN_TEXT_IS_BYTES,
    WITHOUT_A_PREFLIGHT,
    ALL_OTHERS,
    MULTIPART_FORM,
    PROBE_MATCHING,
    PROBE_ORDER_OF_CHECKS,
    PROBE_BURNED_BY_A_400,
];

/// Uploads with this Content-Type.
async fn post_as(t: &Context, content_type: &str) -> Result<Answer, Failure> {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    t.send(link.request().content_type(content_type).body(b"hello"))
        .await
}

const OCTET_STREAM: Case = Case::required("link/content-type/octet-stream")
    .rules(&["UL-104", "UL-114", "UL-126", "API-241"])
    .claim("An upload of application/octet-stream is stored.")
    .calls(3)
    .run(|t| {
        Box::pin(stored_as(
            t,
            "application/octet-stream",
            &["UL-114", "UL-126"],
        ))
    });

const PLAIN_TEXT: Case = Case::required("link/content-type/plain-text")
    .rules(&["UL-104", "UL-115"])
    .claim("An upload of text/plain is stored as it came.")
    .calls(3)
    .run(|t| Box::pin(stored_as(t, "text/plain", &[])));

const PLAIN_TEXT_IS_BYTES: Case = Case::required("link/content-type/plain-text-is-bytes")
    .rules(&["UL-104", "UL-115"])
    .claim("What is called plain text is stored byte for byte: line ends, a BOM, NUL, what is no UTF-8.")
    .calls(3)
    .run(|t| Box::pin(plain_text_is_bytes(t)));

async fn plain_text_is_bytes(t: &Context) -> Verdict {
    const BYTES: &[u8] = b"\xef\xbb\xbfone\r\ntwo\rthree\n\0 \xff\xfe\xc3 e\xcc\x81 \t \r\n\r\n";
    let link = t.mint(commit_info("/a.txt")).await?;
    let request = link.request().content_type("text/plain").body(BYTES);
    t.send(request).await?.expect_status(200)?;
    t.shows(&["UL-115"], t.expect_content("/a.txt", BYTES))
        .await?;
    Ok(())
}

const WITHOUT_A_PREFLIGHT: Case = Case::required("link/content-type/without-a-preflight")
    .rules(&["UL-115", "UL-153"])
    .claim("The Content-Type that spares browsers the preflight is taken.")
    .calls(3)
    .run(|t| {
        Box::pin(stored_as(
            t,
            "text/plain; charset=dropbox-cors-hack",
            &["UL-115"],
        ))
    });

async fn stored_as(t: &Context, content_type: &str, rules: Rules) -> Verdict {
    post_as(t, content_type).await?.expect_status(200)?;
    t.shows(rules, t.expect_content("/a.txt", b"hello")).await?;
    Ok(())
}

const ALL_OTHERS: Case = Case::required("link/content-type/all-others")
    .rules(&["UL-106", "UL-117", "UL-144"])
    .claim("Any other Content-Type, an empty one too, is a 400 and stores nothing.")
    .calls(27)
    .run(|t| Box::pin(all_others(t)));

async fn all_others(t: &Context) -> Verdict {
    for content_type in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "image/jpeg",
        "application/json",
        "application/pdf",
        "application/zip",
        "application/xml",
        "audio/mpeg",
        "video/mp4",
        "text/html",
        "application/octet",
        "*/*",
        "",
    ] {
        post_as(t, content_type)
            .await?
            .by(&["UL-117", "UL-144"])
            .expect_status(400)?;
    }
    t.expect_nothing_at("/a.txt").await
}

const MULTIPART_FORM: Case = Case::required("link/content-type/multipart-form")
    .rules(&["UL-106", "UL-118"])
    .claim("A multipart form is a 400: the body of an upload is the file itself.")
    .calls(3)
    .run(|t| Box::pin(multipart_form(t)));

async fn multipart_form(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                Content-Type: application/octet-stream\r\n\r\nhello\r\n--x--\r\n";
    let request = link
        .request()
        .content_type("multipart/form-data; boundary=x")
        .body(form.to_owned());
    t.send(request).await?.by(&["UL-118"]).expect_status(400)?;
    t.expect_nothing_at("/a.txt").await
}

const PROBE_MATCHING: Case = Case::probe("link/content-type/probe-matching")
    .rules(&["OQ-10", "UL-116"])
    .claim("Whether the media type counts or the whole value.")
    .calls(8)
    .run(|t| Box::pin(probe_matching(t)));

async fn probe_matching(t: &Context) -> Verdict {
    let mut taken = Vec::new();
    let variants = [
        "application/octet-stream; charset=binary",
        "Application/Octet-Stream",
        "text/plain; charset=utf-8",
        "text/plain;charset=dropbox-cors-hack",
    ];
    for variant in variants {
        if post_as(t, variant)
            .await?
            .expect_status_in(&[200, 400])?
            .status()
            == 200
        {
            taken.push(variant);
        }
    }
    let answer = match taken.len() {
        4 => "media_type".to_owned(),
        0 => "full_value".to_owned(),
        _ => format!("only these: {}", taken.join(", ")),
    };
    t.observe("OQ-10", answer);
    Ok(())
}

const PROBE_ORDER_OF_CHECKS: Case = Case::probe("link/content-type/probe-order-of-checks")
    .rules(&["OQ-09", "UL-160"])
    .claim("Whether the Content-Type is judged before the state of the link.")
    .calls(6)
    .run(|t| Box::pin(probe_order_of_checks(t)));

async fn probe_order_of_checks(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    let unknown = t.unknown_link(&link, "AAAAAAAAAAAAAA");
    let mut statuses = Vec::new();
    for link in [link, unknown] {
        let request = link.request().content_type("image/jpeg").body(b"hello");
        statuses.push(t.send(request).await?.status());
    }
    let answer = match statuses[..] {
        [410, 409] => "after_link_state".to_owned(),
        [400, 400] => {
            t.contradicts(&["UL-160"]);
            "before_link_state".to_owned()
        }
        [consumed, unknown] => {
            format!("{consumed} on a consumed link, {unknown} on an unknown one")
        }
        _ => "nothing".to_owned(),
    };
    t.observe("OQ-09", answer);
    Ok(())
}

const PROBE_BURNED_BY_A_400: Case = Case::probe("link/content-type/probe-burned-by-a-400")
    .rules(&["OQ-09.bad_content_type", "UL-160"])
    .claim("Whether the 400 for a wrong Content-Type uses the link up.")
    .calls(3)
    .run(|t| Box::pin(probe_burned_by_a_400(t)));

async fn probe_burned_by_a_400(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let request = link.request().content_type("image/jpeg").body(b"hello");
    t.send(request).await?.expect_status(400)?;
    let answer = match t.consume(&link, b"hello").await?.status() {
        200 => "keeps_link",
        410 => {
            t.contradicts(&["UL-160"]);
            "burns_link"
        }
        _ => "something else",
    };
    t.observe("OQ-09.bad_content_type", answer);
    Ok(())
}
