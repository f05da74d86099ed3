//! Which Content-Types an upload through a link may have.

use crate::cases::case::{Case, Cost, Kind, Needs};
use crate::failure::{Failure, Verdict};
use crate::talk::answer::Answer;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    Case {
        id: "link/content-type/octet-stream",
        sentence: "An upload of application/octet-stream is stored.",
        rules: &["UL-104", "UL-114", "UL-126", "API-241"],
        kind: Kind::Required,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(stored_as(t, "application/octet-stream")),
    },
    Case {
        id: "link/content-type/plain-text",
        sentence: "An upload of text/plain is stored as it came.",
        rules: &["UL-104", "UL-115"],
        kind: Kind::Required,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(stored_as(t, "text/plain")),
    },
    Case {
        id: "link/content-type/without-a-preflight",
        sentence: "The Content-Type that spares browsers the preflight is taken.",
        rules: &["UL-115", "UL-153"],
        kind: Kind::Required,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(stored_as(t, "text/plain; charset=dropbox-cors-hack")),
    },
    Case {
        id: "link/content-type/all-others",
        sentence: "Any other Content-Type is a 400 and stores nothing.",
        rules: &["UL-106", "UL-117", "UL-144"],
        kind: Kind::Required,
        cost: Cost::calls(12),
        needs: Needs::NOTHING,
        run: |t| Box::pin(all_others(t)),
    },
    Case {
        id: "link/content-type/multipart-form",
        sentence: "A multipart form is a 400: the body of an upload is the file itself.",
        rules: &["UL-106", "UL-118"],
        kind: Kind::Required,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(multipart_form(t)),
    },
    Case {
        id: "link/content-type/probe-matching",
        sentence: "Whether the media type counts or the whole value.",
        rules: &["OQ-10", "UL-116"],
        kind: Kind::Probe,
        cost: Cost::calls(10),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_matching(t)),
    },
    Case {
        id: "link/content-type/probe-order-of-checks",
        sentence: "Whether the Content-Type is judged before the state of the link.",
        rules: &["OQ-09", "UL-160"],
        kind: Kind::Probe,
        cost: Cost::calls(6),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_order_of_checks(t)),
    },
    Case {
        id: "link/content-type/probe-burned-by-a-400",
        sentence: "Whether the 400 for a wrong Content-Type uses the link up.",
        rules: &["OQ-09.bad_content_type", "UL-160"],
        kind: Kind::Probe,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_burned_by_a_400(t)),
    },
];

/// Uploads with this Content-Type.
async fn post_as(t: &Context, content_type: &str) -> Result<Answer, Failure> {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    t.send(link.request().content_type(content_type).body(b"hello"))
        .await
}

async fn stored_as(t: &Context, content_type: &str) -> Verdict {
    post_as(t, content_type).await?.expect_status(200)?;
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

async fn all_others(t: &Context) -> Verdict {
    for content_type in [
        "application/x-www-form-urlencoded",
        "image/jpeg",
        "application/json",
        "text/html",
        "application/octet",
    ] {
        post_as(t, content_type).await?.expect_status(400)?;
    }
    t.expect_nothing_at("/a.txt").await
}

async fn multipart_form(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                Content-Type: application/octet-stream\r\n\r\nhello\r\n--x--\r\n";
    let request = link
        .request()
        .content_type("multipart/form-data; boundary=x")
        .body(form.to_owned());
    t.send(request).await?.expect_status(400)?;
    t.expect_nothing_at("/a.txt").await
}

async fn probe_matching(t: &Context) -> Verdict {
    let mut taken = Vec::new();
    let variants = [
        "application/octet-stream; charset=binary",
        "Application/Octet-Stream",
        "text/plain",
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
        5 => "media_type".to_owned(),
        0 => "full_value".to_owned(),
        _ => format!("only these: {}", taken.join(", ")),
    };
    t.observe("OQ-10", answer);
    Ok(())
}

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
        [400, 400] => "before_link_state".to_owned(),
        [consumed, unknown] => {
            format!("{consumed} on a consumed link, {unknown} on an unknown one")
        }
        _ => "nothing".to_owned(),
    };
    t.observe("OQ-09", answer);
    Ok(())
}

async fn probe_burned_by_a_400(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let request = link.request().content_type("image/jpeg").body(b"hello");
    t.send(request).await?.expect_status(400)?;
    let answer = match t.consume(&link, b"hello").await?.status() {
        200 => "keeps_link",
        410 => "burns_link",
        _ => "something else",
    };
    t.observe("OQ-09.bad_content_type", answer);
    Ok(())
}
