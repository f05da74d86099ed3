//! Batches and the jobs that they become.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::talk::answer::Answer;
use crate::talk::client::without_tag;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    CREATE_FOLDERS,
    FORCED,
    DELETE,
    COPY_AND_MOVE,
    OLDER,
    SESSIONS,
    UNKNOWN_JOB,
];

const CHECKS: u64 = 10;

/// Launches a batch that has to become a job, and asks for it until it is done.
async fn job(t: &Context, route: &str, check: &str, argument: Value) -> Result<Answer, Failure> {
    let launched = t
        .rpc(route, argument)
        .await?
        .expect_status(200)?
        .by(&["RT-04"])
        .expect_at("/.tag", "async_job_id")?
        .by(&["RT-09"])
        .expect_string_that("/async_job_id", "is dbjid: and 88 characters", |id| {
            id.len() == 94 && id.starts_with("dbjid:")
        })?;
    let id = launched.string_at("/async_job_id")?;
    for _ in 0..CHECKS {
        let answer = t
            .rpc(check, json!({"async_job_id": id}))
            .await?
            .expect_status(200)?;
        if answer.string_at("/.tag")? != "in_progress" {
            return Ok(answer);
        }
        t.let_pass(Duration::from_secs(2)).await?;
    }
    Err(t.fail("the job is still in progress"))
}

const CREATE_FOLDERS: Case = Case::required("files/batches/create-folders")
    .rules(&["RT-03", "RT-31", "RT-34", "RT-35", "RT-36", "RT-37"])
    .claim("create_folder_batch answers at once for few paths, each with its result, and takes a path that is there twice once.")
    .calls(3)
    .run(|t| Box::pin(create_folders(t)));

/// A folder that was made, as an entry of its batch.
fn made(folder: Value) -> Value {
    json!({".tag": "success", "metadata": without_tag(folder)})
}

async fn create_folders(t: &Context) -> Verdict {
    t.given_file("/taken", b"x").await?;
    let paths = json!([t.path("/new"), t.path("/taken"), t.path("/new")]);
    let answer = t
        .rpc("files/create_folder_batch", json!({"paths": paths}))
        .await?
        .expect_status(200)?
        .by(&["RT-35"])
        .expect_at("/.tag", "complete")?
        .by(&["RT-03", "RT-34"])
        .expect_at("/entries/0", made(t.entry("/new").await?))?
        .by(&["RT-36"])
        .expect_at(
            "/entries/1",
            json!({".tag": "failure", "failure": {".tag": "path", "path": {".tag": "conflict", "conflict": {".tag": "file"}}}}),
        )?;
    let first = answer.at("/entries/0")?;
    answer.by(&["RT-37"]).expect_at("/entries/2", first)?;
    Ok(())
}

const FORCED: Case = Case::observed("files/batches/create-folders-as-a-job")
    .rules(&["RT-04", "RT-05", "RT-06", "RT-09", "RT-13", "RT-35"])
    .claim("force_async makes a job of one path; it can be asked for again.")
    .calls(3 + CHECKS)
    .waiting(20)
    .run(|t| Box::pin(forced(t)));

async fn forced(t: &Context) -> Verdict {
    let argument = json!({"paths": [t.path("/new")], "force_async": true});
    let (route, check) = (
        "files/create_folder_batch",
        "files/create_folder_batch/check",
    );
    let launched = t
        .rpc(route, argument)
        .await?
        .expect_status(200)?
        .by(&["RT-35"])
        .expect_at("/.tag", "async_job_id")?;
    let id = json!({"async_job_id": launched.string_at("/async_job_id")?});
    for _ in 0..CHECKS {
        let answer = t.rpc(check, id.clone()).await?.expect_status(200)?;
        if answer.string_at("/.tag")? == "complete" {
            answer
                .by(&["RT-06"])
                .expect_at("/entries/0", made(t.entry("/new").await?))?;
            t.rpc(check, id)
                .await?
                .by(&["RT-13"])
                .expect_status(200)?
                .expect_at("/.tag", "complete")?;
            return Ok(());
        }
        t.let_pass(Duration::from_secs(2)).await?;
    }
    Err(t.fail("the job is still in progress"))
}

const DELETE: Case = Case::required("files/batches/delete")
    .rules(&["RT-04", "RT-09", "RT-41", "RT-44", "RT-45", "RT-46"])
    .claim("delete_batch is a job whose entries are taken one after the other.")
    .calls(3 + CHECKS)
    .waiting(20)
    .run(|t| Box::pin(delete(t)));

async fn delete(t: &Context) -> Verdict {
    t.given_file("/folder/a.txt", b"x").await?;
    let folder = t.entry("/folder").await?;
    let entries = json!([{"path": t.path("/folder")}, {"path": t.path("/folder/a.txt")}]);
    let argument = json!({"entries": entries});
    job(t, "files/delete_batch", "files/delete_batch/check", argument)
        .await?
        .by(&["RT-44", "RT-45"])
        .expect_at("/.tag", "complete")?
        .expect_at(
            "/entries/0",
            json!({".tag": "success", "metadata": folder}),
        )?
        .by(&["RT-46"])
        .expect_at(
            "/entries/1",
            json!({".tag": "failure", "failure": {".tag": "path_lookup", "path_lookup": {".tag": "not_found"}}}),
        )?;
    Ok(())
}

