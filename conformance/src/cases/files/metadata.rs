//! Entries as the routes describe them, and how they are deleted, moved and copied.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::content_hash::content_hash;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    Case::observed(
        "files/metadata/of-an-upload",
        "files/upload describes the file without a tag, with its keys in the recorded order.",
        &[
            "API-28", "API-195", "API-199", "API-203", "API-208", "API-209", "API-212",
        ],
        1,
        |t| Box::pin(of_an_upload(t)),
    ),
    Case::observed(
        "files/metadata/of-a-file",
        "get_metadata puts the tag first and tells the same as the upload did.",
        &["API-28", "API-209", "API-215"],
        2,
        |t| Box::pin(of_a_file(t)),
    ),
    Case::observed(
        "files/metadata/of-a-folder",
        "A folder has a tag, a name, two paths and an id.",
        &["API-211", "API-220"],
        2,
        |t| Box::pin(of_a_folder(t)),
    ),
    Case::observed(
        "files/metadata/of-nothing",
        "What is not there is path/not_found, on each route that reads.",
        &["API-177", "API-182", "API-233", "API-235"],
        4,
        |t| Box::pin(of_nothing(t)),
    ),
    Case::observed(
        "files/metadata/of-something-deleted",
        "A deleted file is shown only if deleted ones are asked for, and then without id and rev.",
        &["API-211", "API-233"],
        4,
        |t| Box::pin(of_something_deleted(t)),
    ),
    Case::required(
        "files/metadata/by-id-and-rev",
        "A file is found by its id and by its rev.",
        &["API-192", "API-195"],
        3,
        |t| Box::pin(by_id_and_rev(t)),
    ),
    Case::observed(
        "files/metadata/rev-and-id-of-an-overwrite",
        "An overwrite keeps the id and gives a new rev, which holds the time of the commit.",
        &["API-160", "API-197", "API-198"],
        2,
        |t| Box::pin(rev_and_id_of_an_overwrite(t)),
    ),
    Case::observed(
        "files/metadata/client-modified",
        "The client's time is stored as it was given, back to 1988.",
        &["API-204", "API-207"],
        2,
        |t| Box::pin(client_modified(t)),
    ),
    Case::observed(
        "files/metadata/client-modified-of-the-year-one",
        "The year 1 is stored as 2001.",
        &["API-206"],
        1,
        |t| Box::pin(client_modified_of_the_year_one(t)),
    ),
    Case::observed(
        "files/metadata/client-modified-omitted",
        "Without a time of the client's it is the server's, a second apart at most.",
        &["API-204", "API-205"],
        1,
        |t| Box::pin(client_modified_omitted(t)),
    ),
    Case::observed(
        "files/delete/returns-what-was-there",
        "delete_v2 describes the entry as it was, with its tag, and it is gone.",
        &["API-219", "API-232"],
        3,
        |t| Box::pin(delete_returns_what_was_there(t)),
    ),
    Case::observed(
        "files/delete/of-nothing",
        "Deleting what is not there is path_lookup/not_found.",
        &["API-183", "API-232"],
        1,
        |t| Box::pin(delete_of_nothing(t)),
    ),
    Case::observed(
        "files/delete/parent-rev",
        "A parent_rev that is not the current one is a conflict; the current one deletes.",
        &["API-219", "API-232"],
        4,
        |t| Box::pin(delete_parent_rev(t)),
    ),
    Case::required(
        "files/delete/folder",
        "Deleting a folder takes what is in it.",
        &["API-219"],
        3,
        |t| Box::pin(delete_folder(t)),
    ),
    Case::required(
        "files/delete/older-form",
        "files/delete describes the entry without a wrapper.",
        &["API-191", "API-232"],
        2,
        |t| Box::pin(delete_older_form(t)),
    ),
    Case::probe(
        "files/delete/probe-id-afterwards",
        "Whether an upload after a delete keeps the id.",
        &["AQ-13"],
        3,
        |t| Box::pin(probe_id_after_delete(t)),
    ),
    Case::required(
        "files/revisions/newest-first",
        "list_revisions gives the newest first, without tags, and says when there is more.",
        &["API-181", "API-221", "API-248"],
        4,
        |t| Box::pin(revisions_newest_first(t)),
    ),
    Case::required(
        "files/revisions/of-something-deleted",
        "The revisions of a deleted file stay, and it is told that it is deleted.",
        &["API-221"],
        3,
        |t| Box::pin(revisions_of_something_deleted(t)),
    ),
    Case::required(
        "files/revisions/of-nothing-and-of-a-folder",
        "What is not there has no revisions, and neither has a folder.",
        &["API-176", "API-181"],
        3,
        |t| Box::pin(revisions_of_nothing(t)),
    ),
    Case::observed(
        "files/move/keeps-content",
        "A move takes the content along and leaves nothing behind.",
        &["API-161"],
        4,
        |t| Box::pin(move_keeps_content(t)),
    ),
    Case::observed(
        "files/move/autorename",
        "A move with autorename takes the number (1) before the extension.",
        &["API-161"],
        3,
        |t| Box::pin(move_autorename(t)),
    ),
    Case::required(
        "files/move/refusals",
        "A move from nowhere and a move onto something are 409s.",
        &["API-174", "API-176"],
        4,
        |t| Box::pin(move_refusals(t)),
    ),
    Case::required(
        "files/copy/gives-a-new-id",
        "A copy has the same content under another id.",
        &["API-199", "API-203"],
        4,
        |t| Box::pin(copy_gives_a_new_id(t)),
    ),
];

