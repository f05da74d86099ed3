//! What the fake costs beside a bare hyper server that does the least that the same job takes.
//!
//! `cargo bench --bench throughput` prints ratios within one run: both servers run in this process,
//! on two threads each, one after the other, and the same client on plain sockets asks them.
//! With names behind `--` only those figures: `cargo bench --bench throughput -- mints`.
//! Nothing here fails when a machine is slow or busy.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures real time, not the server's"
)]

mod counting;
mod neighbours;

use bytes::Bytes;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use fake_dropbox::internals::dropbox::world::World;
use fake_dropbox::internals::server::listener::ListenerConfig;
use fake_dropbox::internals::server::{App, Server, ServerConfig};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;
const UPLOAD: usize = 256 * MIB;
const ROUNDS: usize = 7;
const MINT_TIME: Duration = Duration::from_secs(1);
const MINTERS: usize = 4;
const LINKS: usize = 1_000_000;

fn main() {
    // `cargo test` runs benchmarks without this argument, to see that they can be run.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("a benchmark: run it with cargo bench");
        return;
    }
    let figures: [(&str, fn()); 8] = [
        ("uploads", uploads),
        ("mints", mints),
        ("latency", latency),
        ("start", start),
        ("links", links),
        ("beside", neighbours::beside),
        ("waits", neighbours::waits),
        ("instructions", counting::instructions),
    ];
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let known = |name: &String| figures.iter().any(|(figure, _)| figure == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        let names = figures.map(|(name, _)| name).join(", ");
        eprintln!("there is no figure called {unknown}: there are {names}");
        std::process::exit(2);
    }
    println!("2 threads for each server; the client shares the cores with it\n");
    for (name, figure) in figures {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            figure();
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// What a bare server answers: these headers and this body.
#[derive(Clone)]
struct BareAnswer {
    headers: HeaderMap,
    body: Bytes,
}

impl BareAnswer {
    /// The same bytes as in this answer.
    fn like(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole answer");
        let lines = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        let headers = lines
            .map(|(name, value)| {
                let name: HeaderName = name.parse().expect("a name");
                (name, HeaderValue::from_str(value).expect("a value"))
            })
            // hyper adds these two itself.
            .filter(|(name, _)| *name != header::DATE && *name != header::CONTENT_LENGTH);
        Self {
            headers: headers.collect(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }
}

/// A server that hashes what it gets and answers these bytes.
fn bare(answer: BareAnswer) -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                .await
                .expect("a port");
            tell.send(listener.local_addr().expect("an address"))
                .expect("somebody waits");
            loop {
                let (stream, _) = listener.accept().await.expect("a client");
                stream.set_nodelay(true).expect("a socket");
                let answer = answer.clone();
                let service =
                    hyper::service::service_fn(move |request| hash(request, answer.clone()));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .max_buf_size(MIB)
                        .serve_connection(hyper_util::rt::TokioIo::new(stream), service),
                );
            }
        });
    });
    told.recv().expect("the server starts")
}

async fn hash(
    request: Request<Incoming>,
    answer: BareAnswer,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = request.into_body();
    let mut hasher = Sha256::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Some(bytes) = frame.data_ref() {
            hasher.update(bytes);
        }
    }
    std::hint::black_box(hasher.finalize());
    let mut response = Response::new(Full::new(answer.body));
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// A fake in this process, which runs as long as the process.
fn fake(config: ServerConfig) -> (SocketAddr, Arc<App>) {
    let assumptions = Assumptions {
        link_size_limit: u64::MAX,
        ..Assumptions::default()
    };
    let app = App::new(config.clone(), World::new(config.seed, assumptions));
    let shared = Arc::clone(&app);
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let server = Server::bind(shared, ListenerConfig::loopback(0))
                .await
                .expect("a port");
            tell.send(server.local_address()).expect("somebody waits");
            let _report = server.serve(std::future::pending()).await;
        });
    });
    (told.recv().expect("the server starts"), app)
}

