//! What a case holds in its hands: a folder of its own on the target, and ways to talk to it.
//!
//! Every exchange is recorded, counted against the budget and confined to the run's folder.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::failure::Failure;
use crate::http::{NoReply, Request};
use crate::safety::budget::{Budget, Spending};
use crate::safety::confine::{Confinement, may_name_the_root};
use crate::safety::pacing;
use crate::safety::stopping::stopped;
use crate::secrecy::normaliser::Normaliser;
use crate::talk::answer::{Answer, named};
use crate::talk::shown::{Record, Rules, Shown};
use crate::talk::spelling::Dialect;
use crate::talk::transcript::{self, Came, Exchange, Sent, Transcript};
use crate::targets::Target;

/// What a run shares between its cases.
#[derive(Clone, Debug)]
pub struct Shared {
    /// Whom the cases talk to.
    pub target: Arc<Target>,
    /// `/conformance-20260102-0123456789ab`
    pub run_folder: String,
    /// What the whole run may spend.
    pub budget: Arc<Budget>,
    /// Set when the run is to end: no further request is sent.
    pub stopping: Arc<AtomicBool>,
    /// How the target spells JSON; the preflight finds out.
    pub speaks: Arc<OnceLock<Dialect>>,
}

/// What a case holds in its hands.
#[derive(Debug)]
pub struct Context {
    pub(crate) shared: Shared,
    case: &'static str,
    folder: String,
    normaliser: Arc<Normaliser>,
    budget: Budget,
    next: AtomicUsize,
    shown: Shown,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    transcript: Transcript,
    observations: BTreeMap<String, String>,
    confinement: Confinement,
    /// URLs of links whose path is not inside: they must never be used.
    stray_links: HashSet<String>,
}

/// What a case leaves to its report.
#[derive(Clone, Debug, Default)]
pub struct CaseLog {
    /// What was said.
    pub transcript: Transcript,
    /// Open questions and the answers to them.
    pub observations: BTreeMap<String, String>,
    /// What its expectations have shown.
    pub rules: Record,
}

impl Context {
    /// A context for one case by its id, or for what the runner itself has to say, by a name.
    pub fn new(shared: Shared, name: &'static str, limit: Spending) -> Self {
        let folder = format!("{}/{}", shared.run_folder, name.replace('/', "-"));
        let normaliser = Normaliser::new(Arc::clone(&shared.target.vault), &folder);
        let confinement = Confinement::to(&shared.run_folder);
        Self {
            shared,
            case: name,
            folder,
            normaliser: Arc::new(normaliser),
            budget: Budget::new(limit),
            next: AtomicUsize::new(1),
            shown: Shown::default(),
            state: Mutex::new(State {
                confinement,
                ..State::default()
            }),
        }
    }

    /// The full path of something in the case's folder: `t.path("/a.txt")`.
    pub fn path(&self, relative: &str) -> String {
        format!("{}{relative}", self.folder)
    }

    /// The case's folder.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// Records the answer to an open question: `t.observe("OQ-01", "burns the link")`. Use few
    /// words and always the same ones: two runs are compared by them.
    pub fn observe(&self, question: &str, answer: impl Into<String>) {
        let answer = self.normaliser.text(&answer.into()).to_string();
        self.state()
            .observations
            .entry(question.to_owned())
            .and_modify(|known| {
                known.push_str("; ");
                known.push_str(&answer);
            })
            .or_insert(answer);
    }

    /// An expectation on more than one answer shows these rules: it passes if the future does.
    pub async fn shows<T>(
        &self,
        rules: Rules,
        expectation: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let came = expectation.await?;
        self.shown.show(rules);
        Ok(came)
    }

    /// An expectation in the case's own words, and the rules that it shows.
    pub fn expect(&self, rules: Rules, holds: bool, otherwise: &str) -> Result<(), Failure> {
        if !holds {
            return Err(self.fail(&format!("{otherwise}{}", named(rules))));
        }
        self.shown.show(rules);
        Ok(())
    }

    /// A probe got the answer that these rules give, and would have got another otherwise.
    pub fn confirms(&self, rules: Rules) {
        self.shown.show(rules);
    }

    /// A probe got an answer that these rules exclude: nothing in the same run shows them then.
    pub fn contradicts(&self, rules: Rules) {
        self.shown.contradict(rules);
    }

    /// A failure in the case's own words.
    pub fn fail(&self, text: &str) -> Failure {
        Failure::Differs(self.normaliser.text(text))
    }

