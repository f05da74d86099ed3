//! A server of its own for each test, on its own thread, and a client that holds every reply
//! against the list of header names that an answer may carry.

use fake_dropbox::config::LinkOrigin;
use fake_dropbox::internals::control::clock::real_time;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use fake_dropbox::internals::dropbox::world::World;
use fake_dropbox::internals::server::certificates::CertificateAuthority;
use fake_dropbox::internals::server::listener::{ListenerConfig, TlsSettings};
use fake_dropbox::internals::server::{App, Server, ServerConfig};
use fake_dropbox::internals::wire::headers::ALLOWED;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A server on a port of its own; it stops when this is dropped.
pub struct Fake {
    pub app: Arc<App>,
    pub address: SocketAddr,
    certificates: Option<TempDir>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    pub fn start() -> Self {
        Self::start_with(ServerConfig::default(), |_| {})
    }

    /// A server that spells as Dropbox did until May 2026, for the texts that were recorded then.
    pub fn of_2025() -> Self {
        Self::assuming(&[("dialect", "2025")])
    }

    /// A server that assumes something else.
    pub fn assuming(settings: &[(&str, &str)]) -> Self {
        Self::start_with(ServerConfig::default(), |assumptions| {
            for (name, value) in settings {
                assumptions.set(name, value).expect("an assumption");
            }
        })
    }

    /// A server that is set up in another way.
    pub fn start_with(config: ServerConfig, assume: impl FnOnce(&mut Assumptions)) -> Self {
        Self::start_on(ListenerConfig::loopback(0), config, assume)
    }

    /// A server that takes TLS and tunnels on its port too, and writes down whom to trust.
    pub fn start_with_tls() -> Self {
        Self::start_with_tls_settings(|settings| settings)
    }

    /// The same for the clients of a test: some come by its own address, some by Dropbox's names, and
    /// all can follow a link to this server. Their libraries add a charset to a text.
    pub fn start_for_clients() -> Self {
        Self::start_for_clients_in("2026")
    }

    /// The same in one of Dropbox's dialects, or in both.
    pub fn start_for_clients_in(dialect: &str) -> Self {
        Self::start_with_tls_and(
            LinkOrigin::Local,
            |settings| settings,
            |assumptions| {
                for (name, value) in [("content_type_match", "media_type"), ("dialect", dialect)] {
                    assumptions.set(name, value).expect("a choice");
                }
            },
        )
    }

    /// A server that takes TLS, with other settings.
    pub fn start_with_tls_settings(change: impl FnOnce(TlsSettings) -> TlsSettings) -> Self {
        // Its clients come through it.
        Self::start_with_tls_and(LinkOrigin::Production, change, |_| {})
    }

    fn start_with_tls_and(
        links: LinkOrigin,
        change: impl FnOnce(TlsSettings) -> TlsSettings,
        assume: impl FnOnce(&mut Assumptions),
    ) -> Self {
        let now = real_time();
        let authority = CertificateAuthority::fresh(&[], now).expect("an authority");
        let mut listener = ListenerConfig::loopback(0);
        listener.tls = Some(change(authority.tls(now).expect("a certificate")));
        let directory = TempDir::new().expect("a directory");
        let store = authority.ca_pkcs12("changeit").expect("a trust store");
        std::fs::write(directory.path().join("ca.pem"), authority.ca_pem()).expect("a file");
        std::fs::write(directory.path().join("ca.p12"), store).expect("a file");
        let config = ServerConfig {
            links,
            authority_pem: Some(authority.ca_pem().to_owned()),
            ..ServerConfig::default()
        };
        let mut fake = Self::start_on(listener, config, assume);
        fake.certificates = Some(directory);
        fake
    }

    fn start_on(
        listener: ListenerConfig,
        config: ServerConfig,
        assume: impl FnOnce(&mut Assumptions),
    ) -> Self {
        let mut assumptions = Assumptions::default();
        assume(&mut assumptions);
        let app = App::new(config.clone(), World::new(config.seed, assumptions));
        let shared = Arc::clone(&app);
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let server = Server::bind(shared, listener).await.expect("a port");
                ready.send(server.local_address()).expect("the test waits");
                let _report = server
                    .serve(async {
                        let _ = stopped.await;
                    })
                    .await;
            });
        });
        let address = is_ready.recv().expect("the server starts");
        Self {
            app,
            address,
            certificates: None,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The certificate of a server with TLS: `ca.pem`, or `ca.p12` with the password `changeit`.
    pub fn ca(&self, name: &str) -> PathBuf {
        let directory = self.certificates.as_ref().expect("a server with TLS");
        directory.path().join(name)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Calls a route of the RPC style as the account `test`.
    pub async fn rpc(&self, route: &str, argument: &str) -> Reply {
        self.rpc_as("test", route, argument).await
    }

    /// Calls a route of the RPC style.
    pub async fn rpc_as(&self, token: &str, route: &str, argument: &str) -> Reply {
        let request = client()
            .post(self.url(&format!("/2/{route}")))
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body(argument.to_owned());
        Reply::of(request).await
    }

    /// Mints a link with this argument.
    pub async fn mint(&self, argument: &str) -> String {
        let reply = self.rpc("files/get_temporary_upload_link", argument).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["link"].as_str().expect("a link").to_owned()
    }

    /// Posts bytes to a link.
    pub async fn consume(&self, link: &str, body: impl Into<reqwest::Body>) -> Reply {
        let request = client()
            .post(link)
            .header("content-type", "application/octet-stream")
            .body(body);
        Reply::of(request).await
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A client that sends nothing of its own accord and follows no redirect.
pub fn client() -> reqwest::Client {
    thread_local! {
        // A test has a thread and a runtime of its own, and making a client takes a while.
        static CLIENT: reqwest::Client = new_client();
    }
    CLIENT.with(Clone::clone)
}

fn new_client() -> reqwest::Client {
    // Refused only when another test came first.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// Sends the request and takes the whole answer.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        if !headers.contains_key("x-fake-dropbox") {
            for name in headers.keys() {
                assert!(
                    ALLOWED.contains(&name.as_str()),
                    "the header {name} is none of Dropbox's"
                );
            }
        }
        let body = response.bytes().await.expect("a body").to_vec();
        Self {
            status,
            headers,
            body,
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }
}
