//! A link lives for `duration` seconds from its mint.

use std::time::Duration;

use crate::cases::case::{Case, Needs};
use crate::cases::link::consume::CONSUMED;
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    WORKS_UNTIL_THEN,
    GONE_AFTERWARDS,
    GONE_FOR_GOOD,
    CONSUMED_AND_EXPIRED,
    PROBE_CONSUMED_AND_EXPIRED,
    EACH_HAS_ITS_OWN_TIME,
    ANY_STATED_DURATION,
    NOT_A_SECOND_LONGER,
    FOUR_HOURS_BY_DEFAULT,
    TO_THE_MILLISECOND,
    FRACTION_OF_A_SECOND,
    PROBE_LATE_FINISH,
    PROBE_MEMORY,
];

const WORKS_UNTIL_THEN: Case = Case::required("link/expiry/works-until-then")
    .rules(&["UL-11", "UL-111", "UL-151"])
    .claim("A link of 60 seconds works five seconds before its end.")
    .calls(2)
    .waiting(55)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(works_until_then(t)));

async fn works_until_then(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").duration(60)).await?;
    t.let_pass(Duration::from_secs(55)).await?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    Ok(())
}

const GONE_AFTERWARDS: Case = Case::required("link/expiry/gone-afterwards")
    .rules(&["UL-108", "UL-110", "UL-111", "UL-139"])
    .claim("A link of 60 seconds answers 410 two seconds after its end, and stores nothing.")
    .calls(3)
    .waiting(62)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(gone_afterwards(t)));

async fn gone_afterwards(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").duration(60)).await?;
    t.let_pass(Duration::from_secs(62)).await?;
    t.consume(&link, b"hello")
        .await?
        .by(&["UL-111", "UL-139"])
        .expect_status(410)?;
    t.expect_nothing_at("/a.txt").await
}

const GONE_FOR_GOOD: Case = Case::required("link/expiry/gone-for-good")
    .rules(&["UL-108", "UL-110", "UL-139"])
    .claim("An expired link does not come back, and a new one for the same path works.")
    .calls(6)
    .waiting(64)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(gone_for_good(t)));

async fn gone_for_good(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").duration(60)).await?;
    t.let_pass(Duration::from_secs(62)).await?;
    t.consume(&link, b"hello").await?.expect_status(410)?;
    t.let_pass(Duration::from_secs(2)).await?;
    t.consume(&link, b"hello").await?.expect_status(410)?;
    let new = t.mint(commit_info("/a.txt").duration(60)).await?;
    t.consume(&new, b"hello").await?.expect_status(200)?;
    t.consume(&new, b"hello")
        .await?
        .by(&["UL-108"])
        .expect_status(410)?;
    Ok(())
}

const CONSUMED_AND_EXPIRED: Case = Case::required("link/expiry/consumed-and-expired")
    .rules(&["UL-108", "UL-160"])
    .claim("A link that was used in time is no use after its time, too, and what it stored stays.")
    .calls(4)
    .waiting(62)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(consumed_and_expired(t)));

async fn consumed_and_expired(t: &Context) -> Verdict {
    let link = t
        .mint(commit_info("/a.txt").overwrite().duration(60))
        .await?;
    t.consume(&link, b"first").await?.expect_status(200)?;
    t.let_pass(Duration::from_secs(62)).await?;
    // Whether it is still remembered is OQ-14.
    let again = t.consume(&link, b"second").await?;
    again.expect_status_in(&[409, 410])?;
    t.expect_content("/a.txt", b"first").await?;
    Ok(())
}

const PROBE_CONSUMED_AND_EXPIRED: Case = Case::probe("link/expiry/probe-consumed-and-expired")
    .rules(&["OQ-04.consumed_and_expired", "UL-160"])
    .claim("Whether a used link speaks of its use or of its end when its time is over.")
    .calls(3)
    .waiting(62)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(probe_consumed_and_expired(t)));

async fn probe_consumed_and_expired(t: &Context) -> Verdict {
    let link = t
        .mint(commit_info("/a.txt").overwrite().duration(60))
        .await?;
    t.consume(&link, b"first").await?.expect_status(200)?;
    t.let_pass(Duration::from_secs(62)).await?;
    let answer = t.consume(&link, b"second").await?;
    let answer = match answer.status() {
        410 if answer.text() == CONSUMED => {
            t.contradicts(&["UL-160"]);
            "of its use"
        }
        410 => "of its end",
        _ => "of neither",
    };
    t.observe("OQ-04.consumed_and_expired", answer);
    Ok(())
}

