//! Plain HTTP: answers, limits, broken clients, and answers that are not given.

use std::net::Ipv4Addr;

use http::Version;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::mpsc;

use super::*;
use crate::server::listener::BindError;

fn impatient() -> ListenerConfig {
    let mut config = ListenerConfig::loopback(0);
    config.first_byte_timeout = Duration::from_millis(40);
    config.http.header_read_timeout = Duration::from_millis(40);
    config.http.idle_timeout = Duration::from_millis(40);
    config
}

fn client(version: Version) -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .http2_only(version == Version::HTTP_2)
        .build_http()
}

async fn ask(
    client: &Client<HttpConnector, Full<Bytes>>,
    url: &str,
    body: impl Into<Bytes>,
) -> Result<(Version, String), BoxError> {
    let request = Request::post(url).body(Full::new(body.into()))?;
    let response = in_time(client.request(request)).await?;
    let version = response.version();
    let body = in_time(response.into_body().collect()).await?.to_bytes();
    Ok((version, String::from_utf8(body.to_vec())?))
}

#[tokio::test]
async fn a_request_is_answered_byte_for_byte() {
    let mut config = ListenerConfig::loopback(0);
    config.http.auto_date_header = false;
    let server = Server::with(config).await;
    let answer = server
        .exchange("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello"
    );
}

#[tokio::test]
async fn a_date_is_added_unless_it_is_switched_off() {
    let server = Server::start().await;
    let answer = server
        .exchange("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.contains("\r\ndate: "), "{answer}");
}

#[tokio::test]
async fn every_address_of_both_families_can_be_named() {
    if std::net::TcpListener::bind("[::]:0").is_err() {
        eprintln!("skipped: this machine has no IPv6");
        return;
    }
    let addresses = ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"];
    let addresses = addresses.map(|address| address.parse().unwrap());
    let server = Server::with(ListenerConfig::on(addresses.to_vec())).await;
    for ip in ["127.0.0.1", "::1"] {
        let address = SocketAddr::new(ip.parse().unwrap(), server.address.port());
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        assert!(read_to_end(&mut stream).await.ends_with("hello"));
    }
}

#[tokio::test]
async fn both_loopback_addresses_share_one_port() {
    let server = Server::start().await;
    let ports: Vec<u16> = server.addresses.iter().map(SocketAddr::port).collect();
    assert!(
        ports
            .iter()
            .all(|port| *port == server.address.port() && *port != 0)
    );
    for address in &server.addresses {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET /facts HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(answer.contains(&format!("local: {address}")), "{answer}");
        let local = stream.local_addr().unwrap();
        assert!(answer.contains(&format!("peer: {local}")), "{answer}");
    }
}

#[tokio::test]
async fn a_taken_port_is_a_clear_error() {
    let server = Server::start().await;
    let error = Listener::bind(ListenerConfig::on(vec![server.address]))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen on {}: ", server.address))
    );
}

#[tokio::test]
async fn a_foreign_address_is_an_error_unless_it_is_optional() {
    let foreign = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 0));
    let error = Listener::bind(ListenerConfig::on(vec![foreign]))
        .await
        .unwrap_err();
    assert!(matches!(error, BindError::Address { address, .. } if address == foreign));

    let mut config = ListenerConfig::loopback(0);
    config.optional_addresses = vec![foreign];
    let listener = Listener::bind(config).await.unwrap();
    assert_eq!(listener.local_addresses().len(), 1);
}

#[tokio::test]
async fn no_address_at_all_is_an_error() {
    let error = Listener::bind(ListenerConfig::on(Vec::new()))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no address to listen on");
}

#[tokio::test]
async fn a_connection_is_kept_alive_and_keeps_its_id() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        stream
            .write_all(b"GET /facts HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        answers.push(read_answer(&mut stream).await);
    }
    assert!(
        answers.iter().all(|answer| answer.contains("id: 1, ")),
        "{answers:?}"
    );
}