    /// The case does not apply to this target, and why.
    pub fn does_not_apply(&self, text: &str) -> Failure {
        Failure::DoesNotApply(self.normaliser.text(text))
    }

    /// Lets time pass on the target: moves a fake's clock, waits for a real one.
    pub async fn let_pass(&self, time: Duration) -> Result<(), Failure> {
        let target = &self.shared.target;
        let waiting = target.clock.pass(time);
        tokio::select! {
            passed = waiting => passed.map_err(|text| Failure::NoAnswer(self.normaliser.text(&text))),
            () = stopped(&self.shared.stopping) => Err(Failure::Stopped),
        }
    }

    /// Stops the target's clock; only [`Self::let_pass`] moves it from now on.
    pub async fn freeze_clock(&self) -> Result<(), Failure> {
        let target = &self.shared.target;
        let frozen = target.clock.freeze().await;
        frozen.map_err(|text| Failure::NoAnswer(self.normaliser.text(&text)))
    }

    /// Lets the target's clock run again.
    pub async fn resume_clock(&self) -> Result<(), Failure> {
        let target = &self.shared.target;
        let resumed = target.clock.resume().await;
        resumed.map_err(|text| Failure::NoAnswer(self.normaliser.text(&text)))
    }

    /// Has the target know a template of custom properties, which no real one does of its own accord.
    pub async fn given_template(&self, id: &str, fields: &[&str]) -> Result<(), Failure> {
        let Some(controls) = self.target().clock.controls() else {
            return Err(self.does_not_apply("the target declares no template of custom properties"));
        };
        let template = serde_json::json!({"template_id": id, "fields": fields});
        let declared = controls.post_for_account("templates", &template).await;
        declared.map_err(|text| self.does_not_apply(&text))
    }

