//! What became of it all.

use super::super::failure::{Failure, eprint_warning};
use super::Checks;
use crate::control::scope::Scope;
use crate::control::tally::{Counts, Refused};
use crate::dropbox::link::LinkFailure;
use crate::rules::{self, Rule};
use crate::server::App;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};

/// How many of a kind are named.
const NAMED: usize = 10;
/// How many letters of a rule's sentence are shown: enough to know whether it matters.
const SENTENCE: usize = 90;

#[derive(Clone, Debug, Default)]
pub struct Summary {
    counts: Counts,
    /// The paths of links that nobody used, and that could still be used.
    unused: Vec<String>,
    /// Of those whose time was over before an upload succeeded.
    expired: Vec<String>,
    /// Of those that an upload used up without storing a file.
    failed: Vec<String>,
    /// How many of all these a test said it meant.
    expected: u64,
    /// Faults that were asked for and never triggered.
    unfired: Vec<String>,
    /// What isolation has to tell.
    pub isolation: Vec<String>,
    /// Whether the command could reach nothing but the fake.
    pub is_isolated: bool,
}

/// What must not have been relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    name: String,
    /// The ids of its rules; none means all that are assumed.
    rules: Option<Vec<String>>,
}

pub fn assumptions(names: &[String]) -> Result<Vec<Assumption>, Failure> {
    let read = |name: &String| {
        let rules = if name == "any" {
            None
        } else if let Some(assumption) = rules::assumption(&name.replace('-', "_")) {
            Some(assumption.basis.clone())
        } else if rules::entry(name).is_some() {
            Some(vec![name.clone()])
        } else {
            return Err(Failure::cannot_start(format_args!(
                "--fail-on-assumptions: {} Write any for all of them; fake-dropbox assumptions lists them, failed_commit for \
                 example",
                rules::unknown_rule(name)
            )));
        };
        Ok(Assumption {
            name: name.clone(),
            rules,
        })
    };
    names.iter().map(read).collect()
}

impl Summary {
    pub fn of(app: &App) -> Self {
        let mut summary = Self {
            counts: app.tally.counts(),
            ..Self::default()
        };
        for shared in app.world().accounts() {
            let account = shared.lock();
            let now = app.clock.now(Some(shared.name()));
            for link in account.state.links.values() {
                let Some(failure) = link.failure(now, &account.state.assumptions) else {
                    continue;
                };
                let path = &link.commit_info.path;
                let of_this_kind = match failure {
                    LinkFailure::Unused => &mut summary.unused,
                    LinkFailure::Expired => &mut summary.expired,
                    LinkFailure::Refused => &mut summary.failed,
                };
                of_this_kind.push(path.clone());
                if account.state.is_expected(path, failure) {
                    summary.expected += 1;
                }
            }
        }
        for paths in [
            &mut summary.unused,
            &mut summary.expired,
            &mut summary.failed,
        ] {
            paths.sort();
        }
        let faults = app.faults.list(&Scope::All);
        let unfired = faults.iter().filter(|fault| fault.fired == 0);
        summary.unfired = unfired.map(ToString::to_string).collect();
        summary
    }

    pub fn print(&self) {
        for line in self.lines() {
            eprint_warning(&line);
        }
    }

    fn lines(&self) -> Vec<String> {
        let counts = &self.counts;
        let mut lines = vec![format!(
            "{}; links: {} minted, {} used{}",
            number(counts.requests, "request"),
            counts.links_minted,
            counts.links_used,
            match self.expected {
                0 => String::new(),
                expected => format!(", {expected} without a file, as expected"),
            }
        )];
        for (paths, what) in [
            (&self.unused, "never used"),
            (&self.expired, "expired unused"),
            (&self.failed, "used up without storing a file"),
        ] {
            if !paths.is_empty() {
                let links = number(paths.len() as u64, "link");
                lines.push(format!("{links} {what}: {}", some(paths)));
            }
        }
        if counts.refused_total() > 0 {
            lines.push(format!(
                "{} refused:",
                number(counts.refused_total(), "request")
            ));
            lines.extend(listed(&by_count(&counts.refused, refusal)));
        }
        if !counts.unknown_routes.is_empty() {
            lines.push(self.unknown());
        }
        if !counts.refused_tunnels.is_empty() {
            let tunnels = with_times(&counts.refused_tunnels);
            lines.push(format!(
                "{} refused: {}",
                number(counts.refused_tunnels.values().sum(), "tunnel"),
                some(&tunnels)
            ));
        }
        if counts.faulted > 0 {
            lines.push(format!(
                "{} hit an injected fault",
                number(counts.faulted, "request")
            ));
        }
        if !self.unfired.is_empty() {
            lines.push(format!(
                "{} never triggered: {}",
                number(self.unfired.len() as u64, "injected fault"),
                some(&self.unfired)
            ));
        }
        if counts.assumed > 0 {
            let rules = by_count(&counts.assumed_rules, |rule| in_words(*rule));
            lines.push(format!(
                "{} relied on behaviour that nobody has seen Dropbox show (fake-dropbox explain ID says more):",
                number(counts.assumed, "answer"),
            ));
            lines.extend(listed(&rules));
        }
        if !counts.failed_handshakes.is_empty() {
            let failed = number(counts.failed_handshakes.values().sum(), "TLS handshake");
            lines.push(format!("{failed} failed:"));
            lines.extend(listed(&by_count(&counts.failed_handshakes, Clone::clone)));
        }
        lines.extend(self.isolation.iter().cloned());
        if counts.requests == 0 {
            lines.push(format!("NOTHING REACHED THE FAKE: {}", self.causes()));
        }
        lines
    }