/// The keys of a file that has nothing special about it (API-209).
pub const FILE_KEYS: [&str; 10] = [
    "name",
    "path_lower",
    "path_display",
    "id",
    "client_modified",
    "server_modified",
    "rev",
    "size",
    "is_downloadable",
    "content_hash",
];

/// The same with a tag in front.
pub const TAGGED_FILE_KEYS: [&str; 11] = [
    ".tag",
    "name",
    "path_lower",
    "path_display",
    "id",
    "client_modified",
    "server_modified",
    "rev",
    "size",
    "is_downloadable",
    "content_hash",
];

fn is_id(id: &str) -> bool {
    id.strip_prefix("id:").is_some_and(|rest| {
        rest.len() == 22
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    })
}

fn is_rev(rev: &str) -> bool {
    rev.len() >= 9
        && rev
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_timestamp(text: &str) -> bool {
    text.len() == 20 && text.parse::<jiff::Timestamp>().is_ok() && text.ends_with('Z')
}

async fn of_an_upload(t: &Context) -> Verdict {
    let path = t.path("/Hello.txt");
    t.upload(commit_info("/Hello.txt"), b"Hello Dropbox!")
        .await?
        .expect_status(200)?
        .expect_keys("", &FILE_KEYS)?
        .expect_at("/name", "Hello.txt")?
        .expect_at("/path_display", path.as_str())?
        .expect_at("/path_lower", path.to_lowercase())?
        .expect_at("/size", 14)?
        .expect_at("/is_downloadable", true)?
        .expect_at("/content_hash", content_hash(b"Hello Dropbox!"))?
        .expect_string_that("/content_hash", "is the recorded one", |hash| {
            hash.starts_with("16dff870") && hash.ends_with("d9c2")
        })?
        .expect_string_that("/id", "is id: and 22 characters", is_id)?
        .expect_string_that("/rev", "is at least nine hexadecimal digits", is_rev)?
        .expect_string_that(
            "/server_modified",
            "is a time in whole seconds",
            is_timestamp,
        )?
        .expect_string_that(
            "/client_modified",
            "is a time in whole seconds",
            is_timestamp,
        )?;
    Ok(())
}

async fn of_a_file(t: &Context) -> Verdict {
    let uploaded = t.given_file("/a.txt", b"hello").await?;
    let answer = t
        .look_at("/a.txt")
        .await?
        .expect_status(200)?
        .expect_keys("", &TAGGED_FILE_KEYS)?
        .expect_at("/.tag", "file")?;
    for key in FILE_KEYS {
        let wanted = uploaded.metadata.get(key).cloned().unwrap_or_default();
        if answer.at(&format!("/{key}"))? != wanted {
            return Err(answer.differs(&format!("{key} is as the upload said"), &answer.text()));
        }
    }
    Ok(())
}

async fn of_a_folder(t: &Context) -> Verdict {
    t.given_folder("/Folder")
        .await?
        .expect_keys("", &["metadata"])?
        .expect_keys("/metadata", &["name", "path_lower", "path_display", "id"])?
        .expect_at("/metadata/name", "Folder")?;
    t.look_at("/folder")
        .await?
        .expect_status(200)?
        .expect_keys("", &[".tag", "name", "path_lower", "path_display", "id"])?
        .expect_at("/.tag", "folder")?
        .expect_at("/path_display", t.path("/Folder"))?
        .expect_string_that("/id", "is id: and 22 characters", is_id)?;
    Ok(())
}

async fn of_nothing(t: &Context) -> Verdict {
    let argument = json!({"path": t.path("/nothing.txt")});
    for route in [
        "files/get_metadata",
        "files/get_temporary_link",
        "files/list_folder",
    ] {
        t.rpc(route, argument.clone())
            .await?
            .expect_error("path/not_found")?;
    }
    t.download("files/download", argument)
        .await?
        .expect_error("path/not_found")?;
    Ok(())
}

async fn of_something_deleted(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    let argument = json!({"path": t.path("/a.txt")});
    t.rpc("files/delete_v2", argument)
        .await?
        .expect_status(200)?;
    t.expect_nothing_at("/a.txt").await?;
    let argument = json!({"path": t.path("/a.txt"), "include_deleted": true});
    t.rpc("files/get_metadata", argument)
        .await?
        .expect_status(200)?
        .expect_keys("", &[".tag", "name", "path_lower", "path_display"])?
        .expect_at("/.tag", "deleted")?;
    Ok(())
}

async fn by_id_and_rev(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?;
    for path in [file.id().to_owned(), format!("rev:{}", file.rev())] {
        t.rpc("files/get_metadata", json!({ "path": path }))
            .await?
            .expect_status(200)?
            .expect_at("/id", file.id())?
            .expect_at("/rev", file.rev())?;
    }
    Ok(())
}

async fn rev_and_id_of_an_overwrite(t: &Context) -> Verdict {
    let first = t.given_file("/a.txt", b"first").await?;
    let second = t.given_file("/a.txt", b"second").await?;
    if first.id() != second.id() || first.rev() == second.rev() {
        return Err(t.fail("the id changed, or the rev did not"));
    }
    // Thirteen digits of microseconds; a long rev has 01 before them.
    let rev = second.rev();
    let digits = if rev.len() == 31 {
        rev.get(2..15)
    } else {
        rev.get(..13)
    };
    let committed = digits.and_then(|digits| i64::from_str_radix(digits, 16).ok());
    let told: Result<jiff::Timestamp, _> = second.text("server_modified").parse();
    match (committed, told) {
        (Some(micros), Ok(told)) if (micros / 1_000_000 - told.as_second()).abs() <= 1 => Ok(()),
        _ => Err(t.fail("the rev does not hold the time of server_modified")),
    }
}

async fn client_modified(t: &Context) -> Verdict {
    for (path, time) in [
        ("/a.txt", "1988-01-02T03:04:05Z"),
        ("/b.txt", "2020-02-29T23:59:59Z"),
    ] {
        t.upload(commit_info(path).client_modified(time), b"x")
            .await?
            .expect_status(200)?
            .expect_at("/client_modified", time)?;
    }
    Ok(())
}

async fn client_modified_of_the_year_one(t: &Context) -> Verdict {
    t.upload(
        commit_info("/a.txt").client_modified("0001-01-01T00:00:00Z"),
        b"x",
    )
    .await?
    .expect_status(200)?
    .expect_at("/client_modified", "2001-01-01T00:00:00Z")?;
    Ok(())
}

async fn client_modified_omitted(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?;
    let seconds = |name: &str| {
        let time: Result<jiff::Timestamp, _> = file.text(name).parse();
        time.map(jiff::Timestamp::as_second).unwrap_or_default()
    };
    let apart = seconds("server_modified") - seconds("client_modified");
    if seconds("server_modified") > 0 && (0..=2).contains(&apart) {
        return Ok(());
    }
    Err(t.fail(&format!("the two times are {apart} seconds apart")))
}

async fn delete_returns_what_was_there(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?;
    t.rpc("files/delete_v2", json!({"path": t.path("/a.txt")}))
        .await?
        .expect_status(200)?
        .expect_keys("", &["metadata"])?
        .expect_keys("/metadata", &TAGGED_FILE_KEYS)?
        .expect_at("/metadata/.tag", "file")?
        .expect_at("/metadata/rev", file.rev())?;
    t.expect_nothing_at("/a.txt").await
}

async fn delete_of_nothing(t: &Context) -> Verdict {
    t.rpc("files/delete_v2", json!({"path": t.path("/nothing.txt")}))
        .await?
        .expect_error("path_lookup/not_found")?
        .expect_at("/error/path_lookup", json!({".tag": "not_found"}))?;
    Ok(())
}

async fn delete_parent_rev(t: &Context) -> Verdict {
    let first = t.given_file("/a.txt", b"first").await?;
    let second = t.given_file("/a.txt", b"second").await?;
    let delete = |rev: &str| {
        let argument = json!({"path": t.path("/a.txt"), "parent_rev": rev});
        t.rpc("files/delete_v2", argument)
    };
    delete(first.rev())
        .await?
        .expect_error("path_write/conflict/file")?;
    delete(second.rev()).await?.expect_status(200)?;
    Ok(())
}

async fn delete_folder(t: &Context) -> Verdict {
    t.given_file("/folder/deep/a.txt", b"x").await?;
    t.rpc("files/delete_v2", json!({"path": t.path("/folder")}))
        .await?
        .expect_status(200)?
        .expect_at("/metadata/.tag", "folder")?;
    t.expect_nothing_at("/folder/deep/a.txt").await
}

async fn delete_older_form(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    t.rpc("files/delete", json!({"path": t.path("/a.txt")}))
        .await?
        .expect_status(200)?
        .expect_at("/.tag", "file")?
        .expect_at("/name", "a.txt")?;
    Ok(())
}

async fn probe_id_after_delete(t: &Context) -> Verdict {
    let before = t.given_file("/a.txt", b"first").await?;
    let argument = json!({"path": t.path("/a.txt")});
    t.rpc("files/delete_v2", argument)
        .await?
        .expect_status(200)?;
    let after = t.given_file("/a.txt", b"second").await?;
    t.observe(
        "AQ-13",
        if before.id() == after.id() {
            "same"
        } else {
            "new"
        },
    );
    Ok(())
}

async fn revisions_newest_first(t: &Context) -> Verdict {
    let mut revs = Vec::new();
    for content in [b"one", b"two", b"six"] {
        revs.insert(0, t.given_file("/a.txt", content).await?.rev().to_owned());
    }
    t.rpc(
        "files/list_revisions",
        json!({"path": t.path("/a.txt"), "limit": 2}),
    )
    .await?
    .expect_status(200)?
    .expect_keys("", &["is_deleted", "entries", "has_more"])?
    .expect_keys("/entries/0", &FILE_KEYS)?
    .expect_at("/is_deleted", false)?
    .expect_at("/entries/0/rev", revs[0].as_str())?
    .expect_at("/entries/1/rev", revs[1].as_str())?
    .expect_nothing_at("/entries/2")?
    .expect_at("/has_more", true)?;
    Ok(())
}

async fn revisions_of_something_deleted(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"x").await?;
    let argument = json!({"path": t.path("/a.txt")});
    t.rpc("files/delete_v2", argument.clone())
        .await?
        .expect_status(200)?;
    t.rpc("files/list_revisions", argument)
        .await?
        .expect_status(200)?
        .expect_at("/is_deleted", true)?
        .expect_at("/entries/0/rev", file.rev())?
        .expect_string_that(
            "/server_deleted",
            "is a time in whole seconds",
            is_timestamp,
        )?;
    Ok(())
}

