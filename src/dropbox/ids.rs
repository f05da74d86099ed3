//! Ids and tokens, from one seeded source.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fastrand::Rng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The source of every random id. The same seed gives the same ids in the same order.
///
/// Every account draws from a source of its own, made from the server's seed and the account's
/// name, so that accounts used side by side get the same ids in every run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdSource {
    seed: [u8; 32],
    /// Where it is in its order.
    #[serde(serialize_with = "write_random", deserialize_with = "read_random")]
    random: Rng,
}

fn write_random<S: Serializer>(random: &Rng, serializer: S) -> Result<S::Ok, S::Error> {
    random.get_seed().serialize(serializer)
}

fn read_random<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rng, D::Error> {
    u64::deserialize(deserializer).map(Rng::with_seed)
}

impl IdSource {
    /// A source that repeats itself for the same `seed`.
    pub fn from_seed(seed: u64) -> Self {
        Self::from_digest(Sha256::digest(seed.to_be_bytes()).into())
    }

    /// A source for one part of the whole, named by `label`.
    #[must_use]
    pub fn branch(&self, label: &str) -> Self {
        Self::from_digest(
            Sha256::new()
                .chain_update(self.seed)
                .chain_update(label)
                .finalize()
                .into(),
        )
    }

    /// `length` random bytes in unpadded base64url: ten of them are the token of a link (UL-99).
    pub fn base64url(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// `length` random digits and small letters.
    pub fn lower(&mut self, length: usize) -> String {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let letter = |_| char::from(LETTERS[self.random.usize(..LETTERS.len())]);
        (0..length).map(letter).collect()
    }

    /// Sixteen random bytes.
    pub fn sixteen_bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A number below `bound`; `bound` is not zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.random.u64(..bound)
    }

    /// An account id: `dbid:` and 35 characters (API-200).
    pub fn account_id(&mut self) -> String {
        format!("dbid:A{}", &self.base64url(26)[1..])
    }

    /// An upload session id (API-201): `pid_upload_session:` and 50 characters.
    pub fn upload_session_id(&mut self) -> String {
        format!("pid_upload_session:{}", &self.base64url(38)[..50])
    }

    /// The id of a job (RT-09): `dbjid:` and 88 characters that begin with `AA`.
    pub fn job_id(&mut self) -> String {
        format!("dbjid:AA{}", &self.base64url(66)[2..])
    }

    fn from_digest(seed: [u8; 32]) -> Self {
        let [first, ..] = seed.as_chunks::<8>().0 else {
            unreachable!("a digest has 32 bytes")
        };
        Self {
            seed,
            random: Rng::with_seed(u64::from_be_bytes(*first)),
        }
    }
}

/// A file or folder id: `id:` and 22 characters, of which the last count up (API-199).
pub fn entry_id(account_part: [u8; 8], count: u64) -> String {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&account_part);
    bytes[8..].copy_from_slice(&count.to_be_bytes());
    format!("id:{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// A rev: `01`, the microseconds of the commit and the namespace (API-197, API-198).
pub fn rev(micros: i64, namespace_id: u64) -> String {
    format!("01{micros:013x}{namespace_id:016x}")
}

/// The microseconds in a rev that [`rev`] made; 0 for any other.
pub fn micros_of(rev: &str) -> u64 {
    let digits = rev.get(2..15);
    let micros = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    micros.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let ids = |seed| {
            let mut source = IdSource::from_seed(seed).branch("account");
            (source.base64url(10), source.account_id())
        };
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn ids_have_the_lengths_of_real_ones() {
        let mut source = IdSource::from_seed(7);
        // UL-98, UL-99
        let tokens: Vec<String> = (0..20).map(|_| source.base64url(10)).collect();
        for token in &tokens {
            assert_eq!(token.len(), 14);
            let bytes = URL_SAFE_NO_PAD.decode(token).expect("it is canonical");
            assert_eq!(bytes.len(), 10);
        }
        let beginnings: std::collections::BTreeSet<_> =
            tokens.iter().map(|token| &token[..2]).collect();
        assert!(beginnings.len() > 15, "{tokens:?}");
        assert_eq!(source.account_id().len(), 40);
        assert_eq!(
            source.upload_session_id().len(),
            "pid_upload_session:".len() + 50
        );
        assert_eq!(
            entry_id([0x1e, 0x69, 0x47, 0x18, 0x07, 0x1b, 0xdd, 0xcf], 5),
            "id:HmlHGAcb3c8AAAAAAAAABQ"
        );
    }

    #[test]
    fn a_rev_decodes_to_its_moment_and_namespace() {
        assert_eq!(
            rev(1_699_510_422_433_061, 4_628_947_777),
            "01609b21b056d250000000113e82341"
        );
        assert_eq!(
            micros_of("01609b21b056d250000000113e82341"),
            1_699_510_422_433_061
        );
    }
}