    /// Why a command may have passed the fake by.
    fn causes(&self) -> String {
        let way_out = if cfg!(target_os = "linux") && !self.is_isolated {
            " (exec --isolate leaves it no other way)"
        } else {
            ""
        };
        format!(
            "the command did not call Dropbox, or it bypassed the fake. Usual causes: its client ignores the proxy \
             variables{way_out}; it does not trust the fake's certificate; the calls come from another process, \
             which was started before or runs in a container"
        )
    }

    fn unknown(&self) -> String {
        let unknown = with_times(&self.counts.unknown_routes);
        format!("routes that the fake does not have: {}", some(&unknown))
    }

    /// What the checks have to complain about.
    pub fn complaints(&self, checks: &Checks, assumptions: &[Assumption]) -> Vec<String> {
        let mut complaints = Vec::new();
        if checks.fail_on_no_requests && self.counts.requests == 0 {
            complaints.push(format!("--fail-on-no-requests: {}", self.causes()));
        }
        let without_a_file = self.unused.len() + self.expired.len() + self.failed.len();
        let unused = without_a_file as u64 - self.expected;
        if checks.fail_on_unused_links && unused > 0 {
            complaints.push(format!(
                "--fail-on-unused-links: {} without a successful upload",
                number(unused, "link")
            ));
        }
        if checks.fail_on_unknown_routes && !self.counts.unknown_routes.is_empty() {
            complaints.push(format!("--fail-on-unknown-routes: {}", self.unknown()));
        }
        for Assumption { name, rules } in assumptions {
            let concerned = |rule: &&Rule| {
                rules
                    .as_ref()
                    .is_none_or(|rules| rules.iter().any(|id| id == rule.id()))
            };
            let relied: Vec<String> = self
                .counts
                .assumed_rules
                .keys()
                .filter(concerned)
                .map(|rule| in_words(*rule))
                .collect();
            if !relied.is_empty() {
                complaints.push(format!(
                    "--fail-on-assumptions {name}: answers relied on {}",
                    some(&relied)
                ));
            }
        }
        complaints
    }
}

/// A refusal in words: what was asked for, and the rules that refused it.
fn refusal(refused: &Refused) -> String {
    let status = refused
        .status
        .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    // The first rule decided; the others say how the answer looks.
    let why = refused.rules.first();
    let why = why.map_or_else(String::new, |rule| format!(": {}", in_words(*rule)));
    format!("{status} {}{why}", refused.route)
}

/// A rule with the beginning of its sentence.
fn in_words(rule: Rule) -> String {
    let sentence = rule.statement();
    let shown: String = sentence.chars().take(SENTENCE).collect();
    let cut = if shown.len() < sentence.len() {
        "…"
    } else {
        ""
    };
    format!("{rule} {shown}{cut}")
}

/// What happened, the most often first.
fn by_count<T>(counts: &BTreeMap<T, u64>, named: impl Fn(&T) -> String) -> Vec<String> {
    let mut counts: Vec<(&T, u64)> = counts.iter().map(|(what, times)| (what, *times)).collect();
    counts.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let counts = counts.into_iter();
    counts
        .map(|(what, times)| format!("{times}× {}", named(what)))
        .collect()
}

/// A line for each, as many as are named.
fn listed(all: &[String]) -> Vec<String> {
    let shown = all.iter().take(NAMED).map(|one| format!("  {one}"));
    let more = all
        .len()
        .checked_sub(NAMED + 1)
        .map(|more| format!("  and {} more", more + 1));
    shown.chain(more).collect()
}

fn with_times(counts: &BTreeMap<impl Display, u64>) -> Vec<String> {
    let counts = counts.iter();
    counts
        .map(|(what, times)| format!("{what} ({times}×)"))
        .collect()
}

fn number(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn some(all: &[String]) -> String {
    let mut text = all[..all.len().min(NAMED)].join(", ");
    if all.len() > NAMED {
        let _ = write!(text, " and {} more", all.len() - NAMED);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_assumptions_are_checked() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let known = assumptions(&names(&["failed-commit", "UL-161", "any"])).unwrap();
        assert!(
            known[0]
                .rules
                .as_ref()
                .unwrap()
                .contains(&"UL-161".to_owned())
        );
        assert_eq!(known[2].rules, None);
        let failure = assumptions(&names(&["no_such"])).unwrap_err();
        assert!(
            failure.message.contains("failed_commit"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn long_lists_are_cut() {
        let all: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        assert_eq!(some(&all), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
        assert_eq!(number(1, "link"), "1 link");
    }

    #[test]
    fn a_quiet_run_is_one_line() {
        let mut summary = Summary::default();
        summary.counts.requests = 1;
        assert_eq!(summary.lines(), ["1 request; links: 0 minted, 0 used"]);
    }

    #[test]
    fn a_run_that_asked_for_nothing_is_told_why_that_may_be() {
        let [first, why] = <[String; 2]>::try_from(Summary::default().lines()).unwrap();
        assert_eq!(first, "0 requests; links: 0 minted, 0 used");
        for cause in ["ignores the proxy", "does not trust", "another process"] {
            assert!(why.contains(cause), "{why}");
        }
    }

    #[test]
    fn a_handshake_that_failed_is_told_with_its_reason() {
        let mut summary = Summary::default();
        let why = "api.dropboxapi.com:443: the client does not trust the certificate";
        summary.counts.failed_handshakes.insert(why.to_owned(), 2);
        let lines = summary.lines();
        assert_eq!(
            lines[1..3],
            ["2 TLS handshakes failed:", &format!("  2× {why}")]
        );
    }
}
