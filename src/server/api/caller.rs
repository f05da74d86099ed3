//! Who calls: what the headers say, and what the world makes of it.

use crate::control::clock::Clock;
use crate::dropbox::credentials::{Holder, TOKEN_SHAPE, is_token_shaped};
use crate::dropbox::errors::AuthError;
use crate::dropbox::world::{Caller, CallerOptions, Denial, PathRoot, World};
use crate::rules::Rule;
use crate::server::http::cors;
use crate::server::http::exchange::Exchange;
use crate::server::http::head::basic;
use crate::server::http::problem::Problem;
use crate::wire::arguments::Argument as _;
use crate::wire::decode::Options;
use crate::wire::errors::bad_input::{ArgumentPlace, BadInput};
use crate::wire::json::Json;
use crate::wire::routes::{Auth, Route};
use std::sync::Arc;

/// What a request shows to prove who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresentedCredentials {
    Token(Arc<str>),
    /// An app's key and secret (API-114).
    App {
        key: String,
        secret: String,
    },
    /// Nothing, and nothing is needed.
    Nothing,
}

/// Reads what the request shows, and refuses what cannot be it (API-36 to API-39, API-280).
pub fn presented_credentials(
    exchange: &Exchange,
    route: &Route,
) -> Result<PresentedCredentials, Problem> {
    if route.auth == Auth::Nobody {
        return Ok(PresentedCredentials::Nothing);
    }
    let refuse = |input| Err(Problem::bad_input(route.name, input));
    let parameter = exchange.query_parameter("authorization");
    let header = exchange.headers().get(http::header::AUTHORIZATION);
    let value = match (header, parameter) {
        (Some(header), _) => String::from_utf8_lossy(header.as_bytes()).into_owned(),
        (None, None) => return refuse(BadInput::MissingAuthorization),
        // The form for pages that avoid a preflight says so (API-22).
        (None, Some(_)) if !cors::asks_to_reject(exchange) => {
            return refuse(BadInput::InvalidAuthorizationAnywhere);
        }
        (None, Some(parameter)) => parameter,
    };
    if value.trim().is_empty() {
        return refuse(BadInput::InvalidAuthorizationAnywhere);
    }
    let wanted: &[&str] = match route.auth {
        Auth::App => &["Basic"],
        Auth::AppOrUser => &["Basic", "Bearer"],
        Auth::User | Auth::Nobody => &["Bearer"],
    };
    let shown = value.trim().split_once(' ').and_then(|(scheme, shown)| {
        let mut wanted = wanted.iter();
        let scheme = wanted.find(|wanted| scheme.eq_ignore_ascii_case(wanted))?;
        Some((*scheme, shown.trim()))
    });
    let Some((scheme, credentials)) = shown else {
        return refuse(BadInput::InvalidAuthorization { value: &value });
    };
    if scheme == "Bearer" {
        if !is_token_shaped(credentials) {
            let note = format!("the access token has what no bearer token has: {TOKEN_SHAPE}");
            exchange.record().note = Some(note);
        }
        if credentials.contains([' ', '"']) {
            return refuse(BadInput::InvalidBearer { value: &value });
        }
        return Ok(PresentedCredentials::Token(credentials.into()));
    }
    match basic(credentials) {
        Some((key, secret)) => Ok(PresentedCredentials::App { key, secret }),
        None => refuse(BadInput::InvalidAuthorization { value: &value }),
    }
}

/// The account that a token stands for, as far as that is plain before anything was judged.
pub fn account_of(world: &World, presented: &PresentedCredentials) -> Option<Arc<str>> {
    match presented {
        PresentedCredentials::Token(token) => world.account_of_token(token),
        _ => None,
    }
}