#[tokio::test]
async fn a_small_body_that_comes_after_its_answer_leaves_the_connection_open() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        let head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n";
        stream.write_all(head).await.unwrap();
        assert!(read_answer(&mut stream).await.ends_with("hello"));
        stream.write_all(b"late!").await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_leaves_a_body_unread_says_that_the_connection_ends() {
    let server = Server::start().await;
    for headers in [
        "content-length: 5\r\nexpect: 100-continue",
        "content-length: 1000000",
    ] {
        let request = format!("POST / HTTP/1.1\r\nhost: a\r\n{headers}\r\n\r\n");
        let answer = server.exchange(request).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn http2_by_prior_knowledge_is_answered() {
    let server = Server::start().await;
    let client = client(Version::HTTP_2);
    let (version, text) = ask(&client, &server.url("/scheme"), "").await.unwrap();
    assert_eq!(version, Version::HTTP_2);
    assert_eq!(text, "http HTTP/2.0 name=- alpn=- tunnel=-");
}

/// A body that comes piece by piece from a channel; the other end hears whether it was all taken.
fn body_in_pieces() -> (mpsc::Sender<Bytes>, oneshot::Receiver<()>, TestBody) {
    let (pieces, incoming) = mpsc::channel(1);
    let (taken, was_taken) = oneshot::channel();
    let frames = futures_util::stream::unfold((incoming, taken), |(mut incoming, taken)| async {
        if let Some(piece) = incoming.recv().await {
            return Some((Ok(Frame::data(piece)), (incoming, taken)));
        }
        let _ = taken.send(());
        None
    });
    (pieces, was_taken, StreamBody::new(frames).boxed_unsync())
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_taken_to_its_end_over_http2() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let executor = TokioExecutor::new();
    let io = TokioIo::new(stream);
    let connected = hyper::client::conn::http2::handshake(executor, io).await;
    let (mut sender, connection) = connected.unwrap();
    tokio::spawn(connection);
    let (pieces, was_taken, body) = body_in_pieces();
    let request = Request::post(server.url("/scheme")).body(body).unwrap();
    let answer = in_time(sender.send_request(request)).await.unwrap();
    in_time(answer.into_body().collect()).await.unwrap();
    // More than the windows of the stream and the connection.
    for _ in 0..6 {
        let piece = Bytes::from(vec![0; 1 << 20]);
        let sent = in_time(pieces.send(piece)).await;
        sent.expect("the stream is not reset while bytes are left");
    }
    drop(pieces);
    in_time(was_taken).await.expect("all of it is taken");
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let server = Server::start().await;
    let body: String = (0..5_000_000_u32)
        .map(|index| char::from(b' ' + index.to_le_bytes()[1] / 3))
        .collect();
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (_, echoed) = ask(&client(version), &server.url("/echo"), body.clone())
            .await
            .unwrap();
        assert!(
            echoed == body,
            "the body came back changed over {version:?}"
        );
    }
}

#[tokio::test]
async fn a_client_that_shuts_its_sending_half_down_is_answered() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /gate HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    in_time(server.gate.entered.notified()).await;
    server.gate.open.notify_one();
    assert!(read_to_end(&mut stream).await.ends_with("through the gate"));
}

