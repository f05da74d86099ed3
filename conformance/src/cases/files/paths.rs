//! Which paths and names a write takes, seen through `files/upload`.

use serde_json::json;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::client::Via;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    PARENTS_ARE_MADE,
    FILE_ON_THE_WAY,
    CASE_DOES_NOT_COUNT,
    LETTERS_ARE_COMPOSED,
    LOWER_CASE_LETTER_BY_LETTER,
    MALFORMED,
    MALFORMED_TO_READ,
    LONGEST_NAME,
    DISALLOWED,
    PROBE_DECOMPOSED_LOOK_UP,
    PROBE_BEYOND_THE_BASIC_PLANE,
    PROBE_ALMOST_DISALLOWED,
    ROOT_IS_NO_FILE,
    PROBE_ROOT,
    PROBE_CASE_OF_AN_OVERWRITE,
];

const PARENTS_ARE_MADE: Case = Case::observed("files/paths/parents-are-made")
    .rules(&["API-166"])
    .claim("Missing parent folders are made without a word.")
    .calls(3)
    .run(|t| Box::pin(parents_are_made(t)));

async fn parents_are_made(t: &Context) -> Verdict {
    t.upload(commit_info("/Homework/math/Matrices.txt"), b"x")
        .await?
        .expect_status(200)?;
    for folder in ["/Homework", "/Homework/math"] {
        t.look_at(folder)
            .await?
            .expect_status(200)?
            .by(&["API-166"])
            .expect_at("/.tag", "folder")?;
    }
    Ok(())
}

const FILE_ON_THE_WAY: Case = Case::required("files/paths/file-on-the-way")
    .rules(&["API-167", "API-175"])
    .claim("A file where a folder would have to be is a conflict with a file_ancestor.")
    .calls(2)
    .run(|t| Box::pin(file_on_the_way(t)));

async fn file_on_the_way(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    t.upload(commit_info("/a.txt/b.txt"), b"y")
        .await?
        .by(&["API-167"])
        .expect_error("path/conflict/file_ancestor")?;
    Ok(())
}

const CASE_DOES_NOT_COUNT: Case = Case::required("files/paths/case-does-not-count")
    .rules(&["API-168"])
    .claim("A file is found in any letter case and keeps the case in which it was written.")
    .calls(3)
    .run(|t| Box::pin(case_does_not_count(t)));

async fn case_does_not_count(t: &Context) -> Verdict {
    let written = t.given_file("/Straße/Ä.TXT", b"x").await?;
    let found = t.file("/straße/ä.txt").await?;
    if found.id() != written.id() || found.text("name") != "Ä.TXT" {
        return Err(t.fail("another entry was found, or its name lost its case"));
    }
    t.upload(commit_info("/STRAßE/ä.txt"), b"other")
        .await?
        .expect_error("path/conflict/file")?;
    Ok(())
}

const LETTERS_ARE_COMPOSED: Case = Case::observed("files/paths/letters-are-composed")
    .rules(&["API-269", "UL-32"])
    .claim("However a client spells its letters, they come composed, and both spellings name one file.")
    .calls(7)
    .run(|t| Box::pin(letters_are_composed(t)));

async fn letters_are_composed(t: &Context) -> Verdict {
    for (via, folder) in [(Via::Upload, "/upload"), (Via::Link, "/link")] {
        let (decomposed, composed) = (
            format!("{folder}/U\u{308}/e\u{301}.txt"),
            format!("{folder}/Ü/é.txt"),
        );
        t.commit(via, commit_info(&decomposed), b"x")
            .await?
            .expect_status(200)?;
        t.look_at(&composed)
            .await?
            .by(&["API-269"])
            .expect_status(200)?
            .expect_at("/name", "é.txt")?
            .expect_at("/path_display", t.path(&composed))?
            .expect_at("/path_lower", t.path(&composed).to_lowercase())?;
        t.upload(commit_info(&decomposed), b"other")
            .await?
            .by(&["API-269"])
            .expect_error("path/conflict/file")?;
    }
    Ok(())
}

const LOWER_CASE_LETTER_BY_LETTER: Case = Case::observed("files/paths/lower-case-letter-by-letter")
    .rules(&["API-270"])
    .claim("path_lower changes each letter for itself, by an old Unicode.")
    .calls(5)
    .run(|t| Box::pin(lower_case_letter_by_letter(t)));

