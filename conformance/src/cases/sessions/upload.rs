//! Upload sessions, sequential and concurrent, and each way in which they fail.

use serde_json::{Value, json};

use crate::cases::case::{Case, Needs};
use crate::failure::{Failure, Verdict};
use crate::http::{Body, Pattern};
use crate::talk::answer::Answer;
use crate::talk::commit_info::{CommitInfo, commit_info};
use crate::talk::content_hash::content_hash;
use crate::talk::context::Context;

const NAMED_IN_A_BAD_REQUEST: Case = Case::observed("sessions/append/named-in-a-bad-request")
    .rules(&["API-281"])
    .claim("A bad request to append_v2 names it as append:2.")
    .calls(1)
    .run(|t| Box::pin(named_in_a_bad_request(t)));

async fn named_in_a_bad_request(t: &Context) -> Verdict {
    let argument = json!({"no_such_field": 1});
    let answer = t
        .content("files/upload_session/append_v2", argument, b"x")
        .await?
        .by(&[]);
    if answer.words_are_open(&answer.refusal()?) {
        return Ok(());
    }
    let answer = answer.by(&["API-281"]);
    answer.expect_text_with("files/upload_session/append:2")?;
    Ok(())
}

const BLOCK: u64 = 4 << 20;
const LIMIT: u64 = 150 << 20;

pub const CASES: &[Case] = &[
    NAMED_IN_A_BAD_REQUEST,
    THREE_PARTS,
    FINISH_WITHOUT_DATA,
    WRONG_OFFSET,
    WRONG_OFFSET_OF_A_BIG_PART,
    UNKNOWN_SESSION,
    CLOSED,
    CONTENT_HASH,
    FAILED_FINISH,
    CONFLICT,
    AUTORENAME,
    BATCH,
    SEVEN_DAYS,
    PARTS_IN_ANY_ORDER,
    START_REFUSES,
    APPEND_REFUSES,
    FINISH_REFUSES,
    PAYLOAD_TOO_LARGE,
    PROBE_ID,
    PROBE_LATE_PART,
];

async fn start(t: &Context, argument: Value, body: impl Into<Body>) -> Result<String, Failure> {
    t.content("files/upload_session/start", argument, body)
        .await?
        .expect_status(200)?
        .expect_keys("", &["session_id"])?
        .string_at("/session_id")
}

async fn append(
    t: &Context,
    session: &str,
    offset: u64,
    close: bool,
    body: impl Into<Body>,
) -> Result<Answer, Failure> {
    let argument = json!({"cursor": {"session_id": session, "offset": offset}, "close": close});
    t.content("files/upload_session/append_v2", argument, body)
        .await
}

async fn finish(
    t: &Context,
    session: &str,
    offset: u64,
    commit: CommitInfo,
    body: impl Into<Body>,
) -> Result<Answer, Failure> {
    let argument = json!({
        "cursor": {"session_id": session, "offset": offset},
        "commit": t.commit_argument(&commit),
    });
    t.content("files/upload_session/finish", argument, body)
        .await
}

const THREE_PARTS: Case = Case::required("sessions/sequential/three-parts")
    .rules(&["API-03", "API-08", "API-223", "API-224", "API-225"])
    .claim("start, append and finish put the parts together.")
    .calls(4)
    .run(|t| Box::pin(three_parts(t)));

async fn three_parts(t: &Context) -> Verdict {
    let session = start(t, json!({}), b"one").await?;
    append(t, &session, 3, false, b"two")
        .await?
        .expect_status(200)?
        .expect_header("Content-Type", "application/json")?
        .expect_text("null")?;
    finish(t, &session, 6, commit_info("/a.txt"), b"three")
        .await?
        .expect_status(200)?
        .expect_keys("", &crate::cases::files::metadata::FILE_KEYS)?;
    t.expect_content("/a.txt", b"onetwothree").await?;
    Ok(())
}

const FINISH_WITHOUT_DATA: Case = Case::observed("sessions/sequential/finish-without-data")
    .rules(&["API-11", "API-13"])
    .claim("finish may bring no data, but it needs its Content-Type.")
    .calls(3)
    .run(|t| Box::pin(finish_without_data(t)));

