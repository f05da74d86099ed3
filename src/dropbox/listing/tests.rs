use super::*;
use crate::dropbox::account::Profile;
use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::commit_info::{CommitInfo, WriteMode};
use crate::dropbox::content::Content;
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::files::RelocationOptions;
use crate::dropbox::ids::IdSource;
use crate::dropbox::metadata::FileMetadata;
use crate::dropbox::path::Place;
use crate::dropbox::time::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn account() -> Account {
    Account::new(
        IdSource::from_seed(1),
        Profile::default(),
        Arc::new(Assumptions::default()),
    )
}

fn write(account: &mut Account, path: &str, bytes: &[u8]) -> FileMetadata {
    let info = CommitInfo {
        mode: WriteMode::Overwrite,
        ..CommitInfo::new(path)
    };
    let content = Content {
        hash: ContentHash::of(bytes),
        size: bytes.len() as u64,
        bodies: Vec::new(),
    };
    let view = account.home_view();
    account
        .commit(&view, &info, content, NOW)
        .expect("it may be written")
        .file
}

fn options(recursive: bool, limit: usize) -> ListFolderOptions {
    ListFolderOptions {
        recursive,
        limit,
        ..ListFolderOptions::default()
    }
}

fn remove(account: &mut Account, path: &str) {
    let view = account.home_view();
    account.delete(&view, path, None, NOW).expect("it is there");
}

fn list(account: &Account, path: &str, options: ListFolderOptions) -> Page {
    let view = account.home_view();
    account
        .list_folder(&view, path, options)
        .expect("it is there")
}

fn next(account: &Account, page: &Page) -> Result<Page, ListFolderContinueError> {
    let cursor = Cursor::parse(&page.cursor).expect("it came from a page");
    account.list_folder_continue(&account.home_view(), cursor)
}

/// The keys of a page; those of deleted entries with a minus.
fn keys(page: &Page) -> Vec<String> {
    let key = |metadata: &Metadata| match metadata {
        Metadata::Deleted(deleted) => format!("-{}", deleted.path_lower),
        other => other.path_lower().to_owned(),
    };
    page.entries.iter().map(key).collect()
}

fn all(account: &Account, path: &str, options: ListFolderOptions) -> Vec<String> {
    let mut page = list(account, path, options);
    let mut all = keys(&page);
    for _ in 0..100 {
        if !page.has_more {
            return all;
        }
        page = next(account, &page).expect("nothing changes");
        all.extend(keys(&page));
    }
    panic!("it never ends: {all:?}");
}

/// Names that sort before, at and behind the slash of `/a/`.
fn traps() -> Account {
    let mut account = account();
    for path in [
        "/a/x", "/a/y/z", "/a!x", "/a!x2/b", "/a.b", "/a0", "/ab", "/a1/b",
    ] {
        write(&mut account, path, b"x");
    }
    account
}

#[test]
fn a_page_is_no_larger_than_a_page_may_be_whatever_was_asked_for() {
    let mut account = traps();
    let whole = all(&account, "", options(true, 2000));
    let mut assumptions = Assumptions::default();
    assumptions.set("list_page_size", "2").expect("a number");
    account.state.assumptions = Arc::new(assumptions);
    let first = list(&account, "", options(true, 2000));
    // The folder itself comes besides: it is the root, which is not shown.
    assert_eq!((first.entries.len(), first.has_more), (2, true));
    assert_eq!(all(&account, "", options(true, 2000)), whole);
}

#[test]
fn a_cursor_that_a_test_has_ended_is_told_to_begin_anew_and_a_later_one_is_not() {
    // API-218
    let mut account = traps();
    let first = list(&account, "", options(true, 1));
    account.end_cursors();
    assert_eq!(next(&account, &first), Err(ListFolderContinueError::Reset));
    let mut cursor = Cursor::parse(&first.cursor).expect("it came from a page");
    assert_eq!(account.has_changes(&mut cursor), None);
    let anew = list(&account, "", options(true, 1));
    assert!(next(&account, &anew).is_ok());
}

