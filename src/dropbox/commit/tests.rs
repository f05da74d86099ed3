use super::*;
use crate::dropbox::account::{Profile, Quota};
use crate::dropbox::commit_info::{PropertyField, PropertyGroup};
use crate::dropbox::errors::InvalidPropertyGroupError;
use crate::dropbox::ids::IdSource;
use std::time::Duration;

const REV: &str = "0123456789";

fn info(mode: WriteMode, strict_conflict: bool) -> CommitInfo {
    CommitInfo {
        mode,
        strict_conflict,
        ..CommitInfo::new("/a")
    }
}

/// API-156, cell by cell: columns add, overwrite, update with the right rev, update with a wrong one.
#[test]
fn the_decision_table_is_that_of_the_spec() {
    use Decision::{Conflict, Keep, Write};
    use WriteConflictError::{File, Folder};
    let there = ContentHash::of(b"there");
    let file = Target::File {
        rev: REV,
        hash: there,
    };
    let nothing = Target::Nothing {
        deleted_file: false,
    };
    let other = ContentHash::of(b"other");
    let rows = [
        (nothing, other, false, [Write, Write, Write, Write]),
        (
            nothing,
            other,
            true,
            [Write, Write, Conflict(File), Conflict(File)],
        ),
        (Target::Folder, other, false, [Conflict(Folder); 4]),
        (Target::Folder, other, true, [Conflict(Folder); 4]),
        (file, there, false, [Keep; 4]),
        (
            file,
            there,
            true,
            [Conflict(File), Conflict(File), Keep, Conflict(File)],
        ),
        (
            file,
            other,
            false,
            [Conflict(File), Write, Write, Conflict(File)],
        ),
        (
            file,
            other,
            true,
            [Conflict(File), Write, Write, Conflict(File)],
        ),
    ];
    let modes = [
        WriteMode::Add,
        WriteMode::Overwrite,
        WriteMode::Update(REV.to_owned()),
        WriteMode::Update("fedcba987".to_owned()),
    ];
    for (target, hash, strict, wanted) in rows {
        for (mode, wanted) in modes.iter().zip(wanted) {
            let got = decide(
                target,
                &info(mode.clone(), strict),
                hash,
                &Assumptions::default(),
            );
            assert_eq!(got, wanted, "{target:?} {mode:?} strict={strict}");
        }
    }
}

#[test]
fn assumptions_change_the_cells_that_nobody_knows() {
    let mut assumptions = Assumptions::default();
    let there = ContentHash::of(b"there");
    let file = Target::File {
        rev: REV,
        hash: there,
    };
    assumptions
        .set("identical_content", "new_rev")
        .expect("a choice");
    assert_eq!(
        decide(file, &info(WriteMode::Add, false), there, &assumptions),
        Decision::Write
    );
    assumptions
        .set("strict_overwrite_identical", "keeps")
        .expect("a choice");
    assumptions
        .set("identical_content", "keeps_rev")
        .expect("a choice");
    assert_eq!(
        decide(file, &info(WriteMode::Overwrite, true), there, &assumptions),
        Decision::Keep
    );
    assumptions
        .set("update_after_delete", "conflicts")
        .expect("a choice");
    let gone = Target::Nothing { deleted_file: true };
    let update = info(WriteMode::Update(REV.to_owned()), false);
    assert_eq!(
        decide(gone, &update, there, &assumptions),
        Decision::Conflict(WriteConflictError::File)
    );
}

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn account(answers: &[(&str, &str)]) -> Account {
    let mut assumptions = Assumptions::default();
    for (name, value) in answers {
        assumptions.set(name, value).expect("one of the choices");
    }
    Account::new(
        IdSource::from_seed(1),
        Profile::default(),
        Arc::new(assumptions),
    )
}

fn commit(
    account: &mut Account,
    info: &CommitInfo,
    bytes: &[u8],
) -> Result<Committed, CommitError> {
    let content = Content {
        hash: ContentHash::of(bytes),
        size: bytes.len() as u64,
        bodies: Vec::new(),
    };
    let view = account.home_view();
    account.commit(&view, info, content, NOW)
}

fn write(account: &mut Account, path: &str, bytes: &[u8]) -> FileMetadata {
    let done = commit(account, &overwriting(path), bytes);
    done.expect("it may be written").file
}

fn overwriting(path: &str) -> CommitInfo {
    CommitInfo {
        mode: WriteMode::Overwrite,
        ..CommitInfo::new(path)
    }
}

