//! The sentences that cases are made of: mint, consume, rpc, upload, look.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::http::{Body, NoReply, Request};
use crate::secrecy::normaliser::remember_link;
use crate::secrecy::secret::{Secret, SecretKind};
use crate::talk::answer::Answer;
use crate::talk::commit_info::CommitInfo;
use crate::talk::context::Context;
use crate::talk::raw_client::RawTalk;
use crate::targets::special_token::SpecialToken;

/// An upload link. It opens an account to whoever holds it, so it does not print itself.
#[derive(Clone)]
pub struct Link {
    url: Secret,
}

impl fmt::Debug for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<link>")
    }
}

impl Link {
    /// The URL, to be sent and never shown.
    pub fn url(&self) -> &str {
        self.url.expose()
    }

    /// The last component of its path.
    pub fn token(&self) -> &str {
        let bare = self.url().split('?').next().unwrap_or_default();
        bare.rsplit('/').next().unwrap_or_default()
    }

    /// What is in front of `/apitul/`: scheme, host, port.
    pub fn origin(&self) -> &str {
        self.url().split("/apitul/").next().unwrap_or_default()
    }

    /// The usual way to use it: a POST of `application/octet-stream`.
    pub fn request(&self) -> Request {
        Request::post(self.url()).content_type("application/octet-stream")
    }
}

/// Both ways to bring a file into an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Mint a link, consume it.
    Link,
    /// `files/upload`.
    Upload,
}

/// A file as `files/get_metadata` describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub metadata: Value,
}

impl File {
    /// A string member, empty if it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.metadata
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub fn rev(&self) -> &str {
        self.text("rev")
    }

    /// Without the list of property groups, which one dialect shows and another hides (AQ-18).
    #[must_use]
    pub fn without_groups(mut self) -> Self {
        if let Some(metadata) = self.metadata.as_object_mut() {
            metadata.remove("property_groups");
        }
        self
    }

    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.metadata
            .get("size")
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }

    pub fn content_hash(&self) -> &str {
        self.text("content_hash")
    }
}

/// An entry as those routes describe it that know what it is.
#[must_use]
pub fn without_tag(mut entry: Value) -> Value {
    if let Some(members) = entry.as_object_mut() {
        members.remove(".tag");
    }
    entry
}

impl Context {
    /// Calls an rpc route with the run's token.
    pub async fn rpc(&self, route: &str, argument: Value) -> Result<Answer, Failure> {
        self.send(self.rpc_request(route, &argument)).await
    }

    /// The request of [`Self::rpc`], to be changed before it is sent.
    pub fn rpc_request(&self, route: &str, argument: &Value) -> Request {
        Request::post(format!("{}/2/{route}", self.target().api))
            .header("Authorization", self.bearer(&self.target().tokens.main))
            .content_type("application/json")
            .body(argument.to_string())
    }

    /// Calls a content-upload route: the argument in a header, the content as the body.
    pub async fn content(
        &self,
        route: &str,
        argument: Value,
        body: impl Into<Body>,
    ) -> Result<Answer, Failure> {
        self.send(self.content_request(route, &argument).body(body))
            .await
    }

    /// The request of [`Self::content`] without a body, to be changed before it is sent.
    pub fn content_request(&self, route: &str, argument: &Value) -> Request {
        self.download_request(route, argument)
            .content_type("application/octet-stream")
    }

    /// Calls a content-download route.
    pub async fn download(&self, route: &str, argument: Value) -> Result<Answer, Failure> {
        self.send(self.download_request(route, &argument)).await
    }

    /// The request of [`Self::download`], to be changed before it is sent.
    pub fn download_request(&self, route: &str, argument: &Value) -> Request {
        Request::post(format!("{}/2/{route}", self.target().content))
            .header("Authorization", self.bearer(&self.target().tokens.main))
            .header("Dropbox-API-Arg", header_safe(&argument.to_string()))
    }

    /// The value of an `Authorization` header.
    pub fn bearer(&self, token: &Secret) -> String {
        format!("Bearer {}", token.expose())
    }

    /// The second account's token; the case must say that it needs one.
    pub fn second_token(&self) -> Result<&Secret, Failure> {
        let token = self.target().tokens.second.as_ref();
        token.ok_or_else(|| self.does_not_apply("there is no token of a second account"))
    }

    /// The token without the scope to write; the case must say that it needs one.
    pub fn restricted_token(&self) -> Result<&Secret, Failure> {
        let token = self.target().tokens.restricted.as_ref();
        token.ok_or_else(|| self.does_not_apply("there is no token without files.content.write"))
    }