#[test]
fn every_entry_is_listed_once_whatever_the_page_size() {
    let account = traps();
    // API-272: folders as they were made, then files as they were written.
    let flat = ["/a", "/a!x2", "/a1", "/a!x", "/a.b", "/a0", "/ab"];
    let deep = [
        "/a", "/a!x", "/a!x2", "/a!x2/b", "/a.b", "/a/x", "/a/y", "/a/y/z", "/a0", "/a1", "/a1/b",
        "/ab",
    ];
    for limit in 1..14 {
        assert_eq!(all(&account, "", options(false, limit)), flat, "{limit}");
        assert_eq!(all(&account, "", options(true, limit)), deep, "{limit}");
        let folder = all(&account, "/A", options(false, limit));
        assert_eq!(folder, ["/a/y", "/a/x"], "{limit}");
        let folder = all(&account, "/A", options(true, limit));
        assert_eq!(folder, ["/a", "/a/x", "/a/y", "/a/y/z"], "{limit}");
    }
}

#[test]
fn a_file_that_is_replaced_or_moved_comes_last_and_a_folder_keeps_its_turn() {
    // API-272
    let mut account = account();
    for path in ["/2/x", "/1/x", "/c", "/b", "/a"] {
        write(&mut account, path, b"x");
    }
    write(&mut account, "/c", b"new");
    let view = account.home_view();
    for (from, to) in [("/b", "/0"), ("/2", "/3")] {
        let options = RelocationOptions::default();
        account
            .relocate(&view, from, to, options, NOW)
            .expect("free");
    }
    remove(&mut account, "/1");
    write(&mut account, "/1/x", b"x");
    for limit in 1..6 {
        let listed = all(&account, "", options(false, limit));
        assert_eq!(listed, ["/3", "/1", "/a", "/c", "/0"], "{limit}");
    }
}

#[test]
fn a_shuffled_listing_has_every_entry_once_and_a_folder_before_what_is_in_it() {
    // AQ-28
    let mut account = account();
    let mut assumptions = Assumptions::default();
    assumptions.set("list_order", "shuffled").expect("a choice");
    for index in 0..40 {
        write(&mut account, &format!("/{}/{index}", index % 7), b"x");
    }
    let as_seen = all(&account, "", options(true, 99));
    account.state.assumptions = Arc::new(assumptions);
    for limit in [1, 5, 99] {
        for (recursive, folder) in [(true, ""), (false, "/3"), (false, "")] {
            let mut listed = all(&account, folder, options(recursive, limit));
            if recursive {
                assert_ne!(listed, as_seen);
                for (index, key) in listed.iter().enumerate() {
                    let above = parent_of(key);
                    assert!(above.is_empty() || listed[..index].contains(&above.to_owned()));
                }
            } else {
                assert!(!listed.is_sorted(), "{listed:?}");
            }
            listed.sort();
            let before = listed.len();
            listed.dedup();
            let there = as_seen
                .iter()
                .filter(|key| recursive || parent_of(key) == folder)
                .count();
            assert_eq!((before, listed.len()), (there, there), "{folder} {limit}");
        }
    }
}

#[test]
fn a_listing_needs_a_folder() {
    let account = traps();
    let list = |path| {
        let view = account.home_view();
        account
            .list_folder(&view, path, options(false, 9))
            .expect_err("not a folder")
    };
    assert_eq!(list("/a!x"), ListFolderError::Path(LookupError::NotFolder));
    assert_eq!(list("/none"), ListFolderError::Path(LookupError::NotFound));
    assert_eq!(
        list("/a//b"),
        ListFolderError::Path(LookupError::MalformedPath)
    );
}

#[test]
fn a_continue_brings_only_what_changed_since() {
    let mut account = traps();
    let page = list(&account, "", options(false, 99));
    let page = next(&account, &page).expect("good");
    assert!(page.entries.is_empty() && !page.has_more);
    write(&mut account, "/new", b"1");
    write(&mut account, "/new", b"2");
    write(&mut account, "/a/deeper", b"x");
    remove(&mut account, "/ab");
    let page = next(&account, &page).expect("good");
    assert_eq!(keys(&page), ["/new", "-/ab"]);
    assert!(next(&account, &page).expect("good").entries.is_empty());
}

