//! The calls, in their order, and what came.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::cases::link::shape::spelled_bytes;
use crate::http::client::Client;
use crate::http::raw::{Connection, Origin};
use crate::http::{Body, NoReply, Reply, Request};
use crate::run::diagnose::diagnose;
use crate::run::runner::run_folder;
use crate::safety::stopping::INTERRUPTED;
use crate::secrecy::secret::{SecretKind, Vault};
use crate::targets::{CannotRun, Target};

/// With the clean-up and the look that proves it.
pub const MOST_CALLS: usize = 18;

const ORIGIN: &str = "https://page.example";
pub const FIRST: &[u8] = b"first\n";
pub const OTHER: &[u8] = b"other\n";

/// One call: what was asked, and what came, byte for byte but for secrets.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    pub number: usize,
    pub what: &'static str,
    /// The rules that it is evidence for.
    pub rules: &'static [&'static str],
    /// Route and argument, if it was a route.
    pub argument: Option<(String, Value)>,
    pub request: String,
    pub came: Came,
    pub milliseconds: u64,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    Answer(Met),
    NoAnswer(String),
}

/// An answer without its secrets.
#[derive(Clone, Debug, Serialize)]
pub struct Met {
    pub version: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Whether `100 Continue` came before it, where it was asked for.
    pub continued: Option<bool>,
}

impl Met {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl Call {
    pub fn answer(&self) -> Option<&Met> {
        match &self.came {
            Came::Answer(answer) => Some(answer),
            Came::NoAnswer(_) => None,
        }
    }
}

/// Asks, cleans up whatever happened, and gives all calls, with a sentence if the look did not come to its
/// end. Nothing but one folder with a random name is written, and nothing else is read.
pub async fn first_look(
    target: &Target,
    http2: &Client,
    stopping: &AtomicBool,
) -> Result<(Vec<Call>, Option<String>), CannotRun> {
    let mut look = Look {
        target,
        http2,
        stopping,
        // With letters that JSON may escape; the clean-up's answer shows how.
        folder: format!("{} R&D é", run_folder()),
        calls: Vec::new(),
    };
    let ended = look.ask().await;
    if look
        .calls
        .iter()
        .all(|call| call.answer().is_none_or(|answer| answer.status != 200))
    {
        // Not even the first mint: there is nothing to see, and nothing to delete.
        return Err(CannotRun(ended.err().unwrap_or_else(|| NOTHING.to_owned())));
    }
    let cleaned = look.clean_up().await;
    let trouble = [ended.err(), cleaned.err()].into_iter().flatten();
    let trouble = trouble.collect::<Vec<_>>().join(" ");
    Ok((look.calls, (!trouble.is_empty()).then_some(trouble)))
}

const NOTHING: &str = "The target answers no call: check that it is a Dropbox API.";

struct Look<'a> {
    target: &'a Target,
    http2: &'a Client,
    stopping: &'a AtomicBool,
    folder: String,
    calls: Vec<Call>,
}

