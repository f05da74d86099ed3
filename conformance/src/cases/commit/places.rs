//! Where a commit may write: parents, ancestors, names and the other forms of a path, both ways.

use serde_json::json;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::client::Via;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    MISSING_PARENTS,
    EXISTING_PARENTS_IN_ANOTHER_CASE,
    BELOW_A_FILE,
    FAR_BELOW_A_FILE,
    BELOW_A_FILE_WITH_AUTORENAME,
    BACK_SLASH,
    EMPTY_COMPONENT,
    TRAILING_SLASH,
    TRAILING_SPACE,
    DOTS,
    CONTROL_CHARACTER,
    LONGEST_NAME,
    TOO_LONG_NAME,
    ASTRAL_CHARACTERS_COUNT_TWICE,
    DISALLOWED_NAME,
    DISALLOWED_NAMES_IN_ANY_CASE,
    ID_OF_A_FILE,
    ID_OF_A_FOLDER,
    UNKNOWN_ID,
    OWN_NAMESPACE,
    UNICODE,
    PROBE_CASE_OF_THE_NAME,
];

const MISSING_PARENTS: Case = Case::observed("commit/places/missing-parents")
    .rules(&["UL-136", "API-166"])
    .claim("Missing parent folders are made, whichever way the file comes.")
    .calls(7)
    .run(|t| Box::pin(missing_parents(t)));

async fn missing_parents(t: &Context) -> Verdict {
    for (via, folder) in [(Via::Link, "/link"), (Via::Upload, "/upload")] {
        let path = format!("{folder}/Homework/math/Matrices.txt");
        t.commit(via, commit_info(&path), b"hello")
            .await?
            .expect_status(200)?;
        t.expect_content(&path, b"hello").await?;
        t.look_at(&format!("{folder}/Homework"))
            .await?
            .expect_status(200)?
            .by(&["UL-136", "API-166"])
            .expect_at("/.tag", "folder")?;
    }
    Ok(())
}

const EXISTING_PARENTS_IN_ANOTHER_CASE: Case =
    Case::required("commit/places/existing-parents-in-another-case")
        .rules(&["UL-29", "API-168"])
        .claim("A parent that is there is found whatever the letter case, and keeps its own.")
        .calls(8)
        .run(|t| Box::pin(existing_parents_in_another_case(t)));

async fn existing_parents_in_another_case(t: &Context) -> Verdict {
    let folder = t.given_folder("/Folder").await?.string_at("/metadata/id")?;
    for (via, path) in [
        (Via::Link, "/FOLDER/link.txt"),
        (Via::Upload, "/folder/upload.txt"),
    ] {
        t.commit(via, commit_info(path), b"hello")
            .await?
            .expect_status(200)?;
        t.expect_content(path, b"hello").await?;
    }
    for path in ["/folder", "/FOLDER"] {
        t.look_at(path)
            .await?
            .expect_status(200)?
            .expect_at("/id", folder.clone())?
            .expect_at("/name", "Folder")?;
    }
    Ok(())
}

const BELOW_A_FILE: Case = Case::required("commit/places/below-a-file")
    .rules(&["UL-143", "API-167", "API-175"])
    .claim("A file in the place of a parent folder is a conflict.")
    .calls(5)
    .run(|t| Box::pin(failing(t, "/file.txt/below", "path/conflict/file_ancestor")));

const FAR_BELOW_A_FILE: Case = Case::required("commit/places/far-below-a-file")
    .rules(&["UL-143", "API-167"])
    .claim("A file in the place of any ancestor is a conflict, and no folder is made.")
    .calls(5)
    .run(|t| {
        Box::pin(failing(
            t,
            "/file.txt/far/below/it",
            "path/conflict/file_ancestor",
        ))
    });

const BACK_SLASH: Case = Case::observed("commit/places/back-slash")
    .rules(&["UL-143", "API-169", "API-174"])
    .claim("A back-slash makes a path malformed.")
    .calls(5)
    .run(|t| Box::pin(failing(t, "/back\\slash", "path/malformed_path")));

