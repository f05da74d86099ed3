//! Folders are layers: what stands above names what stands below, and no two files name each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

/// From the ground up.
const LAYERS: [&str; 13] = [
    "secrecy",
    "failure",
    "http",
    "safety",
    "targets",
    "talk",
    "cases",
    "run",
    "evidence",
    "report",
    "look",
    "exchanges",
    "cli",
];

/// Each module with its text, tests left out.
fn modules() -> BTreeMap<String, String> {
    fn read(folder: &Path, name: &str, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let inner = format!("{name}::{stem}");
            if path.is_dir() {
                read(&path, &inner, found);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
                let code = product
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"));
                let module = if stem == "mod" {
                    name.to_owned()
                } else {
                    inner
                };
                found.insert(module, code.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    let mut found = BTreeMap::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        "crate",
        &mut found,
    );
    found.remove("crate::main");
    found.remove("crate::lib");
    found
}

/// Which modules each module names.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let name = Regex::new(r"\b(?:crate|super)(?:::\w+)+").unwrap();
    let modules = modules();
    let named_by = |module: &String, text: &String| -> BTreeSet<String> {
        let parent = module.rsplit_once("::").unwrap().0;
        name.find_iter(text)
            .filter_map(|path| {
                let mut path = path.as_str().replacen("super", parent, 1);
                while !modules.contains_key(&path) {
                    path.truncate(path.rfind("::")?);
                }
                (path != *module).then_some(path)
            })
            .collect()
    };
    modules
        .iter()
        .map(|(module, text)| (module.clone(), named_by(module, text)))
        .collect()
}

#[test]
fn a_folder_names_only_what_stands_below_it() {
    let layer = |module: &str| {
        let folder = module.split("::").nth(1).unwrap();
        let place = LAYERS.iter().position(|layer| *layer == folder);
        place.unwrap_or_else(|| panic!("{module} stands in no layer: name it in LAYERS"))
    };
    let mut count = 0;
    for (from, named) in arrows() {
        for to in named {
            count += 1;
            assert!(
                layer(&to) <= layer(&from),
                "{from} names {to}, which stands above it"
            );
        }
    }
    assert!(count > 200, "only {count} imports were read");
}

#[test]
fn no_two_files_name_each_other_even_by_a_detour() {
    let mut arrows = arrows();
    // Takes away what names nothing that is left, until only loops remain.
    while let Some(ground) = arrows
        .iter()
        .find(|(_, named)| named.is_empty())
        .map(|(name, _)| name.clone())
    {
        arrows.remove(&ground);
        for named in arrows.values_mut() {
            named.remove(&ground);
        }
    }
    assert!(
        arrows.is_empty(),
        "these are in a loop, or name one: {arrows:#?}"
    );
}
