//! One-time use under every order in which threads can come to the locks.
//!
//! A model checker owns the locks of `src/sync.rs` and runs each scene under the orders of its steps:
//! two threads under all of them, three under those with a few interruptions. What runs is the code of
//! the server: the steps on links, the operations of the controls, the gate, the waits.
//! `.ci/long interleavings` runs them in full, `.ci/run` a short round.

use fake_dropbox::internals::control::clock::{Change, Clock};
use fake_dropbox::internals::control::operations::Operation;
use fake_dropbox::internals::control::operations::accounts::SetQuota;
use fake_dropbox::internals::control::operations::credentials::RevokeToken;
use fake_dropbox::internals::control::operations::links::ExpireLink;
use fake_dropbox::internals::control::operations::snapshots::{
    Reset, RestoreSnapshot, SaveSnapshot,
};
use fake_dropbox::internals::control::scope::Scope;
use fake_dropbox::internals::control::secrets::Secret;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use fake_dropbox::internals::dropbox::commit_info::CommitInfo;
use fake_dropbox::internals::dropbox::content::Content;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use fake_dropbox::internals::dropbox::link::{
    BrokenOff, ContentTypeVerdict, LinkState, Refusal, UploadHead,
};
use fake_dropbox::internals::dropbox::time::Timestamp;
use fake_dropbox::internals::dropbox::world::{Caller, CallerOptions, World};
use fake_dropbox::internals::server::{App, ServerConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const HEAD: UploadHead = UploadHead {
    content_type: ContentTypeVerdict::Accepted,
    has_authorization: false,
    is_encoded: false,
    lacks_length: false,
};

/// Runs a scene under every order of its steps on what they share: two threads under all of them,
/// three under those in which a thread is interrupted in the midst of something at most so many times.
fn explore(threads: usize, scene: impl Fn() + Send + Sync + 'static) {
    let is_full = std::env::var("ROUND").is_ok_and(|round| round == "full");
    let interruptions = match (threads, is_full) {
        (2, _) => None,
        (_, false) => Some(1),
        (_, true) => Some(3),
    };
    let orders = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&orders);
    let mut model = loom::model::Builder::new();
    model.max_branches = 100_000;
    model.preemption_bound = interruptions;
    model.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        scene();
    });
    let orders = orders.load(Ordering::Relaxed);
    let bound = interruptions.map_or_else(
        || "all there are".to_owned(),
        |most| format!("all with up to {most} interruptions"),
    );
    println!("{threads} threads, {orders} orders: {bound}");
}

/// A server's state with a link of the account `alice`.
struct Stage {
    app: Arc<App>,
    caller: Caller,
    token: Arc<str>,
}

impl Stage {
    fn new(answers: &[(&str, &str)]) -> Arc<Self> {
        let mut assumptions = Assumptions::default();
        for (name, value) in answers {
            assumptions.set(name, value).expect("one of the choices");
        }
        let config = ServerConfig::default();
        let app = App::new(config, World::new(1, assumptions));
        app.clock.change(None, Change::FreezeAt(NOW));
        let caller = caller(&app, "alice");
        let token = mint(&app, &caller);
        Arc::new(Self { app, caller, token })
    }

    fn claim(&self) -> Result<fake_dropbox::internals::dropbox::uploads::Claim, Refusal> {
        self.app.world().claim_link(&self.token, &HEAD, NOW)
    }

    /// An upload through the link; whether it stored its bytes.
    fn upload(&self) -> Result<(), Refusal> {
        let claim = self.claim()?;
        claim.commit(content(), NOW).map(drop)
    }

    fn break_off(&self) {
        if let Ok(claim) = self.claim() {
            claim.break_off(BrokenOff::Interrupted, NOW);
        }
    }

    fn control<O: Operation>(&self, scope: &Scope, operation: O) -> O::Answer {
        let answer = loom::future::block_on(operation.run(self.app.controls(), scope));
        answer.expect("it is done")
    }

    /// Whether the file is there, and what became of the link.
    fn end(&self) -> (bool, Option<LinkState>) {
        let account = self.caller.account.lock();
        let state = &account.state;
        let link = state.links.get(&self.token);
        (
            state.tree.file("/a").is_some(),
            link.map(|link| link.state(NOW, &state.assumptions)),
        )
    }
}

