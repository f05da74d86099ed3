//! The life of upload links (UL-159 to UL-163) under every assumption, against a small model.

use super::{config, seconds};
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use fake_dropbox::internals::dropbox::commit_info::CommitInfo;
use fake_dropbox::internals::dropbox::content::Content;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use fake_dropbox::internals::dropbox::errors::WriteError;
use fake_dropbox::internals::dropbox::link::{BrokenOff, ContentTypeVerdict, Refusal, UploadHead};
use fake_dropbox::internals::dropbox::time::Timestamp;
use fake_dropbox::internals::dropbox::uploads::Claim;
use fake_dropbox::internals::dropbox::world::{Caller, CallerOptions, World};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use std::sync::Arc;
use std::time::Duration;

const START: i64 = 1_700_000_000_000;
const LOCK_SECONDS: i64 = 20;
const TOKEN: &str = "minter";

#[derive(Clone, Copy, Debug)]
struct Choices {
    failed_commit: &'static str,
    interrupted_body: &'static str,
    concurrent_use: &'static str,
    empty_body: &'static str,
    oversize: &'static str,
    content_type_check: &'static str,
    bad_content_type: &'static str,
    expiry_judged: &'static str,
    expiry_precision: &'static str,
    revoked_token: &'static str,
    memory_seconds: Option<i64>,
}

/// What is left of a link, apart from its time and the uploads under way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Past {
    Unused,
    LockedUntil(i64),
    Used { at: i64, by_failed_commit: bool },
}

#[derive(Clone, Debug)]
struct ModelLink {
    /// Milliseconds.
    minted: i64,
    duration: i64,
    past: Past,
    stored: u32,
}

#[derive(Clone, Debug)]
struct Model {
    choices: Choices,
    /// Milliseconds.
    now: i64,
    revoked: bool,
    links: Vec<ModelLink>,
    /// Of each upload that took its link: the link, while the upload lasts.
    uploads: Vec<Option<usize>>,
    answer: Answer,
}

#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Went,
    Stored,
    Refused(Refusal),
}

#[derive(Clone, Copy, Debug)]
enum Body {
    Some,
    Empty,
    Unwelcome,
}

#[derive(Clone, Debug)]
enum Step {
    Mint {
        duration: i64,
    },
    Start {
        link: usize,
        content_type_is_good: bool,
    },
    Finish {
        upload: usize,
        body: Body,
    },
    BreakOff {
        upload: usize,
        too_large: bool,
    },
    Wait {
        milliseconds: i64,
    },
    Revoke,
}

impl Model {
    fn expired(&self, link: &ModelLink) -> bool {
        let end = link.minted + link.duration;
        match self.choices.expiry_precision {
            "exact" => self.now > end,
            _ => self.now.div_euclid(1000) > end.div_euclid(1000),
        }
    }

    fn in_flight(&self, link: usize) -> bool {
        self.uploads.contains(&Some(link))
    }

    fn forgotten(&self, link: &ModelLink) -> bool {
        let end = match link.past {
            Past::Used { at, .. } => at,
            _ if self.expired(link) => link.minted + link.duration,
            _ => return false,
        };
        let memory = self.choices.memory_seconds;
        memory.is_some_and(|memory| self.now > end + memory * 1000)
    }

    /// UL-160, in its order.
    fn judge_state(&self, number: usize) -> Result<(), Refusal> {
        let link = &self.links[number];
        if self.forgotten(link) {
            return Err(Refusal::Unknown);
        }
        if self.expired(link) {
            return Err(Refusal::Expired);
        }
        match link.past {
            Past::Used {
                by_failed_commit: true,
                ..
            } if self.choices.failed_commit == "conflicts" => Err(Refusal::FailedBefore),
            Past::Used { .. } => Err(Refusal::Consumed),
            _ if self.revoked && self.choices.revoked_token == "kills_links" => {
                Err(Refusal::CommitFailed)
            }
            _ if self.in_flight(number) && self.choices.concurrent_use == "first_head_wins" => {
                Err(Refusal::InFlight)
            }
            Past::LockedUntil(until) if self.now < until => Err(Refusal::Locked),
            _ => Ok(()),
        }
    }

