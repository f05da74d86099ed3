//! A server with `--data-dir` that is killed at random moments: what it told somebody is found again.
//!
//! `FAKE_DROPBOX_KILLS` says how often; `.ci/long crashes` does it 300 times. `FAKE_DROPBOX_KILLS_SEED` repeats a run,
//! as far as the moments of a kill can be repeated.

use crate::cli::program::{Serving, program};
use crate::support::client;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Clients that have an account each.
const WRITERS: usize = 4;

/// Pairs of clients that share an account and its links.
const PAIRS: usize = 2;

fn serve(directory: &Path) -> Serving {
    let directory = directory.to_str().expect("a plain path");
    Serving::start_with(program().args([
        "serve",
        "--no-tls",
        "--log",
        "warn",
        "--data-dir",
        directory,
    ]))
}

/// One client's own record of what it was told.
#[derive(Clone, Debug, Default)]
struct Record {
    token: String,
    /// Content hashes by path.
    files: BTreeMap<String, String>,
    /// Paths of links (behind the origin) that were minted and not used, with where they lead.
    fresh: Vec<(String, String)>,
    /// Those that were used, or that somebody was told are.
    used: Vec<String>,
    /// Sessions with the bytes in them.
    sessions: Vec<(String, Vec<u8>)>,
    /// Revs that somebody saw, with their content hashes.
    seen: BTreeMap<String, String>,
}

/// Something that a client asks for in one request.
#[derive(Clone, Debug)]
enum Step {
    Mint(String),
    Use(String, String, Vec<u8>),
    Upload(String, Vec<u8>),
    Start(Vec<u8>),
    Append(usize, Vec<u8>),
    Finish(usize, String),
    Move(String, String),
    Delete(String),
    Reset,
}

/// The server was killed before it answered.
struct Killed;

struct Client<'a> {
    http: reqwest::Client,
    origin: &'a str,
    random: Rng,
}

struct Answer {
    status: u16,
    body: String,
}

