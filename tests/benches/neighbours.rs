//! What a request costs beside what goes on elsewhere: a large folder on its way in another account,
//! long polls, fault rules.

use super::{Client, fake};
use fake_dropbox::internals::control::faults::FaultRule;
use fake_dropbox::internals::control::scope::Scope;
use fake_dropbox::internals::dropbox::commit_info::{CommitInfo, WriteMode};
use fake_dropbox::internals::dropbox::content::Content;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use fake_dropbox::internals::dropbox::time::Timestamp;
use fake_dropbox::internals::server::{App, ServerConfig};
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const FILES: usize = 100_000;
const CHANGES: usize = 60_000;
const POLLS: usize = 20;
const RULES: usize = 10_000;
const CALLS: usize = 500;

/// Puts empty-handed files into an account, without requests.
fn put(app: &App, account: &str, paths: impl Iterator<Item = String>) {
    let shared = app.world().account(account);
    let mut account = shared.lock();
    let view = account.home_view();
    for path in paths {
        let info = CommitInfo {
            mode: WriteMode::Overwrite,
            ..CommitInfo::new(path)
        };
        let content = Content {
            hash: ContentHash::of(b"x"),
            size: 1,
            bodies: Vec::new(),
        };
        let now = Timestamp::from_seconds(1_800_000_000);
        let committed = account.commit(&view, &info, content, now);
        committed.expect("it may be written");
    }
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!(
        "p50 {:?}, p99 {:?}, most {:?}, {} of them",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1],
        times.len()
    )
}

/// Mints with their uploads in one account while a folder of another is copied, moved and deleted.
pub fn beside() {
    let (address, app) = fake(ServerConfig::default());
    let folder = |index: usize| format!("/from/{}/file {index}.txt", index % 100);
    put(&app, "alice", (0..FILES).map(folder));
    let mut alone = Vec::new();
    let mut client = Client::connect(address);
    for _ in 0..CALLS {
        alone.push(mint_and_upload(&mut client));
    }
    println!("mint with upload, alone: {}", percentiles(alone));
    let mut alice = Client::connect(address);
    for (what, route, argument) in [
        (
            "copied",
            "copy_v2",
            r#"{"from_path":"/from","to_path":"/copy"}"#,
        ),
        (
            "moved",
            "move_v2",
            r#"{"from_path":"/from","to_path":"/moved"}"#,
        ),
        ("deleted", "delete_v2", r#"{"path":"/moved"}"#),
    ] {
        let (times, took) = while_it_goes_on(address, || {
            let begun = Instant::now();
            let answer = alice.rpc_as("alice", &format!("files/{route}"), argument);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            begun.elapsed()
        });
        println!(
            "mint with upload while {FILES} files are {what} in another account, which takes {took:?}: {}",
            percentiles(times)
        );
    }
}

fn mint_and_upload(client: &mut Client) -> Duration {
    let begun = Instant::now();
    let link = client.mint();
    client.upload(&link, b"hello", 5);
    begun.elapsed()
}

fn while_it_goes_on(
    address: SocketAddr,
    step: impl FnOnce() -> Duration,
) -> (Vec<Duration>, Duration) {
    let done = Arc::new(AtomicBool::new(false));
    let is_done = Arc::clone(&done);
    let uploading = std::thread::spawn(move || {
        let mut client = Client::connect(address);
        let mut times = vec![mint_and_upload(&mut client)];
        while !is_done.load(Ordering::Relaxed) {
            times.push(mint_and_upload(&mut client));
        }
        times
    });
    let took = step();
    done.store(true, Ordering::Relaxed);
    (uploading.join().expect("no panic"), took)
}

/// A mint beside long polls of its account, where much has changed, and beside many fault rules.
pub fn waits() {
    let (address, app) = fake(ServerConfig::default());
    put(&app, "test", std::iter::once("/quiet/a".to_owned()));
    let mut client = Client::connect(address);
    let cursor = client.rpc(
        "files/list_folder/get_latest_cursor",
        r#"{"path":"/quiet"}"#,
    );
    let cursor = cursor.split('"').rev().nth(1).expect("a cursor").to_owned();
    put(
        &app,
        "test",
        (0..CHANGES).map(|index| format!("/busy/{index}")),
    );
    let alone = mints_between_changes(&mut client, &app);
    let mut polls: Vec<Client> = (0..POLLS).map(|_| Client::connect(address)).collect();
    for poll in &mut polls {
        let argument = format!(r#"{{"cursor":"{cursor}","timeout":480}}"#);
        let request = format!(
            "POST /2/files/list_folder/longpoll HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{argument}",
            argument.len()
        );
        let sent = poll.stream.write_all(request.as_bytes());
        sent.expect("it takes a request");
    }
    // Nobody can see from outside that they wait; by then they do.
    client.rpc("check/user", "{}");
    std::thread::sleep(Duration::from_millis(200));
    let beside = mints_between_changes(&mut client, &app);
    compare(
        &format!("{POLLS} long polls, {CHANGES} changes"),
        alone,
        beside,
    );
    drop(polls);

    let (address, app) = fake(ServerConfig::default());
    let mut client = Client::connect(address);
    let alone = (0..CALLS).map(|_| mint(&mut client)).collect();
    for index in 0..RULES {
        let head = FaultRule::head();
        let other = || Scope::account(&format!("account {index}"));
        let (scope, head) = match index % 3 {
            0 => (Scope::All, head.of("files/upload")),
            1 => (other(), head),
            _ => (other(), head.of("files/get_temporary_upload_link")),
        };
        app.faults.add(scope, head.reset()).expect("it is good");
    }
    let beside = (0..CALLS).map(|_| mint(&mut client)).collect();
    compare(
        &format!("{RULES} fault rules for other routes and accounts"),
        alone,
        beside,
    );
}

fn mint(client: &mut Client) -> Duration {
    let begun = Instant::now();
    client.mint();
    begun.elapsed()
}

fn mints_between_changes(client: &mut Client, app: &App) -> Vec<Duration> {
    let change = |index: usize| {
        put(app, "test", std::iter::once(format!("/busy/more {index}")));
        mint(client)
    };
    (0..CALLS).map(change).collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn compare(what: &str, mut alone: Vec<Duration>, mut beside: Vec<Duration>) {
    alone.sort_unstable();
    beside.sort_unstable();
    let (alone, beside) = (alone[CALLS / 2], beside[CALLS / 2]);
    println!(
        "mint beside {what}: median {beside:?}, without {alone:?}: {:.2} times",
        beside.as_nanos() as f64 / alone.as_nanos() as f64
    );
}