    fn judge_head(&mut self, number: usize, good: bool) -> Result<(), Refusal> {
        if good {
            return Ok(());
        }
        let link = &self.links[number];
        let unused = match link.past {
            Past::Unused => true,
            Past::LockedUntil(until) => self.now >= until,
            Past::Used { .. } => false,
        };
        let fresh = unused && !self.in_flight(number) && !self.expired(link);
        if fresh && self.choices.bad_content_type == "burns_link" {
            self.use_up(number, false);
        }
        Err(Refusal::WrongContentType)
    }

    fn use_up(&mut self, number: usize, by_failed_commit: bool) {
        self.links[number].past = Past::Used {
            at: self.now,
            by_failed_commit,
        };
    }

    fn start(&mut self, number: usize, good: bool) -> Result<Answer, Refusal> {
        if self.choices.content_type_check == "before_link_state" {
            self.judge_head(number, good)?;
            self.judge_state(number)?;
        } else {
            self.judge_state(number)?;
            self.judge_head(number, good)?;
        }
        if let Past::LockedUntil(_) = self.links[number].past {
            self.links[number].past = Past::Unused;
        }
        self.uploads.push(Some(number));
        Ok(Answer::Went)
    }

    /// UL-161.
    fn finish(&mut self, number: usize, body: Body) -> Result<Answer, Refusal> {
        let link = &self.links[number];
        if let Past::Used { .. } = link.past {
            return Err(Refusal::Consumed);
        }
        if self.choices.expiry_judged == "at_end" && self.expired(link) {
            return Err(Refusal::Expired);
        }
        match body {
            Body::Empty if self.choices.empty_body == "refused" => Err(Refusal::EmptyBody),
            Body::Unwelcome => {
                if self.choices.failed_commit != "frees" {
                    self.use_up(number, true);
                }
                Err(Refusal::CommitFailed)
            }
            Body::Some | Body::Empty => {
                self.use_up(number, false);
                self.links[number].stored += 1;
                Ok(Answer::Stored)
            }
        }
    }

    /// UL-162.
    fn break_off(&mut self, number: usize, too_large: bool) {
        if let Past::Used { .. } = self.links[number].past {
            return;
        }
        let burns = if too_large {
            self.choices.oversize == "burns"
        } else {
            self.choices.interrupted_body == "burns"
        };
        if burns {
            self.use_up(number, false);
        } else if !too_large && self.choices.interrupted_body == "locks" && !self.in_flight(number)
        {
            self.links[number].past = Past::LockedUntil(self.now + LOCK_SECONDS * 1000);
        }
    }
}

