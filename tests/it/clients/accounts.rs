//! What the clients find: accounts with tokens of every kind, whose names say what they are.

use fake_dropbox::internals::control::scope::Scope;
use fake_dropbox::internals::dropbox::credentials::{App as DropboxApp, Grant};
use fake_dropbox::internals::dropbox::time::Timestamp;
use fake_dropbox::internals::server::App;
use fake_dropbox::{Fault, FaultAnswer, RateLimitBody};

/// The token that can do everything. Its account knows a template of properties.
pub const TOKEN: &str = "client-token";

/// The template of custom properties that the clients fill in (UL-19).
const TEMPLATE: &str = "ptid:1a5n2i6d3OYEAAAAAAAAAYa";

/// Declares the tokens and apps that the clients' programs use.
pub fn declare(app: &App) {
    let world = app.world();
    let account = world.account(TOKEN);
    account
        .lock()
        .state
        .templates
        .add(TEMPLATE, vec!["Security Policy".to_owned()]);
    let account = Grant::for_account(TOKEN);
    let mut credentials = world.credentials();
    credentials.declare_token(
        "expired-token",
        Grant {
            expires_at: Some(Timestamp::from_seconds(0)),
            ..account.clone()
        },
    );
    credentials.declare_token(
        "narrow-token",
        Grant {
            scopes: Some(["account_info.read".to_owned()].into()),
            ..account
        },
    );
    credentials.declare_app(DropboxApp {
        secret: Some("secret".to_owned()),
        ..DropboxApp::new("key")
    });
    credentials.declare_refresh_token("good-refresh-token", TOKEN, Some("key"), None);
    credentials.revoke_refresh_token("revoked-refresh-token");
}

/// Lets the calls of two tokens go wrong twice before they go right. A rule without an end would
/// keep the Python SDK calling for ever.
pub fn trouble(app: &App) {
    let limited = FaultAnswer::TooManyRequests {
        retry_after: 1,
        form: RateLimitBody::Json,
    };
    let troubles = [
        ("limited-token", limited),
        ("broken-token", FaultAnswer::InternalError),
    ];
    for (token, answer) in troubles {
        let point = Fault::head().of("check/user").token(token);
        let rule = point.answer(answer).times(2);
        app.faults.add(Scope::All, rule).expect("a rule");
    }
}

/// Answers one call of a route with a 429, whoever calls.
pub fn limit(app: &App, route: &str) {
    let limited = FaultAnswer::TooManyRequests {
        retry_after: 1,
        form: RateLimitBody::Json,
    };
    let rule = Fault::head().of(route).answer(limited);
    app.faults.add(Scope::All, rule).expect("a rule");
}
