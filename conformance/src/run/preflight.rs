//! Before anything else: can this target be used, and may it be?

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::http::{NoReply, Reply, Request};
use crate::run::absent::{NOBODYS, Unknown};
use crate::run::diagnose::diagnose;
use crate::safety::budget::Spending;
use crate::safety::stopping::INTERRUPTED;
use crate::secrecy::redacted::Redacted;
use crate::talk::commit_info::commit_info;
use crate::talk::context::{Context, Shared};
use crate::talk::spelling::Dialect;

/// The file that tells the owner of the account what the folder is.
const NOTE: &str = "This folder was made by the fake-dropbox conformance suite and is deleted at the end \
                    of its run.\nIf it is still here a day later, you can delete it.\n";

/// Why the run must not begin, and whether the check has left something to clean up.
#[derive(Debug)]
pub struct Stop {
    /// For people.
    pub sentence: Redacted,
    /// The run's folder may be there.
    pub folder_made: bool,
}

/// What the check has found out.
#[derive(Debug, Default)]
pub struct Entry {
    /// Whether a plain mint gives a link. Somebody's fake need not have links.
    pub mints: bool,
    /// How a fake answers where it has no route.
    pub unknown: Option<Unknown>,
}

/// Checks that the target can be judged: that it answers a plain mint with a link or, somebody's fake, another
/// plain call; and for a real account that the app is confined to its folder, that there is room, and that
/// the scopes for the clean-up are there.
pub async fn check(shared: &Shared, allow_full_dropbox: bool) -> Result<Entry, Stop> {
    let context = context(shared);
    let nothing_made = |sentence| Stop {
        sentence,
        folder_made: false,
    };
    if !shared.target.real {
        return entry_of_a_fake(&context).await.map_err(nothing_made);
    }
    let came = send_twice(&context, mint(&context)).await;
    came.and_then(|came| usable(&context, &came))
        .map_err(nothing_made)?;
    if !allow_full_dropbox && !is_app_folder(&context).await.map_err(nothing_made)? {
        return Err(nothing_made(text(
            &context,
            "This app can reach the whole Dropbox of its account: use an app of the type \"App folder\", \
             or say --allow-full-dropbox if the account holds nothing else.",
        )));
    }
    make_folder(&context).await.map_err(|sentence| Stop {
        sentence,
        folder_made: true,
    })?;
    Ok(Entry {
        mints: true,
        unknown: None,
    })
}

/// A fake is judged on what it has: links are not needed, but something of the API is.
async fn entry_of_a_fake(context: &Context) -> Result<Entry, Redacted> {
    let came = send_twice(context, mint(context)).await?;
    let nobodys = context.rpc_request(NOBODYS, &Value::Null);
    let unknown = match send(context, nobodys).await? {
        Ok(reply) if (400..=501).contains(&reply.status) => {
            let body = String::from_utf8_lossy(&reply.body);
            let shown = context.normaliser().text(&body);
            Some(Unknown::of(reply.status, shown.as_str()))
        }
        _ => None,
    };
    let refused = |reply: &Reply| {
        reply.status != 200 && !matches!(reply.status, 401 | 403 | 429 | 500 | 502..)
    };
    if !came.as_ref().is_ok_and(refused) {
        usable(context, &came)?;
        return Ok(Entry {
            mints: true,
            unknown,
        });
    }
    let path = format!("{}/README.txt", context.shared.run_folder);
    let upload = context
        .content_request("files/upload", &json!({"path": path, "mute": true}))
        .body(NOTE.as_bytes());
    let list = context.rpc_request("files/list_folder", &json!({"path": ""}));
    let owner = context.rpc_request("users/get_current_account", &Value::Null);
    for request in [upload, list, owner] {
        let answered = send(context, request).await?;
        if answered.is_ok_and(|reply| {
            reply.status == 200 && serde_json::from_slice::<Value>(&reply.body).is_ok()
        }) {
            return Ok(Entry {
                mints: false,
                unknown,
            });
        }
    }
    Err(trouble(context, &came))
}

