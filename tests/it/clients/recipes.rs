//! The recipes, taken from the document and run as they stand there.

use super::tools::{PATIENCE, command, data, kept, run, skipped, step, version};
use super::{fake, node, python, rclone, rust_sdk};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

#[derive(Debug, Default)]
struct Recipe {
    title: String,
    text: String,
    files: BTreeMap<String, String>,
    /// What it runs on, and the commands.
    run: Option<(String, String)>,
    prints: Option<String>,
}

/// Takes the document apart.
fn recipes() -> Vec<Recipe> {
    let document = std::fs::read_to_string(data("RECIPES.md")).expect("the document");
    let mut recipes: Vec<Recipe> = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            recipes.push(Recipe {
                title: title.to_owned(),
                ..Recipe::default()
            });
            continue;
        }
        let Some(recipe) = recipes.last_mut() else {
            continue;
        };
        let Some(marks) = line.strip_prefix("```") else {
            recipe.text.push_str(line);
            recipe.text.push('\n');
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let body = body.join("\n") + "\n";
        for mark in marks.split(' ').skip(1) {
            match mark.split_once('=') {
                Some(("file", name)) => {
                    recipe.files.insert(name.to_owned(), body.clone());
                }
                Some(("run", on)) => {
                    assert!(recipe.run.is_none(), "{} runs twice", recipe.title);
                    recipe.run = Some((on.to_owned(), body.clone()));
                }
                None if mark == "prints" => recipe.prints = Some(body.clone()),
                _ => panic!("{}: what is {mark}?", recipe.title),
            }
        }
    }
    recipes
}

/// A shell in which the programs of this recipe are found.
fn shell(on: &str, directory: &Path) -> Result<Command, String> {
    let mut shell = command("sh");
    let program = Path::new(env!("CARGO_BIN_EXE_fake-dropbox"));
    let path = |first: &Path| {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let ours = [first, program.parent().expect("a directory")].map(Path::to_owned);
        let all = ours.into_iter().chain(std::env::split_paths(&rest));
        std::env::join_paths(all).map_err(|error| error.to_string())
    };
    let beside = |program: &Path| path(program.parent().expect("a directory"));
    shell.env("PATH", beside(program)?);
    match on {
        "python" => {
            shell.env("PATH", beside(&python::interpreter(python::NEWEST)?)?);
        }
        "node" => {
            shell.env("NODE_PATH", node::packages()?.join("node_modules"));
        }
        "rclone" => {
            shell.env("PATH", beside(&rclone::program()?)?);
        }
        "rust" => {
            // The manifest is that of the SDK's own program, so that what was compiled for it, in the
            // pinned versions, is used again.
            rust_sdk::program()?;
            for name in ["Cargo.toml", "Cargo.lock"] {
                let text = std::fs::read_to_string(data("rust").join(name)).expect("a file");
                let text = text.replace("\"rust-client\"", "\"app\"");
                std::fs::write(directory.join(name), text).map_err(|error| error.to_string())?;
            }
            std::os::unix::fs::symlink(kept().join("rust"), directory.join("target"))
                .map_err(|error| error.to_string())?;
            shell
                .env_remove("RUSTFLAGS")
                .env_remove("CARGO_ENCODED_RUSTFLAGS")
                .env_remove("CARGO_TARGET_DIR");
        }
        "java" => {
            version("java", "-version")?;
            version("javac", "-version")?;
        }
        "go" => {
            version("go", "version")?;
            // Debian's package of the SDK has the sources as programs without modules find them.
            let sources = Path::new("/usr/share/gocode");
            if !sources
                .join("src/github.com/dropbox/dropbox-sdk-go-unofficial/v6")
                .exists()
            {
                return Err("Debian's package of the SDK is not installed".to_owned());
            }
            shell
                .env("GO111MODULE", "off")
                .env("GOPATH", sources)
                .env("GOCACHE", kept().join("go"))
                .env("GOFLAGS", "");
        }
        "php" => {
            version("php", "--version")?;
            step(
                command("php").args(["-r", "require 'GuzzleHttp/autoload.php';"]),
                PATIENCE,
            )?;
        }
        "ruby" => {
            version("ruby", "--version")?;
            step(command("ruby").args(["-e", "require 'faraday'"]), PATIENCE)?;
        }
        "curl" => {
            version("curl", "--version")?;
        }
        _ => panic!("the tests know no recipes for {on}"),
    }
    Ok(shell)
}

/// Runs the recipe for one ecosystem.
fn check(on: &str) {
    let recipes = recipes();
    let recipe = recipes
        .iter()
        .find(|recipe| recipe.run.as_ref().is_some_and(|(name, _)| name == on))
        .unwrap_or_else(|| panic!("there is no recipe that runs on {on}"));
    let directory = TempDir::new().expect("a directory");
    let mut shell = match shell(on, directory.path()) {
        Ok(shell) => shell,
        Err(why) => return skipped(&format!("the recipe for {}", recipe.title), &why),
    };
    let fake = fake();
    let here = |text: &str| text.replace(":8080", &format!(":{}", fake.address.port()));
    for (name, text) in &recipe.files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, here(text)).expect("a file");
    }
    for name in ["ca.pem", "ca.p12"] {
        std::fs::copy(fake.ca(name), directory.path().join(name)).expect("a file");
    }
    let (_, commands) = recipe.run.as_ref().expect("it runs");
    shell
        .args(["-eu", "-c", &here(commands)])
        .current_dir(directory.path());
    let outcome = run(&mut shell, PATIENCE).expect("the recipe ends");
    let outcome = outcome.expect(&recipe.title);
    let prints = recipe.prints.as_deref().expect("it prints something");
    assert_eq!(outcome.stdout.trim_end(), prints.trim_end(), "{outcome:?}");
}

#[test]
fn every_ecosystem_has_a_recipe_that_is_run_or_says_that_it_is_not() {
    let recipes = recipes();
    let titles: Vec<&str> = recipes.iter().map(|recipe| &*recipe.title).collect();
    assert_eq!(
        titles,
        [
            "Any client, on Linux: `exec --isolate`",
            "Python",
            "JavaScript and TypeScript",
            "Rust",
            "Go",
            "Java",
            ".NET",
            "Swift",
            "PHP",
            "Ruby",
            "rclone",
            "curl",
            "Browser"
        ]
    );
    let run: Vec<&str> = recipes
        .iter()
        .filter_map(|recipe| Some(&*recipe.run.as_ref()?.0))
        .collect();
    assert_eq!(
        run,
        [
            "python", "node", "rust", "go", "java", "php", "ruby", "rclone", "curl"
        ]
    );
    for recipe in &recipes {
        let says = recipe.text.to_lowercase().contains("not run by the tests");
        assert_eq!(
            recipe.run.is_none() || recipe.title == "Java",
            says,
            "{} is run, or says that it is not",
            recipe.title
        );
        assert_eq!(recipe.run.is_some(), recipe.prints.is_some());
    }
}

#[test]
fn the_recipe_for_python() {
    check("python");
}

#[test]
fn the_recipe_for_javascript() {
    check("node");
}

#[test]
fn the_recipe_for_rust() {
    check("rust");
}

#[test]
fn the_recipe_for_go() {
    check("go");
}

#[test]
fn the_recipe_for_php() {
    check("php");
}

#[test]
fn the_recipe_for_ruby() {
    check("ruby");
}

#[test]
fn the_recipe_for_java() {
    check("java");
}

#[test]
fn the_recipe_for_rclone() {
    check("rclone");
}

#[test]
fn the_recipe_for_curl() {
    check("curl");
}