const EMPTY_COMPONENT: Case = Case::observed("commit/places/empty-component")
    .rules(&["UL-143", "API-169"])
    .claim("An empty component makes a path malformed.")
    .calls(5)
    .run(|t| Box::pin(failing(t, "//a.txt", "path/malformed_path")));

const TRAILING_SLASH: Case = Case::observed("commit/places/trailing-slash")
    .rules(&["UL-29", "UL-143", "API-169"])
    .claim("A slash at the end makes a path malformed.")
    .calls(5)
    .run(|t| Box::pin(failing(t, "/a/", "path/malformed_path")));

const TRAILING_SPACE: Case = Case::observed("commit/places/trailing-space")
    .rules(&["UL-29", "UL-143", "API-169"])
    .claim("White space at the end makes a path malformed.")
    .calls(5)
    .run(|t| Box::pin(failing(t, "/a ", "path/malformed_path")));

const DOTS: Case = Case::observed("commit/places/dots")
    .rules(&["UL-143", "API-169"])
    .claim("Two dots are no way up: they make a path malformed.")
    .calls(5)
    .run(|t| Box::pin(failing(t, "/x/../a.txt", "path/malformed_path")));

const CONTROL_CHARACTER: Case = Case::observed("commit/places/control-character")
    .rules(&["UL-143", "API-169"])
    .claim("A delete character makes a path malformed.")
    .calls(5)
    .run(|t| Box::pin(failing(t, "/a\u{7f}b", "path/malformed_path")));

const DISALLOWED_NAME: Case = Case::observed("commit/places/disallowed-name")
    .rules(&["UL-143", "API-171", "API-174"])
    .claim("Names that Dropbox keeps for itself are disallowed.")
    .calls(5)
    .run(|t| Box::pin(failing(t, "/desktop.ini", "path/disallowed_name")));

/// The commit to this path fails both ways, and a file that is there stays as it is. All that the
/// case sends has the path.
async fn failing(t: &Context, path: &str, summary: &str) -> Verdict {
    t.given_file("/file.txt", b"there").await?;
    let uploaded = t.upload(commit_info(path), b"other").await?;
    t.expect_commit_failed(Via::Upload, uploaded, summary)?;
    let argument = t.mint_argument(&commit_info(path));
    let minted = t.mint_with(argument.clone()).await?;
    // Whether the mint refuses what cannot be written is OQ-16.
    if minted.status() != 400 {
        let link = t.link_of(&minted.expect_status(200)?, &argument)?;
        let answer = t.consume(&link, b"other").await?;
        t.expect_commit_failed(Via::Link, answer, summary)?;
    }
    t.expect_content("/file.txt", b"there").await?;
    Ok(())
}

const BELOW_A_FILE_WITH_AUTORENAME: Case =
    Case::required("commit/places/below-a-file-with-autorename")
        .rules(&["API-156", "API-167"])
        .claim("Autorename does not help where a file is in the place of a parent.")
        .calls(5)
        .run(|t| Box::pin(below_a_file_with_autorename(t)));

async fn below_a_file_with_autorename(t: &Context) -> Verdict {
    t.given_file("/file.txt", b"there").await?;
    for via in [Via::Link, Via::Upload] {
        let info = commit_info("/file.txt/below").autorename();
        let answer = t.commit(via, info, b"other").await?;
        t.expect_commit_failed(via, answer, "path/conflict/file_ancestor")?;
    }
    t.expect_content("/file.txt", b"there").await?;
    Ok(())
}

const LONGEST_NAME: Case = Case::observed("commit/places/longest-name")
    .rules(&["API-170", "API-249"])
    .claim("A name may have 255 characters, both ways.")
    .calls(7)
    .run(|t| Box::pin(longest_name(t)));

