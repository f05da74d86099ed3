//! Telling URLs of changes: the challenge, the signed notification, and what is done when nobody
//! answers (API-242 to API-245).
//!
//! Several changes within a moment are told together. A notification that is not answered with a 200 is told
//! again for ten minutes, with longer and longer pauses, and with the accounts that changed meanwhile (API-245). The
//! ten minutes are those of the account's clock, so a test brings them on by moving it. The literal pauses nobody has
//! published (AQ-20).

use crate::control::clock::Stopwatch;
use crate::control::faults::HostKind;
use crate::control::journal::{Excerpt, JournalEntry, Messages, Outcome, Redactor};
use crate::control::secrets::Secret;
use crate::control::webhooks::{Challenge, ROUTE, Webhook};
use crate::dropbox::time::Timestamp;
use crate::rules::Rule;
use crate::server::app::App;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Changes that come within this time are told together.
const COALESCE: Duration = Duration::from_millis(20);
/// How long a receiver may take (API-242).
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause before a notification is told again, which doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// For how long it is tried (API-245).
const GIVES_UP_AFTER: Duration = Duration::from_mins(10);
/// The largest answer that is read.
const MAX_ANSWER: usize = 64 << 10;

/// Challenges and tells, until it is dropped.
pub async fn run(app: Arc<App>) {
    let Some(mut challenges) = app.webhooks.challenges() else {
        return;
    };
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            challenge = challenges.recv() => {
                // The sender lives in the app.
                let Some(challenge) = challenge else { return };
                under_way.spawn(answer_challenge(Arc::clone(&app), challenge));
            }
            changed = app.world().changed().take() => {
                for account in &changed {
                    note(&app, account, &mut under_way);
                }
            }
            Some(_) = under_way.join_next() => {}
        }
    }
}

fn note(app: &Arc<App>, account: &Arc<str>, under_way: &mut JoinSet<()>) {
    let mut hooks = app.webhooks.concerned(account);
    if !hooks.is_empty() {
        let credentials = app.world().credentials();
        hooks.retain(|hook| credentials.is_linked(account, &hook.app));
    }
    for hook in hooks {
        if hook.note(account) {
            under_way.spawn(tell_all(Arc::clone(app), hook));
        }
    }
}

/// Tells one webhook for as long as there is something to tell.
async fn tell_all(app: Arc<App>, hook: Arc<Webhook>) {
    loop {
        tokio::time::sleep(COALESCE).await;
        let Some(accounts) = hook.take() else {
            return;
        };
        // Nobody is told what a crash would undo.
        if let Err(error) = app.kept().await {
            tracing::warn!(
                "a webhook is not told of changes that could not be written: {}",
                error.reason
            );
            continue;
        }
        tell_until_taken(&app, &hook, accounts).await;
    }
}

/// Tells once, and again while it is not taken: one second later, two seconds after that, then four, until ten
/// minutes are over.
async fn tell_until_taken(app: &App, hook: &Webhook, mut accounts: BTreeSet<Arc<str>>) {
    let clock = accounts.first().map(Arc::clone);
    let began = app.clock.now(clock.as_deref());
    let (mut waited, mut pause) = (Duration::ZERO, FIRST_PAUSE);
    loop {
        let body = notification(app, &accounts);
        let signature = sign(hook.secret.expose(), body.as_bytes());
        let request = request(Method::POST, &hook.url, &body, Some(&signature));
        let result = match request {
            Ok(request) => exchange(app, request, &hook.url, "API-243", &accounts).await,
            Err(why) => Err(why),
        };
        if matches!(result, Ok((200, _))) {
            return;
        }
        waited += pause;
        pause *= 2;
        if waited > GIVES_UP_AFTER {
            let url = hook.url.split('?').next().unwrap_or_default();
            tracing::warn!(
                url,
                "a webhook took no notification for ten minutes: it is not told of these changes again"
            );
            return;
        }
        until(app, clock.as_deref(), began.plus(waited)).await;
        if !app.webhooks.has(hook.id) {
            return;
        }
        accounts.extend(hook.also());
    }
}

