//! How little and how much an upload through a link may be.

use crate::cases::case::{Case, Needs};
use crate::failure::{Failure, Verdict};
use crate::http::{Body, NoReply, Pattern};
use crate::talk::answer::Answer;
use crate::talk::client::Link;
use crate::talk::commit_info::commit_info;
use crate::talk::content_hash::{content_hash, content_hash_of, sha256_of};
use crate::talk::context::Context;

/// What an upload of `files/upload` may be at most, and the official figure for links (UL-120, UL-121).
const OFFICIAL: u64 = 150 << 20;

pub const CASES: &[Case] = &[
    PROBE_EMPTY,
    FAR_TOO_LARGE_IS_REFUSED_BY_ITS_HEAD,
    PROBE_LINK_AFTER_A_413,
    FAR_BELOW_EVERY_LIMIT,
    JUST_BELOW_THE_OFFICIAL_LIMIT,
    PROBE_LIMIT,
];

const PROBE_EMPTY: Case = Case::probe("link/size/probe-empty")
    .rules(&["OQ-06", "UL-119", "API-13", "API-203"])
    .claim("Whether an upload of no bytes at all is stored.")
    .calls(4)
    .run(|t| Box::pin(probe_empty(t)));

async fn probe_empty(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let answer = t.consume(&link, b"").await?;
    let verdict = match answer.status() {
        200 => {
            answer.expect_at("/content-hash", content_hash(b""))?;
            t.shows(&["UL-119"], t.expect_content("/a.txt", b""))
                .await?;
            "accepted"
        }
        400 => {
            t.expect_nothing_at("/a.txt").await?;
            t.contradicts(&["UL-119"]);
            "refused"
        }
        _ => "something else",
    };
    t.observe("OQ-06", verdict);
    Ok(())
}

/// Announces, from a page, a body that no limit allows, and sends none of it.
pub async fn announce(t: &Context, link: &Link) -> Result<Result<Answer, NoReply>, Failure> {
    let mut wire = t.raw(link.url()).await?;
    let head = wire.head(
        "POST",
        &[
            "Content-Type: application/octet-stream",
            "Content-Length: 100000000000",
            "Origin: https://page.example",
        ],
    );
    wire.write(head).await?;
    Ok(wire.try_answer().await)
}

const FAR_TOO_LARGE_IS_REFUSED_BY_ITS_HEAD: Case = Case::probe(
    "link/size/far-too-large-is-refused-by-its-head",
)
.rules(&[
    "OQ-07.announced",
    "OQ-07.link_too_large",
    "UL-122",
    "UL-124",
    "UL-145",
])
.claim("Whether a length beyond every limit is refused before any byte, and with which status.")
.calls(2)
.run(|t| Box::pin(announced_far_too_large(t)));

async fn announced_far_too_large(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let answer = match announce(t, &link).await? {
        Err(NoReply::Timeout(_)) => "it waits for the body".to_owned(),
        Err(_) => "it closes the connection".to_owned(),
        Ok(answer) => {
            let status = answer.status().to_string();
            t.observe("OQ-07.link_too_large", status.clone());
            status
        }
    };
    t.observe("OQ-07.announced", answer);
    Ok(())
}

const PROBE_LINK_AFTER_A_413: Case = Case::probe("link/size/probe-link-after-a-413")
    .rules(&["OQ-07.oversize", "UL-121", "UL-145"])
    .claim("Whether a body that was too large uses the link up.")
    .calls(3)
    .run(|t| Box::pin(probe_link_after_a_413(t)));

async fn probe_link_after_a_413(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let refused = announce(t, &link)
        .await?
        .is_ok_and(|answer| [409, 413].contains(&answer.status()));
    let answer = match t.consume(&link, b"hello").await?.status() {
        _ if !refused => "the head alone is not refused",
        200 => "frees",
        410 => "burns",
        _ => "something else",
    };
    t.observe("OQ-07.oversize", answer);
    Ok(())
}

async fn upload(t: &Context, size: u64) -> Result<Result<Answer, NoReply>, Failure> {
    let link = t.mint(commit_info("/big.bin").overwrite()).await?;
    t.try_consume(&link, Body::Generated(Pattern::Mod251, size))
        .await
}

const FAR_BELOW_EVERY_LIMIT: Case = Case::required("link/size/far-below-every-limit")
    .rules(&["UL-120", "UL-126"])
    .claim("Nineteen MiB are stored: no limit that was ever told is that low.")
    .calls(3)
    .sending(19 << 20)
    .run(|t| Box::pin(stored(t, 19 << 20)));

const JUST_BELOW_THE_OFFICIAL_LIMIT: Case =
    Case::observed("link/size/just-below-the-official-limit")
        .rules(&["UL-121", "UL-126"])
        .claim("One byte less than 150 MiB is stored.")
        .calls(3)
        .sending(157_286_399)
        .needing(Needs::BIG)
        .run(|t| Box::pin(stored(t, OFFICIAL - 1)));

async fn stored(t: &Context, size: u64) -> Verdict {
    let answer = upload(t, size).await?;
    let hash = content_hash_of(Pattern::Mod251, size);
    answer
        .map_err(|error| t.fail(&format!("no answer to {size} bytes: {error}")))?
        .expect_status(200)?
        .expect_returned_hash(&hash, || sha256_of(Pattern::Mod251, size))?;
    let file = t.file("/big.bin").await?;
    t.expect(
        &[],
        file.size() == size && file.content_hash() == hash,
        &format!("{} bytes are stored, not {size}", file.size()),
    )
}

const PROBE_LIMIT: Case = Case::probe("link/size/probe-limit")
    .rules(&["OQ-07", "UL-120", "UL-121", "UL-123"])
    .claim("How many bytes a link takes.")
    .calls(11)
    .sending(1_300_000_000)
    .needing(Needs::BIG)
    .run(|t| Box::pin(probe_limit(t)));

async fn probe_limit(t: &Context) -> Verdict {
    let mut most = 0;
    for size in [
        OFFICIAL,
        OFFICIAL + 1,
        200_000_000,
        300_000_000,
        300_000_001,
    ] {
        match upload(t, size).await? {
            Ok(answer) if answer.status() == 200 => most = size,
            // A body that is cut off in the middle is a refusal, too.
            Ok(_) | Err(NoReply::Cut(_)) => break,
            Err(error) => return Err(t.fail(&format!("no answer to {size} bytes: {error}"))),
        }
    }
    let answer = match most {
        0 => "less than 157286400".to_owned(),
        300_000_001 => "more than 300000000".to_owned(),
        most => most.to_string(),
    };
    t.observe("OQ-07", answer);
    Ok(())
}