impl Client<'_> {
    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Killed> {
        let answer = request.send().await.map_err(|_| Killed)?;
        let status = answer.status().as_u16();
        let body = answer.text().await.map_err(|_| Killed)?;
        Ok(Answer { status, body })
    }

    fn rpc(&self, token: &str, route: &str, argument: &Value) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{route}", self.origin));
        request.bearer_auth(token).json(argument)
    }

    fn content(
        &self,
        token: &str,
        route: &str,
        argument: &Value,
        bytes: &[u8],
    ) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{route}", self.origin));
        request
            .bearer_auth(token)
            .header("Dropbox-API-Arg", argument.to_string())
            .header("Content-Type", "application/octet-stream")
            .body(bytes.to_vec())
    }

    fn consume(&self, link: &str, bytes: &[u8]) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{link}", self.origin));
        request
            .header("Content-Type", "application/octet-stream")
            .body(bytes.to_vec())
    }

    /// Whatever route asks, it has to work: the client asks for nothing that its record does not have.
    async fn done(&self, request: reqwest::RequestBuilder, what: &str) -> Result<String, Killed> {
        let answer = self.send(request).await?;
        assert_eq!(answer.status, 200, "{what}: {}", answer.body);
        Ok(answer.body)
    }

    fn bytes(&mut self) -> Vec<u8> {
        let size = if self.random.u8(..10) == 0 {
            self.random.usize(..600_000)
        } else {
            self.random.usize(1..2_000)
        };
        let mut bytes = vec![0; size];
        self.random.fill(&mut bytes);
        bytes
    }

    fn path(&mut self) -> String {
        format!("/d{}/f{}", self.random.u8(..4), self.random.u8(..8))
    }

    fn choose(&mut self, record: &Record) -> Step {
        let files: Vec<&String> = record.files.keys().collect();
        match self.random.u8(..100) {
            0..25 if record.fresh.len() < 20 => Step::Mint(self.path()),
            25..50 if !record.fresh.is_empty() => {
                let (link, path) = self.random.choice(&record.fresh).cloned().expect("one");
                Step::Use(link, path, self.bytes())
            }
            65..71 if record.sessions.len() < 5 => Step::Start(self.bytes()),
            71..78 if !record.sessions.is_empty() => {
                Step::Append(self.random.usize(..record.sessions.len()), self.bytes())
            }
            78..83 if !record.sessions.is_empty() => {
                Step::Finish(self.random.usize(..record.sessions.len()), self.path())
            }
            83..90 if !files.is_empty() => {
                let from = (*self.random.choice(&files).expect("one")).clone();
                let to = self.path();
                if record.files.contains_key(&to) {
                    Step::Delete(to)
                } else {
                    Step::Move(from, to)
                }
            }
            90..98 if !files.is_empty() => {
                Step::Delete((*self.random.choice(&files).expect("one")).clone())
            }
            98 => Step::Reset,
            _ => Step::Upload(self.path(), self.bytes()),
        }
    }

    /// Takes a step, and notes it once it was answered.
    async fn take(&self, record: &mut Record, step: &Step) -> Result<(), Killed> {
        let token = record.token.clone();
        let overwrite = |path: &str| json!({"path": path, "mode": "overwrite"});
        match step {
            Step::Mint(path) => {
                let argument = json!({"commit_info": overwrite(path)});
                let request = self.rpc(&token, "/2/files/get_temporary_upload_link", &argument);
                let body = self.done(request, "mint").await?;
                let body: Value = serde_json::from_str(&body).expect("JSON");
                let link = body["link"].as_str().expect("a link");
                let at = link.find("/apitul/").expect("an upload link");
                record.fresh.push((link[at..].to_owned(), path.clone()));
            }
            Step::Use(link, _, bytes) => {
                self.done(self.consume(link, bytes), "a fresh link").await?;
            }
            Step::Upload(path, bytes) => {
                let request = self.content(&token, "/2/files/upload", &overwrite(path), bytes);
                self.done(request, "upload").await?;
            }
            Step::Start(bytes) => {
                let route = "/2/files/upload_session/start";
                let request = self.content(&token, route, &json!({}), bytes);
                let body = self.done(request, "start").await?;
                let body: Value = serde_json::from_str(&body).expect("JSON");
                let id = body["session_id"].as_str().expect("an id").to_owned();
                record.sessions.push((id, Vec::new()));
            }
            Step::Append(at, bytes) => {
                let (id, had) = &record.sessions[*at];
                let argument = json!({"cursor": {"session_id": id, "offset": had.len()}});
                let route = "/2/files/upload_session/append_v2";
                let request = self.content(&token, route, &argument, bytes);
                self.done(request, "append").await?;
            }
            Step::Finish(at, path) => {
                let (id, had) = &record.sessions[*at];
                let argument = json!({
                    "cursor": {"session_id": id, "offset": had.len()}, "commit": overwrite(path)
                });
                let route = "/2/files/upload_session/finish";
                let request = self.content(&token, route, &argument, b"");
                self.done(request, "finish").await?;
            }
            Step::Move(from, to) => {
                let argument = json!({"from_path": from, "to_path": to});
                self.done(self.rpc(&token, "/2/files/move_v2", &argument), "move")
                    .await?;
            }
            Step::Delete(path) => {
                let request = self.rpc(&token, "/2/files/delete_v2", &json!({"path": path}));
                self.done(request, "delete").await?;
            }
            Step::Reset => {
                let request = self.http.post(format!("{}/_fake/v1/reset", self.origin));
                self.done(request.bearer_auth(&token), "reset").await?;
            }
        }
        record.note(step);
        Ok(())
    }

    /// The files that are there, with their content hashes.
    async fn files(&self, token: &str) -> Result<BTreeMap<String, (String, String)>, Killed> {
        let mut files = BTreeMap::new();
        let first = json!({"path": "", "recursive": true});
        let mut request = self.rpc(token, "/2/files/list_folder", &first);
        loop {
            let page = self.done(request, "list").await?;
            let page: Value = serde_json::from_str(&page).expect("JSON");
            for entry in page["entries"].as_array().expect("entries") {
                if entry[".tag"] == "file" {
                    let text = |name: &str| entry[name].as_str().expect("a text").to_owned();
                    let about = (text("rev"), text("content_hash"));
                    files.insert(text("path_lower"), about);
                }
            }
            if page["has_more"] != true {
                return Ok(files);
            }
            let next = json!({"cursor": page["cursor"]});
            request = self.rpc(token, "/2/files/list_folder/continue", &next);
        }
    }
}