/// Waits for a moment on the clock of an account: it comes by itself, or because somebody moved the clock.
async fn until(app: &App, account: Option<&str>, moment: Timestamp) {
    let mut moves = app.clock.moves();
    let left = moment.since(app.clock.now(account));
    let over = tokio::time::sleep(left);
    tokio::pin!(over);
    while app.clock.now(account) < moment {
        tokio::select! {
            () = &mut over => return,
            _ = moves.changed() => {}
        }
    }
}

/// The body as it was seen on the wire (API-243).
fn notification(app: &App, accounts: &BTreeSet<Arc<str>>) -> String {
    let (mut users, mut ids) = (String::new(), String::new());
    let world = app.world();
    let known = accounts.iter().filter_map(|name| world.known_account(name));
    for (index, account) in known.enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _ = write!(users, "{separator}{}", account.lock().user_id);
        let _ = write!(ids, "{separator}\"{}\"", account.account_id());
    }
    format!(r#"{{"delta": {{"users": [{users}]}}, "list_folder": {{"accounts": [{ids}]}}}}"#)
}

/// 64 hexadecimal digits of HMAC-SHA256 (API-243, RFC 2104).
fn sign(secret: &str, body: &[u8]) -> String {
    const BLOCK: usize = 64;
    let mut key = [0; BLOCK];
    match secret.len() {
        0..=BLOCK => key[..secret.len()].copy_from_slice(secret.as_bytes()),
        _ => key[..32].copy_from_slice(&Sha256::digest(secret)),
    }
    let keyed = |pad: u8| Sha256::new_with_prefix(key.map(|byte| byte ^ pad));
    let inner = keyed(0x36).chain_update(body).finalize();
    let digest = keyed(0x5c).chain_update(inner).finalize();
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

async fn answer_challenge(app: Arc<App>, challenge: Challenge) {
    let result = tokio::select! {
        result = check(&app, &challenge.url) => result,
        () = app.stopped() => Err("the server stops".to_owned()),
    };
    // Whoever asked may have gone.
    let _ = challenge.reply.send(result);
}

/// The URL must give the challenge back (API-242).
async fn check(app: &App, url: &str) -> Result<(), String> {
    let word = Secret::random();
    let word = word.expose();
    let separator = if url.contains('?') { '&' } else { '?' };
    let challenged = format!("{url}{separator}challenge={word}");
    let request = request(Method::GET, &challenged, "", None)?;
    let (status, body) = exchange(app, request, url, "API-242", &BTreeSet::new()).await?;
    if status != 200 {
        return Err(format!(
            "it answered the challenge with {status}, not with 200"
        ));
    }
    if body.as_ref() != word.as_bytes() {
        return Err("it did not answer with the text of the parameter 'challenge'".to_owned());
    }
    Ok(())
}

fn request(
    method: Method,
    url: &str,
    body: &str,
    signature: Option<&str>,
) -> Result<Request<Full<Bytes>>, String> {
    let uri: Uri = url.parse().map_err(|_| "it is not a URL".to_owned())?;
    if uri.scheme_str() != Some("http") {
        return Err(
            "webhooks are told by http:// only; let something that speaks TLS pass it on"
                .to_owned(),
        );
    }
    let authority = uri.authority().ok_or("it names no host")?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| "its host is none")?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, "DropboxWebhooks/1.0")
        .header(header::ACCEPT, "*/*")
        .header(header::ACCEPT_ENCODING, "gzip,deflate");
    if let Some(signature) = signature {
        request = request
            .header(header::CONTENT_TYPE, "application/json")
            .header("X-Dropbox-Signature", signature);
    }
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
    request.body(body).map_err(|error| error.to_string())
}

