//! One time means one time: one after the other, at the same time, after a failure, after a cut.

use futures_util::future::join_all;

use crate::cases::case::Case;
use crate::cases::link::consume::{CONSUMED, expect_winner};
use crate::failure::{Failure, Verdict};
use crate::talk::client::Link;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    ONE_OF_EIGHT_AT_ONCE_WINS,
    ANY_LATER_USE,
    FAILED_COMMIT_STORES_NOTHING,
    CUT_OFF_STORES_NOTHING,
    PROBE_CUT_OFF_CHUNKS,
    PROBE_CUT_OFF_AT_THE_HEAD,
    PROBE_TWO_AT_THE_SAME_TIME,
    PROBE_WORDS_WHILE_IN_FLIGHT,
    LINKS_DO_NOT_MIND_EACH_OTHER,
    SECOND_OF_TWO_CONFLICTS,
    ANOTHER_LINK_MEANWHILE,
];

const ONE_OF_EIGHT_AT_ONCE_WINS: Case = Case::required("link/once/one-of-eight-at-once-wins")
    .rules(&["UL-103", "UL-108", "UL-150", "UL-159"])
    .claim("Of eight uploads to one link at the same time, exactly one is stored.")
    .calls(10)
    .run(|t| Box::pin(one_of_eight_at_once_wins(t)));

async fn one_of_eight_at_once_wins(t: &Context) -> Verdict {
    const BODIES: [&[u8]; 8] = [
        b"zero", b"one", b"two", b"three", b"four", b"five", b"six", b"seven",
    ];
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    let posts = BODIES.map(|body| t.send(link.request().body(body).in_group("race")));
    let mut winners = Vec::new();
    for (answer, body) in join_all(posts).await.into_iter().zip(BODIES) {
        if answer?.expect_status_in(&[200, 409, 410])?.status() == 200 {
            winners.push(body);
        }
    }
    match winners[..] {
        [winner] => expect_winner(t, winner).await,
        _ => Err(t.fail(&format!("{} of eight uploads succeeded", winners.len()))),
    }
}

const ANY_LATER_USE: Case = Case::required("link/once/any-later-use")
    .rules(&["UL-103", "UL-108", "UL-138", "UL-159"])
    .claim("However a used link is used again, it is gone: the same bytes, others, none.")
    .calls(6)
    .run(|t| Box::pin(any_later_use(t)));

async fn any_later_use(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    for request in [
        link.request().body(b"hello"),
        link.request().body(b"other"),
        link.request().body(b""),
    ] {
        t.send(request)
            .await?
            .by(&["UL-103"])
            .expect_status(410)?
            .by(&["UL-138"])
            .expect_text(CONSUMED)?;
    }
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

const FAILED_COMMIT_STORES_NOTHING: Case = Case::observed("link/once/failed-commit-stores-nothing")
    .rules(&["UL-107", "UL-142", "UL-161"])
    .claim("A commit that fails leaves the file in its way as it was.")
    .calls(5)
    .run(|t| Box::pin(failed_commit_stores_nothing(t)));

async fn failed_commit_stores_nothing(t: &Context) -> Verdict {
    let before = t.given_file("/a.txt", b"there").await?;
    let link = t.mint(commit_info("/a.txt")).await?;
    t.consume(&link, b"other").await?.expect_status(409)?;
    t.consume(&link, b"other")
        .await?
        .expect_status_in(&[409, 410])?;
    let after = t.expect_content("/a.txt", b"there").await?;
    if after.rev() != before.rev() {
        return Err(t.fail("the rev changed although nothing was written"));
    }
    Ok(())
}

/// Begins an upload and ends the connection when the server has had time to see it.
async fn cut_off(t: &Context, link: &Link, framing: &str, sent: &str) -> Result<(), Failure> {
    let mut wire = t.raw(link.url()).await?;
    let head = wire.head("POST", &["Content-Type: application/octet-stream", framing]);
    wire.write(head + sent).await?;
    t.until_begun(link).await;
    wire.abort();
    t.until_broken_off(link).await;
    Ok(())
}

const CUT_OFF_STORES_NOTHING: Case = Case::required("link/once/cut-off-stores-nothing")
    .rules(&["UL-107", "UL-162"])
    .claim("An upload whose connection ends in the middle stores nothing.")
    .calls(3)
    .run(|t| Box::pin(cut_off_stores_nothing(t)));

async fn cut_off_stores_nothing(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    cut_off(t, &link, "Content-Length: 5", "hell").await?;
    t.shows(&["UL-162"], t.expect_nothing_at("/a.txt")).await
}

/// What became of a link after a cut, in the words of OQ-02.
async fn after_a_cut(t: &Context, link: &Link) -> Result<&'static str, Failure> {
    Ok(match t.consume(link, b"hello").await?.status() {
        200 => "frees",
        409 => "locks",
        410 => "burns",
        _ => "something else",
    })
}

const PROBE_CUT_OFF_CHUNKS: Case = Case::probe("link/once/probe-cut-off-chunks")
    .rules(&["OQ-02", "UL-149", "UL-162"])
    .claim("Whether a link whose chunked upload was cut off can be used again.")
    .calls(4)
    .run(|t| Box::pin(probe_cut_off_chunks(t)));

async fn probe_cut_off_chunks(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    cut_off(t, &link, "Transfer-Encoding: chunked", "3\r\nhel\r\n").await?;
    t.expect_nothing_at("/a.txt").await?;
    t.observe("OQ-02", after_a_cut(t, &link).await?);
    Ok(())
}

