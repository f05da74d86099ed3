//! Names that a commit chooses: what autorename makes of a conflict, both ways.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::client::Via;
use crate::talk::commit_info::{CommitInfo, commit_info};
use crate::talk::content_hash::content_hash;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    AGAIN_AND_AGAIN,
    FREE_PATH,
    AUTORENAME_TAKES_THE_NEXT_NUMBER,
    IDENTICAL_CONTENT,
    STRICTLY,
    OVERWRITE_NEEDS_NO_NAME,
    PROBE_NUMBERING,
    PROBE_CONFLICTED_COPY,
    PROBE_FOLDER_IN_THE_WAY,
];

/// The file in the way, and under which names uploads to its path end.
struct Renamed {
    path: &'static str,
    names: &'static [&'static str],
}

const TAKES_THE_NEXT_NUMBER: &Renamed = &Renamed {
    path: "/file.txt",
    names: &["/file (1).txt"],
};

fn renaming(path: &str) -> CommitInfo {
    commit_info(path).autorename()
}

const AUTORENAME_TAKES_THE_NEXT_NUMBER: Case =
    Case::observed("commit/autorename/takes-the-next-number")
        .rules(&["UL-33", "UL-135", "API-161"])
        .claim("A conflict becomes (1) in front of the extension, and the file in the way stays.")
        .calls(12)
        .run(|t| Box::pin(renamed(t, TAKES_THE_NEXT_NUMBER)));

async fn renamed(t: &Context, renamed: &Renamed) -> Verdict {
    for (via, folder) in [(Via::Link, "/link"), (Via::Upload, "/upload")] {
        let path = format!("{folder}{}", renamed.path);
        t.given_file(&path, b"there").await?;
        for (name, body) in renamed.names.iter().zip([b"first", b"other"]) {
            let answer = t
                .commit(via, renaming(&path), body)
                .await?
                .expect_status(200)?;
            let name = format!("{folder}{name}");
            if via == Via::Upload {
                answer.expect_at("/path_display", t.path(&name))?;
            } else {
                t.expect_content(&name, body).await?;
            }
        }
        t.expect_content(&path, b"there").await?;
    }
    Ok(())
}

const AGAIN_AND_AGAIN: Case = Case::required("commit/autorename/again-and-again")
    .rules(&["UL-33", "API-161"])
    .claim("Each of six uploads with other content finds a name of its own, with an extension or without, and none is lost.")
    .calls(16)
    .run(|t| Box::pin(again_and_again(t)));

async fn again_and_again(t: &Context) -> Verdict {
    let mut wanted = Vec::new();
    let uploads = [
        ("/a.txt", b"first"),
        ("/a.txt", b"other"),
        ("/a.txt", b"third"),
        ("/a.txt", b"forth"),
        ("/README", b"fifth"),
        ("/README", b"sixth"),
    ];
    for (path, body) in uploads {
        t.commit(Via::Link, renaming(path), body)
            .await?
            .expect_status(200)?;
        wanted.push(content_hash(body));
    }
    let listing = t
        .rpc("files/list_folder", json!({"path": t.folder()}))
        .await?
        .expect_status(200)?;
    let entries = listing.at("/entries")?;
    let entries = entries.as_array().cloned().unwrap_or_default();
    let hash = |entry: &Value| {
        entry["content_hash"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let mut came: Vec<String> = entries.iter().map(hash).collect();
    came.sort();
    wanted.sort();
    let all = came == wanted;
    t.expect(
        &["UL-33"],
        all,
        "the folder does not hold each of the six contents once",
    )
}

const FREE_PATH: Case = Case::required("commit/autorename/free-path")
    .rules(&["UL-14", "UL-33"])
    .claim("Without a conflict autorename changes nothing.")
    .calls(5)
    .run(|t| Box::pin(free_path(t)));

async fn free_path(t: &Context) -> Verdict {
    t.commit(Via::Link, renaming("/link.txt"), b"hello")
        .await?
        .expect_status(200)?;
    t.expect_content("/link.txt", b"hello").await?;
    t.commit(Via::Upload, renaming("/upload.txt"), b"hello")
        .await?
        .expect_status(200)?
        .expect_at("/name", "upload.txt")?;
    t.expect_content("/upload.txt", b"hello").await?;
    Ok(())
}

const IDENTICAL_CONTENT: Case = Case::required("commit/autorename/identical-content")
    .rules(&["UL-32", "API-156", "API-157"])
    .claim("Identical content is no conflict, so there is nothing to rename.")
    .calls(7)
    .run(|t| Box::pin(identical_content(t)));

async fn identical_content(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"there").await?;
    for via in [Via::Link, Via::Upload] {
        t.commit(via, renaming("/a.txt"), b"there")
            .await?
            .expect_status(200)?;
        t.expect_nothing_at("/a (1).txt").await?;
    }
    t.expect_content("/a.txt", b"there").await?;
    Ok(())
}

const STRICTLY: Case = Case::required("commit/autorename/strictly")
    .rules(&["UL-18", "UL-180", "API-161"])
    .claim("With strict_conflict identical content conflicts, and so it is renamed.")
    .calls(7)
    .run(|t| Box::pin(strictly(t)));

async fn strictly(t: &Context) -> Verdict {
    for (via, folder) in [(Via::Link, "/link"), (Via::Upload, "/upload")] {
        let path = format!("{folder}/a.txt");
        t.given_file(&path, b"there").await?;
        let info = renaming(&path).strict_conflict();
        t.commit(via, info, b"there").await?.expect_status(200)?;
        t.shows(
            &["UL-180"],
            t.expect_content(&format!("{folder}/a (1).txt"), b"there"),
        )
        .await?;
    }
    Ok(())
}

const OVERWRITE_NEEDS_NO_NAME: Case = Case::required("commit/autorename/overwrite-needs-no-name")
    .rules(&["UL-32", "API-156"])
    .claim("An overwrite replaces the file in its way although it may rename.")
    .calls(7)
    .run(|t| Box::pin(overwrite_needs_no_name(t)));

async fn overwrite_needs_no_name(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"there").await?;
    for (via, body) in [(Via::Link, b"one"), (Via::Upload, b"two")] {
        t.commit(via, renaming("/a.txt").overwrite(), body)
            .await?
            .expect_status(200)?;
        t.expect_content("/a.txt", body).await?;
    }
    t.expect_nothing_at("/a (1).txt").await
}

