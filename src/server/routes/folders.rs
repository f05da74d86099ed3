//! Listing and creating folders.

use super::{Call, Reply};
use crate::dropbox::errors::{CreateFolderError, ListFolderContinueError, ListFolderError};
use crate::dropbox::listing::{Cursor, DEFAULT_PAGE, ListFolderOptions, Page};
use crate::dropbox::metadata::FolderMetadata;
use crate::rules::Rule;
use crate::server::http::answer::Answer;
use crate::server::http::problem::Problem;
use crate::wire::arguments::entries::CreateFolder;
use crate::wire::arguments::folders::{ListFolder, ListFolderContinue};
use crate::wire::errors::bad_input::BadInput;
use crate::wire::metadata;
use http::StatusCode;
use serde_json::Value;

pub(super) fn list_folder(call: &mut Call<'_>) -> Reply {
    let (path, options) = options(call)?;
    let view = call.view();
    let page = call
        .account()
        .list_folder(&view, &path, options)
        .map_err(problem)?;
    call.exchange.decided_by(&[Rule::new("API-217")]);
    Ok(print(&page))
}

pub(super) fn list_folder_continue(call: &mut Call<'_>) -> Reply {
    let argument: ListFolderContinue = call.take();
    let cursor = Cursor::parse(&argument.cursor).map_err(|_| {
        Problem::bad_input(
            "files/list_folder/continue",
            BadInput::Cursor {
                cursor: &argument.cursor,
            },
        )
    })?;
    let view = call.view();
    let page = call
        .account()
        .list_folder_continue(&view, cursor)
        .map_err(|error: ListFolderContinueError| Problem::endpoint(error, Rule::new("API-180")))?;
    call.exchange.decided_by(&[Rule::new("API-236")]);
    Ok(print(&page))
}

pub(super) fn get_latest_cursor(call: &mut Call<'_>) -> Reply {
    let (path, options) = options(call)?;
    let view = call.view();
    let cursor = call
        .account()
        .latest_cursor(&view, &path, options)
        .map_err(problem)?;
    call.exchange.decided_by(&[Rule::new("API-217")]);
    Ok(metadata::latest_cursor(&cursor))
}

pub(super) fn create_folder_v2(call: &mut Call<'_>) -> Reply {
    let folder = make(call)?;
    Ok(metadata::created_folder(&folder))
}

/// The older form (RT-17).
pub(super) fn create_folder(call: &mut Call<'_>) -> Reply {
    let folder = make(call)?;
    call.exchange
        .decided_by(&[Rule::new("API-234"), Rule::new("RT-17")]);
    Ok(metadata::folder(&folder))
}

fn make(call: &mut Call<'_>) -> Result<FolderMetadata, Problem> {
    let argument: CreateFolder = call.take();
    let view = call.view();
    let made = call
        .account()
        .create_folder(&view, &argument.path, argument.autorename);
    let folder =
        made.map_err(|error: CreateFolderError| Problem::endpoint(error, Rule::new("API-184")))?;
    call.exchange.decided_by(&[Rule::new("API-234")]);
    Ok(folder)
}

fn options(call: &mut Call<'_>) -> Result<(String, ListFolderOptions), Problem> {
    let argument: ListFolder = call.take();
    if argument.shared_link {
        let detail = "files/list_folder with a shared_link is not faked. Nothing was done.";
        let answer = Answer::about_the_fake(StatusCode::NOT_IMPLEMENTED, "not faked", detail);
        return Err(Problem::Ready(Box::new(answer)));
    }
    let limit = argument.limit.map_or(DEFAULT_PAGE, |limit| {
        usize::try_from(limit).unwrap_or(DEFAULT_PAGE)
    });
    let options = ListFolderOptions {
        recursive: argument.recursive,
        include_deleted: argument.include_deleted,
        limit,
        property_groups_of: argument.property_groups_of,
    };
    Ok((argument.path, options))
}

fn print(page: &Page) -> Value {
    metadata::list_folder(&page.entries, &page.cursor, page.has_more)
}

fn problem(error: ListFolderError) -> Problem {
    Problem::endpoint(error, Rule::new("API-179"))
}
