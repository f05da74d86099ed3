//! Folders: made, listed, followed.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::http::Request;
use crate::talk::answer::Answer;
use crate::talk::client::Via;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;
use crate::talk::quoted::quoted;

pub const CASES: &[Case] = &[
    OVER_SOMETHING,
    AUTORENAME,
    SHAPE,
    ENTRIES_ARE_THE_METADATA,
    RECURSIVE,
    PAGES,
    OF_A_FILE,
    DELETED_ONES,
    TELLS_WHAT_IS_NEW,
    SKIPS_WHAT_IS_THERE,
    CHANGES,
    TAKES_NO_AUTHORIZATION,
    PROBE_PROPERTY_GROUPS,
    PROBE_ORDER,
];

async fn create(t: &Context, path: &str, autorename: bool) -> Result<Answer, Failure> {
    let argument = json!({"path": t.path(path), "autorename": autorename});
    t.rpc("files/create_folder_v2", argument).await
}

const OVER_SOMETHING: Case = Case::observed("folders/create/over-something")
    .rules(&["API-165", "API-184", "API-234"])
    .claim("A folder over a file or a folder is a conflict that says which.")
    .calls(4)
    .run(|t| Box::pin(create_over_something(t)));

async fn create_over_something(t: &Context) -> Verdict {
    t.given_file("/file", b"x").await?;
    t.given_folder("/folder").await?;
    for kind in ["file", "folder"] {
        create(t, &format!("/{kind}"), false)
            .await?
            .expect_error(&format!("path/conflict/{kind}"))?
            .by(&["API-234"])
            .expect_at(
                "/error/path",
                json!({".tag": "conflict", "conflict": {".tag": kind}}),
            )?;
    }
    Ok(())
}

const AUTORENAME: Case = Case::observed("folders/create/autorename")
    .rules(&["API-161", "API-220"])
    .claim("With autorename the second folder of a name gets the number (1).")
    .calls(2)
    .run(|t| Box::pin(create_autorename(t)));

async fn create_autorename(t: &Context) -> Verdict {
    t.given_folder("/Create Batch 1").await?;
    create(t, "/Create Batch 1", true)
        .await?
        .expect_status(200)?
        .expect_at("/metadata/name", "Create Batch 1 (1)")?;
    Ok(())
}

/// Lists the case's folder, or one below it, to its last page.
async fn list(t: &Context, path: &str, options: Value) -> Result<(Vec<Value>, String), Failure> {
    let mut argument = json!({"path": t.path(path)});
    for (name, value) in options.as_object().into_iter().flatten() {
        argument[name] = value.clone();
    }
    let answer = t.rpc("files/list_folder", argument).await?;
    rest_of(t, answer).await
}

async fn go_on(t: &Context, cursor: &str) -> Result<(Vec<Value>, String), Failure> {
    let answer = t
        .rpc("files/list_folder/continue", json!({ "cursor": cursor }))
        .await?;
    rest_of(t, answer).await
}

/// Follows a listing to its end; the case's budget bounds the loop.
async fn rest_of(t: &Context, answer: Answer) -> Result<(Vec<Value>, String), Failure> {
    let mut entries = Vec::new();
    let mut page = answer;
    loop {
        page = page.expect_status(200)?;
        entries.extend(page.at("/entries")?.as_array().cloned().unwrap_or_default());
        let cursor = page.string_at("/cursor")?;
        if page.at("/has_more")? != Value::Bool(true) {
            return Ok((entries, cursor));
        }
        let more = t.rpc("files/list_folder/continue", json!({ "cursor": cursor }));
        page = match more.await {
            // The case knows how much there is: more pages than it pays for are no end of a listing.
            Err(Failure::Refused(_)) => {
                let last = page.text();
                return Err(t.fail(&format!(
                    "expected that the listing comes to its end; what came: has_more is still true after \
                     {} entries, and the last page is {}",
                    entries.len(),
                    quoted(&last)
                )));
            }
            more => more?,
        };
    }
}

/// `file a.txt` for each entry, sorted.
fn shown(entries: &[Value]) -> Vec<String> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let mut shown: Vec<_> = entries
        .iter()
        .map(|entry| format!("{} {}", text(entry, ".tag"), text(entry, "name")))
        .collect();
    shown.sort();
    shown
}