fn renaming(path: &str) -> CommitInfo {
    CommitInfo {
        autorename: true,
        ..CommitInfo::new(path)
    }
}

fn failure(account: &mut Account, path: &str) -> CommitError {
    commit(account, &overwriting(path), b"x").expect_err(path)
}

fn remove(account: &mut Account, path: &str) {
    let view = account.home_view();
    account.delete(&view, path, None, NOW).expect("it is there");
}

// API-161, API-162, AQ-10.

#[test]
fn autorename_takes_the_first_free_number() {
    for (path, names) in [
        ("/a.txt", ["a (1).txt", "a (2).txt", "a (3).txt"]),
        (
            "/a.tar.gz",
            ["a.tar (1).gz", "a.tar (2).gz", "a.tar (3).gz"],
        ),
        ("/.env", [".env (1)", ".env (2)", ".env (3)"]),
        ("/README", ["README (1)", "README (2)", "README (3)"]),
        (
            "/a (1).txt",
            ["a (1) (1).txt", "a (1) (2).txt", "a (1) (3).txt"],
        ),
    ] {
        let mut account = account(&[]);
        write(&mut account, path, b"0");
        for (number, name) in names.into_iter().enumerate() {
            let bytes = format!("{}", number + 1);
            let done = commit(&mut account, &renaming(path), bytes.as_bytes());
            assert_eq!(done.expect("another name").file.name, name);
        }
    }
}

#[test]
fn autorename_fills_gaps_and_minds_letter_case() {
    let mut account = account(&[]);
    for path in ["/a.txt", "/A (1).TXT", "/a (3).txt"] {
        write(&mut account, path, b"0");
    }
    let mut renamed = |bytes: &[u8]| {
        let done = commit(&mut account, &renaming("/A.txt"), bytes);
        done.expect("another name").file.path_display
    };
    assert_eq!(renamed(b"1"), "/A (2).txt");
    assert_eq!(renamed(b"2"), "/A (4).txt");
}

#[test]
fn autorename_leaves_identical_content_and_ancestors_alone() {
    let mut account = account(&[]);
    let there = write(&mut account, "/a.txt", b"0");
    let done = commit(&mut account, &renaming("/a.txt"), b"0").expect("identical");
    assert_eq!((done.file, done.written), (there, false));
    let error = commit(&mut account, &renaming("/a.txt/b"), b"0");
    let conflict = WriteError::Conflict(WriteConflictError::FileAncestor);
    assert_eq!(error, Err(conflict.into()));
}

#[test]
fn a_file_over_a_folder_is_renamed_as_a_file() {
    let mut account = account(&[]);
    write(&mut account, "/a.txt/b", b"0");
    let done = commit(&mut account, &renaming("/a.txt"), b"0");
    assert_eq!(done.expect("another name").file.name, "a (1).txt");
}

#[test]
fn an_update_that_loses_becomes_a_conflicted_copy() {
    let mut account = account(&[("conflicted_copy_name", "(Panda's conflicted copy)")]);
    write(&mut account, "/a.txt", b"0");
    let info = CommitInfo {
        mode: WriteMode::Update(REV.to_owned()),
        ..renaming("/a.txt")
    };
    let mut renamed = |bytes: &[u8]| {
        let done = commit(&mut account, &info, bytes);
        done.expect("another name").file.name
    };
    assert_eq!(renamed(b"1"), "a (Panda's conflicted copy).txt");
    assert_eq!(renamed(b"2"), "a (Panda's conflicted copy) (1).txt");
}

#[test]
fn a_conflicted_copy_says_whose_it_is() {
    // API-162
    let mut account = account(&[]);
    for (given, name) in [
        ("Ada", "a (Ada Lovelace's conflicted copy).txt"),
        ("A/d\\a", "a (A d a Lovelace's conflicted copy).txt"),
        ("A\u{300}da", "a (Àda Lovelace's conflicted copy).txt"),
    ] {
        account.profile.given_name = given.to_owned();
        account.profile.surname = "Lovelace".to_owned();
        let info = CommitInfo {
            mode: WriteMode::Update("0123456789".to_owned()),
            autorename: true,
            ..CommitInfo::new("/a.txt")
        };
        write(&mut account, "/a.txt", b"x");
        let committed = commit(&mut account, &info, given.as_bytes());
        assert_eq!(committed.expect("free").file.name, name);
    }
}

