//! The content hash, computed here once more (UL-170): the suite does not ask the fake what is right.

use sha2::{Digest as _, Sha256};

use crate::http::Pattern;
use crate::talk::transcript::hex;

pub const BLOCK: usize = 4 << 20;

/// The content hash of the bytes, in lower-case hex.
pub fn content_hash(bytes: &[u8]) -> String {
    let mut whole = Sha256::new();
    for block in bytes.chunks(BLOCK) {
        whole.update(Sha256::digest(block));
    }
    hex(&whole.finalize())
}

/// The content hash of a generated body, without holding it.
pub fn content_hash_of(pattern: Pattern, size: u64) -> String {
    let mut whole = Sha256::new();
    let mut from = 0;
    while from < size {
        let length = usize::try_from(size - from).map_or(BLOCK, |rest| rest.min(BLOCK));
        whole.update(Sha256::digest(pattern.slice(from, length)));
        from += length as u64;
    }
    hex(&whole.finalize())
}

/// The plain SHA-256 of the bytes, which a link may return instead (OQ-19).
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The plain SHA-256 of a generated body, without holding it.
pub fn sha256_of(pattern: Pattern, size: u64) -> String {
    let mut whole = Sha256::new();
    let mut from = 0;
    while from < size {
        let length = usize::try_from(size - from).map_or(BLOCK, |rest| rest.min(BLOCK));
        whole.update(pattern.slice(from, length));
        from += length as u64;
    }
    hex(&whole.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_hold() {
        // UL-174, UL-175
        assert_eq!(
            content_hash(b"hello"),
            "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50"
        );
        assert_eq!(
            content_hash(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            content_hash_of(Pattern::Mod251, 10_485_763),
            "fa87ef9396c0fe87d70c25048a98b3c79aab4b00501b2a9fce7586342595b02a"
        );
        assert_eq!(
            content_hash_of(Pattern::Zeros, 4_194_304),
            "c7e946d101855255d919ef0c70718633adf77d3dfb3adeeecf5d0cb4e951be58"
        );
    }
}
