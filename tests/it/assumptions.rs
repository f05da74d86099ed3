//! Each assumption, flipped, changes the answers that it is about and no others.

use crate::raw::{Raw, UPLOAD, until};
use crate::support::{Fake, Reply, client};
use fake_dropbox::dropbox::assumptions::Assumptions;
use fake_dropbox::dropbox::link::LinkState;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A scenario in an account of its own.
struct Stage<'a> {
    fake: &'a Fake,
    account: &'a str,
}

impl Stage<'_> {
    async fn rpc(&self, route: &str, argument: Value) -> Reply {
        self.fake
            .rpc_as(self.account, route, &argument.to_string())
            .await
    }

    async fn mint_reply(&self, info: Value, duration: f64) -> Reply {
        let argument = json!({"commit_info": info, "duration": duration});
        self.rpc("files/get_temporary_upload_link", argument).await
    }

    /// The path of a new link.
    async fn mint(&self, info: Value) -> String {
        self.mint_for(info, 14400.0).await
    }

    async fn mint_for(&self, info: Value, duration: f64) -> String {
        let reply = self.mint_reply(info, duration).await;
        let json = reply.json();
        let link = json["link"].as_str().expect("a link");
        link[link.find("/apitul").expect("a path")..].to_owned()
    }

    async fn send(&self, method: Method, path: &str, lines: &[(&str, &str)], body: &str) -> Reply {
        let mut request = client()
            .request(method, self.fake.url(path))
            .body(body.to_owned());
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        Reply::of(request).await
    }

    async fn consume(&self, path: &str, body: &str) -> String {
        said(&self.send(Method::POST, path, &[BYTES], body).await)
    }

    async fn upload(&self, argument: Value, body: &str) -> Value {
        let token = format!("Bearer {}", self.account);
        let lines = [
            BYTES,
            ("authorization", token.as_str()),
            ("dropbox-api-arg", &argument.to_string()),
        ];
        self.send(Method::POST, "/2/files/upload", &lines, body)
            .await
            .json()
    }

    fn advance(&self, seconds: f64) {
        self.fake
            .app
            .clock
            .advance(Some(self.account), Duration::from_secs_f64(seconds));
    }

    /// An upload that has sent a part of `hello`.
    async fn begin(&self, path: &str) -> Raw {
        let mut raw = Raw::connect(self.fake).await;
        raw.send(format!(
            "POST {path} HTTP/1.1\r\n{UPLOAD}Content-Length: 5\r\n\r\nhe"
        ))
        .await;
        until("the upload has begun", || {
            self.fake.link_state(path) == LinkState::InFlight
        })
        .await;
        raw
    }
}

const BYTES: (&str, &str) = ("content-type", "application/octet-stream");

/// What an answer says, without what nobody can know.
fn said(reply: &Reply) -> String {
    let text = reply.text();
    if reply.status == 200 && text.contains("\"link\"") {
        return "200 link".to_owned();
    }
    let text = text
        .split("error_summary\": \"")
        .map(|part| part.replace("/.", "/"))
        .collect::<String>();
    format!("{} {}", reply.status, text.replace('.', ""))
}