const COPY_AND_MOVE: Case = Case::observed("files/batches/copy-and-move")
    .rules(&["RT-04", "RT-09", "RT-48", "RT-49", "RT-51", "RT-52"])
    .claim("copy_batch_v2 and move_batch_v2 are jobs whose entries stand for themselves.")
    .calls(5 + 2 * CHECKS)
    .waiting(40)
    .run(|t| Box::pin(copy_and_move(t)));

async fn copy_and_move(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    for (verb, to) in [("copy", "/b.txt"), ("move", "/c.txt")] {
        let entries = json!([
            {"from_path": t.path("/a.txt"), "to_path": t.path(to)},
            {"from_path": t.path("/none"), "to_path": t.path("/d.txt")},
        ]);
        let (route, check) = (
            format!("files/{verb}_batch_v2"),
            format!("files/{verb}_batch/check_v2"),
        );
        let done = job(
            t,
            &route,
            &check,
            json!({"entries": entries, "autorename": false}),
        )
        .await?;
        done.by(&["RT-48", "RT-49", "RT-51", "RT-52"])
            .expect_at("/.tag", "complete")?
            .expect_at(
                "/entries/0",
                json!({".tag": "success", "success": t.entry(to).await?}),
            )?
            .expect_at(
                "/entries/1",
                json!({".tag": "failure", "failure": {".tag": "relocation_error", "relocation_error": {".tag": "from_lookup", "from_lookup": {".tag": "not_found"}}}}),
            )?;
    }
    Ok(())
}

const OLDER: Case = Case::required("files/batches/older-copy")
    .rules(&["RT-04", "RT-09", "RT-50", "RT-53"])
    .claim("The older copy_batch fails as a whole, and then nothing was done.")
    .calls(3 + CHECKS)
    .waiting(20)
    .run(|t| Box::pin(older(t)));

async fn older(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    let entries = json!([
        {"from_path": t.path("/a.txt"), "to_path": t.path("/b.txt")},
        {"from_path": t.path("/none"), "to_path": t.path("/c.txt")},
    ]);
    let argument = json!({"entries": entries, "allow_shared_folder": true});
    job(t, "files/copy_batch", "files/copy_batch/check", argument)
        .await?
        .by(&["RT-50", "RT-53"])
        .expect_json(&json!({".tag": "failed", "failed": {".tag": "from_lookup", "from_lookup": {".tag": "not_found"}}}))?;
    t.shows(&["RT-53"], t.expect_nothing_at("/b.txt")).await?;
    Ok(())
}

const SESSIONS: Case = Case::required("files/batches/sessions")
    .rules(&["RT-04", "RT-09", "RT-57", "RT-61", "RT-65", "RT-66"])
    .claim("Sessions start in a batch; the older finish_batch is a job; a session that is not closed fails by itself.")
    .calls(5 + CHECKS)
    .waiting(20)
    .run(|t| Box::pin(sessions(t)));

async fn sessions(t: &Context) -> Verdict {
    let started = t
        .rpc(
            "files/upload_session/start_batch",
            json!({"num_sessions": 2}),
        )
        .await?
        .expect_status(200)?
        .by(&["RT-57"])
        .expect_nothing_at("/session_ids/2")?;
    let mut entries = Vec::new();
    for (index, close) in [(0, true), (1, false)] {
        let id = started.string_at(&format!("/session_ids/{index}"))?;
        let argument = json!({"cursor": {"session_id": id, "offset": 0}, "close": close});
        t.content("files/upload_session/append_v2", argument, b"hello")
            .await?
            .expect_status(200)?;
        let path = format!("/{index}.txt");
        entries.push(json!({
            "cursor": {"session_id": id, "offset": 5},
            "commit": t.commit_argument(&commit_info(&path)),
        }));
    }
    let not_closed = json!({".tag": "failure", "failure": {".tag": "lookup_failed", "lookup_failed": {".tag": "not_closed"}}});
    let route = "files/upload_session/finish_batch";
    let check = format!("{route}/check");
    let done = job(t, route, &check, json!({"entries": entries})).await?;
    let mut first = t.entry("/0.txt").await?;
    first[".tag"] = "success".into();
    done.by(&["RT-65", "RT-66"])
        .expect_at("/.tag", "complete")?
        .expect_at("/entries/0", first)?
        .expect_at("/entries/1", not_closed)?;
    Ok(())
}

const UNKNOWN_JOB: Case = Case::observed("files/batches/unknown-job")
    .rules(&["RT-11", "RT-12"])
    .claim("A job that nobody knows is invalid_async_job_id.")
    .calls(2)
    .run(|t| Box::pin(unknown_job(t)));

async fn unknown_job(t: &Context) -> Verdict {
    let id = format!("dbjid:AA{}", "x".repeat(86));
    for route in ["files/delete_batch/check", "files/copy_batch/check_v2"] {
        t.rpc(route, json!({"async_job_id": id}))
            .await?
            .by(&["RT-11", "RT-12"])
            .expect_error("invalid_async_job_id")?;
    }
    Ok(())
}