async fn finish_without_data(t: &Context) -> Verdict {
    let session = start(t, json!({}), b"all").await?;
    let argument = json!({
        "cursor": {"session_id": session, "offset": 3},
        "commit": t.commit_argument(&commit_info("/a.txt")),
    });
    let request = t
        .content_request("files/upload_session/finish", &argument)
        .body(b"");
    t.send(request.clone().without_header("Content-Type"))
        .await?
        .expect_status(400)?;
    t.send(request)
        .await?
        .expect_status(200)?
        .expect_at("/size", 3)?;
    Ok(())
}

const WRONG_OFFSET: Case = Case::observed("sessions/sequential/wrong-offset")
    .rules(&["API-186", "API-187", "API-237", "API-238"])
    .claim("A wrong offset is told together with the right one; finish wraps it.")
    .calls(4)
    .run(|t| Box::pin(wrong_offset(t)));

async fn wrong_offset(t: &Context) -> Verdict {
    let session = start(t, json!({}), b"123456789").await?;
    let wrong = json!({".tag": "incorrect_offset", "correct_offset": 9});
    append(t, &session, 5, false, b"x")
        .await?
        .expect_error("incorrect_offset")?
        .expect_at("/error", wrong.clone())?;
    finish(t, &session, 5, commit_info("/a.txt"), b"x")
        .await?
        .expect_error("lookup_failed/incorrect_offset")?
        .by(&["API-238"])
        .expect_at("/error/lookup_failed", wrong)?;
    append(t, &session, 9, false, b"x")
        .await?
        .expect_status(200)?;
    Ok(())
}

const UNKNOWN_SESSION: Case = Case::observed("sessions/sequential/unknown-session")
    .rules(&["API-187", "API-237"])
    .claim("A session that nobody started is not found.")
    .calls(2)
    .run(|t| Box::pin(unknown_session(t)));

async fn unknown_session(t: &Context) -> Verdict {
    append(t, "AAAAAAAAADdPKrdP-zZNFQ", 0, false, b"x")
        .await?
        .expect_error("not_found")?;
    finish(t, "AAAAAAAAADdPKrdP-zZNFQ", 0, commit_info("/a.txt"), b"x")
        .await?
        .expect_error("lookup_failed/not_found")?;
    Ok(())
}

const CLOSED: Case = Case::required("sessions/sequential/closed")
    .rules(&["API-186", "API-224"])
    .claim("A closed session takes no more data, and can be finished.")
    .calls(4)
    .run(|t| Box::pin(closed(t)));

async fn closed(t: &Context) -> Verdict {
    let session = start(t, json!({}), b"one").await?;
    append(t, &session, 3, true, b"two")
        .await?
        .expect_status(200)?;
    append(t, &session, 6, false, b"x")
        .await?
        .expect_error("closed")?;
    finish(t, &session, 6, commit_info("/a.txt"), b"")
        .await?
        .expect_status(200)?
        .expect_at("/size", 6)?;
    Ok(())
}

const CONTENT_HASH: Case = Case::required("sessions/sequential/content-hash")
    .rules(&["API-185", "API-186", "API-188", "API-240"])
    .claim("Each call may announce a hash of its own bytes, and a wrong one is refused.")
    .calls(7)
    .run(|t| Box::pin(hash_of_each_call(t)));

async fn hash_of_each_call(t: &Context) -> Verdict {
    let mismatch = "content_hash_mismatch";
    let (right, wrong) = (content_hash(b"one"), content_hash(b"other"));
    let argument = json!({ "content_hash": wrong });
    t.content("files/upload_session/start", argument, b"one")
        .await?
        .expect_error(mismatch)?;
    let session = start(t, json!({ "content_hash": right }), b"one").await?;
    let mut argument =
        json!({"cursor": {"session_id": session, "offset": 3}, "content_hash": wrong});
    t.content("files/upload_session/append_v2", argument.clone(), b"one")
        .await?
        .expect_error(mismatch)?;
    argument["content_hash"] = right.as_str().into();
    t.content("files/upload_session/append_v2", argument, b"one")
        .await?
        .expect_status(200)?;
    let mut argument = json!({
        "cursor": {"session_id": session, "offset": 6},
        "commit": t.commit_argument(&commit_info("/a.txt")),
        "content_hash": wrong,
    });
    t.content("files/upload_session/finish", argument.clone(), b"one")
        .await?
        .expect_error(mismatch)?;
    argument["content_hash"] = right.into();
    t.content("files/upload_session/finish", argument, b"one")
        .await?
        .expect_status(200)?;
    t.expect_content("/a.txt", b"oneoneone").await?;
    Ok(())
}

