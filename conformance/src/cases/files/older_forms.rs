//! The first forms of routes that have a newer one.

use serde_json::json;

use super::metadata::TAGGED_FILE_KEYS;
use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[CREATE_FOLDER, RELOCATION, APPEND];

const CREATE_FOLDER: Case = Case::required("files/older-forms/create-folder")
    .rules(&["RT-17"])
    .claim("files/create_folder describes the folder without a wrapper and without a tag.")
    .calls(2)
    .run(|t| Box::pin(create_folder(t)));

async fn create_folder(t: &Context) -> Verdict {
    let argument = json!({"path": t.path("/Menu")});
    t.rpc("files/create_folder", argument.clone())
        .await?
        .expect_status(200)?
        .by(&["RT-17"])
        .expect_keys("", &["name", "path_lower", "path_display", "id"])?
        .expect_at("/name", "Menu")?;
    t.rpc("files/create_folder", argument)
        .await?
        .by(&["RT-17"])
        .expect_error("path/conflict/folder")?;
    Ok(())
}

const RELOCATION: Case = Case::required("files/older-forms/copy-and-move")
    .rules(&["RT-18", "RT-22", "RT-23", "RT-26"])
    .claim("files/copy and files/move describe the entry without a wrapper, and overwrite nothing.")
    .calls(5)
    .run(|t| Box::pin(relocation(t)));

async fn relocation(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"x").await?;
    let argument = |from: &str, to: &str| json!({"from_path": t.path(from), "to_path": t.path(to), "allow_shared_folder": true});
    let copy = t
        .rpc("files/copy", argument("/a.txt", "/b.txt"))
        .await?
        .expect_status(200)?
        .by(&["RT-18", "RT-22"])
        .expect_keys("", &TAGGED_FILE_KEYS)?
        .expect_at("/.tag", "file")?
        .expect_at("/name", "b.txt")?;
    t.expect(
        &["RT-18"],
        copy.string_at("/id")? != file.id(),
        "the copy has the id of the original",
    )?;
    t.rpc("files/move", argument("/b.txt", "/a.txt"))
        .await?
        .by(&["RT-23", "RT-26"])
        .expect_error("to/conflict/file")?;
    t.rpc("files/move", argument("/b.txt", "/c.txt"))
        .await?
        .expect_status(200)?
        .by(&["RT-18"])
        .expect_at("/.tag", "file")?
        .expect_at("/id", copy.string_at("/id")?)?;
    t.rpc("files/move", argument("/b.txt", "/d.txt"))
        .await?
        .by(&["RT-23"])
        .expect_error("from_lookup/not_found")?;
    Ok(())
}

const APPEND: Case = Case::required("files/older-forms/append")
    .rules(&["RT-20"])
    .claim("upload_session/append takes the cursor alone and answers null.")
    .calls(3)
    .run(|t| Box::pin(append(t)));

async fn append(t: &Context) -> Verdict {
    let started = t
        .content("files/upload_session/start", json!({}), b"hel")
        .await?
        .expect_status(200)?;
    let argument = json!({"session_id": started.string_at("/session_id")?, "offset": 3});
    let route = "files/upload_session/append";
    t.content(route, argument.clone(), b"lo")
        .await?
        .expect_status(200)?
        .by(&["RT-20"])
        .expect_text("null")?;
    t.content(route, argument, b"lo")
        .await?
        .by(&["RT-20"])
        .expect_error("incorrect_offset")?
        .expect_at("/error/correct_offset", 5)?;
    Ok(())
}