async fn play(scenario: &str, stage: &Stage<'_>) -> String {
    let info = |path: &str| json!({"path": path});
    match scenario {
        "a failed commit and then a good one" => {
            stage.upload(info("/a"), "x").await;
            let path = stage.mint(info("/a")).await;
            let first = stage.consume(&path, "y").await;
            stage.rpc("files/delete_v2", info("/a")).await;
            format!("{first}; {}", stage.consume(&path, "y").await)
        }
        "a body that breaks off" => {
            let path = stage.mint(info("/a")).await;
            drop(stage.begin(&path).await);
            until("the break is noticed", || {
                stage.fake.link_state(&path) != LinkState::InFlight
            })
            .await;
            let first = stage.consume(&path, "hello").await;
            stage.advance(30.0);
            format!("{first}; {}", stage.consume(&path, "hello").await)
        }
        "two at once" => {
            let path = stage.mint(info("/a")).await;
            let mut raw = stage.begin(&path).await;
            let second = stage.consume(&path, "other").await;
            let reply = raw.send("llo").await.reply().await;
            format!(
                "{second}; {} {}",
                reply.status,
                reply.text().replace('.', "")
            )
        }
        "too late" => {
            let path = stage.mint_for(info("/a"), 60.0).await;
            stage.advance(61.0);
            stage.consume(&path, "hello").await
        }
        "no such link" => stage.consume("/apitul/1/AAAAAAAAAAAAAA", "hello").await,
        "no such link and a wrong type" => {
            let lines = [("content-type", "image/png")];
            said(
                &stage
                    .send(Method::POST, "/apitul/1/AAAAAAAAAAAAAA", &lines, "x")
                    .await,
            )
        }
        "a malformed token" => stage.consume("/apitul/1/a%20b", "hello").await,
        "a wrong type and then a right one" => {
            let path = stage.mint(info("/a")).await;
            let lines = [("content-type", "image/png")];
            let first = said(&stage.send(Method::POST, &path, &lines, "hello").await);
            format!("{first}; {}", stage.consume(&path, "hello").await)
        }
        "no type" => {
            let path = stage.mint(info("/a")).await;
            said(&stage.send(Method::POST, &path, &[], "hello").await)
        }
        "a plain text" => {
            let path = stage.mint(info("/a")).await;
            let lines = [("content-type", "text/plain")];
            said(&stage.send(Method::POST, &path, &lines, "hello").await)
        }
        "another method" => {
            let path = stage.mint(info("/a")).await;
            said(&stage.send(Method::PUT, &path, &[BYTES], "hello").await)
        }
        "no bytes" => {
            let path = stage.mint(info("/a")).await;
            let first = stage.consume(&path, "").await;
            format!(
                "{first}; {}",
                stage.rpc("files/get_metadata", info("/a")).await.status
            )
        }
        "eleven bytes and then five" => {
            let path = stage.mint(info("/a")).await;
            let first = stage
                .send(Method::POST, &path, &[BYTES], "hello world")
                .await
                .status;
            format!("{first}; {}", stage.consume(&path, "hello").await)
        }
        "the length of a token" => {
            let path = stage.mint(info("/a")).await;
            path.rsplit('/').next().expect("a token").len().to_string()
        }
        "the preflight" => {
            let lines = [
                ("origin", "https://app.example"),
                ("access-control-request-method", "POST"),
            ];
            let reply = stage.send(Method::OPTIONS, "/apitul/1/x", &lines, "").await;
            format!(
                "{} {}",
                reply.status,
                reply.header("access-control-allow-origin")
            )
        }
        "the headers of a refusal" => {
            let reply = stage
                .send(Method::POST, "/apitul/1/AAAAAAAAAAAAAA", &[BYTES], "hello")
                .await;
            let cors = reply.header("access-control-allow-origin");
            format!("{} '{cors}'", reply.header("content-type"))
        }
        "a used link later" => {
            let path = stage.mint(info("/a")).await;
            stage.consume(&path, "hello").await;
            stage.advance(11.0);
            stage.consume(&path, "hello").await
        }
        "an upload that ends late" => {
            let path = stage.mint_for(info("/a"), 60.0).await;
            let mut raw = stage.begin(&path).await;
            stage.advance(61.0);
            let reply = raw.send("llo").await.reply().await;
            format!("{} {}", reply.status, reply.text().replace('.', ""))
        }
        "a fraction of a second too late" => {
            let noon = fake_dropbox::dropbox::time::Timestamp::from_seconds(1_800_000_000);
            stage.fake.app.clock.set(Some(stage.account), noon);
            stage.fake.app.clock.freeze(Some(stage.account));
            let path = stage.mint_for(info("/a"), 60.25).await;
            stage.advance(60.5);
            stage.consume(&path, "hello").await
        }
        "a path that names nothing" => said(&stage.mint_reply(info("/a//b"), 60.0).await)
            .chars()
            .take(8)
            .collect(),
        "a link whose token was revoked" => {
            let path = stage.mint(info("/a")).await;
            stage.fake.app.world().credentials.revoke(stage.account);
            stage.consume(&path, "hello").await
        }
        "an unknown field" => said(
            &stage
                .mint_reply(json!({"path": "/a", "extra": 1}), 60.0)
                .await,
        ),
        "the hash" => {
            let path = stage.mint(info("/a")).await;
            stage.consume(&path, "hello").await
        }
        "the same bytes again" => {
            let before = stage.upload(info("/a"), "hello").await;
            let path = stage.mint(info("/a")).await;
            stage.consume(&path, "hello").await;
            let after = stage.rpc("files/get_metadata", info("/a")).await.json();
            format!("the rev is the same: {}", before["rev"] == after["rev"])
        }
        "a date of long ago and one to come" => {
            let mut years = String::new();
            for year in [2001, 2999] {
                let date = format!("{year}-01-02T03:04:05Z");
                let path = stage
                    .mint(json!({"path": format!("/{year}"), "client_modified": date}))
                    .await;
                stage.consume(&path, "hello").await;
                let file = stage
                    .rpc("files/get_metadata", info(&format!("/{year}")))
                    .await
                    .json();
                years += if file["client_modified"] == date {
                    "kept "
                } else {
                    "changed "
                };
            }
            years
        }
        "an authorization at the link" => {
            let path = stage.mint(info("/a")).await;
            let lines = [BYTES, ("authorization", "Bearer x")];
            said(&stage.send(Method::POST, &path, &lines, "hello").await)
        }
        "an encoded body" => {
            let path = stage.mint(info("/a")).await;
            let lines = [BYTES, ("content-encoding", "gzip")];
            said(&stage.send(Method::POST, &path, &lines, "hello").await)
        }
        "no length" => {
            let path = stage.mint(info("/a")).await;
            let mut raw = Raw::connect(stage.fake).await;
            raw.send(format!("POST {path} HTTP/1.1\r\n{UPLOAD}\r\n"))
                .await;
            raw.reply().await.status.to_string()
        }
        "three uploads through links" => {
            let mut statuses = String::new();
            for name in ["/a", "/b", "/c"] {
                let path = stage.mint(info(name)).await;
                let reply = stage.send(Method::POST, &path, &[BYTES], "hello").await;
                statuses += &format!("{} {}; ", reply.status, reply.header("content-type"));
            }
            statuses
        }
        "an admin at the mint" => {
            let token = format!("Bearer {}", stage.account);
            let lines = [
                ("content-type", "application/json"),
                ("authorization", &*token),
                ("dropbox-api-select-admin", "dbmid:x"),
            ];
            let body = r#"{"commit_info":{"path":"/a"}}"#;
            said(
                &stage
                    .send(
                        Method::POST,
                        "/2/files/get_temporary_upload_link",
                        &lines,
                        body,
                    )
                    .await,
            )
        }
        "a route that nobody has" => said(&stage.rpc("files/nothing", json!({})).await),
        "a path without a slash" => said(&stage.mint_reply(info("a"), 60.0).await),
        "a conflicted copy" => {
            stage.upload(info("/a.txt"), "x").await;
            let mode = json!({".tag": "update", "update": "0123456789"});
            let argument = json!({"path": "/a.txt", "mode": mode, "autorename": true});
            stage.upload(argument, "y").await["name"].to_string()
        }
        "a strict overwrite with the same bytes" => {
            stage.upload(info("/a"), "x").await;
            let argument = json!({"path": "/a", "mode": "overwrite", "strict_conflict": true});
            stage
                .upload(argument, "x")
                .await
                .get("error")
                .is_some()
                .to_string()
        }
        "an overwrite in another case" => {
            stage.upload(info("/a"), "x").await;
            stage
                .upload(json!({"path": "/A", "mode": "overwrite"}), "y")
                .await["name"]
                .to_string()
        }
        "an upload after a delete" => {
            let before = stage.upload(info("/a"), "x").await;
            stage.rpc("files/delete_v2", info("/a")).await;
            let after = stage.upload(info("/a"), "x").await;
            format!("the id is the same: {}", before["id"] == after["id"])
        }
        "an update after a delete" => {
            let before = stage.upload(info("/a"), "x").await;
            stage.rpc("files/delete_v2", info("/a")).await;
            let mode = json!({".tag": "update", "update": before["rev"]});
            stage
                .upload(json!({"path": "/a", "mode": mode}), "y")
                .await
                .get("error")
                .is_some()
                .to_string()
        }
        "property groups in lists" => {
            let first = stage.rpc("files/list_folder", info("")).await.json();
            stage.upload(info("/a"), "x").await;
            let more = stage
                .rpc(
                    "files/list_folder/continue",
                    json!({"cursor": first["cursor"]}),
                )
                .await
                .json();
            let again = stage.rpc("files/list_folder", info("")).await.json();
            let shown = |list: &Value| list["entries"][0].get("property_groups").is_some();
            format!("list {}, continue {}", shown(&again), shown(&more))
        }
        _ => unreachable!("{scenario} is in the list below"),
    }
}