async fn longest_name(t: &Context) -> Verdict {
    for (via, folder) in [(Via::Link, "/link"), (Via::Upload, "/upload")] {
        let path = format!("{folder}/{}", "x".repeat(255));
        t.commit(via, commit_info(&path), b"hello")
            .await?
            .expect_status(200)?;
        t.expect_content(&path, b"hello").await?;
    }
    Ok(())
}

const TOO_LONG_NAME: Case = Case::observed("commit/places/too-long-name")
    .rules(&["UL-28", "UL-143", "API-169", "API-170", "API-249"])
    .claim("A name of 256 characters is malformed.")
    .calls(5)
    .run(|t| Box::pin(too_long_name(t)));

async fn too_long_name(t: &Context) -> Verdict {
    failing(t, &format!("/{}", "x".repeat(256)), "path/malformed_path").await
}

const ASTRAL_CHARACTERS_COUNT_TWICE: Case =
    Case::observed("commit/places/astral-characters-count-twice")
        .rules(&["API-170", "AQ-29"])
        .claim("A character outside of the basic plane counts as two.")
        .calls(3)
        .run(|t| Box::pin(astral_characters_count_twice(t)));

async fn astral_characters_count_twice(t: &Context) -> Verdict {
    // A musical note: one character, two units of UTF-16.
    let name = |count: usize| format!("/{}x", "\u{1d11e}".repeat(count));
    t.upload(commit_info(&name(127)), b"hello")
        .await?
        .expect_status(200)?;
    let too_long = t.upload(commit_info(&name(128)), b"hello").await?;
    t.expect_commit_failed(Via::Upload, too_long, "path/malformed_path")?;
    t.expect_content(&name(127), b"hello").await?;
    Ok(())
}

const DISALLOWED_NAMES_IN_ANY_CASE: Case =
    Case::observed("commit/places/disallowed-names-in-any-case")
        .rules(&["API-171"])
        .claim("The disallowed names and those of office programs are refused in any letter case.")
        .calls(7)
        .run(|t| Box::pin(disallowed_names(t)));

async fn disallowed_names(t: &Context) -> Verdict {
    for name in [
        "/Thumbs.db",
        "/.DS_Store",
        "/.dropbox",
        "/DESKTOP.INI",
        "/icon\r",
        "/~$letter.docx",
        "/.~lock",
    ] {
        t.upload(commit_info(name), b"hello")
            .await?
            .expect_error("path/disallowed_name")?;
    }
    Ok(())
}

/// Commits to a path that is not built from the case's folder.
async fn commit_to(
    t: &Context,
    via: Via,
    path: &str,
    body: &'static [u8],
) -> Result<crate::talk::answer::Answer, crate::failure::Failure> {
    let info = json!({"path": path, "mode": "overwrite", "mute": true});
    if via == Via::Upload {
        return t.content("files/upload", info, body).await;
    }
    let argument = json!({ "commit_info": info });
    let answer = t.mint_with(argument.clone()).await?.expect_status(200)?;
    let link = t.link_of(&answer, &argument)?;
    t.consume(&link, body).await
}

const ID_OF_A_FILE: Case = Case::required("commit/places/id-of-a-file")
    .rules(&["UL-23", "UL-26", "API-191"])
    .claim("A commit to the id of a file writes that file, whichever way.")
    .calls(8)
    .run(|t| Box::pin(id_of_a_file(t)));

async fn id_of_a_file(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"there").await?;
    for (via, body) in [(Via::Link, b"by link "), (Via::Upload, b"uploaded")] {
        commit_to(t, via, file.id(), body)
            .await?
            .expect_status(200)?;
        if t.expect_content("/a.txt", body).await?.id() != file.id() {
            return Err(t.fail("the file has another id"));
        }
    }
    Ok(())
}

const ID_OF_A_FOLDER: Case = Case::observed("commit/places/id-of-a-folder")
    .rules(&["UL-29", "UL-89"])
    .claim("A path may begin with the id of a folder, whichever way.")
    .calls(7)
    .run(|t| Box::pin(id_of_a_folder(t)));

