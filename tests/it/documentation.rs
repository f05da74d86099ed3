//! Every public item of the library's face is used in an example that runs: its own, one of its
//! file, or one of the module that brings it up.
//!
//! The face is what rustdoc shows: what is public from `src/lib.rs` on and not hidden. What an
//! example shows holds as long as it compiles and passes; here it is only held that there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::{Attribute, Item, UseTree, Visibility};

/// The names that each file gives to the face.
type Face = BTreeMap<PathBuf, BTreeSet<String>>;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn parse(file: &Path) -> syn::File {
    let text = std::fs::read_to_string(file).expect("a source file");
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The file of a module in the directory of its parent, and the directory of its own children.
fn module(directory: &Path, name: &str) -> Option<(PathBuf, PathBuf)> {
    let children = directory.join(name);
    [
        directory.join(format!("{name}.rs")),
        children.join("mod.rs"),
    ]
    .into_iter()
    .find(|file| file.is_file())
    .map(|file| (file, children))
}

fn docs(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let syn::Expr::Lit(literal) = &pair.value
            && let syn::Lit::Str(line) = &literal.lit
        {
            text.push_str(&line.value());
            text.push('\n');
        }
    }
    text
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        matches!(&attribute.meta, syn::Meta::List(list)
            if list.path.is_ident("doc") && list.tokens.to_string().contains("hidden"))
    })
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The code of the examples in a documentation that are run.
fn examples(docs: &str) -> String {
    let mut code = String::new();
    let mut runs = None;
    for line in docs.lines() {
        match (line.trim().strip_prefix("```"), runs) {
            (Some(kind), None) => runs = Some(matches!(kind, "" | "rust")),
            (Some(_), Some(_)) => runs = None,
            (None, Some(true)) => code.push_str(&format!("{line}\n")),
            (None, _) => {}
        }
    }
    code
}

fn uses(code: &str, name: &str) -> bool {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .any(|word| word == name)
}

/// What a `pub use` brings: the path to each name.
fn brought(tree: &UseTree, path: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(step) => {
            path.push(step.ident.to_string());
            brought(&step.tree, path, all);
            path.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                brought(tree, path, all);
            }
        }
        UseTree::Name(name) => all.push([path.as_slice(), &[name.ident.to_string()]].concat()),
        UseTree::Rename(_) | UseTree::Glob(_) => {
            panic!("the face is brought by its names, one by one")
        }
    }
}

/// Adds what the module in `file` shows; of its own items all, or only those with these names.
fn add(face: &mut Face, file: &Path, children: &Path, only: Option<&str>) {
    for item in parse(file).items {
        let wanted = |name: &str| only.is_none_or(|only| only == name);
        let own = match &item {
            Item::Struct(item) => Some((&item.ident, &item.vis, &item.attrs)),
            Item::Enum(item) => Some((&item.ident, &item.vis, &item.attrs)),
            Item::Trait(item) => Some((&item.ident, &item.vis, &item.attrs)),
            Item::Fn(item) => Some((&item.sig.ident, &item.vis, &item.attrs)),
            Item::Mod(item)
                if only.is_none() && is_public(&item.vis) && !is_hidden(&item.attrs) =>
            {
                let name = item.ident.to_string();
                let (file, children) = module(children, &name).expect("a module has a file");
                add(face, &file, &children, None);
                None
            }
            Item::Use(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                let mut all = Vec::new();
                brought(&item.tree, &mut Vec::new(), &mut all);
                for path in all {
                    let (name, modules) = path.split_last().expect("a name");
                    if wanted(name) {
                        follow(face, file, children, modules, name);
                    }
                }
                None
            }
            _ => None,
        };
        if let Some((name, visibility, attributes)) = own
            && is_public(visibility)
            && !is_hidden(attributes)
            && wanted(&name.to_string())
        {
            let names = face.entry(file.to_owned()).or_default();
            names.insert(name.to_string());
        }
    }
}