fn expect_entries(t: &Context, entries: &[Value], wanted: &[&str]) -> Verdict {
    let came = shown(entries);
    if came == wanted {
        return Ok(());
    }
    let (wanted, came) = (wanted.join(", "), came.join(", "));
    Err(t.fail(&format!(
        "expected the entries: {wanted}; what came: {came}"
    )))
}

const ENTRIES_ARE_THE_METADATA: Case = Case::required("folders/listing/entries-are-the-metadata")
    .rules(&["API-168", "API-209"])
    .claim("An entry of a listing, and of what is new, says of a file and of a folder what get_metadata says.")
    .calls(9)
    .run(|t| Box::pin(entries_are_the_metadata(t)));

async fn entries_are_the_metadata(t: &Context) -> Verdict {
    t.given_file("/A File.txt", b"first").await?;
    let list = || t.rpc("files/list_folder", json!({"path": t.folder()}));
    let (first, cursor) = rest_of(t, list().await?).await?;
    t.given_file("/A File.txt", b"another").await?;
    t.given_folder("/A Folder").await?;
    let (news, _) = go_on(t, &cursor).await?;
    let (now, _) = rest_of(t, list().await?).await?;
    let file = t.look_at("/A File.txt").await?.expect_status(200)?;
    let folder = t.look_at("/A Folder").await?.expect_status(200)?;
    for entries in [&news, &now] {
        expect_entries(t, entries, &["file A File.txt", "folder A Folder"])?;
        for entry in entries {
            let there = if entry[".tag"] == "file" {
                &file
            } else {
                &folder
            };
            there.clone().by(&["API-209"]).expect_json(entry)?;
        }
    }
    let [old] = &first[..] else {
        return Err(t.fail("expected that the folder has one entry"));
    };
    file.expect_at("/id", old["id"].clone())?
        .expect_at("/size", 7)?;
    Ok(())
}

const SHAPE: Case = Case::required("folders/list/shape")
    .rules(&["API-202", "API-211", "API-217"])
    .claim("A listing has entries with tags, a cursor and has_more.")
    .calls(4)
    .run(|t| Box::pin(list_shape(t)));

async fn list_shape(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    t.given_folder("/b").await?;
    let answer = t
        .rpc("files/list_folder", json!({"path": t.folder()}))
        .await?
        .expect_status(200)?
        .expect_keys("", &["entries", "cursor", "has_more"])?
        .expect_string_that("/cursor", "is base64url", |cursor| {
            cursor.len() >= 20
                && cursor
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte))
        })?;
    for entry in answer.at("/entries")?.as_array().into_iter().flatten() {
        if !entry[".tag"].is_string() {
            return Err(answer.differs("each entry has its tag", &entry.to_string()));
        }
    }
    let (entries, _) = rest_of(t, answer).await?;
    expect_entries(t, &entries, &["file a.txt", "folder b"])
}

const RECURSIVE: Case = Case::required("folders/list/recursive")
    .rules(&["API-217"])
    .claim("Only a recursive listing goes deeper, and it goes all the way down.")
    .calls(4)
    .run(|t| Box::pin(list_recursive(t)));

async fn list_recursive(t: &Context) -> Verdict {
    t.given_file("/one/two/a.txt", b"x").await?;
    t.given_file("/one/two/three/four/b.txt", b"x").await?;
    let (entries, _) = list(t, "/one", json!({})).await?;
    expect_entries(t, &entries, &["folder two"])?;
    let (entries, _) = list(t, "/one", json!({"recursive": true})).await?;
    let wanted = [
        "file a.txt",
        "file b.txt",
        "folder four",
        "folder one",
        "folder three",
        "folder two",
    ];
    expect_entries(t, &entries, &wanted)
}

const PAGES: Case = Case::required("folders/list/pages")
    .rules(&["API-217", "API-218", "API-236", "API-248"])
    .claim("A limit gives pages, and the pages together every entry once.")
    .calls(12)
    .run(|t| Box::pin(list_pages(t)));

