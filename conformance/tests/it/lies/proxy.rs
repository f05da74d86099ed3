//! A proxy that passes everything on, except for one lie.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use conformance::http::raw;
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

use super::catalogue::{Lie, Line};
use super::connection::Connection;
use super::fields::spoil_answer;

/// A request on its way to the fake.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

#[derive(Clone, Debug)]
pub struct Said {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// What a lie remembers between requests.
#[derive(Debug, Default)]
pub struct Memory {
    /// path → the first answer with status 200
    pub first_success: BTreeMap<String, Said>,
    /// path → how often it was asked for
    pub asked: BTreeMap<String, usize>,
    /// what else a lie writes down
    pub notes: BTreeMap<String, String>,
}

impl Ask {
    /// `files/upload`, or nothing for a link.
    pub fn route(&self) -> &str {
        let path = self.path.split('?').next().unwrap_or_default();
        path.strip_prefix("/2/").unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn is_link(&self) -> bool {
        self.path.starts_with("/apitul/")
    }

    pub fn is_mint(&self) -> bool {
        self.route() == "files/get_temporary_upload_link"
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Changes the argument, wherever it stands.
    pub fn change_argument(&mut self, change: impl FnOnce(&mut Value)) {
        let header = self
            .headers
            .iter_mut()
            .find(|(name, _)| name == "dropbox-api-arg");
        let text = header.as_ref().map_or_else(
            || String::from_utf8_lossy(&self.body).into_owned(),
            |(_, value)| value.clone(),
        );
        let Ok(given) = serde_json::from_str::<Value>(&text) else {
            return;
        };
        let mut argument = given.clone();
        change(&mut argument);
        // What is not changed is passed on as it came.
        if argument == given {
            return;
        }
        match header {
            Some((_, value)) => *value = in_ascii(&argument),
            None => self.body = argument.to_string().into(),
        }
    }

    /// Changes the commit info of a mint or an upload.
    pub fn change_commit_info(&mut self, change: impl FnOnce(&mut Value)) {
        let (mint, upload) = (self.is_mint(), self.route() == "files/upload");
        self.change_argument(|argument| match argument.get_mut("commit_info") {
            Some(info) if mint => change(info),
            None if upload => change(argument),
            _ => {}
        });
    }
}

impl Said {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn replace(&mut self, from: &str, to: &str) {
        self.body = self.text().replace(from, to).into();
    }

    pub fn set_header(&mut self, name: &str, value: &str) {
        self.drop_header(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub fn drop_header(&mut self, name: &str) {
        self.headers.retain(|(known, _)| known != name);
    }

    pub fn change_json(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut json) = serde_json::from_slice(&self.body) {
            change(&mut json);
            self.body = json.to_string().into();
        }
    }
}

/// A proxy that listens until the test's runtime ends.
pub struct Proxy {
    pub url: String,
}

impl Proxy {
    pub async fn start(upstream: &str, lie: Lie) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream: Arc<str> = upstream.into();
        let memory: Arc<Mutex<Memory>> = Arc::default();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(no_tls())
            .http1_only()
            .no_proxy()
            .build()
            .unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (upstream, memory, client) =
                    (Arc::clone(&upstream), Arc::clone(&memory), client.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let (upstream, memory, client) =
                            (Arc::clone(&upstream), Arc::clone(&memory), client.clone());
                        async move { pass(request, &upstream, &client, lie, &memory).await }
                    });
                    let _served = hyper::server::conn::http1::Builder::new()
                        .serve_connection(
                            TokioIo::new(Connection {
                                stream,
                                mute: lie.line == Line::WithoutContinue,
                            }),
                            service,
                        )
                        .await;
                });
            }
        });
        Self { url }
    }
}

/// The fake is on plain HTTP; the client wants a configuration all the same.
fn no_tls() -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

async fn pass(
    request: http::Request<hyper::body::Incoming>,
    upstream: &str,
    client: &reqwest::Client,
    lie: Lie,
    memory: &Mutex<Memory>,
) -> Result<http::Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let announced = parts.headers.get("content-length");
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    // More than anybody sends: it is only announced.
    let headless = announced > Some(1_u64 << 32);
    let mut ask = Ask {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: pairs(&parts.headers),
        body: if headless {
            Bytes::new()
        } else {
            whole(body, lie.line).await?
        },
    };
    *memory
        .lock()
        .unwrap()
        .asked
        .entry(ask.path.clone())
        .or_default() += 1;
    if let Some(before) = lie.before {
        before(&mut ask, &mut memory.lock().unwrap());
    }
    let mut said = if headless {
        forward_head(&ask, upstream).await
    } else {
        forward(&ask, upstream, client).await
    };
    {
        let mut memory = memory.lock().unwrap();
        if let Some(after) = lie.after {
            after(&ask, &mut said, &mut memory);
        }
        if let Some(header) = lie.header {
            header.spoil(&ask, &mut said);
        }
        if let Some(faults) = lie.fields {
            spoil_answer(faults, &ask, &mut said);
        }
        if said.status == 200 {
            memory
                .first_success
                .entry(ask.path.clone())
                .or_insert_with(|| said.clone());
        }
    }
    let mut response = http::Response::builder().status(said.status);
    for (name, value) in &said.headers {
        if name != "content-length" && name != "transfer-encoding" && name != "connection" {
            response = response.header(name, value);
        }
    }
    Ok(response.body(Full::new(said.body)).unwrap())
}

/// The whole body; for one lie, what came of it.
async fn whole(mut body: hyper::body::Incoming, line: Line) -> Result<Bytes, hyper::Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
            Err(_) if line == Line::TakesWhatCame => break,
            Err(error) => return Err(error),
        }
    }
    Ok(bytes.into())
}

async fn forward(ask: &Ask, upstream: &str, client: &reqwest::Client) -> Said {
    let method = reqwest::Method::from_bytes(ask.method.as_bytes()).unwrap();
    let mut request = client.request(method, format!("{upstream}{}", ask.path));
    for (name, value) in &ask.headers {
        // The body is whole by now; the host stays, so that links lead through the proxy.
        if !matches!(
            name.as_str(),
            "content-length" | "transfer-encoding" | "expect" | "connection"
        ) {
            request = request.header(name, value);
        }
    }
    let answer = request.body(ask.body.clone()).send().await.unwrap();
    Said {
        status: answer.status().as_u16(),
        headers: pairs(answer.headers()),
        body: answer.bytes().await.unwrap(),
    }
}

/// Passes on a head alone, for the answer that comes to it.
async fn forward_head(ask: &Ask, upstream: &str) -> Said {
    let (origin, _) = raw::Origin::of(upstream).unwrap();
    let patience = Duration::from_secs(10);
    let opened = raw::Connection::open(&origin, None, &no_tls(), &[], patience).await;
    let mut connection = opened.unwrap();
    let mut head = format!("{} {} HTTP/1.1\r\n", ask.method, ask.path);
    for (name, value) in &ask.headers {
        head += &format!("{name}: {value}\r\n");
    }
    connection.write((head + "\r\n").as_bytes()).await.unwrap();
    let reply = connection.read(false).await.unwrap();
    Said {
        status: reply.status,
        headers: reply.headers,
        body: reply.body,
    }
}

/// JSON that a header can hold (API-20).
fn in_ascii(json: &Value) -> String {
    let mut text = String::new();
    for letter in json.to_string().chars() {
        if matches!(letter, ' '..='~') {
            text.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            write!(text, "\\u{unit:04x}").unwrap();
        }
    }
    text
}

fn pairs(headers: &http::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}
