use super::*;
use crate::dropbox::account::Profile;
use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::commit_info::{CommitInfo, WriteMode};
use crate::dropbox::content::Content;
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::files::RelocationOptions;
use crate::dropbox::ids::IdSource;

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

fn list(
    account: &Account,
    path: &str,
    mode: ListRevisionsMode,
    limit: usize,
    before_rev: Option<&str>,
) -> Result<Revisions, ListRevisionsError> {
    account.list_revisions(&account.home_view(), path, mode, limit, before_rev)
}

fn revs(revisions: &Revisions) -> Vec<&str> {
    revisions
        .entries
        .iter()
        .map(|file| file.rev.as_str())
        .collect()
}

#[test]
fn revisions_come_newest_first_and_in_pages() {
    let mut account = account();
    let made: Vec<String> = [&b"1"[..], b"2", b"3"]
        .map(|bytes| write(&mut account, "/A", bytes).rev)
        .to_vec();
    let path = ListRevisionsMode::Path;
    let page = list(&account, "/a", path, 2, None).expect("there");
    assert_eq!(
        (revs(&page), page.has_more),
        (vec![&*made[2], &*made[1]], true)
    );
    let page = list(&account, "/a", path, 2, Some(&made[1])).expect("there");
    assert_eq!((revs(&page), page.has_more), (vec![&*made[0]], false));
    let error = list(&account, "/a", path, 2, Some("0123456789"));
    assert_eq!(error, Err(ListRevisionsError::InvalidBeforeRev));
}

#[test]
fn a_deleted_file_has_revisions_and_the_time_of_its_deletion() {
    let mut account = account();
    write(&mut account, "/a", b"1");
    let view = account.home_view();
    account.delete(&view, "/a", None, NOW).expect("there");
    let page = list(&account, "/a", ListRevisionsMode::Path, 10, None).expect("known");
    assert!(page.is_deleted);
    assert_eq!((page.server_deleted, page.entries.len()), (Some(NOW), 1));
}

#[test]
fn a_moved_file_keeps_its_revisions_by_id_and_shows_them_where_it_is() {
    let mut account = account();
    write(&mut account, "/Old", b"1");
    let view = account.home_view();
    account
        .relocate(&view, "/Old", "/New", RelocationOptions::default(), NOW)
        .expect("free");
    write(&mut account, "/new", b"2");
    let by_id = list(&account, "/new", ListRevisionsMode::Id, 10, None).expect("there");
    // The move is a revision, too (API-271).
    assert_eq!(by_id.entries.len(), 3);
    for file in &by_id.entries {
        assert_eq!((&*file.path_lower, &*file.path_display), ("/new", "/New"));
    }
    let by_path = list(&account, "/new", ListRevisionsMode::Path, 10, None).expect("there");
    assert_eq!(by_path.entries, by_id.entries[..2]);
    let old = list(&account, "/old", ListRevisionsMode::Path, 10, None).expect("known");
    assert_eq!((old.is_deleted, old.entries.len()), (true, 1));
}

#[test]
fn only_files_have_revisions() {
    let mut account = account();
    write(&mut account, "/folder/a", b"1");
    let error = |path| list(&account, path, ListRevisionsMode::Path, 10, None).err();
    let lookup = |error| Some(ListRevisionsError::Path(error));
    assert_eq!(error("/folder"), lookup(LookupError::NotFile));
    assert_eq!(error(""), lookup(LookupError::NotFile));
    assert_eq!(error("/none"), lookup(LookupError::NotFound));
    assert_eq!(error("id:none"), lookup(LookupError::NotFound));
}