async fn list_pages(t: &Context) -> Verdict {
    for name in ["/a", "/b", "/c", "/d", "/e"] {
        t.given_folder(name).await?;
    }
    let (entries, _) = list(t, "", json!({"limit": 2})).await?;
    expect_entries(
        t,
        &entries,
        &["folder a", "folder b", "folder c", "folder d", "folder e"],
    )
}

const OF_A_FILE: Case = Case::observed("folders/list/of-a-file")
    .rules(&["API-179", "API-235"])
    .claim("A file cannot be listed.")
    .calls(2)
    .run(|t| Box::pin(list_of_a_file(t)));

async fn list_of_a_file(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    t.rpc("files/list_folder", json!({"path": t.path("/a.txt")}))
        .await?
        .expect_error("path/not_folder")?;
    Ok(())
}

const DELETED_ONES: Case = Case::required("folders/list/deleted-ones")
    .rules(&["API-211", "API-217"])
    .claim("Deleted entries are listed only if they are asked for.")
    .calls(4)
    .run(|t| Box::pin(list_deleted_ones(t)));

async fn list_deleted_ones(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    let argument = json!({"path": t.path("/a.txt")});
    t.rpc("files/delete_v2", argument)
        .await?
        .expect_status(200)?;
    let (entries, _) = list(t, "", json!({})).await?;
    expect_entries(t, &entries, &[])?;
    let (entries, _) = list(t, "", json!({"include_deleted": true})).await?;
    expect_entries(t, &entries, &["deleted a.txt"])
}

const TELLS_WHAT_IS_NEW: Case = Case::observed("folders/continue/tells-what-is-new")
    .rules(&["API-180", "API-211", "API-218", "API-236"])
    .claim("A continued listing tells what was added, by a link too, changed and deleted since, and nothing else; its cursor tells it again.")
    .calls(14)
    .run(|t| Box::pin(continue_tells_what_is_new(t)));

async fn continue_tells_what_is_new(t: &Context) -> Verdict {
    t.given_file("/old.txt", b"x").await?;
    t.given_file("/gone.txt", b"x").await?;
    t.given_folder("/left").await?;
    let (_, cursor) = list(t, "", json!({})).await?;
    let (entries, cursor) = go_on(t, &cursor).await?;
    expect_entries(t, &entries, &[])?;
    t.given_file("/new.txt", b"x").await?;
    t.commit(Via::Link, commit_info("/linked.txt"), b"x")
        .await?
        .expect_status(200)?;
    for path in ["/gone.txt", "/left"] {
        t.rpc("files/delete_v2", json!({"path": t.path(path)}))
            .await?
            .expect_status(200)?;
    }
    let wanted = [
        "deleted gone.txt",
        "deleted left",
        "file linked.txt",
        "file new.txt",
    ];
    let (entries, _) = go_on(t, &cursor).await?;
    expect_entries(t, &entries, &wanted)?;
    let (entries, _) = go_on(t, &cursor).await?;
    expect_entries(t, &entries, &wanted)?;
    let deleted = entries.iter().find(|entry| entry[".tag"] == "deleted");
    let mut keys = deleted.map(crate::talk::spelling::keys).unwrap_or_default();
    keys.sort_unstable();
    if keys == [".tag", "name", "path_display", "path_lower"] {
        return Ok(());
    }
    Err(t.fail(&format!("a deleted entry has the keys {}", keys.join(", "))))
}

const SKIPS_WHAT_IS_THERE: Case = Case::required("folders/latest-cursor/skips-what-is-there")
    .rules(&["API-202", "API-218"])
    .claim("A latest cursor tells what comes after it only.")
    .calls(5)
    .run(|t| Box::pin(latest_cursor(t)));

async fn latest_cursor(t: &Context) -> Verdict {
    t.given_file("/old.txt", b"x").await?;
    let answer = t
        .rpc(
            "files/list_folder/get_latest_cursor",
            json!({"path": t.folder()}),
        )
        .await?
        .expect_status(200)?
        .expect_keys("", &["cursor"])?;
    let cursor = answer.string_at("/cursor")?;
    t.given_file("/new.txt", b"x").await?;
    let (entries, _) = go_on(t, &cursor).await?;
    expect_entries(t, &entries, &["file new.txt"])
}

