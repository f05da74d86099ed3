use super::*;
use crate::dropbox::account::Profile;
use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::commit_info::CommitInfo;
use crate::dropbox::content::Content;
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::ids::IdSource;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn account() -> Account {
    Account::new(
        IdSource::from_seed(1),
        Profile::default(),
        Arc::new(Assumptions::default()),
    )
}

fn write(account: &mut Account, path: &str) {
    let content = Content {
        hash: ContentHash::of(b"x"),
        size: 1,
        bodies: Vec::new(),
    };
    let view = account.home_view();
    let committed = account.commit(&view, &CommitInfo::new(path), content, NOW);
    committed.expect("it may be written");
}

/// Everything in the account by its path as it is written, in the order of the keys.
fn paths(account: &Account) -> Vec<String> {
    let all = account.state.tree.descendants("", None);
    all.map(|(_, entry)| entry.display().to_string()).collect()
}

/// A path of `depth` long names below `top`.
fn deep(top: &str, depth: usize) -> String {
    format!("{top}{}", format!("/{}", "d".repeat(255)).repeat(depth))
}

fn assuming(settings: &[(&str, &str)]) -> Account {
    let mut assumptions = Assumptions::default();
    for (name, value) in settings {
        assumptions.set(name, value).expect("a choice");
    }
    let mut account = account();
    account.state.assumptions = Arc::new(assumptions);
    account
}

fn file_at(account: &Account, path: &str) -> FileMetadata {
    match account.get_metadata(&account.home_view(), path, false) {
        Ok(Metadata::File(file)) => file,
        other => panic!("{path}: {other:?}"),
    }
}

fn relocate(account: &mut Account, from: &str, to: &str) -> Result<Metadata, RelocationError> {
    let view = account.home_view();
    let options = RelocationOptions { autorename: true };
    account.relocate(&view, from, to, options, LATER)
}

const LATER: Timestamp = Timestamp::from_seconds(1_700_000_060);

// API-271

#[test]
fn a_moved_file_is_a_new_revision_of_the_same_content() {
    let mut account = account();
    write(&mut account, "/a");
    let before = file_at(&account, "/a");
    relocate(&mut account, "/a", "/b").expect("free");
    let after = file_at(&account, "/b");
    assert!(after.rev > before.rev);
    assert_eq!(after.server_modified, LATER);
    assert_eq!(
        (after.id, after.client_modified, after.content_hash),
        (before.id, before.client_modified, before.content_hash)
    );
    // The old one is there to read, at its old place.
    let old = file_at(&account, &format!("rev:{}", before.rev));
    assert_eq!(old.path_lower, "/a");
}

#[test]
fn files_below_a_moved_folder_have_new_revs_one_after_the_other_unless_told_otherwise() {
    for (answer, new) in [("new", true), ("kept", false)] {
        let mut account = assuming(&[("moved_folder_revs", answer)]);
        for path in ["/from/b", "/from/a", "/from/in/c"] {
            write(&mut account, path);
        }
        let before = ["/a", "/b", "/in/c"].map(|name| file_at(&account, &format!("/from{name}")));
        relocate(&mut account, "/from", "/to").expect("free");
        let after = ["/a", "/b", "/in/c"].map(|name| file_at(&account, &format!("/to{name}")));
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.rev != after.rev, new, "{answer}");
            assert_eq!(after.server_modified == LATER, new, "{answer}");
            assert_eq!(before.id, after.id, "{answer}");
        }
        assert_eq!(after.is_sorted_by_key(|file| file.rev.clone()), new);
    }
}

// API-273, AQ-26

#[test]
fn a_change_of_case_is_no_conflict_and_never_numbered() {
    for (answer, folder, file, new_rev, told) in [
        ("as_seen", "Folder", "file", false, vec!["/folder"]),
        ("renames", "Folder", "File", true, vec!["/folder", "/file"]),
        ("keeps_name", "folder", "file", false, vec![]),
    ] {
        let mut account = assuming(&[("case_only_move", answer)]);
        write(&mut account, "/file");
        write(&mut account, "/folder/below");
        let (before, position) = (file_at(&account, "/file"), account.state.tree.position());
        let name = |moved: Result<Metadata, _>| match moved {
            Ok(Metadata::File(file)) => file.name,
            Ok(Metadata::Folder(folder)) => folder.name,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(relocate(&mut account, "/folder", "/Folder")), folder);
        let id = before.id.clone();
        assert_eq!(name(relocate(&mut account, &id, "/File")), file, "{answer}");
        let after = file_at(&account, "/file");
        assert_eq!((after.name.as_str(), &after.id), (file, &before.id));
        assert_eq!(after.rev != before.rev, new_rev, "{answer}");
        assert_eq!(
            file_at(&account, "/folder/below").path_display,
            format!("/{folder}/below")
        );
        let changes = account.state.tree.changes_from(position);
        assert!(changes.map(|(_, key)| &**key).eq(told), "{answer}");
    }
}