impl Record {
    /// What is known once a step was taken.
    fn note(&mut self, step: &Step) {
        let hash = |bytes: &[u8]| ContentHash::of(bytes).to_string();
        match step {
            Step::Mint(_) => {}
            Step::Use(link, path, bytes) => {
                self.fresh.retain(|(fresh, _)| fresh != link);
                self.used.push(link.clone());
                self.files.insert(path.clone(), hash(bytes));
            }
            Step::Upload(path, bytes) => {
                self.files.insert(path.clone(), hash(bytes));
            }
            Step::Start(bytes) => {
                if let Some((_, had)) = self.sessions.last_mut() {
                    had.clone_from(bytes);
                }
            }
            Step::Append(at, bytes) => self.sessions[*at].1.extend_from_slice(bytes),
            Step::Finish(at, path) => {
                let (_, bytes) = self.sessions.remove(*at);
                self.files.insert(path.clone(), hash(&bytes));
            }
            Step::Move(from, to) => {
                let moved = self.files.remove(from).expect("it was there");
                self.files.insert(to.clone(), moved);
            }
            Step::Delete(path) => {
                self.files.remove(path);
            }
            Step::Reset => {
                self.files.clear();
                let lost = self.fresh.drain(..).map(|(link, _)| link);
                self.used.extend(lost);
                self.sessions.clear();
            }
        }
    }
}

/// Works until the server is killed: the step that nobody answered.
async fn work(client: &mut Client<'_>, record: &mut Record) -> Step {
    loop {
        let step = client.choose(record);
        if client.take(record, &step).await.is_err() {
            return step;
        }
    }
}

/// Two clients use the same links at once, and look at what the other one does.
async fn compete(client: &mut Client<'_>, record: &mut Record) {
    loop {
        let mint = Step::Mint(client.path());
        if client.take(record, &mint).await.is_err() {
            return;
        }
        let (link, path) = record.fresh.pop().expect("it was minted just now");
        let (one, other) = (client.bytes(), client.bytes());
        let (one, other) = tokio::join!(client.send(client.consume(&link, &one)), async {
            let raced = client.send(client.consume(&link, &other)).await?;
            // What somebody else brought, as soon as it can be seen.
            let seen = client.files(&record.token).await?;
            Ok::<_, Killed>((raced, seen))
        });
        let was_used = |answer: &Answer| answer.status == 200 || answer.status == 410;
        if let Ok(one) = &one
            && was_used(one)
        {
            record.used.push(link.clone());
        }
        let Ok((other, seen)) = other else { return };
        if was_used(&other) {
            record.used.push(link.clone());
        }
        record.seen.extend(seen.into_values());
        if let Ok(one) = &one {
            let good = u8::from(one.status == 200) + u8::from(other.status == 200);
            assert!(good <= 1, "the link to {path} was good for two uploads");
        } else {
            return;
        }
    }
}

/// Holds the server against what a client was told; `step` is what nobody answered.
async fn check(client: &mut Client<'_>, record: &mut Record, step: &Step) {
    let alive = "the server is not killed while it is looked at";
    let there = client.files(&record.token).await.ok().expect(alive);
    let hashes: BTreeMap<String, String> = there
        .iter()
        .map(|(path, (_, hash))| (path.clone(), hash.clone()))
        .collect();
    let mut after = record.clone();
    after.note_unanswered(step);
    if hashes == record.files {
        record.forget(step);
    } else {
        assert_eq!(
            hashes, after.files,
            "neither what was answered, nor that with {step:?}; before it there was {:?}",
            record.files
        );
        *record = after;
    }
    // All contents now and then, and otherwise one.
    for (path, hash) in &hashes {
        if client.random.u8(..8) != 0 {
            continue;
        }
        let argument = json!({"path": path}).to_string();
        let request = client
            .http
            .post(format!("{}/2/files/download", client.origin))
            .bearer_auth(&record.token)
            .header("Dropbox-API-Arg", argument);
        let answer = request.send().await.expect(alive);
        assert_eq!(answer.status(), 200, "{path}");
        let bytes = answer.bytes().await.expect(alive);
        assert_eq!(ContentHash::of(&bytes).to_string(), *hash, "{path}");
    }
    check_used(client, record).await;
}