const CHANGES: Case = Case::observed("folders/longpoll/changes")
    .rules(&["API-01", "API-21", "API-142"])
    .claim("The long poll needs no token and says that something changed.")
    .calls(4)
    .run(|t| Box::pin(longpoll(t)));

async fn longpoll(t: &Context) -> Verdict {
    t.given_folder("/sub").await?;
    let (_, cursor) = list(t, "", json!({})).await?;
    t.given_file("/new.txt", b"x").await?;
    let url = format!("{}/2/files/list_folder/longpoll", t.target().notify());
    let request = Request::post(url)
        .content_type("application/json")
        .body(json!({"cursor": cursor, "timeout": 30}).to_string());
    t.send(request)
        .await?
        .expect_status(200)?
        .expect_header("X-Dropbox-Response-Origin", "remote")?
        .expect_header_if_any("X-Db-Timeout", "120")?
        .expect_header_if_any("Pragma", "no-cache")?
        .expect_json(&json!({"changes": true}))?;
    Ok(())
}

const TAKES_NO_AUTHORIZATION: Case = Case::observed("folders/longpoll/takes-no-authorization")
    .rules(&["API-263", "API-264"])
    .claim("The long poll refuses a request that has a token, before it looks at anything else.")
    .calls(2)
    .run(|t| Box::pin(longpoll_with_a_token(t)));

async fn longpoll_with_a_token(t: &Context) -> Verdict {
    let words = "Your request includes an Authorization header, but this function does not use it.";
    let request = t.rpc_request("files/list_folder/longpoll", &json!({"cursor": "foo"}));
    let url = format!("{}/2/files/list_folder/longpoll", t.target().notify());
    let request = Request { url, ..request };
    let answer = t.send(request.clone()).await?;
    answer
        .by(&["API-263"])
        .expect_bad_request(words)?
        .by(&["API-264"])
        .expect_header_if_any("X-Db-Timeout", "120")?
        .expect_header_if_any("Pragma", "no-cache")?;
    let without = request.without_header("Authorization");
    let refused = t.send(without).await?.refusal()?;
    t.expect(
        &["API-263"],
        !refused.contains("Authorization"),
        "a request without a token is refused for one",
    )
}

const PROBE_PROPERTY_GROUPS: Case = Case::probe("folders/probe-property-groups")
    .rules(&["AQ-18", "API-210", "API-278"])
    .claim("In which pages of a listing property_groups appears.")
    .calls(4)
    .run(|t| Box::pin(probe_property_groups(t)));

async fn probe_property_groups(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"x").await?;
    let (listed, cursor) = list(t, "", json!({})).await?;
    t.given_file("/b.txt", b"x").await?;
    let (continued, _) = go_on(t, &cursor).await?;
    let has = |entries: &[Value]| {
        let mut groups = entries.iter().map(|entry| entry.get("property_groups"));
        groups.any(|groups| groups.is_some())
    };
    let answer = match (has(&listed), has(&continued)) {
        (false, true) => {
            t.confirms(&["API-210"]);
            "continue_only"
        }
        (false, false) => {
            t.contradicts(&["API-210"]);
            "never"
        }
        (true, true) => {
            t.confirms(&["API-210", "API-278"]);
            "always"
        }
        (true, false) => "not when continued",
    };
    t.observe("AQ-18", answer);
    Ok(())
}

const PROBE_ORDER: Case = Case::probe("folders/list/probe-order")
    .rules(&["AQ-28", "API-272"])
    .claim("In which order a folder is listed, which nothing documents.")
    .calls(10)
    .run(|t| Box::pin(probe_order(t)));

async fn probe_order(t: &Context) -> Verdict {
    for name in ["z", "y", "x", "w"] {
        t.given_file(&format!("/{name}"), b"x").await?;
    }
    for name in ["d", "c", "b", "a"] {
        t.given_folder(&format!("/{name}")).await?;
    }
    t.upload(commit_info("/z").overwrite(), b"new")
        .await?
        .expect_status(200)?;
    let (entries, _) = list(t, "", json!({})).await?;
    let names: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry["name"].as_str())
        .collect();
    let as_seen = names == ["d", "c", "b", "a", "y", "x", "w", "z"];
    t.observe("AQ-28", if as_seen { "as_seen" } else { "shuffled" });
    Ok(())
}