/// A first upload and a first listing find out about a full account and a missing scope before any
/// case does.
async fn make_folder(context: &Context) -> Result<(), Redacted> {
    let folder = &context.shared.run_folder;
    let note_path = format!("{folder}/README.txt");
    let argument = json!({"path": note_path, "mute": true});
    let note = context
        .content_request("files/upload", &argument)
        .body(NOTE.as_bytes());
    let look = context.rpc_request("files/list_folder", &json!({ "path": folder }));
    for request in [note, look] {
        let came = send(context, request).await?;
        if !came.as_ref().is_ok_and(|reply| reply.status == 200) {
            return Err(trouble(context, &came));
        }
    }
    // What other scopes open. Only that one is missing is looked for: the cases judge the rest.
    let read = context.content_request("files/download", &json!({ "path": note_path }));
    let owner = context.rpc_request("users/get_current_account", &Value::Null);
    for request in [read, owner] {
        let came = send(context, request).await?;
        let refused = came.as_ref().is_ok_and(|reply| {
            reply.status == 401 && reply.body.windows(13).any(|part| part == b"missing_scope")
        });
        if refused {
            return Err(trouble(context, &came));
        }
    }
    Ok(())
}

/// Asks again after a failure, so that a target that went away, or a token that expired, ends the run
/// instead of failing every case that is left.
pub async fn still_there(shared: &Shared, mints: bool) -> Result<(), Redacted> {
    let context = context(shared);
    let came = send_twice(&context, mint(&context)).await?;
    match &came {
        Ok(_) if !mints => Ok(()),
        _ => usable(&context, &came),
    }
}

fn context(shared: &Shared) -> Context {
    Context::new(
        shared.clone(),
        "preflight",
        Spending {
            calls: 16,
            bytes: 32 * 1024,
        },
    )
}

fn mint(context: &Context) -> Request {
    let argument = context.mint_argument(&commit_info("/never-used.txt").duration(60));
    context.rpc_request("files/get_temporary_upload_link", &argument)
}

/// The answer; asked once more if a connection broke: a kept one that the other side had just closed is no
/// sign of trouble.
async fn send_twice(
    context: &Context,
    request: Request,
) -> Result<Result<Reply, NoReply>, Redacted> {
    match send(context, request.clone()).await? {
        Err(NoReply::Cut(_)) => send(context, request).await,
        came => Ok(came),
    }
}

/// Whether this answer to a plain mint is one; what it tells of the target's dialect is kept.
fn usable(context: &Context, came: &Result<Reply, NoReply>) -> Result<(), Redacted> {
    if let Some(sentence) = diagnose(&context.target().api, came) {
        return Err(text(context, &sentence));
    }
    let dialect = came
        .as_ref()
        .ok()
        .and_then(|reply| Dialect::of(&reply.body));
    if let Some(dialect) = dialect {
        context.shared.speaks.get_or_init(|| dialect);
    }
    Ok(())
}

async fn send(context: &Context, request: Request) -> Result<Result<Reply, NoReply>, Redacted> {
    let request = request.header("User-Agent", context.user_agent());
    let reply = context.send_patiently(request).await;
    let reply = reply.map_err(|failure| match failure {
        Failure::Stopped => Redacted::fixed(INTERRUPTED),
        failure => failure.into_text(),
    })?;
    if let Ok(reply) = &reply
        && let Ok(json) = serde_json::from_slice(&reply.body)
    {
        context.normaliser().learn(&json);
    }
    Ok(reply)
}

/// An app-folder app is told apart by API-69: it may not name a path root, whatever the root.
async fn is_app_folder(context: &Context) -> Result<bool, Redacted> {
    let argument = json!({"path": context.shared.run_folder});
    let request = context
        .rpc_request("files/get_metadata", &argument)
        .header("Dropbox-API-Path-Root", r#"{".tag": "home"}"#);
    let came = send(context, request).await?;
    match &came {
        Ok(reply) if reply.status == 400 => {
            let body = String::from_utf8_lossy(&reply.body).to_lowercase();
            if body.contains("path root is not supported for sandbox app") {
                return Ok(true);
            }
            Err(trouble(context, &came))
        }
        // The run's folder is not there yet: 409 says that the root was accepted and looked into.
        Ok(reply) if matches!(reply.status, 200 | 409 | 422) => Ok(false),
        _ => Err(trouble(context, &came)),
    }
}

fn trouble(context: &Context, came: &Result<Reply, NoReply>) -> Redacted {
    let sentence = diagnose(&context.target().api, came)
        .unwrap_or_else(|| "The target answers a simple question in an unknown way.".to_owned());
    text(context, &sentence)
}

fn text(context: &Context, sentence: &str) -> Redacted {
    context.normaliser().text(sentence)
}
