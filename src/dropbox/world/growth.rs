//! Nothing grows for ever.

use super::*;
use crate::dropbox::commit_info::WriteMode;
use crate::dropbox::content::{Body, Content};
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::errors::LookupError;
use crate::dropbox::files::RelocationOptions;
use crate::dropbox::link::ContentTypeVerdict;
use crate::dropbox::revisions::ListRevisionsMode;
use crate::dropbox::tree::Tree;
use proptest::prelude::*;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const HEAD: UploadHead = UploadHead {
    content_type: ContentTypeVerdict::Accepted,
    has_authorization: false,
    is_encoded: false,
    lacks_length: false,
};

fn world(bounds: Bounds) -> World {
    World::new(1, Assumptions::default()).bounded(bounds)
}

fn keeping(revisions: usize) -> World {
    world(Bounds {
        revisions: Some(revisions),
        ..Bounds::default()
    })
}

fn caller(world: &World, token: &str) -> Caller {
    let caller = world.authorize(token, &CallerOptions::default(), NOW);
    caller.expect("any token is good")
}

fn bytes(text: &str) -> Content {
    Content {
        hash: ContentHash::of(text.as_bytes()),
        size: text.len() as u64,
        bodies: vec![Body::of(text.as_bytes())],
    }
}

/// Writes a file in a step of its own, over what is there: its rev.
fn write(caller: &Caller, path: &str, text: &str) -> String {
    let info = CommitInfo {
        mode: WriteMode::Overwrite,
        ..CommitInfo::new(path)
    };
    let mut account = caller.account.lock();
    let committed = account.commit(&caller.view, &info, bytes(text), NOW);
    committed.expect("it may be written").file.rev
}

fn listed(caller: &Caller, path: &str, mode: ListRevisionsMode) -> Vec<String> {
    let account = caller.account.lock();
    let listed = account.list_revisions(&caller.view, path, mode, 100, None);
    let entries = listed.map(|listed| listed.entries).unwrap_or_default();
    entries.into_iter().map(|file| file.rev).collect()
}

#[test]
fn a_path_keeps_its_latest_revisions_and_the_journal_can_say_why_an_older_one_is_not_there() {
    let world = keeping(3);
    let one = caller(&world, "one");
    let mut revs: Vec<String> = (0..10)
        .map(|number| write(&one, "/a", &number.to_string()))
        .collect();
    let other = write(&one, "/b", "b");
    revs.reverse();
    assert_eq!(listed(&one, "/a", ListRevisionsMode::Path), revs[..3]);
    assert_eq!(listed(&one, "/a", ListRevisionsMode::Id), revs[..3]);
    let account = one.account.lock();
    for (index, rev) in revs.iter().enumerate() {
        let path = format!("rev:{rev}");
        let found = account.file_to_read(&one.view, &path);
        let why = account.why_no_revision(&path);
        if index < 3 {
            assert!(found.is_ok() && why.is_none(), "{index}");
        } else {
            assert_eq!(found, Err(LookupError::NotFound));
            assert!(why.is_some_and(|why| why.contains("its latest 3 (--keep-revisions)")));
        }
    }
    let path = format!("rev:{other}");
    assert!(account.file_to_read(&one.view, &path).is_ok());
    assert_eq!(
        account.why_no_revision("rev:ffffffffffffffff0000000000000000"),
        None
    );
    assert_eq!(account.why_no_revision("/a"), None);
}

#[test]
fn the_bytes_of_a_revision_that_was_let_go_are_freed_and_a_snapshot_still_has_them() {
    let world = keeping(1);
    let one = caller(&world, "one");
    let first = write(&one, "/a", "first");
    let held = {
        let account = one.account.lock();
        let file = account
            .state
            .tree
            .at_rev(&first)
            .cloned()
            .expect("it is there");
        Arc::downgrade(&file.version)
    };
    let saved = one.account.lock().state.clone();
    write(&one, "/a", "second");
    assert!(held.upgrade().is_some(), "the snapshot has it");
    assert!(saved.tree.at_rev(&first).is_some());
    drop(saved);
    assert!(held.upgrade().is_none(), "nobody refers to it");
}

#[test]
fn without_a_bound_every_revision_stays() {
    let world = world(Bounds {
        revisions: None,
        ..Bounds::default()
    });
    let one = caller(&world, "one");
    for number in 0..150 {
        write(&one, "/a", &number.to_string());
    }
    let tree = one.account.lock().state.tree.clone();
    assert_eq!(tree.revisions_at("/a").len(), 150);
}

#[test]
fn what_is_written_and_deleted_again_and_again_takes_no_more_room() {
    let world = keeping(2);
    let one = caller(&world, "one");
    for number in 0..50 {
        write(&one, "/folder/a", &number.to_string());
        let mut account = one.account.lock();
        let view = &one.view;
        account
            .delete(view, "/folder", None, NOW)
            .expect("it is there");
        let at = account.state.tree.changes().len();
        // Each of the two paths: two that came and their ends.
        assert!(at <= 2 * (2 * 2 + 1), "{at} changes after {number}");
    }
}

