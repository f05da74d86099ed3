//! Whether the client of a connection is still there.

use std::sync::{Arc, Mutex, PoisonError};

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells when the client closes its side of a connection.
///
/// On HTTP/1 nobody reads while a request is being answered, so its handler does not see by itself
/// that the client goes away; that is right for all but handlers that never come to an end. A
/// client that only shuts its sending half down cannot be told from one that is gone.
#[derive(Clone, Debug, Default)]
pub struct ClientPresence(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    wanted: AtomicBool,
    /// Everybody who waits: on HTTP/2 several requests share a connection.
    waiters: Mutex<Vec<oneshot::Sender<io::Result<TcpStream>>>>,
}

impl ClientPresence {
    /// Resolves when the client has closed its side, whatever of its bytes is still unread. On
    /// HTTP/2 it may never: there the end of a stream ends its handler.
    pub async fn gone(&self) {
        // The socket is in the hands of whoever speaks HTTP on it. A duplicate of it has a readiness
        // of its own, so that waiting here takes nothing away from there; it is closed again when
        // this future is done or dropped.
        let (give, take) = oneshot::channel();
        {
            let mut waiters = self.lock();
            waiters.retain(|waiter| !waiter.is_closed());
            waiters.push(give);
            self.0.wanted.store(true, Ordering::Release);
        }
        let outcome = match take.await {
            Ok(Ok(duplicate)) => until_closed(&duplicate).await,
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::ErrorKind::NotConnected.into()),
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "it cannot be told when a client goes away");
            std::future::pending::<()>().await;
        }
    }

    /// Hands over duplicates of the socket to everybody who wants one.
    pub(super) fn offer(&self, stream: &TcpStream) {
        if self.0.wanted.load(Ordering::Relaxed) && self.0.wanted.swap(false, Ordering::AcqRel) {
            let waiters = std::mem::take(&mut *self.lock());
            for waiter in waiters.into_iter().filter(|waiter| !waiter.is_closed()) {
                // Whoever stopped waiting just now drops it.
                let _ = waiter.send(duplicate(stream));
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<oneshot::Sender<io::Result<TcpStream>>>> {
        self.0
            .waiters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connections are the same if they are watched together.
impl PartialEq for ClientPresence {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for ClientPresence {}

fn duplicate(stream: &TcpStream) -> io::Result<TcpStream> {
    TcpStream::from_std(SockRef::from(stream).try_clone()?.into())
}

async fn until_closed(stream: &TcpStream) -> io::Result<()> {
    loop {
        let ready = stream.ready(Interest::READABLE).await?;
        if ready.is_read_closed() {
            return Ok(());
        }
        // What is unread stays unread: only what comes next is news.
        let news = stream.try_io(Interest::READABLE, || {
            Err::<(), _>(io::ErrorKind::WouldBlock.into())
        });
        debug_assert!(news.is_err(), "nothing was read");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("an address"));
        let (client, accepted) = tokio::join!(client, listener.accept());
        (
            client.expect("a connection"),
            accepted.expect("a connection").0,
        )
    }

    #[tokio::test]
    async fn a_client_that_closes_is_gone_though_its_bytes_are_unread() {
        let (mut client, server) = pair().await;
        client.write_all(b"unread").await.expect("sent");
        let presence = ClientPresence::default();
        let mut gone = std::pin::pin!(presence.gone());
        assert!(gone.as_mut().now_or_never().is_none());
        presence.offer(&server);
        assert!(gone.as_mut().now_or_never().is_none());
        server.readable().await.expect("bytes");
        assert!(gone.as_mut().now_or_never().is_none());
        drop(client);
        gone.await;
        let mut unread = [0; 6];
        assert_eq!(server.try_read(&mut unread).expect("bytes"), 6);
    }

    #[tokio::test]
    async fn one_that_was_gone_before_anybody_asked_is_gone() {
        let (client, server) = pair().await;
        drop(client);
        let presence = ClientPresence::default();
        let gone = presence.gone();
        let shown = async { presence.offer(&server) };
        tokio::join!(gone, shown);
    }

    #[tokio::test]
    async fn everybody_who_waits_on_a_connection_is_told() {
        let (client, server) = pair().await;
        let presence = ClientPresence::default();
        let mut first = std::pin::pin!(presence.gone());
        let mut second = std::pin::pin!(presence.gone());
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        presence.offer(&server);
        drop(client);
        tokio::join!(first, second);
    }

    #[tokio::test]
    async fn one_who_stops_waiting_takes_nothing_away_from_another() {
        let (client, server) = pair().await;
        let presence = ClientPresence::default();
        let mut stays = std::pin::pin!(presence.gone());
        assert!(stays.as_mut().now_or_never().is_none());
        assert!(presence.gone().now_or_never().is_none());
        presence.offer(&server);
        drop(client);
        stays.await;
    }

    #[tokio::test]
    async fn no_duplicate_is_left_where_nobody_asks_any_more() {
        let (mut client, server) = pair().await;
        let presence = ClientPresence::default();
        assert!(presence.gone().now_or_never().is_none());
        presence.offer(&server);
        assert!(presence.lock().is_empty());
        // A duplicate would keep the connection open.
        drop(server);
        assert_eq!(client.read(&mut [0; 1]).await.expect("an end"), 0);
    }

    #[tokio::test]
    async fn no_duplicate_is_made_before_somebody_asks() {
        let (mut client, server) = pair().await;
        let presence = ClientPresence::default();
        presence.offer(&server);
        assert!(presence.lock().is_empty());
        drop(server);
        assert_eq!(client.read(&mut [0; 1]).await.expect("an end"), 0);
    }
}
