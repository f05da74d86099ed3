//! A small server that knows enough of upload links to agree with some cases, and that keeps a list of
//! everything it was asked. It is no fake: it exists to see what the suite does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use bytes::Bytes;
use conformance::talk::content_hash::content_hash;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::{Value, json};

/// What the server holds back or gets wrong on purpose.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one switch per lie")]
pub struct Manners {
    /// The app may name a path root: it is no app-folder app.
    pub full_dropbox: bool,
    /// A second use of a link succeeds.
    pub link_works_twice: bool,
    /// One byte of the text of a 410 is wrong.
    pub wrong_byte: bool,
    /// Every upload finds the account full.
    pub account_is_full: bool,
    /// Every call is refused like this.
    pub refuses: Option<(u16, &'static str)>,
    /// The token may not list folders.
    pub lacks_metadata_scope: bool,
    /// The folder cannot be deleted.
    pub keeps_everything: bool,
    /// The answer to this request, counted from 1, waits until it is let go.
    pub holds_back: Option<usize>,
    /// The first mint is answered 429 with this Retry-After.
    pub busy_once: Option<&'static str>,
}

/// Somebody behind the account: nothing of this may ever be shown.
pub const ACCOUNT_ID: &str = "dbid:AABOLtA1rT6rRK4vajKZrWqLZ7wVnV863u4";
pub const PERSON: &str = "Philippa Quillfeather";
pub const EMAIL: &str = "philippa@quillfeather.example";

#[derive(Debug, Default)]
pub struct State {
    pub files: BTreeMap<String, (String, Bytes, u64)>,
    pub folders: BTreeSet<String>,
    links: BTreeMap<String, (Value, bool)>,
    /// Every token of every link that was handed out.
    pub link_tokens: Vec<String>,
    /// `POST /2/files/upload` and the like, in order.
    pub asked: Vec<String>,
    /// Every path that an argument named.
    pub paths: BTreeSet<String>,
    pub user_agents: BTreeSet<String>,
    counter: u64,
    was_busy: bool,
    let_go: bool,
}

#[derive(Debug, Default)]
pub struct StandIn {
    pub manners: Manners,
    pub state: Mutex<State>,
    changed: Condvar,
}

type Reply = Response<Full<Bytes>>;

impl StandIn {
    pub fn new(manners: Manners) -> Arc<Self> {
        Arc::new(Self {
            manners,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Lets the answer go that is held back.
    pub fn let_go(&self) {
        self.state.lock().unwrap().let_go = true;
        self.changed.notify_all();
    }

    /// Waits until the answer to be held back is due; false if the run does not come so far.
    pub fn wait_until_held(&self) -> bool {
        let state = self.state.lock().unwrap();
        let waited = self
            .changed
            .wait_timeout_while(state, Duration::from_secs(30), |state| {
                Some(state.asked.len()) != self.manners.holds_back
            });
        !waited.unwrap().1.timed_out()
    }

    /// Waits until so many requests have come.
    pub fn wait_until_asked(&self, count: usize) {
        let state = self.state.lock().unwrap();
        let waited = self
            .changed
            .wait_timeout_while(state, Duration::from_secs(30), |state| {
                state.asked.len() < count
            });
        assert!(
            !waited.unwrap().1.timed_out(),
            "{count} requests never came"
        );
    }

    pub fn is_empty(&self) -> bool {
        let state = self.state.lock().unwrap();
        state.files.is_empty() && state.folders.is_empty()
    }

    pub fn answer(&self, origin: &str, request: &Request<Bytes>) -> Reply {
        let path = request.uri().path().to_owned();
        let mut state = self.state.lock().unwrap();
        let shown = if path.contains("/apitul/") {
            "/apitul/1/…"
        } else {
            &path
        };
        state.asked.push(format!("{} {shown}", request.method()));
        self.changed.notify_all();
        if Some(state.asked.len()) == self.manners.holds_back {
            state = self
                .changed
                .wait_while(state, |state| !state.let_go)
                .unwrap();
        }
        if let Some(agent) = request.headers().get("user-agent") {
            state.user_agents.insert(agent.to_str().unwrap().to_owned());
        }
        if let Some((status, body)) = self.manners.refuses {
            return reply(status, content_type(body), body.to_owned());
        }
        if path == "/oauth2/token" {
            return token_reply(request.body());
        }
        if let Some(token) = path.strip_prefix("/apitul/1/") {
            return self.consume(&mut state, token, request);
        }
        let Some(route) = path.strip_prefix("/2/") else {
            return reply(404, "text/plain", "no such place".to_owned());
        };
        let argument = request
            .headers()
            .get("dropbox-api-arg")
            .map_or(&request.body()[..], |value| value.as_bytes());
        let Ok(argument) = serde_json::from_slice::<Value>(argument) else {
            return reply(400, "text/plain; charset=utf-8", "no JSON".to_owned());
        };
        let named = argument
            .pointer("/commit_info/path")
            .or(argument.get("path"));
        let named = named.and_then(Value::as_str);
        state.paths.extend(named.map(str::to_owned));
        let named = named.unwrap_or_default().to_owned();
        let rooted = request.headers().contains_key("dropbox-api-path-root");
        if rooted && !self.manners.full_dropbox {
            let text = format!(
                "Error in call to API function \"{route}\": Path root is not supported for sandbox app."
            );
            return reply(400, "text/plain; charset=utf-8", text);
        }
        match route {
            "files/get_temporary_upload_link" => self.mint(&mut state, origin, argument),
            "files/upload" => self.upload(&mut state, &argument, request.body()),
            "files/get_metadata" => metadata(&state, &named),
            "files/delete_v2" => self.delete(&mut state, &named),
            "files/list_folder" if self.manners.lacks_metadata_scope => json_reply(
                401,
                &json!({
                    "error_summary": "missing_scope/..",
                    "error": {".tag": "missing_scope", "required_scope": "files.metadata.read"},
                }),
            ),
            "files/list_folder" => list(&state, &named),
            _ => {
                let text = format!(
                    "Error in call to API function \"{route}\": Unknown API function: {path}"
                );
                reply(400, "text/plain; charset=utf-8", text)
            }
        }
    }

    fn mint(&self, state: &mut State, origin: &str, argument: Value) -> Reply {
        if let (Some(seconds), false) = (self.manners.busy_once, state.was_busy) {
            state.was_busy = true;
            let mut busy = reply(429, "text/plain", "slow down".to_owned());
            busy.headers_mut()
                .insert("retry-after", seconds.parse().unwrap());
            return busy;
        }
        state.counter += 1;
        let token = format!("TokenOfLink{:03}", state.counter);
        state
            .links
            .insert(token.clone(), (argument["commit_info"].clone(), false));
        state.link_tokens.push(token.clone());
        json_reply(
            200,
            &json!({ "link": format!("{origin}/apitul/1/{token}") }),
        )
    }

    fn consume(&self, state: &mut State, token: &str, request: &Request<Bytes>) -> Reply {
        let plain = "text/plain; charset=utf-8";
        let Some((commit, used)) = state.links.get_mut(token) else {
            return reply(409, plain, "no such link".to_owned());
        };
        if *used && !self.manners.link_works_twice {
            let end = if self.manners.wrong_byte { "!" } else { "." };
            return reply(
                410,
                plain,
                format!("Temporary upload link has been recently consumed{end}"),
            );
        }
        *used = true;
        let commit = commit.clone();
        if self.upload(state, &commit, request.body()).status() != 200 {
            let text = "Temporary upload link led to invalid upload attempt";
            return reply(409, plain, text.to_owned());
        }
        json_reply(
            200,
            &json!({ "content-hash": content_hash(request.body()) }),
        )
    }

    fn upload(&self, state: &mut State, commit: &Value, body: &Bytes) -> Reply {
        if self.manners.account_is_full {
            return conflict(&["path", "insufficient_space"]);
        }
        let path = commit["path"].as_str().unwrap_or_default().to_owned();
        let taken = state.files.get(&path.to_lowercase());
        if taken.is_some_and(|(_, held, _)| held != body) && commit["mode"] != "overwrite" {
            return json_reply(
                409,
                &json!({
                    "error_summary": "path/conflict/file/..",
                    "error": {".tag": "path", "reason": {".tag": "conflict", "conflict": {".tag": "file"}}},
                }),
            );
        }
        state.counter += 1;
        let counter = state.counter;
        let mut parts: Vec<&str> = path.split('/').collect();
        parts.pop();
        while parts.len() > 1 {
            state.folders.insert(parts.join("/").to_lowercase());
            parts.pop();
        }
        state
            .files
            .insert(path.to_lowercase(), (path.clone(), body.clone(), counter));
        json_reply(200, &file(&path, body, counter, false))
    }

    fn delete(&self, state: &mut State, path: &str) -> Reply {
        let lower = path.to_lowercase();
        if !state.folders.contains(&lower) && !state.files.contains_key(&lower) {
            return conflict(&["path_lookup", "not_found"]);
        }
        if !self.manners.keeps_everything {
            let inside = |known: &str| known == lower || known.starts_with(&format!("{lower}/"));
            state.files.retain(|known, _| !inside(known));
            state.folders.retain(|known| !inside(known));
        }
        json_reply(200, &json!({"metadata": {".tag": "folder", "name": "x"}}))
    }
}

fn file(path: &str, body: &Bytes, counter: u64, tagged: bool) -> Value {
    let mut metadata = json!({
        "name": path.rsplit('/').next(),
        "path_lower": path.to_lowercase(),
        "path_display": path,
        "id": format!("id:AAAAAAAAAAAAAAAA{counter:06}"),
        "client_modified": format!("2026-01-02T03:04:{:02}Z", counter % 60),
        "rev": format!("{counter:015x}"),
        "size": body.len(),
        // What a shared folder says about somebody, to see that it is never shown.
        "sharing_info": {"modified_by": ACCOUNT_ID, "name": {"display_name": PERSON}, "email": EMAIL},
        "content_hash": content_hash(body),
    });
    if tagged {
        metadata[".tag"] = "file".into();
    }
    metadata
}

fn metadata(state: &State, path: &str) -> Reply {
    match state.files.get(&path.to_lowercase()) {
        Some((path, body, counter)) => json_reply(200, &file(path, body, *counter, true)),
        None => conflict(&["path", "not_found"]),
    }
}

fn list(state: &State, path: &str) -> Reply {
    let lower = path.to_lowercase();
    if !lower.is_empty() && !state.folders.contains(&lower) {
        return conflict(&["path", "not_found"]);
    }
    let entries: Vec<Value> = state
        .folders
        .iter()
        .filter_map(|folder| folder.strip_prefix(&lower)?.strip_prefix('/'))
        .filter(|rest| !rest.contains('/'))
        .map(|name| json!({".tag": "folder", "name": name}))
        .collect();
    json_reply(
        200,
        &json!({"entries": entries, "cursor": "c", "has_more": false}),
    )
}

fn token_reply(form: &[u8]) -> Reply {
    let form = String::from_utf8_lossy(form);
    if !form.contains("refresh_token=planted-refresh-token") {
        let body = r#"{"error": "invalid_grant", "error_description": "refresh token is invalid or revoked"}"#;
        return reply(400, "application/json", body.to_owned());
    }
    json_reply(
        200,
        &json!({
            "token_type": "bearer",
            "access_token": super::support::ACCESS_TOKEN,
            "expires_in": 14400,
        }),
    )
}

fn conflict(tags: &[&str; 2]) -> Reply {
    json_reply(
        409,
        &json!({
            "error_summary": format!("{}/{}/..", tags[0], tags[1]),
            "error": {".tag": tags[0], tags[0]: {".tag": tags[1]}},
        }),
    )
}

fn content_type(body: &str) -> &'static str {
    if body.starts_with('<') {
        "text/html"
    } else if body.starts_with('{') {
        "application/json"
    } else {
        "text/plain; charset=utf-8"
    }
}

fn json_reply(status: u16, body: &Value) -> Reply {
    reply(status, "application/json", body.to_string())
}

fn reply(status: u16, content_type: &str, body: String) -> Reply {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(Full::new(body.into()))
        .unwrap()
}