const SCENARIOS: &[&str] = &[
    "a failed commit and then a good one",
    "a body that breaks off",
    "two at once",
    "too late",
    "no such link",
    "no such link and a wrong type",
    "a malformed token",
    "a wrong type and then a right one",
    "no type",
    "a plain text",
    "another method",
    "no bytes",
    "eleven bytes and then five",
    "the length of a token",
    "the preflight",
    "the headers of a refusal",
    "a used link later",
    "an upload that ends late",
    "a fraction of a second too late",
    "a path that names nothing",
    "a link whose token was revoked",
    "an unknown field",
    "the hash",
    "the same bytes again",
    "a date of long ago and one to come",
    "an authorization at the link",
    "an encoded body",
    "no length",
    "three uploads through links",
    "an admin at the mint",
    "a route that nobody has",
    "a path without a slash",
    "a conflicted copy",
    "a strict overwrite with the same bytes",
    "an overwrite in another case",
    "an upload after a delete",
    "an update after a delete",
    "property groups in lists",
];

async fn play_all(fake: &Fake) -> BTreeMap<&'static str, String> {
    let mut all = BTreeMap::new();
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        let account = format!("account-{index}");
        let stage = Stage {
            fake,
            account: &account,
        };
        all.insert(*scenario, play(scenario, &stage).await);
    }
    all
}

