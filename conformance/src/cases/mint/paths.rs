//! The path of a mint: the pattern, and nothing but the pattern.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::cases::mint::arguments::{Refusals, refused};
use crate::failure::{Failure, Verdict};
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    PATHS_PATTERN,
    PATHS_NO_STRING,
    ANY_LENGTH,
    RELATIVE_TO_A_FOLDER_ID,
    LETTER_CASE,
    KEEPS_ITS_LETTERS,
    PROBE_SEMANTICS,
    PROBE_PATTERN,
];

const PATHS_NO_STRING: Case = Case::observed("mint/paths/no-string")
    .rules(&["UL-12", "UL-73", "UL-74", "API-51", "API-76"])
    .claim("A path that is no string is printed as Python would print it.")
    .calls(2)
    .run(|t| Box::pin(refused(t, NO_STRING)));

/// The pattern since 2026-05 (UL-23).
const PATTERN: &str = r"(/(.|[\r\n])*)|(ns:[0-9]+(/(.|[\r\n])*)?)|(id:.*)";
/// The pattern of before (UL-24).
const OLDER_PATTERN: &str = r"(/(.|[\r\n])*)|(ns:[0-9]+(/.*)?)|(id:.*)";

const NO_STRING: Refusals = &[
    (
        r#"{"commit_info":{"path":1}}"#,
        "commit_info.path: '1' expected to be a string, got integer",
        &["UL-73"],
    ),
    (
        r#"{"commit_info":{"path":null}}"#,
        "commit_info.path: 'None' expected to be a string, got null",
        &["UL-74"],
    ),
];

fn with_path(path: &str) -> Value {
    json!({"commit_info": {"path": path}})
}

const PATHS_PATTERN: Case = Case::observed("mint/paths/pattern")
    .rules(&[
        "UL-12", "UL-23", "UL-26", "UL-72", "UL-76", "API-53", "API-191",
    ])
    .claim("A path that is outside of the pattern is a 400 that prints value and pattern.")
    .calls(5)
    .run(|t| Box::pin(outside_of_the_pattern(t)));

async fn outside_of_the_pattern(t: &Context) -> Verdict {
    for path in ["a", "", "rev:a1c10ce0dd78", "ns:abc", "id:a\nb"] {
        let answer = t.mint_with(with_path(path)).await?;
        // The real server printed the older pattern in 2025 (UL-25); a probe asks which it is.
        let pattern = if answer.text().contains(OLDER_PATTERN) {
            OLDER_PATTERN
        } else {
            PATTERN
        };
        let message = format!("'{path}' did not match pattern '{pattern}'");
        answer
            .by(&["UL-72", "UL-76"])
            .expect_bad_request(&format!("request body: commit_info.path: {message}"))?;
    }
    Ok(())
}

const ANY_LENGTH: Case = Case::required("mint/paths/any-length")
    .rules(&["UL-28"])
    .claim("The mint sets no limit to the length of a path.")
    .calls(1)
    .run(|t| Box::pin(any_length(t)));

async fn any_length(t: &Context) -> Verdict {
    let path = format!("/{}", "long/".repeat(600) + &"x".repeat(200));
    t.shows(&["UL-28"], t.mint(commit_info(&path))).await?;
    Ok(())
}

const RELATIVE_TO_A_FOLDER_ID: Case = Case::observed("mint/paths/relative-to-a-folder-id")
    .rules(&["UL-29", "UL-89", "API-199"])
    .claim("A path relative to the id of a folder is minted, and the file lands in that folder.")
    .calls(4)
    .run(|t| Box::pin(relative_to_a_folder_id(t)));

async fn relative_to_a_folder_id(t: &Context) -> Verdict {
    let folder = t.given_folder("/folder").await?.string_at("/metadata/id")?;
    let argument = with_path(&format!("{folder}/Client Uploads/a.txt"));
    let answer = t.mint_with(argument.clone()).await?.expect_status(200)?;
    let link = t.link_of(&answer, &argument)?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    t.shows(
        &["UL-89"],
        t.expect_content("/folder/Client Uploads/a.txt", b"hello"),
    )
    .await?;
    Ok(())
}

const LETTER_CASE: Case = Case::required("mint/paths/letter-case")
    .rules(&["UL-29", "API-168"])
    .claim(
        "Letter case does not tell paths apart, and the name keeps the case that it was written \
         in.",
    )
    .calls(4)
    .run(|t| Box::pin(letter_case(t)));

