//! Shared links by the API. What each means to a browser stands in `server/links/shared_link.rs`.

use super::{Call, Reply};
use crate::dropbox::account::Account;
use crate::dropbox::assumptions::ExistingLinkMetadata;
use crate::dropbox::errors::{
    CreateSharedLinkError, GetSharedLinkFileError, RevokeSharedLinkError, SharedLinkError,
    SharedLinkSettingsError,
};
use crate::dropbox::path::is_within;
use crate::dropbox::shared_links::{
    LinkSettings, ModifySharedLinkError, NotOpened, Opened, ShownLink, Visit,
};
use crate::dropbox::tree::File;
use crate::rules::Rule;
use crate::server::http::problem::Problem;
use crate::wire::arguments::sharing::{
    CreateSharedLink, CreateSharedLinkWithSettings, GetSharedLink, ListSharedLinks,
    ModifySharedLinkSettings, RevokeSharedLink,
};
use crate::wire::errors::spell_sharing::{AlreadyExists, NotShared};
use crate::wire::link_address::LinkAddress;
use crate::wire::routes::HostKind;
use crate::wire::shared_links;
use serde_json::Value;
use std::sync::Arc;

/// Where links begin that this call hands out.
fn base(call: &Call<'_>) -> String {
    call.exchange.hand_out(HostKind::Www)
}

/// The metadata of one link, which the journal then knows by its alias.
fn print(call: &Call<'_>, shown: &ShownLink) -> Value {
    call.exchange.record_link(&shown.link.key);
    shared_links::metadata(&base(call), shown)
}

/// Which rule says that settings of a shared link are refused.
fn settings_rule(error: SharedLinkSettingsError) -> Rule {
    match error {
        SharedLinkSettingsError::InvalidSettings => Rule::new("SH-68"),
        SharedLinkSettingsError::NotAuthorized => Rule::new("SH-66"),
    }
}

/// Which rule says that a shared link is not opened.
fn link_rule(error: SharedLinkError) -> Rule {
    match error {
        SharedLinkError::NotFound => Rule::new("SH-81"),
        SharedLinkError::AccessDenied => Rule::new("SH-83"),
    }
}

fn create(
    call: &mut Call<'_>,
    path: &str,
    settings: &LinkSettings,
) -> Result<ShownLink, CreateSharedLinkError> {
    let (world, now) = (call.world, call.now);
    let (caller, account) = call.caller();
    account.create_shared_link(&world.shared_links, caller, path, settings, now)
}

/// SH-01, SH-57
pub(super) fn create_shared_link_with_settings(call: &mut Call<'_>) -> Reply {
    let argument: CreateSharedLinkWithSettings = call.take();
    let tells = call.account().state.assumptions.existing_link_metadata;
    let made = create(call, &argument.path, &argument.settings);
    let (error, rule) = match made {
        Ok(shown) => {
            call.exchange
                .decided_by(&[Rule::new("SH-56"), Rule::new("SH-94")]);
            return Ok(print(call, &shown));
        }
        Err(CreateSharedLinkError::AlreadyExists(shown)) => {
            let is_told = match tells {
                ExistingLinkMetadata::WithoutSettings => argument.settings.is_empty(),
                ExistingLinkMetadata::Always => true,
                ExistingLinkMetadata::Never => false,
            };
            let shown = shown.filter(|_| is_told);
            let rule = if is_told { "SH-64" } else { "SH-58" };
            let metadata = shown.map(|shown| print(call, &shown));
            return Err(Problem::endpoint(AlreadyExists(metadata), Rule::new(rule)));
        }
        Err(CreateSharedLinkError::Path(error)) => (NotShared::Path(error), Rule::new("SH-70")),
        Err(CreateSharedLinkError::EmailNotVerified) => {
            (NotShared::EmailNotVerified, Rule::new("SH-62"))
        }
        Err(CreateSharedLinkError::Settings(error)) => {
            (NotShared::Settings(error), settings_rule(error))
        }
    };
    Err(Problem::endpoint(error, rule))
}

/// SH-02: whoever asks again gets the same link (SH-73).
pub(super) fn create_shared_link(call: &mut Call<'_>) -> Reply {
    let argument: CreateSharedLink = call.take();
    let made = create(call, &argument.path, &LinkSettings::default());
    let shown = match made {
        Ok(shown) => shown,
        Err(CreateSharedLinkError::AlreadyExists(Some(shown))) => *shown,
        Err(CreateSharedLinkError::Path(error)) => {
            return Err(Problem::endpoint(
                NotShared::Path(error),
                Rule::new("SH-49"),
            ));
        }
        Err(_) => return Err(Problem::endpoint(NotShared::Other, Rule::new("SH-49"))),
    };
    call.exchange.record_link(&shown.link.key);
    call.exchange
        .decided_by(&[Rule::new("SH-72"), Rule::new("SH-73")]);
    Ok(shared_links::path_link(&base(call), &shown, &argument.path))
}

/// SH-03
pub(super) fn list_shared_links(call: &mut Call<'_>) -> Reply {
    let argument: ListSharedLinks = call.take();
    let view = call.view();
    let (path, cursor) = (argument.path.as_deref(), argument.cursor.as_deref());
    let page = call
        .account()
        .list_shared_links(&view, path, cursor, argument.direct_only);
    let page = page.map_err(|error| Problem::endpoint(error, Rule::new("SH-50")))?;
    call.exchange
        .decided_by(&[Rule::new("SH-75"), Rule::new("SH-76")]);
    Ok(shared_links::list(
        &base(call),
        &page.links,
        page.next.as_deref(),
    ))
}

