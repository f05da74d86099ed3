//! Arguments that several commands take.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cases::case::Case;
use crate::report::html::Html;
use crate::report::junit::Junit;
use crate::report::ndjson::Ndjson;
use crate::report::screen::Screen;
use crate::run::exit::Ending;
use crate::run::runner::Observer;

/// Which cases.
#[derive(Clone, Debug, Default, Args)]
pub struct Selection {
    /// Only cases whose id contains one of these texts, or that cite one of these rules: `link/,UL-138`,
    /// or the option more than once.
    #[arg(long, value_name = "TEXT", value_delimiter = ',')]
    pub filter: Vec<String>,
}

impl Selection {
    /// The selected ones of these cases.
    pub fn of(&self, cases: Vec<Case>) -> Vec<Case> {
        let selects = |text: &String, case: &Case| {
            case.id.contains(text.as_str()) || case.rules.contains(&text.as_str())
        };
        for text in &self.filter {
            if !cases.iter().any(|case| selects(text, case)) {
                eprintln!("--filter {text}: no case has this in its id, or cites it as a rule.");
            }
        }
        let wanted = |case: &Case| {
            self.filter.is_empty() || self.filter.iter().any(|text| selects(text, case))
        };
        cases.into_iter().filter(wanted).collect()
    }
}

/// Where reports go.
#[derive(Clone, Debug, Default, Args)]
pub struct Outputs {
    /// A `JUnit` report for CI servers.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// One JSON object a line, written while the run goes on.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// One self-contained page with every exchange.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// A line for every case, not only for what needs attention.
    #[arg(long, short)]
    pub verbose: bool,
}

/// The screen, and the files that were asked for.
pub type Observers = Vec<Box<dyn Observer>>;

impl Outputs {
    /// Opens what was asked for before the run, so that a wrong path costs nothing. The error is a
    /// sentence.
    pub fn open(&self) -> Result<Observers, String> {
        let files = [&self.json, &self.junit, &self.html];
        let places: Vec<PathBuf> = files
            .iter()
            .copied()
            .flatten()
            .map(|path| place(path))
            .collect();
        for (index, path) in places.iter().enumerate() {
            if places[..index].contains(path) && (path.is_file() || !path.exists()) {
                return Err(format!(
                    "{} is named for two reports: give each a file of its own.",
                    path.display()
                ));
            }
        }
        let mut observers: Observers = vec![Box::new(Screen::new(std::io::stdout(), self.verbose))];
        if let Some(path) = &self.json {
            observers.push(Box::new(Ndjson::new(create(path)?)));
        }
        if let Some(path) = &self.junit {
            observers.push(Box::new(Junit::new(create(path)?)));
        }
        if let Some(path) = &self.html {
            observers.push(Box::new(Html::new(create(path)?)));
        }
        Ok(observers)
    }
}

/// A report is lost: that is said, and the exit code says it, however the run ended. Else the run's ending.
pub fn unless_lost(observers: &[Box<dyn Observer>], ending: Ending) -> Ending {
    let lost: Vec<&str> = observers
        .iter()
        .filter_map(|observer| observer.lost())
        .collect();
    for sentence in &lost {
        eprintln!("{sentence}");
    }
    if lost.is_empty() {
        ending
    } else {
        Ending::FileTrouble
    }
}

/// The same for every name of a file, whether it is there or not.
fn place(path: &Path) -> PathBuf {
    let whole = || {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    let known = path.canonicalize().ok().or_else(whole);
    known.unwrap_or_else(|| path.to_owned())
}

fn create(path: &Path) -> Result<BufWriter<File>, String> {
    File::create(path)
        .map(BufWriter::new)
        .map_err(|error| format!("{} cannot be written: {error}.", path.display()))
}
