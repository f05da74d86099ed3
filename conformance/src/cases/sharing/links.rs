//! Shared links by the API: made, found, opened, changed and revoked.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::talk::answer::Answer;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    LIFE, SECOND, REFUSALS, ABOVE, INNER, SETTINGS, CHANGE, OLDER, MOVED,
];

const CREATE: &str = "sharing/create_shared_link_with_settings";
const LIST: &str = "sharing/list_shared_links";
const METADATA: &str = "sharing/get_shared_link_metadata";
const FILE: &str = "sharing/get_shared_link_file";
const MODIFY: &str = "sharing/modify_shared_link_settings";
const REVOKE: &str = "sharing/revoke_shared_link";

/// Shares what is there; its address.
async fn share(t: &Context, path: &str) -> Result<String, Failure> {
    let made = t.rpc(CREATE, json!({"path": t.path(path)})).await?;
    made.expect_status(200)?.string_at("/url")
}

/// Whichever route tells of a link, it tells the same of the file that it leads to, with the tag in front.
fn leads_to(answer: Answer, link: &str, file: &Value, url: &str) -> Result<Answer, Failure> {
    let answer = answer
        .expect_at(&format!("{link}/.tag"), "file")?
        .expect_at(&format!("{link}/url"), url)?
        .expect_at(&format!("{link}/link_permissions/can_revoke"), true)?;
    // What else it tells is open (SQ-02) or the account's own (SH-39); the maker may always revoke it.
    let told = [
        "id",
        "name",
        "path_lower",
        "client_modified",
        "server_modified",
        "rev",
        "size",
    ];
    told.into_iter().try_fold(answer, |answer, key| {
        answer.expect_at(&format!("{link}/{key}"), file[key].clone())
    })
}

const LIFE: Case = Case::required("sharing/links/life")
    .rules(&[
        "SH-01", "SH-04", "SH-05", "SH-07", "SH-17", "SH-21", "SH-23", "SH-35", "SH-36", "SH-38",
        "SH-56", "SH-81", "SH-92",
    ])
    .claim("A link is made, tells what it leads to, gives the bytes, and is revoked once.")
    .calls(7)
    .run(|t| Box::pin(life(t)));

async fn life(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?.metadata;
    let made = t
        .rpc(CREATE, json!({"path": t.path("/a.txt")}))
        .await?
        .expect_status(200)?
        .by(&["SH-01", "SH-17", "SH-35", "SH-36", "SH-38", "SH-56"])
        .expect_nothing_at("/expires")?;
    let url = made.string_at("/url")?;
    leads_to(made, "", &file, &url)?;
    let argument = json!({ "url": url });
    let told = t.rpc(METADATA, argument.clone()).await?;
    let told = told.expect_status(200)?.by(&["SH-04", "SH-21"]);
    leads_to(told, "", &file, &url)?;
    let got = t
        .download(FILE, argument.clone())
        .await?
        .expect_status(200)?
        .by(&["SH-05"])
        .expect_bytes(b"hello")?;
    leads_to(got.result()?, "", &file, &url)?;
    t.rpc(REVOKE, argument.clone())
        .await?
        .expect_status(200)?
        .by(&["SH-07", "SH-23", "SH-92"])
        .expect_text("null")?;
    t.rpc(REVOKE, argument.clone())
        .await?
        .by(&["SH-92"])
        .expect_error("shared_link_not_found")?;
    t.rpc(METADATA, argument)
        .await?
        .by(&["SH-81"])
        .expect_error("shared_link_not_found")?;
    Ok(())
}

const SECOND: Case = Case::observed("sharing/links/a-second-one")
    .rules(&["SH-46", "SH-57", "SH-58", "SQ-04"])
    .claim("A second link that is asked for with settings is refused without the first.")
    .calls(3)
    .run(|t| Box::pin(second(t)));