/// A connection that is kept.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a server");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            buffer: vec![0; 64 << 10],
        }
    }

    /// The whole answer as text.
    fn answer(&mut self) -> String {
        let mut text = Vec::new();
        loop {
            let count = self.stream.read(&mut self.buffer).expect("an answer");
            assert!(count > 0, "a whole answer");
            text.extend_from_slice(&self.buffer[..count]);
            if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&text[..end]).to_ascii_lowercase();
                let length: usize = head
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.split("\r\n").next()?.parse().ok())
                    .expect("a length");
                if text.len() == end + 4 + length {
                    return String::from_utf8(text).expect("text");
                }
            }
        }
    }

    fn rpc(&mut self, route: &str, argument: &str) -> String {
        self.rpc_as("test", route, argument)
    }

    fn rpc_as(&mut self, token: &str, route: &str, argument: &str) -> String {
        let request = format!(
            "POST /2/{route} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{argument}",
            argument.len()
        );
        self.stream
            .write_all(request.as_bytes())
            .expect("it takes a request");
        self.answer()
    }

    fn mint(&mut self) -> String {
        let text = self.mint_answer();
        text[text.find("/apitul").expect("a link")..text.len() - 2].to_owned()
    }

    fn mint_answer(&mut self) -> String {
        self.rpc(
            "files/get_temporary_upload_link",
            r#"{"commit_info":{"path":"/a","mode":"overwrite"}}"#,
        )
    }

    fn upload(&mut self, path: &str, piece: &[u8], size: usize) -> String {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: {size}\r\n\r\n"
        );
        self.stream
            .write_all(head.as_bytes())
            .expect("it takes a head");
        for _ in 0..size / piece.len() {
            self.stream.write_all(piece).expect("it takes bytes");
        }
        let answer = self.answer();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }
}

fn piece() -> Vec<u8> {
    (0..MIB)
        .map(|index| u8::try_from(index % 251).expect("below 251"))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn rate(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / time.as_secs_f64() / MIB as f64
}

/// Uploads through links beside a server that only hashes: the best of some rounds each.
fn uploads() {
    let storages = [
        ("hashed and kept in memory", true, 1 << 40),
        ("hashed and spilled", true, 0),
        ("hashed and not kept", false, 0),
    ];
    let piece = piece();
    for (what, keep, memory_limit) in storages {
        let mut config = ServerConfig::default();
        (config.storage.keep, config.storage.memory_limit) = (keep, memory_limit);
        let (address, _) = fake(config);
        let mut measured = Client::connect(address);
        let link = measured.mint();
        let bare = bare(BareAnswer::like(&measured.upload(&link, &piece, MIB)));
        let mut beside = Client::connect(bare);
        let (mut best_beside, mut best) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            beside.upload("/", &piece, UPLOAD);
            best_beside = best_beside.min(begun.elapsed());
            let link = measured.mint();
            let begun = Instant::now();
            measured.upload(&link, &piece, UPLOAD);
            best = best.min(begun.elapsed());
        }
        println!(
            "upload, {what}: {:.0} MiB/s, bare {:.0} MiB/s: {:.0} %",
            rate(UPLOAD, best),
            rate(UPLOAD, best_beside),
            100.0 * best_beside.as_secs_f64() / best.as_secs_f64()
        );
    }
}