#[test]
fn a_move_to_exactly_the_same_path_is_refused_however_its_letters_are_spelled() {
    for answer in ["as_seen", "renames", "keeps_name"] {
        let mut account = assuming(&[("case_only_move", answer)]);
        write(&mut account, "/é");
        for path in ["/é", "/e\u{301}"] {
            let refused = relocate(&mut account, "/E\u{301}", path);
            assert_eq!(refused, Err(RelocationError::DuplicatedOrNestedPaths));
        }
        let view = account.home_view();
        let copied = account.copy(&view, "/é", "/É", RelocationOptions::default(), NOW);
        assert_eq!(copied, Err(RelocationError::DuplicatedOrNestedPaths));
    }
}

#[test]
fn letters_beyond_the_basic_plane_can_be_refused_where_something_is_written() {
    // AQ-29
    let mut account = assuming(&[("non_bmp_names", "malformed_path")]);
    write(&mut account, "/é");
    let view = account.home_view();
    let refused = WriteError::MalformedPath;
    assert_eq!(
        account.create_folder(&view, "/😀/a", false),
        Err(CreateFolderError::Path(refused.clone()))
    );
    assert_eq!(
        relocate(&mut account, "/é", "/😀"),
        Err(RelocationError::To(refused))
    );
    assert_eq!(
        account.get_metadata(&view, "/😀", false),
        Err(GetMetadataError::Path(LookupError::NotFound))
    );
}

#[test]
fn a_folder_that_would_get_too_deep_is_neither_moved_nor_copied_and_loses_nothing() {
    let mut account = account();
    let view = account.home_view();
    // 16 KiB take 64 names of 255 characters: each folder fits where it is, one in the other does not.
    write(&mut account, &format!("{}/file", deep("/from", 62)));
    write(&mut account, "/From/near");
    let before = (paths(&account), account.state.tree.position());
    let far = deep("/not/there/yet", 2);
    let refused = Err(RelocationError::To(WriteError::MalformedPath));
    let options = RelocationOptions::default();
    assert_eq!(account.copy(&view, "/from", &far, options, NOW), refused);
    assert_eq!(
        account.relocate(&view, "/from", &far, options, NOW),
        refused
    );
    assert_eq!((paths(&account), account.state.tree.position()), before);
    // One name less, and all of it comes along.
    account
        .copy(&view, "/from", "/not/there/yet", options, NOW)
        .expect("it fits");
    assert_eq!(paths(&account).len(), 2 * before.0.len() + 2);
    account
        .relocate(&view, "/not", "/at", options, NOW)
        .expect("it fits");
    let file = format!("{}/file", deep("/at/there/yet", 62));
    let there = account.get_metadata(&view, &file, false);
    let Ok(Metadata::File(found)) = there else {
        panic!("{there:?}")
    };
    assert!(account.get_metadata(&view, &found.id, false).is_ok());
}

#[test]
fn what_is_moved_is_spelled_as_the_folders_above_are() {
    let mut account = account();
    let view = account.home_view();
    write(&mut account, "/Straße/Übung/a.TXT");
    write(&mut account, "/Ziel/Ort/b");
    let options = RelocationOptions::default();
    let moved = account
        .relocate(&view, "/STRAßE", "/ZIEL/ORT/Neu/Hier", options, NOW)
        .expect("it fits");
    assert_eq!(moved.path_lower(), "/ziel/ort/neu/hier");
    assert_eq!(
        paths(&account),
        [
            "/Ziel",
            "/Ziel/Ort",
            "/Ziel/Ort/b",
            "/Ziel/Ort/Neu",
            "/Ziel/Ort/Neu/Hier",
            "/Ziel/Ort/Neu/Hier/Übung",
            "/Ziel/Ort/Neu/Hier/Übung/a.TXT",
        ]
    );
}

#[test]
fn the_number_of_a_renamed_folder_stands_before_the_dot() {
    let mut account = account();
    let view = account.home_view();
    write(&mut account, "/file.txt");
    let made = account.create_folder(&view, "/file.txt", true);
    assert_eq!(made.expect("another name").name, "file (1).txt");
    let options = RelocationOptions { autorename: true };
    let copied = account.copy(&view, "/file (1).txt", "/file.txt", options, NOW);
    copied.expect("another name");
    assert!(account.state.tree.entry("/file (2).txt").is_some());
}
