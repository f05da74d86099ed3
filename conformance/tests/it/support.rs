//! Servers on loopback, and the program as a child.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use super::stand_in::StandIn;

pub const ACCESS_TOKEN: &str = "sl.planted-access-token-0123456789";
pub const REFRESH_TOKEN: &str = "planted-refresh-token";
pub const APP_KEY: &str = "planted-app-key";
pub const APP_SECRET: &str = "planted-app-secret";

/// A stand-in that listens until the test ends. It runs in a thread of its own, because tests wait
/// for a child process.
pub struct Server {
    pub address: SocketAddr,
    pub stand_in: Arc<StandIn>,
}

impl Server {
    pub fn start(stand_in: Arc<StandIn>) -> Self {
        Self::start_with(stand_in, None)
    }

    /// TLS under Dropbox's own names; the CA is written to `ca_file`.
    pub fn start_tls(stand_in: Arc<StandIn>, ca_file: &Path) -> Self {
        Self::start_with(stand_in, Some(certificate(ca_file)))
    }

    fn start_with(stand_in: Arc<StandIn>, tls: Option<rustls::ServerConfig>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&stand_in);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(accept(listener, shared, tls.map(Arc::new)));
        });
        Self { address, stand_in }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn accept(
    listener: std::net::TcpListener,
    stand_in: Arc<StandIn>,
    tls: Option<Arc<rustls::ServerConfig>>,
) {
    let listener = TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        let (stand_in, tls) = (Arc::clone(&stand_in), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => serve(stream, "http", stand_in).await,
                Some(config) => {
                    let acceptor = tokio_rustls::TlsAcceptor::from(config);
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, "https", stand_in).await;
                    }
                }
            }
        });
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    scheme: &'static str,
    stand_in: Arc<StandIn>,
) {
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let stand_in = Arc::clone(&stand_in);
        async move {
            let (parts, body) = request.into_parts();
            let host = parts
                .headers
                .get("host")
                .map_or("", |value| value.to_str().unwrap());
            // Links are on the content host, as with Dropbox.
            let host = host.replace("api.dropboxapi.com", "content.dropboxapi.com");
            let body: Bytes = body.collect().await?.to_bytes();
            let request = http::Request::from_parts(parts, body);
            Ok::<_, hyper::Error>(stand_in.answer(&format!("{scheme}://{host}"), &request))
        }
    });
    // A client that goes away in the middle is part of the tests.
    let _served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn certificate(ca_file: &Path) -> rustls::ServerConfig {
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca = params.self_signed(&ca_key).unwrap();
    std::fs::write(ca_file, ca.pem()).unwrap();
    let issuer = rcgen::Issuer::new(params, ca_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = ["api.dropboxapi.com", "content.dropboxapi.com"].map(str::to_owned);
    let leaf = rcgen::CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap()
}

/// The program, with nothing of this process's environment that could matter.
pub fn conformance(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dropbox-conformance"));
    command.args(arguments).stdin(Stdio::null());
    for name in [
        "DROPBOX_ACCESS_TOKEN",
        "DROPBOX_REFRESH_TOKEN",
        "DROPBOX_APP_KEY",
        "DROPBOX_APP_SECRET",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    conformance(arguments).output().unwrap()
}

pub fn printed(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("{out}\n{err}")
}

/// The exit code and what was printed, asserted together so that a failure shows both.
pub fn expect(output: &Output, code: i32, words: &str) {
    let text = printed(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(words), "{words:?} is not in:\n{text}");
}

/// How a probe answers on a fake with the defaults: what follows the dialect does as that of today.
pub fn default_answer(assumption: &serde_json::Value) -> serde_json::Value {
    if assumption["default"] != "as_dialect" {
        return assumption["default"].clone();
    }
    match assumption["id"].as_str() {
        Some("AQ-01") => "text",
        Some("AQ-07") => "spec_2026",
        Some("AQ-15") => "json",
        Some("AQ-18") => "always",
        other => panic!("say what {other:?} is in the dialect of today"),
    }
    .into()
}
