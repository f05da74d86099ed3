//! Inputs that are made from a small corpus by changing it: the same number gives the same input.

use std::path::Path;

/// How many inputs each target gets if nothing is said.
const FEW: u64 = 300;

/// What is put in: what readers of texts, paths, numbers and heads stumble over.
const PIECES: [&[u8]; 30] = [
    b"\0",
    b"\r\n",
    b"\r\n\r\n",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"9223372036854775808",
    b"0x10",
    b"%00",
    b"%2F",
    b"/..",
    b"//",
    b"id:",
    b"ns:1/",
    b"rev:",
    b"\xf0\x9f\x98\x80",
    b"e\xcc\x81",
    b".tag",
];

struct Random(u64);

impl Random {
    /// From 0 to `below`, without it.
    fn below(&mut self, below: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = usize::try_from((mixed ^ (mixed >> 31)) >> 1).expect("63 bits");
        mixed % below.max(1)
    }
}

/// An input, which is printed when a test fails on it.
struct Shown<'a>(&'a str, u64, &'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self(target, number, input) = self;
            eprintln!(
                "{target} failed on input {number}: b\"{}\"",
                input.escape_ascii()
            );
        }
    }
}

/// Gives a target its corpus as it is, and then as many changed inputs as `FAKE_DROPBOX_FUZZ` says.
pub fn each(target: &str, mut judge: impl FnMut(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let directory = if directory.exists() {
        directory
    } else {
        // The suite shares the corpus.
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus")
    };
    let entries = std::fs::read_dir(directory.join(target)).expect("the target has a corpus");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| std::fs::read(path).expect("a file"))
        .collect();
    let cases = std::env::var("FAKE_DROPBOX_FUZZ").ok();
    let cases = cases.map_or(FEW, |cases| cases.parse().expect("a number"));
    for number in 0..corpus.len() as u64 + cases {
        let input = match corpus.get(usize::try_from(number).expect("few")) {
            Some(whole) => whole.clone(),
            None => changed(&corpus, &mut Random(number)),
        };
        let shown = Shown(target, number, &input);
        judge(&input);
        drop(shown);
    }
}

fn changed(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(12)).min(input.len());
        match random.below(6) {
            0 => {
                input.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied());
            }
            1 => drop(input.drain(at..end)),
            2 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = u8::try_from(random.below(256)).expect("a byte");
                }
            }
            3 => {
                let again = input[at..end].repeat(1 + random.below(40));
                input.splice(at..at, again);
            }
            4 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => {
                input.splice(at..end, PIECES[random.below(PIECES.len())].iter().copied());
            }
        }
    }
    input
}
