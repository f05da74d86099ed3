//! What `files/get_temporary_link` gives: a file for everybody who knows the address (API-222).

use crate::control::faults::Phase;
use crate::dropbox::download_link::DownloadLinkRefusal;
use crate::dropbox::path::name_of;
use crate::rules::Rule;
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::content;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::wire::errors::link::PLACEHOLDER;
use crate::wire::routes::DOWNLOAD_LINK;
use http::{Method, StatusCode};
use std::sync::Arc;

pub async fn answer(exchange: &Exchange) -> Result<Answer, Problem> {
    let token = exchange
        .path()
        .strip_prefix("/cd/0/get/")
        .and_then(|rest| rest.strip_suffix("/file"))
        .unwrap_or_default();
    let owner = exchange.app().world().downloads.owner(token);
    let path = owner.as_ref().and_then(|owner| {
        let account = owner.lock();
        let link = account.state.downloads.get(token)?;
        Some(link.file.display.to_string())
    });
    {
        let mut record = exchange.record();
        record.path = path;
        record.route = Some(DOWNLOAD_LINK);
        record.account = owner.as_ref().map(|owner| Arc::clone(owner.name()));
        record.link = Some(token.into());
    }
    faults::apply_at(exchange, Phase::Head).await?;
    if !matches!(*exchange.method(), Method::GET | Method::HEAD) {
        let answer = placeholder(StatusCode::METHOD_NOT_ALLOWED, "This link takes GET only.");
        return Ok(answer.with_header("allow", "GET, HEAD"));
    }
    let file = owner
        .ok_or(DownloadLinkRefusal::Unknown)
        .and_then(|owner| owner.lock().follow_download_link(token, exchange.now()));
    Ok(match file {
        Err(DownloadLinkRefusal::Unknown) => {
            placeholder(StatusCode::NOT_FOUND, "There is no such link.")
        }
        Err(DownloadLinkRefusal::Expired) => {
            placeholder(StatusCode::GONE, "This link has expired.")
        }
        Ok(file) => match content::answer(exchange, &file, content_type(name_of(&file.display))) {
            Ok(answer) => answer.with_rules(&[Rule::new("API-222")]),
            Err(_) => placeholder(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "The range is not in the file.",
            ),
        },
    })
}

fn placeholder(status: StatusCode, words: &str) -> Answer {
    Answer::text(status, format!("{PLACEHOLDER}{words}")).with_rules(&[Rule::new("API-222")])
}

/// The type of a file by its name (API-222).
pub(super) fn content_type(name: &str) -> &'static str {
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    match extension.as_str() {
        "css" => "text/css",
        "csv" => "text/csv",
        "gif" => "image/gif",
        "htm" | "html" => "text/html",
        "jpeg" | "jpg" => "image/jpeg",
        "js" => "text/javascript",
        "json" => "application/json",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "webp" => "image/webp",
        "xml" => "application/xml",
        "zip" => "application/zip",
        _ => "application/binary",
    }
}
