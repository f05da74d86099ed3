//! Searches.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::talk::answer::Answer;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[BY_WORDS, WITH_OPTIONS, PAGES, NO_SUCH_FOLDER, OLDER];

async fn found(t: &Context, route: &str, query: &str, most: u64) -> Result<Answer, Failure> {
    let options = json!({"path": t.path(""), "max_results": most, "filename_only": true});
    let argument = if route == "files/search" {
        json!({"path": t.path(""), "query": query, "max_results": most})
    } else {
        json!({"query": query, "options": options})
    };
    found_by(t, route, argument).await
}

/// What was just written need not be found at once: asks until something is.
async fn found_by(t: &Context, route: &str, argument: Value) -> Result<Answer, Failure> {
    for _ in 0..TRIES {
        let answer = t.rpc(route, argument.clone()).await?.expect_status(200)?;
        if answer.at("/matches/0").is_ok() {
            return Ok(answer);
        }
        t.let_pass(Duration::from_secs(5)).await?;
    }
    Err(t.fail("nothing was found in half a minute"))
}

const TRIES: u64 = 6;

/// The match that this file is, found by its name; nothing is highlighted unasked.
async fn by_name(t: &Context, name: &str) -> Result<Value, Failure> {
    let metadata = json!({".tag": "metadata", "metadata": t.entry(&format!("/{name}")).await?});
    Ok(json!({"match_type": {".tag": "filename"}, "metadata": metadata}))
}

const BY_WORDS: Case = Case::observed("files/search/by-words")
    .rules(&["RT-80", "RT-81", "RT-85", "RT-88", "RT-90"])
    .claim("search_v2 finds a file by a word of its name, two levels deep and without a cursor.")
    .calls(3 + TRIES)
    .waiting(30)
    .run(|t| Box::pin(by_words(t)));

async fn by_words(t: &Context) -> Verdict {
    t.given_file("/findable_file.txt", b"test").await?;
    found(t, "files/search_v2", "findable_file", 10)
        .await?
        .by(&["RT-85", "RT-90"])
        .expect_at("/has_more", false)?
        .expect_at("/matches/0", by_name(t, "findable_file.txt").await?)?
        .by(&["RT-88"])
        .expect_nothing_at("/cursor")?;
    Ok(())
}

const WITH_OPTIONS: Case = Case::required("files/search/with-options")
    .rules(&["RT-81", "RT-94"])
    .claim("A search is in the folder that it names, and for the extensions that it names.")
    .calls(3 + TRIES)
    .waiting(30)
    .run(|t| Box::pin(with_options(t)));

async fn with_options(t: &Context) -> Verdict {
    // The one that is wanted is written last: where it is found the others can be, too.
    for path in ["/out/wanted.txt", "/in/wanted.png", "/in/wanted.txt"] {
        t.given_file(path, b"test").await?;
    }
    let options = json!({"path": t.path("/in"), "file_extensions": ["txt"], "filename_only": true});
    let argument = json!({"query": "wanted", "options": options});
    found_by(t, "files/search_v2", argument)
        .await?
        .by(&["RT-81", "RT-94"])
        .expect_at(
            "/matches/0/metadata/metadata/path_display",
            t.path("/in/wanted.txt"),
        )?
        .expect_nothing_at("/matches/1")?;
    Ok(())
}

const PAGES: Case = Case::observed("files/search/pages")
    .rules(&["RT-84", "RT-88", "RT-89", "RT-94"])
    .claim("A search of more than max_results goes on with its cursor, in the same form.")
    .calls(5 + TRIES)
    .waiting(30)
    .run(|t| Box::pin(pages(t)));

async fn pages(t: &Context) -> Verdict {
    t.given_file("/page one.txt", b"1").await?;
    t.given_file("/page two.txt", b"2").await?;
    let first = found(t, "files/search_v2", "page", 1)
        .await?
        .by(&["RT-88", "RT-94"])
        .expect_at("/has_more", true)?
        .expect_nothing_at("/matches/1")?;
    let cursor = json!({"cursor": first.string_at("/cursor")?});
    let second = t
        .rpc("files/search/continue_v2", cursor)
        .await?
        .expect_status(200)?
        .by(&["RT-84", "RT-89"])
        .expect_at("/has_more", false)?
        .expect_nothing_at("/matches/1")?;
    let name = "/matches/0/metadata/metadata/name";
    for page in [&first, &second] {
        let wanted = by_name(t, &page.string_at(name)?).await?;
        page.clone().expect_at("/matches/0", wanted)?;
    }
    t.expect(
        &["RT-84"],
        first.string_at(name)? != second.string_at(name)?,
        "the second page has what the first one had",
    )
}

const NO_SUCH_FOLDER: Case = Case::observed("files/search/no-such-folder")
    .rules(&["RT-02", "RT-87"])
    .claim("A search in a folder that is not there finds nothing, in these bytes.")
    .calls(1)
    .run(|t| Box::pin(no_such_folder(t)));

async fn no_such_folder(t: &Context) -> Verdict {
    let argument = json!({"query": "image.png", "options": {"path": t.path("/bad_folder")}});
    t.rpc("files/search_v2", argument)
        .await?
        .expect_status(200)?
        .by(&["RT-02", "RT-87"])
        .expect_text(r#"{"has_more":false,"matches":[]}"#)?;
    Ok(())
}

const OLDER: Case = Case::required("files/search/older-form")
    .rules(&["RT-91", "RT-99"])
    .claim("files/search finds bat cave by bat c, one level deep, and says where it goes on.")
    .calls(3 + TRIES)
    .waiting(30)
    .run(|t| Box::pin(older(t)));

async fn older(t: &Context) -> Verdict {
    t.given_file("/batman car.txt", b"1").await?;
    t.given_file("/bat cave.txt", b"2").await?;
    found(t, "files/search", "bat c", 10)
        .await?
        .by(&["RT-91", "RT-99"])
        .expect_at("/matches/0/match_type/.tag", "filename")?
        .expect_at("/matches/0/metadata", t.entry("/bat cave.txt").await?)?
        .expect_nothing_at("/matches/1")?
        .by(&["RT-99"])
        .expect_at("/more", false)?
        .expect_at("/start", 1)?;
    Ok(())
}
