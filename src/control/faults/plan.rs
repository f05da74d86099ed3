//! The rules in force, and their accounts.

use super::rule::{Action, BadFault, FaultMatch, FaultRule, Phase, Times};
use crate::control::scope::Scope;
use crate::sync::{Mutex, MutexGuard};
use crate::wire::routes::{self, HostKind};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most rules that a plan holds.
const MAX_RULES: usize = 10_000;

/// The number of a rule, counted from 1 and never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct FaultId(pub u64);

impl fmt::Display for FaultId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "fault:{}", self.0)
    }
}

/// A request, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The name of its route; see [`routes::find`].
    pub route: &'a str,
    /// Where it was sent.
    pub host: HostKind,
    /// The path in its argument, or of its link.
    pub path: Option<&'a str>,
    /// The name of the account that it belongs to.
    pub account: Option<&'a str>,
    /// Its access token; for an upload through a link, the one that minted it.
    pub token: Option<&'a str>,
    /// Its headers.
    pub headers: &'a HeaderMap,
}

/// All rules of a server. Requests ask it from many threads.
#[derive(Debug)]
pub struct FaultPlan {
    seed: u64,
    /// No rule may still act: then a request costs one load.
    idle: AtomicBool,
    rules: Mutex<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    last: u64,
    entries: BTreeMap<FaultId, Planned>,
    /// Those that may still act, for every account and for one.
    for_all: ByRoute,
    for_one: HashMap<Arc<str>, ByRoute>,
}

/// Rules by the route that they name, in the order in which they were added; those that name none
/// are under none.
#[derive(Debug, Default)]
struct ByRoute(HashMap<Option<&'static str>, Vec<FaultId>>);

impl ByRoute {
    fn add(&mut self, rule: &FaultRule, id: FaultId) {
        // The newest has the highest number.
        self.0.entry(route_of(rule)).or_default().push(id);
    }

    fn remove(&mut self, rule: &FaultRule, id: FaultId) {
        let route = route_of(rule);
        if let Some(ids) = self.0.get_mut(&route) {
            if let Ok(index) = ids.binary_search(&id) {
                ids.remove(index);
            }
            if ids.is_empty() {
                self.0.remove(&route);
            }
        }
    }

    fn concerning<'a>(&'a self, route: &'a str) -> impl Iterator<Item = FaultId> + 'a {
        let named = self.0.get(&Some(route));
        let others = self.0.get(&None);
        named.into_iter().chain(others).flatten().copied()
    }
}

/// The route that a rule names; it was checked, so it is one of Dropbox's.
fn route_of(rule: &FaultRule) -> Option<&'static str> {
    let named = rule.matcher.route.as_deref()?;
    let served = routes::find(named).map(|route| route.name);
    served.or_else(|| routes::not_faked(named))
}

impl Rules {
    fn index(&mut self, id: FaultId) {
        let planned = &self.entries[&id];
        let by_route = match &planned.scope {
            Scope::All => &mut self.for_all,
            Scope::Account(name) => self.for_one.entry(Arc::clone(name)).or_default(),
        };
        by_route.add(&planned.rule, id);
    }

    /// It will not act again.
    fn forget(&mut self, scope: &Scope, rule: &FaultRule, id: FaultId) {
        match scope {
            Scope::All => self.for_all.remove(rule, id),
            Scope::Account(name) => {
                if let Some(by_route) = self.for_one.get_mut(name) {
                    by_route.remove(rule, id);
                    if by_route.0.is_empty() {
                        self.for_one.remove(name);
                    }
                }
            }
        }
    }

    /// The rules that may concern a request, in the order in which they were added.
    fn concerning(&self, subject: &Subject<'_>) -> Vec<FaultId> {
        let of_account = subject.account.and_then(|name| self.for_one.get(name));
        let of_account = of_account.map(|by_route| by_route.concerning(subject.route));
        let mut ids: Vec<FaultId> = self
            .for_all
            .concerning(subject.route)
            .chain(of_account.into_iter().flatten())
            .collect();
        ids.sort_unstable();
        ids
    }

    fn is_idle(&self) -> bool {
        self.for_all.0.is_empty() && self.for_one.is_empty()
    }
}

