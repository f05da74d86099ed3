//! Applies the faults that a test injected.

use crate::control::faults::{
    Action, ArmedFault, FaultAnswer, Injected, Phase, PresetAnswer, Subject,
};
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::listener::{BoxError, ConnectionAction};
use crate::wire::routes;
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::{HeaderValue, Response, header};
use http_body_util::BodyExt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use warp::Reply;

/// A stall ends with the client, with the server, or after this, whichever comes first: it must not
/// pile up.
const LONGEST_STALL: Duration = Duration::from_hours(1);
/// How many times a second a slow body goes on.
const STEPS_PER_SECOND: u64 = 10;

/// Arms the rules that concern a request whose head is there.
fn arm(exchange: &Exchange, route: Option<&str>) {
    let faults = &exchange.app().faults;
    if faults.is_idle() {
        return;
    }
    let record = exchange.record().clone();
    let armed = faults.arm(&Subject {
        route: route.unwrap_or_default(),
        host: routes::host(route),
        path: record.path.as_deref(),
        account: record.account.as_deref(),
        token: record.token.as_deref(),
        headers: exchange.headers(),
    });
    exchange.set_armed(armed);
}

/// Applies what acts at this point, in its order. At the head, everything that rules look at has been
/// recorded.
pub async fn apply_at(exchange: &Exchange, phase: Phase) -> Result<(), Problem> {
    if phase == Phase::Head {
        let route = exchange.record().route;
        arm(exchange, route);
    }
    let Some(armed) = exchange.armed() else {
        return Ok(());
    };
    for fault in armed.at(phase) {
        act(exchange, fault).await?;
    }
    Ok(())
}

/// The answer that a test wrote for a route that is not faked; none if nobody did. It may be none at
/// all.
pub async fn stub(exchange: &Exchange, route: &'static str) -> Option<Problem> {
    arm(exchange, Some(route));
    let armed = exchange.armed()?;
    let mut acted = armed.at(Phase::Head).peekable();
    acted.peek()?;
    {
        let mut record = exchange.record();
        record.route = Some(route);
        record.note = Some("stubbed by you: this says nothing about Dropbox".to_owned());
    }
    for fault in acted {
        if let Err(problem) = act(exchange, fault).await {
            return Some(problem);
        }
    }
    None
}

/// Applies what acts when the body begins.
pub async fn body_begins(exchange: &Exchange) -> Result<(), Problem> {
    in_body(exchange, None, 0).await
}

/// Applies what acts when this many bytes of the body have arrived.
pub async fn body_grows(exchange: &Exchange, bytes: u64) -> Result<(), Problem> {
    let before = std::mem::replace(&mut exchange.record().request_bytes, bytes);
    in_body(exchange, Some(before), bytes).await
}

