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

/// One round of all that clients can leave behind: an account that is never seen again, a link to a long path, an
/// overwritten file, an upload session whose time runs out, a download link; and now and then a reset.
async fn leave_things_behind(dropbox: &FakeDropbox, round: usize) {
    let once = dropbox.account(&format!("seen-once-{round}"));
    assert_eq!(once.status().used, 0);
    let busy = dropbox.account("busy");
    busy.file("/same.bin")
        .write(vec![u8::try_from(round % 251).expect("a byte"); 100_000]);
    let path = format!("/{}/{round}", "x".repeat(20_000));
    let argument = serde_json::json!({"commit_info": {"path": path}}).to_string();
    let post = |route: &str, token: &str| {
        let url = format!("{}/2/{route}", dropbox.api_url());
        crate::support::client()
            .post(url)
            .bearer_auth(token.to_owned())
    };
    let minted = post("files/get_temporary_upload_link", "busy");
    let minted = minted
        .header("content-type", "application/json")
        .body(argument);
    let status = minted.send().await.expect("an answer").status().as_u16();
    assert!([200, 507].contains(&status), "{status}");
    let started = post("files/upload_session/start", "busy");
    let started = started
        .header("dropbox-api-arg", "{}")
        .header("content-type", "application/octet-stream")
        .body(vec![7; 50_000]);
    assert_eq!(started.send().await.expect("an answer").status(), 200);
    let link = post("files/get_temporary_link", "busy");
    let link = link
        .header("content-type", "application/json")
        .body(r#"{"path": "/same.bin"}"#);
    assert_eq!(link.send().await.expect("an answer").status(), 200);
    // A session lives seven days, a link an hour or four.
    dropbox.clock().advance(std::time::Duration::from_hours(24));
    let reset = dropbox.account("reset");
    reset.mint("/a");
    reset.reset();
}

#[tokio::test]
async fn whatever_clients_leave_behind_is_flat_or_at_its_bound() {
    const SESSIONS: usize = 9;
    let wanted = std::env::var("SOAK_ROUNDS").ok();
    let wanted = wanted.map(|count| count.parse().expect("a number"));
    let rounds: usize = wanted.unwrap_or(120);
    let builder = FakeDropbox::builder().configure(|settings| {
        settings.max_idle_accounts = 40;
        settings.keep_revisions = fake_dropbox::config::Most(Some(10));
        settings.link_memory = fake_dropbox::config::ByteSize(1 << 20);
        settings.journal_memory = fake_dropbox::config::ByteSize(1 << 20);
    });
    let dropbox = builder.start().await;
    let (mut early, mut held_early) = (None, 0);
    for round in 0..rounds {
        leave_things_behind(&dropbox, round).await;
        if round == rounds / 2 {
            early = memory();
            held_early = dropbox.status().bytes_in_memory;
        }
    }
    let status = dropbox.status();
    assert!(status.accounts <= 40, "{} accounts", status.accounts);
    let busy = dropbox.account("busy").status();
    assert!(busy.sessions <= SESSIONS, "{} sessions", busy.sessions);
    assert!(busy.links <= 60, "{} links", busy.links);
    assert_eq!(dropbox.account("reset").status().links, 0);
    // Ten revisions, the sessions of a week, and what the download links still show, which goes with them.
    let held = status.bytes_in_memory;
    assert!(
        held <= held_early + 1_000_000 || wanted.is_none(),
        "{held_early} bytes became {held}"
    );
    if let (Some(early), Some(late), Some(_)) = (early, memory(), wanted) {
        eprintln!("{rounds} rounds: {early} bytes after half, {late} at the end");
        assert!(late < early + GROWTH, "{early} bytes became {late}");
    }
}
