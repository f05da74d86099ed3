//! Many requests: what the journal holds stays within its bounds, and no secret is in it.
//!
//! `JOURNAL_SOAK_REQUESTS` says how many; a run with 1000000 also looks at the memory of the
//! process, which means something only when this test runs alone.

use fake_dropbox::FakeDropbox;
use fake_dropbox::internals::control::journal::{JournalLimits, Query};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const TOKENS: usize = 50;
/// Requests that are sent before their answers are read.
const BATCH: usize = 50;
/// How an answer starts.
const START: &[u8] = b"HTTP/1.1 ";
/// What the process may grow after its first quarter, in bytes.
const GROWTH: u64 = 16 << 20;

/// Memory of this process in bytes; none where the system does not say.
fn memory() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

async fn ask(stream: &mut tokio::net::TcpStream, first: usize) {
    let mut sent = Vec::new();
    for number in first..first + BATCH {
        let token = number % TOKENS;
        let body = format!(r#"{{"query": "{number}", "access_token": "SECRET-body"}}"#);
        let head = format!(
            "POST /2/check/user HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer SECRET-{token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        sent.extend_from_slice(head.as_bytes());
    }
    stream.write_all(&sent).await.expect("sent");
    let (mut answers, mut unread) = (0, Vec::new());
    let mut chunk = vec![0; 64 << 10];
    while answers < BATCH {
        let length = stream.read(&mut chunk).await.expect("answers");
        assert!(length > 0, "the server closed the connection");
        unread.extend_from_slice(&chunk[..length]);
        let starts = unread
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == START[0]);
        answers += starts
            .filter(|(at, _)| unread[*at..].starts_with(START))
            .count();
        // The last bytes may be half of one.
        unread.drain(..unread.len().saturating_sub(START.len() - 1));
    }
}

#[tokio::test]
async fn the_journal_stays_within_its_bounds_and_holds_no_secret() {
    let wanted = std::env::var("JOURNAL_SOAK_REQUESTS").ok();
    let wanted = wanted.map(|count| count.parse().expect("a number"));
    let requests: usize = wanted.unwrap_or(20_000);
    let dropbox = FakeDropbox::start().await;
    let limits = JournalLimits::default();
    let mut stream = tokio::net::TcpStream::connect(dropbox.address())
        .await
        .expect("a connection");
    let mut early = None;
    for first in (0..requests).step_by(BATCH) {
        ask(&mut stream, first).await;
        if first >= requests / 4 && early.is_none() {
            early = memory();
        }
    }
    let late = memory();
    let entries = dropbox.journal().find(Query::default());
    assert_eq!(entries.len(), limits.entries.min(requests));
    assert_eq!(
        entries.last().map(|entry| entry.sequence),
        Some(requests as u64)
    );
    for entry in &entries {
        let printed = format!(
            "{entry} {entry:?} {}",
            serde_json::to_string(entry).expect("JSON")
        );
        assert!(!printed.contains("SECRET"), "{printed}");
        assert_eq!(entry.route.as_ref(), "check/user");
    }
    if let (Some(early), Some(late), Some(_)) = (early, late, wanted) {
        eprintln!("{requests} requests: {early} bytes after a quarter, {late} at the end");
        assert!(late < early + GROWTH, "{early} bytes became {late}");
    }
}
