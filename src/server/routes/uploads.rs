//! `files/get_temporary_upload_link` and `files/upload`.

use super::{Call, Reply, WhenReceived};
use crate::dropbox::content_hash::ContentHasher;
use crate::dropbox::errors::UploadError;
use crate::dropbox::uploads::NoLink;
use crate::rules::Rule;
use crate::server::http::answer::Answer;
use crate::server::http::problem::Problem;
use crate::wire::arguments::commit::{GetTemporaryUploadLink, Upload};
use crate::wire::metadata;
use crate::wire::routes::HostKind;
use crate::wire::routes::MINT;
use http::StatusCode;

/// There is no 409: the error of this route is Void (UL-08, API-189).
pub(super) fn get_temporary_upload_link(call: &mut Call<'_>) -> Reply {
    let GetTemporaryUploadLink {
        commit_info,
        duration,
    } = call.take();
    let path = commit_info.path.clone();
    let (world, now) = (call.world, call.now);
    let (caller, account) = call.caller();
    let token = match account.mint(&world.links, caller, commit_info, duration, now) {
        Ok(token) => token,
        Err(NoLink::NamesNothing) => {
            let words = format!("request body: commit_info.path: '{path}' names nothing");
            // The pattern lets the path pass; the rest is the switch of OQ-16.
            return Err(Problem::bad_input_unseen(MINT, &words, Rule::new("UL-26")));
        }
        Err(NoLink::NoRoom) => {
            let detail = "The upload links of this account that can still be used take all the memory that they may: use them, reset the \
                          account, or start the server with a larger --link-memory. No link was minted.";
            let status = StatusCode::INSUFFICIENT_STORAGE;
            let answer = Answer::about_the_fake(status, "too many links", detail);
            return Err(Problem::Ready(Box::new(answer)));
        }
    };
    call.exchange.app().tally.link_minted();
    let link = format!(
        "{}/apitul/1/{token}",
        call.exchange.hand_out(HostKind::Content)
    );
    call.exchange.record_link(&token);
    call.exchange
        .decided_by(&[Rule::new("UL-78"), Rule::new("UL-85")]);
    Ok(metadata::temporary_upload_link(&link))
}

pub(super) fn upload(call: &mut Call<'_>) -> Result<(ContentHasher, WhenReceived), Problem> {
    let Upload {
        commit_info,
        content_hash,
    } = call.take();
    let commit: WhenReceived = Box::new(move |call, incoming| {
        let content = incoming
            .into_content()
            .ok_or_else(|| problem(UploadError::PayloadTooLarge))?;
        let now = call.now;
        let (caller, account) = call.caller();
        let announced = content_hash.as_deref();
        let committed = account.upload(&caller.view, &commit_info, content, announced, now);
        let committed = committed.map_err(problem)?;
        call.exchange.decided_by(&[if committed.written {
            Rule::new("API-208")
        } else {
            Rule::new("API-157")
        }]);
        Ok(metadata::file(&committed.file))
    });
    Ok((ContentHasher::new(), commit))
}

fn problem(error: UploadError) -> Problem {
    let rule = match &error {
        UploadError::Path { .. } => Rule::new("API-163"),
        UploadError::PropertiesError(_) => Rule::new("API-173"),
        UploadError::PayloadTooLarge => Rule::new("API-140"),
        UploadError::ContentHashMismatch => Rule::new("API-240"),
    };
    Problem::endpoint(error, rule)
}
