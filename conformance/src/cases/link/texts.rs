//! The words of a link that nobody has published: each is asked for and written down (OQ-04, OQ-05).

use std::time::Duration;

use crate::cases::case::{Case, Needs};
use crate::cases::link::consume::CONSUMED;
use crate::failure::Verdict;
use crate::http::Request;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    PROBE_UNKNOWN_LINK,
    PROBE_MALFORMED_TOKEN,
    PROBE_WRONG_CONTENT_TYPE,
    PROBE_MISSING_CONTENT_TYPE,
    PROBE_WRONG_METHOD,
    PROBE_EXPIRED,
    PROBE_COMMIT_FAILED,
    THE_DOCUMENTED_ONE,
];

const PROBE_UNKNOWN_LINK: Case = Case::probe("link/texts/probe-unknown-link")
    .rules(&["OQ-04.unknown_link", "UL-140"])
    .claim("What a link says that nobody minted.")
    .calls(2)
    .run(|t| Box::pin(probe_unknown_link(t)));

async fn probe_unknown_link(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let unknown = t.unknown_link(&link, "AAAAAAAAAAAAAA");
    let answer = t
        .consume(&unknown, b"hello")
        .await?
        .by(&["UL-140"])
        .expect_status(409)?;
    t.observe("OQ-04.unknown_link", answer.text());
    Ok(())
}

const PROBE_MALFORMED_TOKEN: Case = Case::probe("link/texts/probe-malformed-token")
    .rules(&["OQ-04.malformed_token", "UL-106", "UL-140"])
    .claim("What becomes of a token of impossible shape, of none, and of another version.")
    .calls(7)
    .run(|t| Box::pin(probe_malformed_token(t)));

async fn probe_malformed_token(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let mut statuses = Vec::new();
    for token in ["", "A%20B", "A/B", "A.B"] {
        let malformed = t.unknown_link(&link, token);
        statuses.push(t.consume(&malformed, b"hello").await?.status());
    }
    let version = format!("{}/apitul/2/AAAAAAAAAAAAAA", link.origin());
    let request = Request::post(version).content_type("application/octet-stream");
    statuses.push(t.send(request.body(b"hello")).await?.status());
    let all = |wanted: u16| statuses.iter().all(|status| *status == wanted);
    let answer = if all(409) {
        "unknown_link".to_owned()
    } else if all(400) {
        "bad_request".to_owned()
    } else {
        let [none, escape, slash, dot, version] = statuses[..] else {
            return Err(t.fail("five requests have five answers"));
        };
        format!(
            "{none} without a token, {escape} with an escape, {slash} with a slash, {dot} with a dot, \
             {version} with version 2"
        )
    };
    t.observe("OQ-04.malformed_token", answer);
    Ok(())
}

const PROBE_WRONG_CONTENT_TYPE: Case = Case::probe("link/texts/probe-wrong-content-type")
    .rules(&["OQ-04.bad_content_type", "UL-144"])
    .claim("What a link says to a Content-Type that it does not take.")
    .calls(2)
    .run(|t| Box::pin(probe_wrong_content_type(t)));

async fn probe_wrong_content_type(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let request = link.request().content_type("image/jpeg").body(b"hello");
    let answer = t.send(request).await?.by(&["UL-144"]).expect_status(400)?;
    t.observe("OQ-04.bad_content_type", answer.text());
    Ok(())
}

const PROBE_MISSING_CONTENT_TYPE: Case = Case::probe("link/texts/probe-missing-content-type")
    .rules(&["OQ-04.missing_content_type", "UL-117"])
    .claim("What a link says to an upload without a Content-Type.")
    .calls(2)
    .run(|t| Box::pin(probe_missing_content_type(t)));

async fn probe_missing_content_type(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let request = link.request().without_header("Content-Type").body(b"hello");
    let answer = t.send(request).await?;
    let answer = match answer.status() {
        400 => answer.text(),
        status => format!("{status}: {}", answer.text()),
    };
    t.observe("OQ-04.missing_content_type", answer);
    Ok(())
}

const PROBE_WRONG_METHOD: Case = Case::probe("link/texts/probe-wrong-method")
    .rules(&["OQ-04.wrong_method", "UL-113"])
    .claim("What a link says to another method.")
    .calls(2)
    .run(|t| Box::pin(probe_wrong_method(t)));

async fn probe_wrong_method(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let answer = t.send(link.request().method("PUT").body(b"hello")).await?;
    t.observe("OQ-04.wrong_method", answer.text());
    Ok(())
}

const PROBE_EXPIRED: Case = Case::probe("link/texts/probe-expired")
    .rules(&["OQ-04.expired", "UL-139"])
    .claim("What an expired link says.")
    .calls(2)
    .waiting(62)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(probe_expired(t)));

async fn probe_expired(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").duration(60)).await?;
    t.let_pass(Duration::from_secs(62)).await?;
    let answer = t
        .consume(&link, b"hello")
        .await?
        .by(&["UL-139"])
        .expect_status(410)?;
    t.observe("OQ-04.expired", answer.text());
    Ok(())
}

const PROBE_COMMIT_FAILED: Case = Case::probe("link/texts/probe-commit-failed")
    .rules(&["OQ-05", "UL-142", "UL-143"])
    .claim("What a link says when its commit fails, and whether all causes share the words.")
    .calls(14)
    .run(|t| Box::pin(probe_commit_failed(t)));

async fn probe_commit_failed(t: &Context) -> Verdict {
    t.given_file("/taken.txt", b"there").await?;
    t.given_folder("/folder").await?;
    let mut texts = Vec::new();
    for info in [
        commit_info("/taken.txt"),
        commit_info("/folder"),
        commit_info("/taken.txt/below"),
        commit_info("/desktop.ini"),
        commit_info("/back\\slash"),
        commit_info("/taken.txt").update("0123456789abcdef"),
    ] {
        let argument = t.mint_argument(&info);
        let minted = t.mint_with(argument.clone()).await?;
        if minted.status() == 400 {
            // The mint judges the path itself (OQ-16).
            continue;
        }
        let link = t.link_of(&minted, &argument)?;
        let text = t.consume(&link, b"other").await?.expect_status(409)?.text();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    t.observe("OQ-05", texts.join(" | "));
    Ok(())
}

const THE_DOCUMENTED_ONE: Case = Case::required("link/texts/the-documented-one")
    .rules(&["UL-109", "UL-138"])
    .claim("The one documented text comes again at every later use.")
    .calls(4)
    .run(|t| Box::pin(the_documented_one(t)));

async fn the_documented_one(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    for _ in 0..2 {
        t.consume(&link, b"hello")
            .await?
            .expect_status(410)?
            .by(&["UL-109", "UL-138"])
            .expect_text(CONSUMED)?;
    }
    Ok(())
}