#[derive(Debug)]
struct Planned {
    id: FaultId,
    scope: Scope,
    rule: FaultRule,
    calls_matched: u64,
    hits: u64,
    fired: u64,
}

/// A rule and what became of it.
///
/// ```
/// use fake_dropbox::{FakeDropbox, Fault, FaultId, FaultStatus};
///
/// let dropbox = FakeDropbox::start_blocking();
/// let fault = dropbox.fail(Fault::head().reset());
/// let status: FaultStatus = fault.status().expect("it was added");
/// assert_eq!((status.id, status.fired, status.spent), (FaultId(1), 0, false));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FaultStatus {
    /// Its number.
    pub id: FaultId,
    /// Whom it concerns.
    #[serde(skip)]
    pub(crate) scope: Scope,
    /// The rule.
    pub rule: FaultRule,
    /// Requests that met its conditions while it could still act.
    pub calls_matched: u64,
    /// Requests that it was armed for.
    pub hits: u64,
    /// How often a request really came to its phase, so that it acted.
    pub fired: u64,
    /// It will not act again.
    pub spent: bool,
}

/// The rule and how near it came to acting.
impl fmt::Display for FaultStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id, calls_matched, ..
        } = self;
        let rule = serde_json::to_string(&self.rule).unwrap_or_default();
        let plural = if *calls_matched == 1 { "" } else { "s" };
        write!(
            formatter,
            "{id} (matched {calls_matched} request{plural}): {rule}"
        )
    }
}

/// A fault that waits in a request for its phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmedFault {
    /// The number of its rule.
    pub id: FaultId,
    /// When it acts.
    pub phase: Phase,
    /// What it does.
    pub action: Action,
}

/// The faults of one request, in the order in which their rules were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArmedFaults(Vec<ArmedFault>);

impl ArmedFaults {
    /// Whether nothing shall go wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What acts in this phase. For the body, see [`Self::in_body`].
    pub fn at(&self, phase: Phase) -> impl Iterator<Item = &ArmedFault> {
        self.0.iter().filter(move |fault| fault.phase == phase)
    }

    /// What acts first while the body arrives, and after how many bytes of it.
    pub fn in_body(&self) -> Option<(u64, &ArmedFault)> {
        self.all_in_body().next()
    }

    /// Everything that acts while the body arrives, by the number of bytes after which it does.
    pub fn all_in_body(&self) -> impl Iterator<Item = (u64, &ArmedFault)> {
        let mut faults: Vec<_> = self
            .0
            .iter()
            .filter_map(|fault| match fault.phase {
                Phase::Body { after_bytes } => Some((after_bytes, fault)),
                _ => None,
            })
            .collect();
        faults.sort_by_key(|(after_bytes, _)| *after_bytes);
        faults.into_iter()
    }
}

