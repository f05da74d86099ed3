//! `oauth2/authorize`: the page on which a user lets an app in (SH-137 to SH-155).
//!
//! Nobody signs in to a fake, so the page asks for the name of the account. What it sends back carries a secret
//! that only this page shows: a foreign page can send a browser here, but not press the button.

use crate::control::faults::Phase;
use crate::dropbox::assumptions::Authorize;
use crate::dropbox::authorization::{Approved, AuthorizationRequest, BadAuthorization};
use crate::dropbox::credentials::ACCESS_TOKEN_LIFE;
use crate::rules::Rule;
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::head::query_parameter;
use crate::server::http::problem::Problem;
use crate::server::oauth::scopes_of;
use crate::server::receive::{self, BodyStream};
use crate::wire::authorize as wire;
use crate::wire::errors::link::PLACEHOLDER;
use crate::wire::routes::{self, AUTHORIZE};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, StatusCode};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The account that the page proposes: the one of the token `test`.
const ACCOUNT: &str = "test";
/// No scripts, pictures or styles, and in no frame. Where its form leads is not said: browsers would hold the
/// redirect to the app against it, too.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
/// The longest name of an account that the page takes, in characters.
const LONGEST_NAME: usize = 200;

pub async fn answer(exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    exchange.record().route = Some(AUTHORIZE);
    let is_decision = *exchange.method() == Method::POST;
    let form = if is_decision {
        let body = receive::argument_body(exchange, body).await?;
        String::from_utf8_lossy(&body).into_owned()
    } else {
        String::new()
    };
    faults::apply_at(exchange, Phase::Head).await?;
    match *exchange.method() {
        Method::POST => decide(exchange, &form).await,
        Method::GET | Method::HEAD => ask(exchange).await,
        _ => {
            let text = format!("{PLACEHOLDER}This page takes GET.");
            let answer = Answer::method_not_allowed("GET, HEAD, POST", text);
            Ok(answer.with_rules(&[Rule::new("SH-149")]))
        }
    }
}

fn judge(exchange: &Exchange, query: &str) -> Result<AuthorizationRequest, BadAuthorization> {
    let field = |name: &str| query_parameter(query, name);
    AuthorizationRequest::judge(&field, &exchange.app().world().credentials())
}

async fn ask(exchange: &Exchange) -> Result<Answer, Problem> {
    let request = match judge(exchange, exchange.query()) {
        Ok(request) => request,
        Err(error) => return Ok(refused(&error)),
    };
    let named = exchange.query_parameter("account");
    let account = named.as_deref().unwrap_or(ACCOUNT);
    let at_once = exchange.assumptions().authorize == Authorize::AtOnce;
    if at_once && *exchange.method() == Method::GET {
        return approve(exchange, &request, account).await;
    }
    let all = routes::scopes();
    let asked = request.scopes.as_ref().or(request.app.scopes.as_ref());
    let scopes: Vec<&str> = match asked {
        Some(scopes) => scopes.iter().map(String::as_str).collect(),
        None => all.into_iter().collect(),
    };
    let proof = proof(exchange, exchange.query());
    let page = wire::asking_page(&request, &scopes, exchange.query(), &proof, account);
    Ok(html(StatusCode::OK, page).with_rules(&[Rule::new("SH-137")]))
}

/// What shows that the form was sent by the page that showed this request.
fn proof(exchange: &Exchange, request: &str) -> String {
    let digest = Sha256::new()
        .chain_update("authorize\0")
        .chain_update(exchange.app().page_secret.expose())
        .chain_update([0])
        .chain_update(request);
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

async fn decide(exchange: &Exchange, form: &str) -> Result<Answer, Problem> {
    let field = |name: &str| query_parameter(form, name).unwrap_or_default();
    let asked = field("request");
    if field("proof") != proof(exchange, &asked) {
        let text = "This form does not come from the page of this server, or the server was started anew since. Nothing was \
                    done: begin again in the app.";
        return Ok(html(StatusCode::FORBIDDEN, wire::word_page(text)).with_note(text));
    }
    let request = match judge(exchange, &asked) {
        Ok(request) => request,
        Err(error) => return Ok(refused(&error)),
    };
    match field("decision").as_str() {
        "allow" => approve(exchange, &request, field("account").trim()).await,
        "deny" => Ok(denied(&request)),
        _ => {
            let text = format!("{PLACEHOLDER}\"decision\" is \"allow\" or \"deny\".");
            Ok(html(StatusCode::BAD_REQUEST, wire::error_page(&text)))
        }
    }
}

async fn approve(
    exchange: &Exchange,
    request: &AuthorizationRequest,
    account: &str,
) -> Result<Answer, Problem> {
    let app = exchange.app();
    let world = app.world();
    let is_known = world.known_account(account).is_some();
    let is_open = world.credentials().open;
    if account.is_empty() || account.chars().count() > LONGEST_NAME || !(is_known || is_open) {
        let text = format!(
            "{PLACEHOLDER}There is no account of this name. Give the name of one, of up to {LONGEST_NAME} characters."
        );
        return Ok(html(StatusCode::BAD_REQUEST, wire::error_page(&text)));
    }
    if !is_known {
        // Somebody named it, so its name is no token.
        app.aliases.publish_account(account);
    }
    exchange.record().account = Some(account.into());
    faults::apply_at(exchange, Phase::BeforeCommit).await?;
    let owner = world.account(account);
    let now = app.clock.now(Some(account));
    let approved = world.credentials().approve(request, account, now);
    let answer = match approved {
        Approved::Code(code) => {
            exchange.record().code = Some(Arc::from(code.as_str()));
            match &request.redirect_uri {
                Some(uri) => redirect(&wire::redirect(request, uri, &[("code", &code)])),
                None => html(StatusCode::OK, wire::code_page(&code)),
            }
        }
        Approved::Token(issued) => {
            exchange.record().token = Some(Arc::from(issued.access_token.as_str()));
            let user_id = owner.lock().user_id.to_string();
            let said = [
                ("access_token", &*issued.access_token),
                ("token_type", "bearer"),
                ("expires_in", &*ACCESS_TOKEN_LIFE.as_secs().to_string()),
                ("scope", &*scopes_of(&issued).join(" ")),
                ("uid", &*user_id),
                ("account_id", owner.account_id()),
            ];
            let uri = request.redirect_uri.as_deref().unwrap_or_default();
            redirect(&wire::redirect(request, uri, &said))
        }
    };
    faults::apply_at(exchange, Phase::AfterCommit).await?;
    Ok(answer.with_rules(&[Rule::new("SH-148")]))
}

fn denied(request: &AuthorizationRequest) -> Answer {
    let answer = match &request.redirect_uri {
        Some(uri) => redirect(&wire::redirect(request, uri, &wire::DENIED)),
        None => html(
            StatusCode::OK,
            wire::word_page("The app was not let in. You can close this page."),
        ),
    };
    answer.with_rules(&[Rule::new("SH-148")])
}

fn refused(error: &BadAuthorization) -> Answer {
    let page = wire::error_page(&wire::refusal(error));
    html(StatusCode::BAD_REQUEST, page)
        .with_rules(&[Rule::new("SH-149"), Rule::new(wire::rule(error))])
}

fn redirect(location: &str) -> Answer {
    Answer::empty(StatusCode::FOUND).with_header("location", location)
}

fn html(status: StatusCode, page: String) -> Answer {
    Answer::new(status, "text/html; charset=utf-8", page)
        .with_header("content-security-policy", POLICY)
}
