//! What a case is: data, and a function that talks to the target.

use std::pin::Pin;

use crate::failure::Verdict;
use crate::safety::budget::Spending;
use crate::talk::context::Context;
use crate::targets::special_token::SpecialToken;

/// One claim about the contract.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// By chapter: `link/consume/second-use-is-gone`.
    pub id: &'static str,
    pub sentence: &'static str,
    /// The rules that it proves (`UL-…`, `API-…`), or the questions that it asks (`OQ-…`, `AQ-…`).
    pub rules: &'static [&'static str],
    pub kind: Kind,
    /// What it spends on a real account.
    pub cost: Cost,
    /// What it cannot do without.
    pub needs: Needs,
    pub run: Run,
}

/// What a row of a table calls to run its case.
pub type Run = for<'a> fn(&'a Context) -> Conversation<'a>;

/// A case that does not talk yet.
#[derive(Clone, Copy, Debug)]
#[must_use = "a draft becomes a case by its conversation: .run(…)"]
pub struct Draft {
    id: &'static str,
    rules: &'static [&'static str],
    kind: Kind,
    sentence: &'static str,
    cost: Cost,
    needs: Needs,
}

impl Case {
    /// What the contract says.
    pub const fn required(id: &'static str) -> Draft {
        Draft::new(Kind::Required, id)
    }

    /// What somebody saw on the real server.
    pub const fn observed(id: &'static str) -> Draft {
        Draft::new(Kind::Observed, id)
    }

    /// An open question.
    pub const fn probe(id: &'static str) -> Draft {
        Draft::new(Kind::Probe, id)
    }
}

impl Draft {
    const fn new(kind: Kind, id: &'static str) -> Self {
        Self {
            id,
            rules: &[],
            kind,
            sentence: "",
            cost: Cost::calls(0),
            needs: Needs::NOTHING,
        }
    }

    /// What it is about: rules, or the questions that it asks.
    pub const fn rules(self, rules: &'static [&'static str]) -> Self {
        Self { rules, ..self }
    }

    /// The claim, as a sentence.
    pub const fn claim(self, sentence: &'static str) -> Self {
        Self { sentence, ..self }
    }

    /// How many small requests it sends at most.
    pub const fn calls(self, calls: u64) -> Self {
        Self {
            cost: Cost::calls(calls),
            ..self
        }
    }

    /// Bytes of content on top of the calls.
    pub const fn sending(self, bytes: u64) -> Self {
        Self {
            cost: self.cost.and_bytes(bytes),
            ..self
        }
    }

    /// Seconds of waiting on top of the calls.
    pub const fn waiting(self, seconds: u64) -> Self {
        Self {
            cost: self.cost.and_seconds(seconds),
            ..self
        }
    }

    /// What it cannot do without.
    pub const fn needing(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    /// The case, with the conversation that shows it.
    pub const fn run(self, run: Run) -> Case {
        Case {
            id: self.id,
            sentence: self.sentence,
            rules: self.rules,
            kind: self.kind,
            cost: self.cost,
            needs: self.needs,
            run,
        }
    }
}

/// A case that is running.
pub type Conversation<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// How firm a claim is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The contract says so.
    Required,
    /// Somebody saw it on the real server.
    Observed,
    /// An open question: there is no right answer, the case records one.
    Probe,
}

impl Kind {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Observed => "observed",
            Self::Probe => "probe",
        }
    }
}

/// What a case spends on a real account at most. The runner holds the case to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub calls: u64,
    /// Bytes of request bodies.
    pub bytes: u64,
    /// Seconds that it waits on a target whose clock cannot be moved.
    pub seconds: u64,
}

impl Cost {
    /// As a limit for the runner to hold.
    pub const fn limit(self) -> Spending {
        Spending {
            calls: self.calls,
            bytes: self.bytes,
        }
    }

    /// So many requests with bodies of at most 4 KiB each.
    pub const fn calls(calls: u64) -> Self {
        Self {
            calls,
            bytes: calls * 4096,
            seconds: 0,
        }
    }