async fn second(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    share(t, "/a.txt").await?;
    let settings = json!({"requested_visibility": "public"});
    t.rpc(
        CREATE,
        json!({"path": t.path("/a.txt"), "settings": settings}),
    )
    .await?
    .by(&["SH-46", "SH-57", "SH-58"])
    .expect_error("shared_link_already_exists")?
    .expect_nothing_at("/error/shared_link_already_exists/metadata")?;
    Ok(())
}

const REFUSALS: Case = Case::required("sharing/links/refusals")
    .rules(&[
        "SH-50", "SH-51", "SH-53", "SH-55", "SH-70", "SH-81", "SH-89", "SH-92",
    ])
    .claim("What is not there, was never shared or is a folder is refused by its own error.")
    .calls(7)
    .run(|t| Box::pin(refusals(t)));

async fn refusals(t: &Context) -> Verdict {
    let missing = json!({"path": t.path("/no.txt")});
    t.rpc(CREATE, missing.clone())
        .await?
        .by(&["SH-70"])
        .expect_error("path/not_found")?;
    t.rpc(LIST, missing)
        .await?
        .by(&["SH-50"])
        .expect_error("path/not_found")?;
    let never = json!({"url": "https://www.dropbox.com/sh/abcd/1234?dl=0"});
    t.rpc(METADATA, never)
        .await?
        .by(&["SH-51", "SH-81"])
        .expect_error("shared_link_not_found")?;
    let malformed = json!({"url": "https://www.dropbox.com/abcdefghijklmno/a.txt?dl=0"});
    t.rpc(REVOKE, malformed)
        .await?
        .by(&["SH-55", "SH-92"])
        .expect_error("shared_link_malformed")?;
    t.given_folder("/d").await?;
    let url = share(t, "/d").await?;
    t.download(FILE, json!({"url": url}))
        .await?
        .by(&["SH-53", "SH-89"])
        .expect_error("shared_link_is_directory")?;
    Ok(())
}

const ABOVE: Case = Case::observed("sharing/links/folders-above")
    .rules(&["SH-03", "SH-20", "SH-75", "SH-76"])
    .claim("The links of a path come with those of the folders above it, unless they are left out.")
    .calls(5)
    .run(|t| Box::pin(above(t)));

async fn above(t: &Context) -> Verdict {
    let file = t.given_file("/d/a.txt", b"hello").await?.metadata;
    let url = share(t, "/d/a.txt").await?;
    let mut both = vec![share(t, "/d").await?, url.clone()];
    both.sort();
    let listed = t
        .rpc(LIST, json!({"path": t.path("/d/a.txt")}))
        .await?
        .expect_status(200)?
        .by(&["SH-03", "SH-75", "SH-76"])
        .expect_at("/has_more", false)?
        .expect_nothing_at("/cursor")?;
    let links = listed.at("/links")?;
    let urls = links.as_array().into_iter().flatten();
    let mut urls: Vec<&str> = urls.filter_map(|link| link["url"].as_str()).collect();
    urls.sort_unstable();
    t.expect(
        &["SH-76"],
        urls == both,
        "the links are not those of the file and of its folder",
    )?;
    let direct = json!({"path": t.path("/d/a.txt"), "direct_only": true});
    let listed = t.rpc(LIST, direct).await?.expect_status(200)?;
    let listed = listed.by(&["SH-20", "SH-76"]);
    leads_to(listed, "/links/0", &file, &url)?.expect_nothing_at("/links/1")?;
    Ok(())
}

const INNER: Case = Case::required("sharing/links/inner-path")
    .rules(&["SH-87"])
    .claim("A path leads to what is in the folder of a link.")
    .calls(4)
    .run(|t| Box::pin(inner(t)));

async fn inner(t: &Context) -> Verdict {
    t.given_file("/d/e/a.txt", b"hello").await?;
    let url = share(t, "/d").await?;
    let argument = json!({"url": url, "path": "/e/a.txt"});
    // The path is one in the folder of the link, which is the run's own.
    t.rpc(METADATA, argument.clone())
        .await?
        .expect_status(200)?
        .by(&["SH-87"])
        .expect_at("/name", "a.txt")?;
    t.download(FILE, argument)
        .await?
        .expect_status(200)?
        .by(&["SH-87"])
        .expect_bytes(b"hello")?;
    Ok(())
}