/// An address that a client gives back; none where it is none of a link of ours (SH-85).
fn address(call: &Call<'_>, url: &str) -> Option<LinkAddress> {
    LinkAddress::parse(url, |authority| call.exchange.hands_out(authority))
}

/// Opens a link of whatever account for the caller, who may be an app (SH-86). It leaves the caller's
/// account first: nobody holds two.
fn open(call: &mut Call<'_>, argument: &GetSharedLink) -> Result<Opened, SharedLinkError> {
    let address = address(call, &argument.url).ok_or(SharedLinkError::NotFound)?;
    let caller = call.leave();
    let owner = call.world.shared_links.owner(&address.id);
    let owner = owner.ok_or(SharedLinkError::NotFound)?;
    let inner = argument
        .path
        .as_ref()
        .map(|path| format!("{}{path}", address.below));
    let visit = Visit {
        key: address.key.as_deref(),
        password: argument.link_password.as_deref(),
        path: inner.as_deref().or(Some(&address.below)),
        is_owner: caller.is_some_and(|caller| Arc::ptr_eq(&caller.account, &owner)),
    };
    let now = call.exchange.app().clock.now(Some(owner.name()));
    let account = owner.lock();
    let mut opened = account
        .open_shared_link(&address.id, visit, now)
        .map_err(|refusal| match refusal {
            NotOpened::NotFound => SharedLinkError::NotFound,
            // SH-83
            NotOpened::Expired | NotOpened::NotInvited | NotOpened::Password => {
                SharedLinkError::AccessDenied
            }
        })?;
    if let Some(caller) = caller {
        // An app that does not see the entry is told no more of it than anybody else.
        opened.shown.is_own &= is_within(&opened.place, caller.view.prefix());
        opened.shown.entry = caller.view.show(opened.shown.entry);
    }
    Ok(opened)
}

/// SH-04
pub(super) fn get_shared_link_metadata(call: &mut Call<'_>) -> Reply {
    let argument: GetSharedLink = call.take();
    let opened = open(call, &argument).map_err(|error| {
        let rule = link_rule(error);
        Problem::endpoint(error, rule)
    })?;
    call.exchange
        .decided_by(&[Rule::new("SH-36"), Rule::new("SH-86")]);
    Ok(print(call, &opened.shown))
}

/// SH-05
pub(super) fn get_shared_link_file(call: &mut Call<'_>) -> Result<(Value, File), Problem> {
    let argument: GetSharedLink = call.take();
    let refused = |error: GetSharedLinkFileError| {
        let rule = match error {
            GetSharedLinkFileError::Link(error) => link_rule(error),
            GetSharedLinkFileError::IsDirectory => Rule::new("SH-89"),
        };
        Problem::endpoint(error, rule)
    };
    let opened = open(call, &argument).map_err(|error| refused(error.into()))?;
    let shown = opened.shown;
    if !shown.is_own && !shown.link.policy.allow_download {
        return Err(refused(SharedLinkError::AccessDenied.into()));
    }
    let file = opened
        .file
        .ok_or_else(|| refused(GetSharedLinkFileError::IsDirectory))?;
    call.exchange
        .decided_by(&[Rule::new("SH-89"), Rule::new("API-18")]);
    Ok((print(call, &shown), file))
}

/// Whose link an address leads to: an id of this account's, or why there is none to change.
fn own<E: From<SharedLinkError>>(call: &mut Call<'_>, address: &LinkAddress) -> Result<(), E> {
    let owner = call.world.shared_links.owner(&address.id);
    let owner = owner.ok_or(SharedLinkError::NotFound)?;
    let (caller, _) = call.caller();
    if Arc::ptr_eq(&caller.account, &owner) {
        Ok(())
    } else {
        Err(SharedLinkError::AccessDenied.into())
    }
}

/// SH-06, SH-91
pub(super) fn modify_shared_link_settings(call: &mut Call<'_>) -> Reply {
    let argument: ModifySharedLinkSettings = call.take();
    let change = |call: &mut Call<'_>| -> Result<ShownLink, ModifySharedLinkError> {
        let address = address(call, &argument.url).ok_or(SharedLinkError::NotFound)?;
        own::<ModifySharedLinkError>(call, &address)?;
        let (view, now) = (call.view(), call.now);
        let account: &mut Account = call.account();
        account.modify_shared_link(
            &view,
            &address.id,
            &argument.settings,
            argument.remove_expiration,
            now,
        )
    };
    let shown = change(call).map_err(|error| {
        let rule = match error {
            ModifySharedLinkError::Link(error) => link_rule(error),
            ModifySharedLinkError::Settings(error) => settings_rule(error),
            ModifySharedLinkError::EmailNotVerified => Rule::new("SH-54"),
        };
        Problem::endpoint(error, rule)
    })?;
    call.exchange.decided_by(&[Rule::new("SH-91")]);
    Ok(print(call, &shown))
}

/// SH-07, SH-92
pub(super) fn revoke_shared_link(call: &mut Call<'_>) -> Reply {
    let argument: RevokeSharedLink = call.take();
    let revoke = |call: &mut Call<'_>| -> Result<(), RevokeSharedLinkError> {
        let address = address(call, &argument.url).ok_or(RevokeSharedLinkError::Malformed)?;
        own::<RevokeSharedLinkError>(call, &address)?;
        let view = call.view();
        Ok(call.account().revoke_shared_link(&view, &address.id)?)
    };
    revoke(call).map_err(|error| Problem::endpoint(error, Rule::new("SH-92")))?;
    call.exchange.decided_by(&[Rule::new("SH-92")]);
    Ok(Value::Null)
}