async fn lower_case_letter_by_letter(t: &Context) -> Verdict {
    for (name, lower) in [
        ("ΣΑΣ", "σασ"),
        ("İx", "ix"),
        ("ᾈ", "ᾀ"),
        ("STRAßE", "straße"),
        ("ꙊẞꞪ", "ꙊẞꞪ"),
    ] {
        let path = format!("/{name}");
        let file = t.given_file(&path, b"x").await?;
        let found = file.text("path_lower");
        let wanted = t.path(&format!("/{lower}"));
        // Of the folder around it nothing is said here.
        let ends_well = found.rsplit('/').next() == wanted.rsplit('/').next();
        let text = format!("the path in lower case of {name} is {found}");
        t.expect(&["API-270"], ends_well, &text)?;
    }
    Ok(())
}

const MALFORMED: Case = Case::observed("files/paths/malformed")
    .rules(&["API-169", "API-174", "API-27"])
    .claim("A path that passes the pattern and cannot be written is a 409 without a value.")
    .calls(8)
    .run(|t| Box::pin(malformed(t)));

async fn malformed(t: &Context) -> Verdict {
    for path in [
        r"/arizona\baby",
        "//x",
        "/a//b",
        "/a/../b",
        "/./a",
        "/a.txt/",
        "/a.txt ",
        "/a\u{7f}b",
    ] {
        t.upload(commit_info(path), b"x")
            .await?
            .expect_error("path/malformed_path")?
            .expect_at("/error/reason", json!({".tag": "malformed_path"}))?;
    }
    Ok(())
}

const MALFORMED_TO_READ: Case = Case::observed("files/paths/malformed-to-read")
    .rules(&["API-169", "API-176"])
    .claim("A malformed path is a 409 on routes that read, too.")
    .calls(2)
    .run(|t| Box::pin(malformed_to_read(t)));

async fn malformed_to_read(t: &Context) -> Verdict {
    for path in [r"/arizona\baby", "//x"] {
        t.look_at(path)
            .await?
            .expect_error("path/malformed_path")?
            .expect_at("/error/path", json!({".tag": "malformed_path"}))?;
    }
    Ok(())
}

const LONGEST_NAME: Case = Case::observed("files/paths/longest-name")
    .rules(&["API-169", "API-170", "API-249"])
    .claim("A name may have 255 characters, counted as UTF-16 does, and no more.")
    .calls(5)
    .run(|t| Box::pin(longest_name(t)));

async fn longest_name(t: &Context) -> Verdict {
    let mut names = vec![("n".repeat(255), true), ("n".repeat(256), false)];
    // Whether such characters are taken at all is open (AQ-29).
    if t.upload(commit_info("/\u{1f600}"), b"x").await?.status() == 200 {
        names.extend([
            ("\u{1f600}".repeat(127), true),
            ("\u{1f600}".repeat(128), false),
        ]);
    }
    for (name, fits) in names {
        let answer = t.upload(commit_info(&format!("/{name}")), b"x").await?;
        if fits {
            answer.expect_status(200)?;
        } else {
            answer
                .by(&["API-170", "API-249"])
                .expect_error("path/malformed_path")?;
        }
    }
    Ok(())
}

const DISALLOWED: Case = Case::observed("files/paths/disallowed")
    .rules(&["API-171"])
    .claim("Names of system files are disallowed, in any letter case.")
    .calls(11)
    .run(|t| Box::pin(disallowed(t)));

async fn disallowed(t: &Context) -> Verdict {
    for name in [
        "desktop.ini",
        "Desktop.INI",
        "thumbs.db",
        ".DS_Store",
        "icon\r",
        ".dropbox",
        ".dropbox.attr",
        "~$report.docx",
        ".~lock",
        "~temporary.tmp",
        ".dropbox/inside.txt",
    ] {
        t.upload(commit_info(&format!("/{name}")), b"x")
            .await?
            .by(&["API-171"])
            .expect_error("path/disallowed_name")?;
    }
    Ok(())
}

const PROBE_DECOMPOSED_LOOK_UP: Case = Case::probe("files/paths/probe-decomposed-look-up")
    .rules(&["AQ-25", "API-269"])
    .claim("Whether decomposed letters find what is there under composed ones.")
    .calls(2)
    .run(|t| Box::pin(probe_decomposed_look_up(t)));

