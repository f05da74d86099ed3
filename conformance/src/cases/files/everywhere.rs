//! A file is the same whichever route describes it.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::talk::answer::Answer;
use crate::talk::client::without_tag;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[BY_EVERY_ROUTE, BY_A_SESSION];

const BY_EVERY_ROUTE: Case = Case::observed("files/metadata/by-every-route")
    .rules(&["API-28", "API-209"])
    .claim("Whatever route describes a file or a folder, it says what get_metadata says.")
    .calls(32)
    .run(|t| Box::pin(by_every_route(t)));

async fn by_every_route(t: &Context) -> Verdict {
    t.given_file("/Here/A File.txt", b"first").await?;
    let path = |name: &str| t.path(name);
    let at = json!({"path": path("/Here/A File.txt")});
    let file = t.entry("/Here/A File.txt").await?;
    let untagged = without_tag(file.clone());
    for id_or_rev in [
        file["id"].clone(),
        format!("rev:{}", file["rev"].as_str().unwrap_or_default()).into(),
    ] {
        let argument = json!({ "path": id_or_rev });
        let answer = t.rpc("files/get_metadata", argument).await?;
        same(answer, "", &file)?;
    }
    let temporary = t.rpc("files/get_temporary_link", at.clone()).await?;
    same(temporary, "/metadata", &untagged)?;
    let revisions = t.rpc("files/list_revisions", at.clone()).await?;
    same(revisions, "/entries/0", &untagged)?;
    for method in ["POST", "GET"] {
        let request = t.download_request("files/download", &at).method(method);
        let answer = t.send(request).await?.expect_status(200)?;
        same(answer.result()?, "", &untagged)?;
    }
    let folder = t.given_folder("/There").await?;
    let wanted = without_tag(t.entry("/There").await?);
    same(folder, "/metadata", &wanted)?;
    for (route, from, to) in [
        ("files/copy_v2", "/Here/A File.txt", "/There/A Copy.txt"),
        ("files/move_v2", "/There/A Copy.txt", "/There/Moved.txt"),
        ("files/copy", "/Here/A File.txt", "/There/Another.txt"),
        ("files/move", "/There/Another.txt", "/There/Moved, too.txt"),
    ] {
        let argument = json!({"from_path": path(from), "to_path": path(to)});
        let answer = t.rpc(route, argument).await?;
        same(answer, in_answer_of(route), &t.entry(to).await?)?;
    }
    let made = t
        .rpc("files/create_folder", json!({"path": path("/Older")}))
        .await?;
    let wanted = without_tag(t.entry("/Older").await?);
    same(made, "", &wanted)?;
    for (route, name) in [
        ("files/delete_v2", "/There/Moved.txt"),
        ("files/delete", "/Here/A File.txt"),
    ] {
        let before = t.entry(name).await?;
        let answer = t.rpc(route, json!({"path": path(name)})).await?;
        same(answer, in_answer_of(route), &before)?;
    }
    Ok(())
}

const BY_A_SESSION: Case = Case::observed("files/metadata/by-a-session")
    .rules(&["API-225"])
    .claim("What a session has stored it describes as get_metadata does, alone and in a batch.")
    .calls(8)
    .run(|t| Box::pin(by_a_session(t)));

async fn by_a_session(t: &Context) -> Verdict {
    let entry = async |name: &str, close: bool| -> Result<Value, Failure> {
        let argument = json!({ "close": close });
        let started = t
            .content("files/upload_session/start", argument, b"hello")
            .await?;
        let session = started.expect_status(200)?.string_at("/session_id")?;
        let commit = t.commit_argument(&commit_info(name));
        Ok(json!({"cursor": {"session_id": session, "offset": 5}, "commit": commit}))
    };
    let alone = entry("/Alone.txt", false).await?;
    let answer = t.content("files/upload_session/finish", alone, b"").await?;
    let wanted = without_tag(t.entry("/Alone.txt").await?);
    same(answer, "", &wanted)?;
    let batch = json!({"entries": [entry("/In a Batch.txt", true).await?]});
    let answer = t.rpc("files/upload_session/finish_batch_v2", batch).await?;
    let mut wanted = t.entry("/In a Batch.txt").await?;
    wanted[".tag"] = "success".into();
    same(answer, "/entries/0", &wanted)?;
    Ok(())
}

/// Where the entry stands: the first forms of the routes answer with nothing else.
fn in_answer_of(route: &str) -> &'static str {
    if route.ends_with("_v2") {
        "/metadata"
    } else {
        ""
    }
}

fn same(answer: Answer, pointer: &str, wanted: &Value) -> Result<Answer, Failure> {
    let answer = answer.expect_status(200)?;
    answer.expect_at(pointer, wanted.clone())
}
