//! One rule: which requests, when, what, how often.

use super::answer::FaultAnswer;
use super::pattern::PathPattern;
use crate::control::secrets::Secret;
use crate::nearest::did_you_mean;
use crate::rules::dropbox_routes;
use crate::wire::routes::{self, HostKind, Route};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// The longest delay, in milliseconds: one hour.
pub const MAX_DELAY_MILLISECONDS: u64 = 3_600_000;

/// What shall go wrong, for which requests, and how often.
///
/// It is said from left to right: when, of which requests, what, how often.
///
/// ```
/// use fake_dropbox::{BadFault, Fault, FaultAnswer, Times};
/// use std::time::Duration;
///
/// // The bytes of an upload are stored, and its answer is lost: once.
/// Fault::after_commit().of("upload_link").reset().check()?;
///
/// // The second upload through a link and the two after it stall once ten bytes are there.
/// Fault::body(10).of("upload_link").nth(2).stall().times(3).check()?;
///
/// // Half of the calls of one program are answered late, drawn from the seed.
/// let late = Fault::head().header("user-agent", None).delay(Duration::from_millis(50));
/// late.times(Times::Unlimited).probability(0.5).check()?;
/// Fault::head().path("/in/**").answer(FaultAnswer::Unavailable).check()?;
///
/// // A phase that no request comes to is refused, with the reason.
/// let refused: BadFault = Fault::after_commit().of("files/download").close().check().unwrap_err();
/// assert!(refused.to_string().contains("after_commit"));
/// # Ok::<(), BadFault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which requests; without conditions every one.
    #[serde(rename = "match", default)]
    pub matcher: FaultMatch,
    /// When, in the course of such a request.
    pub phase: Phase,
    /// What happens.
    pub action: Action,
    /// How often; once if nothing is said.
    #[serde(default)]
    pub times: Times,
    /// How likely it happens at each matching request, above 0 and at most 1. It is drawn from
    /// the seed, so the same calls have the same faults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

impl FaultRule {
    /// In whatever phase a test comes to; the others here name one each.
    pub fn at(phase: Phase) -> FaultPoint {
        FaultPoint {
            phase,
            matcher: FaultMatch::default(),
        }
    }

    /// As soon as the head of the request is there and it is known who calls; nothing else was
    /// judged.
    pub fn head() -> FaultPoint {
        Self::at(Phase::Head)
    }

    /// Once so many bytes of the body are there; a shorter body never gets there.
    pub fn body(after_bytes: u64) -> FaultPoint {
        Self::at(Phase::Body { after_bytes })
    }

    /// When everything is there and was found good, and nothing is stored yet.
    pub fn before_commit() -> FaultPoint {
        Self::at(Phase::BeforeCommit)
    }

    /// When it is stored, and the answer has not been sent.
    pub fn after_commit() -> FaultPoint {
        Self::at(Phase::AfterCommit)
    }

    /// When the answer is about to be sent.
    pub fn before_answer() -> FaultPoint {
        Self::at(Phase::Answer)
    }

    /// So often, instead of once.
    #[must_use]
    pub fn times(mut self, times: impl Into<Times>) -> Self {
        self.times = times.into();
        self
    }

    /// How likely it happens at each matching request: above 0 and at most 1.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// Refuses a rule that can never match or never act.
    pub fn check(&self) -> Result<(), BadFault> {
        self.check_numbers()?;
        self.check_header()?;
        self.check_action()?;
        self.check_routes()
    }

    fn check_numbers(&self) -> Result<(), BadFault> {
        if self.matcher.nth == Some(0) {
            return refuse("nth counts matching requests from 1; 0 never matches");
        }
        if self.times == Times::AtMost(0) {
            return refuse(
                "times is at least 1, or \"unlimited\"; a rule that acts 0 times does nothing",
            );
        }
        if self
            .probability
            .is_some_and(|chance| !(chance > 0.0 && chance <= 1.0))
        {
            return refuse("probability is above 0 and at most 1");
        }
        Ok(())
    }

