//! A page in Chromium, on another origin, uploads through links.

use super::tools::{command, data, end_group, skipped, version};
use crate::support::Fake;
use fake_dropbox::Fault;
use fake_dropbox::internals::control::clock::Pace;
use fake_dropbox::internals::control::journal::Query;
use fake_dropbox::internals::control::scope::Scope;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use fake_dropbox::internals::server::App;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tempfile::TempDir;

/// What the page uploads.
const LENGTH: usize = 10 << 20;

/// How many times that is the long upload, and at which of its bytes the server pauses. The buffers of
/// the system hold less than what lies between two pauses.
const TIMES: usize = 8;
const PAUSES: [u64; 3] = [1, 25 << 20, 50 << 20];

/// How long one step of the page may take, the start of the browser included.
const STEP: Duration = Duration::from_mins(1);

/// What a step must see: its name, status and text, and whether the browser asks first.
type Row<'a> = (&'a str, u64, &'a str, bool);

/// Chromium's program under the names that it has.
pub fn chromium() -> Result<String, String> {
    let mut why = String::new();
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        match version(name, "--version") {
            Ok(_) => return Ok(name.to_owned()),
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// The file as the page makes it.
fn file() -> Vec<u8> {
    (0..LENGTH)
        .map(|at| (at * 31 + (at >> 8)).to_le_bytes()[0])
        .collect()
}

/// The page's own server, on a port of its own and so another origin than the fake's.
struct PageServer {
    address: SocketAddr,
    reports: Receiver<Value>,
}

impl PageServer {
    fn start(job: Value, app: Arc<App>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, reports) = channel();
        // It ends with the test's process: a browser may come back at any time before that.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (job, sender, app) = (job.clone(), sender.clone(), Arc::clone(&app));
                std::thread::spawn(move || answer(&stream, &job, &sender, &app));
            }
        });
        Self { address, reports }
    }
}

/// Answers one request and closes.
fn answer(mut stream: &TcpStream, job: &Value, reports: &Sender<Value>, app: &App) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (content_type, text) = match first.split(' ').nth(1)? {
        "/" => {
            let page = std::fs::read_to_string(data("browser/page.html")).expect("the page");
            ("text/html", page)
        }
        "/job" => ("application/json", job.to_string()),
        "/report" => {
            let mut report: Value = serde_json::from_slice(&body).ok()?;
            // Counted while the page waits: it goes on as soon as it is answered.
            report["preflights"] = preflights(app).into();
            reports.send(report).ok()?;
            ("text/plain", String::new())
        }
        _ => ("text/plain", String::new()),
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
    .ok()
}

/// A browser with an empty profile, ended with everything that it started.
struct Browser {
    child: Child,
    _profile: TempDir,
}

impl Browser {
    fn open(program: &str, url: &str, arguments: &[String]) -> Self {
        let profile = TempDir::new().expect("a directory");
        let child = command(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
            ])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync"])
            .arg("--disable-dev-shm-usage")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(arguments)
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("the browser starts");
        Self {
            child,
            _profile: profile,
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        end_group(self.child.id());
        let _ = self.child.wait();
    }
}

/// How many preflights came so far.
fn preflights(app: &App) -> usize {
    let query = Query {
        method: Some("OPTIONS".to_owned()),
        ..Query::default()
    };
    app.journal.entries(&query).len()
}

