//! At the end, whatever happened: the run's folder goes, and a listing proves it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::json;

use crate::safety::budget::{Budget, Spending};
use crate::secrecy::redacted::Redacted;
use crate::secrecy::secret::Secret;
use crate::talk::answer::Answer;
use crate::talk::context::{Context, Shared};

/// How often the folder is deleted and looked for again. An upload that was cut off can still land
/// after the first delete.
const ATTEMPTS: u32 = 5;

/// Deletes the run's folder in the account, and in the second account if cases used it. The error is
/// a sentence for people.
pub async fn clean_up(shared: &Shared, second_too: bool) -> Result<(), Redacted> {
    let tokens = &shared.target.tokens;
    let second = tokens.second.as_ref().filter(|_| second_too);
    for token in [Some(&tokens.main), second].into_iter().flatten() {
        clean_account(shared, token).await?;
    }
    Ok(())
}

async fn clean_account(shared: &Shared, token: &Secret) -> Result<(), Redacted> {
    // The clean-up has money of its own: a run that spent everything is cleaned up all the same.
    let limit = Spending {
        calls: 4 * u64::from(ATTEMPTS),
        bytes: 64 * 1024,
    };
    let shared = Shared {
        stopping: Arc::new(AtomicBool::new(false)),
        budget: Arc::new(Budget::new(limit)),
        ..shared.clone()
    };
    let context = Context::new(shared.clone(), "clean-up", limit);
    let mut last = "nothing was answered".to_owned();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        match delete_and_look(&context, token).await {
            Ok(()) => return Ok(()),
            // Somebody's fake need not have these routes, and nobody misses what it keeps.
            Err(Remains::NoSuchRoute(_)) if !shared.target.real => return Ok(()),
            Err(Remains::NoSuchRoute(text) | Remains::Still(text)) => last = text,
        }
    }
    let text = format!(
        "The folder {} could not be removed ({last}): run `dropbox-conformance leftovers`, then delete it by hand.",
        shared.run_folder
    );
    // Only the folder's own name is shown in full: people must be able to find it.
    Err(context
        .normaliser()
        .text(&text)
        .with_folder_name(&shared.run_folder))
}

/// Why the folder may still be there.
enum Remains {
    /// The target does not know a route that is needed.
    NoSuchRoute(String),
    /// Something else.
    Still(String),
}

impl Remains {
    fn of(route: &str, answer: &Answer) -> Self {
        let text = format!("{route} answered {}: {}", answer.status(), answer.text());
        let unknown = matches!(answer.status(), 404 | 405 | 501)
            || (answer.status() == 400 && answer.text().contains("Unknown API function"));
        if unknown {
            Self::NoSuchRoute(text)
        } else {
            Self::Still(text)
        }
    }
}

async fn delete_and_look(context: &Context, token: &Secret) -> Result<(), Remains> {
    let folder = json!({"path": context.shared.run_folder});
    let call = async |route: &str| {
        let request = context
            .rpc_request(route, &folder)
            .without_header("Authorization")
            .header("Authorization", context.bearer(token));
        context
            .send(request)
            .await
            .map_err(|failure| Remains::Still(failure.text().to_owned()))
    };
    let deleted = call("files/delete_v2").await?;
    let gone_already = deleted.text().contains("path_lookup/not_found");
    if deleted.status() != 200 && !gone_already {
        return Err(Remains::of("delete_v2", &deleted));
    }
    let listed = call("files/list_folder").await?;
    if listed.status() == 409 && listed.text().contains("path/not_found") {
        return Ok(());
    }
    Err(Remains::of("after the delete, list_folder", &listed))
}