impl FaultPlan {
    /// A plan without rules, whose probabilities are drawn from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            idle: AtomicBool::new(true),
            rules: Mutex::default(),
        }
    }

    /// Adds a rule. One that can never match or never act is refused.
    pub fn add(&self, scope: Scope, rule: FaultRule) -> Result<FaultId, BadFault> {
        rule.check()?;
        let mut rules = self.lock();
        if rules.entries.len() >= MAX_RULES {
            return Err(BadFault(format!(
                "there are {MAX_RULES} rules already; remove some"
            )));
        }
        rules.last += 1;
        let id = FaultId(rules.last);
        let planned = Planned {
            id,
            scope,
            rule,
            calls_matched: 0,
            hits: 0,
            fired: 0,
        };
        let is_spent = planned.is_spent();
        rules.entries.insert(id, planned);
        if !is_spent {
            rules.index(id);
        }
        self.note(&rules);
        Ok(id)
    }

    /// Removes a rule, and says what became of it.
    pub fn remove(&self, id: FaultId) -> Option<FaultStatus> {
        let mut rules = self.lock();
        let removed = rules.entries.remove(&id)?;
        rules.forget(&removed.scope, &removed.rule, id);
        self.note(&rules);
        Some(removed.status())
    }

    /// Removes the rules of one account, or all rules; how many they were.
    pub fn clear(&self, scope: &Scope) -> usize {
        let mut rules = self.lock();
        let before = rules.entries.len();
        match scope {
            Scope::All => {
                rules.entries.clear();
                rules.for_all = ByRoute::default();
                rules.for_one.clear();
            }
            Scope::Account(name) => {
                rules.entries.retain(|_, entry| entry.scope != *scope);
                rules.for_one.remove(name);
            }
        }
        self.note(&rules);
        before - rules.entries.len()
    }

    /// The rules that concern an account, or all rules, in the order in which they were added.
    pub fn list(&self, scope: &Scope) -> Vec<FaultStatus> {
        let rules = self.lock();
        let concerned = rules
            .entries
            .values()
            .filter(|entry| *scope == Scope::All || entry.scope == *scope);
        concerned.map(Planned::status).collect()
    }

    /// One rule.
    pub fn status(&self, id: FaultId) -> Option<FaultStatus> {
        let rules = self.lock();
        rules.entries.get(&id).map(Planned::status)
    }

    /// Whether no rule can act any more. It costs one load.
    pub fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Relaxed)
    }

    /// Arms the rules that concern a request. Each counts as a hit at once, so that of requests
    /// at the same time no more are hit than the rule allows.
    pub fn arm(&self, subject: &Subject<'_>) -> ArmedFaults {
        if self.is_idle() {
            return ArmedFaults::default();
        }
        let mut rules = self.lock();
        let mut armed = Vec::new();
        let mut spent = Vec::new();
        for id in rules.concerning(subject) {
            if let Some(entry) = rules.entries.get_mut(&id)
                && let Some(fault) = entry.arm(subject, self.seed)
            {
                armed.push(fault);
                if entry.is_spent() {
                    spent.push((entry.scope.clone(), entry.rule.clone(), id));
                }
            }
        }
        if !spent.is_empty() {
            for (scope, rule, id) in spent {
                rules.forget(&scope, &rule, id);
            }
            self.note(&rules);
        }
        ArmedFaults(armed)
    }

    /// The request came to the phase of this fault, and it acted.
    pub fn fired(&self, id: FaultId) {
        if let Some(entry) = self.lock().entries.get_mut(&id) {
            entry.fired += 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock()
    }

    fn note(&self, rules: &Rules) {
        self.idle.store(rules.is_idle(), Ordering::Relaxed);
    }
}

impl Planned {
    fn arm(&mut self, subject: &Subject<'_>, seed: u64) -> Option<ArmedFault> {
        if self.is_spent()
            || !self.scope.covers(subject.account)
            || !matches(&self.rule.matcher, self.rule.phase, subject)
        {
            return None;
        }
        self.calls_matched += 1;
        if self.calls_matched < self.rule.matcher.nth.unwrap_or(1) {
            return None;
        }
        if let Some(probability) = self.rule.probability
            && draw(seed, self.id.0, self.calls_matched) >= probability
        {
            return None;
        }
        self.hits += 1;
        Some(ArmedFault {
            id: self.id,
            phase: self.rule.phase,
            action: self.rule.action.clone(),
        })
    }

    fn is_spent(&self) -> bool {
        matches!(self.rule.times, Times::AtMost(times) if self.hits >= times)
    }

    fn status(&self) -> FaultStatus {
        FaultStatus {
            id: self.id,
            scope: self.scope.clone(),
            rule: self.rule.clone(),
            calls_matched: self.calls_matched,
            hits: self.hits,
            fired: self.fired,
            spent: self.is_spent(),
        }
    }
}

fn matches(matcher: &FaultMatch, phase: Phase, subject: &Subject<'_>) -> bool {
    // A rule for all routes leaves those alone that never come to its phase.
    let route = routes::find(subject.route);
    if route.is_some_and(|route| !phase.is_of(route)) {
        return false;
    }
    let header_fits = |wanted: &super::HeaderMatch| {
        let mut values = subject.headers.get_all(wanted.name.as_str()).iter();
        values.any(|value| {
            wanted
                .value
                .as_ref()
                .is_none_or(|wanted| value.as_bytes() == wanted.as_bytes())
        })
    };
    matcher
        .route
        .as_ref()
        .is_none_or(|name| name == subject.route)
        && matcher.host.is_none_or(|host| host == subject.host)
        && matcher
            .path
            .as_ref()
            .is_none_or(|pattern| subject.path.is_some_and(|path| pattern.matches(path)))
        && matcher
            .token
            .as_ref()
            .is_none_or(|token| subject.token == Some(token.expose()))
        && matcher.header.as_ref().is_none_or(header_fits)
}