const GONE: &str = "410 Temporary upload link has been recently consumed";
const FAILED: &str = "409 Temporary upload link led to invalid upload attempt";
const STORED: &str =
    "200 {\"content-hash\": \"9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50\"}";
const TEXT: &str = "text/plain; charset=utf-8";

type Change = (&'static str, String);

/// Settings that stand together, and every scenario that they change, with what it says then.
fn table() -> Vec<(Vec<(&'static str, &'static str)>, Vec<Change>)> {
    let hint = "[placeholder of fake-dropbox: the real text is not known]";
    let unavailable = format!("409 {hint} Temporary upload link is currently unavailable");
    let unknown = format!("409 {hint} Temporary upload link does not exist");
    let expired = format!("410 {hint} Temporary upload link has expired");
    let wrong_type =
        format!("400 {hint} Content-Type must be application/octet-stream or text/plain");
    let says = |scenario: &'static str, text: &str| (scenario, text.to_owned());
    let one = |name, value, changes: Vec<Change>| (vec![(name, value)], changes);
    vec![
        one(
            "failed_commit",
            "frees",
            vec![(
                "a failed commit and then a good one",
                format!(
                    "{FAILED}; 200 {{\"content-hash\": \"{}\"}}",
                    fake_dropbox::dropbox::content_hash::ContentHash::of(b"y")
                ),
            )],
        ),
        one(
            "failed_commit",
            "conflicts",
            vec![(
                "a failed commit and then a good one",
                format!("{FAILED}; {FAILED}"),
            )],
        ),
        one(
            "interrupted_body",
            "burns",
            vec![("a body that breaks off", format!("{GONE}; {GONE}"))],
        ),
        one(
            "interrupted_body",
            "locks",
            vec![(
                "a body that breaks off",
                format!("{unavailable}; {unavailable}"),
            )],
        ),
        (
            vec![
                ("interrupted_body", "locks"),
                ("interrupted_body_lock_seconds", "5"),
            ],
            vec![("a body that breaks off", format!("{unavailable}; {STORED}"))],
        ),
        one(
            "concurrent_use",
            "first_completion_wins",
            vec![(
                "two at once",
                format!(
                    "200 {{\"content-hash\": \"{}\"}}; {GONE}",
                    fake_dropbox::dropbox::content_hash::ContentHash::of(b"other")
                ),
            )],
        ),
        one(
            "text_expired",
            "late",
            vec![
                says("too late", "410 late"),
                says("a fraction of a second too late", "410 late"),
            ],
        ),
        one(
            "text_unknown_link",
            "what",
            vec![
                says("no such link", "409 what"),
                says("no such link and a wrong type", "409 what"),
                says("a malformed token", "409 what"),
            ],
        ),
        one(
            "text_in_flight",
            "busy",
            vec![("two at once", format!("409 busy; {STORED}"))],
        ),
        one(
            "text_bad_content_type",
            "no",
            vec![(
                "a wrong type and then a right one",
                format!("400 no; {STORED}"),
            )],
        ),
        one(
            "text_missing_content_type",
            "none",
            vec![says("no type", "400 none")],
        ),
        one(
            "text_wrong_method",
            "post",
            vec![says("another method", "405 post")],
        ),
        one(
            "malformed_token",
            "bad_request",
            vec![("a malformed token", unknown.replace("409", "400"))],
        ),
        one(
            "text_commit_failed",
            "failed",
            vec![(
                "a failed commit and then a good one",
                format!("409 failed; {GONE}"),
            )],
        ),
        one(
            "empty_body",
            "refused",
            vec![
                ("no bytes", format!("400 {hint} The upload is empty; 409")),
                says("no length", "400"),
            ],
        ),
        one(
            "link_size_limit",
            "10",
            vec![("eleven bytes and then five", format!("413; {STORED}"))],
        ),
        (
            vec![("link_size_limit", "10"), ("oversize", "burns")],
            vec![("eleven bytes and then five", format!("413; {GONE}"))],
        ),
        one(
            "link_token_bytes",
            "20",
            vec![says("the length of a token", "27")],
        ),
        one(
            "content_type_check",
            "before_link_state",
            vec![("no such link and a wrong type", wrong_type.clone())],
        ),
        one(
            "bad_content_type",
            "burns_link",
            vec![(
                "a wrong type and then a right one",
                format!("{wrong_type}; {GONE}"),
            )],
        ),
        one(
            "content_type_match",
            "full_value",
            vec![("a plain text", wrong_type.clone())],
        ),
        one(
            "other_methods",
            "unknown_link",
            vec![("another method", unknown.clone())],
        ),
        one(
            "preflight_status",
            "204",
            vec![says("the preflight", "204 *")],
        ),
        one(
            "cors_on_errors",
            "no",
            vec![("the headers of a refusal", format!("{TEXT} ''"))],
        ),
        one(
            "link_error_content_type",
            "text/html",
            vec![says("the headers of a refusal", "text/html '*'")],
        ),
        one(
            "used_link_memory_seconds",
            "10",
            vec![
                ("a used link later", unknown.clone()),
                ("a body that breaks off", format!("{STORED}; {unknown}")),
            ],
        ),
        one(
            "expiry_judged",
            "at_end",
            vec![("an upload that ends late", expired)],
        ),
        one(
            "expiry_precision",
            "whole_seconds",
            vec![says("a fraction of a second too late", STORED)],
        ),
        one(
            "mint_path_check",
            "semantic",
            vec![says("a path that names nothing", "400 Erro")],
        ),
        one(
            "revoked_token",
            "kills_links",
            vec![says("a link whose token was revoked", FAILED)],
        ),
        one(
            "unknown_fields",
            "ignored",
            vec![says("an unknown field", "200 link")],
        ),
        one(
            "identical_content",
            "new_rev",
            vec![says("the same bytes again", "the rev is the same: false")],
        ),
        one(
            "client_modified",
            "ignored",
            vec![says(
                "a date of long ago and one to come",
                "changed changed ",
            )],
        ),
        one(
            "client_modified",
            "clamped_to_now",
            vec![says("a date of long ago and one to come", "kept changed ")],
        ),
        one(
            "link_authorization",
            "rejected",
            vec![(
                "an authorization at the link",
                format!("400 {hint} The header Authorization is not wanted here"),
            )],
        ),
        one(
            "link_content_encoding",
            "rejected",
            vec![(
                "an encoded body",
                format!("400 {hint} The header Content-Encoding is not wanted here"),
            )],
        ),
        one(
            "missing_length",
            "length_required",
            vec![
                says("no length", "411"),
                // The client sends no length for no bytes.
                (
                    "no bytes",
                    format!("411 {hint} The upload has no length; 409"),
                ),
            ],
        ),
        one(
            "data_transport_limit",
            "2",
            vec![says(
                "three uploads through links",
                "200 application/json; 200 application/json; 429 application/json; ",
            )],
        ),
        (
            vec![("data_transport_limit", "2"), ("rate_limit_form", "text")],
            vec![says(
                "three uploads through links",
                "200 application/json; 200 application/json; 429 text/plain; charset=utf-8; ",
            )],
        ),
        one(
            "select_admin",
            "accepted",
            vec![(
                "an admin at the mint",
                format!(
                    "400 Error in call to API function \"files/get_temporary_upload_link\": {hint} \"Dropbox-API-Select-User\" needs the token of a team"
                ),
            )],
        ),
        one(
            "unknown_route",
            "not_found",
            vec![says(
                "a route that nobody has",
                "404 Error in call to API function \"files/nothing\": Unknown API function: /2/files/nothing",
            )],
        ),
        one(
            "path_pattern",
            "older",
            vec![says(
                "a path without a slash",
                r#"400 Error in call to API function "files/get_temporary_upload_link": request body: commit_infopath: 'a' did not match pattern '(/(|[\r\n])*)|(ns:[0-9]+(/*)?)|(id:*)'"#,
            )],
        ),
        one(
            "conflicted_copy_name",
            "(of mine)",
            vec![says("a conflicted copy", "\"a (of mine).txt\"")],
        ),
        one(
            "strict_overwrite_identical",
            "keeps",
            vec![says("a strict overwrite with the same bytes", "false")],
        ),
        one(
            "overwrite_renames_case",
            "yes",
            vec![says("an overwrite in another case", "\"A\"")],
        ),
        one(
            "upload_after_delete_id",
            "same",
            vec![says("an upload after a delete", "the id is the same: true")],
        ),
        one(
            "update_after_delete",
            "conflicts",
            vec![says("an update after a delete", "true")],
        ),
        one(
            "property_groups_in_lists",
            "never",
            vec![says(
                "property groups in lists",
                "list false, continue false",
            )],
        ),
        one(
            "property_groups_in_lists",
            "always",
            vec![says("property groups in lists", "list true, continue true")],
        ),
    ]
}

/// Settings whose effect is not a fixed text in one scenario; each has a test of its own.
const ELSEWHERE: &[&str] = &[
    // Every successful upload shows another hash.
    "returned_hash",
    // Every 400 of a route has another form.
    "bad_request_form",
    // Nothing contends for a lock of its own accord: a fault does.
    "link_lock_contention",
];

#[tokio::test]
async fn each_setting_changes_what_it_is_about_and_nothing_else() {
    let defaults = play_all(&Fake::start()).await;
    let mut wrong = Vec::new();
    for (settings, changes) in table() {
        let fake = Fake::assuming(&settings);
        let mut expected = defaults.clone();
        for (scenario, text) in changes {
            assert_ne!(defaults[scenario], text, "{settings:?} changes {scenario}");
            expected.insert(scenario, text);
        }
        let found = play_all(&fake).await;
        for (scenario, text) in &expected {
            if &found[scenario] != text {
                wrong.push(format!(
                    "{settings:?}: {scenario}\n  expected {text}\n  found    {}",
                    found[scenario]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_setting_is_left_out() {
    let tried: BTreeSet<&str> = table()
        .iter()
        .flat_map(|(settings, _)| settings.iter().map(|(name, _)| *name))
        .collect();
    for name in Assumptions::default()
        .to_json()
        .as_object()
        .expect("an object")
        .keys()
    {
        assert!(
            tried.contains(name.as_str()) != ELSEWHERE.contains(&name.as_str()),
            "{name} is tried once"
        );
    }
}

#[tokio::test]
async fn the_hash_that_is_returned_can_be_plain_sha256() {
    // OQ-19
    let fake = Fake::assuming(&[("returned_hash", "sha256")]);
    let path = fake.mint_path().await;
    let reply = fake.consume(&fake.url(&path), "hello").await;
    assert_eq!(
        reply.text(),
        "{\"content-hash\": \"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"}"
    );
    let hash = fake.stored_hash("/a").await;
    assert_eq!(
        hash.as_deref(),
        Some("9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50")
    );
}

#[tokio::test]
async fn a_bad_request_can_be_json() {
    // AQ-01, API-96
    let fake = Fake::assuming(&[("bad_request_form", "json")]);
    let reply = fake.rpc("files/get_temporary_upload_link", "{}").await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (400, "application/json")
    );
    let body = reply.json();
    assert_eq!(
        (&body["error"][".tag"], &body["user_message"]["text"]),
        (
            &"other".into(),
            &"Error in call to API function \"files/get_temporary_upload_link\": request body: missing required field 'commit_info'".into()
        )
    );
}
