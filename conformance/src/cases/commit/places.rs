//! Where a commit may write: parents, ancestors, names and the other forms of a path, both ways.

use serde_json::json;

use crate::cases::case::{Case, Cost, Kind, Needs};
use crate::failure::Verdict;
use crate::talk::client::Via;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    Case {
        id: "commit/places/missing-parents",
        sentence: "Missing parent folders are made, whichever way the file comes.",
        rules: &["UL-136", "API-166"],
        kind: Kind::Observed,
        cost: Cost::calls(7),
        needs: Needs::NOTHING,
        run: |t| Box::pin(missing_parents(t)),
    },
    Case {
        id: "commit/places/existing-parents-in-another-case",
        sentence: "A parent that is there is found whatever the letter case, and keeps its own.",
        rules: &["UL-29", "API-168"],
        kind: Kind::Required,
        cost: Cost::calls(8),
        needs: Needs::NOTHING,
        run: |t| Box::pin(existing_parents_in_another_case(t)),
    },
    Case {
        id: "commit/places/below-a-file",
        sentence: "A file in the place of a parent folder is a conflict.",
        rules: &["UL-143", "API-167", "API-175"],
        kind: Kind::Required,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failing(t, "/file.txt/below", "path/conflict/file_ancestor")),
    },
    Case {
        id: "commit/places/far-below-a-file",
        sentence: "A file in the place of any ancestor is a conflict, and no folder is made.",
        rules: &["UL-143", "API-167"],
        kind: Kind::Required,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| {
            Box::pin(failing(
                t,
                "/file.txt/far/below/it",
                "path/conflict/file_ancestor",
            ))
        },
    },
    Case {
        id: "commit/places/below-a-file-with-autorename",
        sentence: "Autorename does not help where a file is in the place of a parent.",
        rules: &["API-156", "API-167"],
        kind: Kind::Required,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(below_a_file_with_autorename(t)),
    },
    Case {
        id: "commit/places/back-slash",
        sentence: "A back-slash makes a path malformed.",
        rules: &["UL-143", "API-169", "API-174"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failing(t, "/back\\slash", "path/malformed_path")),
    },
    Case {
        id: "commit/places/empty-component",
        sentence: "An empty component makes a path malformed.",
        rules: &["UL-143", "API-169"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failing(t, "//a.txt", "path/malformed_path")),
    },
    Case {
        id: "commit/places/trailing-slash",
        sentence: "A slash at the end makes a path malformed.",
        rules: &["UL-29", "UL-143", "API-169"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failing(t, "/a/", "path/malformed_path")),
    },
    Case {
        id: "commit/places/trailing-space",
        sentence: "White space at the end makes a path malformed.",
        rules: &["UL-29", "UL-143", "API-169"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failing(t, "/a ", "path/malformed_path")),
    },
    Case {
        id: "commit/places/dots",
        sentence: "Two dots are no way up: they make a path malformed.",
        rules: &["UL-143", "API-169"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failing(t, "/x/../a.txt", "path/malformed_path")),
    },
    Case {
        id: "commit/places/control-character",
        sentence: "A delete character makes a path malformed.",
        rules: &["UL-143", "API-169"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failing(t, "/a\u{7f}b", "path/malformed_path")),
    },
    Case {
        id: "commit/places/longest-name",
        sentence: "A name may have 255 characters, both ways.",
        rules: &["API-170", "API-249"],
        kind: Kind::Observed,
        cost: Cost::calls(7),
        needs: Needs::NOTHING,
        run: |t| Box::pin(longest_name(t)),
    },
    Case {
        id: "commit/places/too-long-name",
        sentence: "A name of 256 characters is minted and then malformed.",
        rules: &["UL-28", "UL-143", "API-169", "API-170", "API-249"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(too_long_name(t)),
    },
    Case {
        id: "commit/places/astral-characters-count-twice",
        sentence: "A character outside of the basic plane counts as two.",
        rules: &["API-170"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(astral_characters_count_twice(t)),
    },
    Case {
        id: "commit/places/disallowed-name",
        sentence: "Names that Dropbox keeps for itself are disallowed.",
        rules: &["UL-143", "API-171", "API-174"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failing(t, "/desktop.ini", "path/disallowed_name")),
    },
    Case {
        id: "commit/places/disallowed-names-in-any-case",
        sentence: "The disallowed names and those of office programs are refused in any letter case.",
        rules: &["API-171"],
        kind: Kind::Observed,
        cost: Cost::calls(7),
        needs: Needs::NOTHING,
        run: |t| Box::pin(disallowed_names(t)),
    },
    Case {
        id: "commit/places/id-of-a-file",
        sentence: "A commit to the id of a file writes that file, whichever way.",
        rules: &["UL-23", "UL-26", "API-191"],
        kind: Kind::Required,
        cost: Cost::calls(8),
        needs: Needs::NOTHING,
        run: |t| Box::pin(id_of_a_file(t)),
    },
    Case {
        id: "commit/places/id-of-a-folder",
        sentence: "A path may begin with the id of a folder, whichever way.",
        rules: &["UL-29", "UL-89"],
        kind: Kind::Observed,
        cost: Cost::calls(7),
        needs: Needs::NOTHING,
        run: |t| Box::pin(id_of_a_folder(t)),
    },
    Case {
        id: "commit/places/unknown-id",
        sentence: "An id that nobody has fails the commit, whichever way.",
        rules: &["UL-143", "API-174"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(unknown_id(t)),
    },
    Case {
        id: "commit/places/own-namespace",
        sentence: "A path may begin with the namespace of the account, whichever way.",
        rules: &["UL-23", "API-251"],
        kind: Kind::Required,
        cost: Cost::calls(8),
        needs: Needs::NOTHING,
        run: |t| Box::pin(own_namespace(t)),
    },
    Case {
        id: "commit/places/unicode",
        sentence: "Names beyond ASCII come back as they were given, whichever way.",
        rules: &["UL-29", "API-20", "API-21", "API-168"],
        kind: Kind::Required,
        cost: Cost::calls(7),
        needs: Needs::NOTHING,
        run: |t| Box::pin(unicode(t)),
    },
    Case {
        id: "commit/places/probe-case-of-the-name",
        sentence: "Whether an overwrite in another letter case renames the file.",
        rules: &["AQ-12", "API-168"],
        kind: Kind::Probe,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_case_of_the_name(t)),
    },
];

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
            .expect_at("/.tag", "folder")?;
    }
    Ok(())
}

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

