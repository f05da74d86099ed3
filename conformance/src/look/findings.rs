//! What the calls have shown about what is open.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::evidence::catalogue::Catalogue;
use crate::look::calls::{Call, FIRST, Met, OTHER};
use crate::talk::content_hash::content_hash;
use crate::talk::spelling::Dialect;
use crate::talk::transcript::hex;

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `OQ-01`, or what was looked at.
    pub question: String,
    /// The question in words.
    pub sentence: String,
    pub seen: String,
    /// What the fake assumes, if it is an assumption.
    pub assumed: Option<String>,
    /// Whether that is what was seen; nothing can be said without an answer.
    pub holds: Option<bool>,
}

/// What each call says about the question that it asks.
fn answers(calls: &[Call]) -> Vec<(&'static str, Option<String>)> {
    let at = |number: usize| {
        calls
            .iter()
            .find(|call| call.number == number)
            .and_then(Call::answer)
    };
    let status = |number: usize| at(number).map(|answer| answer.status);
    let by = |number: usize, words: &[(u16, &str)]| {
        let status = status(number)?;
        let known = words.iter().find(|(known, _)| *known == status);
        Some(known.map_or_else(
            || format!("status {status}"),
            |(_, word)| (*word).to_owned(),
        ))
    };
    let both = |first: Option<Met>, second: Option<Met>, what: fn(&Met) -> String| {
        let seen: Vec<String> = [first, second].iter().flatten().map(what).collect();
        match &seen[..] {
            [] => None,
            [one, other] if one != other => Some(format!("{one} | {other}")),
            [one, ..] => Some(one.clone()),
        }
    };
    let cors = |met: &Met| {
        let allowed = met.header("access-control-allow-origin").is_some();
        if allowed { "yes" } else { "no" }.to_owned()
    };
    let content_type = |met: &Met| met.header("content-type").unwrap_or("none").to_owned();
    // Only an upload that failed, and only a type that was refused, say what becomes of the link then. Where
    // an emoji is no name, the first upload failed, and the later one found nothing in its way.
    let first = match status(2) {
        Some(409) => 2,
        _ => 5,
    };
    let failed = status(first) == Some(409);
    let hashed = if first == 2 { 5 } else { 2 };
    let refused = status(8) == Some(400);
    vec![
        ("AQ-24", dialect(calls)),
        ("OQ-08", at(1).and_then(token_bytes)),
        ("OQ-19", at(hashed).map(returned_hash)),
        (
            "OQ-12.cors_on_errors",
            both(at(3).cloned(), at(first).cloned(), cors),
        ),
        (
            "OQ-13",
            both(at(3).cloned(), at(first).cloned(), content_type),
        ),
        (
            "OQ-05",
            at(first)
                .filter(|_| failed)
                .map(|answer| answer.body.clone()),
        ),
        (
            "OQ-01",
            by(
                first + 1,
                &[(200, "frees"), (410, "burns"), (409, "conflicts")],
            )
            .filter(|_| failed),
        ),
        (
            "AQ-29",
            by(2, &[(200, "accepted"), (409, "malformed_path")]),
        ),
        ("OQ-10", by(8, &[(200, "media_type"), (400, "full_value")])),
        (
            "OQ-09.bad_content_type",
            by(9, &[(200, "keeps_link"), (410, "burns_link")]).filter(|_| refused),
        ),
        (
            "OQ-02",
            by(12, &[(200, "frees"), (410, "burns"), (409, "locks")]),
        ),
        (
            "OQ-16",
            by(14, &[(200, "pattern_only"), (400, "semantic")])
                .map(|seen| format!("{seen} (for the root)")),
        ),
        ("OQ-18", by(16, &[(200, "ignored"), (400, "rejected")])),
        (
            "AQ-01",
            at(13).or_else(|| at(15)).map(|answer| {
                if content_type(answer) == "application/json" {
                    "json"
                } else {
                    "text"
                }
                .to_owned()
            }),
        ),
    ]
}

