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