/// Whether what was presented is good at all: the 401s (API-102 to API-107).
pub fn authenticate(
    world: &World,
    clock: &Clock,
    presented: &PresentedCredentials,
) -> Result<(), Problem> {
    match presented {
        PresentedCredentials::Nothing => Ok(()),
        PresentedCredentials::App { key, secret } => world
            .credentials()
            .check_client(key, Some(secret))
            .map_err(|_| AuthError::InvalidAccessToken.into()),
        PresentedCredentials::Token(token) => {
            let mut credentials = world.credentials();
            let grant = credentials
                .grant(token)
                .ok_or(AuthError::InvalidAccessToken)?;
            let account = match &grant.holder {
                Holder::User(name) => Some(&**name),
                Holder::Team(_) => None,
            };
            Ok(grant.check(clock.now(account))?)
        }
    }
}

/// Who calls, once the argument is good: scope, member of a team, path root. Nobody where no user has
/// to say who he is.
pub fn authorize(
    world: &World,
    exchange: &Exchange,
    route: &Route,
    presented: &PresentedCredentials,
) -> Result<Option<Caller>, Problem> {
    let PresentedCredentials::Token(token) = presented else {
        return Ok(None);
    };
    let options = caller_options(exchange, route)?;
    let now = exchange
        .app()
        .clock
        .now(account_of(world, presented).as_deref());
    let caller = world.authorize(token, &options, now);
    caller.map(Some).map_err(|denial| problem(route, denial))
}

/// Whether the path root is one that the caller may name. What else he may not do is not asked.
pub fn check_path_root(
    world: &World,
    exchange: &Exchange,
    route: &Route,
    presented: &PresentedCredentials,
) -> Result<(), Problem> {
    match authorize(world, exchange, route, presented) {
        Err(problem) if problem.is_about_the_path_root() => Err(problem),
        _ => Ok(()),
    }
}

fn caller_options(exchange: &Exchange, route: &Route) -> Result<CallerOptions, Problem> {
    let named = |header: &str, parameter: &str| {
        exchange
            .header(header)
            .map(str::to_owned)
            .or_else(|| exchange.query_parameter(parameter))
    };
    let admin = named("dropbox-api-select-admin", "select_admin");
    Ok(CallerOptions {
        scope: route.scope,
        path_root: path_root(exchange, route)?,
        as_admin: admin.is_some(),
        select_user: admin.or_else(|| named("dropbox-api-select-user", "select_user")),
    })
}

fn problem(route: &Route, denial: Denial) -> Problem {
    let input = match denial {
        Denial::Auth(error) => return error.into(),
        Denial::Access(error) => return Problem::Access(error),
        Denial::PathRoot(error) => return error.into(),
        Denial::AppLacksScope { app_id } => BadInput::MissingAppScope {
            scope: route.scope.unwrap_or_default(),
            app_id: Some(app_id),
        },
        Denial::TeamToken => BadInput::TeamToken,
        // Not a 422 (API-113).
        Denial::SandboxPathRoot => BadInput::PathRootForAppFolder,
        Denial::SelectAdmin => {
            let words = "\"Dropbox-API-Select-Admin\" is not supported here.";
            return Problem::bad_input_unseen(route.name, words, Rule::new("UL-06"));
        }
        Denial::NotATeam => {
            let words = "\"Dropbox-API-Select-User\" needs the token of a team.";
            return Problem::bad_input_unseen(route.name, words, Rule::new("API-109"));
        }
    };
    Problem::bad_input(route.name, input)
}

fn path_root(exchange: &Exchange, route: &Route) -> Result<Option<PathRoot>, Problem> {
    let Some(value) = exchange.headers().get("dropbox-api-path-root") else {
        return Ok(None);
    };
    let json = Json::parse(value.as_bytes()).map_err(|_| {
        let words = "HTTP header \"Dropbox-API-Path-Root\": could not decode input as JSON";
        Problem::bad_input_unseen(route.name, words, Rule::new("API-112"))
    })?;
    let read = PathRoot::read(&json, Options::default());
    let (path_root, _) = read.map_err(|fault| Problem::BadInput {
        text: fault.text(route.name, ArgumentPlace::PathRoot),
        rules: vec![Rule::new("API-265")],
    })?;
    Ok(Some(path_root))
}