// API-157, API-158, API-160, AQ-12, AQ-13.

#[test]
fn an_overwrite_keeps_the_id_and_makes_a_later_rev() {
    let mut account = account(&[]);
    let first = write(&mut account, "/a", b"1");
    let second = write(&mut account, "/a", b"2");
    assert_eq!(first.id, second.id);
    assert!(first.rev < second.rev, "even at the same moment");
}

#[test]
fn identical_content_changes_nothing_at_all() {
    let mut account = account(&[]);
    let first = write(&mut account, "/a", b"1");
    let info = CommitInfo {
        client_modified: Some(Timestamp::from_seconds(1)),
        ..overwriting("/A")
    };
    let done = commit(&mut account, &info, b"1").expect("identical");
    assert_eq!((done.file, done.written), (first, false));
}

#[test]
fn an_overwrite_in_another_case_keeps_the_name_unless_assumed_otherwise() {
    for (answer, wanted) in [("no", "/Folder/A.txt"), ("yes", "/Folder/a.TXT")] {
        let mut account = account(&[("overwrite_renames_case", answer)]);
        write(&mut account, "/Folder/A.txt", b"1");
        let file = write(&mut account, "/FOLDER/a.TXT", b"2");
        assert_eq!(file.path_display, wanted);
        assert_eq!(file.path_lower, "/folder/a.txt");
    }
}

#[test]
fn a_file_in_the_place_of_a_deleted_one_is_new_unless_assumed_otherwise() {
    for (answer, same) in [("new", false), ("same", true)] {
        let mut account = account(&[("upload_after_delete_id", answer)]);
        let first = write(&mut account, "/a", b"1");
        remove(&mut account, "/a");
        let second = write(&mut account, "/a", b"2");
        assert_eq!(first.id == second.id, same, "{answer}");
    }
}

#[test]
fn a_moved_file_does_not_share_its_id_with_what_comes_to_its_old_place() {
    let mut account = account(&[("upload_after_delete_id", "same")]);
    let moved = write(&mut account, "/a", b"1");
    let view = account.home_view();
    let options = crate::dropbox::files::RelocationOptions::default();
    account
        .relocate(&view, "/a", "/b", options, NOW)
        .expect("free");
    assert_ne!(write(&mut account, "/a", b"2").id, moved.id);
}

// API-205, API-206, API-207, OQ-21.

#[test]
fn client_modified_is_stored_as_the_assumption_says() {
    let year_one = Timestamp::from_seconds(-62_135_596_800);
    let year_2001 = Timestamp::from_seconds(978_307_200);
    let in_1988 = Timestamp::from_seconds(567_993_600);
    let future = NOW.plus(Duration::from_hours(1));
    for (answer, given, wanted) in [
        ("as_given", None, NOW),
        ("as_given", Some(in_1988), in_1988),
        ("as_given", Some(future), future),
        ("as_given", Some(year_one), year_2001),
        ("ignored", Some(in_1988), NOW),
        ("clamped_to_now", Some(in_1988), in_1988),
        ("clamped_to_now", Some(future), NOW),
        ("clamped_to_now", Some(year_one), year_2001),
    ] {
        let mut account = account(&[("client_modified", answer)]);
        let info = CommitInfo {
            client_modified: given,
            ..CommitInfo::new("/a")
        };
        let file = commit(&mut account, &info, b"x").expect("free").file;
        assert_eq!(file.client_modified, wanted, "{answer} {given:?}");
        assert_eq!(file.server_modified, NOW);
    }
}

// UL-19, API-173.

#[test]
fn property_groups_must_fit_their_templates() {
    let mut account = account(&[]);
    let template = "ptid:one";
    account
        .state
        .templates
        .add(template, vec!["color".to_owned()]);
    let group = |template_id: &str, name: &str, value: &str| PropertyGroup {
        template_id: template_id.to_owned(),
        fields: vec![PropertyField {
            name: name.to_owned(),
            value: value.to_owned(),
        }],
    };
    let mut content = 0;
    let mut with = |property_groups: Vec<PropertyGroup>| {
        let info = CommitInfo {
            property_groups,
            ..overwriting("/a")
        };
        // A misfit stores the file (API-253), and identical content keeps what is there.
        content += 1;
        commit(&mut account, &info, &[content]).map(|done| {
            let file = account.state.tree.at_rev(&done.file.rev);
            file.expect("it is there").version.property_groups.clone()
        })
    };
    let refused = |error| Err(CommitError::Properties(error));
    let good = group(template, "color", &"x".repeat(1024));
    for (groups, error) in [
        (
            vec![group("ptid:two", "color", "red")],
            InvalidPropertyGroupError::TemplateNotFound("ptid:two".to_owned()),
        ),
        (
            vec![group(template, "size", "1")],
            InvalidPropertyGroupError::DoesNotFitTemplate,
        ),
        (
            vec![group(template, "color", &"x".repeat(1025))],
            InvalidPropertyGroupError::PropertyFieldTooLarge,
        ),
        (
            vec![good.clone(), good.clone()],
            InvalidPropertyGroupError::DuplicatePropertyGroups,
        ),
    ] {
        assert_eq!(with(groups), refused(error));
    }
    assert_eq!(with(vec![good.clone()]), Ok(vec![good]));
}

