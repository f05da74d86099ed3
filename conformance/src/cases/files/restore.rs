//! Restoring what was there.

use serde_json::json;

use super::metadata::FILE_KEYS;
use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[RESTORE];

const RESTORE: Case = Case::observed("files/restore/as-a-new-revision")
    .rules(&["RT-102", "RT-103"])
    .claim("restore brings an old content back as a new revision; a rev that never was is invalid.")
    .calls(6)
    .run(|t| Box::pin(restore(t)));

async fn restore(t: &Context) -> Verdict {
    let first = t.given_file("/a.txt", b"one").await?;
    t.upload(commit_info("/a.txt").overwrite(), b"two")
        .await?
        .expect_status(200)?;
    let path = t.path("/a.txt");
    let answer = t
        .rpc("files/restore", json!({"path": path, "rev": first.rev()}))
        .await?
        .expect_status(200)?
        .by(&["RT-102"])
        .expect_keys("", &FILE_KEYS)?
        .by(&["RT-103"])
        .expect_at("/client_modified", first.text("client_modified"))?
        .expect_at("/content_hash", first.content_hash())?;
    t.expect(
        &["RT-103"],
        answer.string_at("/rev")? != first.rev(),
        "the rev is the old one",
    )?;
    let mut there = t
        .rpc("files/get_metadata", json!({"path": path}))
        .await?
        .expect_status(200)?
        .json()?;
    if let Some(fields) = there.as_object_mut() {
        fields.remove(".tag");
    }
    answer.by(&["RT-102"]).expect_json(&there)?;
    t.expect_content("/a.txt", b"one").await?;
    t.rpc(
        "files/restore",
        json!({"path": path, "rev": "0123456789abc"}),
    )
    .await?
    .by(&["RT-103"])
    .expect_error("invalid_revision")?;
    Ok(())
}
