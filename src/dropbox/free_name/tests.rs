use super::*;
use crate::dropbox::content::Content;
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::time::Timestamp;
use crate::dropbox::tree::Version;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(0);

/// The plain way: one number after the other.
fn probed(tree: &Tree, place: &Place, conflicted_copy: Option<&str>) -> Option<Place> {
    let (stem, extension) = split_extension(place.name());
    let base = conflicted_copy.map_or(stem.to_owned(), |words| format!("{stem} {words}"));
    let copy = conflicted_copy.map(|_| format!("{base}{extension}"));
    let numbered = (1..).map(|number| format!("{base} ({number}){extension}"));
    let mut names = copy.into_iter().chain(numbered);
    names
        .find_map(|name| {
            let place = place.with_name(&name);
            tree.entry(place.key()).is_none().then_some(place)
        })
        .filter(Place::can_be_named)
}

fn put(tree: &mut Tree, place: &Place, id: usize) {
    let version = Version {
        rev: format!("{id:09x}"),
        client_modified: NOW,
        server_modified: NOW,
        content: Content {
            hash: ContentHash::of(b""),
            size: 0,
            bodies: Vec::new(),
        },
        property_groups: Vec::new(),
    };
    tree.put_file(place, format!("id:{id}").into(), Arc::new(version));
}

#[derive(Clone, Debug)]
enum Step {
    Rename {
        name: String,
        is_folder: bool,
        words: Option<&'static str>,
        is_stored: bool,
    },
    Put(String),
    Delete(String),
    Move(String, String),
}

fn name() -> impl Strategy<Value = String> {
    let stem = prop_oneof![
        12 => Just("a"),
        2 => Just("A"),
        1 => Just("a (1)"),
        1 => Just(".env"),
        1 => Just("\u{3b1}\u{3a3}"),
        1 => Just("a (c)"),
        1 => Just("a.x"),
    ];
    let number = prop_oneof![
        6 => Just(String::new()),
        9 => (1..6u8).prop_map(|number| format!(" ({number})")),
        1 => Just(" (01)".to_owned()),
        1 => Just(" (0)".to_owned()),
        1 => Just(" (18446744073709551616)".to_owned()),
    ];
    let extension = prop_oneof![
        9 => Just(""),
        5 => Just(".txt"),
        1 => Just(".T"),
        1 => Just("."),
        1 => Just(".t (2)"),
        1 => Just(".\u{3a3}"),
    ];
    (stem, number, extension).prop_map(|(stem, number, end)| format!("/{stem}{number}{end}"))
}

fn step() -> impl Strategy<Value = Step> {
    let words = prop_oneof![
        Just(None),
        Just(None),
        Just(Some("(c)")),
        Just(Some("v1.0"))
    ];
    prop_oneof![
        4 => (name(), any::<bool>(), words, prop::bool::weighted(0.9)).prop_map(
            |(name, is_folder, words, is_stored)| Step::Rename { name, is_folder, words, is_stored }
        ),
        1 => name().prop_map(Step::Put),
        3 => name().prop_map(Step::Delete),
        1 => (name(), name()).prop_map(|(from, to)| Step::Move(from, to)),
    ]
}

proptest! {
    #[test]
    fn the_name_is_the_one_that_probing_finds(steps in prop::collection::vec(step(), 1..120)) {
        let place = |path: &str| Place::root().join(path).expect("a path");
        let mut tree = Tree::default();
        let mut snapshot = tree.clone();
        for (id, step) in steps.into_iter().enumerate() {
            match step {
                Step::Rename { name, is_folder, words, is_stored } => {
                    let place = place(&name);
                    let plain = probed(&tree, &place, words);
                    // What was saved knows nothing of what came later.
                    let saved = probed(&snapshot, &place, words);
                    prop_assert_eq!(&free_name(&mut snapshot.clone(), &place, words), &saved);
                    let free = free_name(&mut tree, &place, words);
                    prop_assert_eq!(&free, &plain);
                    let free = free.expect("a short name");
                    if is_folder && is_stored {
                        tree.put_folder(&free, format!("id:{id}").into());
                    } else if is_stored {
                        put(&mut tree, &free, id);
                    }
                }
                Step::Put(name) if tree.entry(place(&name).key()).is_none() => put(&mut tree, &place(&name), id),
                Step::Move(from, to)
                    if tree.entry(place(&from).key()).is_some() && tree.entry(place(&to).key()).is_none() =>
                {
                    let rebased = tree.rebased(place(&from).key(), &place(&to));
                    tree.relocate(place(&from).key(), rebased.expect("short"), NOW);
                }
                Step::Delete(name) => tree.delete(place(&name).key(), NOW),
                Step::Put(_) | Step::Move(..) => snapshot = tree.clone(),
            }
        }
    }
}

#[test]
fn what_was_found_once_is_not_tried_again() {
    for (end, series) in [(".txt", Series::BeforeTheExtension), ("", Series::AtTheEnd)] {
        let place = Place::root().join(&format!("/a{end}")).expect("a path");
        let key = |number: usize| format!("/a ({number}){end}");
        let mut tree = Tree::default();
        for id in 0..300 {
            let free = free_name(&mut tree, &place, None).expect("a name");
            put(&mut tree, &free, id);
        }
        let first = |tree: &Tree| tree.first_number(&key(1), series);
        assert_eq!(first(&tree), 301);
        tree.delete(&key(7), NOW);
        tree.delete(&key(5), NOW);
        assert_eq!(first(&tree), 5);
        let free = free_name(&mut tree, &place, None).expect("a name");
        put(&mut tree, &free, 301);
        assert_eq!(first(&tree), 7);
        for number in 1..=300 {
            tree.delete(&key(number), NOW);
        }
        assert!(tree.knows_no_series());
    }
}