// API-166 to API-172.

#[test]
fn missing_folders_are_made_and_those_that_are_there_keep_their_spelling() {
    let mut account = account(&[]);
    write(&mut account, "/Home/Math/a", b"1");
    let file = write(&mut account, "/HOME/math/New/b", b"2");
    assert_eq!(file.path_display, "/Home/Math/New/b");
}

#[test]
fn a_path_of_two_thousand_folders_is_only_deep() {
    let mut account = account(&[]);
    let path = "/a".repeat(2_000);
    assert_eq!(write(&mut account, &path, b"1").path_lower, path);
    remove(&mut account, "/a");
    assert_eq!(account.state.tree.used(), 0);
}

#[test]
fn what_stands_in_the_way_is_named() {
    let mut account = account(&[]);
    write(&mut account, "/file", b"1");
    write(&mut account, "/folder/a", b"1");
    for (path, wanted) in [
        (
            "/file/x",
            WriteError::Conflict(WriteConflictError::FileAncestor),
        ),
        (
            "/file/x/y",
            WriteError::Conflict(WriteConflictError::FileAncestor),
        ),
        ("/folder", WriteError::Conflict(WriteConflictError::Folder)),
        ("/", WriteError::MalformedPath),
        ("/a/", WriteError::MalformedPath),
        ("/a//b", WriteError::MalformedPath),
        ("/a/../b", WriteError::MalformedPath),
        ("/a\\b", WriteError::MalformedPath),
        ("/a ", WriteError::MalformedPath),
        ("/Thumbs.db", WriteError::DisallowedName),
        ("id:none", WriteError::MalformedPath),
        ("ns:5/a", WriteError::NoWritePermission),
    ] {
        assert_eq!(failure(&mut account, path), wanted.into(), "{path}");
    }
}

#[test]
fn ids_and_namespaces_name_places() {
    let mut account = account(&[]);
    let view = account.home_view();
    let folder = account
        .create_folder(&view, "/Folder", false)
        .expect("free");
    let below = write(&mut account, &format!("{}/Sub/a", folder.id), b"1");
    assert_eq!(below.path_display, "/Folder/Sub/a");
    let by_id = write(&mut account, &below.id, b"2");
    assert_eq!((by_id.id, by_id.path_lower), (below.id, below.path_lower));
    let path = format!("ns:{}/b", account.root_namespace_id);
    assert_eq!(write(&mut account, &path, b"1").path_lower, "/b");
    let folder = failure(&mut account, &folder.id);
    let conflict = WriteError::Conflict(WriteConflictError::Folder);
    assert_eq!(folder, conflict.into());
}

#[test]
fn a_file_fits_when_what_it_replaces_makes_room() {
    let mut account = account(&[]);
    account.state.quota = Quota(10);
    write(&mut account, "/a", b"12345678");
    let error = commit(&mut account, &overwriting("/b"), b"123");
    assert_eq!(error, Err(WriteError::InsufficientSpace.into()));
    write(&mut account, "/a", b"1234567890");
    assert_eq!(account.state.tree.used(), 10);
    assert_eq!(write(&mut account, "/b", b"").size, 0);
}

#[test]
fn a_refused_write_is_refused_there_and_below_and_nowhere_else() {
    let mut account = account(&[]);
    let refused = &mut account.state.refused_writes;
    refused.insert("/locked".into(), WriteError::AccessRestricted);
    for path in ["/Locked", "/locked/a/b"] {
        let error = failure(&mut account, path);
        assert_eq!(error, WriteError::AccessRestricted.into(), "{path}");
    }
    write(&mut account, "/locked2", b"1");
}