    /// Bytes of content on top.
    #[must_use]
    pub const fn and_bytes(self, bytes: u64) -> Self {
        Self {
            bytes: self.bytes + bytes,
            ..self
        }
    }

    /// Seconds of waiting.
    #[must_use]
    pub const fn and_seconds(self, seconds: u64) -> Self {
        Self { seconds, ..self }
    }
}

/// What a case cannot do without. A case whose needs are not met is skipped by name, with the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent needs, written in a table by name"
)]
pub struct Needs {
    /// Time must pass: moved on the fake, waited for with `--slow` elsewhere.
    pub clock: bool,
    /// The clock must be stopped and moved to the millisecond, which no real target offers.
    pub exact_clock: bool,
    /// Bodies beyond 16 MiB: only with `--big`.
    pub big: bool,
    /// A token of another account.
    pub second_token: bool,
    /// A token of the same app that lacks `files.content.write`.
    pub restricted_token: bool,
    /// A token that something is wrong with.
    pub special_token: Option<SpecialToken>,
    /// The target may be of a kind that only a fake can be (no real account is treated like that).
    pub fake_only: bool,
}

impl Needs {
    /// Only the target.
    pub const NOTHING: Self = Self {
        clock: false,
        exact_clock: false,
        big: false,
        second_token: false,
        restricted_token: false,
        special_token: None,
        fake_only: false,
    };

    /// Time must pass.
    pub const CLOCK: Self = Self {
        clock: true,
        ..Self::NOTHING
    };

    /// Time must pass to the millisecond.
    pub const EXACT_CLOCK: Self = Self {
        exact_clock: true,
        ..Self::NOTHING
    };

    /// Something that only a fake can be asked.
    pub const FAKE_ONLY: Self = Self {
        fake_only: true,
        ..Self::NOTHING
    };

    /// Big bodies.
    pub const BIG: Self = Self {
        big: true,
        ..Self::NOTHING
    };

    /// A token of another account.
    pub const SECOND_TOKEN: Self = Self {
        second_token: true,
        ..Self::NOTHING
    };

    /// A token that something is wrong with.
    pub const fn special(token: SpecialToken) -> Self {
        Self {
            special_token: Some(token),
            ..Self::NOTHING
        }
    }

    /// A token without the scope to write.
    pub const RESTRICTED_TOKEN: Self = Self {
        restricted_token: true,
        ..Self::NOTHING
    };
}

/// Checks that the case is well formed: ids, rules and sentences follow the house rules.
pub fn faults(cases: &[Case]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for case in cases {
        let mut fault = |what: &str| faults.push(format!("{}: {what}", case.id));
        if !seen.insert(case.id) {
            fault("the id is taken");
        }
        let good_id = case.id.split('/').count() >= 2
            && case.id.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-/".contains(&byte)
            });
        if !good_id {
            fault("an id is chapter/claim in lower case with hyphens");
        }
        if !case.sentence.ends_with('.') {
            fault("the sentence does not end in a full stop");
        }
        if case.rules.is_empty() {
            fault("no rule is cited");
        }
        for rule in case.rules {
            let good = rule.split_once('-').is_some_and(|(prefix, number)| {
                ["UL", "API", "RT", "SH", "OQ", "AQ", "RQ", "SQ", "CL"].contains(&prefix)
                    && number.len() >= 2
                    && number.as_bytes()[..2].iter().all(u8::is_ascii_digit)
            });
            if !good {
                fault(&format!("{rule} is no rule id"));
            }
        }
        let asks = |prefix: &str| case.rules.iter().any(|rule| rule.starts_with(prefix));
        if case.kind == Kind::Probe && !["OQ-", "AQ-", "RQ-", "SQ-"].into_iter().any(asks) {
            fault("a probe names the open question that it asks");
        }
        if case.cost.calls == 0 {
            fault("a case without calls compares nothing");
        }
        if (case.needs.clock || case.needs.exact_clock) && case.cost.seconds == 0 {
            fault("a case that needs time to pass says how many seconds");
        }
        if case.cost.bytes > 20 << 20 && !case.needs.big {
            fault("a case that sends more than 20 MiB needs `big`");
        }
    }
    faults
}
