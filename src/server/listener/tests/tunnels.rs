//! `CONNECT`: tunnels that end here, that are passed on, and that are refused.

use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use super::tls::{client, config, shake_hands};
use super::*;

/// Asks for a tunnel and returns the head of the answer with the connection.
async fn connect(server: &Server, target: &str) -> (TcpStream, String) {
    let mut stream = server.connect().await;
    let request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = read_answer(&mut stream).await;
    (stream, answer)
}

#[tokio::test]
async fn a_tunnel_to_dropbox_ends_here_byte_for_byte() {
    let mut config = config();
    config.http.auto_date_header = false;
    let server = Server::with(config).await;
    let (stream, answer) = connect(&server, "api.dropboxapi.com:443").await;
    assert_eq!(answer, "HTTP/1.1 200 Connection established\r\n\r\n");
    let mut stream = shake_hands(stream, "api.dropboxapi.com", &[])
        .await
        .unwrap();
    stream
        .write_all(b"GET /scheme HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let answer = read_to_end(&mut stream).await;
    let expected = "https HTTP/1.1 name=api.dropboxapi.com alpn=- tunnel=api.dropboxapi.com:443";
    assert!(answer.ends_with(expected), "{answer}");
}

#[tokio::test]
async fn a_proxy_setting_is_all_a_client_needs() {
    let server = Server::with(config()).await;
    let proxy = reqwest::Proxy::https(server.url("")).unwrap();
    let client = client().proxy(proxy).build().unwrap();
    for (host, version, alpn) in [
        ("api.dropboxapi.com", "HTTP/2.0", "h2"),
        ("content.dropboxapi.com", "HTTP/1.1", "http/1.1"),
        ("www.dropbox.com", "HTTP/2.0", "h2"),
    ] {
        let request = client.get(format!("https://{host}/scheme"));
        let answer = in_time(request.send()).await.unwrap().text().await.unwrap();
        assert_eq!(
            answer,
            format!("https {version} name={host} alpn={alpn} tunnel={host}:443")
        );
    }
}

#[tokio::test]
async fn a_proxy_that_is_itself_reached_by_tls_works_too() {
    let server = Server::with(config()).await;
    let proxy = format!("https://localhost:{}", server.address.port());
    let client = client()
        .proxy(reqwest::Proxy::https(proxy).unwrap())
        .build()
        .unwrap();
    let request = client.get("https://api.dropboxapi.com/scheme");
    let answer = in_time(request.send()).await.unwrap().text().await.unwrap();
    assert!(
        answer.ends_with("tunnel=api.dropboxapi.com:443"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_tunnel_over_http2_works_too() {
    let server = Server::with(config()).await;
    let stream = TokioIo::new(server.connect().await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::connect("api.dropboxapi.com:443")
        .body(Full::<Bytes>::default())
        .unwrap();
    let mut response = in_time(sender.send_request(request)).await.unwrap();
    assert_eq!(response.status(), 200);
    let upgraded = in_time(hyper::upgrade::on(&mut response)).await.unwrap();
    let mut tunnel = TokioIo::new(upgraded);
    tunnel
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let answer = read_to_end(&mut tunnel).await;
    assert!(
        answer.contains("This is the tunnel to api.dropboxapi.com:443"),
        "{answer}"
    );
}

#[tokio::test]
async fn an_old_client_that_asks_by_http_1_0_gets_its_tunnel() {
    let server = Server::with(config()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"CONNECT api.dropboxapi.com:443 HTTP/1.0\r\n\r\n")
        .await
        .unwrap();
    let answer = read_answer(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.0 200 Connection established\r\n"),
        "{answer}"
    );
    shake_hands(stream, "api.dropboxapi.com", &[])
        .await
        .unwrap();
}

#[tokio::test]
async fn plain_http_in_a_tunnel_is_told_so() {
    let server = Server::with(config()).await;
    let (mut stream, _) = connect(&server, "content.dropboxapi.com:443").await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    assert!(
        answer.ends_with(
            "This is the tunnel to content.dropboxapi.com:443: it takes TLS, but plain HTTP was \
             spoken in it.\n"
        ),
        "{answer}"
    );
}

#[tokio::test]
async fn garbage_in_a_tunnel_gets_a_bad_request() {
    let server = Server::with(config()).await;
    let (mut stream, _) = connect(&server, "api.dropboxapi.com:443").await;
    stream.write_all(b"\0\x01garbage\r\n\r\n").await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_half_open_tunnel_is_closed_in_time() {
    let mut config = config();
    config.first_byte_timeout = Duration::from_millis(40);
    let server = Server::with(config).await;
    let (mut stream, _) = connect(&server, "api.dropboxapi.com:443").await;
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn the_own_port_can_be_reached_through_a_tunnel_with_and_without_tls() {
    let server = Server::with(config()).await;
    let target = format!("localhost:{}", server.address.port());
    let (mut stream, _) = connect(&server, &target).await;
    stream
        .write_all(b"GET /scheme HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(
        answer.ends_with(&format!("http HTTP/1.1 name=- alpn=- tunnel={target}")),
        "{answer}"
    );
    let (stream, _) = connect(&server, &target).await;
    shake_hands(stream, "localhost", &[]).await.unwrap();
}

#[tokio::test]
async fn other_tunnels_are_refused_with_a_sentence() {
    let server = Server::with(config()).await;
    for (target, status, text) in [
        (
            "example.com:443",
            403,
            "The tunnel to example.com:443 is refused: this server stands for Dropbox only. If it is \
             meant, start the server with --allow-tunnel example.com:443.\n",
        ),
        (
            "api.dropboxapi.com:80",
            403,
            "The tunnel to api.dropboxapi.com:80 is refused: api.dropboxapi.com is answered on port \
             443 only, not on port 80.\n",
        ),
        (
            "[::2]:443",
            403,
            "The tunnel to [::2]:443 is refused: this server stands for Dropbox only. If it is \
             meant, start the server with --allow-tunnel [::2]:443.\n",
        ),
        (
            "api.dropboxapi.com",
            400,
            "The tunnel to api.dropboxapi.com is not opened: it does not name a host and a port.\n",
        ),
    ] {
        let (_, answer) = connect(&server, target).await;
        let reason = text.trim_end();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} {reason}\r\n")),
            "{target}: {answer}"
        );
        assert!(
            answer.contains("\r\ncontent-type: text/plain; charset=utf-8\r\n"),
            "{answer}"
        );
        assert!(answer.ends_with(text), "{target}: {answer}");
    }
    for target in ["/path", "*", "", ":443", "a:b:c"] {
        let answer = server
            .exchange(format!(
                "CONNECT {target} HTTP/1.1\r\nconnection: close\r\n\r\n"
            ))
            .await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{target}: {answer}");
    }
}

#[tokio::test]
async fn a_reset_in_a_tunnel_resets_the_connection_below() {
    let server = Server::with(config()).await;
    let (stream, _) = connect(&server, "api.dropboxapi.com:443").await;
    let mut stream = shake_hands(stream, "api.dropboxapi.com", &[])
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
async fn a_client_stays_connected_after_a_refused_tunnel() {
    let server = Server::with(config()).await;
    let (mut stream, _) = connect(&server, "example.com:443").await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(read_to_end(&mut stream).await.ends_with("hello"));
}

#[tokio::test]
async fn a_tunnel_inside_a_tunnel_is_refused() {
    let server = Server::with(config()).await;
    let (stream, _) = connect(&server, "api.dropboxapi.com:443").await;
    let mut stream = shake_hands(stream, "api.dropboxapi.com", &[])
        .await
        .unwrap();
    stream
        .write_all(b"CONNECT www.dropbox.com:443 HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let answer = read_answer(&mut stream).await;
    assert!(
        answer.ends_with(
            "The tunnel to www.dropbox.com:443 is not opened inside the tunnel to \
             api.dropboxapi.com:443.\n"
        ),
        "{answer}"
    );
}

#[tokio::test]
async fn a_server_without_tls_says_that_a_tunnel_is_useless() {
    let server = Server::start().await;
    let (_, answer) = connect(&server, "api.dropboxapi.com:443").await;
    assert!(
        answer.starts_with("HTTP/1.1 501 The tunnel to "),
        "{answer}"
    );
    assert!(answer.contains("does not offer TLS"), "{answer}");
}

#[tokio::test]
async fn an_allowed_tunnel_is_passed_on_in_both_directions() {
    let foreign = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = foreign.local_addr().unwrap().to_string();
    let mut config = config();
    config.allowed_tunnels = vec![target.parse().unwrap()];
    let server = Server::with(config).await;
    let far_end = tokio::spawn(async move {
        let (mut stream, _) = foreign.accept().await.unwrap();
        let question = read_to_end(&mut stream).await;
        stream
            .write_all(format!("you said {question}").as_bytes())
            .await
            .unwrap();
    });
    let (mut stream, answer) = connect(&server, &target).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 Connection established\r\n"),
        "{answer}"
    );
    stream.write_all(b"\x16hello").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(read_to_end(&mut stream).await, "you said \x16hello");
    in_time(far_end).await.unwrap();
}

#[tokio::test]
async fn a_stop_ends_passed_on_and_silent_tunnels_at_once() {
    let foreign = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = foreign.local_addr().unwrap().to_string();
    let mut config = config();
    config.allowed_tunnels = vec![target.parse().unwrap()];
    let server = Server::with(config).await;
    let (mut passed_on, _) = connect(&server, &target).await;
    let (_far_end, _) = in_time(foreign.accept()).await.unwrap();
    let (mut silent, _) = connect(&server, "api.dropboxapi.com:443").await;
    assert_eq!(server.stop().await, StopReport { cut: 0 });
    assert_eq!(read_to_end(&mut passed_on).await, "");
    assert_eq!(read_to_end(&mut silent).await, "");
}

#[tokio::test]
async fn an_allowed_tunnel_that_cannot_be_opened_is_a_bad_gateway() {
    // A port that was free a moment ago refuses connections.
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let mut config = config();
    config.allowed_tunnels = vec![closed.to_string().parse().unwrap()];
    let server = Server::with(config).await;
    let (_, answer) = connect(&server, &closed.to_string()).await;
    assert!(
        answer.starts_with("HTTP/1.1 502 The tunnel to "),
        "{answer}"
    );
    assert!(
        answer.contains(&format!("The tunnel to {closed} could not be opened: ")),
        "{answer}"
    );
}

/// Sends a request as a client does that takes the server for its proxy.
async fn by_proxy(server: &Server, target: &str) -> String {
    let head = format!(
        "POST {target} HTTP/1.1\r\nhost: elsewhere\r\nproxy-connection: keep-alive\r\n\
         content-length: 5\r\nconnection: close\r\n\r\nhello"
    );
    server.exchange(head).await
}

#[tokio::test]
async fn a_clear_text_request_to_dropbox_is_answered_and_one_to_a_foreign_host_is_refused() {
    let refused = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut config = config();
    let told = Arc::clone(&refused);
    config.refused_tunnels = super::super::TunnelWatch::new(move |name| {
        told.lock().unwrap().push(name.to_owned());
    });
    let server = Server::with(config).await;
    let port = server.address.port();
    for host in ["api.dropboxapi.com", "CONTENT.dropboxapi.com.", "localhost"] {
        let answer = by_proxy(&server, &format!("http://{host}/scheme")).await;
        assert!(answer.contains("http HTTP/1.1"), "{host}: {answer}");
    }
    // By whatever name: the service judges it.
    let answer = by_proxy(&server, &format!("http://this.test:{port}/scheme")).await;
    assert!(answer.contains("http HTTP/1.1"), "{answer}");
    for (target, why) in [
        (
            "http://example.com/a?token=secret",
            "The request for http://example.com/a is refused: this server stands for Dropbox only. If it is meant, \
             start the server with --allow-tunnel example.com:80.",
        ),
        (
            "https://example.com/",
            "with --allow-tunnel example.com:443.",
        ),
        (
            "http://[2001:db8::1]:8080/",
            "with --allow-tunnel [2001:db8::1]:8080.",
        ),
    ] {
        let answer = by_proxy(&server, target).await;
        assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
        assert!(answer.contains(why), "{answer}");
    }
    assert_eq!(
        *refused.lock().unwrap(),
        ["example.com:80", "example.com:443", "[2001:db8::1]:8080"]
    );
}

#[tokio::test]
async fn a_clear_text_request_to_an_allowed_host_is_passed_on_as_its_origin_wants_it() {
    let foreign = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = foreign.local_addr().unwrap().to_string();
    let mut config = config();
    config.allowed_tunnels = vec![target.parse().unwrap()];
    let server = Server::with(config).await;
    let far_end = tokio::spawn(async move {
        let (mut stream, _) = foreign.accept().await.unwrap();
        let mut question = String::new();
        while !question.ends_with("hello") {
            let mut some = [0; 1024];
            let length = stream.read(&mut some).await.unwrap();
            question.push_str(std::str::from_utf8(&some[..length]).unwrap());
        }
        let answer = "HTTP/1.1 201 Made\r\nx-there: 1\r\nkeep-alive: timeout=5\r\ncontent-length: 3\r\n\r\nyes";
        stream.write_all(answer.as_bytes()).await.unwrap();
        question
    });
    let answer = by_proxy(&server, &format!("http://{target}/a?b=c")).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(answer.contains("x-there: 1\r\n"), "{answer}");
    assert!(!answer.contains("keep-alive:"), "{answer}");
    assert!(answer.ends_with("yes"), "{answer}");
    let question = in_time(far_end).await.unwrap();
    assert!(
        question.starts_with("POST /a?b=c HTTP/1.1\r\n"),
        "{question}"
    );
    assert!(
        question.contains(&format!("host: {target}\r\n")),
        "{question}"
    );
    assert!(!question.contains("proxy-connection"), "{question}");
    // Nobody is there any more.
    let answer = by_proxy(&server, &format!("http://{target}/")).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(answer.contains("could not be passed on: "), "{answer}");
}