fn choices() -> impl Strategy<Value = Choices> {
    let two = |first, second| prop::sample::select(vec![first, second]);
    let pairs = (
        two("first_head_wins", "first_completion_wins"),
        two("accepted", "refused"),
        two("frees", "burns"),
        two("after_link_state", "before_link_state"),
        two("keeps_link", "burns_link"),
        two("at_start", "at_end"),
        two("exact", "whole_seconds"),
        two("keeps_links", "kills_links"),
    );
    let failed = prop::sample::select(vec!["burns", "frees", "conflicts"]);
    let interrupted = prop::sample::select(vec!["frees", "burns", "locks"]);
    let memory = prop::sample::select(vec![None, Some(0), Some(30)]);
    (failed, interrupted, memory, pairs).prop_map(
        |(failed_commit, interrupted_body, memory_seconds, pairs)| Choices {
            failed_commit,
            interrupted_body,
            memory_seconds,
            concurrent_use: pairs.0,
            empty_body: pairs.1,
            oversize: pairs.2,
            content_type_check: pairs.3,
            bad_content_type: pairs.4,
            expiry_judged: pairs.5,
            expiry_precision: pairs.6,
            revoked_token: pairs.7,
        },
    )
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        let start = |choices| Self {
            choices,
            now: START,
            revoked: false,
            links: Vec::new(),
            uploads: Vec::new(),
            answer: Answer::Went,
        };
        choices().prop_map(start).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        let mint = prop::sample::select(vec![60_000_i64, 60_500, 90_000])
            .prop_map(|duration| Step::Mint { duration });
        if state.links.is_empty() {
            return mint.boxed();
        }
        // The newest links and uploads, so that one link sees many steps.
        let last = state.links.len();
        let link = last.saturating_sub(2)..last;
        let start = (link, prop::bool::weighted(0.8)).prop_map(|(link, content_type_is_good)| {
            Step::Start {
                link,
                content_type_is_good,
            }
        });
        let waits = vec![1_i64, 499, 999, 1_000, 19_999, 20_000, 30_001, 59_999];
        let wait = prop::sample::select(waits).prop_map(|milliseconds| Step::Wait { milliseconds });
        let others = prop_oneof![
            3 => mint,
            10 => start,
            6 => wait,
            1 => Just(Step::Revoke),
        ];
        let open: Vec<usize> = (0..state.uploads.len())
            .filter(|upload| state.uploads[*upload].is_some())
            .collect();
        if open.is_empty() {
            return others.boxed();
        }
        let upload = || prop::sample::select(open.clone());
        let body = prop::sample::select(vec![Body::Some, Body::Empty, Body::Unwelcome]);
        prop_oneof![
            2 => others,
            1 => (upload(), body).prop_map(|(upload, body)| Step::Finish { upload, body }),
            1 => (upload(), prop::bool::weighted(0.3))
                .prop_map(|(upload, too_large)| Step::BreakOff { upload, too_large }),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        match step {
            Step::Start { link, .. } => *link < state.links.len(),
            Step::Finish { upload, .. } | Step::BreakOff { upload, .. } => {
                state.uploads.get(*upload).is_some_and(Option::is_some)
            }
            Step::Mint { .. } | Step::Wait { .. } => true,
            // A revoked token cannot mint; the links are there to be killed.
            Step::Revoke => !state.links.is_empty(),
        }
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        let answer = match *step {
            Step::Mint { duration } => {
                state.links.push(ModelLink {
                    minted: state.now,
                    duration,
                    past: Past::Unused,
                    stored: 0,
                });
                Ok(Answer::Went)
            }
            Step::Start {
                link,
                content_type_is_good,
            } => state.start(link, content_type_is_good),
            Step::Finish { upload, body } => {
                let link = state.uploads[upload].take().expect("a precondition");
                state.finish(link, body)
            }
            Step::BreakOff { upload, too_large } => {
                let link = state.uploads[upload].take().expect("a precondition");
                state.break_off(link, too_large);
                Ok(Answer::Went)
            }
            Step::Wait { milliseconds } => {
                state.now += milliseconds;
                Ok(Answer::Went)
            }
            Step::Revoke => {
                state.revoked = true;
                Ok(Answer::Went)
            }
        };
        state.answer = answer.unwrap_or_else(Answer::Refused);
        state
    }
}

struct Real {
    world: World,
    caller: Caller,
    now: Timestamp,
    tokens: Vec<Arc<str>>,
    claims: Vec<Claim>,
}

impl Real {
    fn finish(&mut self, upload: usize, body: Body) -> Answer {
        let claim = &self.claims[upload];
        let bytes: &[u8] = if matches!(body, Body::Empty) {
            b""
        } else {
            b"bytes"
        };
        let content = Content {
            hash: ContentHash::of(bytes),
            size: bytes.len() as u64,
            bodies: Vec::new(),
        };
        let mut account = self.caller.account.lock();
        let refused = &mut account.state.refused_writes;
        if matches!(body, Body::Unwelcome) {
            refused.insert(claim.path.as_str().into(), WriteError::NoWritePermission);
        } else {
            refused.clear();
        }
        drop(account);
        match claim.commit(content, self.now) {
            Ok(_) => Answer::Stored,
            Err(refusal) => Answer::Refused(refusal),
        }
    }
}