    fn check_header(&self) -> Result<(), BadFault> {
        match &self.matcher.header {
            Some(header) if http::HeaderName::from_bytes(header.name.as_bytes()).is_err() => {
                refuse(format!("no request has a header called {:?}", header.name))
            }
            _ => Ok(()),
        }
    }

    fn check_action(&self) -> Result<(), BadFault> {
        match (&self.action, self.phase) {
            (Action::Answer(answer), _) => answer.check().map_err(BadFault),
            (Action::Delay { milliseconds: 0 }, _) => {
                refuse("a delay of 0 milliseconds does nothing")
            }
            (Action::Delay { milliseconds }, _) if *milliseconds > MAX_DELAY_MILLISECONDS => {
                refuse(format!(
                    "a delay has at most {MAX_DELAY_MILLISECONDS} milliseconds; use \"stall\" for one without an end"
                ))
            }
            (Action::Truncate { .. }, phase) if phase != Phase::Answer => {
                refuse("truncate cuts the answer off: it needs the phase \"answer\"")
            }
            (
                Action::Slow {
                    bytes_per_second: 0,
                },
                _,
            ) => refuse("slow needs at least 1 byte per second; use \"stall\" for none at all"),
            (Action::Slow { .. }, Phase::Body { .. } | Phase::Answer) => Ok(()),
            (Action::Slow { .. }, _) => refuse(
                "slow concerns the bytes of a request or of an answer: it needs the phase \"body\" or \"answer\"",
            ),
            _ => Ok(()),
        }
    }

    /// Of a route that is not faked nobody reads more than the head.
    fn check_stub(&self, route: &str) -> Result<(), BadFault> {
        let matcher = &self.matcher;
        if self.phase != Phase::Head {
            return refuse(format!(
                "{route} is not faked, so its requests come to the phase \"head\" only, not to \"{}\"",
                self.phase.as_str()
            ));
        }
        if matcher.path.is_some() || matcher.host.is_some() {
            return refuse(format!(
                "{route} is not faked, so nobody reads its path or asks for its host: match by token, account or header"
            ));
        }
        Ok(())
    }

    fn check_routes(&self) -> Result<(), BadFault> {
        let matcher = &self.matcher;
        let named: Vec<&Route> = routes::all()
            .filter(|route| matcher.route.as_ref().is_none_or(|name| name == route.name))
            .collect();
        if named.is_empty()
            && let Some(route) = matcher.route.as_deref().and_then(routes::not_faked)
        {
            return self.check_stub(route);
        }
        if named.is_empty() {
            let known: Vec<&str> = routes::all().map(|route| route.name).collect();
            let asked = matcher.route.as_deref().unwrap_or_default();
            return refuse(format!(
                "no route is called {asked:?}.{} There are {}",
                did_you_mean(
                    asked,
                    known
                        .iter()
                        .copied()
                        .chain(dropbox_routes().iter().map(|route| route.route.as_str()))
                ),
                known.join(", ")
            ));
        }
        let which = matcher
            .route
            .as_ref()
            .map_or_else(|| "no route".to_owned(), |name| format!("{name} never"));
        let own = matcher.route.as_ref().map(|_| named[0].host);
        let there: Vec<_> = named
            .into_iter()
            .filter(|route| matcher.host.is_none_or(|host| host == route.host))
            .collect();
        if let Some(host) = matcher.host
            && there.is_empty()
        {
            let name = |host| serde_json::to_string(&host).unwrap_or_default();
            let theirs = own.map_or_else(String::new, |own| format!(", but by {}", name(own)));
            return refuse(format!(
                "{which} is served by the host {}{theirs}",
                name(host)
            ));
        }
        let with_phase: Vec<_> = there
            .into_iter()
            .filter(|route| self.phase.is_of(route))
            .collect();
        if with_phase.is_empty() {
            return refuse(format!(
                "{which} comes to the phase \"{}\" with these conditions; before_commit and after_commit are phases of routes that change something, body of routes that take an upload",
                self.phase.as_str()
            ));
        }
        if matcher.path.is_some() && !with_phase.iter().any(|route| route.has_path) {
            return refuse(format!(
                "{which} has a path in its request with these conditions"
            ));
        }
        if matcher.token.is_some() && with_phase.iter().all(|route| route.name == routes::TOKEN) {
            return refuse("oauth2/token is called without an access token");
        }
        Ok(())
    }
}