impl Record {
    /// What is known where a step was taken that nobody answered.
    fn note_unanswered(&mut self, step: &Step) {
        match step {
            // Nobody knows the link, or the session.
            Step::Mint(_) | Step::Start(_) => {}
            step => self.note(step),
        }
    }

    /// What cannot be known, because nobody answered a step that left no file.
    fn forget(&mut self, step: &Step) {
        match step {
            // It may have been taken, and then broke off (OQ-02); or bytes came that made the file no other.
            Step::Use(link, ..) => self.fresh.retain(|(fresh, _)| fresh != link),
            Step::Append(at, _) | Step::Finish(at, _) => {
                self.sessions.remove(*at);
            }
            Step::Reset if self.files.is_empty() => {
                self.fresh.clear();
                self.sessions.clear();
            }
            _ => {}
        }
    }
}

async fn check_used(client: &mut Client<'_>, record: &mut Record) {
    let alive = "the server is not killed while it is looked at";
    for link in &record.used {
        let answer = client.send(client.consume(link, b"again")).await;
        let answer = answer.ok().expect(alive);
        assert_ne!(answer.status, 200, "a used link is good again");
    }
    // Once is enough for most; the rest would be asked thousands of times.
    while record.used.len() > 10 {
        let index = client.random.usize(..record.used.len());
        record.used.swap_remove(index);
    }
    for (rev, hash) in std::mem::take(&mut record.seen) {
        let argument = json!({"path": format!("rev:{rev}")});
        let request = client.rpc(&record.token, "/2/files/get_metadata", &argument);
        let answer = client.send(request).await.ok().expect(alive);
        assert!(
            answer.status == 200 && answer.body.contains(&hash),
            "somebody saw {rev}: {}",
            answer.body
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_found_again_after_each_kill() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse().expect("a number"))
    };
    let kills: u64 = number("FAKE_DROPBOX_KILLS").unwrap_or(4);
    let seed: u64 = number("FAKE_DROPBOX_KILLS_SEED").unwrap_or_else(|| Rng::new().u64(..));
    eprintln!("FAKE_DROPBOX_KILLS_SEED={seed}");
    let mut random = Rng::with_seed(seed);
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().join("data");
    let record = |kind: &str, index: usize| Record {
        token: format!("{kind}-{index}"),
        ..Record::default()
    };
    let mut writers: Vec<Record> = (0..WRITERS).map(|index| record("writer", index)).collect();
    let mut pairs: Vec<Record> = (0..PAIRS).map(|index| record("pair", index)).collect();
    let mut unanswered: Vec<Option<Step>> = vec![None; WRITERS];
    for _ in 0..=kills {
        let serving = serve(&directory);
        let origin = format!("http://127.0.0.1:{}", serving.port);
        let mut client = || Client {
            http: client(),
            origin: &origin,
            random: random.fork(),
        };
        for (record, step) in writers.iter_mut().zip(&unanswered) {
            if let Some(step) = step {
                check(&mut client(), record, step).await;
            }
        }
        for record in &mut pairs {
            check_used(&mut client(), record).await;
        }
        let mut clients: Vec<Client<'_>> = (0..WRITERS + PAIRS).map(|_| client()).collect();
        let (for_writers, for_pairs) = clients.split_at_mut(WRITERS);
        let until = Duration::from_millis(random.u64(5..400));
        let pid = serving.child.id();
        let working = for_writers
            .iter_mut()
            .zip(&mut writers)
            .map(|(client, record)| work(client, record));
        let competing = for_pairs
            .iter_mut()
            .zip(&mut pairs)
            .map(|(client, record)| compete(client, record));
        let killing = async {
            // Any moment is a good one: nothing is waited for.
            tokio::time::sleep(until).await;
            let killed = std::process::Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status();
            assert!(killed.expect("kill runs").success());
        };
        let (steps, _, ()) = tokio::join!(
            futures_util::future::join_all(working),
            futures_util::future::join_all(competing),
            killing
        );
        unanswered = steps.into_iter().map(Some).collect();
        drop(serving);
    }
}
