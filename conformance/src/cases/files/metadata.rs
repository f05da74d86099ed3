//! Entries as the routes describe them, and how they are deleted, moved and copied.

use serde_json::json;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::content_hash::content_hash;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    OF_AN_UPLOAD,
    OF_A_FILE,
    OF_A_FOLDER,
    METADATA_OF_NOTHING,
    METADATA_OF_SOMETHING_DELETED,
    BY_ID_AND_REV,
    REV_AND_ID_OF_AN_OVERWRITE,
    CLIENT_MODIFIED,
    CLIENT_MODIFIED_OF_THE_YEAR_ONE,
    CLIENT_MODIFIED_OMITTED,
    RETURNS_WHAT_WAS_THERE,
    DELETE_OF_NOTHING,
    PARENT_REV,
    FOLDER,
    OLDER_FORM,
    PROBE_ID_AFTERWARDS,
    NEWEST_FIRST,
    REVISIONS_OF_SOMETHING_DELETED,
    OF_NOTHING_AND_OF_A_FOLDER,
    KEEPS_CONTENT,
    AUTORENAME,
    REFUSALS,
    GIVES_A_NEW_ID,
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

const OF_AN_UPLOAD: Case = Case::observed("files/metadata/of-an-upload")
    .rules(&[
        "API-28", "API-195", "API-199", "API-203", "API-208", "API-209", "API-212",
    ])
    .claim("files/upload describes the file without a tag, with its keys in the recorded order.")
    .calls(1)
    .run(|t| Box::pin(of_an_upload(t)));

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
        .by(&["API-203"])
        .expect_at("/content_hash", content_hash(b"Hello Dropbox!"))?
        .expect_string_that("/content_hash", "is the recorded one", |hash| {
            hash.starts_with("16dff870") && hash.ends_with("d9c2")
        })?
        .by(&["API-199"])
        .expect_string_that("/id", "is id: and 22 characters", is_id)?
        .by(&["API-195"])
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

const OF_A_FILE: Case = Case::observed("files/metadata/of-a-file")
    .rules(&["API-28", "API-209", "API-215"])
    .claim("get_metadata puts the tag first and tells the same as the upload did.")
    .calls(2)
    .run(|t| Box::pin(of_a_file(t)));

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

const OF_A_FOLDER: Case = Case::observed("files/metadata/of-a-folder")
    .rules(&["API-211", "API-220"])
    .claim("A folder has a tag, a name, two paths and an id.")
    .calls(2)
    .run(|t| Box::pin(of_a_folder(t)));

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

const METADATA_OF_NOTHING: Case = Case::observed("files/metadata/of-nothing")
    .rules(&["API-177", "API-182", "API-233", "API-235"])
    .claim("What is not there is path/not_found, on each route that reads.")
    .calls(4)
    .run(|t| Box::pin(of_nothing(t)));

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

const METADATA_OF_SOMETHING_DELETED: Case = Case::observed("files/metadata/of-something-deleted")
    .rules(&["API-211", "API-233"])
    .claim(
        "A deleted file is shown only if deleted ones are asked for, and then without id and rev.",
    )
    .calls(4)
    .run(|t| Box::pin(of_something_deleted(t)));

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
        .by(&["API-233"])
        .expect_at("/.tag", "deleted")?;
    Ok(())
}

const BY_ID_AND_REV: Case = Case::required("files/metadata/by-id-and-rev")
    .rules(&["API-192", "API-195"])
    .claim("A file is found by its id and by its rev.")
    .calls(3)
    .run(|t| Box::pin(by_id_and_rev(t)));

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

const REV_AND_ID_OF_AN_OVERWRITE: Case =
    Case::observed("files/metadata/rev-and-id-of-an-overwrite")
        .rules(&["API-160", "API-197", "API-198"])
        .claim("An overwrite keeps the id and gives a new rev, which holds the time of the commit.")
        .calls(2)
        .run(|t| Box::pin(rev_and_id_of_an_overwrite(t)));