const PROBE_CUT_OFF_AT_THE_HEAD: Case = Case::probe("link/once/probe-cut-off-at-the-head")
    .rules(&["OQ-02.head", "UL-149", "UL-162"])
    .claim("Whether a link can be used again when no byte of a body was sent.")
    .calls(3)
    .run(|t| Box::pin(probe_cut_off_at_the_head(t)));

async fn probe_cut_off_at_the_head(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    cut_off(t, &link, "Content-Length: 5", "").await?;
    t.observe("OQ-02.head", after_a_cut(t, &link).await?);
    Ok(())
}

/// Uploads `second` while `first` is half sent, then sends the rest. Gives both answers.
async fn overlapping(
    t: &Context,
    first: &Link,
    second: &Link,
) -> Result<(crate::talk::answer::Answer, crate::talk::answer::Answer), Failure> {
    let mut wire = t.raw(first.url()).await?;
    let head = wire.head(
        "POST",
        &[
            "Content-Type: application/octet-stream",
            "Content-Length: 5",
        ],
    );
    wire.write(head + "fi").await?;
    t.until_begun(first).await;
    let meanwhile = t.consume(second, b"second").await?;
    wire.write("rst").await?;
    Ok((wire.answer().await?, meanwhile))
}

const PROBE_TWO_AT_THE_SAME_TIME: Case = Case::probe("link/once/probe-two-at-the-same-time")
    .rules(&["OQ-03", "UL-141", "UL-150", "UL-160", "UL-159"])
    .claim("Which of two uploads at the same time wins the link.")
    .calls(4)
    .run(|t| Box::pin(probe_two_at_the_same_time(t)));

async fn probe_two_at_the_same_time(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    let (first, second) = overlapping(t, &link, &link).await?;
    let answer = match (first.status(), second.status()) {
        (200, 409) => {
            t.shows(&["UL-141", "UL-150"], t.expect_content("/a.txt", b"first"))
                .await?;
            "first_head_wins".to_owned()
        }
        (410, 200) => {
            t.expect_content("/a.txt", b"second").await?;
            t.contradicts(&["UL-141", "UL-150", "UL-159", "UL-160"]);
            "first_completion_wins".to_owned()
        }
        (first, second) => format!("{first} for the first, {second} for the second"),
    };
    t.observe("OQ-03", answer);
    Ok(())
}

const PROBE_WORDS_WHILE_IN_FLIGHT: Case = Case::probe("link/once/probe-words-while-in-flight")
    .rules(&["OQ-04.in_flight", "UL-141"])
    .claim("What a link says to a second upload while a first one is under way.")
    .calls(3)
    .run(|t| Box::pin(probe_words_while_in_flight(t)));

async fn probe_words_while_in_flight(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    let (_, second) = overlapping(t, &link, &link).await?;
    let answer = match second.status() {
        409 => second.by(&["UL-141"]).expect_status(409)?.text(),
        status => {
            t.contradicts(&["UL-141", "UL-150"]);
            format!("{status}")
        }
    };
    t.observe("OQ-04.in_flight", answer);
    Ok(())
}

const LINKS_DO_NOT_MIND_EACH_OTHER: Case = Case::required("link/once/links-do-not-mind-each-other")
    .rules(&["UL-86", "UL-103"])
    .claim("Two links for one path that rename give two files, and each is used up on its own.")
    .calls(8)
    .run(|t| Box::pin(links_do_not_mind_each_other(t)));

async fn links_do_not_mind_each_other(t: &Context) -> Verdict {
    let left = t.mint(commit_info("/a.txt").autorename()).await?;
    let right = t.mint(commit_info("/a.txt").autorename()).await?;
    t.consume(&left, b"left").await?.expect_status(200)?;
    t.consume(&left, b"left").await?.expect_status(410)?;
    t.consume(&right, b"right").await?.expect_status(200)?;
    t.consume(&right, b"right").await?.expect_status(410)?;
    t.expect_content("/a.txt", b"left").await?;
    t.shows(&["UL-86"], t.expect_content("/a (1).txt", b"right"))
        .await?;
    Ok(())
}

const SECOND_OF_TWO_CONFLICTS: Case = Case::observed("link/once/second-of-two-conflicts")
    .rules(&["UL-85", "UL-86", "UL-142"])
    .claim("Of two links that only add, the second one used finds the path taken.")
    .calls(5)
    .run(|t| Box::pin(second_of_two_conflicts(t)));

async fn second_of_two_conflicts(t: &Context) -> Verdict {
    let left = t.mint(commit_info("/a.txt")).await?;
    let right = t.mint(commit_info("/a.txt")).await?;
    t.consume(&right, b"right").await?.expect_status(200)?;
    t.consume(&left, b"left")
        .await?
        .expect_status(409)?
        .by(&["UL-142"])
        .expect_text_with("Temporary upload link led to invalid upload attempt")?;
    t.expect_content("/a.txt", b"right").await?;
    Ok(())
}

const ANOTHER_LINK_MEANWHILE: Case = Case::required("link/once/another-link-meanwhile")
    .rules(&["UL-86", "UL-150", "UL-160"])
    .claim("While an upload is under way on one link, another link for the same path works.")
    .calls(5)
    .run(|t| Box::pin(another_link_meanwhile(t)));

async fn another_link_meanwhile(t: &Context) -> Verdict {
    let first = t.mint(commit_info("/a.txt").overwrite()).await?;
    let second = t.mint(commit_info("/a.txt").overwrite()).await?;
    let (answer, meanwhile) = overlapping(t, &first, &second).await?;
    meanwhile.expect_status(200)?;
    answer.expect_status(200)?;
    t.shows(&["UL-86"], t.expect_content("/a.txt", b"first"))
        .await?;
    Ok(())
}
