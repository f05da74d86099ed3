//! Using a link: what comes back, and that it works once.

use serde_json::json;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::content_hash::{content_hash, sha256};
use crate::talk::context::Context;

/// What a link that was used says (UL-138).
pub const CONSUMED: &str = "Temporary upload link has been recently consumed.";

pub const CASES: &[Case] = &[
    ANSWERS_THE_CONTENT_HASH,
    SECOND_USE_IS_GONE,
    UNKNOWN_TOKEN_IS_A_CONFLICT,
    NEEDS_NO_AUTHORIZATION,
    ONE_OF_TWO_AT_ONCE_WINS,
    PROBE_FAILED_COMMIT,
];

const ANSWERS_THE_CONTENT_HASH: Case = Case::required("link/consume/answers-the-content-hash")
    .rules(&["UL-105", "UL-131", "UL-132", "UL-134"])
    .claim("A POST of bytes to a fresh link answers 200 with the content hash and nothing else.")
    .calls(3)
    .run(|t| Box::pin(answers_the_content_hash(t)));

async fn answers_the_content_hash(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.consume(&link, b"hello")
        .await?
        .expect_status(200)?
        .by(&["UL-132"])
        .expect_header("Content-Type", "application/json")?
        .by(&["UL-134"])
        .expect_no_header("Dropbox-API-Result")?
        .by(&["UL-131"])
        .expect_keys("", &["content-hash"])?
        .by(&["UL-105"])
        .expect_returned_hash(&content_hash(b"hello"), || sha256(b"hello"))?;
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

const SECOND_USE_IS_GONE: Case = Case::required("link/consume/second-use-is-gone")
    .rules(&["UL-108", "UL-138"])
    .claim("A link that was used answers 410 with the documented text, and what it stored stays.")
    .calls(4)
    .run(|t| Box::pin(second_use_is_gone(t)));

async fn second_use_is_gone(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    t.consume(&link, b"first").await?.expect_status(200)?;
    t.consume(&link, b"second")
        .await?
        .expect_status(410)?
        .by(&["UL-138"])
        .expect_text(CONSUMED)?;
    t.expect_content("/a.txt", b"first").await?;
    Ok(())
}

const UNKNOWN_TOKEN_IS_A_CONFLICT: Case =
    Case::required("link/consume/unknown-token-is-a-conflict")
        .rules(&["UL-107", "UL-140"])
        .claim("A link that nobody minted answers 409, not 404.")
        .calls(2)
        .run(|t| Box::pin(unknown_token_is_a_conflict(t)));

async fn unknown_token_is_a_conflict(t: &Context) -> Verdict {
    let real = t.mint(commit_info("/a.txt")).await?;
    let unknown = t.unknown_link(&real, "AAAAAAAAAAAAAA");
    t.consume(&unknown, b"hello")
        .await?
        .by(&["UL-140"])
        .expect_status(409)?;
    Ok(())
}

const NEEDS_NO_AUTHORIZATION: Case = Case::required("link/consume/needs-no-authorization")
    .rules(&["UL-103", "UL-158"])
    .claim("The holder of a link needs no token, and the answer has no challenge.")
    .calls(2)
    .run(|t| Box::pin(needs_no_authorization(t)));

async fn needs_no_authorization(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.send(
        link.request()
            .without_header("Authorization")
            .body(b"hello"),
    )
    .await?
    .by(&["UL-158"])
    .expect_status(200)?
    .expect_no_header("WWW-Authenticate")?;
    Ok(())
}

const ONE_OF_TWO_AT_ONCE_WINS: Case = Case::required("link/consume/one-of-two-at-once-wins")
    .rules(&["UL-103", "UL-150", "UL-160"])
    .claim("Of two uploads to one link at the same time, exactly one is stored.")
    .calls(4)
    .run(|t| Box::pin(one_of_two_at_once_wins(t)));

async fn one_of_two_at_once_wins(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    let post = |body: &'static [u8]| t.send(link.request().body(body).in_group("race"));
    let (left, right) = tokio::join!(post(b"left"), post(b"right"));
    let (left, right) = (
        left?.expect_status_in(&[200, 409, 410])?,
        right?.expect_status_in(&[200, 409, 410])?,
    );
    let stored: &[u8] = match (left.status(), right.status()) {
        (200, 409 | 410) => b"left",
        (409 | 410, 200) => b"right",
        (left, right) => return Err(t.fail(&format!("the two answers are {left} and {right}"))),
    };
    expect_winner(t, stored).await
}

/// What is stored is what the winner of a race sent. The look belongs to the race: another run has
/// another winner.
pub(super) async fn expect_winner(t: &Context, body: &[u8]) -> Verdict {
    let argument = json!({"path": t.path("/a.txt")});
    let look = t.rpc_request("files/get_metadata", &argument);
    t.send(look.in_group("the winner"))
        .await?
        .expect_status(200)?
        .expect_at("/content_hash", content_hash(body))?;
    Ok(())
}

const PROBE_FAILED_COMMIT: Case = Case::probe("link/consume/probe-failed-commit")
    .rules(&["OQ-01", "UL-148"])
    .claim("Whether a commit that failed burns the link.")
    .calls(5)
    .run(|t| Box::pin(probe_failed_commit(t)));

async fn probe_failed_commit(t: &Context) -> Verdict {
    t.given_file("/taken.txt", b"in the way").await?;
    let link = t.mint(commit_info("/taken.txt")).await?;
    t.consume(&link, b"other").await?.expect_status(409)?;
    t.rpc("files/delete_v2", json!({"path": t.path("/taken.txt")}))
        .await?
        .expect_status(200)?;
    let again = t.consume(&link, b"other").await?;
    let answer = match again.status() {
        200 => "frees",
        410 => "burns",
        409 => "conflicts",
        _ => "something else",
    };
    t.observe("OQ-01", answer);
    Ok(())
}
