//! What interrupted runs have left on an account. It is reported and never deleted: that is for the
//! owner to do.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::http::Request;
use crate::secrecy::normaliser::Normaliser;
use crate::targets::{CannotRun, Target};

/// At most so many pages of the root are read.
const PAGES: usize = 200;

/// The names of the folders in the root that runs of this suite have made.
pub async fn find(target: &Target) -> Result<Vec<String>, CannotRun> {
    let mut found = Vec::new();
    let mut route = "files/list_folder";
    let mut argument = json!({"path": "", "recursive": false});
    for _ in 0..PAGES {
        let page = call(target, route, &argument).await?;
        let entries = page.get("entries").and_then(Value::as_array);
        for entry in entries.into_iter().flatten() {
            let folder = entry.get(".tag").and_then(Value::as_str) == Some("folder");
            let name = entry
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if folder && is_run_folder(name) {
                found.push(name.to_owned());
            }
        }
        if page.get("has_more").and_then(Value::as_bool) != Some(true) {
            found.sort();
            return Ok(found);
        }
        let cursor = page
            .get("cursor")
            .and_then(Value::as_str)
            .unwrap_or_default();
        argument = json!({ "cursor": cursor });
        route = "files/list_folder/continue";
    }
    Err(CannotRun(
        "The root of this account has too many entries to look through: look for folders named \
         conformance-… by hand."
            .to_owned(),
    ))
}

async fn call(target: &Target, route: &str, argument: &Value) -> Result<Value, CannotRun> {
    let request = Request::post(format!("{}/2/{route}", target.api))
        .header(
            "Authorization",
            format!("Bearer {}", target.tokens.main.expose()),
        )
        .header(
            "User-Agent",
            format!(
                "fake-dropbox-conformance/{} (leftovers)",
                env!("CARGO_PKG_VERSION")
            ),
        )
        .content_type("application/json")
        .body(argument.to_string());
    let came = target.client.send(request).await;
    if let Ok(reply) = &came
        && reply.status == 200
        && let Ok(json) = serde_json::from_slice::<Value>(&reply.body)
        && json.get("entries").is_some()
    {
        return Ok(json);
    }
    let sentence = crate::run::diagnose::diagnose(&target.api, &came)
        .unwrap_or_else(|| "The target lists no folder.".to_owned());
    // The sentence quotes the answer.
    let normaliser = Normaliser::new(Arc::clone(&target.vault), "");
    Err(CannotRun(normaliser.text(&sentence).to_string()))
}

/// `conformance-20260102-0123456789ab`, as the runner names its folders.
fn is_run_folder(name: &str) -> bool {
    // A first look ends its folder's name in letters that JSON escapes.
    let mut parts = name.strip_suffix(" R&D é").unwrap_or(name).split('-');
    let word = parts.next() == Some("conformance");
    let day = parts
        .next()
        .is_some_and(|day| day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()));
    let tail = parts.next().is_some_and(|tail| {
        tail.len() == 12
            && tail
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    word && day && tail && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_suites_own_names_are_leftovers() {
        assert!(is_run_folder("conformance-20260102-0123456789ab"));
        assert!(is_run_folder("conformance-20260102-0123456789ab R&D é"));
        for other in [
            "conformance",
            "conformance-20260102",
            "conformance-20260102-0123456789ab-copy",
            "conformance-2026010x-0123456789ab",
            "Conformance-20260102-0123456789ab",
        ] {
            assert!(!is_run_folder(other), "{other}");
        }
    }
}
