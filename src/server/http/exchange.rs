//! One request and what is found out about it on its way.

use crate::control::LinkOrigin;
use crate::control::clock::Stopwatch;
use crate::control::faults::{ArmedFaults, FaultId};
use crate::control::journal::{Redactor, secrets_in_path};
use crate::control::secrets::SecretKind;
use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::time::Timestamp;
use crate::rules::Rule;
use crate::server::app::App;
use crate::server::http::CONTROL_PREFIX;
use crate::server::http::head::query_parameter;
use crate::server::http::origin::{RequestOrigin, host_of, is_local_name, is_same_host};
use crate::server::listener::ConnectionFacts;
use crate::sync::{Mutex, MutexGuard};
use crate::wire::dialect::Dialect;
use crate::wire::routes::HostKind;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri, Version};
use std::sync::{Arc, OnceLock};

/// A request, shared by everybody who works on it.
#[derive(Clone, Debug)]
pub struct Exchange(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: Arc<App>,
    request_id: u128,
    dots: usize,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    facts: ConnectionFacts,
    origin: RequestOrigin,
    stopwatch: Stopwatch,
    record: Mutex<Record>,
    armed: OnceLock<ArmedFaults>,
}

/// What was found out about a request.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The route's name, or `upload_link`, `download_link`, `shared_link`, `oauth2/authorize`, `oauth2/token`.
    pub route: Option<&'static str>,
    pub account: Option<Arc<str>>,
    /// The access token that it carries.
    pub token: Option<Arc<str>>,
    /// The path in its argument, or that of its link.
    pub path: Option<String>,
    /// The token of the link that it made or used.
    pub link: Option<Arc<str>>,
    /// The authorization code that it made.
    pub code: Option<Arc<str>>,
    /// The rules that decided its answer.
    pub rules: Vec<Rule>,
    /// Fields that were sent and have no effect here.
    pub unused_fields: Vec<String>,
    /// Bytes of its body.
    pub request_bytes: u64,
    /// Its body, where that is an argument.
    pub argument: Option<Bytes>,
    /// The fault that had a part in it.
    pub fault: Option<FaultId>,
    /// The client went away before its request was complete.
    pub client_left: bool,
    /// Why it ended as it did, in words.
    pub note: Option<String>,
}

impl Exchange {
    pub fn new(
        app: Arc<App>,
        method: Method,
        uri: Uri,
        version: Version,
        headers: HeaderMap,
        facts: ConnectionFacts,
    ) -> Self {
        // The controls take no ids: what a test does leaves those of its requests as they are.
        let (request_id, dots) = if uri.path().starts_with(CONTROL_PREFIX) {
            (0, 0)
        } else {
            app.next_request()
        };
        let origin = RequestOrigin::of(&uri, &headers, &facts);
        Self(Arc::new(Inner {
            app,
            request_id,
            dots,
            method,
            uri,
            version,
            headers,
            facts,
            origin,
            stopwatch: Stopwatch::start(),
            record: Mutex::default(),
            armed: OnceLock::new(),
        }))
    }

    pub fn app(&self) -> &Arc<App> {
        &self.0.app
    }

    /// `X-Dropbox-Request-Id` of the answer (API-141).
    pub fn request_id(&self) -> u128 {
        self.0.request_id
    }

    /// How many dots end the summary of an error (API-125).
    pub fn dots(&self) -> usize {
        self.0.dots
    }

    pub fn method(&self) -> &Method {
        &self.0.method
    }

