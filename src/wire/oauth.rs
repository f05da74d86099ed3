//! Bodies of `oauth2/token` (API-116 to API-123).

use serde_json::{Map, Value, json};

use crate::dropbox::credentials::TokenRefusal;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeExchange<'a> {
    /// The user's number, written as text.
    pub user_id: u64,
    /// `sl.…`
    pub access_token: &'a str,
    /// Seconds.
    pub expires_in: u64,
    /// In any order; they are sorted and joined with spaces (API-117).
    pub scopes: Vec<&'a str>,
    /// Only with `token_access_type=offline` (API-117).
    pub refresh_token: Option<&'a str>,
    /// `dbid:…`
    pub account_id: &'a str,
}

/// The answer to a code (API-116).
pub fn code_exchange(exchange: &CodeExchange<'_>) -> Value {
    let mut scopes = exchange.scopes.clone();
    scopes.sort_unstable();
    let mut body = Map::new();
    body.insert("uid".into(), exchange.user_id.to_string().into());
    body.insert("access_token".into(), exchange.access_token.into());
    body.insert("expires_in".into(), exchange.expires_in.into());
    body.insert("token_type".into(), "bearer".into());
    body.insert("scope".into(), scopes.join(" ").into());
    if let Some(token) = exchange.refresh_token {
        body.insert("refresh_token".into(), token.into());
    }
    body.insert("account_id".into(), exchange.account_id.into());
    body.into()
}

/// The answer to a refresh token (API-119). `expires_in` is in seconds.
pub fn refresh(access_token: &str, expires_in: u64) -> Value {
    json!({"token_type": "bearer", "access_token": access_token, "expires_in": expires_in})
}

/// The body of a 400 (API-120 to API-122).
pub fn refusal(refusal: &TokenRefusal) -> Value {
    let grant =
        |description: &str| json!({"error": "invalid_grant", "error_description": description});
    match refusal {
        TokenRefusal::BadRefreshToken => grant("refresh token is invalid or revoked"),
        TokenRefusal::BadCode => grant("code doesn't exist or has expired"),
        TokenRefusal::RedirectMismatch => grant("redirect_uri mismatch"),
        TokenRefusal::BadVerifier => grant("invalid code verifier"),
        TokenRefusal::NoAuthFunction => json!({
            "error": "invalid_request",
            "error_description": "No auth function available for given request",
        }),
        TokenRefusal::BadClient { with_secret: true } => {
            json!({"error": "invalid_client: Invalid client_id or client_secret"})
        }
        TokenRefusal::BadClient { with_secret: false } => {
            json!({"error": "invalid_client: Invalid client_id"})
        }
    }
}

/// The body of a 400 for a request that is no token request (API-123). The description is our own:
/// none was recorded.
pub fn bad_request(error: BadTokenRequest) -> Value {
    let (code, description) = match error {
        BadTokenRequest::InvalidRequest(missing) => (
            "invalid_request",
            format!("missing required field \"{missing}\""),
        ),
        BadTokenRequest::UnsupportedGrantType => (
            "unsupported_grant_type",
            "unsupported grant type".to_owned(),
        ),
    };
    json!({"error": code, "error_description": description})
}

/// Why a token request cannot even be tried (API-123).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadTokenRequest<'a> {
    InvalidRequest(&'a str),
    /// A `grant_type` that nobody knows.
    UnsupportedGrantType,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::print;

    #[test]
    fn a_code_gives_everything() {
        let exchange = CodeExchange {
            user_id: 44_076_342,
            access_token: "sl.x",
            expires_in: 14399,
            scopes: vec!["sharing.write", "account_info.read"],
            refresh_token: Some("r"),
            account_id: "dbid:x",
        };
        assert_eq!(
            print::python(&code_exchange(&exchange)),
            r#"{"uid": "44076342", "access_token": "sl.x", "expires_in": 14399, "token_type": "bearer", "scope": "account_info.read sharing.write", "refresh_token": "r", "account_id": "dbid:x"}"#
        );
        let online = CodeExchange {
            refresh_token: None,
            ..exchange
        };
        assert!(!print::python(&code_exchange(&online)).contains("refresh"));
    }

    #[test]
    fn refreshing_and_refusing() {
        assert_eq!(
            print::python(&refresh("sl.x", 14400)),
            r#"{"token_type": "bearer", "access_token": "sl.x", "expires_in": 14400}"#
        );
        for (refused, expected) in [
            (
                TokenRefusal::BadRefreshToken,
                r#"{"error": "invalid_grant", "error_description": "refresh token is invalid or revoked"}"#,
            ),
            (
                TokenRefusal::BadCode,
                r#"{"error": "invalid_grant", "error_description": "code doesn't exist or has expired"}"#,
            ),
            (
                TokenRefusal::RedirectMismatch,
                r#"{"error": "invalid_grant", "error_description": "redirect_uri mismatch"}"#,
            ),
            (
                TokenRefusal::BadVerifier,
                r#"{"error": "invalid_grant", "error_description": "invalid code verifier"}"#,
            ),
            (
                TokenRefusal::NoAuthFunction,
                r#"{"error": "invalid_request", "error_description": "No auth function available for given request"}"#,
            ),
            (
                TokenRefusal::BadClient { with_secret: true },
                r#"{"error": "invalid_client: Invalid client_id or client_secret"}"#,
            ),
            (
                TokenRefusal::BadClient { with_secret: false },
                r#"{"error": "invalid_client: Invalid client_id"}"#,
            ),
        ] {
            assert_eq!(print::python(&refusal(&refused)), expected);
        }
    }
}