async fn probe_decomposed_look_up(t: &Context) -> Verdict {
    t.given_file("/é.txt", b"x").await?;
    let answer = t.look_at("/e\u{301}.txt").await?;
    if answer.status() == 200 {
        t.observe("AQ-25", "found");
    } else {
        answer.expect_error("path/not_found")?;
        t.observe("AQ-25", "not_found");
    }
    Ok(())
}

const PROBE_BEYOND_THE_BASIC_PLANE: Case = Case::probe("files/paths/probe-beyond-the-basic-plane")
    .rules(&["AQ-29", "API-274"])
    .claim("Whether a name may have a character outside the basic plane, by a link and without.")
    .calls(3)
    .run(|t| Box::pin(probe_beyond_the_basic_plane(t)));

async fn probe_beyond_the_basic_plane(t: &Context) -> Verdict {
    let by_link = t
        .commit(Via::Link, commit_info("/by link \u{1f600}"), b"x")
        .await?;
    let answer = t.upload(commit_info("/\u{1f600}"), b"x").await?;
    let answer = match (by_link.status(), answer.status()) {
        (200, 200) => "accepted".to_owned(),
        (409, 409) => answer.string_at("/error/reason/.tag")?,
        (link, upload) => format!("{link} by a link, {upload} without"),
    };
    t.observe("AQ-29", answer);
    Ok(())
}

const PROBE_ALMOST_DISALLOWED: Case = Case::probe("files/paths/probe-almost-disallowed")
    .rules(&["AQ-08.names", "API-171"])
    .claim("Whether names are stored that only resemble the disallowed ones.")
    .calls(5)
    .run(|t| Box::pin(probe_almost_disallowed(t)));

async fn probe_almost_disallowed(t: &Context) -> Verdict {
    let mut refused = Vec::new();
    for name in ["desktop.ini.txt", "thumbs", "icon", "~temporary", "a~$b"] {
        let answer = t.upload(commit_info(&format!("/{name}")), b"x").await?;
        if answer.status() != 200 {
            refused.push(format!("{name} gets {}", answer.status()));
        }
    }
    let answer = if refused.is_empty() {
        "all are stored".to_owned()
    } else {
        refused.join(", ")
    };
    t.observe("AQ-08.names", answer);
    Ok(())
}

const ROOT_IS_NO_FILE: Case = Case::observed("files/paths/root-is-no-file")
    .rules(&["API-60"])
    .claim("A commit to the root is refused with its argument.")
    .calls(3)
    .run(|t| Box::pin(root_is_no_file(t)));

async fn root_is_no_file(t: &Context) -> Verdict {
    let root = json!({"path": "/"});
    t.content("files/upload", root.clone(), b"x")
        .await?
        .by(&["API-60"])
        .expect_bad_request_with("path: The root folder is unsupported.")?;
    let cursor = json!({"session_id": "pid_upload_session:none", "offset": 0});
    let argument = json!({"cursor": cursor, "commit": root});
    t.content("files/upload_session/finish", argument, b"x")
        .await?
        .by(&["API-60"])
        .expect_bad_request_with("commit.path: The root folder is unsupported.")?;
    Ok(())
}

const PROBE_ROOT: Case = Case::probe("files/paths/probe-root")
    .rules(&["AQ-08", "API-95"])
    .claim("What a write to the root itself gets.")
    .calls(2)
    .run(|t| Box::pin(probe_root(t)));

async fn probe_root(t: &Context) -> Verdict {
    for path in ["/", ""] {
        let answer = t
            .content("files/upload", json!({ "path": path }), b"x")
            .await?;
        let tag = answer
            .string_at("/error/reason/.tag")
            .unwrap_or_else(|_| "text".to_owned());
        t.observe("AQ-08.root", format!("{path:?}: {} {tag}", answer.status()));
    }
    Ok(())
}

const PROBE_CASE_OF_AN_OVERWRITE: Case = Case::probe("files/paths/probe-case-of-an-overwrite")
    .rules(&["AQ-12"])
    .claim("Whether an overwrite in another letter case renames the entry.")
    .calls(3)
    .run(|t| Box::pin(probe_case_of_an_overwrite(t)));

async fn probe_case_of_an_overwrite(t: &Context) -> Verdict {
    t.given_file("/Case.txt", b"first").await?;
    t.given_file("/cASE.TXT", b"second").await?;
    let name = t.file("/case.txt").await?.text("name").to_owned();
    t.observe("AQ-12", if name == "cASE.TXT" { "yes" } else { "no" });
    Ok(())
}