    pub fn path(&self) -> &str {
        self.0.uri.path()
    }

    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The host that the client itself named, without the port: what a proxy forwarded does not count.
    pub fn request_host(&self) -> Option<String> {
        let target = self
            .0
            .uri
            .authority()
            .map(|authority| authority.host().to_owned());
        let header = || {
            self.header("host")?
                .parse::<http::uri::Authority>()
                .ok()
                .map(|authority| authority.host().to_owned())
        };
        target.or_else(header)
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// A header as text; none where it is absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// The connection that it came over.
    pub fn facts(&self) -> &ConnectionFacts {
        &self.0.facts
    }

    /// Under which name it came.
    pub fn origin(&self) -> &RequestOrigin {
        &self.0.origin
    }

    /// A parameter of the query, decoded; `+` is a space.
    pub fn query_parameter(&self, name: &str) -> Option<String> {
        query_parameter(self.0.uri.query().unwrap_or_default(), name)
    }

    pub fn query(&self) -> &str {
        self.0.uri.query().unwrap_or_default()
    }

    /// The origin of upload links (UL-97).
    pub fn link_base(&self) -> String {
        self.link_base_at(HostKind::Content)
    }

    /// The origin of what is elsewhere at Dropbox.
    pub fn link_base_at(&self, host: HostKind) -> String {
        let app = &self.0.app;
        let public = app.config.public_url.as_ref();
        let local = self.0.facts.local;
        self.0
            .origin
            .link_base(app.links.get(), public, host.name(), local)
    }

    /// The origin of a link that is handed out now, with a word on it where it may surprise: in the journal each
    /// time, in the log once.
    pub fn hand_out(&self, host: HostKind) -> String {
        let base = self.link_base_at(host);
        let links = self.0.app.links.get();
        if links == LinkOrigin::Local && !self.0.origin.is_dropbox() {
            return base;
        }
        let note = match links {
            LinkOrigin::Local => format!(
                "The link leads to {base}, not to Dropbox's own name, whoever follows it; where all clients come through this \
                 server, --links production gives the name."
            ),
            LinkOrigin::Production => format!(
                "The link leads to {base}: a client that does not come through this server reaches the real Dropbox with it; \
                 --links local leads it here."
            ),
        };
        if self.0.app.links.is_news() {
            match links {
                LinkOrigin::Local => tracing::info!("{note}"),
                LinkOrigin::Production => tracing::warn!("{note}"),
            }
        }
        self.record().note = Some(note);
        base
    }

    /// Whether links that are handed out lead to this host, perhaps with a port: to one of Dropbox's names, or to
    /// this server under a name that it has.
    pub fn hands_out(&self, authority: &str) -> bool {
        let config = &self.0.app.config;
        let host = host_of(authority);
        let own = config.public_url.as_ref().map(|url| url.host().to_owned());
        let asked = [own, Some(self.0.origin.host().to_owned())];
        is_local_name(host)
            || is_same_host(host, &self.0.facts.local.ip().to_string())
            || asked.iter().flatten().any(|name| is_same_host(name, host))
            || config
                .allowed_hosts
                .iter()
                .any(|name| is_same_host(name, host))
    }

    /// How long it has been under way.
    pub fn stopwatch(&self) -> Stopwatch {
        self.0.stopwatch
    }

    /// How the open questions are answered in the account that it concerns, or on the server.
    pub fn assumptions(&self) -> Arc<Assumptions> {
        let account = self.record().account.clone();
        let world = self.app().world();
        match account.and_then(|account| world.known_account(&account)) {
            Some(account) => Arc::clone(&account.lock().state.assumptions),
            None => Arc::clone(&world.defaults().assumptions),
        }
    }

    /// How its answer is spelled. Where the account speaks two dialects, the request id decides, which
    /// comes from the seed.
    pub fn dialect(&self) -> Dialect {
        self.dialect_of(&self.assumptions())
    }

    /// The same where the assumptions are at hand.
    pub fn dialect_of(&self, assumptions: &Assumptions) -> Dialect {
        Dialect::of(assumptions, self.0.request_id % 2 == 1)
    }

    /// The time in the account that it concerns, or on the server.
    pub fn now(&self) -> Timestamp {
        let account = self.record().account.clone();
        self.0.app.clock.now(account.as_deref())
    }

    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.0.record.lock()
    }

    /// Notes the rules that decide the answer, if it is a good one.
    pub fn decided_by(&self, rules: &[Rule]) {
        self.record().rules = rules.to_vec();
    }

    /// What is secret of it beside what its route took: what it shows to be let in, in each header and in the
    /// address, and the segments of a path that no route has.
    pub fn secrets(&self) -> Vec<(SecretKind, String)> {
        let headers = self.0.headers.get_all(http::header::AUTHORIZATION).iter();
        let headers = headers.filter_map(|value| Some(value.to_str().ok()?.to_owned()));
        let shown = headers.chain(self.query_parameter("authorization"));
        let shown = shown.map(|value| {
            let bare = value
                .split_once(' ')
                .map(|(_, rest)| rest.trim().to_owned());
            bare.unwrap_or(value)
        });
        // A refusal may quote it with its quotes escaped (API-280).
        let shown = shown.flat_map(|shown| [shown.replace('"', "\\\""), shown]);
        let shown = shown.map(|shown| (SecretKind::Token, shown));
        let mut all: Vec<_> = shown.filter(|(_, shown)| !shown.is_empty()).collect();
        if self.record().route.is_none() {
            all.extend(secrets_in_path(&self.0.app.aliases, self.path()));
        }
        all
    }

    /// Its path as it may be printed.
    pub fn shown_path(&self) -> String {
        let mut redactor = Redactor::new(&self.0.app.aliases);
        for (kind, secret) in self.secrets() {
            redactor.secret(kind, &secret);
        }
        redactor.text(self.path())
    }

    /// Notes the link that it made or uses.
    pub fn record_link(&self, token: &str) {
        self.record().link = Some(token.into());
    }

    /// Notes the argument that came as a body.
    pub fn record_argument(&self, body: &Bytes) {
        let mut record = self.record();
        record.request_bytes = body.len() as u64;
        record.argument = Some(body.clone());
    }

    /// The client went away before its request was complete.
    pub fn record_client_left(&self) {
        self.record().client_left = true;
    }

    /// The faults that concern it, if there are any.
    pub fn armed(&self) -> Option<&ArmedFaults> {
        self.0.armed.get().filter(|armed| !armed.is_empty())
    }

    /// Takes the faults that concern it; once.
    pub fn set_armed(&self, armed: ArmedFaults) {
        let _ = self.0.armed.set(armed);
    }
}