const PROBE_NUMBERING: Case = Case::probe("commit/autorename/probe-numbering")
    .rules(&["AQ-10.numbering", "API-161"])
    .claim(
        "What becomes of names without an extension, with two, with a dot in front and with a \
         number.",
    )
    .calls(19)
    .run(|t| Box::pin(probe_numbering(t)));

async fn probe_numbering(t: &Context) -> Verdict {
    let mut names = Vec::new();
    for name in [
        "plain",
        "archive.tar.gz",
        ".hidden",
        "file (1).txt",
        "file (a).txt",
        "v1.2.",
    ] {
        let path = format!("/{name}");
        t.given_file(&path, b"there").await?;
        let answer = t.upload(renaming(&path), b"other").await?;
        names.push(match answer.status() {
            200 => answer.string_at("/name")?,
            status => format!("{name} gets {status}"),
        });
    }
    // The number after (1).
    let again = t.upload(renaming("/plain"), b"a third").await?;
    names.push(again.string_at("/name").unwrap_or_default());
    t.observe("AQ-10.numbering", names.join(" | "));
    Ok(())
}

const PROBE_CONFLICTED_COPY: Case = Case::probe("commit/autorename/probe-conflicted-copy")
    .rules(&["AQ-10", "UL-33", "API-162"])
    .claim("What an update of another rev appends to the name.")
    .calls(5)
    .run(|t| Box::pin(probe_conflicted_copy(t)));

async fn probe_conflicted_copy(t: &Context) -> Verdict {
    t.given_file("/document.txt", b"there").await?;
    let info = renaming("/document.txt").update("0123456789abcdef");
    let answer = t.upload(info, b"other").await?.expect_status(200)?;
    let name = answer.string_at("/name")?;
    let words = name
        .strip_prefix("document ")
        .and_then(|rest| rest.strip_suffix(".txt"))
        .unwrap_or(&name);
    let account = t.rpc("users/get_current_account", Value::Null).await?;
    let whose = account.string_at("/name/display_name")?;
    t.observe("AQ-10", words.replace(&whose, "{display_name}"));
    Ok(())
}

const PROBE_FOLDER_IN_THE_WAY: Case = Case::probe("commit/autorename/probe-folder-in-the-way")
    .rules(&["AQ-10.folder", "API-161"])
    .claim("Whether a file finds another name when a folder is in its way.")
    .calls(4)
    .run(|t| Box::pin(probe_folder_in_the_way(t)));

async fn probe_folder_in_the_way(t: &Context) -> Verdict {
    t.given_folder("/taken").await?;
    let answer = t.upload(renaming("/taken"), b"other").await?;
    let answer = match answer.status() {
        200 => format!("it is named {}", answer.string_at("/name")?),
        409 => "it conflicts".to_owned(),
        status => status.to_string(),
    };
    t.observe("AQ-10.folder", answer);
    Ok(())
}