const CONFLICT: Case = Case::required("sessions/finish/conflict")
    .rules(&["API-25", "API-165", "API-188"])
    .claim("A conflict of finish stands under path, not flattened.")
    .calls(3)
    .run(|t| Box::pin(finish_conflict(t)));

async fn finish_conflict(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"first").await?;
    let session = start(t, json!({}), b"other").await?;
    let conflict = json!({".tag": "conflict", "conflict": {".tag": "file"}});
    finish(t, &session, 5, commit_info("/a.txt"), b"")
        .await?
        .expect_error("path/conflict/file")?
        .by(&["API-165"])
        .expect_at("/error", json!({".tag": "path", "path": conflict}))?;
    Ok(())
}

const AUTORENAME: Case = Case::observed("sessions/finish/autorename")
    .rules(&["API-161", "API-225"])
    .claim("finish with autorename takes the number (1).")
    .calls(3)
    .run(|t| Box::pin(finish_autorename(t)));

async fn finish_autorename(t: &Context) -> Verdict {
    t.given_file("/file.txt", b"first").await?;
    let session = start(t, json!({}), b"other").await?;
    finish(t, &session, 5, commit_info("/file.txt").autorename(), b"")
        .await?
        .expect_status(200)?
        .expect_at("/name", "file (1).txt")?;
    Ok(())
}

const BATCH: Case = Case::required("sessions/finish/batch")
    .rules(&["API-188", "API-225", "API-248"])
    .claim("finish_batch_v2 tells for each entry what became of it.")
    .calls(5)
    .run(|t| Box::pin(finish_batch(t)));

