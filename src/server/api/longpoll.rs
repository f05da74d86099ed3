//! `files/list_folder/longpoll`: the answer comes when something changed, or the time is over.

use crate::control::faults::Phase;
use crate::dropbox::listing::Cursor;
use crate::dropbox::shared_account::SharedAccount;
use crate::rules::Rule;
use crate::server::api::argument::Argument;
use crate::server::api::call;
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::receive::{self, BodyStream};
use crate::wire::arguments::Argument as _;
use crate::wire::arguments::folders::ListFolderLongpoll;
use crate::wire::errors::bad_input::BadInput;
use crate::wire::routes::Route;
use crate::wire::{metadata, print};
use http::StatusCode;
use http::header::AUTHORIZATION;
use std::sync::Arc;
use std::time::Duration;

pub async fn answer(
    route: &'static Route,
    exchange: &Exchange,
    body: BodyStream,
) -> Result<Answer, Problem> {
    let app = exchange.app();
    call::check_method(exchange, route)?;
    call::check_host(exchange, route)?;
    if exchange.headers().contains_key(AUTHORIZATION) {
        return Err(Problem::bad_input(
            route.name,
            BadInput::UnusedAuthorization,
        ));
    }
    let body = receive::argument_body(exchange, body).await?;
    let argument = Argument::from_body(exchange, route, &body)?;
    let decoded = argument.validate(exchange, route, &exchange.assumptions())?;
    let argument = ListFolderLongpoll::extract(decoded);
    let bad_cursor = || Problem::bad_input(route.name, BadInput::CursorType);
    let mut cursor = Cursor::parse(&argument.cursor).map_err(|_| bad_cursor())?;
    let account = app
        .world()
        .account_with_id(&cursor.account_id)
        .ok_or_else(bad_cursor)?;
    exchange.record().account = Some(Arc::clone(account.name()));
    faults::apply_at(exchange, Phase::Head).await?;
    let changes = wait(
        exchange,
        &account,
        &mut cursor,
        Duration::from_secs(argument.timeout),
    )
    .await;
    // This host prints as Go does, with a line end (API-21).
    let text = print::compact(&metadata::longpoll(changes, None));
    Ok(Answer::new(StatusCode::OK, "application/json", text).with_rules(&[Rule::new("API-21")]))
}

/// Whether something changed before the time was over: the real time, or the account's, whichever
/// comes first, so that a test can let it pass by moving the clock.
async fn wait(
    exchange: &Exchange,
    account: &SharedAccount,
    cursor: &mut Cursor,
    timeout: Duration,
) -> bool {
    let app = exchange.app();
    let now = || app.clock.now(Some(account.name()));
    let mut moves = app.clock.moves();
    let end = now().plus(timeout);
    let over = tokio::time::sleep(timeout);
    tokio::pin!(over);
    loop {
        let changes = account.changes();
        // A cursor that is not good any more is a change: the next call says so.
        if account.lock().has_changes(cursor).unwrap_or(true) {
            return true;
        }
        if now() >= end {
            return false;
        }
        tokio::select! {
            () = &mut over => return false,
            () = app.stopped() => return false,
            () = account.changed(changes) => {}
            _ = moves.changed() => {}
        }
    }
}
