use std::fmt::Write as _;

use super::assumptions::{Setting, assumptions, open_questions};
use super::catalogue::{CatalogueEntry, InTheFake, catalogue};
use super::rule::Evidence;

/// The fidelity table, in Markdown: every rule with its evidence, every assumption with its choices.
pub fn fidelity_table() -> String {
    let mut page = String::from(
        "# Fidelity\n\n\
         <!-- Generated from the rules and assumptions in this directory. Change those, then run\n     \
         UPDATE_FIXTURES=1 cargo test --lib fidelity -->\n\n\
         What the fake does, and how each behaviour of the real service is known:\n\n\
         - *verified*: a recording of the real service shows it;\n\
         - *documented*: Dropbox says so, in its specification, documentation or SDKs;\n\
         - *observed*: somebody published what the real service did;\n\
         - *assumed*: inferred from something known, claimed without a trace, open, or chosen without a hint.\n",
    );
    write_counts(&mut page);
    for document in catalogue().documents() {
        write_rules(
            &mut page,
            &document.title,
            &document.rules,
            InTheFake::Implemented,
        );
    }
    let entries: Vec<CatalogueEntry> = catalogue().entries().cloned().collect();
    write_rules(&mut page, "Not modelled", &entries, InTheFake::NotModelled);
    write_assumptions(&mut page);
    write_open_questions(&mut page);
    write_rules(&mut page, "Background", &entries, InTheFake::Background);
    page
}

fn write_counts(page: &mut String) {
    let levels = [
        Evidence::Verified,
        Evidence::Documented,
        Evidence::Observed,
        Evidence::Assumed,
    ];
    line(page, "");
    line(
        page,
        "| | verified | documented | observed | assumed | all |",
    );
    line(page, "|---|---:|---:|---:|---:|---:|");
    for (title, part) in [
        ("implemented", InTheFake::Implemented),
        ("not modelled", InTheFake::NotModelled),
        ("background", InTheFake::Background),
    ] {
        let count = |wanted: Option<Evidence>| {
            catalogue()
                .entries()
                .filter(|entry| {
                    entry.in_the_fake == part
                        && wanted.is_none_or(|level| entry.evidence() == level)
                })
                .count()
        };
        let [verified, documented, observed, assumed] = levels.map(|level| count(Some(level)));
        let all = count(None);
        line(
            page,
            &format!("| {title} | {verified} | {documented} | {observed} | {assumed} | {all} |"),
        );
    }
}

fn write_rules(page: &mut String, title: &str, entries: &[CatalogueEntry], part: InTheFake) {
    line(page, &format!("\n## {}", escaped(title)));
    let mut chapter = None;
    for entry in entries.iter().filter(|entry| entry.in_the_fake == part) {
        if chapter != Some(&entry.chapter) {
            chapter = Some(&entry.chapter);
            line(page, &format!("\n### {}\n", escaped(&entry.chapter)));
            line(page, "| rule | statement | evidence | since | source |");
            line(page, "|---|---|---|---|---|");
        }
        line(
            page,
            &format!(
                "| {} | {} | {} | {} | {} |",
                entry.id,
                escaped(&entry.statement),
                evidence(entry),
                entry.since.as_deref().unwrap_or(""),
                escaped(&entry.source),
            ),
        );
    }
}

fn evidence(entry: &CatalogueEntry) -> String {
    match (&entry.verification, entry.assumed_because) {
        (Some(proof), _) => format!("verified {}, {}", proof.date, escaped(&proof.recording)),
        (None, Some(because)) => format!("{} ({})", entry.evidence(), because.name()),
        (None, None) => entry.evidence().to_string(),
    }
}

fn write_assumptions(page: &mut String) {
    line(page, "\n## Assumptions\n");
    line(
        page,
        "Where nobody knows what the service does, these settings decide. Priority A changes what a client has to do.\n",
    );
    line(
        page,
        "| question | setting | what is not known | default | choices | rules | priority |",
    );
    line(page, "|---|---|---|---|---|---|---|");
    for assumption in assumptions() {
        let choices = match &assumption.setting {
            Setting::Choice { choices, .. } => choices
                .iter()
                .map(|choice| {
                    format!(
                        "**{}**: {}",
                        escaped(&choice.name),
                        escaped(&choice.meaning)
                    )
                })
                .collect::<Vec<_>>()
                .join("<br>"),
            Setting::Integer {
                unit,
                nullable,
                minimum,
                ..
            } => {
                let none = if *nullable { ", or none" } else { "" };
                format!("{} from {minimum}{none}", escaped(unit))
            }
            Setting::Text { .. } => "any text".to_owned(),
        };
        line(
            page,
            &format!(
                "| {} | {} | {} | {} | {choices} | {} | {} |",
                assumption.id,
                escaped(&assumption.name),
                escaped(&assumption.question),
                escaped(&assumption.setting.default_text()),
                assumption.basis.join(", "),
                assumption.priority.as_deref().unwrap_or(""),
            ),
        );
    }
}

fn write_open_questions(page: &mut String) {
    line(page, "\n## Open questions without a setting\n");
    line(
        page,
        "| question | what is not known | taken for true until it is | rules |",
    );
    line(page, "|---|---|---|---|");
    for question in open_questions() {
        line(
            page,
            &format!(
                "| {} | {} | {} | {} |",
                question.id,
                escaped(&question.question),
                escaped(&question.default),
                question.basis.join(", "),
            ),
        );
    }
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a string takes every text");
}

/// The text with every character escaped that means something in a Markdown table.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' => escaped.push_str("<br>"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::directory;

    #[test]
    fn the_committed_fidelity_table_is_up_to_date() {
        let path = directory().join("FIDELITY.md");
        let table = fidelity_table();
        if std::env::var_os("UPDATE_FIXTURES").is_some_and(|value| value == "1") {
            std::fs::write(&path, &table).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let stale = committed
            .lines()
            .zip(table.lines())
            .position(|(committed, now)| committed != now);
        assert!(
            committed == table,
            "fixtures/FIDELITY.md is stale from line {}: run `UPDATE_FIXTURES=1 cargo test --lib fidelity` and commit it",
            stale.map_or_else(
                || committed.lines().count().min(table.lines().count()) + 1,
                |line| line + 1
            ),
        );
    }

    #[test]
    fn every_rule_and_assumption_has_one_row() {
        let table = fidelity_table();
        let ids = catalogue()
            .entries()
            .map(|entry| &entry.id)
            .chain(assumptions().iter().map(|assumption| &assumption.id))
            .chain(open_questions().iter().map(|question| &question.id));
        for id in ids {
            let row = format!("| {id} | ");
            assert_eq!(
                table.lines().filter(|line| line.starts_with(&row)).count(),
                1,
                "{id}"
            );
        }
    }

    #[test]
    fn a_pattern_survives_the_table() {
        assert_eq!(escaped(r"(/(.|[\r\n])*)"), r"(/(.\|\[\\r\\n\])\*)");
        assert_eq!(escaped("<link> & _more_"), r"&lt;link&gt; &amp; \_more\_");
    }

    #[test]
    fn every_row_has_as_many_cells_as_its_head() {
        let mut cells_of_head = 0;
        for line in fidelity_table()
            .lines()
            .filter(|line| line.starts_with('|'))
        {
            let cells = line
                .replace(r"\\", "")
                .replace(r"\|", "")
                .matches('|')
                .count();
            if line.starts_with("| rule |")
                || line.starts_with("| question |")
                || line.starts_with("| |")
            {
                cells_of_head = cells;
            }
            assert_eq!(cells, cells_of_head, "{line}");
        }
    }
}
