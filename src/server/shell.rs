//! What surrounds every route: the guard against foreign hosts, common headers, the journal.

use crate::control::journal::Message;
use crate::rules::Rule;
use crate::server::app::App;
use crate::server::app::common_headers;
use crate::server::faults;
use crate::server::filters;
use crate::server::http::answer::{Answer, AnswerBody};
use crate::server::http::cors;
use crate::server::http::exchange::Exchange;
use crate::server::http::origin::{is_local_name, is_same_host};
use crate::server::journal_entry::{Answered, RecordedBody, Recorder};
use crate::server::listener::{BoxError, ConnectionAction, ConnectionFacts, RequestBody};
use crate::storage::data_dir::NotKept;
use crate::wire::headers;
use crate::wire::routes::{self, Route};
use http::{HeaderValue, Request, Response, header};
use http_body::Body as _;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use warp::Reply;
use warp::filters::BoxedFilter;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// About how many headers an answer has.
const MOST_HEADERS: usize = 12;

/// The service behind the listener.
#[derive(Clone)]
pub struct Shell {
    app: Arc<App>,
    routes: BoxedFilter<(Answer,)>,
}

impl std::fmt::Debug for Shell {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shell")
    }
}

impl Shell {
    /// All routes over `app`.
    pub fn new(app: Arc<App>) -> Self {
        Self {
            app,
            routes: filters::all(),
        }
    }
}

/// What the shell has to know of an answer once it is HTTP.
#[derive(Clone, Debug, Default)]
struct AnswerFacts {
    rules: Vec<Rule>,
    note: Option<String>,
    impersonates_dropbox: bool,
    body: Option<bytes::Bytes>,
}

impl Reply for Answer {
    fn into_response(self) -> warp::reply::Response {
        let body = match &self.body {
            AnswerBody::Bytes(bytes) => Some(bytes.clone()),
            AnswerBody::Stream { .. } => None,
        };
        let mut response = match self.body {
            AnswerBody::Bytes(bytes) => Response::new(bytes.into()),
            AnswerBody::Stream { length, stream } => {
                let mut response = warp::reply::stream(stream).into_response();
                let headers = response.headers_mut();
                if let Some(length) = length {
                    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
                }
                // Whatever somebody uploaded, it is no page of this origin, where the controls are.
                headers.insert(
                    header::CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static(headers::CONTENT_SECURITY_POLICY),
                );
                headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
                response
            }
        };
        *response.status_mut() = self.status;
        // The common headers come later; growing would cost more than room for them.
        response.headers_mut().reserve(MOST_HEADERS);
        if let Some(content_type) = self.content_type {
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, content_type);
        }
        response.headers_mut().extend(self.headers);
        if let Some(action) = self.action {
            response.extensions_mut().insert(action);
        }
        response.extensions_mut().insert(AnswerFacts {
            rules: self.rules,
            note: self.note,
            impersonates_dropbox: self.impersonates_dropbox,
            body,
        });
        response
    }
}

impl hyper::service::Service<Request<RequestBody>> for Shell {
    type Response = Response<RecordedBody>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn call(&self, mut request: Request<RequestBody>) -> Self::Future {
        let facts = request.extensions_mut().remove::<ConnectionFacts>();
        let facts = facts.expect("the listener tells the facts of every connection");
        let exchange = Exchange::new(
            Arc::clone(&self.app),
            request.method().clone(),
            request.uri().clone(),
            request.version(),
            std::mem::take(request.headers_mut()),
            facts,
        );
        let recorder = Recorder::new(exchange.clone());
        if let Some(refusal) = foreign_host(&exchange) {
            let response = finish(&exchange, refusal.into_response(), recorder);
            return Box::pin(std::future::ready(Ok(response)));
        }
        request.extensions_mut().insert(exchange.clone());
        let answered = tower_call(&self.routes, request);
        Box::pin(async move {
            let mut response = answered.await.unwrap_or_else(|never| match never {});
            if let Err(why) = exchange.app().kept().await {
                response = not_kept(&why).into_response();
            }
            let response = faults::apply_answer_faults(&exchange, response).await;
            Ok(finish(&exchange, response, recorder))
        })
    }
}