fn calls_per_second(address: SocketAddr) -> f64 {
    let end = Instant::now() + MINT_TIME;
    let threads: Vec<_> = (0..MINTERS)
        .map(|_| {
            std::thread::spawn(move || {
                let mut client = Client::connect(address);
                let mut calls = 0_u32;
                while Instant::now() < end {
                    client.mint();
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    let calls: u32 = threads
        .into_iter()
        .map(|thread| thread.join().expect("no panic"))
        .sum();
    f64::from(calls) / MINT_TIME.as_secs_f64()
}

fn mints() {
    let (address, _) = fake(ServerConfig::default());
    let bare = bare(BareAnswer::like(&Client::connect(address).mint_answer()));
    let (mut best_beside, mut best) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        best_beside = best_beside.max(calls_per_second(bare));
        best = best.max(calls_per_second(address));
    }
    println!(
        "mint, {MINTERS} connections: {best:.0} a second, bare {best_beside:.0}: {:.0} %",
        100.0 * best / best_beside
    );
}

/// How long small requests take while uploads keep the server busy.
fn latency() {
    let mut config = ServerConfig::default();
    config.storage.keep = false;
    let (address, _) = fake(config);
    let done = Arc::new(AtomicBool::new(false));
    let uploaders: Vec<_> = (0..4)
        .map(|_| {
            let done = Arc::clone(&done);
            std::thread::spawn(move || {
                let piece = piece();
                let mut client = Client::connect(address);
                while !done.load(Ordering::Relaxed) {
                    let link = client.mint();
                    client.upload(&link, &piece, 64 * MIB);
                }
            })
        })
        .collect();
    let mut client = Client::connect(address);
    let mut times = Vec::new();
    let end = Instant::now() + Duration::from_secs(4);
    while Instant::now() < end {
        let begun = Instant::now();
        client.rpc("check/user", "{}");
        times.push(begun.elapsed());
    }
    done.store(true, Ordering::Relaxed);
    for uploader in uploaders {
        uploader.join().expect("no panic");
    }
    times.sort_unstable();
    println!(
        "small requests while 4 uploads run: p50 {:?}, p99 {:?}, {} requests",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times.len()
    );
}

/// From the start of the program to its first answer, and the same for a server in this process.
fn start() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut times = Vec::new();
    for round in 0..20 {
        let port_file = directory.path().join(round.to_string());
        let begun = Instant::now();
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_fake-dropbox"))
            .args(["serve", "--port", "0", "--port-file"])
            .arg(&port_file)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program starts");
        let port = loop {
            let text = std::fs::read_to_string(&port_file).unwrap_or_default();
            if let Ok(port) = text.trim().parse::<u16>() {
                break port;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "the program starts"
            );
            std::thread::yield_now();
        };
        Client::connect(([127, 0, 0, 1], port).into()).rpc("check/user", "{}");
        times.push(begun.elapsed());
        child.kill().expect("it runs");
        child.wait().expect("it ends");
    }
    times.sort_unstable();
    println!(
        "process start to first answer: median {:?}, best {:?}",
        times[10], times[0]
    );
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            fake(ServerConfig::default());
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "a server in a thread of its own, bound: median {:?}",
        times[10]
    );
}

/// This process's resident memory in bytes; none where the system does not tell.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes << 10)
}

/// What a million unused links hold, and how long a mint takes among them.
fn links() {
    use fake_dropbox::internals::dropbox::commit_info::CommitInfo;
    use fake_dropbox::internals::dropbox::world::CallerOptions;
    let world = World::new(0, Assumptions::default());
    let now = fake_dropbox::internals::dropbox::time::Timestamp::from_seconds(1_800_000_000);
    let caller = world
        .authorize("test", &CallerOptions::default(), now)
        .expect("any token");
    let Some(before) = resident() else {
        println!("memory for links: skipped, this system has no /proc");
        return;
    };
    let begun = Instant::now();
    for index in 0..LINKS {
        let info = CommitInfo::new(format!("/uploads/{index}/photo.jpg"));
        world
            .mint(&caller, info, Duration::from_mins(1), now)
            .expect("a link");
    }
    let time = begun.elapsed();
    let after = resident().expect("it was there before");
    println!(
        "{LINKS} unused links: {} bytes each, minted in {time:?}",
        after.saturating_sub(before) / LINKS
    );
    std::hint::black_box(&world);
}