impl StateMachineTest for Real {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        let choices = model.choices;
        let mut assumptions = Assumptions::default();
        let memory = choices
            .memory_seconds
            .map_or_else(|| "null".to_owned(), |memory| memory.to_string());
        let lock = LOCK_SECONDS.to_string();
        for (name, value) in [
            ("failed_commit", choices.failed_commit),
            ("interrupted_body", choices.interrupted_body),
            ("interrupted_body_lock_seconds", &lock),
            ("concurrent_use", choices.concurrent_use),
            ("empty_body", choices.empty_body),
            ("oversize", choices.oversize),
            ("content_type_check", choices.content_type_check),
            ("bad_content_type", choices.bad_content_type),
            ("expiry_judged", choices.expiry_judged),
            ("expiry_precision", choices.expiry_precision),
            ("revoked_token", choices.revoked_token),
            ("used_link_memory_seconds", &memory),
        ] {
            assumptions.set(name, value).expect("one of the choices");
        }
        let world = World::new(1, assumptions);
        let now = Timestamp::from_micros(START * 1000);
        let caller = world
            .authorize(TOKEN, &CallerOptions::default(), now)
            .expect("any token is good");
        Self {
            world,
            caller,
            now,
            tokens: Vec::new(),
            claims: Vec::new(),
        }
    }

    fn apply(mut real: Self, model: &Model, step: Step) -> Self {
        let answer = match step {
            Step::Mint { duration } => {
                let info = CommitInfo::new(format!("/{}", real.tokens.len()));
                let milliseconds = u64::try_from(duration).expect("it is positive");
                let token = real
                    .world
                    .mint(
                        &real.caller,
                        info,
                        Duration::from_millis(milliseconds),
                        real.now,
                    )
                    .expect("only the pattern is looked at");
                assert!(!real.tokens.contains(&token), "two links are the same");
                real.tokens.push(token);
                Answer::Went
            }
            Step::Start {
                link,
                content_type_is_good,
            } => {
                let head = UploadHead {
                    content_type: if content_type_is_good {
                        ContentTypeVerdict::Accepted
                    } else {
                        ContentTypeVerdict::Wrong
                    },
                    has_authorization: false,
                    is_encoded: false,
                    lacks_length: false,
                };
                match real.world.claim_link(&real.tokens[link], &head, real.now) {
                    Ok(claim) => {
                        real.claims.push(claim);
                        Answer::Went
                    }
                    Err(refusal) => Answer::Refused(refusal),
                }
            }
            Step::Finish { upload, body } => real.finish(upload, body),
            Step::BreakOff { upload, too_large } => {
                let why = if too_large {
                    BrokenOff::TooLarge
                } else {
                    BrokenOff::Interrupted
                };
                real.claims[upload].break_off(why, real.now);
                Answer::Went
            }
            Step::Wait { milliseconds } => {
                let milliseconds = u64::try_from(milliseconds).expect("it is positive");
                real.now = real.now.plus(Duration::from_millis(milliseconds));
                Answer::Went
            }
            Step::Revoke => {
                real.world.credentials().revoke(TOKEN);
                Answer::Went
            }
        };
        assert_eq!(answer, model.answer, "{step:?}");
        real
    }

    fn check_invariants(real: &Self, model: &Model) {
        let account = real.caller.account.lock();
        for (number, link) in model.links.iter().enumerate() {
            assert!(link.stored <= 1, "a link stored twice");
            let file = account.state.tree.file(&format!("/{number}"));
            assert_eq!(file.is_some(), link.stored == 1, "link {number}");
        }
        let stored: u64 = model.links.iter().map(|link| u64::from(link.stored)).sum();
        assert_eq!(account.state.link_uploads, stored);
        assert!(real.now >= seconds(START / 1000));
    }
}

prop_state_machine! {
    #![proptest_config(config(100))]

    #[test]
    fn a_link_lives_as_the_model_says(sequential 1..100 => Real);
}