fn caller(app: &App, name: &str) -> Caller {
    let options = CallerOptions::default();
    let caller = app.world().authorize(name, &options, NOW);
    caller.expect("any token is good")
}

fn mint(app: &App, caller: &Caller) -> Arc<str> {
    let info = CommitInfo::new("/a");
    let token = app.world().mint(caller, info, Duration::from_mins(1), NOW);
    token.expect("the path is not looked at")
}

fn content() -> Content {
    Content {
        hash: ContentHash::of(b"x"),
        size: 1,
        bodies: Vec::new(),
    }
}

/// Runs these on threads of their own, beside each other, and waits for all.
fn beside<const N: usize>(steps: [Box<dyn FnOnce() + Send>; N]) {
    let threads = steps.map(loom::thread::spawn);
    for thread in threads {
        thread.join().expect("no panic");
    }
}

/// What an upload on a thread of its own came to.
type Outcome = Arc<std::sync::OnceLock<Result<(), Refusal>>>;

fn upload(stage: &Arc<Stage>) -> (Outcome, Box<dyn FnOnce() + Send>) {
    let (outcome, stage) = (Outcome::default(), Arc::clone(stage));
    let told = Arc::clone(&outcome);
    let step = move || told.set(stage.upload()).expect("once");
    (outcome, Box::new(step))
}

fn doing(
    stage: &Arc<Stage>,
    step: impl FnOnce(&Stage) + Send + 'static,
) -> Box<dyn FnOnce() + Send> {
    let stage = Arc::clone(stage);
    Box::new(move || step(&stage))
}

fn result(outcome: &Outcome) -> Result<(), Refusal> {
    outcome.get().expect("it ended").clone()
}

fn reset(stage: &Stage) {
    stage.control(&Scope::account("alice"), Reset {});
}

fn reset_all(stage: &Stage) {
    stage.control(&Scope::All, Reset {});
}

fn expire(stage: &Stage) {
    let link = Secret::new(&stage.token);
    stage.control(&Scope::All, ExpireLink { link });
}

fn save_all(stage: &Stage) {
    let name = "saved".to_owned();
    stage.control(&Scope::All, SaveSnapshot { name });
}

fn restore_all(stage: &Stage) {
    let name = "saved".to_owned();
    stage.control(&Scope::All, RestoreSnapshot { name });
}

#[test]
fn of_two_uploads_exactly_one_stores() {
    explore(2, || {
        let stage = Stage::new(&[]);
        let ((one, first), (two, second)) = (upload(&stage), upload(&stage));
        beside([first, second]);
        let (stored, refused) = match (result(&one), result(&two)) {
            (Ok(()), Err(refusal)) | (Err(refusal), Ok(())) => (stage.end(), refusal),
            both => panic!("{both:?}"),
        };
        assert_eq!(stored, (true, Some(LinkState::Consumed)));
        assert!(matches!(refused, Refusal::InFlight | Refusal::Consumed));
        assert_eq!(stage.caller.account.lock().state.link_uploads, 1);
    });
}

#[test]
fn of_two_uploads_of_which_the_first_completion_wins_exactly_one_stores() {
    explore(2, || {
        let stage = Stage::new(&[("concurrent_use", "first_completion_wins")]);
        let ((one, first), (two, second)) = (upload(&stage), upload(&stage));
        beside([first, second]);
        assert_ne!(result(&one).is_ok(), result(&two).is_ok());
        assert_eq!(stage.end(), (true, Some(LinkState::Consumed)));
    });
}

#[test]
fn of_three_uploads_exactly_one_stores() {
    explore(3, || {
        let stage = Stage::new(&[]);
        let uploads = [upload(&stage), upload(&stage), upload(&stage)];
        let outcomes = uploads.each_ref().map(|(outcome, _)| Arc::clone(outcome));
        beside(uploads.map(|(_, step)| step));
        let stored = outcomes.iter().filter(|outcome| result(outcome).is_ok());
        assert_eq!(stored.count(), 1);
        assert_eq!(stage.end(), (true, Some(LinkState::Consumed)));
    });
}