/// Adds a name that is found through modules below this one.
fn follow(face: &mut Face, file: &Path, children: &Path, modules: &[String], name: &str) {
    let (mut file, mut children) = (file.to_owned(), children.to_owned());
    for step in modules {
        let Some(next) = module(&children, step) else {
            panic!("{} brings {name} from elsewhere: {step}", file.display());
        };
        (file, children) = next;
    }
    add(face, &file, &children, Some(name));
}

fn face() -> Face {
    let mut face = Face::new();
    add(&mut face, &source().join("lib.rs"), &source(), None);
    face
}

/// Every documentation in a file.
fn all_docs(file: &syn::File) -> Vec<String> {
    let mut all = vec![docs(&file.attrs)];
    for item in &file.items {
        match item {
            Item::Struct(item) => all.push(docs(&item.attrs)),
            Item::Enum(item) => all.push(docs(&item.attrs)),
            Item::Trait(item) => all.push(docs(&item.attrs)),
            Item::Fn(item) => all.push(docs(&item.attrs)),
            Item::Impl(item) => {
                all.push(docs(&item.attrs));
                for inner in &item.items {
                    if let syn::ImplItem::Fn(method) = inner {
                        all.push(docs(&method.attrs));
                    }
                }
            }
            _ => {}
        }
    }
    all
}

/// The public methods that a file gives to types of the face.
fn methods(file: &syn::File, types: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for item in &file.items {
        let Item::Impl(block) = item else { continue };
        let syn::Type::Path(path) = &*block.self_ty else {
            continue;
        };
        let name = path.path.segments.last().expect("a type has a name");
        let name = name.ident.to_string();
        if block.trait_.is_some() || is_hidden(&block.attrs) || !types.contains(&name) {
            continue;
        }
        for inner in &block.items {
            if let syn::ImplItem::Fn(method) = inner
                && is_public(&method.vis)
                && !is_hidden(&method.attrs)
            {
                found.push((name.clone(), method.sig.ident.to_string()));
            }
        }
    }
    found
}

/// Source files in the directories of these.
fn neighbours(face: &Face) -> BTreeSet<PathBuf> {
    let directories: BTreeSet<_> = face.keys().filter_map(|file| file.parent()).collect();
    let entries = directories
        .into_iter()
        .flat_map(|directory| std::fs::read_dir(directory).expect("a directory"));
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn every_public_item_of_the_face_is_used_in_an_example_that_runs() {
    let face = face();
    let types: BTreeSet<String> = face.values().flatten().cloned().collect();
    let mut missing = Vec::new();
    let mut checked = 0;
    let root = examples(&docs(&parse(&source().join("lib.rs")).attrs));
    for path in neighbours(&face) {
        let file = parse(&path);
        let shown: String = all_docs(&file).iter().map(|docs| examples(docs)).collect();
        // What is brought up from here may be shown there.
        let above = path.with_file_name("mod.rs");
        let above = if above.is_file() {
            examples(&docs(&parse(&above).attrs))
        } else {
            String::new()
        };
        let shown = shown + &above + &root;
        let names = face.get(&path).into_iter().flatten();
        let names = names.map(|name| (name.clone(), name.clone()));
        let methods = methods(&file, &types).into_iter();
        let methods = methods.map(|(of, name)| (format!("{of}::{name}"), name));
        for (what, name) in names.chain(methods) {
            checked += 1;
            if !uses(&shown, &name) {
                let file = path.strip_prefix(source()).expect("it is there");
                missing.push(format!("{}: {what}", file.display()));
            }
        }
    }
    assert!(checked > 200, "only {checked} items were found");
    assert!(
        missing.is_empty(),
        "{} of {checked} public items are in no example that runs: show them, or hide them with #[doc(hidden)]\n  {}",
        missing.len(),
        missing.join("\n  ")
    );
}
