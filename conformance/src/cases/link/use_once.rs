//! One time means one time: one after the other, at the same time, after a failure, after a cut.

use std::time::Duration;

use futures_util::future::join_all;

use crate::cases::case::{Case, Cost, Kind, Needs};
use crate::cases::link::consume::{CONSUMED, expect_winner};
use crate::failure::{Failure, Verdict};
use crate::talk::client::Link;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    Case {
        id: "link/once/one-of-eight-at-once-wins",
        sentence: "Of eight uploads to one link at the same time, exactly one is stored.",
        rules: &["UL-103", "UL-108", "UL-150", "UL-159"],
        kind: Kind::Required,
        cost: Cost::calls(10),
        needs: Needs::NOTHING,
        run: |t| Box::pin(one_of_eight_at_once_wins(t)),
    },
    Case {
        id: "link/once/any-later-use",
        sentence: "However a used link is used again, it is gone: the same bytes, others, none.",
        rules: &["UL-103", "UL-108", "UL-138", "UL-159"],
        kind: Kind::Required,
        cost: Cost::calls(6),
        needs: Needs::NOTHING,
        run: |t| Box::pin(any_later_use(t)),
    },
    Case {
        id: "link/once/failed-commit-stores-nothing",
        sentence: "A commit that fails leaves the file in its way as it was.",
        rules: &["UL-107", "UL-142", "UL-161"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failed_commit_stores_nothing(t)),
    },
    Case {
        id: "link/once/cut-off-stores-nothing",
        sentence: "An upload whose connection ends in the middle stores nothing.",
        rules: &["UL-107", "UL-162"],
        kind: Kind::Required,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cut_off_stores_nothing(t)),
    },
    Case {
        id: "link/once/probe-cut-off-chunks",
        sentence: "Whether a link whose chunked upload was cut off can be used again.",
        rules: &["OQ-02", "UL-149", "UL-162"],
        kind: Kind::Probe,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_cut_off_chunks(t)),
    },
    Case {
        id: "link/once/probe-cut-off-at-the-head",
        sentence: "Whether a link can be used again when no byte of a body was sent.",
        rules: &["OQ-02.head", "UL-149", "UL-162"],
        kind: Kind::Probe,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_cut_off_at_the_head(t)),
    },
    Case {
        id: "link/once/probe-two-at-the-same-time",
        sentence: "Which of two uploads at the same time wins the link.",
        rules: &["OQ-03", "UL-141", "UL-150", "UL-160"],
        kind: Kind::Probe,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_two_at_the_same_time(t)),
    },
    Case {
        id: "link/once/probe-words-while-in-flight",
        sentence: "What a link says to a second upload while a first one is under way.",
        rules: &["OQ-04.in_flight", "UL-141"],
        kind: Kind::Probe,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_words_while_in_flight(t)),
    },
    Case {
        id: "link/once/links-do-not-mind-each-other",
        sentence: "Two links for one path that rename give two files, and each is used up on its own.",
        rules: &["UL-86", "UL-103"],
        kind: Kind::Required,
        cost: Cost::calls(8),
        needs: Needs::NOTHING,
        run: |t| Box::pin(links_do_not_mind_each_other(t)),
    },
    Case {
        id: "link/once/second-of-two-conflicts",
        sentence: "Of two links that only add, the second one used finds the path taken.",
        rules: &["UL-85", "UL-86", "UL-142"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(second_of_two_conflicts(t)),
    },
    Case {
        id: "link/once/another-link-meanwhile",
        sentence: "While an upload is under way on one link, another link for the same path works.",
        rules: &["UL-86", "UL-150", "UL-160"],
        kind: Kind::Required,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(another_link_meanwhile(t)),
    },
];

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
            .expect_status(410)?
            .expect_text(CONSUMED)?;
    }
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

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
    let _still_open = wire.is_closed_within(Duration::from_millis(200)).await;
    wire.abort();
    // So that the server has seen the end.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(())
}

async fn cut_off_stores_nothing(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    cut_off(t, &link, "Content-Length: 5", "hell").await?;
    t.expect_nothing_at("/a.txt").await
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

async fn probe_cut_off_chunks(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    cut_off(t, &link, "Transfer-Encoding: chunked", "3\r\nhel\r\n").await?;
    t.expect_nothing_at("/a.txt").await?;
    t.observe("OQ-02", after_a_cut(t, &link).await?);
    Ok(())
}

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
    let _still_open = wire.is_closed_within(Duration::from_millis(500)).await;
    let meanwhile = t.consume(second, b"second").await?;
    wire.write("rst").await?;
    Ok((wire.answer().await?, meanwhile))
}

async fn probe_two_at_the_same_time(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    let (first, second) = overlapping(t, &link, &link).await?;
    let answer = match (first.status(), second.status()) {
        (200, 409) => {
            t.expect_content("/a.txt", b"first").await?;
            "first_head_wins".to_owned()
        }
        (410, 200) => {
            t.expect_content("/a.txt", b"second").await?;
            "first_completion_wins".to_owned()
        }
        (first, second) => format!("{first} for the first, {second} for the second"),
    };
    t.observe("OQ-03", answer);
    Ok(())
}

async fn probe_words_while_in_flight(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    let (_, second) = overlapping(t, &link, &link).await?;
    let answer = match second.status() {
        409 => second.text(),
        status => format!("{status}"),
    };
    t.observe("OQ-04.in_flight", answer);
    Ok(())
}

async fn links_do_not_mind_each_other(t: &Context) -> Verdict {
    let left = t.mint(commit_info("/a.txt").autorename()).await?;
    let right = t.mint(commit_info("/a.txt").autorename()).await?;
    t.consume(&left, b"left").await?.expect_status(200)?;
    t.consume(&left, b"left").await?.expect_status(410)?;
    t.consume(&right, b"right").await?.expect_status(200)?;
    t.consume(&right, b"right").await?.expect_status(410)?;
    t.expect_content("/a.txt", b"left").await?;
    t.expect_content("/a (1).txt", b"right").await?;
    Ok(())
}

async fn second_of_two_conflicts(t: &Context) -> Verdict {
    let left = t.mint(commit_info("/a.txt")).await?;
    let right = t.mint(commit_info("/a.txt")).await?;
    t.consume(&right, b"right").await?.expect_status(200)?;
    t.consume(&left, b"left")
        .await?
        .expect_status(409)?
        .expect_text_with("Temporary upload link led to invalid upload attempt")?;
    t.expect_content("/a.txt", b"right").await?;
    Ok(())
}

async fn another_link_meanwhile(t: &Context) -> Verdict {
    let first = t.mint(commit_info("/a.txt").overwrite()).await?;
    let second = t.mint(commit_info("/a.txt").overwrite()).await?;
    let (answer, meanwhile) = overlapping(t, &first, &second).await?;
    meanwhile.expect_status(200)?;
    answer.expect_status(200)?;
    t.expect_content("/a.txt", b"first").await?;
    Ok(())
}
