//! Bodies of requests as they come from the connection.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Version, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::socket::{LINGER, LINGER_SILENCE};

/// The most that is read of a body after its answer.
const MOST_LET_GO: u64 = 64 << 10;

/// The body of a request, which a service may leave unread.
///
/// When a request of HTTP/1 was answered before its body was there, hyper closes the connection without
/// having said so, and the client's next request on it gets no answer. So the rest of a small body is read
/// and let go after the answer, and what is not read is known when the head of the answer is written.
#[derive(Debug)]
pub struct RequestBody {
    /// Nothing once it is all there or broken.
    incoming: Option<Incoming>,
    rest: Rest,
}

/// What happens to what a service does not read.
#[derive(Debug)]
enum Rest {
    /// On HTTP/2 all of it is read, as long as it comes. A stream whose body is dropped is reset once it
    /// is answered; a client must not throw the answer away for that (RFC 9113, section 8.1), but curl
    /// up to 7.88 does while it has bytes to send.
    LeavesTheStreamOpen,
    /// The client sends it whatever it is answered: a small one is read.
    IsLetGo(Unread),
    /// The client waits for `100 Continue`, which must not follow an answer.
    IsNotSent(Unread),
}

/// Whether something of a body stays unread for ever, so that its connection has to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Unread(Arc<AtomicBool>);

impl Unread {
    pub(super) fn is_certain(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl RequestBody {
    pub(super) fn new(
        incoming: Incoming,
        version: Version,
        headers: &HeaderMap,
        unread: Unread,
    ) -> Self {
        let rest = if version == Version::HTTP_2 {
            Rest::LeavesTheStreamOpen
        } else if headers.contains_key(header::EXPECT) {
            Rest::IsNotSent(unread)
        } else {
            Rest::IsLetGo(unread)
        };
        Self {
            incoming: Some(incoming),
            rest,
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(incoming) = &mut self.incoming else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(incoming).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.incoming = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let incoming = self.incoming.as_ref();
        incoming.map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let Some(incoming) = self.incoming.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        match &self.rest {
            Rest::LeavesTheStreamOpen => {
                // A runtime that is gone has no connections either.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(timeout(LINGER, drain_all(incoming)));
                }
            }
            Rest::IsNotSent(unread) => unread.0.store(true, Ordering::Release),
            Rest::IsLetGo(unread) => match tokio::runtime::Handle::try_current() {
                // hyper goes on with the connection once somebody has taken the rest.
                Ok(runtime) if incoming.size_hint().lower() <= MOST_LET_GO => {
                    runtime.spawn(drain_and_drop(incoming));
                }
                _ => unread.0.store(true, Ordering::Release),
            },
        }
    }
}

/// Reads until the end, an error, or a silence.
async fn drain_all(mut rest: Incoming) {
    while let Ok(Some(Ok(_))) = timeout(LINGER_SILENCE, rest.frame()).await {}
}

async fn drain_and_drop(mut rest: Incoming) {
    let mut left = MOST_LET_GO;
    while let Some(Ok(frame)) = rest.frame().await {
        let size = frame.data_ref().map_or(0, |data| data.len() as u64);
        match left.checked_sub(size) {
            Some(less) => left = less,
            // The connection ends with it.
            None => return,
        }
    }
}