#[test]
fn an_upload_that_breaks_off_leaves_the_link_to_another_or_stands_in_its_way() {
    explore(2, || {
        let stage = Stage::new(&[("interrupted_body", "frees")]);
        let (outcome, first) = upload(&stage);
        beside([first, doing(&stage, Stage::break_off)]);
        let state = if result(&outcome).is_ok() {
            LinkState::Consumed
        } else {
            assert_eq!(result(&outcome), Err(Refusal::InFlight));
            LinkState::Fresh
        };
        assert_eq!(stage.end(), (state == LinkState::Consumed, Some(state)));
    });
}

#[test]
fn nothing_is_left_of_an_upload_beside_a_reset() {
    for step in [reset, reset_all] {
        explore(2, move || {
            let stage = Stage::new(&[]);
            let (outcome, first) = upload(&stage);
            beside([first, doing(&stage, step)]);
            assert!(matches!(result(&outcome), Ok(()) | Err(Refusal::Unknown)));
            assert_eq!(stage.end(), (false, None));
        });
    }
}

#[test]
fn nothing_is_left_of_an_upload_and_of_one_that_breaks_off_beside_a_reset() {
    explore(3, || {
        let stage = Stage::new(&[]);
        let (_, first) = upload(&stage);
        beside([
            first,
            doing(&stage, Stage::break_off),
            doing(&stage, reset_all),
        ]);
        assert_eq!(stage.end(), (false, None));
    });
}

#[test]
fn a_link_that_is_expired_takes_no_upload_after_that_and_loses_none_before() {
    explore(2, || {
        let stage = Stage::new(&[]);
        let (outcome, first) = upload(&stage);
        beside([first, doing(&stage, expire)]);
        let end = match result(&outcome) {
            Ok(()) => (true, Some(LinkState::Consumed)),
            Err(refusal) => {
                assert_eq!(refusal, Refusal::Expired);
                (false, Some(LinkState::Expired))
            }
        };
        assert_eq!(stage.end(), end);
    });
}

#[test]
fn a_token_that_is_revoked_takes_its_links_along_in_one_step() {
    fn revoke(stage: &Stage) {
        stage.control(&Scope::All, RevokeToken::access("alice"));
        // It is done: from now on nobody claims the link.
        assert_ne!(stage.claim().map(drop), Ok(()));
    }
    explore(2, || {
        let stage = Stage::new(&[("revoked_token", "kills_links")]);
        let (outcome, first) = upload(&stage);
        beside([first, doing(&stage, revoke)]);
        match result(&outcome) {
            Ok(()) => assert_eq!(stage.end(), (true, Some(LinkState::Consumed))),
            Err(refusal) => {
                assert_eq!(refusal, Refusal::CommitFailed);
                assert!(!stage.end().0);
            }
        }
    });
}

#[test]
fn an_upload_beside_an_expiry_and_a_revocation_stores_or_is_refused() {
    explore(3, || {
        let stage = Stage::new(&[("revoked_token", "kills_links")]);
        let (outcome, first) = upload(&stage);
        let revoke = |stage: &Stage| {
            stage.control(&Scope::All, RevokeToken::access("alice"));
        };
        beside([first, doing(&stage, expire), doing(&stage, revoke)]);
        let stored = result(&outcome).is_ok();
        assert_eq!(stage.end().0, stored);
        assert_eq!(stage.end().1 == Some(LinkState::Consumed), stored);
    });
}

#[test]
fn a_snapshot_has_the_file_with_its_link_used_up_or_neither() {
    explore(2, || {
        let stage = Stage::new(&[]);
        let (outcome, first) = upload(&stage);
        beside([first, doing(&stage, save_all)]);
        assert_eq!(result(&outcome), Ok(()));
        restore_all(&stage);
        let end = stage.end();
        assert!(
            [
                (true, Some(LinkState::Consumed)),
                (false, Some(LinkState::Fresh))
            ]
            .contains(&end),
            "{end:?}"
        );
        // What was not used yet can be used, once.
        assert_eq!(stage.upload().is_ok(), !end.0);
        assert_eq!(stage.upload(), Err(Refusal::Consumed));
    });
}

