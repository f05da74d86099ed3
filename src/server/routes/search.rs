//! The searches.

use super::{Call, Reply};
use crate::dropbox::errors::SearchError;
use crate::dropbox::search::{Found, Search, SearchCursor};
use crate::rules::Rule;
use crate::server::http::problem::Problem;
use crate::wire::arguments::search::{OlderSearch, SearchContinue};
use crate::wire::search as results;
use serde_json::Value;

/// How a query is matched is an open question (RQ-12).
const RULES: [Rule; 2] = [Rule::new("RT-85"), Rule::new("RT-90")];

pub(super) fn search_v2(call: &mut Call<'_>) -> Reply {
    let search: Search = call.take();
    let view = call.view();
    let found = call.account().search(&view, &search, 0).map_err(problem)?;
    Ok(page(call, &found, search))
}

pub(super) fn continue_v2(call: &mut Call<'_>) -> Reply {
    let SearchContinue { cursor } = call.take();
    let cursor =
        SearchCursor::parse(&cursor).ok_or_else(|| problem(SearchError::InvalidArgument))?;
    let view = call.view();
    let found = call.account().search_on(&view, &cursor).map_err(problem)?;
    Ok(page(call, &found, cursor.search))
}

/// The older form.
pub(super) fn search(call: &mut Call<'_>) -> Reply {
    let OlderSearch { search, start } = call.take();
    let view = call.view();
    let start = usize::try_from(start).expect("at most 9999");
    let found = call
        .account()
        .search(&view, &search, start)
        .map_err(problem)?;
    call.exchange
        .decided_by(&[Rule::new("RT-99"), Rule::new("RT-90")]);
    Ok(results::older_result(&found))
}

fn page(call: &mut Call<'_>, found: &Found, search: Search) -> Value {
    let next = found
        .has_more
        .then(|| call.account().search_cursor(search, found.next).to_text());
    call.exchange.decided_by(&RULES);
    results::result(found, next)
}

fn problem(error: SearchError) -> Problem {
    Problem::endpoint(error, Rule::new("RT-80"))
}