#[test]
fn what_changes_between_two_pages_is_told_after_the_last() {
    let mut account = traps();
    let page = list(&account, "", options(false, 6));
    remove(&mut account, "/a0");
    let page = next(&account, &page).expect("good");
    assert_eq!(keys(&page), ["/ab"]);
    assert!(page.has_more);
    assert_eq!(keys(&next(&account, &page).expect("good")), ["-/a0"]);
}

#[test]
fn a_deleted_folder_is_told_once_and_its_content_goes_without_saying() {
    let mut account = traps();
    let page = list(&account, "", options(true, 99));
    remove(&mut account, "/a");
    assert_eq!(keys(&next(&account, &page).expect("good")), ["-/a"]);
}

#[test]
fn a_folder_that_was_made_anew_loses_its_old_content() {
    let mut account = traps();
    let page = list(&account, "", options(true, 99));
    remove(&mut account, "/a");
    write(&mut account, "/a/new", b"x");
    let mut changes = keys(&next(&account, &page).expect("good"));
    changes.sort();
    assert_eq!(changes, ["-/a/x", "-/a/y", "/a", "/a/new"]);
}

#[test]
fn a_folder_that_is_gone_is_not_found_under_its_cursor() {
    let mut account = traps();
    let page = list(&account, "/a/y", options(false, 99));
    let mut cursor = Cursor::parse(&page.cursor).expect("it came from a page");
    let view = account.home_view();
    let options = RelocationOptions::default();
    account
        .relocate(&view, "/a", "/b", options, NOW)
        .expect("free");
    let gone = ListFolderContinueError::Path(LookupError::NotFound);
    assert_eq!(next(&account, &page), Err(gone));
    assert_eq!(account.has_changes(&mut cursor), Some(true));
    // Back again, with other content.
    remove(&mut account, "/b/y/z");
    account
        .relocate(&view, "/b", "/a", options, NOW)
        .expect("free");
    assert_eq!(keys(&next(&account, &page).expect("good")), ["-/a/y/z"]);
}

#[test]
fn deleted_entries_are_listed_when_asked_for() {
    let mut account = traps();
    remove(&mut account, "/ab");
    remove(&mut account, "/a/y");
    let listed = |recursive| {
        let options = ListFolderOptions {
            include_deleted: true,
            ..options(recursive, 99)
        };
        let mut keys = all(&account, "", options);
        keys.retain(|key| key.starts_with('-'));
        keys
    };
    assert_eq!(listed(false), ["-/ab"]);
    assert_eq!(listed(true), ["-/a/y", "-/a/y/z", "-/ab"]);
}

#[test]
fn cursors_end_with_a_reset_or_a_restore() {
    let mut account = traps();
    let page = list(&account, "", options(false, 2));
    let saved = account.state.clone();
    account.reset();
    assert_eq!(next(&account, &page), Err(ListFolderContinueError::Reset));
    account.restore(saved);
    assert_eq!(next(&account, &page), Err(ListFolderContinueError::Reset));
    let mut cursor = Cursor::parse(&page.cursor).expect("it came from a page");
    assert_eq!(account.has_changes(&mut cursor), None);
}

#[test]
fn a_cursor_is_of_one_account_and_of_one_view() {
    let account = traps();
    let other = Account::new(
        IdSource::from_seed(2),
        Profile::default(),
        Arc::new(Assumptions::default()),
    );
    let page = list(&account, "", options(false, 2));
    assert_eq!(next(&other, &page), Err(ListFolderContinueError::Reset));
    let folder = Place::root().join("/Apps/x").expect("a good path");
    let cursor = Cursor::parse(&page.cursor).expect("it came from a page");
    assert_eq!(
        account.list_folder_continue(&View::new(folder, 1), cursor),
        Err(ListFolderContinueError::Reset)
    );
}