impl Look<'_> {
    async fn ask(&mut self) -> Result<(), String> {
        let octets = "application/octet-stream";
        // An emoji asks a question of its own, which no other answer may leave open: so it comes first.
        let emoji = "/\u{1f389}.txt";
        let link = self.link("a mint", emoji).await?;
        self.use_link("a link, with an Origin", &link, octets, FIRST)
            .await?;
        self.use_link("the same link again", &link, octets, FIRST)
            .await?;
        let stored = self.calls[1].answer().is_some_and(|it| it.status == 200);
        let path = if stored { emoji } else { "/a.txt" };
        let link = self.link("a second mint", path).await?;
        self.use_link("other bytes, mode add", &link, octets, OTHER)
            .await?;
        // What is there already conflicts with nothing: nothing has to be deleted first.
        self.use_link(
            "the failed link again, with what is there",
            &link,
            octets,
            FIRST,
        )
        .await?;
        let link = self.link("a mint", "/c.txt").await?;
        let odd = "application/octet-stream; charset=utf-8";
        self.use_link("a Content-Type with a parameter", &link, odd, FIRST)
            .await?;
        self.use_link("the same link as text/plain", &link, "text/plain", FIRST)
            .await?;
        let link = self.link("a mint", "/b.txt").await?;
        self.half_a_body(&link).await?;
        self.whole_with_continue(&link).await?;
        for (what, rules, argument) in [
            (
                "a mint of a path without a slash",
                &["UL-39"][..],
                json!({"commit_info": {"path": "x"}}),
            ),
            (
                "a mint of the root",
                &["API-172"],
                json!({"commit_info": {"path": "/"}}),
            ),
            (
                "a duration that is too short",
                &["UL-35"],
                json!({"commit_info": {"path": "/c.txt"}, "duration": 1}),
            ),
            (
                "a mint with an unknown field",
                &["UL-64"],
                json!({"commit_info": {"path": "/c.txt"}, "unknown_field": 1}),
            ),
        ] {
            self.rpc(what, rules, MINT, argument).await?;
        }
        Ok(())
    }

    /// Deletes the folder, and reads that it is gone.
    async fn clean_up(&mut self) -> Result<(), String> {
        let folder = json!({ "path": self.folder });
        let deleted = self
            .rpc_anyway(
                "the folder is deleted",
                &["API-21"],
                "files/delete_v2",
                folder.clone(),
            )
            .await;
        let gone = self
            .rpc_anyway("it is gone", &["API-124"], "files/get_metadata", folder)
            .await;
        let by = |call: &Call, status: u16, word: &str| {
            call.answer()
                .is_some_and(|answer| answer.status == status && answer.body.contains(word))
        };
        let nothing_stored = by(&deleted, 409, "not_found");
        if (by(&deleted, 200, "metadata") || nothing_stored) && by(&gone, 409, "not_found") {
            return Ok(());
        }
        Err(format!(
            "The folder {} may still be there: look, and delete it by hand.",
            self.folder
        ))
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    async fn link(&mut self, what: &'static str, name: &str) -> Result<String, String> {
        let argument = json!({
            "commit_info": {"path": self.path(name), "mode": "add", "autorename": false, "mute": true},
            "duration": 600,
        });
        let first = self.calls.is_empty();
        let link = self.rpc(what, &["UL-92"], MINT, argument).await?;
        let Some(link) = link else {
            let call = self.calls.last().and_then(Call::answer);
            let (status, body) = call.map_or((0, ""), |answer| (answer.status, &answer.body));
            let place = if first { "the first mint" } else { what };
            return Err(format!(
                "There is no link in the answer to {place}: {status} {body}"
            ));
        };
        Ok(link)
    }

    /// Calls a route; gives the link in its answer, if there is one.
    async fn rpc(
        &mut self,
        what: &'static str,
        rules: &'static [&'static str],
        route: &str,
        argument: Value,
    ) -> Result<Option<String>, String> {
        if self.stopping.load(Ordering::SeqCst) {
            return Err(INTERRUPTED.to_owned());
        }
        let request = self.route(route, &argument);
        let started = Instant::now();
        let reply = self.target.client.send(request.clone()).await;
        if self.calls.is_empty()
            && let Some(sentence) = diagnose(&self.target.api, &reply)
        {
            return Err(secrets_out(&self.target.vault, &sentence));
        }
        let json = reply
            .as_ref()
            .ok()
            .and_then(|reply| serde_json::from_slice::<Value>(&reply.body).ok());
        let link = json.and_then(|json| json["link"].as_str().map(str::to_owned));
        if let Some(link) = &link {
            let token = link.rsplit('/').next().unwrap_or_default();
            self.target.vault.remember(SecretKind::LinkToken, token);
        }
        self.note(
            what,
            rules,
            Some((route.to_owned(), argument)),
            &request,
            started,
            reply,
            None,
        );
        Ok(link)
    }

    async fn rpc_anyway(
        &mut self,
        what: &'static str,
        rules: &'static [&'static str],
        route: &str,
        argument: Value,
    ) -> Call {
        let request = self.route(route, &argument);
        let started = Instant::now();
        let reply = self.target.client.send(request.clone()).await;
        self.note(
            what,
            rules,
            Some((route.to_owned(), argument)),
            &request,
            started,
            reply,
            None,
        )
    }

    fn route(&self, route: &str, argument: &Value) -> Request {
        Request::post(format!("{}/2/{route}", self.target.api))
            .header(
                "Authorization",
                format!("Bearer {}", self.target.tokens.main.expose()),
            )
            .header("User-Agent", AGENT)
            .content_type("application/json")
            .body(argument.to_string())
    }

    async fn use_link(
        &mut self,
        what: &'static str,
        link: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<(), String> {
        if self.stopping.load(Ordering::SeqCst) {
            return Err(INTERRUPTED.to_owned());
        }
        let request = Request::post(link)
            .header("User-Agent", AGENT)
            .header("Origin", ORIGIN)
            .content_type(content_type)
            .body(body);
        let started = Instant::now();
        let reply = self.http2.send(request.clone()).await;
        self.note(what, &["UL-105"], None, &request, started, reply, None);
        Ok(())
    }

    /// The head, and half of what it announces; then the connection ends.
    async fn half_a_body(&mut self, link: &str) -> Result<(), String> {
        let started = Instant::now();
        let request = raw_request(link, None).body(&b"hal"[..]);
        let reply = match self.open(link).await {
            Ok(mut connection) => {
                let head = head_of(&request, FIRST.len());
                let written = connection.write(&[head.as_bytes(), b"hal"].concat()).await;
                // It has to arrive before it breaks off, and the break has to arrive before the next call.
                tokio::time::sleep(Duration::from_millis(700)).await;
                drop(connection);
                tokio::time::sleep(Duration::from_millis(700)).await;
                Err(written.err().unwrap_or_else(|| {
                    NoReply::Cut("the connection was ended in the middle of the body".to_owned())
                }))
            }
            Err(error) => Err(error),
        };
        self.note(
            "half a body, cut off",
            &["UL-149"],
            None,
            &request,
            started,
            reply,
            None,
        );
        Ok(())
    }

    async fn whole_with_continue(&mut self, link: &str) -> Result<(), String> {
        if self.stopping.load(Ordering::SeqCst) {
            return Err(INTERRUPTED.to_owned());
        }
        let started = Instant::now();
        let request = raw_request(link, Some("100-continue")).body(FIRST);
        let mut continued = false;
        let conversation = async {
            let mut connection = self.open(link).await?;
            connection
                .write(head_of(&request, FIRST.len()).as_bytes())
                .await?;
            // A server need not say it: then the body goes out without.
            if let Ok(reply) =
                tokio::time::timeout(Duration::from_secs(3), connection.read(false)).await
            {
                let reply = reply?;
                continued = reply.status == 100;
                if !continued {
                    return Ok(reply);
                }
            }
            connection.write(FIRST).await?;
            connection.read(false).await
        };
        let reply = conversation.await;
        let what = "then the whole body, with Expect: 100-continue";
        self.note(
            what,
            &["UL-107"],
            None,
            &request,
            started,
            reply,
            Some(continued),
        );
        Ok(())
    }

    async fn open(&self, link: &str) -> Result<Connection, NoReply> {
        let (origin, _) = Origin::of(link)?;
        let target = self.target;
        Connection::open(&origin, target.connect_to, &target.tls, &[], target.timeout).await
    }

    #[expect(clippy::too_many_arguments, reason = "a call is what it is")]
    fn note(
        &mut self,
        what: &'static str,
        rules: &'static [&'static str],
        argument: Option<(String, Value)>,
        request: &Request,
        started: Instant,
        reply: Result<Reply, NoReply>,
        continued: Option<bool>,
    ) -> Call {
        let vault = &self.target.vault;
        let out = |text: &str| secrets_out(vault, text);
        let call = Call {
            number: self.calls.len() + 1,
            what,
            rules,
            argument,
            request: out(&written(request)),
            came: match reply {
                Ok(reply) => Came::Answer(Met {
                    version: reply.version.clone(),
                    status: reply.status,
                    headers: reply
                        .headers
                        .iter()
                        .map(|(name, value)| (name.clone(), shown_header(name, &out(value))))
                        .collect(),
                    body: out(&String::from_utf8_lossy(&reply.body)),
                    continued,
                }),
                Err(error) => Came::NoAnswer(out(&error.to_string())),
            },
            milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        self.calls.push(call.clone());
        call
    }
}

