//! Takes the body of a request: hashes it and puts it away while it arrives.

use crate::dropbox::content::{Body, Content};
use crate::dropbox::content_hash::{ContentHash, ContentHasher};
use crate::dropbox::session::Part;
use crate::server::app::hashing::{Hashers, Hashing};
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::StatusCode;
use sha2::Digest as _;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::time::Duration;

/// The body of a request as it arrives.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send + Sync>>;

#[derive(Debug)]
pub struct Received {
    /// The bytes at rest.
    pub body: Body,
    pub hashers: Hashers,
    /// Bytes of this body.
    pub size: u64,
}

/// Why a body is not all there.
#[derive(Debug, thiserror::Error)]
pub enum NotReceived {
    #[error("the client went away: {0}")]
    Interrupted(#[source] warp::Error),
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    /// The bytes could not be put away.
    #[error("the bytes could not be stored: {0}")]
    Storage(#[source] std::io::Error),
    /// A fault was injected while the body arrived.
    #[error("a fault was injected")]
    Problem(Problem),
}

#[derive(Debug, Default)]
pub struct Receiving {
    pub hasher: ContentHasher,
    /// The most bytes.
    pub limit: u64,
    /// Also compute plain SHA-256 (OQ-19).
    pub sha256: bool,
}

pub async fn receive(
    exchange: &Exchange,
    mut body: BodyStream,
    receiving: Receiving,
) -> Result<Received, NotReceived> {
    let Receiving {
        hasher,
        limit,
        sha256,
    } = receiving;
    let app = exchange.app();
    let mut hashing = Hashing::new(Hashers::new(hasher, sha256), &app.uploads);
    let mut writer = app.storage.writer();
    faults::body_begins(exchange)
        .await
        .map_err(NotReceived::Problem)?;
    let pace = app.config.upload_speed.map(Pace::new);
    let mut size = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(NotReceived::Interrupted)?;
        size += chunk.len() as u64;
        faults::body_grows(exchange, size)
            .await
            .map_err(NotReceived::Problem)?;
        if let Some(pace) = &pace {
            let pause = faults::pause(exchange, pace.early(size)).await;
            pause.map_err(NotReceived::Problem)?;
        }
        if size > limit {
            return Err(NotReceived::TooLarge(limit));
        }
        writer
            .write(chunk.clone())
            .await
            .map_err(NotReceived::Storage)?;
        hashing.update(chunk).await;
    }
    let hashers = hashing.finish().await;
    let hash = hashers.own_hash();
    let stored = writer.finish(hash).await.map_err(NotReceived::Storage)?;
    Ok(Received {
        body: stored.into_body(hash),
        hashers,
        size,
    })
}

/// Reads a body no faster than `--upload-speed`, so that a progress bar can be seen.
struct Pace {
    bytes_per_second: NonZeroU64,
    began: tokio::time::Instant,
}

impl Pace {
    fn new(bytes_per_second: NonZeroU64) -> Self {
        Self {
            bytes_per_second,
            began: tokio::time::Instant::now(),
        }
    }

    /// How much too early so many bytes are there.
    fn early(&self, bytes: u64) -> Duration {
        let milliseconds = bytes.saturating_mul(1000) / self.bytes_per_second;
        Duration::from_millis(milliseconds).saturating_sub(self.began.elapsed())
    }
}

impl Received {
    /// The content hash of these bytes alone.
    pub fn own_hash(&self) -> ContentHash {
        self.hashers.own_hash()
    }

    /// Plain SHA-256 of these bytes, where it was asked for (OQ-19).
    pub fn sha256(&self) -> Option<[u8; 32]> {
        let plain = self.hashers.plain.clone();
        plain.map(|plain| plain.finalize().into())
    }

    /// The content of a file that is just these bytes.
    pub fn into_content(self) -> Content {
        Content {
            hash: self.hashers.content.finish(),
            size: self.size,
            bodies: vec![self.body],
        }
    }

    /// One part of an upload session.
    pub fn into_part(self) -> Part {
        Part {
            body: self.body,
            hasher: self.hashers.content,
            size: self.size,
        }
    }
}

/// Takes a body that has to fit into memory; `None` where it is larger than `limit`.
pub async fn collect(mut body: BodyStream, limit: usize) -> Result<Option<Bytes>, warp::Error> {
    let Some(first) = body.next().await else {
        return Ok(Some(Bytes::new()));
    };
    let mut all = bytes::BytesMut::from(first?);
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        if all.len() + chunk.len() > limit {
            return Ok(None);
        }
        all.extend_from_slice(&chunk);
    }
    Ok((all.len() <= limit).then(|| all.freeze()))
}

/// The body of a call whose argument it is.
pub async fn argument_body(exchange: &Exchange, body: BodyStream) -> Result<Bytes, Problem> {
    let limit = exchange.app().config.max_json_size;
    let body = collect(body, limit)
        .await
        .map_err(|error| client_left(exchange, &error))?;
    let body = body.ok_or_else(|| argument_too_large(limit))?;
    exchange.record_argument(&body);
    Ok(body)
}

/// The client went away before its request was complete; nobody is there to answer.
pub fn client_left(exchange: &Exchange, error: &warp::Error) -> Problem {
    exchange.record_client_left();
    let note = format!("the client went away: {error}");
    Problem::Ready(Box::new(
        Answer::text(StatusCode::BAD_REQUEST, "").with_note(note),
    ))
}

/// An argument that does not fit into memory; no route of Dropbox's takes one.
fn argument_too_large(limit: usize) -> Problem {
    let detail = format!(
        "The argument is larger than {limit} bytes, the most that this server takes. Nothing was done."
    );
    Problem::Ready(Box::new(Answer::about_the_fake(
        StatusCode::PAYLOAD_TOO_LARGE,
        "argument too large",
        &detail,
    )))
}

/// A body that did not arrive; `None` where it was too large, which each route answers in its way.
pub fn not_received(exchange: &Exchange, error: NotReceived) -> Option<Problem> {
    match error {
        NotReceived::TooLarge(_) => None,
        NotReceived::Interrupted(error) => Some(client_left(exchange, &error)),
        NotReceived::Problem(problem) => Some(problem),
        NotReceived::Storage(error) => {
            tracing::error!(%error, "uploaded bytes could not be stored: the upload is answered with a 507 and nothing is kept");
            let detail = format!(
                "The bytes could not be stored on this machine: {error}. Nothing was kept."
            );
            let answer =
                Answer::about_the_fake(StatusCode::INSUFFICIENT_STORAGE, "storage failed", &detail);
            Some(Problem::Ready(Box::new(answer)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_no_faster_than_its_pace_and_never_held_up_for_what_came_late() {
        let pace = Pace::new(NonZeroU64::new(1000).expect("not 0"));
        assert_eq!(pace.early(500), Duration::from_millis(500));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(pace.early(500), Duration::ZERO);
        assert_eq!(pace.early(2000), Duration::from_millis(1500));
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(pace.early(2001), Duration::ZERO);
    }
}