#[tokio::test]
async fn garbage_gets_a_bad_request() {
    let server = Server::start().await;
    for garbage in [
        "\0\u{1}\u{2}\u{3}\r\n\r\n",
        "hello there\r\n\r\n",
        "\r\r\r\r\r\n",
        "GET\r\n\r\n",
    ] {
        let answer = server.exchange(garbage).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
            "{garbage:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_target_that_is_not_a_path_is_refused_before_the_service() {
    let server = Server::start().await;
    let answer = server
        .exchange("GET a.b:80 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    assert!(
        answer.ends_with("The request target \"a.b:80\" is not a path.\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn an_asterisk_and_an_absolute_target_reach_the_service() {
    let server = Server::start().await;
    for target in ["OPTIONS *", "GET http://api.dropboxapi.com/x"] {
        let request = format!("{target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let answer = server.exchange(request).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n"),
            "{target}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused_and_one_below_is_not() {
    let server = Server::start().await;
    for (length, status) in [
        (60_000, "200 OK"),
        (70_000, "431 Request Header Fields Too Large"),
    ] {
        let filler = "x".repeat(length);
        let request =
            format!("GET / HTTP/1.1\r\nhost: a\r\nx: {filler}\r\nconnection: close\r\n\r\n");
        let answer = server.exchange(request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let mut config = ListenerConfig::loopback(0);
    config.http.max_headers = Some(10);
    let server = Server::with(config).await;
    let headers = "x: y\r\n".repeat(11);
    let answer = server
        .exchange(format!("GET / HTTP/1.1\r\n{headers}\r\n"))
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_silent_client_is_closed_without_a_word() {
    let server = Server::with(impatient()).await;
    assert_eq!(server.exchange("").await, "");
}

#[tokio::test]
async fn a_client_that_never_ends_its_head_is_closed() {
    let server = Server::with(impatient()).await;
    assert_eq!(server.exchange("GET / HTTP/1.1\r\nhost:").await, "");
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    let server = Server::with(impatient()).await;
    let answer = server.exchange("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn an_idle_http2_connection_is_closed_too() {
    let server = Server::with(impatient()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    let mut received = Vec::new();
    // The end comes after the settings of the server: as an end of file or as a reset.
    let _ = in_time(stream.read_to_end(&mut received)).await;
    assert_eq!(received.get(3), Some(&4), "{received:?}");
}

#[tokio::test]
async fn a_slow_request_outlives_the_idle_timeout() {
    let server = Server::with(impatient()).await;
    let mut slow = server.connect().await;
    slow.write_all(b"GET /gate HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    in_time(server.gate.entered.notified()).await;
    // Twice the time passes on other connections, seen by their end.
    for _ in 0..2 {
        assert_eq!(server.exchange("GET / HTTP/1.1\r\nhost:").await, "");
    }
    server.gate.open.notify_one();
    assert!(read_to_end(&mut slow).await.ends_with("through the gate"));
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_connection_goes_on() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /panic HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let answer = read_answer(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("a handler panicked.\n"), "{answer}");
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(read_to_end(&mut stream).await.ends_with("hello"));
}

#[tokio::test]
async fn a_panic_in_a_body_cuts_the_answer_off() {
    let server = Server::start().await;
    let answer = server
        .exchange("GET /panic-in-body HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.ends_with("0\r\n\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn an_abort_closes_without_a_byte() {
    let server = Server::start().await;
    assert_eq!(
        server
            .exchange("GET /abort HTTP/1.1\r\nhost: a\r\n\r\n")
            .await,
        ""
    );
}

#[tokio::test]
async fn a_reset_is_seen_as_a_reset() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
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
async fn over_http2_an_abort_ends_one_stream_and_a_reset_the_connection() {
    let server = Server::start().await;
    let client = client(Version::HTTP_2);
    ask(&client, &server.url("/abort"), "").await.unwrap_err();
    let (_, facts) = ask(&client, &server.url("/facts"), "").await.unwrap();
    assert!(facts.contains("id: 1, "), "{facts}");
    ask(&client, &server.url("/reset"), "").await.unwrap_err();
    let (_, facts) = ask(&client, &server.url("/facts"), "").await.unwrap();
    assert!(!facts.contains("id: 1, "), "{facts}");
}

#[tokio::test]
async fn a_truncated_answer_has_its_head_and_its_first_half() {
    let server = Server::start().await;
    let answer = server
        .exchange("GET /truncate HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\nthe first half\r\n"), "{answer}");
}