#[test]
fn a_cursor_that_was_tampered_with_is_not_a_cursor() {
    let text = list(&traps(), "", options(false, 2)).cursor;
    assert!(text.len() >= 180 && text.starts_with("AA"), "{text}");
    assert!(Cursor::parse(&text).is_ok());
    for position in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[position] = if bytes[position] == b'Q' { b'g' } else { b'Q' };
        let tampered = String::from_utf8(bytes).expect("it is ASCII");
        assert_eq!(Cursor::parse(&tampered), Err(NotACursor), "{position}");
    }
    for foreign in ["", "foo", "AA", "AAAA", "ü", &text[..text.len() - 4]] {
        assert_eq!(Cursor::parse(foreign), Err(NotACursor), "{foreign}");
    }
}

#[test]
fn the_root_of_an_app_folder_is_there_before_anything_is_in_it_and_is_no_entry() {
    let mut account = account();
    let folder = Place::root().join("/Apps/x").expect("a good path");
    let view = View::new(folder, 1);
    let page = account
        .list_folder(&view, "", options(true, 99))
        .expect("empty");
    assert_eq!((keys(&page), page.has_more), (Vec::new(), false));
    write(&mut account, "/Apps/x/A", b"x");
    write(&mut account, "/Apps/xy", b"x");
    let cursor = Cursor::parse(&page.cursor).expect("it came from a page");
    let changes = account.list_folder_continue(&view, cursor).expect("good");
    assert_eq!(keys(&changes), ["/a"]);
    let page = account
        .list_folder(&view, "", options(true, 99))
        .expect("there");
    assert_eq!(keys(&page), ["/a"]);
}

#[test]
fn a_cursor_that_asks_for_more_than_there_can_be_gets_all_that_there_is() {
    let account = traps();
    let page = list(&account, "", options(false, 1));
    let forged = Cursor {
        options: options(false, usize::MAX),
        ..Cursor::parse(&page.cursor).expect("it came from a page")
    };
    let forged = Cursor::parse(&forged.to_text()).expect("its checksum is right");
    let view = account.home_view();
    let rest = account.list_folder_continue(&view, forged).expect("good");
    let whole = list(&account, "", options(false, 99));
    assert_eq!(keys(&rest), keys(&whole)[1..]);
}

#[test]
fn a_wait_looks_at_no_change_twice() {
    let mut account = traps();
    let page = list(&account, "/a", options(false, 99));
    let mut cursor = Cursor::parse(&page.cursor).expect("it came from a page");
    for number in 0..100 {
        write(&mut account, &format!("/elsewhere/{number}"), b"x");
        assert_eq!(account.has_changes(&mut cursor), Some(false));
        assert_eq!(cursor.position, account.state.tree.position());
    }
    write(&mut account, "/a/new", b"x");
    write(&mut account, "/elsewhere/more", b"x");
    // What was found stays in front of the cursor.
    assert_eq!(account.has_changes(&mut cursor), Some(true));
    assert_eq!(account.has_changes(&mut cursor), Some(true));
    let view = account.home_view();
    let page = account.list_folder_continue(&view, cursor).expect("good");
    assert_eq!(keys(&page), ["/a/new"]);
}

#[test]
fn deleted_entries_keep_the_limit_too_and_come_once_each_after_those_that_are_there() {
    let mut account = traps();
    for number in 0..7 {
        write(&mut account, &format!("/a/gone{number}"), b"x");
        write(&mut account, &format!("/a/deep/gone{number}/below"), b"x");
        remove(&mut account, &format!("/a/gone{number}"));
        remove(&mut account, &format!("/a/deep/gone{number}"));
    }
    for recursive in [false, true] {
        let with_deleted = |limit| ListFolderOptions {
            include_deleted: true,
            ..options(recursive, limit)
        };
        let whole = all(&account, "/a", with_deleted(999));
        assert_eq!(whole.len(), if recursive { 4 + 22 } else { 10 });
        for limit in 1..30 {
            assert_eq!(all(&account, "/a", with_deleted(limit)), whole, "{limit}");
            let mut page = list(&account, "/a", with_deleted(limit));
            loop {
                // The folder itself comes with the first page of a recursive listing.
                assert!(page.entries.len() <= limit + usize::from(recursive));
                if !page.has_more {
                    break;
                }
                page = next(&account, &page).expect("nothing changes");
            }
        }
    }
}
