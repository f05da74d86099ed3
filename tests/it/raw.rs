//! A client that writes bytes and reads bytes, for everything that no HTTP client does.

use crate::support::Fake;
use fake_dropbox::internals::dropbox::link::LinkState;
use fake_dropbox::internals::wire::headers::ALLOWED;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Nothing here takes long; a test that hangs is a test that fails.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Head lines of a good upload, but for its length.
pub const UPLOAD: &str = "Host: localhost\r\nContent-Type: application/octet-stream\r\n";

#[derive(Debug)]
pub struct Raw {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub struct RawReply {
    pub version: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl RawReply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice: {self:?}");
        first
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    /// Holds the names of the headers against those that Dropbox has.
    fn check(self) -> Self {
        if self.header("x-fake-dropbox").is_none() {
            for (name, _) in &self.headers {
                assert!(ALLOWED.contains(&name.as_str()), "{name}: {self:?}");
            }
        }
        self
    }
}

impl Raw {
    pub async fn connect(fake: &Fake) -> Self {
        Self {
            stream: TcpStream::connect(fake.address).await.expect("a server"),
            buffer: Vec::new(),
        }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.try_send(bytes).await.expect("the server takes bytes");
        self
    }

    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        tokio::time::timeout(PATIENCE, self.stream.write_all(bytes.as_ref()))
            .await
            .expect("the server takes bytes in time")
    }

    /// Ends the writing half.
    pub async fn half_close(&mut self) -> &mut Self {
        self.stream.shutdown().await.expect("an open socket");
        self
    }

    pub async fn reply(&mut self) -> RawReply {
        self.next(false)
            .await
            .expect("an answer, not the end of the connection")
    }

    /// The next answer to a HEAD request.
    pub async fn reply_without_body(&mut self) -> RawReply {
        self.next(true).await.expect("an answer")
    }

    /// The next answer, or none where the connection ends instead.
    pub async fn reply_or_end(&mut self) -> Option<RawReply> {
        self.next(false).await
    }

    async fn next(&mut self, without_body: bool) -> Option<RawReply> {
        let head_end = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if !self.read().await {
                assert!(
                    self.buffer.is_empty(),
                    "half an answer: {:?}",
                    String::from_utf8_lossy(&self.buffer)
                );
                return None;
            }
        };
        let head: Vec<u8> = self.buffer.drain(..head_end).collect();
        let mut reply = parse(std::str::from_utf8(&head).expect("a head is text"));
        if reply.status < 200 || reply.status == 304 || without_body {
            return Some(reply.check());
        }
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = self.chunks().await;
        } else {
            let length = reply.header("content-length").map(str::parse::<usize>);
            let length = length.expect("a length").expect("a number");
            while self.buffer.len() < length {
                assert!(self.read().await, "a whole body: {reply:?}");
            }
            reply.body = self.buffer.drain(..length).collect();
        }
        Some(reply.check())
    }

    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line_end = loop {
                if let Some(end) = self.buffer.windows(2).position(|two| two == b"\r\n") {
                    break end;
                }
                assert!(self.read().await, "a whole chunk");
            };
            let line: Vec<u8> = self.buffer.drain(..line_end + 2).collect();
            let size = std::str::from_utf8(&line[..line_end]).expect("text");
            let size = usize::from_str_radix(size, 16).expect("a chunk size");
            while self.buffer.len() < size + 2 {
                assert!(self.read().await, "a whole chunk");
            }
            body.extend(self.buffer.drain(..size));
            assert_eq!(self.buffer.drain(..2).collect::<Vec<_>>(), b"\r\n");
            if size == 0 {
                return body;
            }
        }
    }

    /// Whether more bytes came. A reset is an end like any other here.
    async fn read(&mut self) -> bool {
        let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.buffer));
        matches!(read.await.expect("the server says something in time"), Ok(count) if count > 0)
    }

    /// Everything until the connection ends.
    pub async fn rest(&mut self) -> Vec<u8> {
        while self.read().await {}
        std::mem::take(&mut self.buffer)
    }
}

fn parse(head: &str) -> RawReply {
    let mut lines = head.trim_end_matches("\r\n").split("\r\n");
    let status_line = lines.next().expect("a status line");
    let mut words = status_line.splitn(3, ' ');
    let version = words.next().expect("a version").to_owned();
    assert!(
        ["HTTP/1.1", "HTTP/1.0"].contains(&version.as_str()),
        "{head:?}"
    );
    let status = words.next().expect("a status").parse().expect("a number");
    let headers = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").expect("a header line");
            (name.to_ascii_lowercase(), value.to_owned())
        })
        .collect();
    RawReply {
        version,
        status,
        headers,
        body: Vec::new(),
    }
}

/// The path of a link and its token.
pub fn target(link: &str) -> (&str, &str) {
    let path = &link[link.find("/apitul/").expect("a link")..];
    (path, path.rsplit('/').next().expect("a token"))
}

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    let waiting = async {
        while !is_so() {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("not so in time: {what}"));
}

impl Fake {
    /// A link to `/a` and its path.
    pub async fn mint_path(&self) -> String {
        let link = self.mint(r#"{"commit_info":{"path":"/a"}}"#).await;
        target(&link).0.to_owned()
    }

    /// What became of the link with this path.
    pub fn link_state(&self, path: &str) -> LinkState {
        let token = target(path).1;
        let owner = self.app.world().links.owner(token).expect("a link");
        let now = self.app.clock.now(Some(owner.name()));
        let account = owner.lock();
        account.state.links[token].state(now, &account.state.assumptions)
    }

    /// Whether nothing is held in memory or on the disk.
    pub fn holds_nothing(&self) -> bool {
        self.app.storage.bytes_in_memory() == 0 && self.app.storage.bytes_on_disk() == 0
    }

    /// The content hash of a file of the account `test`, if it is there.
    pub async fn stored_hash(&self, path: &str) -> Option<String> {
        let argument = serde_json::json!({ "path": path }).to_string();
        let reply = self.rpc("files/get_metadata", &argument).await;
        (reply.status == 200).then(|| {
            reply.json()["content_hash"]
                .as_str()
                .expect("a file")
                .to_owned()
        })
    }
}