async fn rev_and_id_of_an_overwrite(t: &Context) -> Verdict {
    let first = t.given_file("/a.txt", b"first").await?;
    let second = t.given_file("/a.txt", b"second").await?;
    t.expect(
        &["API-160"],
        first.id() == second.id() && first.rev() != second.rev(),
        "the id changed, or the rev did not",
    )?;
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

const CLIENT_MODIFIED: Case = Case::observed("files/metadata/client-modified")
    .rules(&["OQ-21", "API-204", "API-207"])
    .claim("The client's time is stored as it was given, back to 1988.")
    .calls(2)
    .run(|t| Box::pin(client_modified(t)));

async fn client_modified(t: &Context) -> Verdict {
    for (path, time) in [
        ("/a.txt", "1988-01-02T03:04:05Z"),
        ("/b.txt", "2020-02-29T23:59:59Z"),
    ] {
        t.upload(commit_info(path).client_modified(time), b"x")
            .await?
            .expect_status(200)?
            .by(&["API-207"])
            .expect_at("/client_modified", time)?;
    }
    Ok(())
}

const CLIENT_MODIFIED_OF_THE_YEAR_ONE: Case =
    Case::observed("files/metadata/client-modified-of-the-year-one")
        .rules(&["OQ-21", "API-206"])
        .claim("The year 1 is stored as 2001.")
        .calls(1)
        .run(|t| Box::pin(client_modified_of_the_year_one(t)));

async fn client_modified_of_the_year_one(t: &Context) -> Verdict {
    t.upload(
        commit_info("/a.txt").client_modified("0001-01-01T00:00:00Z"),
        b"x",
    )
    .await?
    .expect_status(200)?
    .by(&["API-206"])
    .expect_at("/client_modified", "2001-01-01T00:00:00Z")?;
    Ok(())
}

const CLIENT_MODIFIED_OMITTED: Case = Case::observed("files/metadata/client-modified-omitted")
    .rules(&["API-204", "API-205"])
    .claim("Without a time of the client's it is the server's, a second apart at most.")
    .calls(1)
    .run(|t| Box::pin(client_modified_omitted(t)));

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

const RETURNS_WHAT_WAS_THERE: Case = Case::observed("files/delete/returns-what-was-there")
    .rules(&["API-219", "API-232"])
    .claim("delete_v2 describes the entry as it was, with its tag, and it is gone.")
    .calls(3)
    .run(|t| Box::pin(delete_returns_what_was_there(t)));

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

const DELETE_OF_NOTHING: Case = Case::observed("files/delete/of-nothing")
    .rules(&["API-183", "API-232"])
    .claim("Deleting what is not there is path_lookup/not_found.")
    .calls(1)
    .run(|t| Box::pin(delete_of_nothing(t)));

async fn delete_of_nothing(t: &Context) -> Verdict {
    t.rpc("files/delete_v2", json!({"path": t.path("/nothing.txt")}))
        .await?
        .expect_error("path_lookup/not_found")?
        .expect_at("/error/path_lookup", json!({".tag": "not_found"}))?;
    Ok(())
}

const PARENT_REV: Case = Case::observed("files/delete/parent-rev")
    .rules(&["API-219", "API-232"])
    .claim("A parent_rev that is not the current one is a conflict; the current one deletes.")
    .calls(4)
    .run(|t| Box::pin(delete_parent_rev(t)));

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

const FOLDER: Case = Case::required("files/delete/folder")
    .rules(&["API-219"])
    .claim("Deleting a folder takes what is in it.")
    .calls(3)
    .run(|t| Box::pin(delete_folder(t)));

async fn delete_folder(t: &Context) -> Verdict {
    t.given_file("/folder/deep/a.txt", b"x").await?;
    t.rpc("files/delete_v2", json!({"path": t.path("/folder")}))
        .await?
        .expect_status(200)?
        .expect_at("/metadata/.tag", "folder")?;
    t.expect_nothing_at("/folder/deep/a.txt").await
}

const OLDER_FORM: Case = Case::required("files/delete/older-form")
    .rules(&["API-191", "API-232"])
    .claim("files/delete describes the entry without a wrapper.")
    .calls(2)
    .run(|t| Box::pin(delete_older_form(t)));

async fn delete_older_form(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    t.rpc("files/delete", json!({"path": t.path("/a.txt")}))
        .await?
        .expect_status(200)?
        .expect_at("/.tag", "file")?
        .expect_at("/name", "a.txt")?;
    Ok(())
}

const PROBE_ID_AFTERWARDS: Case = Case::probe("files/delete/probe-id-afterwards")
    .rules(&["AQ-13"])
    .claim("Whether an upload after a delete keeps the id.")
    .calls(3)
    .run(|t| Box::pin(probe_id_after_delete(t)));

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

const NEWEST_FIRST: Case = Case::required("files/revisions/newest-first")
    .rules(&["API-181", "API-221", "API-248"])
    .claim("list_revisions gives the newest first, without tags, and says when there is more.")
    .calls(4)
    .run(|t| Box::pin(revisions_newest_first(t)));

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

const REVISIONS_OF_SOMETHING_DELETED: Case = Case::required("files/revisions/of-something-deleted")
    .rules(&["API-221"])
    .claim("The revisions of a deleted file stay, and it is told that it is deleted.")
    .calls(3)
    .run(|t| Box::pin(revisions_of_something_deleted(t)));

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

const OF_NOTHING_AND_OF_A_FOLDER: Case =
    Case::required("files/revisions/of-nothing-and-of-a-folder")
        .rules(&["API-176", "API-181"])
        .claim("What is not there has no revisions, and neither has a folder.")
        .calls(3)
        .run(|t| Box::pin(revisions_of_nothing(t)));

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

const KEEPS_CONTENT: Case = Case::observed("files/move/keeps-content")
    .rules(&["API-161"])
    .claim("A move takes the content along and leaves nothing behind.")
    .calls(4)
    .run(|t| Box::pin(move_keeps_content(t)));

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

const AUTORENAME: Case = Case::observed("files/move/autorename")
    .rules(&["API-161"])
    .claim("A move with autorename takes the number (1) before the extension.")
    .calls(3)
    .run(|t| Box::pin(move_autorename(t)));

async fn move_autorename(t: &Context) -> Verdict {
    t.given_file("/from.txt", b"hello").await?;
    t.given_file("/to.txt", b"in the way").await?;
    relocate(t, "files/move_v2", true)
        .await?
        .expect_status(200)?
        .expect_at("/metadata/name", "to (1).txt")?;
    Ok(())
}

const REFUSALS: Case = Case::required("files/move/refusals")
    .rules(&["API-174", "API-176"])
    .claim("A move from nowhere and a move onto something are 409s.")
    .calls(4)
    .run(|t| Box::pin(move_refusals(t)));

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

const GIVES_A_NEW_ID: Case = Case::required("files/copy/gives-a-new-id")
    .rules(&["API-199", "API-203"])
    .claim("A copy has the same content under another id.")
    .calls(4)
    .run(|t| Box::pin(copy_gives_a_new_id(t)));

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
    Ok(())
}