fn refuse(text: impl Into<String>) -> Result<(), BadFault> {
    Err(BadFault(text.into()))
}

/// The beginning of a [`Fault`](crate::Fault): when it acts, and on which requests. It ends with what
/// happens.
#[derive(Clone, Debug)]
#[must_use = "a fault ends with what happens, such as .reset()"]
pub struct FaultPoint {
    phase: Phase,
    matcher: FaultMatch,
}

impl FaultPoint {
    /// Only in requests to this route, such as `files/upload`. An upload through a link is
    /// `upload_link`, the GET of a temporary link `download_link`, a visit to a shared one `shared_link`, OAuth `oauth2/authorize` and `oauth2/token`.
    pub fn of(mut self, route: &str) -> Self {
        self.matcher.route = Some(route.to_owned());
        self
    }

    /// Only in requests to this host.
    pub fn host(mut self, host: HostKind) -> Self {
        self.matcher.host = Some(host);
        self
    }

    /// Only in requests about this path, or one that matches it: `*` stands for any characters but
    /// `/`, `**` for any.
    ///
    /// # Panics
    /// When no path matches.
    #[track_caller]
    pub fn path(mut self, pattern: &str) -> Self {
        self.matcher.path = Some(PathPattern::of(pattern));
        self
    }

    /// Only in requests with this access token; for an upload through a link, the one that minted it.
    pub fn token(mut self, token: &str) -> Self {
        self.matcher.token = Some(Secret::new(token));
        self
    }

    /// Only in requests with this header, whatever its value or with this one.
    pub fn header(mut self, name: &str, value: Option<&str>) -> Self {
        self.matcher.header = Some(HeaderMatch {
            name: name.to_owned(),
            value: value.map(str::to_owned),
        });
        self
    }

    /// From this one of the matching requests on, counted from 1.
    pub fn nth(mut self, nth: u64) -> Self {
        self.matcher.nth = Some(nth);
        self
    }

    /// The connection is reset (RST).
    pub fn reset(self) -> FaultRule {
        self.action(Action::Reset)
    }

    /// The connection is closed without an answer, or without the rest of it.
    pub fn close(self) -> FaultRule {
        self.action(Action::Close)
    }

    /// Nothing happens any more until the client goes away.
    pub fn stall(self) -> FaultRule {
        self.action(Action::Stall)
    }

    /// A pause in real time, in whole milliseconds and at most an hour; then it goes on.
    pub fn delay(self, pause: Duration) -> FaultRule {
        let milliseconds = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        self.action(Action::Delay { milliseconds })
    }

    /// The answer announces its whole length and ends after so many bytes of its body.
    pub fn truncate(self, after_bytes: u64) -> FaultRule {
        self.action(Action::Truncate { after_bytes })
    }

    /// The bytes of the request are read, or those of the answer sent, no faster than this.
    pub fn slow(self, bytes_per_second: u64) -> FaultRule {
        self.action(Action::Slow { bytes_per_second })
    }

    /// This answer instead of the one that would have been given.
    pub fn answer(self, answer: impl Into<FaultAnswer>) -> FaultRule {
        self.action(Action::Answer(answer.into()))
    }

    fn action(self, action: Action) -> FaultRule {
        FaultRule {
            matcher: self.matcher,
            phase: self.phase,
            action,
            times: Times::default(),
            probability: None,
        }
    }
}

/// Which requests a rule concerns: those that meet every condition that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FaultMatch {
    /// The route, such as `files/upload`. An upload through a link is `upload_link`, the GET of a
    /// temporary link `download_link`, a visit to a shared one `shared_link`, OAuth `oauth2/authorize` and `oauth2/token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<HostKind>,
    /// The path in the argument, or of the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathPattern>,
    /// The access token; for an upload through a link, the one that minted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// A header of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<HeaderMatch>,
    /// The first of the matching requests that the rule acts on, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
}

