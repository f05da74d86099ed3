//! What happened altogether, in numbers that do not forget: the journal keeps the latest requests
//! only.

use super::journal::JournalEntry;
use crate::rules::{Evidence, Rule};
use crate::sync::{Mutex, MutexGuard};
use std::collections::BTreeMap;

/// Kinds of refusals that are told apart; what comes later is counted together.
const MOST_KINDS: usize = 200;

/// Counts requests from many threads.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Counts>);

/// The numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests, but for those to the controls.
    pub requests: u64,
    /// Links that were minted.
    pub links_minted: u64,
    /// Uploads through links whose file was stored, whatever became of the answer. A link stores one.
    pub links_used: u64,
    /// Requests for something that is not there: a route that is not faked, or none of Dropbox's.
    pub unknown_routes: BTreeMap<String, u64>,
    /// Requests that were refused, but for those above: by route and status, with the rules.
    pub refused: BTreeMap<Refused, u64>,
    /// Refusals of further kinds, once there are too many to tell apart.
    pub refused_otherwise: u64,
    /// Tunnels to hosts that this server does not stand for, by host and port.
    pub refused_tunnels: BTreeMap<String, u64>,
    /// TLS handshakes that failed, by the host that was asked for and the reason in words.
    pub failed_handshakes: BTreeMap<String, u64>,
    /// Requests in which a fault rule had a part. They count nowhere else.
    pub faulted: u64,
    /// Answers that rested on an assumption: on any, and by the rule that is assumed.
    pub assumed: u64,
    /// The rules, each with the number of answers.
    pub assumed_rules: BTreeMap<Rule, u64>,
}

/// A kind of refusal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// The route.
    pub route: String,
    /// The status; none if there was no answer.
    pub status: Option<u16>,
    /// The rules that decided it.
    pub rules: Vec<Rule>,
}

impl Tally {
    /// Counts a request and its answer; `is_known` says whether there is what it asked for.
    pub fn count(&self, entry: &JournalEntry, is_known: bool) {
        let mut counts = self.lock();
        counts.requests += 1;
        if entry.fault.is_some() {
            counts.faulted += 1;
            return;
        }
        let assumed: Vec<Rule> = entry
            .rules
            .iter()
            .copied()
            .filter(|rule| rule.evidence() == Evidence::Assumed)
            .collect();
        counts.assumed += u64::from(!assumed.is_empty());
        for rule in assumed {
            *counts.assumed_rules.entry(rule).or_default() += 1;
        }
        let is_refused = entry.status.is_none_or(|status| status >= 400);
        if is_refused && is_known {
            counts.refused(entry);
        } else if is_refused {
            counts.unknown(format!("{} {}", entry.method, entry.route));
        }
    }

    /// Counts a link that was minted.
    pub fn link_minted(&self) {
        self.lock().links_minted += 1;
    }

    /// Counts a link through which a file was stored.
    pub fn link_used(&self) {
        self.lock().links_used += 1;
    }

    /// Counts a tunnel that was not opened.
    pub fn tunnel_refused(&self, authority: &str) {
        count_one(&mut self.lock().refused_tunnels, authority.to_owned());
    }

    /// Counts a TLS handshake that failed.
    pub fn handshake_failed(&self, why: &str) {
        count_one(&mut self.lock().failed_handshakes, why.to_owned());
    }

    /// The numbers so far.
    pub fn counts(&self) -> Counts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock()
    }
}

impl Counts {
    /// Requests for something that is not there.
    pub fn unknown_total(&self) -> u64 {
        self.unknown_routes.values().sum()
    }

    /// Requests that were refused, but for those for something that is not there.
    pub fn refused_total(&self) -> u64 {
        self.refused.values().sum::<u64>() + self.refused_otherwise
    }

    fn unknown(&mut self, asked: String) {
        count_one(&mut self.unknown_routes, asked);
    }

    fn refused(&mut self, entry: &JournalEntry) {
        let kind = Refused {
            route: entry.route.to_string(),
            status: entry.status,
            rules: entry.rules.clone(),
        };
        if self.refused.len() >= MOST_KINDS && !self.refused.contains_key(&kind) {
            self.refused_otherwise += 1;
        } else {
            *self.refused.entry(kind).or_default() += 1;
        }
    }
}

fn count_one(counts: &mut BTreeMap<String, u64>, name: String) {
    let is_named = counts.contains_key(&name) || counts.len() < MOST_KINDS;
    let name = if is_named { name } else { "others".to_owned() };
    *counts.entry(name).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::faults::HostKind;
    use crate::dropbox::time::Timestamp;
    use http::Method;

    fn entry(route: &str, status: u16, rules: &[Rule]) -> JournalEntry {
        let now = Timestamp::from_seconds(0);
        let mut entry = JournalEntry::new(now, Method::POST, HostKind::Api, route);
        entry.status = Some(status);
        entry.rules = rules.to_vec();
        entry
    }

    #[test]
    fn requests_are_counted_by_what_became_of_them() {
        let tally = Tally::default();
        let (documented, assumed) = (Rule::new("UL-138"), Rule::new("UL-161"));
        tally.count(&entry("mint", 200, &[documented]), true);
        tally.count(&entry("mint", 400, &[]), true);
        tally.count(&entry("link", 200, &[assumed]), true);
        tally.count(&entry("link", 410, &[documented]), true);
        tally.count(&entry("link", 410, &[documented]), true);
        tally.count(&entry("/nothing", 404, &[]), false);
        tally.count(&entry("/", 200, &[]), false);
        let counts = tally.counts();
        assert_eq!(counts.requests, 7);
        assert_eq!(counts.refused_total(), 3);
        assert_eq!(counts.unknown_routes["POST /nothing"], 1);
        assert_eq!(counts.assumed, 1);
        assert_eq!(counts.assumed_rules[&assumed], 1);
    }

    #[test]
    fn the_kinds_are_bounded_and_the_numbers_are_not() {
        let tally = Tally::default();
        for number in 0..1000 {
            let route = number.to_string();
            tally.count(&entry(&route, 400, &[]), true);
            tally.count(&entry(&route, 404, &[]), false);
        }
        let counts = tally.counts();
        assert_eq!(counts.refused_total(), 1000);
        assert_eq!(counts.unknown_total(), 1000);
        assert_eq!(counts.refused.len(), MOST_KINDS);
        assert_eq!(counts.unknown_routes.len(), MOST_KINDS + 1);
    }

    #[test]
    fn what_a_fault_had_a_part_in_is_held_against_nobody() {
        let tally = Tally::default();
        let mut broken = entry("link", 500, &[Rule::new("UL-161")]);
        broken.fault = Some(crate::control::faults::FaultId(1));
        tally.count(&broken, true);
        let counts = tally.counts();
        assert_eq!((counts.requests, counts.faulted), (1, 1));
        assert_eq!((counts.refused_total(), counts.assumed), (0, 0));
    }
}