async fn revisions_of_nothing(t: &Context) -> Verdict {
    t.given_folder("/folder").await?;
    for (path, summary) in [
        ("/nothing.txt", "path/not_found"),
        ("/folder", "path/not_file"),
    ] {
        t.rpc("files/list_revisions", json!({"path": t.path(path)}))
            .await?
            .expect_error(summary)?;
    }
    Ok(())
}

async fn relocate(
    t: &Context,
    route: &str,
    autorename: bool,
) -> Result<crate::talk::answer::Answer, crate::failure::Failure> {
    let argument = json!({
        "from_path": t.path("/from.txt"),
        "to_path": t.path("/to.txt"),
        "autorename": autorename,
    });
    t.rpc(route, argument).await
}

async fn move_keeps_content(t: &Context) -> Verdict {
    t.given_file("/from.txt", b"hello").await?;
    relocate(t, "files/move_v2", false)
        .await?
        .expect_status(200)?
        .expect_keys("", &["metadata"])?
        .expect_at("/metadata/.tag", "file")?
        .expect_at("/metadata/path_display", t.path("/to.txt"))?;
    t.expect_content("/to.txt", b"hello").await?;
    t.expect_nothing_at("/from.txt").await
}

async fn move_autorename(t: &Context) -> Verdict {
    t.given_file("/from.txt", b"hello").await?;
    t.given_file("/to.txt", b"in the way").await?;
    relocate(t, "files/move_v2", true)
        .await?
        .expect_status(200)?
        .expect_at("/metadata/name", "to (1).txt")?;
    Ok(())
}

async fn move_refusals(t: &Context) -> Verdict {
    relocate(t, "files/move_v2", false)
        .await?
        .expect_error("from_lookup/not_found")?;
    t.given_file("/from.txt", b"hello").await?;
    t.given_file("/to.txt", b"in the way").await?;
    relocate(t, "files/move_v2", false)
        .await?
        .expect_error("to/conflict/file")?;
    Ok(())
}

async fn copy_gives_a_new_id(t: &Context) -> Verdict {
    let from = t.given_file("/from.txt", b"hello").await?;
    relocate(t, "files/copy_v2", false)
        .await?
        .expect_status(200)?;
    let copy = t.expect_content("/to.txt", b"hello").await?;
    let original = t.expect_content("/from.txt", b"hello").await?;
    if copy.id() == from.id() || original.metadata.get("rev") != from.metadata.get("rev") {
        return Err(t.fail("the copy has the id of its original, or the original changed"));
    }
    if copy.metadata.get("content_hash") == Some(&Value::Null) {
        return Err(t.fail("the copy has no content hash"));
    }
    Ok(())
}