const EACH_HAS_ITS_OWN_TIME: Case = Case::required("link/expiry/each-has-its-own-time")
    .rules(&["UL-11", "UL-111"])
    .claim("Of two links for one path, each lives by its own duration.")
    .calls(5)
    .waiting(62)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(each_has_its_own_time(t)));

async fn each_has_its_own_time(t: &Context) -> Verdict {
    let short = t
        .mint(commit_info("/a.txt").overwrite().duration(60))
        .await?;
    let long = t
        .mint(commit_info("/a.txt").overwrite().duration(120))
        .await?;
    t.let_pass(Duration::from_secs(62)).await?;
    t.consume(&short, b"short")
        .await?
        .by(&["UL-111"])
        .expect_status(410)?;
    t.consume(&long, b"long").await?.expect_status(200)?;
    t.expect_content("/a.txt", b"long").await?;
    Ok(())
}

const ANY_STATED_DURATION: Case = Case::required("link/expiry/any-stated-duration")
    .rules(&["UL-11", "UL-95", "UL-110", "UL-111"])
    .claim("Whatever duration is stated, a link works shortly before its end and is gone shortly after it.")
    .calls(4 * STATED.len() as u64)
    .waiting(14_403)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(any_stated_duration(t)));

/// From the shortest to the longest, with those that are usual.
const STATED: [u64; 9] = [60, 61, 120, 300, 600, 900, 3_600, 7_200, 14_400];

async fn any_stated_duration(t: &Context) -> Verdict {
    let mut links = Vec::new();
    for duration in STATED {
        let info = |name: &str| commit_info(&format!("/{name}-{duration}.txt")).duration(duration);
        links.push((
            duration,
            t.mint(info("used")).await?,
            t.mint(info("late")).await?,
        ));
    }
    let mut now = 0;
    // Each moment by itself: one link's end may lie before another's last seconds.
    let mut moments: Vec<_> = links
        .iter()
        .flat_map(|(duration, used, late)| [(duration - 5, used, 200), (duration + 2, late, 410)])
        .collect();
    moments.sort_by_key(|(moment, ..)| *moment);
    for (moment, link, status) in moments {
        t.let_pass(Duration::from_secs(moment - now)).await?;
        now = moment;
        t.consume(link, b"hello")
            .await?
            .by(&["UL-11", "UL-111"])
            .expect_status(status)?;
    }
    Ok(())
}

const NOT_A_SECOND_LONGER: Case = Case::required("link/expiry/not-a-second-longer")
    .rules(&["UL-111"])
    .claim("Even judged in whole seconds, a link does not live a second longer than it may.")
    .calls(6)
    .waiting(62)
    .needing(Needs::EXACT_CLOCK)
    .run(|t| Box::pin(not_a_second_longer(t)));

async fn not_a_second_longer(t: &Context) -> Verdict {
    t.freeze_clock().await?;
    let alive = alive_at_the_last_moment(t).await;
    t.resume_clock().await?;
    // Minted in three different thirds of a second: in whole seconds one of them at most is still in time.
    let alive = alive?;
    t.expect(
        &["UL-111"],
        alive <= 1,
        &format!("{alive} of three links of 60 seconds work 60.999 seconds after their mint"),
    )
}

async fn alive_at_the_last_moment(t: &Context) -> Result<usize, crate::failure::Failure> {
    const THIRD: u64 = 333;
    let mut links = Vec::new();
    for name in ["/a.txt", "/b.txt", "/c.txt"] {
        links.push(t.mint(commit_info(name).duration(60)).await?);
        t.let_pass(Duration::from_millis(THIRD)).await?;
    }
    t.let_pass(Duration::from_millis(60_999 - 3 * THIRD))
        .await?;
    let mut alive = 0;
    for link in &links {
        let answer = t.consume(link, b"hello").await?;
        let status = answer.expect_status_in(&[200, 410])?.status();
        alive += usize::from(status == 200);
        t.let_pass(Duration::from_millis(THIRD)).await?;
    }
    Ok(alive)
}

const FOUR_HOURS_BY_DEFAULT: Case = Case::required("link/expiry/four-hours-by-default")
    .rules(&["UL-11", "UL-37", "UL-91", "UL-110"])
    .claim("Without a duration a link lives 14400 seconds, which is the most there is.")
    .calls(4)
    .waiting(14401)
    .needing(Needs::EXACT_CLOCK)
    .run(|t| Box::pin(four_hours_by_default(t)));