/// What was seen, question by question.
pub fn findings(calls: &[Call]) -> Vec<Finding> {
    let catalogue = Catalogue::built_in();
    let mut found: Vec<Finding> = answers(calls)
        .into_iter()
        .map(|(question, seen)| {
            let assumed = assumed(catalogue, question);
            // The root has rules of its own (API-172), and says nothing about other paths.
            let holds = match (&seen, &assumed) {
                (Some(seen), Some(assumed)) if question != "OQ-16" => Some(seen == assumed),
                _ => None,
            };
            Finding {
                question: question.to_owned(),
                sentence: catalogue.sentence(question).unwrap_or_default().to_owned(),
                seen: seen
                    .unwrap_or_else(|| "nothing: the calls before did not come so far".to_owned()),
                assumed,
                holds,
            }
        })
        .collect();
    found.extend(looked_at(calls));
    found
}

/// What is no assumption of the fake's, and worth knowing.
fn looked_at(calls: &[Call]) -> Vec<Finding> {
    let words = [
        (2, "the use of a link, for a name with an emoji"),
        (3, "its second use"),
        (9, "the same link as text/plain"),
        (12, "Expect: 100-continue"),
        (13, "a path without a slash"),
        (14, "the root"),
        (15, "a duration of 1"),
        (16, "an unknown field"),
        (17, "the folder's entry"),
        (18, "what is gone"),
    ];
    let told = |(number, sentence): &(usize, &str)| {
        let call = calls.iter().find(|call| call.number == *number)?;
        let seen = call.answer().map_or_else(
            || "no answer".to_owned(),
            |answer| {
                let continued = match answer.continued {
                    Some(true) => "100 Continue, then ",
                    Some(false) => "no 100 Continue, ",
                    None => "",
                };
                format!(
                    "{continued}{} {} {}",
                    answer.version, answer.status, answer.body
                )
            },
        );
        Some(Finding {
            question: format!("call {number}"),
            sentence: (*sentence).to_owned(),
            seen,
            assumed: None,
            holds: None,
        })
    };
    words.iter().filter_map(told).collect()
}

/// What the fake assumes, where it follows its dialect that of today.
fn assumed(catalogue: &Catalogue, question: &str) -> Option<String> {
    let entry = catalogue
        .assumptions
        .iter()
        .find(|entry| entry["id"] == question)?;
    Some(match (&entry["default"], question) {
        (Value::String(text), "AQ-01") if text == "as_dialect" => "text".to_owned(),
        (Value::String(text), _) => text.clone(),
        (other, _) => other.to_string(),
    })
}

/// By the answers of routes: how a link spells its own is a question of its own.
pub fn dialect(calls: &[Call]) -> Option<String> {
    let routes = calls.iter().filter(|call| call.argument.is_some());
    spelling(routes.filter_map(Call::answer))
}

fn spelling<'a>(answers: impl Iterator<Item = &'a Met>) -> Option<String> {
    let mut spoken: Vec<&str> = answers
        .filter(|answer| answer.body.starts_with('{'))
        .filter_map(|answer| Dialect::of(answer.body.as_bytes()))
        .map(|dialect| match dialect {
            Dialect::Of2025 => "2025",
            Dialect::Of2026 => "2026",
        })
        .collect();
    spoken.sort_unstable();
    spoken.dedup();
    match spoken[..] {
        [] => None,
        [one] => Some(one.to_owned()),
        _ => Some("mixed".to_owned()),
    }
}

/// The token itself is out of the text by now: its length was kept in its place.
fn token_bytes(answer: &Met) -> Option<String> {
    let (_, rest) = answer.body.split_once("<link-token ")?;
    Some(rest.split('>').next()?.to_owned())
}

fn returned_hash(answer: &Met) -> String {
    let json: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let came = json["content-hash"].as_str();
    let is = |hash: fn(&[u8]) -> String| {
        let bodies = [FIRST, OTHER];
        bodies.iter().any(|body| came == Some(&hash(body)))
    };
    if is(content_hash) {
        "content_hash".to_owned()
    } else if is(|body| hex(&Sha256::digest(body))) {
        "sha256".to_owned()
    } else {
        format!("{} {}", answer.status, answer.body)
    }
}
