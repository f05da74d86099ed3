//! TLS: the certificate, ALPN by host, and hellos that go wrong.

use std::sync::OnceLock;
use std::time::SystemTime;

use reqwest::{Client, ClientBuilder, Version};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::*;
use crate::server::certificates::CertificateAuthority;

/// The authority of all tests here.
pub(super) fn authority() -> &'static CertificateAuthority {
    static AUTHORITY: OnceLock<CertificateAuthority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        CertificateAuthority::fresh(&["extra.test".to_owned()], machine_time()).unwrap()
    })
}

/// The clients look at the machine's clock, so the certificates here must fit it.
#[expect(
    clippy::disallowed_methods,
    reason = "certificates follow the machine's clock"
)]
pub(super) fn machine_time() -> SystemTime {
    SystemTime::now()
}

pub(super) fn config() -> ListenerConfig {
    let mut config = ListenerConfig::loopback(0);
    config.tls = Some(authority().tls(machine_time()).unwrap());
    config
}

pub(super) fn client() -> ClientBuilder {
    // The first test to get here installs it for all.
    let _ = default_provider().install_default();
    let root = reqwest::Certificate::from_pem(authority().ca_pem().as_bytes()).unwrap();
    Client::builder().tls_certs_only([root])
}

/// Shakes hands with rustls, offering these protocols.
pub(super) async fn shake_hands(
    stream: TcpStream,
    name: &str,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(authority().ca_der().to_vec()))
        .unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    in_time(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

async fn ask(client: &Client, url: &str) -> (Version, String) {
    let response = in_time(client.get(url).send()).await.unwrap();
    (response.version(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_same_port_speaks_plain_http_and_tls() {
    let server = Server::with(config()).await;
    let port = server.address.port();
    let client = client().build().unwrap();
    let (_, plain) = ask(&client, &server.url("/scheme")).await;
    assert_eq!(plain, "http HTTP/1.1 name=- alpn=- tunnel=-");
    let (_, secure) = ask(&client, &format!("https://localhost:{port}/scheme")).await;
    assert_eq!(secure, "https HTTP/2.0 name=localhost alpn=h2 tunnel=-");
    let (_, by_address) = ask(&client, &format!("https://127.0.0.1:{port}/scheme")).await;
    assert_eq!(by_address, "https HTTP/2.0 name=- alpn=h2 tunnel=-");
}

#[tokio::test]
async fn every_name_of_the_certificate_is_accepted_and_told() {
    let server = Server::with(config()).await;
    let names = super::super::DROPBOX_HOSTS
        .iter()
        .chain(&super::super::LOCAL_HOSTS);
    for name in names.chain(&["extra.test"]) {
        let client = client().resolve(name, server.address).build().unwrap();
        let url = format!("https://{name}:{}/scheme", server.address.port());
        let (version, text) = ask(&client, &url).await;
        // UL-130: the content host prefers HTTP/1.1.
        let (expected, alpn) = match *name {
            "content.dropboxapi.com" => (Version::HTTP_11, "http/1.1"),
            _ => (Version::HTTP_2, "h2"),
        };
        assert_eq!(version, expected, "{name}");
        assert_eq!(
            text,
            format!("https {expected:?} name={name} alpn={alpn} tunnel=-")
        );
    }
}

#[tokio::test]
async fn a_client_without_alpn_is_served_http_1() {
    let server = Server::with(config()).await;
    let mut stream = shake_hands(server.connect().await, "localhost", &[])
        .await
        .unwrap();
    stream
        .write_all(b"GET /scheme HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(
        answer.ends_with("https HTTP/1.1 name=localhost alpn=- tunnel=-"),
        "{answer}"
    );
}

#[tokio::test]
async fn the_content_host_speaks_http2_only_to_clients_that_speak_nothing_else() {
    const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];
    let server = Server::with(config()).await;
    let mut eager = config();
    eager.tls = eager.tls.map(|tls| tls.with_http2_on_content_host(true));
    let eager = Server::with(eager).await;
    let rows: [(&Server, &[&[u8]], &[u8]); 4] = [
        (&server, BOTH, b"http/1.1"),
        (&server, &[b"http/1.1"], b"http/1.1"),
        (&server, &[b"h2"], b"h2"),
        (&eager, BOTH, b"h2"),
    ];
    for (server, offered, chosen) in rows {
        let stream = shake_hands(server.connect().await, "content.dropboxapi.com", offered)
            .await
            .unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(chosen));
    }
}

#[tokio::test]
async fn an_unknown_name_is_shown_the_certificate_and_the_client_says_what_is_wrong() {
    let server = Server::with(config()).await;
    let error = shake_hands(server.connect().await, "example.com", &[])
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("example.com") && text.contains("api.dropboxapi.com"),
        "{text}"
    );
    assert!(
        server
            .exchange("GET / HTTP/1.0\r\n\r\n")
            .await
            .ends_with("hello")
    );
}

#[tokio::test]
async fn a_broken_hello_is_answered_with_an_alert_and_closed() {
    let server = Server::with(config()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    in_time(stream.read_to_end(&mut answer)).await.unwrap();
    assert_eq!(answer.first(), Some(&0x15), "not a TLS alert: {answer:?}");
}

#[tokio::test]
async fn a_hello_that_stops_half_way_is_closed_in_time() {
    let mut config = config();
    config.tls_handshake_timeout = Duration::from_millis(40);
    let server = Server::with(config).await;
    assert_eq!(server.exchange("\x16\x03\x01\x02").await, "");
}

#[tokio::test]
async fn a_client_that_says_nothing_after_the_handshake_is_closed() {
    let mut config = config();
    config.http.header_read_timeout = Duration::from_millis(40);
    let server = Server::with(config).await;
    let mut stream = shake_hands(server.connect().await, "localhost", &[])
        .await
        .unwrap();
    let mut answer = Vec::new();
    // Without a goodbye of TLS, rustls calls it an unexpected end.
    let _ = in_time(stream.read_to_end(&mut answer)).await;
    assert!(answer.is_empty());
}

#[tokio::test]
async fn a_server_without_a_certificate_closes_tls() {
    let server = Server::start().await;
    assert_eq!(server.exchange("\x16\x03\x01\x00\x05hello").await, "");
}

#[tokio::test]
async fn actions_work_inside_tls() {
    let server = Server::with(config()).await;
    let mut stream = shake_hands(server.connect().await, "localhost", &[])
        .await
        .unwrap();
    stream
        .write_all(b"GET /truncate HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // The cut comes without a goodbye of TLS, which rustls reports after the bytes before it.
    let _ = in_time(stream.read_to_end(&mut answer)).await;
    assert!(
        answer.ends_with(b"\r\nthe first half\r\n"),
        "{}",
        String::from_utf8_lossy(&answer)
    );

    let mut stream = shake_hands(server.connect().await, "localhost", &[])
        .await
        .unwrap();
    stream
        .write_all(b"GET /reset HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let error = in_time(stream.read_to_end(&mut Vec::new()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_stop_waits_for_requests_in_tls_too() {
    let server = Server::with(config()).await;
    let mut stream = shake_hands(server.connect().await, "localhost", &[])
        .await
        .unwrap();
    stream
        .write_all(b"GET /gate HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    in_time(server.gate.entered.notified()).await;
    server.stop.send(()).unwrap();
    server.gate.open.notify_one();
    assert!(read_to_end(&mut stream).await.ends_with("through the gate"));
    assert_eq!(
        in_time(server.serving).await.unwrap(),
        StopReport { cut: 0 }
    );
}
