//! Reading upload links, and ending one's time.

use super::{Answered, ControlError, Controls, Moment, Operation};
use crate::control::LinkOrigin;
use crate::control::scope::Scope;
use crate::control::secrets::{Alias, Secret, SecretKind};
use crate::dropbox::account::AccountState;
use crate::dropbox::link::{Link, LinkFailure, LinkState};
use crate::dropbox::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most links in one answer.
const MAX_LINKS: usize = 10_000;

/// The state of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It can be used.
    Fresh,
    /// An upload is under way.
    InFlight,
    /// It is unavailable for a while after an upload that broke off.
    Locked,
    /// It is used up.
    Consumed,
    /// Its time is over.
    Expired,
}

impl From<LinkState> for State {
    fn from(state: LinkState) -> Self {
        match state {
            LinkState::Fresh => Self::Fresh,
            LinkState::InFlight => Self::InFlight,
            LinkState::Locked => Self::Locked,
            LinkState::Consumed => Self::Consumed,
            LinkState::Expired => Self::Expired,
        }
    }
}

/// A link.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct LinkStatus {
    /// What stands for its token, here and in the journal.
    pub link: Alias,
    /// The path that an upload goes to; of one longer than 4,096 bytes the beginning, then `…` and how long it is.
    pub path: String,
    /// Its state now.
    pub state: State,
    /// When it was minted.
    pub minted_at: Moment,
    /// The last moment at which an upload may start.
    pub expires_at: Moment,
    /// Seconds until then; 0 afterwards.
    pub remaining_seconds: f64,
    /// How it ended if it ended now: nobody used it, its time is over, or an upload used it up and
    /// stored nothing. Absent once it stored its file, and while an upload is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<LinkFailure>,
    /// Whether this end was announced by `expect_links`.
    pub expected: bool,
}

/// The longest path that is shown whole, in bytes.
const LONGEST_PATH: usize = 4096;

fn shown(path: &str) -> String {
    if path.len() <= LONGEST_PATH {
        return path.to_owned();
    }
    let end = path.floor_char_boundary(LONGEST_PATH);
    format!("{}… ({} bytes)", &path[..end], path.len())
}

fn status(
    controls: Controls<'_>,
    token: &str,
    link: &Link,
    now: Timestamp,
    state: &AccountState,
) -> LinkStatus {
    let failure = link.failure(now, &state.assumptions);
    LinkStatus {
        link: controls.aliases.alias(SecretKind::Link, token),
        path: shown(&link.commit_info.path),
        state: link.state(now, &state.assumptions).into(),
        minted_at: Moment(link.minted_at),
        expires_at: Moment(link.expires_at()),
        remaining_seconds: link.expires_at().since(now).as_secs_f64(),
        failure,
        expected: failure.is_some_and(|failure| state.is_expected(&link.commit_info.path, failure)),
    }
}

/// Lists the links of an account, the latest first.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ListLinks {
    /// Only those in this state.
    pub state: Option<State>,
    /// At most so many; 100 if nothing is said.
    pub limit: usize,
}

impl Default for ListLinks {
    fn default() -> Self {
        Self {
            state: None,
            limit: 100,
        }
    }
}

/// Links of an account.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Links {
    /// The latest first.
    pub links: Vec<LinkStatus>,
    /// How many the account has in all, whatever their state.
    pub total: usize,
}

impl Operation for ListLinks {
    type Answer = Links;
    const NAME: &'static str = "list_links";
    const METHOD: &'static str = "GET";
    const NUMBERS: &'static [&'static str] = &["limit"];
    const PATH: &'static str = "/links";
    const SUMMARY: &'static str = "Lists the upload links of an account with their state and the time they have left, the latest first.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        if self.limit > MAX_LINKS {
            return Err(ControlError::bad(format!(
                "One answer has at most {MAX_LINKS} links."
            )));
        }
        // The maps share their structure: a copy costs nothing and frees the lock at once.
        let (account, now) =
            controls.with_account(scope, |account, now| Ok((account.state.clone(), now)))?;
        let mut wanted: Vec<_> = account
            .links
            .iter()
            .filter(|(_, link)| {
                self.state
                    .is_none_or(|state| state == link.state(now, &account.assumptions).into())
            })
            .collect();
        wanted.sort_by(|(a, left), (b, right)| {
            right.minted_at.cmp(&left.minted_at).then_with(|| a.cmp(b))
        });
        let shown = wanted.into_iter().take(self.limit);
        Ok(Links {
            links: shown
                .map(|(token, link)| status(controls, token, link, now, &account))
                .collect(),
            total: account.links.len(),
        })
    }
}