async fn four_hours_by_default(t: &Context) -> Verdict {
    let used = t.mint(commit_info("/a.txt")).await?;
    let late = t.mint(commit_info("/b.txt")).await?;
    t.let_pass(Duration::from_secs(14_395)).await?;
    t.consume(&used, b"hello").await?.expect_status(200)?;
    t.let_pass(Duration::from_secs(6)).await?;
    t.consume(&late, b"hello")
        .await?
        .by(&["UL-37", "UL-110"])
        .expect_status(410)?;
    Ok(())
}

/// Mints a link while the clock stands, lets this time pass, and gives the status of an upload.
async fn status_after(
    t: &Context,
    path: &str,
    duration: f64,
    passed: u64,
) -> Result<u16, crate::failure::Failure> {
    let link = t.mint(commit_info(path).duration(duration)).await?;
    t.let_pass(Duration::from_millis(passed)).await?;
    Ok(t.consume(&link, b"hello")
        .await?
        .expect_status_in(&[200, 410])?
        .status())
}

const TO_THE_MILLISECOND: Case = Case::probe("link/expiry/to-the-millisecond")
    .rules(&["OQ-15.expiry_precision", "UL-151", "UL-160"])
    .claim("Whether a link ends to the millisecond or with the second.")
    .calls(4)
    .waiting(61)
    .needing(Needs::EXACT_CLOCK)
    .run(|t| Box::pin(probe_precision(t)));

async fn probe_precision(t: &Context) -> Verdict {
    t.freeze_clock().await?;
    let at_the_end = status_after(t, "/a.txt", 60.0, 60_000).await;
    // Of a clock that knows whole seconds only, this one may fall on the next second.
    let just_after = status_after(t, "/b.txt", 60.0, 60_001).await;
    t.resume_clock().await?;
    let answer = match (at_the_end?, just_after?) {
        (200, 410) => "exact",
        (200, 200) => "whole_seconds",
        _ => "the last moment does not belong to it",
    };
    t.observe("OQ-15.expiry_precision", answer);
    Ok(())
}

const FRACTION_OF_A_SECOND: Case = Case::probe("link/expiry/fraction-of-a-second")
    .rules(&["OQ-15.fraction", "UL-11", "UL-160"])
    .claim("Whether the fraction of a duration of 60.5 seconds counts.")
    .calls(4)
    .waiting(61)
    .needing(Needs::EXACT_CLOCK)
    .run(|t| Box::pin(probe_fraction(t)));

async fn probe_fraction(t: &Context) -> Verdict {
    t.freeze_clock().await?;
    let before = status_after(t, "/a.txt", 60.5, 60_400).await;
    let after = status_after(t, "/b.txt", 60.5, 60_600).await;
    t.resume_clock().await?;
    let answer = match (before?, after?) {
        (200, 410) => "it counts",
        (410, 410) => "it is cut",
        _ => "it is rounded up",
    };
    t.observe("OQ-15.fraction", answer);
    Ok(())
}

const PROBE_LATE_FINISH: Case = Case::probe("link/expiry/probe-late-finish")
    .rules(&["OQ-15", "UL-151"])
    .claim("Whether an upload that starts in time and ends late is stored.")
    .calls(3)
    .waiting(62)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(probe_late_finish(t)));

async fn probe_late_finish(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").duration(60)).await?;
    t.let_pass(Duration::from_secs(50)).await?;
    let mut wire = t.raw(link.url()).await?;
    let head = wire.head(
        "POST",
        &[
            "Content-Type: application/octet-stream",
            "Content-Length: 5",
        ],
    );
    wire.write(head + "he").await?;
    // The head must have arrived before time goes on.
    t.until_begun(&link).await;
    t.let_pass(Duration::from_secs(12)).await?;
    wire.write("llo").await?;
    let answer = match wire.answer().await?.status() {
        200 => {
            t.shows(&["UL-151"], t.expect_content("/a.txt", b"hello"))
                .await?;
            "at_start"
        }
        410 => {
            t.expect_nothing_at("/a.txt").await?;
            t.contradicts(&["UL-151"]);
            "at_end"
        }
        _ => "something else",
    };
    t.observe("OQ-15", answer);
    Ok(())
}

const PROBE_MEMORY: Case = Case::probe("link/expiry/probe-memory")
    .rules(&["OQ-14", "UL-152", "UL-163"])
    .claim("Whether a minute later it is still known that a link was used.")
    .calls(3)
    .waiting(62)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(probe_memory(t)));

async fn probe_memory(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    t.let_pass(Duration::from_secs(62)).await?;
    let answer = match t.consume(&link, b"hello").await?.status() {
        410 => "more than 60 seconds",
        409 => "at most 60 seconds",
        _ => "something else",
    };
    t.observe("OQ-14", answer);
    Ok(())
}