async fn id_of_a_folder(t: &Context) -> Verdict {
    let folder = t.given_folder("/folder").await?.string_at("/metadata/id")?;
    for (via, name) in [(Via::Link, "link.txt"), (Via::Upload, "upload.txt")] {
        commit_to(t, via, &format!("{folder}/below/{name}"), b"hello")
            .await?
            .expect_status(200)?;
        t.shows(
            &["UL-89"],
            t.expect_content(&format!("/folder/below/{name}"), b"hello"),
        )
        .await?;
    }
    Ok(())
}

const UNKNOWN_ID: Case = Case::observed("commit/places/unknown-id")
    .rules(&["UL-143", "API-174"])
    .claim("An id that nobody has fails the commit, whichever way.")
    .calls(3)
    .run(|t| Box::pin(unknown_id(t)));

async fn unknown_id(t: &Context) -> Verdict {
    for via in [Via::Link, Via::Upload] {
        commit_to(t, via, crate::safety::confine::NO_SUCH_ID, b"hello")
            .await?
            .expect_status(409)?;
    }
    Ok(())
}

const OWN_NAMESPACE: Case = Case::required("commit/places/own-namespace")
    .rules(&["UL-23", "API-251"])
    .claim("A path may begin with the namespace of the account, whichever way.")
    .calls(8)
    .run(|t| Box::pin(own_namespace(t)));

async fn own_namespace(t: &Context) -> Verdict {
    let account = t
        .rpc("users/get_current_account", serde_json::Value::Null)
        .await?
        .expect_status(200)?;
    let home = account.string_at("/root_info/home_namespace_id")?;
    if account.string_at("/root_info/root_namespace_id")? != home {
        return Err(t.does_not_apply("the root is not the home"));
    }
    for (via, name) in [(Via::Link, "/link.txt"), (Via::Upload, "/upload.txt")] {
        let path = format!("ns:{home}{}", t.path(name));
        let answer = commit_to(t, via, &path, b"hello").await?;
        if answer.status() == 409 && t.target().real {
            return Err(t.does_not_apply("the app's folder is not at that place of the namespace"));
        }
        answer.expect_status(200)?;
        t.expect_content(name, b"hello").await?;
    }
    Ok(())
}

const UNICODE: Case = Case::required("commit/places/unicode")
    .rules(&["UL-29", "API-20", "API-21", "API-168", "AQ-29"])
    .claim("Names beyond ASCII come back as they were given, whichever way.")
    .calls(7)
    .run(|t| Box::pin(unicode(t)));

async fn unicode(t: &Context) -> Verdict {
    for (via, folder) in [(Via::Link, "/link"), (Via::Upload, "/upload")] {
        let name = "Übung \u{1f389} 日本.txt";
        let path = format!("{folder}/{name}");
        t.commit(via, commit_info(&path), b"hello")
            .await?
            .expect_status(200)?;
        let file = t.expect_content(&path, b"hello").await?;
        if file.text("name") != name {
            return Err(t.fail(&format!("the name came back as {}", file.text("name"))));
        }
    }
    t.expect_content("/LINK/ÜBUNG \u{1f389} 日本.TXT", b"hello")
        .await?;
    Ok(())
}

const PROBE_CASE_OF_THE_NAME: Case = Case::probe("commit/places/probe-case-of-the-name")
    .rules(&["AQ-12", "API-168"])
    .claim("Whether an overwrite in another letter case renames the file.")
    .calls(4)
    .run(|t| Box::pin(probe_case_of_the_name(t)));

async fn probe_case_of_the_name(t: &Context) -> Verdict {
    t.given_file("/Name.txt", b"there").await?;
    t.commit(Via::Link, commit_info("/NAME.TXT").overwrite(), b"other")
        .await?
        .expect_status(200)?;
    let answer = match t.file("/name.txt").await?.text("name") {
        "Name.txt" => "no",
        "NAME.TXT" => "yes",
        _ => "something else",
    };
    t.observe("AQ-12", answer);
    Ok(())
}
