//! When a target cannot be used at all: one sentence that says what to do.

use serde_json::Value;

use crate::http::{NoReply, Reply};
use crate::talk::quoted::quoted;

/// What is wrong with the target itself, judged by the answer to a plain mint, and what it said. `None`: it
/// can be used.
pub fn diagnose(origin: &str, came: &Result<Reply, NoReply>) -> Option<String> {
    let sentence = sentence(origin, came)?;
    // A page for browsers says nothing that could be read here.
    let words = came.as_ref().ok().filter(|reply| !looks_like_html(reply));
    Some(match words {
        Some(reply) if !reply.body.is_empty() => {
            let text = String::from_utf8_lossy(&reply.body);
            format!("{sentence} It answered {}: {}", reply.status, quoted(&text))
        }
        _ => sentence,
    })
}

fn sentence(origin: &str, came: &Result<Reply, NoReply>) -> Option<String> {
    let reply = match came {
        Ok(reply) => reply,
        Err(error) => return Some(no_reply(origin, error)),
    };
    let text = String::from_utf8_lossy(&reply.body);
    let json: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let summary = json
        .as_ref()
        .and_then(|json| json.get("error_summary"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    if reply.status == 200 {
        let link = json.as_ref().and_then(|json| json.get("link"));
        if link.and_then(Value::as_str).is_some() {
            return None;
        }
    }
    if looks_like_html(reply) {
        return Some(format!(
            "{origin} answers with a web page (status {}): it is no Dropbox API; check host and port.",
            reply.status
        ));
    }
    Some(match reply.status {
        401 if summary.starts_with("expired_access_token") => {
            "The access token has expired: make a new one, or give DROPBOX_REFRESH_TOKEN and \
             DROPBOX_APP_KEY instead."
                .to_owned()
        }
        401 if summary.starts_with("missing_scope") => {
            let scope = json
                .as_ref()
                .and_then(|json| json.pointer("/error/required_scope"))
                .and_then(Value::as_str)
                .unwrap_or("that is needed");
            format!(
                "The token lacks the scope {scope}: tick it on the app's Permissions tab, then make a \
                 new token."
            )
        }
        401 => "The access token is not accepted: make a new one in the App Console, or name another with \
                --token-env."
            .to_owned(),
        400 if text.contains("required scope") => {
            "The app lacks a scope: tick files.content.write, files.content.read and \
             files.metadata.read on its Permissions tab, then make a new token."
                .to_owned()
        }
        400 if text.contains("Dropbox Business team") => {
            "The token is for a whole team: use a token of one person's account.".to_owned()
        }
        403 => "The account may not use this API: use another account.".to_owned(),
        409 if summary.contains("insufficient_space") => {
            "The account is full: free some space or use an empty account.".to_owned()
        }
        429 => "The target refuses calls for now (too many requests): try again later.".to_owned(),
        500.. => format!(
            "{origin} has trouble of its own (status {}): try again later.",
            reply.status
        ),
        status => format!(
            "{origin} does not answer a plain files/get_temporary_upload_link with a link (status \
             {status}): check that it is a Dropbox API."
        ),
    })
}

fn no_reply(origin: &str, error: &NoReply) -> String {
    match error {
        NoReply::Connect(cause) => format!(
            "Nobody can be reached at {origin} ({cause}): check the address, the network and the \
             certificates."
        ),
        NoReply::Timeout(seconds) => format!(
            "{origin} takes the request and does not answer within {seconds} seconds: is it the right \
             port?"
        ),
        other => format!(
            "{origin} does not answer as an HTTP server does ({other}): check host and port."
        ),
    }
}

fn looks_like_html(reply: &Reply) -> bool {
    let declared = reply
        .header("Content-Type")
        .is_some_and(|value| value.starts_with("text/html"));
    let start = reply.body.trim_ascii_start();
    declared || start.starts_with(b"<!") || start.starts_with(b"<html")
}
