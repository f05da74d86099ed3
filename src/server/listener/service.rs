//! One request and its answer, between hyper and the service.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::Service;

use super::body::{AnswerBody, BoxError};
use super::conversation::{Activity, InFlight, ServiceContext};
use super::facts::{ConnectionAction, ConnectionFacts};
use super::forward::elsewhere;
use super::host;
use super::request_body::{RequestBody, Unread};
use super::socket::Control;
use super::tunnel::objection_to_plain_http;

/// What the requests of one conversation have in common.
#[derive(Debug)]
pub(super) struct ConnectionService<S> {
    pub(super) context: ServiceContext<S>,
    pub(super) facts: ConnectionFacts,
    pub(super) control: Arc<Control>,
    pub(super) activity: Arc<Activity>,
}

/// A service whose kinds of body, error and future no longer matter.
pub(super) trait DynService: Clone + Send + 'static {
    /// Answers a request, which is in flight until its answer is sent.
    fn call(&self, request: Request<RequestBody>, in_flight: InFlight) -> Served;
}

type Served = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, BoxError>> + Send>>;

/// Why a connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Closed {
    #[error("the service closes this connection")]
    ByAction,
    #[error("the service failed: {0}")]
    ByError(BoxError),
}

/// The answer to a request, or the end of its connection.
pub(super) type ResponseFuture =
    Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, Closed>> + Send>>;

impl<S: DynService> ConnectionService<S> {
    pub(super) fn answer(&self, request: Request<Incoming>) -> ResponseFuture {
        // Over HTTP/1 hyper leaves the content out itself (API-261).
        let has_no_content =
            request.version() == Version::HTTP_2 && request.method() == Method::HEAD;
        let answered = self.respond(request);
        if !has_no_content {
            return answered;
        }
        Box::pin(async move { answered.await.map(without_content) })
    }

    fn respond(&self, mut request: Request<Incoming>) -> ResponseFuture {
        let http2 = request.version() == Version::HTTP_2;
        let in_flight = self.activity.begin(http2);
        self.control
            .set_lingers(!http2 && !request.body().is_end_stream());
        if request.method() == Method::CONNECT {
            return self.open_tunnel(request, in_flight);
        }
        if let Some((status, text)) = self.objection(&request) {
            return at_once(refusal(status, text, in_flight));
        }
        if let Some(to) = elsewhere(&request, &self.facts, &self.context.shared) {
            return self.forward(request, to, in_flight);
        }
        request.extensions_mut().insert(self.facts.clone());
        let unread = Unread::default();
        let (parts, body) = request.into_parts();
        let body = RequestBody::new(body, parts.version, &parts.headers, unread.clone());
        let request = Request::from_parts(parts, body);
        // `call` runs code of the service too: a panic there must not take the connection along.
        let service = AssertUnwindSafe(|| self.context.service.call(request, in_flight));
        let called = catch_unwind(service);
        let (activity, control) = (Arc::clone(&self.activity), Arc::clone(&self.control));
        let (id, peer) = (self.facts.id, self.facts.peer);
        Box::pin(async move {
            let outcome = match called {
                Ok(called) => AssertUnwindSafe(called).catch_unwind().await,
                Err(panic) => Err(panic),
            };
            let Ok(answered) = outcome else {
                // The panic hook has printed the message and the place.
                tracing::error!(id, %peer, "a request handler panicked: answered with a 500");
                let text = "The server failed on this request: a handler panicked.".to_owned();
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                return Ok(refusal(status, text, activity.begin(http2)));
            };
            let mut response = answered.map_err(Closed::ByError)?;
            if unread.is_certain() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            match response.extensions().get::<ConnectionAction>() {
                None => Ok(response),
                Some(ConnectionAction::Abort) => Err(Closed::ByAction),
                Some(ConnectionAction::Reset) => {
                    control.reset();
                    Err(Closed::ByAction)
                }
            }
        })
    }

    /// Why a request does not get through to the service.
    fn objection(&self, request: &Request<Incoming>) -> Option<(StatusCode, String)> {
        if let Some(text) = objection_to_plain_http(&self.facts) {
            return Some((StatusCode::BAD_REQUEST, text));
        }
        let limit = self.context.shared.limits.max_header_bytes;
        let size = head_size(request);
        if size > limit {
            let text = format!("The head of this request has {size} bytes; the limit is {limit}.");
            return Some((StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text));
        }
        if request.uri().path_and_query().is_none() {
            let text = format!(
                "The request target {:?} is not a path.",
                request.uri().to_string()
            );
            return Some((StatusCode::BAD_REQUEST, text));
        }
        // Another coding would be stored as it came: only the chunks are taken apart (RFC 9112, section 6.1).
        let codings = request.headers().get_all(header::TRANSFER_ENCODING);
        let mut codings = codings
            .iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        if codings.any(|coding| !coding.trim_ascii().eq_ignore_ascii_case(b"chunked")) {
            let text = "This server undoes no Transfer-Encoding but chunked. Nothing was done.";
            return Some((StatusCode::NOT_IMPLEMENTED, text.to_owned()));
        }
        let scheme = request.uri().scheme_str().unwrap_or("http");
        if !["http", "https"].contains(&scheme) {
            let text = format!("This server answers for http and https, not for {scheme}.");
            return Some((StatusCode::BAD_REQUEST, text));
        }
        let objection = host::objection(request.version(), request.uri(), request.headers());
        objection.map(|text| (StatusCode::BAD_REQUEST, text))
    }
}

impl<S, B> DynService for S
where
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: Request<RequestBody>, in_flight: InFlight) -> Served {
        let called = Service::call(self, request);
        Box::pin(async move {
            let response = called.await.map_err(Into::into)?;
            Ok(response.map(|body| AnswerBody::new(body, in_flight)))
        })
    }
}

fn head_size(request: &Request<Incoming>) -> usize {
    let uri = request.uri();
    let target = uri.path_and_query().map_or(0, |path| path.as_str().len())
        + uri
            .authority()
            .map_or(0, |authority| authority.as_str().len());
    let headers = request.headers().iter();
    target
        + headers
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum::<usize>()
}

/// The answer to a HEAD: it has the length of its content, and no content.
fn without_content(mut response: Response<AnswerBody>) -> Response<AnswerBody> {
    if let Some(length) = response.body().size_hint().exact() {
        let headers = response.headers_mut();
        let length = || HeaderValue::from(length);
        headers.entry(header::CONTENT_LENGTH).or_insert_with(length);
    }
    response.map(AnswerBody::emptied)
}

pub(super) fn at_once(response: Response<AnswerBody>) -> ResponseFuture {
    Box::pin(std::future::ready(Ok(response)))
}

/// An answer by the connection layer itself: one sentence of plain text.
pub(super) fn refusal(
    status: StatusCode,
    text: String,
    in_flight: InFlight,
) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::text(text + "\n", in_flight));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}
