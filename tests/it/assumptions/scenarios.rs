//! Scenarios for assumptions: each in an account of its own, and what it says.

use crate::raw::{Raw, UPLOAD, until};
use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::control::clock::Change;
use fake_dropbox::internals::dropbox::content_hash::BLOCK_SIZE;
use fake_dropbox::internals::dropbox::link::LinkState;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
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

    async fn send(
        &self,
        method: Method,
        path: &str,
        lines: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        let mut request = client().request(method, self.fake.url(path)).body(body);
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        Reply::of(request).await
    }

    async fn consume(&self, path: &str, body: &str) -> String {
        said(
            &self
                .send(Method::POST, path, &[BYTES], body.to_owned())
                .await,
        )
    }

    async fn upload(&self, argument: Value, body: &str) -> Value {
        self.content("files/upload", argument, body.to_owned().into_bytes())
            .await
            .json()
    }

    async fn content(&self, route: &str, argument: Value, body: Vec<u8>) -> Reply {
        let token = format!("Bearer {}", self.account);
        let lines = [
            BYTES,
            ("authorization", token.as_str()),
            ("dropbox-api-arg", &argument.to_string()),
        ];
        self.send(Method::POST, &format!("/2/{route}"), &lines, body)
            .await
    }

    /// Uploads a file with a property group, of a template that the account knows from now on.
    async fn upload_with_group(&self, path: &str) {
        let account = self.fake.app.world().account(self.account);
        let fields = vec!["color".to_owned()];
        account.lock().state.templates.add("ptid:color", fields);
        let group = json!({"template_id": "ptid:color", "fields": []});
        let info = json!({"path": path, "property_groups": [group]});
        self.upload(info, "x").await;
    }

    /// How many groups of that template are told of a file.
    async fn groups_of(&self, path: &str) -> String {
        let filter = json!({".tag": "filter_some", "filter_some": ["ptid:color"]});
        let argument = json!({"path": path, "include_property_groups": filter});
        let told = self.rpc("files/get_metadata", argument).await.json();
        let groups = told["property_groups"].as_array().map_or(0, Vec::len);
        groups.to_string()
    }

    fn advance(&self, seconds: f64) {
        self.fake.app.clock.change(
            Some(self.account),
            Change::Advance(Duration::from_secs_f64(seconds)),
        );
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

/// The status and what kind of error it is.
fn outcome(reply: &Reply) -> String {
    let kind = reply.json()["error_summary"].as_str().map(|summary| {
        let kind = summary.trim_end_matches('.');
        format!(" {kind}")
    });
    format!("{}{}", reply.status, kind.unwrap_or_default())
}

#[expect(clippy::too_many_lines, reason = "a table, row by row")]
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
            let lines = [("content-type", "text/plain;charset=UTF-8")];
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
            let noon =
                fake_dropbox::internals::dropbox::time::Timestamp::from_seconds(1_800_000_000);
            stage
                .fake
                .app
                .clock
                .change(Some(stage.account), Change::Set(noon));
            stage
                .fake
                .app
                .clock
                .change(Some(stage.account), Change::Freeze);
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
            stage.fake.app.world().credentials().revoke(stage.account);
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
        "raw letters in a header" => {
            let token = format!("Bearer {}", stage.account);
            let lines = [
                BYTES,
                ("authorization", token.as_str()),
                ("dropbox-api-arg", r#"{"path":"/ú"}"#),
            ];
            let reply = stage
                .send(Method::POST, "/2/files/upload", &lines, "x")
                .await;
            if reply.status == 200 {
                return reply.json()["name"].to_string();
            }
            said(&reply)
        }
        "a part after the closing part" => {
            let session = json!({"session_type": "concurrent"});
            let id = stage
                .content("files/upload_session/start", session, Vec::new())
                .await
                .json()["session_id"]
                .clone();
            let part = |offset: usize, close: bool| {
                let cursor = json!({"session_id": id, "offset": offset});
                let argument = json!({"cursor": cursor, "close": close});
                let bytes = vec![b'x'; BLOCK_SIZE];
                stage.content("files/upload_session/append_v2", argument, bytes)
            };
            part(BLOCK_SIZE, true).await;
            let reply = part(0, false).await;
            match reply.json()["error"][".tag"].as_str() {
                Some(tag) => format!("{} {tag}", reply.status),
                None => reply.status.to_string(),
            }
        }
        "decomposed letters" => {
            stage.rpc("files/create_folder_v2", info("/e\u{301}")).await;
            let composed = stage.rpc("files/get_metadata", info("/é")).await;
            let decomposed = stage.rpc("files/get_metadata", info("/e\u{301}")).await;
            format!("{}, then {}", outcome(&composed), outcome(&decomposed))
        }
        "a change of case" => {
            let moved = |from: &'static str, to: &'static str| async move {
                let argument = json!({"from_path": from, "to_path": to});
                let moved = stage.rpc("files/move_v2", argument).await.json();
                moved["metadata"].clone()
            };
            stage.rpc("files/create_folder_v2", info("/folder")).await;
            let file = stage.upload(info("/file"), "x").await;
            let (folder, moved) = (
                moved("/folder", "/Folder").await,
                moved("/file", "/File").await,
            );
            let same = file["rev"] == moved["rev"];
            format!(
                "{} and {}, the rev is the same: {same}",
                folder["name"], moved["name"]
            )
        }
        "a file below a folder that is moved" => {
            let before = stage.upload(info("/from/a"), "x").await;
            let argument = json!({"from_path": "/from", "to_path": "/to"});
            stage.rpc("files/move_v2", argument).await;
            let after = stage.rpc("files/get_metadata", info("/to/a")).await.json();
            format!("the rev is the same: {}", before["rev"] == after["rev"])
        }
        "the order of a list" => {
            for path in ["/z", "/y", "/x", "/w"] {
                stage.upload(info(path), "x").await;
            }
            for path in ["/d", "/c", "/b", "/a"] {
                stage.rpc("files/create_folder_v2", info(path)).await;
            }
            let listed = stage.rpc("files/list_folder", info("")).await.json();
            let entries = listed["entries"].as_array().expect("a list").clone();
            let names = entries.iter().filter_map(|entry| entry["name"].as_str());
            let as_seen = names.eq(["d", "c", "b", "a", "z", "y", "x", "w"]);
            format!("{} entries, as seen: {as_seen}", entries.len())
        }
        "an emoji" => outcome(&stage.rpc("files/create_folder_v2", info("/😀")).await),
        "property groups of what is overwritten" => {
            stage.upload_with_group("/a").await;
            let over = json!({"path": "/a", "mode": "overwrite"});
            stage.upload(over, "y").await;
            stage.groups_of("/a").await
        }
        "property groups of a copy" => {
            stage.upload_with_group("/a").await;
            let argument = json!({"from_path": "/a", "to_path": "/b"});
            stage.rpc("files/copy_v2", argument).await;
            stage.groups_of("/b").await
        }
        "two folders in a batch" => {
            let paths = json!({"paths": ["/a", "/b"]});
            let made = stage.rpc("files/create_folder_batch", paths).await.json();
            made[".tag"].as_str().unwrap_or_default().to_owned()
        }
        "a job that is asked for" => {
            let entries = json!({"entries": []});
            let launched = stage.rpc("files/delete_batch", entries).await.json();
            let id = json!({"async_job_id": launched["async_job_id"]});
            let first = stage
                .rpc("files/delete_batch/check", id.clone())
                .await
                .json();
            let second = stage.rpc("files/delete_batch/check", id).await.json();
            assert_eq!(second[".tag"], "complete", "a job comes to its end");
            first[".tag"].as_str().unwrap_or_default().to_owned()
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
    "a part after the closing part",
    "a conflicted copy",
    "a strict overwrite with the same bytes",
    "an overwrite in another case",
    "an upload after a delete",
    "an update after a delete",
    "property groups in lists",
    "raw letters in a header",
    "decomposed letters",
    "a change of case",
    "a file below a folder that is moved",
    "the order of a list",
    "an emoji",
    "property groups of what is overwritten",
    "property groups of a copy",
    "two folders in a batch",
    "a job that is asked for",
];

/// Plays every scenario.
pub async fn play_all(fake: &Fake) -> BTreeMap<&'static str, String> {
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