    /// Sends a request; no answer is a failure.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let what = what(&request.method, &request.url);
        self.try_send(request)
            .await?
            .map_err(|error| self.no_answer(&what, &error))
    }

    /// Sends a request that may well stay without an answer.
    pub async fn try_send(&self, request: Request) -> Result<Result<Answer, NoReply>, Failure> {
        self.admit(&request)?;
        let what = what(&request.method, &request.url);
        let request = request.header("User-Agent", self.user_agent());
        let number = self.next_number();
        let sent = transcript::sent(&request, &self.normaliser);
        let group = request.group.map(str::to_owned);
        let started = Instant::now();
        let reply = self.send_patiently(request).await?;
        Ok(self.record(number, group, sent, started.elapsed(), reply, what))
    }

    /// Sends, and tries again after `Retry-After`, within bounds.
    pub(crate) async fn send_patiently(
        &self,
        request: Request,
    ) -> Result<Result<crate::http::Reply, NoReply>, Failure> {
        let mut waited = Duration::ZERO;
        loop {
            self.spend(request.body.len())?;
            let reply = self.shared.target.client.send(request.clone()).await;
            let pause = match &reply {
                Ok(reply) if request.patient => pacing::pause_after(reply, waited),
                _ => None,
            };
            let Some(pause) = pause else {
                return Ok(reply);
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => waited += pause,
                () = stopped(&self.shared.stopping) => return Err(Failure::Stopped),
            }
        }
    }

    /// Writes an exchange down and learns from it.
    pub(crate) fn record(
        &self,
        number: usize,
        group: Option<String>,
        request: Sent,
        took: Duration,
        reply: Result<crate::http::Reply, NoReply>,
        what: String,
    ) -> Result<Answer, NoReply> {
        let outcome = match &reply {
            Ok(reply) => Came::Answer(transcript::received(reply, &self.normaliser)),
            Err(error) => Came::NoAnswer(self.normaliser.text(&error.to_string())),
        };
        let mut state = self.state();
        if let Ok(reply) = &reply {
            for json in [
                Some(&reply.body[..]),
                reply.header("Dropbox-API-Result").map(str::as_bytes),
            ] {
                if let Some(Ok(json)) = json.map(serde_json::from_slice) {
                    state.confinement.learn(&json);
                }
            }
        }
        state.transcript.insert(Exchange {
            number,
            group,
            request,
            outcome,
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
        drop(state);
        reply.map(|reply| {
            Answer::new(
                reply,
                number,
                what,
                Arc::clone(&self.normaliser),
                self.shown.clone(),
                self.shared.speaks.get().copied(),
            )
        })
    }

    /// Marks a link as one that must not be used, if its path is not inside.
    pub(crate) fn note_link(&self, url: &str, path: Option<&str>) {
        let mut state = self.state();
        let harmless = path.is_some_and(|path| {
            // Nothing can be written at the root itself.
            state.confinement.allows(path) || path.trim_matches(['/', '.']).is_empty()
        });
        if !harmless {
            state.stray_links.insert(url.to_owned());
        }
    }

    /// Refuses what must not be sent.
    pub(crate) fn admit(&self, request: &Request) -> Result<(), Failure> {
        if self.shared.stopping.load(Ordering::SeqCst) {
            return Err(Failure::Stopped);
        }
        let bare = request.url.split('?').next().unwrap_or_default();
        if self.is_stray_link(bare) {
            return Err(self.refuse("a link for a path outside the run's folder must not be used"));
        }
        let route = route(&request.url);
        let Some(route) = route else { return Ok(()) };
        // A mint writes nothing: any path may be asked for. Using the link is what is confined.
        if route == "files/get_temporary_upload_link" {
            return Ok(());
        }
        let state = self.state();
        for argument in arguments(request) {
            if let Some(stray) = state.confinement.stray(&argument) {
                let root = stray.is_empty() || stray == "/";
                if !(root && may_name_the_root(&route, &stray)) {
                    drop(state);
                    return Err(self.refuse(&format!("{route} was given a path outside: {stray}")));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn is_stray_link(&self, bare_url: &str) -> bool {
        self.state().stray_links.contains(bare_url)
    }

    pub(crate) fn spend(&self, bytes: u64) -> Result<(), Failure> {
        self.budget
            .take(bytes)
            .map_err(|text| self.refuse(&format!("the case costs more than it says: {text}")))?;
        self.shared
            .budget
            .take(bytes)
            .map_err(|text| self.refuse(&format!("in the whole run {text}")))
    }

    /// Bytes that follow on a connection that was paid for as a call.
    pub(crate) fn spend_bytes(&self, bytes: u64) -> Result<(), Failure> {
        let taken = self.budget.take_bytes(bytes);
        taken.map_err(|text| self.refuse(&format!("the case costs more than it says: {text}")))?;
        let taken = self.shared.budget.take_bytes(bytes);
        taken.map_err(|text| self.refuse(&format!("in the whole run {text}")))
    }

    pub(crate) fn refuse(&self, text: &str) -> Failure {
        Failure::Refused(self.normaliser.text(text))
    }

    pub(crate) fn no_answer(&self, what: &str, error: &NoReply) -> Failure {
        Failure::NoAnswer(self.normaliser.text(&format!("{what}: {error}")))
    }

    pub(crate) fn next_number(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn normaliser(&self) -> &Arc<Normaliser> {
        &self.normaliser
    }

    pub(crate) fn user_agent(&self) -> String {
        format!(
            "fake-dropbox-conformance/{} ({})",
            env!("CARGO_PKG_VERSION"),
            self.case
        )
    }

    /// What the case leaves to its report.
    pub fn log(&self) -> CaseLog {
        let state = self.state();
        CaseLog {
            transcript: state.transcript.clone(),
            observations: state.observations.clone(),
            rules: self.shown.record(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A case that panics holds no lock: every critical section is in this file and cannot panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `files/upload` in `https://…/2/files/upload?…`.
fn route(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    uri.path().strip_prefix("/2/").map(str::to_owned)
}

/// What an exchange is called: the route, or the method and the path with a link's token left out.
pub(crate) fn what(method: &str, url: &str) -> String {
    if let Some(route) = route(url) {
        return route;
    }
    if url.contains("/apitul/") {
        return format!("{method} to a link");
    }
    format!("{method} {url}")
}

/// Every place in which a route takes its argument.
fn arguments(request: &Request) -> Vec<serde_json::Value> {
    let mut texts = Vec::new();
    if let crate::http::Body::Bytes(bytes) = &request.body {
        texts.push(String::from_utf8_lossy(bytes).into_owned());
    }
    for (name, value) in &request.headers {
        if name.eq_ignore_ascii_case("dropbox-api-arg") {
            texts.push(value.clone());
        }
    }
    if let Some((_, query)) = request.url.split_once('?') {
        for pair in query.split('&') {
            if let Some(value) = pair.strip_prefix("arg=") {
                texts.push(percent_decoded(value));
            }
        }
    }
    texts
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect()
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escaped = (bytes[index] == b'%')
            .then(|| bytes.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (escaped, bytes[index]) {
            (Some(byte), _) => {
                out.push(byte);
                index += 3;
            }
            (None, b'+') => {
                out.push(b' ');
                index += 1;
            }
            (None, byte) => {
                out.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