#[test]
fn an_upload_beside_a_restore_is_undone_or_refused() {
    explore(2, || {
        let stage = Stage::new(&[]);
        save_all(&stage);
        let (outcome, first) = upload(&stage);
        beside([first, doing(&stage, restore_all)]);
        let end = stage.end();
        match result(&outcome) {
            // Whole before it, or whole after it.
            Ok(()) => assert!(
                [
                    (true, Some(LinkState::Consumed)),
                    (false, Some(LinkState::Fresh))
                ]
                .contains(&end)
            ),
            Err(refusal) => {
                assert_eq!(refusal, Refusal::Unknown);
                assert_eq!(end, (false, Some(LinkState::Fresh)));
            }
        }
    });
}

#[test]
fn a_snapshot_of_all_accounts_is_of_one_moment() {
    explore(2, || {
        let stage = Stage::new(&[]);
        let bob = caller(&stage.app, "bob");
        let bobs = mint(&stage.app, &bob);
        // First alice's file, then bob's.
        let both = {
            let bobs = Arc::clone(&bobs);
            doing(&stage, move |stage| {
                stage.upload().expect("the link is fresh");
                let claim = stage.app.world().claim_link(&bobs, &HEAD, NOW);
                let claim = claim.expect("the link is fresh");
                claim.commit(content(), NOW).expect("nothing is there");
            })
        };
        beside([both, doing(&stage, save_all)]);
        restore_all(&stage);
        let bob_has_it = bob.account.lock().state.tree.file("/a").is_some();
        assert!(stage.end().0 || !bob_has_it);
    });
}

#[test]
fn an_account_is_made_once_and_is_like_all_the_others() {
    explore(3, || {
        let stage = Stage::new(&[]);
        let make = |stage: &Stage| drop(stage.app.world().account("new"));
        let set = |stage: &Stage| {
            stage.control(&Scope::All, SetQuota { bytes: 7 });
        };
        beside([doing(&stage, make), doing(&stage, make), doing(&stage, set)]);
        let new = stage.app.world().account("new");
        assert_eq!(new.lock().state.quota.0, 7);
        let id = new.account_id();
        let found = stage.app.world().account_with_id(id).expect("it is known");
        assert!(Arc::ptr_eq(&new, &found));
        assert_eq!(stage.app.world().accounts().len(), 2);
    });
}

/// Waits as a long poll does: a wake-up that is lost is a wait without end, which the checker finds.
fn wait(stage: &Stage) {
    loop {
        let changes = stage.caller.account.changes();
        if stage.end().0 {
            return;
        }
        loom::future::block_on(stage.caller.account.changed(changes));
    }
}

#[test]
fn whoever_waits_for_a_change_is_woken_by_it() {
    explore(2, || {
        let stage = Stage::new(&[]);
        let (_, first) = upload(&stage);
        beside([first, doing(&stage, wait)]);
    });
    explore(3, || {
        let stage = Stage::new(&[]);
        let (_, first) = upload(&stage);
        beside([first, doing(&stage, wait), doing(&stage, wait)]);
    });
}

#[test]
fn whoever_tells_of_changes_is_told_of_each_account() {
    explore(3, || {
        let stage = Stage::new(&[]);
        let bob = caller(&stage.app, "bob");
        let bobs = mint(&stage.app, &bob);
        let (_, first) = upload(&stage);
        let second = doing(&stage, move |stage| {
            let claim = stage.app.world().claim_link(&bobs, &HEAD, NOW);
            let claim = claim.expect("the link is fresh");
            claim.commit(content(), NOW).expect("nothing is there");
        });
        let tell = doing(&stage, |stage| {
            let mut told = 0;
            while told < 2 {
                told += loom::future::block_on(stage.app.world().changed().take()).len();
            }
        });
        beside([first, second, tell]);
    });
}

#[test]
fn a_clock_that_is_frozen_at_a_moment_shows_no_other() {
    explore(2, || {
        let clock = Arc::new(Clock::new());
        clock.change(None, Change::FreezeAt(NOW));
        let later = NOW.plus(Duration::from_hours(1));
        let (set, read) = (Arc::clone(&clock), Arc::clone(&clock));
        beside([
            Box::new(move || {
                set.change(None, Change::FreezeAt(later));
            }),
            Box::new(move || assert!([NOW, later].contains(&read.now(None)))),
        ]);
    });
}