/// The commit to this path fails both ways, and a file that is there stays as it is. All that the
/// case sends has the path; the mint takes it.
async fn failing(t: &Context, path: &str, summary: &str) -> Verdict {
    t.given_file("/file.txt", b"there").await?;
    for via in [Via::Link, Via::Upload] {
        let answer = t.commit(via, commit_info(path), b"other").await?;
        t.expect_commit_failed(via, answer, summary)?;
    }
    t.expect_content("/file.txt", b"there").await?;
    Ok(())
}

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

async fn too_long_name(t: &Context) -> Verdict {
    failing(t, &format!("/{}", "x".repeat(256)), "path/malformed_path").await
}

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

async fn id_of_a_folder(t: &Context) -> Verdict {
    let folder = t.given_folder("/folder").await?.string_at("/metadata/id")?;
    for (via, name) in [(Via::Link, "link.txt"), (Via::Upload, "upload.txt")] {
        commit_to(t, via, &format!("{folder}/below/{name}"), b"hello")
            .await?
            .expect_status(200)?;
        t.expect_content(&format!("/folder/below/{name}"), b"hello")
            .await?;
    }
    Ok(())
}

async fn unknown_id(t: &Context) -> Verdict {
    for via in [Via::Link, Via::Upload] {
        let answer = commit_to(t, via, crate::safety::confine::NO_SUCH_ID, b"hello").await?;
        match via {
            Via::Upload => answer.expect_status(409)?,
            Via::Link => t.expect_commit_failed(via, answer, "")?,
        };
    }
    Ok(())
}

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