/// A header that a request must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeaderMatch {
    /// Its name; case does not matter.
    pub name: String,
    /// Its whole value; without one any value will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// When a fault acts in the course of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Phase {
    /// The head of the request is there, and nothing was judged yet but who calls.
    Head,
    /// So many bytes of the body are there.
    Body {
        /// Bytes of the body; a shorter body never gets there.
        after_bytes: u64,
    },
    /// Everything is there and was found good; nothing is stored yet.
    BeforeCommit,
    /// It is stored; the answer has not been sent.
    AfterCommit,
    /// The answer is about to be sent.
    Answer,
}

impl Phase {
    /// Whether a request of this route passes through the phase.
    pub(super) fn is_of(self, route: &Route) -> bool {
        match self {
            Self::Head | Self::Answer => true,
            Self::Body { .. } => route.has_body,
            Self::BeforeCommit | Self::AfterCommit => route.commits,
        }
    }

    /// The name of the phase.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body { .. } => "body",
            Self::BeforeCommit => "before_commit",
            Self::AfterCommit => "after_commit",
            Self::Answer => "answer",
        }
    }
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// This answer instead of the one that would have been given.
    Answer(FaultAnswer),
    /// A pause; then it goes on.
    Delay {
        /// How long, in real time.
        milliseconds: u64,
    },
    /// A pause without an end: the connection stays open and nothing happens on it until the client
    /// goes away.
    Stall,
    /// The connection is reset (RST).
    Reset,
    /// The connection is closed without an answer, or without the rest of it.
    Close,
    /// The answer announces its whole length and ends before.
    Truncate {
        /// Bytes of the answer's body that are sent.
        after_bytes: u64,
    },
    /// The bytes of the request are read, or those of the answer sent, no faster than this.
    Slow {
        /// Bytes in a second.
        bytes_per_second: u64,
    },
}

/// How often a rule acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// At most so often.
    AtMost(u64),
    /// Always: it has to be written out, because clients repeat calls without a limit.
    Unlimited,
}

impl Default for Times {
    fn default() -> Self {
        Self::AtMost(1)
    }
}

impl From<u64> for Times {
    fn from(times: u64) -> Self {
        Self::AtMost(times)
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for Times {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Times".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "How often a rule acts: a number from 1, or always.",
            "oneOf": [{"type": "integer", "minimum": 1}, {"const": "unlimited"}],
        })
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AtMost(times) => serializer.serialize_u64(*times),
            Self::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match (value.as_u64(), value.as_str()) {
            (Some(times), _) => Ok(Self::AtMost(times)),
            (None, Some("unlimited")) => Ok(Self::Unlimited),
            _ => Err(serde::de::Error::custom(
                "times is a whole number, or \"unlimited\"",
            )),
        }
    }
}