const MINT: &str = "files/get_temporary_upload_link";
const AGENT: &str = concat!(
    "fake-dropbox-conformance/",
    env!("CARGO_PKG_VERSION"),
    " (first-look)"
);

fn raw_request(link: &str, expect: Option<&str>) -> Request {
    let request = Request::post(link)
        .header("User-Agent", AGENT)
        .content_type("application/octet-stream");
    match expect {
        Some(expect) => request.header("Expect", expect),
        None => request,
    }
}

/// The head of a request as it is written by hand.
fn head_of(request: &Request, length: usize) -> String {
    let (authority, path) = Origin::of(&request.url).map_or_else(
        |_| (String::new(), String::new()),
        |(origin, path)| (origin.authority, path),
    );
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: {authority}\r\n");
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + &format!("Content-Length: {length}\r\n\r\n")
}

fn written(request: &Request) -> String {
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if let Body::Bytes(bytes) = &request.body {
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(bytes));
    }
    text
}

/// Only secrets are hidden: ids, revs, times and dots are evidence here.
fn secrets_out(vault: &Vault, text: &str) -> String {
    let mut found = vault.found_in(text);
    // Of a link only its token, so that its host and path are seen.
    found.retain(|(_, _, kind)| *kind != SecretKind::Link);
    found.sort_by_key(|(_, form, _)| std::cmp::Reverse(form.len()));
    found.iter().fold(text.to_owned(), |text, (_, form, kind)| {
        // How many bytes a token spells is a question of its own.
        let bytes = (*kind == SecretKind::LinkToken)
            .then(|| spelled_bytes(form))
            .flatten();
        let size = bytes.map_or_else(String::new, |bytes| format!(" {bytes}"));
        text.replace(form, &format!("<{}{size}>", kind.word()))
    })
}

fn shown_header(name: &str, value: &str) -> String {
    if name.eq_ignore_ascii_case("set-cookie") {
        "<not shown>".to_owned()
    } else {
        value.to_owned()
    }
}