/// What is to be seen of a tree.
fn seen(tree: &Tree, paths: &[&str]) -> String {
    let at = |path: &&str| {
        let id = tree.entry(path).map(|entry| entry.id().to_string());
        let of_id = id
            .as_deref()
            .map(|id| (tree.key_of(id), tree.revisions_of(id)));
        format!(
            "{path} {:?} {:?} {:?} {of_id:?} {:?}\n",
            tree.metadata(path, true),
            tree.revisions_at(path),
            tree.turn_of(path),
            tree.in_turn(path, None).collect::<Vec<_>>()
        )
    };
    let texts: String = paths.iter().map(at).collect();
    format!("{texts}{}", tree.used())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A tree of which old revisions were let go is read back as it is, and shows what is there now as one that
    /// keeps everything.
    #[test]
    fn a_tree_is_its_changes_whatever_was_let_go(steps in prop::collection::vec((0..4_u8, 0..4_usize, 0..4_usize), 1..60)) {
        const PATHS: [&str; 4] = ["/a", "/b", "/f", "/f/a"];
        let worlds = [keeping(2), world(Bounds { revisions: None, ..Bounds::default() })];
        let callers = worlds.each_ref().map(|world| caller(world, "one"));
        for (number, (step, from, to)) in steps.into_iter().enumerate() {
            for one in &callers {
                let mut account = one.account.lock();
                // What may not be done is not done in either.
                let info = CommitInfo { mode: WriteMode::Overwrite, ..CommitInfo::new(PATHS[from]) };
                match step {
                    0 => drop(account.commit(&one.view, &info, bytes(&number.to_string()), NOW)),
                    1 => drop(account.delete(&one.view, PATHS[from], None, NOW)),
                    2 => drop(account.relocate(&one.view, PATHS[from], PATHS[to], RelocationOptions::default(), NOW)),
                    _ => drop(account.create_folder(&one.view, PATHS[from], false)),
                }
            }
            let [bounded, whole] = callers.each_ref().map(|one| one.account.lock().state.tree.clone());
            let mut again = Tree::default();
            for (position, change) in bounded.changes() {
                again.put_back(*position, change.clone());
            }
            prop_assert_eq!(seen(&again, &PATHS), seen(&bounded, &PATHS));
            prop_assert_eq!(again.position(), bounded.position());
            prop_assert_eq!(bounded.position(), whole.position());
            for path in PATHS {
                prop_assert_eq!(bounded.metadata(path, true), whole.metadata(path, true));
                let all = whole.revisions_at(path);
                let kept = bounded.revisions_at(path);
                prop_assert!(kept.len() <= 2);
                let latest = all.clone().split_off(all.len() - kept.len());
                prop_assert_eq!(kept, latest);
            }
            prop_assert_eq!(bounded.used(), whole.used());
            // A reader who has seen half of it is told of the same paths.
            let half = whole.position() / 2;
            let told = |tree: &Tree| tree.changes_from(half).map(|(_, key)| key.to_string()).collect::<BTreeSet<_>>();
            prop_assert_eq!(told(&bounded), told(&whole));
        }
    }
}

fn minted(world: &World, caller: &Caller, path: &str, now: Timestamp) -> Result<Arc<str>, NoLink> {
    world.mint(caller, CommitInfo::new(path), Duration::from_hours(1), now)
}

#[test]
fn links_that_are_over_make_room_for_new_ones_the_oldest_first() {
    let world = world(Bounds {
        link_bytes: 3_000,
        ..Bounds::default()
    });
    let one = caller(&world, "one");
    let mint = |now| minted(&world, &one, "/a", now);
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    let links = [0, 1, 2, 3].map(|seconds| mint(at(seconds)).expect("there is room"));
    assert_eq!(mint(at(4)), Err(NoLink::NoRoom), "all can be used");
    let use_up = |token: &Arc<str>| {
        let claim = world.claim_link(token, &HEAD, NOW).expect("it is fresh");
        claim.commit(bytes("x"), NOW).expect("it may be written");
    };
    use_up(&links[2]);
    let fifth = mint(at(5)).expect("one is used");
    let unknown = world
        .claim_link(&links[2], &HEAD, NOW)
        .expect_err("it is forgotten");
    assert_eq!(unknown, Refusal::Unknown);
    assert!(world.links.owner(&links[2]).is_none());
    let late = NOW.plus(Duration::from_hours(2));
    let sixth = mint(late).expect("all have expired");
    assert!(world.links.owner(&links[0]).is_none(), "the oldest went");
    for link in [&links[3], &fifth, &sixth] {
        assert!(world.links.owner(link).is_some());
    }
    let state = one.account.lock().state.clone();
    assert_eq!(state.links.len(), 4);
    assert!(state.link_bytes <= 3_000);
}

#[test]
fn a_link_weighs_what_its_path_takes() {
    let world = world(Bounds {
        link_bytes: 10_000_000,
        ..Bounds::default()
    });
    let one = caller(&world, "one");
    let long = format!("/{}", "x".repeat(4_100_000));
    let mint = |path| minted(&world, &one, path, NOW);
    assert!(mint(&long).is_ok() && mint(&long).is_ok());
    assert_eq!(mint(&long), Err(NoLink::NoRoom));
    assert!(mint("/a").is_ok(), "a short one finds room");
}