/// Lets a page use links below this origin, with these arguments for the browser.
async fn uploads_from_a_page(
    what: &str,
    origin: impl Fn(&Fake) -> String,
    arguments: impl Fn(&Fake) -> Vec<String>,
) {
    let program = match chromium() {
        Ok(program) => program,
        Err(why) => return skipped(what, &why),
    };
    let fake = Fake::start_for_clients();
    fake.consume(
        &fake.mint(r#"{"commit_info":{"path":"/taken"}}"#).await,
        "first",
    )
    .await;
    let mut links = BTreeMap::new();
    for name in ["text", "plain", "fetch", "xhr", "long", "taken"] {
        let argument = format!(r#"{{"commit_info":{{"path":"/{name}"}}}}"#);
        let link = fake.mint(&argument).await;
        let path = link.splitn(4, '/').nth(3).expect("a path");
        links.insert(name, format!("{}/{path}", origin(&fake)));
    }
    pause(&fake);
    let job = json!({"length": LENGTH, "times": TIMES, "links": links});
    let server = PageServer::start(job, Arc::clone(&fake.app));
    let url = format!("http://{}/", server.address);
    let _browser = Browser::open(&program, &url, &arguments(&fake));

    let done = format!("{{\"content-hash\": \"{}\"}}", ContentHash::of(&file()));
    let text = format!(
        "{{\"content-hash\": \"{}\"}}",
        ContentHash::of(b"from a page")
    );
    let gone = "Temporary upload link has been recently consumed.";
    let taken = "Temporary upload link led to invalid upload attempt";
    let long = format!(
        "{{\"content-hash\": \"{}\"}}",
        ContentHash::of(&file().repeat(TIMES))
    );
    let rows: [Row<'_>; 8] = [
        ("simple_text", 200, &text, false),
        ("simple_file", 200, &done, false),
        ("simple_gone", 410, gone, false),
        ("fetch", 200, &done, true),
        ("xhr", 200, &done, true),
        ("long", 200, &long, true),
        // Leave to use this link was given before: the browser may ask again or not.
        ("gone", 410, gone, true),
        ("conflict", 409, taken, true),
    ];
    let mut asked = 0;
    for (step, status, text, asks) in rows {
        let seen = server
            .reports
            .recv_timeout(STEP)
            .unwrap_or_else(|_| panic!("{program} did not get through the step {step}"));
        assert_eq!(
            (&seen["step"], &seen["status"], &seen["text"]),
            (&json!(step), &json!(status), &json!(text)),
            "{seen}"
        );
        let now = seen["preflights"].as_u64().expect("a number");
        match (step, asks) {
            ("gone", _) => {}
            (_, true) => assert_eq!(now, asked + 1, "{step} asks once"),
            (_, false) => assert_eq!(now, 0, "{step} asks nothing"),
        }
        asked = now;
        match step {
            "xhr" => progressed(&seen["progress"], LENGTH, 1),
            "long" => progressed(&seen["progress"], LENGTH * TIMES, PAUSES.len()),
            _ => {}
        }
    }
    let end = server.reports.recv_timeout(STEP).expect("the end");
    assert_eq!(end["step"], "end");
    for (name, bytes) in [
        ("fetch", LENGTH),
        ("xhr", LENGTH),
        ("long", LENGTH * TIMES),
        ("plain", LENGTH),
        ("text", 11),
    ] {
        let argument = format!(r#"{{"path":"/{name}"}}"#);
        let metadata = fake.rpc("files/get_metadata", &argument).await.json();
        assert_eq!(metadata["size"], bytes, "{metadata}");
    }
}

/// Pauses in the middle of the long upload, so that the browser has progress to tell several times.
fn pause(fake: &Fake) {
    for after_bytes in PAUSES {
        let point = Fault::body(after_bytes).of("upload_link").path("/long");
        let pause = point.delay(Duration::from_millis(500));
        fake.app.faults.add(Scope::All, pause).expect("a rule");
    }
}

/// The progress of an upload is told several times, and grows up to its end.
fn progressed(progress: &Value, length: usize, times: usize) {
    let events = progress.as_array().expect("events");
    let mut loaded: Vec<u64> = events
        .iter()
        .map(|event| event[0].as_u64().expect("bytes"))
        .collect();
    assert!(loaded.is_sorted(), "{loaded:?}");
    loaded.dedup();
    assert!(loaded.len() >= times, "{loaded:?}");
    assert_eq!(loaded.last(), Some(&(length as u64)));
    assert!(events.iter().all(|event| event[1] == json!(length)));
}

#[tokio::test]
async fn a_page_of_another_origin_uploads_over_plain_http() {
    uploads_from_a_page(
        "Chromium (plain HTTP)",
        |fake| format!("http://{}", fake.address),
        |_| Vec::new(),
    )
    .await;
}

#[tokio::test]
async fn a_page_of_another_origin_uploads_to_dropboxs_own_host_through_the_proxy() {
    uploads_from_a_page(
        "Chromium (proxy)",
        |_| "https://content.dropboxapi.com".to_owned(),
        |fake| {
            vec![
                format!("--proxy-server=http://{}", fake.address),
                // Chromium reads no file of certificates.
                "--ignore-certificate-errors".to_owned(),
            ]
        },
    )
    .await;
}

/// The script of a page that somebody uploaded: it freezes the clock if it can, reads what it can, and tells.
const HOSTILE: &str = r#"<script>
(async () => {
  const tried = {};
  for (const [name, path, method] of [
    ["freeze", "/_fake/v1/clock/freeze", "POST"],
    ["read", "/_fake/v1/journal", "GET"],
    ["page", "/_fake/", "GET"],
  ]) {
    try {
      const answer = await fetch(FAKE + path, { method });
      tried[name] = answer.status + " " + (await answer.text()).slice(0, 100);
    } catch (error) {
      tried[name] = "stopped";
    }
  }
  await fetch(SERVER + "/report", { method: "POST", mode: "no-cors", body: JSON.stringify({ step: self.origin, tried }) });
})();
</script>"#;

#[tokio::test]
async fn a_page_that_was_uploaded_can_neither_call_the_controls_nor_read_what_they_say() {
    let program = match chromium() {
        Ok(program) => program,
        Err(why) => return skipped("Chromium (an uploaded page)", &why),
    };
    let fake = Fake::start();
    let server = PageServer::start(Value::Null, Arc::clone(&fake.app));
    let page = HOSTILE
        .replace("FAKE", &format!("{:?}", fake.url("")))
        .replace("SERVER", &format!("\"http://{}\"", server.address));
    let link = fake.mint(r#"{"commit_info":{"path":"/x.html"}}"#).await;
    assert_eq!(fake.consume(&link, page).await.status, 200);
    let argument = r#"{"path":"/x.html"}"#;
    let link = fake.rpc("files/get_temporary_link", argument).await.json();
    let link = link["link"].as_str().expect("a link");
    let _browser = Browser::open(&program, link, &[]);
    let seen = server.reports.recv_timeout(STEP).expect("a report");
    assert_eq!(seen["step"], "null", "the origin is nobody's: {seen}");
    for name in ["freeze", "read", "page"] {
        assert_eq!(seen["tried"][name], "stopped", "{seen}");
    }
    assert_eq!(
        fake.app.clock.pace(None),
        Pace::Running { ahead: 0 },
        "the clock was frozen"
    );
}
