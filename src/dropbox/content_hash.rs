//! Dropbox's content hash (UL-170, UL-171), in metadata too (API-203).
//!
//! `fixtures/content-hash.json` has the hashes that are published or follow from the definition
//! (UL-172, UL-174, UL-175).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Bytes in a block: 4 MiB. The last block may be shorter.
pub const BLOCK_SIZE: usize = 4 * 1024 * 1024;

/// The content hash of some bytes; shown as 64 lower-case hexadecimal digits.
///
/// ```
/// use fake_dropbox::internals::dropbox::content_hash::ContentHash;
///
/// assert_eq!(
///     ContentHash::of(b"hello").to_string(),
///     "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50",
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The content hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = ContentHasher::new();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The content hash of the blocks with these SHA-256 digests.
    pub fn of_blocks(digests: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let mut whole = Sha256::new();
        digests.into_iter().for_each(|digest| whole.update(digest));
        Self(whole.finalize().into())
    }

    /// The hash that these 32 bytes spell.
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The 32 bytes.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // Every upload prints one: a formatter for each byte costs forty times as much.
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        formatter.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ContentHash({self})")
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a content hash has 64 hexadecimal digits")]
pub struct NotAContentHash;

impl FromStr for ContentHash {
    type Err = NotAContentHash;

    fn from_str(text: &str) -> Result<Self, NotAContentHash> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAContentHash);
        }
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| NotAContentHash)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotAContentHash)?;
        }
        Ok(Self(digest))
    }
}

/// Computes a content hash while the bytes arrive, in pieces of any size.
///
/// It holds one SHA-256 state and 32 bytes for each block, never a block.
///
/// ```
/// use fake_dropbox::internals::dropbox::content_hash::{ContentHash, ContentHasher};
///
/// let mut hasher = ContentHasher::new();
/// hasher.update(b"hel");
/// hasher.update(b"lo");
/// assert_eq!(hasher.size(), 5);
/// assert_eq!(hasher.finish(), ContentHash::of(b"hello"));
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ContentHasher {
    #[serde(serialize_with = "write_state", deserialize_with = "read_state")]
    block: Sha256,
    in_block: usize,
    blocks: Vec<[u8; 32]>,
    size: u64,
}

fn write_state<S: Serializer>(block: &Sha256, serializer: S) -> Result<S::Ok, S::Error> {
    block.serialize().as_slice().serialize(serializer)
}

fn read_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sha256, D::Error> {
    let state = Vec::<u8>::deserialize(deserializer)?;
    let state = state.as_slice().try_into().map_err(D::Error::custom)?;
    Sha256::deserialize(state).map_err(|_| D::Error::custom("not the state of a hash"))
}

impl PartialEq for ContentHasher {
    /// Whether they have seen the same bytes.
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size
            && self.blocks == other.blocks
            && self.block.serialize() == other.block.serialize()
    }
}

impl ContentHasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK_SIZE - self.in_block));
            self.block.update(now);
            self.in_block += now.len();
            if self.in_block == BLOCK_SIZE {
                self.end_block();
            }
            bytes = later;
        }
    }

    /// Bytes taken so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The content hash of everything that was taken.
    pub fn finish(self) -> ContentHash {
        ContentHash::of_blocks(self.into_blocks())
    }

    /// The digests of the blocks, for bytes that are one part of a whole.
    pub fn into_blocks(mut self) -> Vec<[u8; 32]> {
        // No bytes are no block, not an empty one (UL-171).
        if self.in_block > 0 {
            self.end_block();
        }
        self.blocks
    }

    fn end_block(&mut self) {
        self.blocks.push(self.block.finalize_reset().into());
        self.in_block = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, word for word, on bytes that are all there.
    fn by_definition(bytes: &[u8]) -> String {
        let digests: Vec<u8> = bytes
            .chunks(BLOCK_SIZE)
            .flat_map(|block| Sha256::digest(block).to_vec())
            .collect();
        ContentHash(Sha256::digest(digests).into()).to_string()
    }

    #[test]
    fn the_hash_of_nothing_is_that_of_no_blocks() {
        assert_eq!(
            ContentHash::of(b"").to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_hash_reads_back_what_it_shows() {
        let hash = ContentHash::of(b"x");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!("é".repeat(32).parse::<ContentHash>(), Err(NotAContentHash));
        assert_eq!("+1".repeat(32).parse::<ContentHash>(), Err(NotAContentHash));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn any_chunking_gives_the_hash_of_the_definition(
            size in prop_oneof![0..4096usize, (BLOCK_SIZE - 3)..(BLOCK_SIZE + 3), (2 * BLOCK_SIZE - 2)..(2 * BLOCK_SIZE + 2)],
            cuts in proptest::collection::vec(1..3_000_000usize, 1..20),
        ) {
            let bytes: Vec<u8> = (0..size).map(|i| u8::try_from(i % 251).expect("below 251")).collect();
            let mut hasher = ContentHasher::new();
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (now, later) = rest.split_at(rest.len().min(*cut));
                hasher.update(now);
                rest = later;
            }
            prop_assert_eq!(hasher.finish().to_string(), by_definition(&bytes));
        }
    }
}
