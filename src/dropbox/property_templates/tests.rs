use super::*;
use crate::dropbox::account::Profile;
use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::commit_info::{CommitInfo, PropertyField, WriteMode};
use crate::dropbox::content::Content;
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::errors::{ListFolderError, TemplateError};
use crate::dropbox::files::RelocationOptions;
use crate::dropbox::ids::IdSource;
use crate::dropbox::listing::{Cursor, ListFolderOptions};
use crate::dropbox::time::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// Knows the templates `ptid:color` and `ptid:size`, each with one field.
fn account(settings: &[(&str, &str)]) -> Account {
    let mut assumptions = Assumptions::default();
    for (name, value) in settings {
        assumptions.set(name, value).expect("a choice");
    }
    let mut account = Account::new(
        IdSource::from_seed(1),
        Profile::default(),
        Arc::new(assumptions),
    );
    for id in ["ptid:color", "ptid:size"] {
        account.state.templates.add(id, vec!["value".to_owned()]);
    }
    account
}

/// Writes a file with these values.
fn write(account: &mut Account, path: &str, content: u8, values: &[(&str, &str)]) {
    let group = |(template_id, value): &(&str, &str)| PropertyGroup {
        template_id: (*template_id).to_owned(),
        fields: vec![PropertyField {
            name: "value".to_owned(),
            value: (*value).to_owned(),
        }],
    };
    let info = CommitInfo {
        mode: WriteMode::Overwrite,
        property_groups: values.iter().map(group).collect(),
        ..CommitInfo::new(path)
    };
    let content = Content {
        hash: ContentHash::of(&[content]),
        size: 1,
        bodies: Vec::new(),
    };
    let view = account.home_view();
    account
        .commit(&view, &info, content, NOW)
        .expect("it may be written");
}

fn ids(templates: &[&str]) -> Vec<String> {
    templates.iter().map(|id| (*id).to_owned()).collect()
}

fn values(metadata: &Metadata) -> Vec<(String, String)> {
    let Metadata::File(file) = metadata else {
        return Vec::new();
    };
    let value = |group: &PropertyGroup| {
        let value = group.fields[0].value.clone();
        (group.template_id.clone(), value)
    };
    file.property_groups.iter().map(value).collect()
}