/// Reads one link.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadLink {
    /// The link itself, its token, or what stands for it, such as `link:7`.
    pub link: Secret,
}

impl Operation for ReadLink {
    type Answer = LinkStatus;
    const NAME: &'static str = "read_link";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/links/read";
    const SUMMARY: &'static str =
        "Reads one upload link, named by itself or by what stands for it in the journal.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        one(controls, scope, &self.link, |_, _| ())
    }
}

/// Ends the time of a link.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExpireLink {
    /// The link itself, its token, or what stands for it, such as `link:7`.
    pub link: Secret,
}

impl Operation for ExpireLink {
    type Answer = LinkStatus;
    const NAME: &'static str = "expire_link";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/links/expire";
    const SUMMARY: &'static str =
        "Ends the time of one upload link now; the clock and all other links stay as they are.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        one(controls, scope, &self.link, Link::expire)
    }
}

impl ReadLink {
    /// The token of the link, for whoever may know it.
    pub(crate) fn reveal(
        &self,
        controls: Controls<'_>,
        scope: &Scope,
    ) -> Result<Secret, ControlError> {
        let token = token(controls, &self.link)?;
        let owner = controls.world.links.owner(token.expose());
        let owner = owner.filter(|owner| scope.covers(Some(owner.name())));
        owner.map(|_| token).ok_or_else(unknown)
    }
}

fn unknown() -> ControlError {
    ControlError::not_found(
        "There is no such link here: give the link as it was minted, or what stands for it in list_links.",
    )
}

/// The token of the link that is named.
fn token(controls: Controls<'_>, named: &Secret) -> Result<Secret, ControlError> {
    match named.expose().parse::<Alias>() {
        Ok(alias) if alias.kind == SecretKind::Link => {
            controls.aliases.secret(alias).ok_or_else(unknown)
        }
        Ok(_) => Err(unknown()),
        Err(_) => {
            let text = named.expose();
            let token = text
                .rsplit_once("/apitul/1/")
                .map_or(text, |(_, token)| token);
            Ok(Secret::new(token))
        }
    }
}

/// One step on the link that is named, in whatever account of the scope it is.
fn one(
    controls: Controls<'_>,
    scope: &Scope,
    named: &Secret,
    step: impl FnOnce(&mut Link, Timestamp),
) -> Result<LinkStatus, ControlError> {
    let token = token(controls, named)?;
    let owner = controls.world.links.owner(token.expose());
    let owner = owner.filter(|owner| scope.covers(Some(owner.name())));
    let owner = owner.ok_or_else(unknown)?;
    let mut account = owner.lock();
    let now = controls.clock.now(Some(owner.name()));
    let links = &mut account.state.links;
    let link = links.get_mut(token.expose()).ok_or_else(unknown)?;
    step(Arc::make_mut(link), now);
    let link = Arc::clone(link);
    Ok(status(controls, token.expose(), &link, now, &account.state))
}

/// Says that links of an account may end without a file, because the test means them to.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExpectLinks {
    /// Only links to this path; without it all links of the account.
    pub path: Option<String>,
    /// How they may end. Who expects a link to stay unused also lets it expire.
    pub failure: LinkFailure,
}

impl Operation for ExpectLinks {
    type Answer = ();
    const NAME: &'static str = "expect_links";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/links/expect";
    const SUMMARY: &'static str = "Says that links of an account may end unused, expired or refused, because the test means them to. Neither exec --fail-on-unused-links nor the test helpers complain of them then.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        controls.with_account(scope, |account, _| {
            account.state.expect(self.path.as_deref(), self.failure);
            Ok(())
        })
    }
}

/// Says where the links lead that are handed out from now on.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetLinkOrigin {
    /// Where they lead.
    pub links: LinkOrigin,
}

impl Operation for SetLinkOrigin {
    type Answer = ();
    const NAME: &'static str = "set_link_origin";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/links/origin";
    const SUMMARY: &'static str = "Says where the links lead that are handed out from now on: to this server (local) or to Dropbox's names (production).";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        controls.links.set(self.links);
        Ok(())
    }
}