    /// A token that something is wrong with; the case must say that it needs one.
    pub fn special_token(&self, kind: SpecialToken) -> Result<&Secret, Failure> {
        let token = self.target().tokens.special.get(&kind);
        token.ok_or_else(|| self.does_not_apply(&format!("there is no token of the kind {kind}")))
    }

    /// The same request with another token.
    pub fn as_holder_of(&self, token: &Secret, request: Request) -> Request {
        request
            .without_header("Authorization")
            .header("Authorization", self.bearer(token))
    }

    /// A token of an account that nobody else uses. Only a fake takes such a token.
    pub fn token_of_its_own(&self) -> Secret {
        let number: u128 = rand::random();
        let token = format!("sl.conformance-own-{number:032x}");
        self.normaliser()
            .vault()
            .keep(SecretKind::AccessToken, token)
    }

    /// A commit info as an argument, with its path under the case's folder.
    pub fn commit_argument(&self, commit_info: &CommitInfo) -> Value {
        commit_info.to_json(self.folder())
    }

    pub fn mint_argument(&self, commit_info: &CommitInfo) -> Value {
        let mut argument = json!({ "commit_info": self.commit_argument(commit_info) });
        if let Some(duration) = &commit_info.duration {
            argument["duration"] = duration.clone();
        }
        argument
    }

    /// Mints a link, which must succeed.
    pub async fn mint(&self, commit_info: CommitInfo) -> Result<Link, Failure> {
        let argument = self.mint_argument(&commit_info);
        let answer = self.mint_with(argument.clone()).await?.expect_status(200)?;
        self.link_of(&answer, &argument)
    }

    /// Asks for a link with any argument, well formed or not.
    pub async fn mint_with(&self, argument: Value) -> Result<Answer, Failure> {
        let answer = self
            .rpc("files/get_temporary_upload_link", argument.clone())
            .await?;
        if let Ok(url) = answer.string_at("/link") {
            self.note_link(&url, path_of(&argument));
        }
        Ok(answer)
    }

    /// The link in the answer of a mint whose argument was this.
    pub fn link_of(&self, answer: &Answer, argument: &Value) -> Result<Link, Failure> {
        let url = answer.string_at("/link")?;
        remember_link(self.normaliser(), &url);
        self.note_link(&url, path_of(argument));
        let url = self.normaliser().vault().keep(SecretKind::Link, url);
        Ok(Link { url })
    }

    /// A link with another token: one that nobody minted.
    pub fn unknown_link(&self, like: &Link, token: &str) -> Link {
        let url = format!("{}/apitul/1/{token}", like.origin());
        remember_link(self.normaliser(), &url);
        Link {
            url: self.normaliser().vault().keep(SecretKind::Link, url),
        }
    }

    /// Uses a link the usual way: POST, `application/octet-stream`.
    pub async fn consume(&self, link: &Link, body: impl Into<Body>) -> Result<Answer, Failure> {
        self.send(link.request().body(body)).await
    }

    /// As [`Self::consume`], where it is no surprise if no answer comes.
    pub async fn try_consume(
        &self,
        link: &Link,
        body: impl Into<Body>,
    ) -> Result<Result<Answer, NoReply>, Failure> {
        self.try_send(link.request().body(body)).await
    }

    /// Waits until the server has seen that an upload on the link began. A fake with controls says so;
    /// another server is given half a second.
    pub async fn until_begun(&self, link: &Link) {
        self.until(
            link,
            |state| state == "in_flight",
            Duration::from_millis(500),
        )
        .await;
    }

    /// Waits until the server has seen that the upload on the link broke off. A fake with controls says
    /// so; another server is given a second.
    pub async fn until_broken_off(&self, link: &Link) {
        self.until(link, |state| state != "in_flight", Duration::from_secs(1))
            .await;
    }

    async fn until(&self, link: &Link, wanted: fn(&str) -> bool, patience: Duration) {
        const MOST_LOOKS: usize = 1000;
        let Some(controls) = self.target().clock.controls() else {
            return tokio::time::sleep(patience).await;
        };
        for _ in 0..MOST_LOOKS {
            match controls.link_state(&link.url).await {
                Some(state) if wanted(&state) => return,
                Some(_) => tokio::time::sleep(Duration::from_millis(2)).await,
                None => return tokio::time::sleep(patience).await,
            }
        }
    }