/// Nothing is said of a state that a crash would undo.
fn not_kept(why: &NotKept) -> Answer {
    let what_to_do = if why.for_good {
        "Start the server again: it goes on from what is on the disk"
    } else {
        "Make room, and send the request again: what it changed is written as soon as that works"
    };
    let detail = format!(
        "The data directory could not be written: {}. {what_to_do}.",
        why.reason
    );
    Answer::about_the_fake(http::StatusCode::INSUFFICIENT_STORAGE, "not kept", &detail)
}

fn tower_call(
    routes: &BoxedFilter<(Answer,)>,
    request: Request<RequestBody>,
) -> impl Future<Output = Result<warp::reply::Response, Infallible>> + Send + use<> {
    let service = hyper_util::service::TowerToHyperService::new(warp::service(routes.clone()));
    hyper::service::Service::call(&service, request)
}

/// On loopback, a name that is not this machine's is a web page's trick to reach the server
/// through somebody's browser.
fn foreign_host(exchange: &Exchange) -> Option<Answer> {
    let config = &exchange.app().config;
    let host = exchange.request_host()?;
    let known = config.any_host
        || is_local_name(&host)
        || config
            .allowed_hosts
            .iter()
            .any(|allowed| is_same_host(allowed, &host))
        || config
            .public_url
            .as_ref()
            .is_some_and(|url| is_same_host(url.host(), &host));
    if known {
        return None;
    }
    let detail = format!(
        "This server listens on loopback and does not answer under the name '{host}': a web page could use it to reach \
         this machine. If the name is meant, start the server with --allow-host {host}."
    );
    Some(Answer::about_the_fake(
        http::StatusCode::MISDIRECTED_REQUEST,
        "foreign host",
        &detail,
    ))
}

/// Adds the headers that every answer has, and tells the journal.
fn finish(
    exchange: &Exchange,
    mut response: warp::reply::Response,
    mut recorder: Recorder,
) -> Response<RecordedBody> {
    let facts = response.extensions_mut().remove::<AnswerFacts>();
    if facts
        .as_ref()
        .is_some_and(|facts| facts.impersonates_dropbox)
    {
        add_headers(exchange, &mut response);
    } else if facts.is_some() {
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    }
    let ended = response.extensions().get::<ConnectionAction>().is_some();
    let facts = facts.unwrap_or_default();
    recorder.answered(Answered {
        status: (!ended).then(|| response.status().as_u16()),
        rules: facts.rules,
        note: facts.note,
        message: Message::copy(response.headers(), facts.body.as_deref()),
    });
    let has_body = *exchange.method() != http::Method::HEAD;
    let length = length(&response);
    let (parts, body) = response.into_parts();
    Response::from_parts(
        parts,
        RecordedBody::new(Response::new(body), recorder, has_body, length),
    )
}

/// How long a body is: its bytes are there, or its head announces them.
fn length(response: &warp::reply::Response) -> Option<u64> {
    let announced = response.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    announced.or_else(|| response.body().size_hint().exact())
}

fn add_headers(exchange: &Exchange, response: &mut warp::reply::Response) {
    let route = exchange.record().route.and_then(routes::find);
    let host = route.map_or(headers::Host::Api, Route::headers);
    let status = response.status().as_u16();
    let cross_origin = exchange.header("origin").is_some();
    let is_long = length(response).is_some_and(|length| length >= headers::VARIES_FROM);
    let common = &exchange.app().common_headers;
    let common = common.of(host, status, cross_origin, is_long);
    let hide_cors = cors::is_rejected(exchange)
        || host == headers::Host::Link
            && status >= 400
            && !exchange.assumptions().cors_on_errors.is_yes();
    let own = response.headers_mut();
    for (name, value) in &*common {
        if hide_cors && name.as_str().starts_with("access-control-") {
            continue;
        }
        own.entry(name).or_insert_with(|| value.clone());
    }
    let milliseconds =
        u64::try_from(exchange.stopwatch().elapsed().as_millis()).unwrap_or(u64::MAX);
    if let Some(time) = own.get_mut(common_headers::RESPONSE_TIME) {
        *time = HeaderValue::from(milliseconds);
    }
    let request_id = format!("{:032x}", exchange.request_id());
    if let Ok(request_id) = HeaderValue::try_from(request_id) {
        own.insert(common_headers::REQUEST_ID, request_id);
    }
}