/// A number from 0 up to 1 that depends on nothing but its arguments (`SplitMix64`).
fn draw(seed: u64, rule: u64, call: u64) -> f64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut mixed = seed
        .wrapping_add(rule.wrapping_mul(STEP))
        .rotate_left(32)
        .wrapping_add(call.wrapping_mul(STEP));
    for (shift, factor) in [(30, 0xbf58_476d_1ce4_e5b9), (27, 0x94d0_49bb_1331_11eb)] {
        mixed = (mixed ^ (mixed >> shift)).wrapping_mul(factor);
    }
    mixed ^= mixed >> 31;
    let thirty_two_bits = u32::try_from(mixed >> 32).unwrap_or(u32::MAX);
    f64::from(thirty_two_bits) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    fn rule(json: &str) -> FaultRule {
        serde_json::from_str(json).unwrap()
    }

    fn plan(json: &str) -> FaultPlan {
        let plan = FaultPlan::new(1);
        plan.add(Scope::All, rule(json)).unwrap();
        plan
    }

    fn upload<'a>(headers: &'a HeaderMap, path: &'a str, account: &'a str) -> Subject<'a> {
        Subject {
            route: "files/upload",
            host: HostKind::Content,
            path: Some(path),
            account: Some(account),
            token: Some(account),
            headers,
        }
    }

    #[test]
    fn a_rule_acts_once_and_is_spent() {
        let plan = plan(r#"{"phase": "head", "action": "reset"}"#);
        let headers = HeaderMap::new();
        let armed = plan.arm(&upload(&headers, "/a", "t"));
        assert_eq!(armed.at(Phase::Head).count(), 1);
        assert_eq!(armed.at(Phase::Answer).count(), 0);
        assert!(plan.arm(&upload(&headers, "/a", "t")).is_empty());
        assert!(plan.is_idle());
        let status = plan.status(FaultId(1)).unwrap();
        assert_eq!((status.calls_matched, status.hits, status.fired), (1, 1, 0));
        assert!(status.spent);
        plan.fired(FaultId(1));
        assert_eq!(plan.status(FaultId(1)).unwrap().fired, 1);
    }

    #[test]
    fn every_condition_must_be_met() {
        let plan = plan(
            r#"{"match": {"route": "files/upload", "host": "content", "path": "/in/*", "token": "t", "header": {"name": "x-try", "value": "2"}},
                "phase": "after_commit", "action": "close", "times": "unlimited"}"#,
        );
        let mut headers = HeaderMap::new();
        assert!(plan.arm(&upload(&headers, "/in/a", "t")).is_empty());
        headers.insert("X-Try", "2".parse().unwrap());
        assert!(!plan.arm(&upload(&headers, "/IN/a", "t")).is_empty());
        assert!(plan.arm(&upload(&headers, "/out/a", "t")).is_empty());
        assert!(plan.arm(&upload(&headers, "/in/a", "u")).is_empty());
        let elsewhere = Subject {
            route: "upload_link",
            ..upload(&headers, "/in/a", "t")
        };
        assert!(plan.arm(&elsewhere).is_empty());
        assert_eq!(plan.list(&Scope::All)[0].calls_matched, 1);
    }

    #[test]
    fn a_rule_of_an_account_leaves_others_alone() {
        let plan = FaultPlan::new(1);
        let headers = HeaderMap::new();
        let alice = Scope::account("alice");
        plan.add(
            alice.clone(),
            rule(r#"{"phase": "head", "action": "stall"}"#),
        )
        .unwrap();
        assert!(plan.arm(&upload(&headers, "/a", "bob")).is_empty());
        assert!(plan.list(&Scope::account("bob")).is_empty());
        assert!(!plan.arm(&upload(&headers, "/a", "alice")).is_empty());
        assert_eq!(plan.clear(&Scope::account("bob")), 0);
        assert_eq!(plan.clear(&alice), 1);
        assert!(plan.list(&Scope::All).is_empty());
    }

    #[test]
    fn nth_says_where_the_rule_begins_and_times_how_long_it_lasts() {
        let plan = plan(r#"{"match": {"nth": 2}, "phase": "head", "action": "reset", "times": 2}"#);
        let headers = HeaderMap::new();
        let hit: Vec<bool> = (0..5)
            .map(|_| !plan.arm(&upload(&headers, "/a", "t")).is_empty())
            .collect();
        assert_eq!(hit, [false, true, true, false, false]);
    }

    #[test]
    fn a_request_that_never_comes_to_the_phase_is_no_hit() {
        let plan = plan(r#"{"phase": "after_commit", "action": "reset"}"#);
        let headers = HeaderMap::new();
        let reading = Subject {
            route: "files/get_metadata",
            ..upload(&headers, "/a", "t")
        };
        assert!(plan.arm(&reading).is_empty());
        assert!(!plan.arm(&upload(&headers, "/a", "t")).is_empty());
    }

    #[test]
    fn faults_in_the_body_come_by_their_number_of_bytes() {
        let plan = FaultPlan::new(1);
        let headers = HeaderMap::new();
        for after_bytes in [10, 3] {
            let phase = Phase::Body { after_bytes };
            plan.add(Scope::All, FaultRule::at(phase).close()).unwrap();
        }
        let armed = plan.arm(&upload(&headers, "/a", "t"));
        let (after_bytes, fault) = armed.in_body().unwrap();
        assert_eq!((after_bytes, fault.id), (3, FaultId(2)));
        assert_eq!(armed.all_in_body().count(), 2);
    }

    #[test]
    fn chance_depends_on_the_seed_alone() {
        let run = |seed| {
            let plan = FaultPlan::new(seed);
            plan.add(
                Scope::All,
                rule(r#"{"phase": "head", "action": "reset", "times": "unlimited", "probability": 0.25}"#),
            )
            .unwrap();
            let headers = HeaderMap::new();
            (0..1000)
                .map(|_| !plan.arm(&upload(&headers, "/a", "t")).is_empty())
                .collect::<Vec<bool>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let hits = run(1).iter().filter(|hit| **hit).count();
        assert!((200..300).contains(&hits), "{hits}");
    }

    #[test]
    fn of_many_requests_at_once_exactly_as_many_are_hit_as_allowed() {
        let plan = plan(r#"{"phase": "head", "action": "reset", "times": 7}"#);
        let hits = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let headers = HeaderMap::new();
                    for _ in 0..100 {
                        if !plan.arm(&upload(&headers, "/a", "t")).is_empty() {
                            hits.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(hits.load(Ordering::Relaxed), 7);
    }

    #[test]
    fn what_was_removed_acts_no_more_and_tells_its_account() {
        let plan = plan(r#"{"phase": "head", "action": "reset"}"#);
        assert_eq!(plan.remove(FaultId(1)).unwrap().hits, 0);
        assert_eq!(plan.remove(FaultId(1)), None);
        assert!(plan.arm(&upload(&HeaderMap::new(), "/a", "t")).is_empty());
    }

    #[test]
    fn a_request_looks_at_the_rules_for_its_route_and_its_account_alone() {
        let plan = FaultPlan::new(1);
        let headers = HeaderMap::new();
        let add = |scope: Scope, route: Option<&str>| {
            let mut rule = rule(r#"{"phase": "head", "action": "reset", "times": 1}"#);
            rule.matcher.route = route.map(str::to_owned);
            plan.add(scope, rule).unwrap()
        };
        let alice = || Scope::account("alice");
        let first = add(alice(), None);
        for number in 0..100 {
            add(Scope::All, Some("files/get_metadata"));
            add(Scope::account(&number.to_string()), Some("files/upload"));
        }
        let second = add(Scope::All, Some("files/upload"));
        let third = add(alice(), Some("files/upload"));
        let last = add(Scope::All, None);
        let subject = upload(&headers, "/a", "alice");
        let all = vec![first, second, third, last];
        assert_eq!(plan.lock().concerning(&subject), all);
        let armed: Vec<_> = plan.arm(&subject).0.iter().map(|fault| fault.id).collect();
        assert_eq!(armed, all);
        // What is spent is not looked at again.
        assert_eq!(plan.lock().concerning(&subject), []);
        assert!(!plan.is_idle());
        assert_eq!(plan.clear(&Scope::All), 204);
        assert!(plan.is_idle());
    }
}