    /// Calls `files/upload`.
    pub async fn upload(
        &self,
        commit_info: CommitInfo,
        body: impl Into<Body>,
    ) -> Result<Answer, Failure> {
        let argument = self.commit_argument(&commit_info);
        self.content("files/upload", argument, body).await
    }

    /// Commits through a link or through `files/upload`: one sentence for a rule of both.
    pub async fn commit(
        &self,
        via: Via,
        commit_info: CommitInfo,
        body: impl Into<Body>,
    ) -> Result<Answer, Failure> {
        match via {
            Via::Upload => self.upload(commit_info, body).await,
            Via::Link => {
                let link = self.mint(commit_info).await?;
                self.consume(&link, body).await
            }
        }
    }

    /// Puts a file there, as a setting for what follows, and gives its metadata.
    pub async fn given_file(&self, path: &str, body: impl Into<Body>) -> Result<File, Failure> {
        let answer = self
            .upload(
                crate::talk::commit_info::commit_info(path).overwrite(),
                body,
            )
            .await?
            .expect_status(200)?;
        Ok(File {
            metadata: answer.json()?,
        })
    }

    /// Puts a folder there, as a setting for what follows.
    pub async fn given_folder(&self, path: &str) -> Result<Answer, Failure> {
        let argument = json!({"path": self.path(path), "autorename": false});
        self.rpc("files/create_folder_v2", argument)
            .await?
            .expect_status(200)
    }

    /// What `files/get_metadata` says about a path.
    pub async fn look_at(&self, path: &str) -> Result<Answer, Failure> {
        self.rpc("files/get_metadata", json!({"path": self.path(path)}))
            .await
    }

    /// The file or folder at a path, as `files/get_metadata` describes it; it must be there.
    pub async fn entry(&self, path: &str) -> Result<Value, Failure> {
        self.look_at(path).await?.expect_status(200)?.json()
    }

    /// The file at a path; it must be there (UL-189: the metadata is the proof, not the answer).
    pub async fn file(&self, path: &str) -> Result<File, Failure> {
        let answer = self
            .look_at(path)
            .await?
            .expect_status(200)?
            .expect_at("/.tag", "file")?;
        Ok(File {
            metadata: answer.json()?,
        })
    }

    /// Nothing may be at the path.
    pub async fn expect_nothing_at(&self, path: &str) -> Result<(), Failure> {
        self.look_at(path).await?.expect_error("path/not_found")?;
        Ok(())
    }

    /// The file at the path holds exactly these bytes, by its size and content hash.
    pub async fn expect_content(&self, path: &str, bytes: &[u8]) -> Result<File, Failure> {
        let file = self.file(path).await?;
        let hash = crate::talk::content_hash::content_hash(bytes);
        if file.size() == bytes.len() as u64 && file.content_hash() == hash {
            return Ok(file);
        }
        Err(self.fail(&format!(
            "expected the size {} and the hash {hash} at {path}; what came: the size {} and the hash {}",
            bytes.len(),
            file.metadata.get("size").unwrap_or(&Value::Null),
            file.content_hash()
        )))
    }

    /// The error text of the commit that a case expects to fail, whichever way it went: the 409 of a
    /// link is one plain text (UL-142), the 409 of `files/upload` names the error.
    pub fn expect_commit_failed(
        &self,
        via: Via,
        answer: Answer,
        summary: &str,
    ) -> Result<Answer, Failure> {
        match via {
            Via::Upload => answer.expect_error(summary),
            Via::Link => answer
                .expect_status(409)?
                .expect_text_with("Temporary upload link led to invalid upload attempt"),
        }
    }

    /// Opens a raw connection to where this URL lives.
    pub async fn raw(&self, url: &str) -> Result<RawTalk<'_>, Failure> {
        self.raw_offering(url, &[]).await
    }

    /// As [`Self::raw`], and offers these protocols by ALPN.
    pub async fn raw_offering(&self, url: &str, alpn: &[&str]) -> Result<RawTalk<'_>, Failure> {
        RawTalk::open(self, url, alpn).await
    }
}

fn path_of(argument: &Value) -> Option<&str> {
    argument
        .pointer("/commit_info/path")
        .and_then(Value::as_str)
}

/// JSON that may stand in a header: API-20.
pub fn header_safe(json: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some(plain) if plain < '\u{7f}' => out.push(plain),
            _ => write!(out, "\\u{unit:04x}").expect("a String takes every write"),
        }
    }
    out
}
