//! Hashes a body while it arrives: on the way, or beside it on a second core.
//!
//! A lone upload is bound by one core that reads and hashes in turns, so its hashing moves to
//! another one, a batch at a time, while the next batch arrives. With several uploads every core has
//! its work already, and small requests would wait for the hashing threads: then each hashes on
//! its own way and lets others run in between.

use crate::dropbox::content_hash::{ContentHash, ContentHasher};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinHandle;

/// Bytes between two looks at what else there is to do. Hashing keeps a core busy; small requests
/// on the same core wait for no more than this (about 70 µs).
const YIELD_EVERY: usize = 128 << 10;

/// Bytes that are hashed beside at a time: enough that handing them over costs nothing beside it.
const BATCH: usize = 1 << 20;

/// Smaller pieces do not wait for a batch: each would keep the network buffer that it came in.
const TINY: usize = 4 << 10;

/// How many uploads are under way.
#[derive(Clone, Debug, Default)]
pub struct Uploads(Arc<AtomicUsize>);

impl Uploads {
    fn begin(&self) -> UnderWay {
        self.0.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.clone())
    }
}

#[derive(Debug)]
struct UnderWay(Uploads);

impl UnderWay {
    fn is_alone(&self) -> bool {
        self.0.0.load(Ordering::Relaxed) == 1
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is computed over one body.
#[derive(Debug)]
pub struct Hashers {
    /// The content hash, which may have begun before this body.
    pub content: ContentHasher,
    /// The content hash of this body alone, where `content` went on from others.
    pub own: Option<ContentHasher>,
    /// Plain SHA-256, where it was asked for (OQ-19).
    pub plain: Option<Sha256>,
}

impl Hashers {
    /// Goes on with `content`.
    pub fn new(content: ContentHasher, plain: bool) -> Self {
        Self {
            own: (content.size() > 0).then(ContentHasher::new),
            plain: plain.then(Sha256::new),
            content,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.content.update(bytes);
        if let Some(own) = &mut self.own {
            own.update(bytes);
        }
        if let Some(plain) = &mut self.plain {
            plain.update(bytes);
        }
    }

    /// The content hash of this body alone.
    pub fn own_hash(&self) -> ContentHash {
        self.own.as_ref().unwrap_or(&self.content).clone().finish()
    }
}

#[derive(Debug)]
pub struct Hashing {
    inline: Option<Box<Hashers>>,
    offloaded: Option<JoinHandle<Box<Hashers>>>,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
    since_yield: usize,
    under_way: UnderWay,
}

impl Hashing {
    pub fn new(hashers: Hashers, uploads: &Uploads) -> Self {
        Self {
            inline: Some(Box::new(hashers)),
            offloaded: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
            since_yield: 0,
            under_way: uploads.begin(),
        }
    }

    /// Takes the next bytes.
    pub async fn update(&mut self, bytes: Bytes) {
        if bytes.len() < TINY {
            self.catch_up().await;
            return self.hash(&bytes).await;
        }
        if !self.under_way.is_alone() {
            // What waits is held in memory, with the network buffers that it came in: of many uploads none waits.
            self.catch_up().await;
            return self.hash(&bytes).await;
        }
        self.waiting_bytes += bytes.len();
        self.waiting.push(bytes);
        if self.waiting_bytes < BATCH {
            return;
        }
        self.rejoin().await;
        self.waiting_bytes = 0;
        let batch = std::mem::take(&mut self.waiting);
        self.offloaded = self.inline.take().map(|mut hashers| {
            tokio::task::spawn_blocking(move || {
                for bytes in batch {
                    hashers.update(&bytes);
                }
                hashers
            })
        });
    }

    /// What was computed, once there are no more bytes.
    pub async fn finish(mut self) -> Hashers {
        self.catch_up().await;
        self.rejoin().await;
        *self.inline.expect("rejoined above")
    }

    /// Hashes whatever waits, on the way.
    async fn catch_up(&mut self) {
        self.waiting_bytes = 0;
        for bytes in std::mem::take(&mut self.waiting) {
            self.hash(&bytes).await;
        }
    }

    async fn hash(&mut self, mut bytes: &[u8]) {
        self.rejoin().await;
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(bytes.len().min(YIELD_EVERY - self.since_yield));
            self.inline.as_mut().expect("rejoined above").update(piece);
            bytes = rest;
            self.since_yield += piece.len();
            if self.since_yield == YIELD_EVERY {
                self.since_yield = 0;
                tokio::task::yield_now().await;
            }
        }
    }

    /// Waits for the batch that is hashed beside, if there is one.
    async fn rejoin(&mut self) {
        if let Some(offloaded) = self.offloaded.take() {
            match offloaded.await {
                Ok(hashers) => self.inline = Some(hashers),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    async fn hashed(bytes: &[u8], pieces: &[usize], plain: bool, uploads: &Uploads) -> Hashers {
        let mut content = ContentHasher::new();
        content.update(b"before");
        let mut hashing = Hashing::new(Hashers::new(content, plain), uploads);
        let mut rest = Bytes::copy_from_slice(bytes);
        let mut sizes = pieces.iter().cycle();
        while !rest.is_empty() {
            let size = rest.len().min(*sizes.next().expect("it is endless"));
            hashing.update(rest.split_to(size)).await;
        }
        hashing.finish().await
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_pieces_give_the_same_hashes_beside_and_on_the_way(
            size in 0..9_000_000_usize,
            pieces in proptest::collection::vec(
                prop_oneof![1..100_usize, 1_000..10_000_usize, 100_000..3_000_000_usize], 1..6
            ).prop_filter("not only tiny ones", |pieces| pieces.iter().any(|size| *size > 50_000)),
            is_alone: bool,
        ) {
            let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            let uploads = Uploads::default();
            let other = (!is_alone).then(|| uploads.begin());
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let hashers = runtime.block_on(hashed(&bytes, &pieces, true, &uploads));
            drop(other);
            prop_assert_eq!(hashers.own_hash(), ContentHash::of(&bytes));
            let all = [b"before", &*bytes].concat();
            prop_assert_eq!(hashers.content.finish(), ContentHash::of(&all));
            prop_assert_eq!(hashers.plain.expect("asked for").finalize(), Sha256::digest(&bytes));
            prop_assert!(uploads.begin().is_alone());
        }
    }

    #[tokio::test]
    async fn only_a_lone_upload_is_hashed_beside() {
        let uploads = Uploads::default();
        let batch = Bytes::from(vec![7; BATCH]);
        let mut first = Hashing::new(Hashers::new(ContentHasher::new(), false), &uploads);
        first.update(batch.clone()).await;
        assert!(first.offloaded.is_some());
        let mut second = Hashing::new(Hashers::new(ContentHasher::new(), false), &uploads);
        second.update(batch.clone()).await;
        first.update(batch.clone()).await;
        assert!(first.offloaded.is_none() && second.offloaded.is_none());
        drop(second);
        first.update(batch).await;
        assert!(first.offloaded.is_some());
        let hash = first.finish().await.own_hash();
        assert_eq!(hash, ContentHash::of(&vec![7; 3 * BATCH]));
    }
}