async fn finish_batch(t: &Context) -> Verdict {
    t.given_file("/taken.txt", b"in the way").await?;
    let mut entries = Vec::new();
    for path in ["/a.txt", "/taken.txt"] {
        let session = start(t, json!({"close": true}), b"hello").await?;
        entries.push(json!({
            "cursor": {"session_id": session, "offset": 5},
            "commit": t.commit_argument(&commit_info(path)),
        }));
    }
    t.rpc(
        "files/upload_session/finish_batch_v2",
        json!({ "entries": entries }),
    )
    .await?
    .expect_status(200)?
    .expect_at("/entries/0/.tag", "success")?
    .expect_at("/entries/0/name", "a.txt")?
    .expect_at("/entries/1/.tag", "failure")?
    .expect_at("/entries/1/failure/.tag", "path")?
    .expect_at("/entries/1/failure/path/.tag", "conflict")?
    .expect_at("/entries/1/failure/path/conflict/.tag", "file")?;
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

const SEVEN_DAYS: Case = Case::required("sessions/expiry/seven-days")
    .rules(&["API-239"])
    .claim("A session is not found after seven days.")
    .calls(3)
    .needing(Needs {
        fake_only: true,
        ..Needs::CLOCK
    })
    .waiting(7 * 86_400 + 2)
    .run(|t| Box::pin(seven_days(t)));

async fn seven_days(t: &Context) -> Verdict {
    let session = start(t, json!({}), b"one").await?;
    let day = std::time::Duration::from_hours(24);
    t.let_pass((7 * day).saturating_sub(std::time::Duration::from_mins(1)))
        .await?;
    append(t, &session, 3, false, b"two")
        .await?
        .expect_status(200)?;
    t.let_pass(std::time::Duration::from_secs(62)).await?;
    append(t, &session, 6, false, b"x")
        .await?
        .expect_error("not_found")?;
    Ok(())
}

fn concurrent() -> Value {
    json!({"session_type": "concurrent"})
}

const PARTS_IN_ANY_ORDER: Case = Case::required("sessions/concurrent/parts-in-any-order")
    .rules(&["API-223", "API-239"])
    .claim("The blocks of a concurrent session may come in any order.")
    .calls(6)
    .sending(2 * BLOCK)
    .run(|t| Box::pin(parts_in_any_order(t)));

async fn parts_in_any_order(t: &Context) -> Verdict {
    let session = start(t, concurrent(), b"").await?;
    let block = |pattern| Body::Generated(pattern, BLOCK);
    append(t, &session, BLOCK, false, block(Pattern::Zeros))
        .await?
        .expect_status(200)?;
    append(t, &session, 0, false, block(Pattern::Mod251))
        .await?
        .expect_status(200)?;
    append(t, &session, 2 * BLOCK, true, b"the end")
        .await?
        .expect_status(200)?;
    finish(t, &session, 2 * BLOCK + 7, commit_info("/a.bin"), b"")
        .await?
        .expect_status(200)?
        .expect_at("/size", 2 * BLOCK + 7)?;
    let mut whole = Pattern::Mod251.slice(0, 4 << 20);
    whole.extend_from_slice(&Pattern::Zeros.slice(0, 4 << 20));
    whole.extend_from_slice(b"the end");
    t.expect_content("/a.bin", &whole).await?;
    Ok(())
}

const WRONG_OFFSET_OF_A_BIG_PART: Case =
    Case::observed("sessions/sequential/wrong-offset-of-a-big-part")
        .rules(&["API-186", "API-237"])
        .claim("The right offset is told for a big part, too, and not lost in a broken connection.")
        .calls(2)
        .sending(BLOCK)
        .run(|t| Box::pin(wrong_offset_of_a_big_part(t)));

/// The part is larger than what the systems between keep back: the refusal comes while it is sent.
async fn wrong_offset_of_a_big_part(t: &Context) -> Verdict {
    let session = start(t, json!({}), b"123456789").await?;
    append(
        t,
        &session,
        5,
        false,
        Body::Generated(Pattern::Zeros, BLOCK),
    )
    .await?
    .expect_error("incorrect_offset")?
    .expect_at("/error/correct_offset", 9)?;
    Ok(())
}

const START_REFUSES: Case = Case::required("sessions/concurrent/start-refuses")
    .rules(&["API-185", "API-239"])
    .claim("A concurrent session starts without data and open.")
    .calls(2)
    .run(|t| Box::pin(concurrent_start_refuses(t)));

async fn concurrent_start_refuses(t: &Context) -> Verdict {
    t.content("files/upload_session/start", concurrent(), b"data")
        .await?
        .expect_error("concurrent_session_data_not_allowed")?;
    let argument = json!({"session_type": "concurrent", "close": true});
    t.content("files/upload_session/start", argument, b"")
        .await?
        .expect_error("concurrent_session_close_not_allowed")?;
    Ok(())
}

const APPEND_REFUSES: Case = Case::required("sessions/concurrent/append-refuses")
    .rules(&["API-186", "API-239"])
    .claim(
        "Blocks of a concurrent session begin at multiples of 4 MiB, and only the last may be \
         shorter.",
    )
    .calls(3)
    .run(|t| Box::pin(concurrent_append_refuses(t)));

async fn concurrent_append_refuses(t: &Context) -> Verdict {
    let session = start(t, concurrent(), b"").await?;
    append(t, &session, 5, false, b"x")
        .await?
        .expect_error("concurrent_session_invalid_offset")?;
    append(t, &session, 0, false, b"x")
        .await?
        .expect_error("concurrent_session_invalid_data_size")?;
    Ok(())
}

const FINISH_REFUSES: Case = Case::required("sessions/concurrent/finish-refuses")
    .rules(&["API-188", "API-239"])
    .claim("A concurrent session is finished without data, closed, and without gaps.")
    .calls(7)
    .run(|t| Box::pin(concurrent_finish_refuses(t)));

async fn concurrent_finish_refuses(t: &Context) -> Verdict {
    let open = start(t, concurrent(), b"").await?;
    finish(t, &open, 0, commit_info("/a.bin"), b"")
        .await?
        .expect_error("concurrent_session_not_closed")?;
    let gap = start(t, concurrent(), b"").await?;
    append(t, &gap, BLOCK, true, b"the end")
        .await?
        .expect_status(200)?;
    finish(t, &gap, BLOCK + 7, commit_info("/a.bin"), b"x")
        .await?
        .expect_error("concurrent_session_data_not_allowed")?;
    finish(t, &gap, BLOCK + 7, commit_info("/a.bin"), b"")
        .await?
        .expect_error("concurrent_session_missing_data")?;
    t.expect_nothing_at("/a.bin").await
}

const PAYLOAD_TOO_LARGE: Case = Case::required("sessions/limits/payload-too-large")
    .rules(&["API-185", "API-186", "API-246"])
    .claim("One byte more than 150 MiB in a call is refused.")
    .calls(3)
    .needing(Needs::BIG)
    .sending(2 * (LIMIT + 1))
    .run(|t| Box::pin(payload_too_large(t)));

async fn payload_too_large(t: &Context) -> Verdict {
    let body = || Body::Generated(Pattern::Zeros, LIMIT + 1);
    t.content("files/upload_session/start", json!({}), body())
        .await?
        .expect_error("payload_too_large")?;
    let session = start(t, json!({}), b"").await?;
    append(t, &session, 0, false, body())
        .await?
        .expect_error("payload_too_large")?;
    Ok(())
}

const PROBE_ID: Case = Case::probe("sessions/probe-id")
    .rules(&["AQ-19", "API-201"])
    .claim("Which form the id of a session has.")
    .calls(1)
    .run(|t| Box::pin(probe_id(t)));

async fn probe_id(t: &Context) -> Verdict {
    let id = start(t, json!({}), b"x").await?;
    let form = if id.starts_with("pid_upload_session:") {
        "pid_upload_session"
    } else if id.len() == 22 {
        "22 characters"
    } else {
        "another"
    };
    t.observe("AQ-19.start", form);
    Ok(())
}

const FAILED_FINISH: Case = Case::observed("sessions/sequential/failed-finish")
    .rules(&["API-188", "API-254"])
    .claim("A finish whose commit fails leaves its bytes in the session; one without data takes them elsewhere.")
    .calls(6)
    .run(|t| Box::pin(failed_finish(t)));

async fn failed_finish(t: &Context) -> Verdict {
    t.upload(commit_info("/taken.txt"), b"other")
        .await?
        .expect_status(200)?;
    let session = start(t, json!({}), b"one").await?;
    finish(t, &session, 3, commit_info("/taken.txt"), b"two")
        .await?
        .expect_error("path/conflict/file")?;
    finish(t, &session, 3, commit_info("/taken.txt"), b"two")
        .await?
        .by(&["API-254"])
        .expect_error("lookup_failed/incorrect_offset")?
        .expect_at("/error/lookup_failed/correct_offset", 6)?;
    finish(t, &session, 6, commit_info("/a.txt"), b"")
        .await?
        .expect_status(200)?;
    t.expect_content("/a.txt", b"onetwo").await?;
    Ok(())
}

const PROBE_LATE_PART: Case = Case::probe("sessions/concurrent/probe-late-part")
    .rules(&["AQ-23", "API-255"])
    .claim("Whether a part of a concurrent session is taken that comes after the closing part.")
    .calls(4)
    .sending(BLOCK)
    .run(|t| Box::pin(probe_late_part(t)));

async fn probe_late_part(t: &Context) -> Verdict {
    let session = start(t, concurrent(), b"").await?;
    append(t, &session, BLOCK, true, b"the end")
        .await?
        .expect_status(200)?;
    let late = append(
        t,
        &session,
        0,
        false,
        Body::Generated(Pattern::Mod251, BLOCK),
    )
    .await?;
    if late.status() != 200 {
        late.expect_error("closed")?;
        t.observe("AQ-23", "refused");
        return Ok(());
    }
    finish(t, &session, BLOCK + 7, commit_info("/a.bin"), b"")
        .await?
        .expect_status(200)?
        .expect_at("/size", BLOCK + 7)?;
    t.observe("AQ-23", "taken");
    Ok(())
}
