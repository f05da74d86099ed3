//! `list`: what the suite claims, and what that costs.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::arguments::Selection;
use crate::cases;
use crate::cases::case::{Case, Cost, Needs};
use crate::evidence::catalogue::Catalogue;
use crate::evidence::coverage;
use crate::run::exit::Ending;
use crate::run::runner::LONGEST_WAIT;
use crate::targets::CannotRun;

/// How to list.
#[derive(Debug, Args)]
pub struct ListArguments {
    #[command(flatten)]
    selection: Selection,
    /// What each case spends on a real account at most.
    #[arg(long)]
    costs: bool,
    /// The rules that the fake implements and no case proves, with the reason, instead of the cases.
    #[arg(long)]
    uncovered: bool,
    /// The directory of another catalogue than the one that is built in, for --uncovered.
    #[arg(long, value_name = "DIRECTORY")]
    fixtures: Option<PathBuf>,
}

/// Prints the cases.
pub fn list(arguments: &ListArguments) -> Result<Ending, CannotRun> {
    if arguments.uncovered {
        return uncovered(arguments);
    }
    let selected = arguments.selection.of(cases::all());
    let text = if arguments.costs {
        costs(&selected)
    } else {
        claims(&selected)
    };
    // A reader that has seen enough (`| head`) is no error.
    let _printed = std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
    if selected.is_empty() {
        eprintln!("No case is selected by this filter.");
        return Ok(Ending::NothingCompared);
    }
    Ok(Ending::Agreed)
}

fn uncovered(arguments: &ListArguments) -> Result<Ending, CannotRun> {
    let named = arguments.fixtures.as_deref().map(Catalogue::read);
    let named = named.transpose()?;
    let catalogue = named.as_ref().unwrap_or_else(|| Catalogue::built_in());
    let missing = coverage::uncovered(catalogue, &cases::all());
    let mut without_reason = 0;
    for id in missing.rules.iter().chain(&missing.assumptions) {
        let reason = catalogue.reasons.get(id);
        without_reason += usize::from(reason.is_none());
        println!(
            "{id}: {}",
            reason.map_or("no reason is given", |reason| reason)
        );
    }
    println!(
        "{} rules without a case, {} assumptions without a probe, {without_reason} of them without a reason",
        missing.rules.len(),
        missing.assumptions.len()
    );
    Ok(if without_reason == 0 {
        Ending::Agreed
    } else {
        Ending::Differed
    })
}

fn claims(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases {
        let kind = case.kind.word();
        let rules = case.rules.join(", ");
        writeln!(
            text,
            "{}\n    {} [{kind}; {rules}{}]",
            case.id,
            case.sentence,
            needs(case.needs)
        )
        .expect("a String takes every write");
    }
    writeln!(text, "{} cases", cases.len()).expect("a String takes every write");
    text
}

fn costs(cases: &[Case]) -> String {
    let mut text = format!("{:>6} {:>12} {:>8}  case\n", "calls", "bytes", "seconds");
    let mut line = |cost: Cost, name: &str| {
        writeln!(
            text,
            "{:>6} {:>12} {:>8}  {name}",
            cost.calls, cost.bytes, cost.seconds
        )
        .expect("a String takes every write");
    };
    for case in cases {
        line(case.cost, case.id);
    }
    for (name, wanted) in SHARES {
        let share = cases.iter().filter(wanted);
        let sum = share.fold(Cost::default(), |sum, case| Cost {
            calls: sum.calls + case.cost.calls,
            bytes: sum.bytes + case.cost.bytes,
            seconds: sum.seconds + case.cost.seconds,
        });
        line(sum, name);
    }
    text
}

/// What the cases cost together, by what a run has to be given for them.
const SHARES: [(&str, fn(&&Case) -> bool); 4] = [
    ("on any account", |case| case.needs == Needs::NOTHING),
    ("more with --slow", |case| {
        case.needs == Needs::CLOCK && case.cost.seconds <= LONGEST_WAIT
    }),
    ("more with --big", |case| case.needs == Needs::BIG),
    (
        "more with other tokens, or on a fake (which does not wait)",
        |case| {
            let waits = case.needs == Needs::CLOCK && case.cost.seconds <= LONGEST_WAIT;
            !waits && case.needs != Needs::NOTHING && case.needs != Needs::BIG
        },
    ),
];

fn needs(needs: Needs) -> String {
    let named = [
        (needs.clock, "time"),
        (needs.exact_clock, "an exact clock"),
        (needs.big, "big bodies"),
        (needs.second_token, "a second account"),
        (needs.restricted_token, "a restricted token"),
        (needs.special_token.is_some(), "a special token"),
        (needs.fake_only, "a fake"),
    ];
    let named: Vec<&str> = named
        .into_iter()
        .filter(|(needed, _)| *needed)
        .map(|(_, name)| name)
        .collect();
    if named.is_empty() {
        String::new()
    } else {
        format!("; needs {}", named.join(", "))
    }
}
