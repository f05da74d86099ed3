//! Bodies of answers as they go to the connection.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Empty, Full};

use super::conversation::InFlight;

/// An error of any kind, as bodies and services hand it over.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A body that counts its request as in flight until it is sent, that turns a panic into an
/// error, and that lets everything before an error be sent first.
///
/// hyper drops what it has not written yet when a body fails, even the head. So an error is held
/// back for one poll: hyper uses that pause to flush.
pub(super) struct AnswerBody {
    inner: Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>,
    failure: Option<BoxError>,
    _in_flight: InFlight,
}

impl AnswerBody {
    pub(super) fn new<B>(body: B, in_flight: InFlight) -> Self
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let inner = Box::pin(http_body_util::BodyExt::map_err(body, Into::into));
        Self {
            inner,
            failure: None,
            _in_flight: in_flight,
        }
    }

    /// The same body without its content.
    pub(super) fn emptied(self) -> Self {
        let nothing = http_body_util::BodyExt::map_err(Empty::new(), |never| match never {});
        Self {
            inner: Box::pin(nothing),
            failure: None,
            ..self
        }
    }

    pub(super) fn text(text: String, in_flight: InFlight) -> Self {
        Self::new(Full::new(Bytes::from(text)), in_flight)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        let polled = catch_unwind(AssertUnwindSafe(|| self.inner.as_mut().poll_frame(context)));
        let failure = match polled {
            Ok(Poll::Ready(Some(Err(failure)))) => failure,
            Ok(other) => return other,
            Err(_) => {
                tracing::error!("a response body panicked: the answer is cut off");
                BoxError::from("the response body panicked")
            }
        };
        self.failure = Some(failure);
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.failure.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
