//! How the bytes of an upload are framed on the wire.

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[CHUNKS_OF_ANY_SIZE, EXPECT_CONTINUE, PROBE_ABORTED_BODY];

const CHUNKS_OF_ANY_SIZE: Case = Case::required("link/framing/chunks-of-any-size")
    .rules(&["UL-127", "API-12"])
    .claim("A chunked body is stored whole, whatever the chunks.")
    .calls(3)
    .run(|t| Box::pin(chunks_of_any_size(t)));

async fn chunks_of_any_size(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let mut wire = t.raw(link.url()).await?;
    let head = wire.head(
        "POST",
        &[
            "Content-Type: application/octet-stream",
            "Transfer-Encoding: chunked",
        ],
    );
    wire.write(head).await?;
    wire.write("1\r\nh\r\n").await?;
    wire.write("3;name=value\r\nell\r\n").await?;
    wire.write("1\r\no\r\n0\r\n\r\n").await?;
    wire.answer().await?.expect_status(200)?;
    t.shows(&["UL-127"], t.expect_content("/a.txt", b"hello"))
        .await?;
    Ok(())
}

const EXPECT_CONTINUE: Case = Case::observed("link/framing/expect-continue")
    .rules(&["UL-126", "UL-128"])
    .claim("Expect: 100-continue is answered with 100 before the body, or with the final answer.")
    .calls(3)
    .run(|t| Box::pin(expect_continue(t)));

async fn expect_continue(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let mut wire = t.raw(link.url()).await?;
    let head = wire.head(
        "POST",
        &[
            "Content-Type: application/octet-stream",
            "Content-Length: 5",
            "Expect: 100-continue",
        ],
    );
    wire.write(head).await?;
    wire.answer().await?.by(&["UL-128"]).expect_status(100)?;
    wire.write("hello").await?;
    wire.answer().await?.expect_status(200)?;
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

const PROBE_ABORTED_BODY: Case = Case::probe("link/framing/probe-aborted-body")
    .rules(&["OQ-02", "UL-149"])
    .claim("Whether a link whose upload was cut off can be used again.")
    .calls(4)
    .run(|t| Box::pin(probe_aborted_body(t)));

async fn probe_aborted_body(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let mut wire = t.raw(link.url()).await?;
    let head = wire.head(
        "POST",
        &[
            "Content-Type: application/octet-stream",
            "Content-Length: 5",
        ],
    );
    wire.write(head + "he").await?;
    t.until_begun(&link).await;
    wire.abort();
    t.until_broken_off(&link).await;
    let again = t.consume(&link, b"hello").await?;
    let answer = match again.status() {
        200 => "frees",
        409 => "locks",
        410 => "burns",
        _ => "something else",
    };
    t.observe("OQ-02", answer);
    Ok(())
}