const SETTINGS: Case = Case::observed("sharing/links/settings-of-a-free-account")
    .rules(&["SH-18", "SH-48", "SH-66"])
    .claim("A free account may ask for no end and no password.")
    .calls(4)
    .run(|t| Box::pin(settings(t)));

async fn settings(t: &Context) -> Verdict {
    let account = t.rpc("users/get_current_account", Value::Null).await?;
    let account = account.expect_status(200)?;
    if account.string_at("/account_type/.tag")? != "basic" {
        return Err(t.does_not_apply("the account is not a free one"));
    }
    t.given_file("/a.txt", b"hello").await?;
    for settings in [
        json!({"expires": "2099-01-01T00:00:00Z"}),
        json!({"require_password": true, "link_password": "secret"}),
    ] {
        t.rpc(
            CREATE,
            json!({"path": t.path("/a.txt"), "settings": settings}),
        )
        .await?
        .by(&["SH-18", "SH-48", "SH-66"])
        .expect_error("settings_error/not_authorized")?;
    }
    Ok(())
}

const CHANGE: Case = Case::required("sharing/links/change")
    .rules(&["SH-06", "SH-22", "SH-54", "SH-91"])
    .claim("Changing a link gives all of it with the same address; changing nothing is refused.")
    .calls(4)
    .run(|t| Box::pin(change(t)));

async fn change(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?.metadata;
    let url = share(t, "/a.txt").await?;
    let settings = json!({"audience": "public"});
    let argument = json!({"url": url, "settings": settings});
    let changed = t.rpc(MODIFY, argument).await?.expect_status(200)?;
    leads_to(changed.by(&["SH-06", "SH-22", "SH-91"]), "", &file, &url)?;
    t.rpc(MODIFY, json!({"url": url, "settings": {}}))
        .await?
        .by(&["SH-54", "SH-91"])
        .expect_error("settings_error/invalid_settings")?;
    Ok(())
}

const OLDER: Case = Case::required("sharing/links/older-form")
    .rules(&["SH-02", "SH-49", "SH-72", "SH-73"])
    .claim("The older route gives the link that is there, without a tag.")
    .calls(5)
    .run(|t| Box::pin(older(t)));

async fn older(t: &Context) -> Verdict {
    let route = "sharing/create_shared_link";
    t.given_file("/a.txt", b"hello").await?;
    let argument = json!({"path": t.path("/a.txt")});
    let first = t
        .rpc(route, argument.clone())
        .await?
        .expect_status(200)?
        .by(&["SH-02", "SH-72"])
        .expect_keys("", &["url", "visibility", "path"])?
        .expect_at("/path", t.path("/a.txt"))?
        .expect_at("/visibility/.tag", "public")?;
    t.rpc(METADATA, json!({"url": first.string_at("/url")?}))
        .await?
        .expect_status(200)?
        .expect_at("/name", "a.txt")?;
    t.rpc(route, argument)
        .await?
        .expect_status(200)?
        .by(&["SH-73"])
        .expect_at("/url", first.string_at("/url")?)?;
    t.rpc(route, json!({"path": t.path("/no.txt")}))
        .await?
        .by(&["SH-49"])
        .expect_error("path/not_found")?;
    Ok(())
}

const MOVED: Case = Case::required("sharing/links/follow-a-move")
    .rules(&["SH-103"])
    .claim("A link follows its file when that is moved.")
    .calls(4)
    .run(|t| Box::pin(moved(t)));

async fn moved(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    let url = share(t, "/a.txt").await?;
    t.rpc(
        "files/move_v2",
        json!({"from_path": t.path("/a.txt"), "to_path": t.path("/b.txt")}),
    )
    .await?
    .expect_status(200)?;
    t.rpc(METADATA, json!({"url": url}))
        .await?
        .expect_status(200)?
        .by(&["SH-103"])
        .expect_at("/name", "b.txt")?;
    Ok(())
}
