//! The graceful stop, and its limit.

use super::*;

#[tokio::test]
async fn a_request_in_flight_is_answered_after_the_stop() {
    let server = Server::start().await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /gate HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    in_time(server.gate.entered.notified()).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    read_answer(&mut idle).await;
    let mut silent = server.connect().await;

    server.stop.send(()).unwrap();
    // Those who have nothing in flight are let go at once.
    assert_eq!(read_to_end(&mut idle).await, "");
    let mut rest = Vec::new();
    // The silent one may not have been accepted yet, which ends in a reset.
    let _ = in_time(silent.read_to_end(&mut rest)).await;
    assert!(rest.is_empty());
    assert!(
        TcpStream::connect(server.address).await.is_err(),
        "nothing is accepted any more"
    );

    server.gate.open.notify_one();
    assert!(read_to_end(&mut busy).await.ends_with("through the gate"));
    assert_eq!(
        in_time(server.serving).await.unwrap(),
        StopReport { cut: 0 }
    );
}

#[tokio::test]
async fn what_outlasts_the_grace_period_is_cut_and_counted() {
    let mut config = ListenerConfig::loopback(0);
    config.stop_grace = Duration::from_millis(30);
    let server = Server::with(config).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /gate HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    in_time(server.gate.entered.notified()).await;
    assert_eq!(server.stop().await, StopReport { cut: 1 });
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn dropping_the_server_cuts_its_connections() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /gate HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    in_time(server.gate.entered.notified()).await;
    server.serving.abort();
    assert_eq!(read_to_end(&mut stream).await, "");
}
