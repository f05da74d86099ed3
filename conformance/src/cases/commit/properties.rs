//! Property groups: set by each way of a commit, told to whoever asks for their template.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::talk::client::Via;
use crate::talk::commit_info::{CommitInfo, commit_info};
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    COME_BACK,
    LISTED,
    MOVED,
    UNKNOWN_TEMPLATE,
    PROBE_OVERWRITE,
    PROBE_COPY,
];

const TEMPLATE: &str = "ptid:conformance-template";

fn groups(color: &str) -> Value {
    json!([{"template_id": TEMPLATE, "fields": [{"name": "color", "value": color}]}])
}

fn with_groups(path: &str) -> CommitInfo {
    commit_info(path).field("property_groups", groups(path))
}

fn filter(template: &str) -> Value {
    json!({".tag": "filter_some", "filter_some": [template]})
}

async fn given_template(t: &Context) -> Result<(), Failure> {
    t.given_template(TEMPLATE, &["color"]).await
}

/// What `get_metadata` tells of the groups of our template.
async fn told(t: &Context, path: &str) -> Result<Value, Failure> {
    let argument = json!({"path": t.path(path), "include_property_groups": filter(TEMPLATE)});
    let answer = t.rpc("files/get_metadata", argument).await?;
    let metadata = answer.expect_status(200)?.json()?;
    Ok(metadata["property_groups"].clone())
}

fn is_empty(groups: Option<&Value>) -> bool {
    groups.is_none_or(|groups| groups.is_null() || *groups == json!([]))
}

const COME_BACK: Case = Case::required("commit/properties/come-back")
    .rules(&["UL-17", "UL-137", "API-276"])
    .claim(
        "Property groups of a commit are told to who asks for their template, and to nobody else.",
    )
    .calls(9)
    .run(|t| Box::pin(come_back(t)));

async fn come_back(t: &Context) -> Verdict {
    given_template(t).await?;
    for (via, path) in [(Via::Link, "/link.txt"), (Via::Upload, "/upload.txt")] {
        let answer = t.commit(via, with_groups(path), b"hello").await?;
        let answer = answer.expect_status(200)?;
        if via == Via::Upload {
            let unasked = answer.json()?["property_groups"].clone();
            t.expect(
                &["API-276"],
                is_empty(Some(&unasked)),
                "an upload tells groups",
            )?;
        }
        let told = told(t, path).await?;
        let rules: &[&str] = &["UL-137", "API-276"];
        t.expect(
            rules,
            told == groups(path),
            &format!("{path} has the groups {told}"),
        )?;
        let file = t.file(path).await?;
        let unasked = file.metadata.get("property_groups");
        t.expect(
            &["API-276"],
            is_empty(unasked),
            "groups are told that nobody asked for",
        )?;
    }
    Ok(())
}

const LISTED: Case = Case::required("commit/properties/listed")
    .rules(&["API-276"])
    .claim("A list tells the groups that were asked for on every page, to its cursor, too.")
    .calls(6)
    .run(|t| Box::pin(listed(t)));

async fn listed(t: &Context) -> Verdict {
    given_template(t).await?;
    t.upload(with_groups("/a.txt"), b"a")
        .await?
        .expect_status(200)?;
    let argument = json!({"path": t.path(""), "include_property_groups": filter(TEMPLATE)});
    let page = t.rpc("files/list_folder", argument).await?;
    let page = page
        .by(&["API-276"])
        .expect_at("/entries/0/property_groups", groups("/a.txt"))?;
    t.upload(with_groups("/b.txt"), b"b")
        .await?
        .expect_status(200)?;
    let cursor = json!({"cursor": page.at("/cursor")?});
    t.rpc("files/list_folder/continue", cursor)
        .await?
        .by(&["API-276"])
        .expect_at("/entries/0/property_groups", groups("/b.txt"))?;
    let unasked = t
        .rpc("files/list_folder", json!({"path": t.path("")}))
        .await?;
    let entries = unasked.expect_status(200)?.json()?["entries"].clone();
    let mut entries = entries.as_array().into_iter().flatten();
    let none = entries.all(|entry| is_empty(entry.get("property_groups")));
    t.expect(
        &["API-276"],
        none,
        "a list tells groups that nobody asked for",
    )
}

const MOVED: Case = Case::observed("commit/properties/moved")
    .rules(&["API-276"])
    .claim("A file that is moved takes its property groups with it.")
    .calls(3)
    .run(|t| Box::pin(moved(t)));

async fn moved(t: &Context) -> Verdict {
    given_template(t).await?;
    t.upload(with_groups("/a.txt"), b"a")
        .await?
        .expect_status(200)?;
    let argument = json!({"from_path": t.path("/a.txt"), "to_path": t.path("/b.txt")});
    t.rpc("files/move_v2", argument).await?.expect_status(200)?;
    let told = told(t, "/b.txt").await?;
    let kept = told == groups("/a.txt");
    t.expect(&["API-276"], kept, "a move loses the property groups")
}

const UNKNOWN_TEMPLATE: Case = Case::required("commit/properties/unknown-template-asked-for")
    .rules(&["API-179", "API-277"])
    .claim("A list that asks for a template that is not there is refused, and metadata are not.")
    .calls(4)
    .run(|t| Box::pin(unknown_template(t)));

async fn unknown_template(t: &Context) -> Verdict {
    let unknown = "ptid:conformance-nobody-made-it";
    t.given_file("/a.txt", b"a").await?;
    for route in ["files/list_folder", "files/list_folder/get_latest_cursor"] {
        let argument = json!({"path": t.path(""), "include_property_groups": filter(unknown)});
        t.rpc(route, argument)
            .await?
            .by(&["API-179", "API-277"])
            .expect_error("template_error/template_not_found")?
            .expect_at("/error/template_error/template_not_found", unknown)?;
    }
    let argument = json!({"path": t.path("/a.txt"), "include_property_groups": filter(unknown)});
    let answer = t.rpc("files/get_metadata", argument).await?;
    answer.by(&["API-277"]).expect_status(200)?;
    Ok(())
}

const PROBE_OVERWRITE: Case = Case::probe("commit/properties/probe-overwrite")
    .rules(&["AQ-30"])
    .claim("Whether an overwrite without property groups keeps those of the file.")
    .calls(3)
    .run(|t| Box::pin(probe_overwrite(t)));

async fn probe_overwrite(t: &Context) -> Verdict {
    given_template(t).await?;
    t.upload(with_groups("/a.txt"), b"a")
        .await?
        .expect_status(200)?;
    let over = commit_info("/a.txt").overwrite();
    t.upload(over, b"other").await?.expect_status(200)?;
    let dropped = is_empty(Some(&told(t, "/a.txt").await?));
    t.observe("AQ-30", if dropped { "drops" } else { "keeps" });
    Ok(())
}

const PROBE_COPY: Case = Case::probe("commit/properties/probe-copy")
    .rules(&["AQ-31"])
    .claim("Whether a copy has the property groups of its file.")
    .calls(3)
    .run(|t| Box::pin(probe_copy(t)));

async fn probe_copy(t: &Context) -> Verdict {
    given_template(t).await?;
    t.upload(with_groups("/a.txt"), b"a")
        .await?
        .expect_status(200)?;
    let argument = json!({"from_path": t.path("/a.txt"), "to_path": t.path("/b.txt")});
    t.rpc("files/copy_v2", argument).await?.expect_status(200)?;
    let dropped = is_empty(Some(&told(t, "/b.txt").await?));
    t.observe("AQ-31", if dropped { "drops" } else { "keeps" });
    Ok(())
}