/// Sends one request, takes the answer, and writes both into the journal.
async fn exchange(
    app: &App,
    request: Request<Full<Bytes>>,
    url: &str,
    rule: &'static str,
    accounts: &BTreeSet<Arc<str>>,
) -> Result<(u16, Bytes), String> {
    let stopwatch = Stopwatch::start();
    let account = (accounts.len() == 1).then(|| accounts.first()).flatten();
    let now = app.clock.now(account.map(|name| &**name));
    let mut entry = JournalEntry::new(now, request.method().clone(), HostKind::Www, ROUTE);
    let mut redactor = Redactor::new(&app.aliases);
    let body = request.body().clone().collect().await;
    let body = body.map(http_body_util::Collected::to_bytes);
    let body = body.unwrap_or_default();
    entry.account = account.map(|name| redactor.account(name));
    let excerpt = redactor.excerpt(request.headers(), Some(&body));
    entry.messages = Messages::read(excerpt, Excerpt::default());
    entry.request_bytes = body.len() as u64;
    entry.rules = vec![Rule::new(rule)];
    let sent = tokio::time::timeout(PATIENCE, send(app, request, url)).await;
    let sent = sent.unwrap_or_else(|_| Err(format!("it did not answer within {PATIENCE:?}")));
    entry.duration = stopwatch.elapsed();
    let shown = url.split('?').next().unwrap_or_default();
    match &sent {
        Ok((status, answer)) => {
            entry.status = Some(*status);
            entry.response_bytes = answer.len() as u64;
            entry.note = Some(format!("sent to {shown}"));
        }
        Err(why) => {
            entry.outcome = Outcome::ClientLeft;
            entry.note = Some(format!("sent to {shown}, but {why}"));
        }
    }
    app.journal.push(entry);
    sent
}

async fn send(app: &App, request: Request<Full<Bytes>>, url: &str) -> Result<(u16, Bytes), String> {
    let allow_all = app.config.webhooks_anywhere;
    let uri: Uri = url.parse().map_err(|_| "it is not a URL".to_owned())?;
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(80);
    let found = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<_> = found
        .map_err(|error| format!("its host is not found: {error}"))?
        .filter(|address| allow_all || address.ip().to_canonical().is_loopback())
        .collect();
    if addresses.is_empty() {
        return Err(
            "its host is not this machine; to allow others, start the server with --webhooks-anywhere, or set webhooks_anywhere".to_owned(),
        );
    }
    let stream = connect(app, &addresses).await;
    let stream = stream.map_err(|error| format!("it cannot be reached: {error}"))?;
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| error.to_string())?;
    let answering = async {
        let answer = sender.send_request(request).await;
        let answer = answer.map_err(|error| format!("it broke off: {error}"))?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| format!("its answer broke off: {error}"))?;
        Ok((status, body.to_bytes()))
    };
    let connection = std::pin::pin!(connection);
    let answering = std::pin::pin!(answering);
    match futures_util::future::select(answering, connection).await {
        futures_util::future::Either::Left((answer, _)) => answer,
        // The connection is done: what it brought is with the other future.
        futures_util::future::Either::Right((_, answering)) => answering.await,
    }
}

/// Connects to one of these addresses. An isolated command has a loopback of its own, and it is most likely the one
/// that listens.
async fn connect(app: &App, addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    #[cfg(all(feature = "cli", target_os = "linux"))]
    if let Some(inside) = app.inside.get() {
        for address in addresses
            .iter()
            .filter(|address| address.ip().is_loopback())
        {
            if let Ok(stream) = inside.connect(*address).await {
                return Ok(stream);
            }
        }
    }
    #[cfg(not(all(feature = "cli", target_os = "linux")))]
    let _ = app;
    TcpStream::connect(addresses).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_rfc_4231() {
        let signature = sign("Jefe", b"what do ya want for nothing?");
        assert_eq!(
            signature,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        // As in its test case 6, a key that is longer than a block is hashed first.
        let signature = sign(
            &"a".repeat(131),
            b"Test Using Larger Than Block-Size Key - Hash Key First",
        );
        assert_eq!(
            signature,
            "d021303c2f34bf3ae541b4ec9c672691694c6f71c5c0c55781545a66115b14a7"
        );
    }
}