/// Applies what acts when the body has grown from `before` to `after` bytes.
async fn in_body(exchange: &Exchange, before: Option<u64>, after: u64) -> Result<(), Problem> {
    let Some(armed) = exchange.armed() else {
        return Ok(());
    };
    for (at, fault) in armed.all_in_body() {
        let is_new = before.is_none_or(|before| before < at) && at <= after;
        match &fault.action {
            Action::Slow { bytes_per_second } if at <= after => {
                if is_new {
                    fired(exchange, fault);
                }
                let bytes = after - before.unwrap_or(0).max(at);
                let milliseconds = bytes.saturating_mul(1000) / bytes_per_second;
                pause(exchange, Duration::from_millis(milliseconds)).await?;
            }
            Action::Slow { .. } => {}
            _ if is_new => act(exchange, fault).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Waits as long as somebody is there on both sides: it can be days for a large body. What a client
/// that is gone has sent is read at once; it is for the body to say whether that was all.
pub async fn pause(exchange: &Exchange, duration: Duration) -> Result<(), Problem> {
    tokio::select! {
        () = tokio::time::sleep(duration) => Ok(()),
        () = exchange.facts().presence.gone() => Ok(()),
        () = exchange.app().stopped() => Err(Problem::NoAnswer(ConnectionAction::Abort)),
    }
}

fn fired(exchange: &Exchange, fault: &ArmedFault) {
    exchange.app().faults.fired(fault.id);
    let mut record = exchange.record();
    record.fault = Some(fault.id);
    if record.note.is_none() {
        // The entry names the fault itself.
        record.note = Some(format!("acted at {}", fault.phase.as_str()));
    }
}

async fn act(exchange: &Exchange, fault: &ArmedFault) -> Result<(), Problem> {
    fired(exchange, fault);
    match &fault.action {
        Action::Answer(answer) => Err(answered(answer)),
        Action::Delay { milliseconds } => {
            let over = tokio::time::sleep(Duration::from_millis(*milliseconds));
            tokio::select! {
                () = over => Ok(()),
                () = exchange.app().stopped() => Err(Problem::NoAnswer(ConnectionAction::Abort)),
            }
        }
        Action::Stall => {
            tokio::select! {
                () = tokio::time::sleep(LONGEST_STALL) => {}
                () = exchange.app().stopped() => {}
                () = exchange.facts().presence.gone() => exchange.record_client_left(),
            }
            Err(Problem::NoAnswer(ConnectionAction::Abort))
        }
        Action::Reset => Err(Problem::NoAnswer(ConnectionAction::Reset)),
        Action::Close => Err(Problem::NoAnswer(ConnectionAction::Abort)),
        // The plan takes neither where it has nothing to act on.
        Action::Truncate { .. } | Action::Slow { .. } => Ok(()),
    }
}

fn answered(answer: &FaultAnswer) -> Problem {
    match answer.injected() {
        Injected::Auth(error) => error.into(),
        Injected::RateLimit {
            reason,
            retry_after,
        } => Problem::RateLimit {
            reason,
            retry_after,
        },
        Injected::Preset(answer) => Problem::Ready(Box::new(preset(answer))),
    }
}

fn preset(preset: PresetAnswer) -> Answer {
    let mut answer = Answer::empty(preset.status);
    answer.body = crate::server::http::answer::AnswerBody::Bytes(preset.body.into());
    answer.headers = preset.headers;
    if preset.closes {
        answer = answer.with_header("connection", "close");
    }
    answer
}

/// Applies what acts on an answer that is about to be sent.
pub async fn apply_answer_faults(
    exchange: &Exchange,
    mut response: warp::reply::Response,
) -> warp::reply::Response {
    let Some(armed) = exchange.armed() else {
        return response;
    };
    for fault in armed.at(Phase::Answer) {
        if response.extensions().get::<ConnectionAction>().is_some() {
            break;
        }
        match &fault.action {
            Action::Truncate { after_bytes } => {
                response = cut(exchange, fault, response, *after_bytes);
            }
            Action::Slow { bytes_per_second } => {
                fired(exchange, fault);
                response = slow(response, *bytes_per_second);
            }
            _ => match act(exchange, fault).await {
                Ok(()) => {}
                Err(problem) => {
                    response = problem.into_answer(exchange).into_response();
                }
            },
        }
    }
    response
}

/// The same answer, whose body ends in an error after so many bytes.
fn cut(
    exchange: &Exchange,
    fault: &ArmedFault,
    response: warp::reply::Response,
    after_bytes: u64,
) -> warp::reply::Response {
    let (parts, body) = announce_length(response).into_parts();
    let is_shorter = http_body::Body::size_hint(&body)
        .exact()
        .is_some_and(|length| length <= after_bytes);
    if is_shorter {
        return Response::from_parts(parts, body);
    }
    fired(exchange, fault);
    let pieces = stream::unfold((body, Some(after_bytes)), |(mut body, left)| async move {
        // The error was given: it is over.
        let left = left?;
        if left == 0 {
            let cut = BoxError::from("a fault cuts this answer off");
            return Some((Err(cut), (body, None)));
        }
        let piece = next_piece(&mut body).await?;
        Some(match piece {
            Ok(mut bytes) => {
                bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left - bytes.len() as u64;
                (Ok(bytes), (body, Some(left)))
            }
            Err(error) => (Err(error), (body, None)),
        })
    });
    with_body(parts, pieces)
}

/// The same answer, whose body comes no faster than this.
fn slow(response: warp::reply::Response, bytes_per_second: u64) -> warp::reply::Response {
    let (parts, body) = announce_length(response).into_parts();
    let step = usize::try_from((bytes_per_second / STEPS_PER_SECOND).max(1)).unwrap_or(usize::MAX);
    let pieces = stream::unfold(
        (body, Bytes::new()),
        move |(mut body, mut rest)| async move {
            if rest.is_empty() {
                match next_piece(&mut body).await? {
                    Ok(bytes) => rest = bytes,
                    Err(error) => return Some((Err(error), (body, Bytes::new()))),
                }
            }
            let piece = rest.split_to(step.min(rest.len()));
            let milliseconds = (piece.len() as u64).saturating_mul(1000) / bytes_per_second;
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            Some((Ok::<_, BoxError>(piece), (body, rest)))
        },
    );
    with_body(parts, pieces)
}

async fn next_piece<B>(body: &mut B) -> Option<Result<Bytes, BoxError>>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    loop {
        match body.frame().await? {
            Ok(frame) => match frame.into_data() {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Some(Ok(bytes)),
                // Trailers: no answer of this server has any.
                Err(_) => return None,
            },
            Err(error) => return Some(Err(error.into())),
        }
    }
}

/// A stream has no length of its own, so the length is said before the body becomes one.
fn announce_length(mut response: warp::reply::Response) -> warp::reply::Response {
    let length = http_body::Body::size_hint(response.body()).exact();
    if let Some(length) = length {
        response
            .headers_mut()
            .entry(header::CONTENT_LENGTH)
            .or_insert(HeaderValue::from(length));
    }
    response
}

fn with_body(
    parts: http::response::Parts,
    pieces: impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
) -> warp::reply::Response {
    let body = warp::reply::stream(Shareable(Mutex::new(Box::pin(pieces))))
        .into_response()
        .into_body();
    Response::from_parts(parts, body)
}

/// A stream behind a lock that is never contended: warp wants streams that can be shared.
struct Shareable<S>(Mutex<Pin<Box<S>>>);

impl<S: Stream> Stream for Shareable<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let stream = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        stream.as_mut().poll_next(context)
    }
}