/// A rule that can never match or never act; the text says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadFault(pub(super) String);

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> FaultRule {
        serde_json::from_str(json).unwrap()
    }

    fn refusal(json: &str) -> String {
        match serde_json::from_str::<FaultRule>(json) {
            Err(error) => error.to_string(),
            Ok(rule) => rule.check().expect_err(json).to_string(),
        }
    }

    #[test]
    fn a_rule_is_spelled_in_snake_case_and_acts_once() {
        let rule = rule(
            r#"{"match": {"route": "upload_link", "host": "content", "path": "/in/**", "header": {"name": "X-Try"}, "nth": 2},
                "phase": {"body": {"after_bytes": 10}}, "action": {"delay": {"milliseconds": 5}}}"#,
        );
        assert_eq!(rule.check(), Ok(()));
        assert_eq!(rule.times, Times::AtMost(1));
        let again = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<FaultRule>(&again).unwrap(), rule);
    }

    #[test]
    fn a_rule_that_can_never_match_is_refused() {
        for (json, why) in [
            (
                r#"{"match": {"route": "files/uplaod"}, "phase": "head", "action": "reset"}"#,
                "There are auth/token/revoke",
            ),
            (
                r#"{"match": {"route": "check/user", "host": "content"}, "phase": "head", "action": "reset"}"#,
                "check/user never is served by the host \"content\", but by \"api\"",
            ),
            (
                r#"{"match": {"route": "check/user", "path": "/a"}, "phase": "head", "action": "reset"}"#,
                "check/user never has a path",
            ),
            (
                r#"{"match": {"route": "files/download"}, "phase": "after_commit", "action": "reset"}"#,
                "files/download never comes to the phase \"after_commit\"",
            ),
            (
                r#"{"match": {"route": "files/get_metadata"}, "phase": {"body": {"after_bytes": 0}}, "action": "reset"}"#,
                "never comes to the phase \"body\"",
            ),
            (
                r#"{"match": {"nth": 0}, "phase": "head", "action": "reset"}"#,
                "from 1",
            ),
            (
                r#"{"match": {"header": {"name": "a b"}}, "phase": "head", "action": "reset"}"#,
                "no request has a header",
            ),
            (
                r#"{"match": {"route": "oauth2/token", "token": "t"}, "phase": "head", "action": "reset"}"#,
                "without an access token",
            ),
        ] {
            let text = refusal(json);
            assert!(text.contains(why), "{text}");
        }
    }

    #[test]
    fn a_rule_that_can_never_act_is_refused() {
        for (json, why) in [
            (
                r#"{"phase": "head", "action": "reset", "times": 0}"#,
                "at least 1",
            ),
            (
                r#"{"phase": "head", "action": "reset", "times": "always"}"#,
                "\"unlimited\"",
            ),
            (
                r#"{"phase": "head", "action": "reset", "probability": 0}"#,
                "above 0",
            ),
            (
                r#"{"phase": "head", "action": "reset", "probability": 1.5}"#,
                "at most 1",
            ),
            (
                r#"{"phase": "head", "action": {"truncate": {"after_bytes": 1}}}"#,
                "needs the phase \"answer\"",
            ),
            (
                r#"{"phase": "head", "action": {"slow": {"bytes_per_second": 1}}}"#,
                "needs the phase \"body\" or \"answer\"",
            ),
            (
                r#"{"phase": "answer", "action": {"slow": {"bytes_per_second": 0}}}"#,
                "at least 1 byte",
            ),
            (
                r#"{"phase": "head", "action": {"delay": {"milliseconds": 0}}}"#,
                "does nothing",
            ),
            (
                r#"{"phase": "head", "action": {"delay": {"milliseconds": 3600001}}}"#,
                "at most 3600000",
            ),
            (
                r#"{"phase": "head", "action": {"answer": {"custom": {"status": 99}}}}"#,
                "100",
            ),
        ] {
            let text = refusal(json);
            assert!(text.contains(why), "{text}");
        }
    }

    #[test]
    fn what_is_unknown_is_refused_with_what_is_allowed() {
        for (json, why) in [
            (
                r#"{"phase": "head", "action": "reset", "time": 1}"#,
                "`times`",
            ),
            (
                r#"{"match": {"rout": "x"}, "phase": "head", "action": "reset"}"#,
                "`route`",
            ),
            (r#"{"phase": "tail", "action": "reset"}"#, "`after_commit`"),
            (r#"{"phase": "head", "action": "explode"}"#, "`truncate`"),
            (
                r#"{"phase": "head", "action": {"answer": "teapot"}}"#,
                "`too_many_requests`",
            ),
        ] {
            let text = refusal(json);
            assert!(text.contains(why), "{text}");
        }
    }

    #[test]
    fn the_token_of_a_rule_is_not_printed() {
        let rule = rule(r#"{"match": {"token": "sl.abc"}, "phase": "head", "action": "reset"}"#);
        let printed = format!("{rule:?} {}", serde_json::to_string(&rule).unwrap());
        assert!(!printed.contains("sl.abc"), "{printed}");
    }
}