#[test]
fn after_a_reset_the_tables_know_no_link_of_the_account_and_after_a_restore_they_do() {
    let world = world(Bounds::default());
    let one = caller(&world, "one");
    write(&one, "/a", "a");
    let link = minted(&world, &one, "/a", NOW).expect("there is room");
    let download = {
        let mut account = one.account.lock();
        let made = account.make_download_link(&world.downloads, &one, "/a", NOW);
        made.expect("it is there").1
    };
    let saved = one.account.lock().state.clone();
    let replace = |step: &mut dyn FnMut(&mut Account) -> AccountState| {
        let mut account = one.account.lock();
        let old = step(&mut account);
        world.replaced_links("one", &old, &account.state);
    };
    replace(&mut Account::reset);
    assert!(world.links.owner(&link).is_none() && world.downloads.owner(&download).is_none());
    replace(&mut |account| account.restore(saved.clone()));
    assert!(world.links.owner(&link).is_some() && world.downloads.owner(&download).is_some());
    world
        .claim_link(&link, &HEAD, NOW)
        .expect("it is fresh again");
}

#[test]
fn of_too_many_download_links_the_oldest_goes() {
    let world = world(Bounds::default());
    let one = caller(&world, "one");
    write(&one, "/a", "a");
    let make = || {
        let mut account = one.account.lock();
        let made = account.make_download_link(&world.downloads, &one, "/a", NOW);
        made.expect("it is there").1
    };
    for _ in 0..10_050 {
        make();
    }
    assert_eq!(one.account.lock().state.downloads.len(), 10_000);
    assert_eq!(world.downloads.0.read().len(), 10_000);
    let days_later = NOW.plus(Duration::from_hours(24));
    let mut account = one.account.lock();
    let made = account.make_download_link(&world.downloads, &one, "/a", days_later);
    made.expect("it is there");
    assert_eq!(
        account.state.downloads.len(),
        1,
        "those that ended long ago went"
    );
}

#[test]
fn accounts_that_hold_nothing_go_where_there_are_very_many_and_come_back_as_they_were() {
    let world = world(Bounds {
        accounts: 10,
        ..Bounds::default()
    });
    world.declare_account("alice", Profile::default());
    let held = caller(&world, "held");
    let busy = caller(&world, "busy");
    write(&busy, "/a", "a");
    drop(busy);
    world.credentials().revoke("revoked");
    world.account("revoked");
    let before = world.account("t1").account_id().to_owned();
    for number in 0..1_000 {
        drop(caller(&world, &format!("t{number}")));
        assert!(world.accounts().len() <= 10, "after {number}");
    }
    let names: Vec<String> = world
        .accounts()
        .iter()
        .map(|account| account.name().to_string())
        .collect();
    for name in ["alice", "busy", "held", "revoked"] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    drop(held);
    assert!(world.credentials().undeclared().len() <= 12);
    assert_eq!(world.account("t1").account_id(), before);
    let denied = world.authorize("revoked", &CallerOptions::default(), NOW);
    assert!(denied.is_err(), "a revoked token stays revoked");
}

#[test]
fn accounts_that_all_hold_something_are_not_looked_through_by_everyone_who_comes() {
    let world = world(Bounds {
        accounts: 4,
        ..Bounds::default()
    });
    for number in 0..40 {
        write(&caller(&world, &format!("t{number}")), "/a", "a");
    }
    assert_eq!(world.accounts().len(), 40);
    assert!(
        world
            .most_accounts
            .load(std::sync::atomic::Ordering::Relaxed)
            >= 32
    );
}

#[test]
fn a_removed_account_is_gone_with_all_that_opens_it() {
    let world = world(Bounds::default());
    let one = caller(&world, "one");
    write(&one, "/a", "a");
    let link = minted(&world, &one, "/b", NOW).expect("there is room");
    let claim = world.claim_link(&link, &HEAD, NOW).expect("it is fresh");
    world
        .credentials()
        .declare_token("door", Grant::for_account("one"));
    world
        .credentials()
        .declare_refresh_token("again", "one", None, None);
    world
        .credentials()
        .declare_code("code", "one", None, None, false);
    let old = world.remove_account("one").expect("it was there");
    assert!(old.tree.file("/a").is_some());
    assert!(world.known_account("one").is_none());
    assert!(world.known_account(one.account.account_id()).is_none());
    assert!(world.links.owner(&link).is_none());
    assert_eq!(claim.commit(bytes("x"), NOW), Err(Refusal::Unknown));
    for token in ["one", "door"] {
        assert!(world.credentials().known_grant(token).is_none(), "{token}");
    }
    assert!(!world.credentials().knows("again") && !world.credentials().knows("code"));
    assert!(world.remove_account("one").is_none());
    let anew = caller(&world, "one");
    assert_eq!(anew.account.lock().state.tree.position(), 0);
}
