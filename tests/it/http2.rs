//! HTTP/2 frame by frame, for what a library hides: what follows an answer that has no content.

use crate::raw::PATIENCE;
use crate::support::Fake;
use fake_dropbox::internals::wire::routes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

#[derive(Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    next: u32,
}

impl Connection {
    async fn open(fake: &Fake) -> Self {
        let stream = TcpStream::connect(fake.address).await.expect("a server");
        let mut connection = Self { stream, next: 1 };
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        connection
            .stream
            .write_all(preface)
            .await
            .expect("it takes bytes");
        connection.write(SETTINGS, 0, 0, &[]).await;
        connection
    }

    async fn write(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("a short frame");
        let mut frame = length.to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.stream.write_all(&frame).await.expect("it takes bytes");
    }

    async fn read(&mut self) -> Frame {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await.expect("a frame");
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.stream
            .read_exact(&mut payload)
            .await
            .expect("all of it");
        Frame {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
            payload,
        }
    }

    /// Sends a request without content, and gives the frames of its stream that come before the answer
    /// to a ping that is sent once the stream is over.
    async fn ask(&mut self, method: &str, path: &str) -> Vec<Frame> {
        let stream = self.next;
        self.next += 2;
        let mut head = Vec::new();
        for (name, value) in [
            (":method", method),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("authorization", "Bearer test"),
        ] {
            // A literal that no table remembers (RFC 7541, 6.2.2).
            head.push(0);
            for text in [name, value] {
                head.push(u8::try_from(text.len()).expect("a short text"));
                assert!(text.len() < 127, "{text}");
                head.extend(text.as_bytes());
            }
        }
        self.write(HEADERS, END_STREAM | END_HEADERS, stream, &head)
            .await;
        let mut frames = Vec::new();
        let mut is_asked = false;
        loop {
            let frame = self.read().await;
            if frame.kind == PING && frame.flags & ACK != 0 {
                return frames;
            }
            if frame.kind == SETTINGS && frame.flags & ACK == 0 {
                self.write(SETTINGS, ACK, 0, &[]).await;
            }
            if frame.stream == stream {
                let ends = !matches!(frame.kind, DATA | HEADERS) || frame.flags & END_STREAM != 0;
                frames.push(frame);
                if ends && !is_asked {
                    is_asked = true;
                    self.write(PING, 0, 0, &[7; 8]).await;
                }
            }
        }
    }
}

/// Every address that something answers, of Dropbox's and of the controls, and some that nothing does.
fn addresses() -> Vec<String> {
    let routes = routes::ROUTES
        .iter()
        .map(|route| format!("/2/{}", route.name));
    let controls = [
        "",
        "/",
        "/health",
        "/journal",
        "/accounts",
        "/clock",
        "/faults",
        "/openapi.json",
        "/links",
        "/files/content?path=/a",
        "/wait_for_request",
        "/nothing",
    ];
    let controls = controls.map(|path| format!("/_fake/v1{path}"));
    let others = [
        "/",
        "/apitul/1/AAAAAAAAAAAAAA",
        "/apitul/2/x",
        "/cd/0/get/none/file",
        "/oauth2/token",
        "/2/files/no_such_route",
        "/2/sharing/list_folders",
        "/_fake",
        "/robots.txt",
    ];
    routes
        .chain(controls)
        .chain(others.map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn nothing_follows_the_head_of_an_answer_to_a_head() {
    // API-261
    let fake = Fake::start();
    let link = fake.mint_path().await;
    fake.consume(&fake.url(&link), "hello").await;
    let download = fake
        .rpc("files/get_temporary_link", r#"{"path":"/a"}"#)
        .await
        .json();
    let download = download["link"].as_str().expect("a link").to_owned();
    let origin = fake.url("");
    let download = download
        .strip_prefix(&origin)
        .expect("of this server")
        .to_owned();
    let talk = async {
        let mut connection = Connection::open(&fake).await;
        for address in addresses().into_iter().chain([link, download]) {
            let frames = connection.ask("HEAD", &address).await;
            let [only] = frames.as_slice() else {
                panic!("{address}: more than a head: {frames:?}");
            };
            assert_eq!(
                (only.kind, only.flags & END_STREAM),
                (HEADERS, END_STREAM),
                "{address}: {only:?}"
            );
            assert!(!only.payload.is_empty(), "{address}");
        }
        // The same connection still gives content to whoever asks for it.
        let frames = connection.ask("GET", "/_fake/v1/health").await;
        assert!(frames.iter().any(|frame| frame.kind == DATA), "{frames:?}");
    };
    tokio::time::timeout(PATIENCE, talk).await.expect("no wait");
}