/// The values that `get_metadata` tells who asks for these templates.
fn told(account: &Account, path: &str, templates: &[&str]) -> Vec<(String, String)> {
    let found = account.get_metadata(&account.home_view(), path, false);
    let found = account.with_property_groups(found.expect("it is there"), &ids(templates));
    values(&found)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(id, value): &(&str, &str)| ((*id).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}

const BOTH: [&str; 2] = ["ptid:color", "ptid:size"];

#[test]
fn groups_are_told_for_the_templates_that_are_asked_for() {
    // API-276
    let mut account = account(&[]);
    let all = [("ptid:color", "red"), ("ptid:size", "big")];
    write(&mut account, "/a", 1, &all);
    write(&mut account, "/none", 1, &[]);
    assert_eq!(told(&account, "/a", &[]), []);
    assert_eq!(told(&account, "/a", &["ptid:size"]), pairs(&all[1..]));
    assert_eq!(told(&account, "/a", &BOTH), pairs(&all));
    assert_eq!(told(&account, "/a", &["ptid:other"]), []);
    assert_eq!(told(&account, "/none", &BOTH), []);
}

#[test]
fn a_listing_tells_them_on_every_page_and_its_cursor_remembers_for_whom() {
    // API-276
    let mut account = account(&[]);
    for path in ["/a", "/b"] {
        write(&mut account, path, 1, &[("ptid:color", path)]);
    }
    let view = account.home_view();
    let options = ListFolderOptions {
        limit: 1,
        property_groups_of: ids(&["ptid:color"]),
        ..ListFolderOptions::default()
    };
    let mut page = account
        .list_folder(&view, "", options.clone())
        .expect("a folder");
    let mut all = Vec::new();
    for step in 0..3 {
        all.extend(page.entries.iter().flat_map(values));
        if step == 1 {
            write(&mut account, "/c", 1, &[("ptid:color", "/c")]);
        }
        let cursor = Cursor::parse(&page.cursor).expect("a cursor");
        page = account
            .list_folder_continue(&view, cursor)
            .expect("it goes on");
    }
    let wanted = ["/a", "/b", "/c"].map(|value| ("ptid:color", value));
    assert_eq!(all, pairs(&wanted));
    let latest = account.latest_cursor(&view, "", options);
    write(&mut account, "/d", 1, &[("ptid:color", "/d")]);
    let cursor = Cursor::parse(&latest.expect("a folder")).expect("a cursor");
    let page = account
        .list_folder_continue(&view, cursor)
        .expect("it goes on");
    assert_eq!(values(&page.entries[0]), pairs(&[("ptid:color", "/d")]));
}

#[test]
fn a_listing_that_asks_for_a_template_that_is_not_there_fails() {
    // API-277
    let account = account(&[]);
    let view = account.home_view();
    let options = ListFolderOptions {
        property_groups_of: ids(&["ptid:color", "ptid:other"]),
        ..ListFolderOptions::default()
    };
    let error = TemplateError::TemplateNotFound("ptid:other".to_owned());
    let error = ListFolderError::Template(error);
    assert_eq!(
        account.list_folder(&view, "", options.clone()),
        Err(error.clone())
    );
    assert_eq!(account.latest_cursor(&view, "", options), Err(error));
}

#[test]
fn a_move_keeps_the_groups() {
    // API-276
    let mut account = account(&[]);
    write(&mut account, "/a", 1, &[("ptid:color", "red")]);
    let view = account.home_view();
    account
        .relocate(&view, "/a", "/b", RelocationOptions::default(), NOW)
        .expect("it may be moved");
    let red = pairs(&[("ptid:color", "red")]);
    assert_eq!(told(&account, "/b", &BOTH), red);
}

#[test]
fn an_overwrite_keeps_or_drops_what_the_commit_does_not_bring() {
    // AQ-30
    let (old, new) = (("ptid:color", "red"), ("ptid:size", "big"));
    for (answer, after_size, after_color, after_none) in [
        (
            "keeps",
            vec![old, new],
            vec![("ptid:size", "big"), ("ptid:color", "blue")],
            vec![new, ("ptid:color", "blue")],
        ),
        ("drops", vec![new], vec![("ptid:color", "blue")], vec![]),
    ] {
        let mut account = account(&[("overwrite_property_groups", answer)]);
        write(&mut account, "/a", 1, &[old]);
        write(&mut account, "/a", 2, &[new]);
        assert_eq!(told(&account, "/a", &BOTH), pairs(&after_size), "{answer}");
        write(&mut account, "/a", 3, &[("ptid:color", "blue")]);
        assert_eq!(told(&account, "/a", &BOTH), pairs(&after_color), "{answer}");
        write(&mut account, "/a", 4, &[]);
        assert_eq!(told(&account, "/a", &BOTH), pairs(&after_none), "{answer}");
    }
}

#[test]
fn a_copy_drops_or_keeps_the_groups_and_its_source_has_them_still() {
    // AQ-31
    let red = pairs(&[("ptid:color", "red")]);
    for (answer, of_copy) in [("drops", Vec::new()), ("keeps", red.clone())] {
        let mut account = account(&[("copy_property_groups", answer)]);
        write(&mut account, "/from/a", 1, &[("ptid:color", "red")]);
        let view = account.home_view();
        for (from, to) in [("/from/a", "/b"), ("/from", "/to")] {
            account
                .copy(&view, from, to, RelocationOptions::default(), NOW)
                .expect("it may be copied");
        }
        for (path, groups) in [("/b", &of_copy), ("/to/a", &of_copy), ("/from/a", &red)] {
            assert_eq!(&told(&account, path, &BOTH), groups, "{answer} {path}");
        }
    }
}
