//! A raw connection in the hands of a case: every byte is the case's own, and still every exchange is
//! recorded, counted and confined.

use std::time::Duration;

use tokio::time::Instant;

use crate::failure::Failure;
use crate::http::raw::{Connection, Origin};
use crate::http::{NoReply, Request};
use crate::talk::answer::Answer;
use crate::talk::context::Context;
use crate::talk::transcript;

#[derive(Debug)]
pub struct RawTalk<'a> {
    context: &'a Context,
    connection: Connection,
    origin: Origin,
    /// The path of the URL that the connection was opened for.
    path: String,
    /// What was written since the last final answer.
    written: Vec<u8>,
    started: Instant,
}

impl<'a> RawTalk<'a> {
    pub(crate) async fn open(
        context: &'a Context,
        url: &str,
        alpn: &[&str],
    ) -> Result<Self, Failure> {
        context.admit(&Request::post(url))?;
        context.spend(0)?;
        let target = context.target();
        let opened = async {
            let (origin, path) = Origin::of(url)?;
            let connection = Connection::open(
                &origin,
                target.connect_to,
                &target.tls,
                alpn,
                target.timeout,
            )
            .await?;
            Ok((origin, path, connection))
        };
        let (origin, path, connection) = opened
            .await
            .map_err(|error: NoReply| context.no_answer("a raw connection", &error))?;
        Ok(Self {
            context,
            connection,
            origin,
            path,
            written: Vec::new(),
            started: Instant::now(),
        })
    }

    /// The head of a request for the URL that the connection was opened for: request line, `Host`,
    /// `User-Agent`, then these lines, then the empty line.
    pub fn head(&self, method: &str, lines: &[&str]) -> String {
        self.head_for(method, &self.path, lines)
    }

    /// As [`Self::head`] for another path on the same connection.
    pub fn head_for(&self, method: &str, path: &str, lines: &[&str]) -> String {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n",
            self.origin.authority,
            self.context.user_agent()
        );
        for line in lines {
            head.push_str(line);
            head.push_str("\r\n");
        }
        head + "\r\n"
    }

    /// What ALPN settled on.
    pub fn alpn(&self) -> Option<&str> {
        self.connection.alpn()
    }

    /// Writes bytes. They must belong to a request for a link or for a path inside the folder: raw
    /// bytes for a route go through the ordinary layer, which checks their argument.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
        self.try_write(bytes)
            .await?
            .map_err(|error| self.context.no_answer("a raw connection", &error))
    }

    /// As [`Self::write`], where it is no surprise if the other side has closed.
    pub async fn try_write(
        &mut self,
        bytes: impl AsRef<[u8]>,
    ) -> Result<Result<(), NoReply>, Failure> {
        let bytes = bytes.as_ref();
        self.context.spend_bytes(bytes.len() as u64)?;
        self.written.extend_from_slice(bytes);
        Ok(self.connection.write(bytes).await)
    }

    /// Says that no more will be written, and stays open for reading.
    pub async fn finish_writing(&mut self) -> Result<(), Failure> {
        self.connection
            .finish_writing()
            .await
            .map_err(|error| self.context.no_answer("a raw connection", &error))
    }

    /// Reads an answer, an interim one (1xx) too.
    pub async fn answer(&mut self) -> Result<Answer, Failure> {
        self.try_answer()
            .await
            .map_err(|error| self.context.no_answer("a raw connection", &error))
    }

    /// As [`Self::answer`], where it is no surprise if none comes.
    pub async fn try_answer(&mut self) -> Result<Answer, NoReply> {
        let to_head = self.written.starts_with(b"HEAD ");
        let reply = self.connection.read(to_head).await;
        let interim = reply.as_ref().is_ok_and(|reply| reply.status < 200);
        self.note(reply, interim)
    }

    /// Whether the other side closes within this time.
    pub async fn is_closed_within(&mut self, patience: Duration) -> bool {
        self.connection.is_closed_within(patience).await
    }

    /// Ends the connection in the middle of whatever was going on, and writes that down.
    pub fn abort(mut self) {
        let cut = NoReply::Cut("the suite closed the connection".to_owned());
        let _noted = self.note(Err(cut), false);
    }

    fn note(
        &mut self,
        reply: Result<crate::http::Reply, NoReply>,
        interim: bool,
    ) -> Result<Answer, NoReply> {
        let scheme = if self.origin.tls { "https" } else { "http" };
        let origin = format!("{scheme}://{}", self.origin.authority);
        let sent = transcript::sent_raw(&origin, &self.written, self.context.normaliser());
        if !interim {
            self.written.clear();
        }
        let what = format!("raw {}", sent.method);
        let took = self.started.elapsed();
        let number = self.context.next_number();
        self.context.record(number, None, sent, took, reply, what)
    }
}