async fn letter_case(t: &Context) -> Verdict {
    t.given_file("/Name.TXT", b"first").await?;
    let link = t.mint(commit_info("/nAME.txt").overwrite()).await?;
    t.consume(&link, b"second").await?.expect_status(200)?;
    let file = t.expect_content("/NAME.txt", b"second").await?;
    if file.text("path_lower") != file.text("path_lower").to_lowercase() {
        return Err(t.fail("path_lower is not in lower case"));
    }
    if !file.text("name").eq_ignore_ascii_case("name.txt") || file.text("name") == "name.txt" {
        return Err(t.fail("the name lost its letter case"));
    }
    Ok(())
}

const KEEPS_ITS_LETTERS: Case = Case::required("mint/paths/keeps-its-letters")
    .rules(&["UL-29", "API-168"])
    .claim("A new file and the parents that are made for it keep the letter case of the mint.")
    .calls(6)
    .run(|t| Box::pin(keeps_its_letters(t)));

async fn keeps_its_letters(t: &Context) -> Verdict {
    const PATH: &str = "/In Box/rePORT of MAY.Txt";
    let link = t.mint(commit_info(PATH)).await?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    t.look_at(PATH)
        .await?
        .expect_status(200)?
        .by(&["API-168"])
        .expect_at("/name", "rePORT of MAY.Txt")?
        .expect_string_that("/path_display", "ends in the path of the mint", |path| {
            path.ends_with(PATH)
        })?
        .expect_at("/path_lower", t.path(PATH).to_lowercase())?;
    t.look_at("/In Box")
        .await?
        .expect_status(200)?
        .expect_at("/name", "In Box")?;
    // Asked for in other letters, the answer keeps those of the mint.
    t.look_at("/IN BOX/Report Of may.TXT")
        .await?
        .expect_status(200)?
        .expect_at("/name", "rePORT of MAY.Txt")?;
    Ok(())
}

const PATTERN_ONLY: &str = "pattern_only";

/// Says about each path whether a mint takes it, in one word where all fare alike.
async fn fare(t: &Context, paths: &[&str]) -> Result<String, Failure> {
    let mut statuses = Vec::new();
    for path in paths {
        statuses.push((path, t.mint_with(with_path(path)).await?.status()));
    }
    let all = |wanted: u16| statuses.iter().all(|(_, status)| *status == wanted);
    if all(200) {
        return Ok(PATTERN_ONLY.to_owned());
    }
    if all(400) {
        return Ok("semantic".to_owned());
    }
    let refused = statuses.iter().filter(|(_, status)| *status != 200);
    let refused: Vec<_> = refused
        .map(|(path, status)| format!("{path} gets {status}"))
        .collect();
    Ok(refused.join(", "))
}

const PROBE_SEMANTICS: Case = Case::probe("mint/paths/probe-semantics")
    .rules(&["OQ-16", "AQ-08", "UL-26", "UL-75", "UL-85"])
    .claim("Whether the mint judges a path that passes the pattern but cannot be written.")
    .calls(9)
    .run(|t| Box::pin(probe_semantics(t)));

async fn probe_semantics(t: &Context) -> Verdict {
    let answer = fare(t, &["/", "/a/", "//a", "/a//b", "/a/../b"]).await?;
    // These can be judged only by looking at the account.
    let ids = fare(t, &["id:", "id:abc", "ns:123", "ns:123/"]).await?;
    if answer == PATTERN_ONLY && ids == PATTERN_ONLY {
        t.confirms(&["UL-75"]);
    } else {
        t.contradicts(&["UL-75"]);
    }
    t.observe("OQ-16", answer);
    t.observe("OQ-16.ids", ids);
    Ok(())
}

const PROBE_PATTERN: Case = Case::probe("mint/paths/probe-pattern")
    .rules(&["AQ-07", "UL-24", "UL-25", "API-194"])
    .claim("Which of the two known patterns is enforced and printed.")
    .calls(2)
    .run(|t| Box::pin(probe_pattern(t)));

async fn probe_pattern(t: &Context) -> Verdict {
    let printed = t
        .mint_with(with_path("a"))
        .await?
        .expect_status(400)?
        .text();
    let with_line_break = t.mint_with(with_path("ns:1/a\nb")).await?.status();
    let answer = match with_line_break {
        200 if printed.contains(PATTERN) => "spec_2026",
        400 if printed.contains(OLDER_PATTERN) => "older",
        _ => "one is printed, the other enforced",
    };
    t.observe("AQ-07", answer);
    Ok(())
}
