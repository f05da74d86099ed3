//! What an app asks a user for at the page of authorization, and what the code that it gets is bound to (SH-137
//! to SH-164).

use super::credentials::{App, Credentials, Issued, TokenRefusal};
use super::time::Timestamp;
use crate::rules::check_scopes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a code can be exchanged (SQ-22).
pub const CODE_LIFE: Duration = Duration::from_mins(10);
/// The longest state, in bytes (SQ-20).
pub const LONGEST_STATE: usize = 2_000;

/// What an app asks for, found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    pub app: App,
    pub redirect_uri: Option<String>,
    pub state: Option<String>,
    /// None means all that the app may have (SH-141).
    pub scopes: Option<BTreeSet<String>>,
    /// Whether what the user gave before comes along (SH-142).
    pub include_granted: bool,
    /// Whether a refresh token comes with the access token (SH-143).
    pub offline: bool,
    pub challenge: Option<Challenge>,
    /// Whether the access token itself is in the redirect, and no code (SH-137).
    pub implicit: bool,
}

/// What a code verifier has to show (SH-144).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Challenge {
    /// Base64url of the SHA-256 of the verifier.
    S256(String),
    /// The verifier itself.
    Plain(String),
}

impl Challenge {
    fn is_met_by(&self, verifier: &str) -> bool {
        match self {
            Self::S256(digest) => {
                URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == digest.trim_end_matches('=')
            }
            Self::Plain(wanted) => verifier == wanted,
        }
    }
}

/// Why the page says no, and sends nobody anywhere (SH-149).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadAuthorization {
    /// SH-152.
    ClientId(String),
    /// SH-150.
    RedirectUri,
    /// SH-153: the app has no scopes, and so many characters were asked for.
    NoScopes(usize),
    /// A parameter is not there, or is empty.
    Missing(&'static str),
    /// A parameter has a value that it cannot have.
    Value(&'static str, String),
    /// The parameter goes only with the other.
    Without(&'static str, &'static str),
}

/// What a code is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    redirect_uri: Option<String>,
    challenge: Option<Challenge>,
    pub(super) offline: bool,
    /// The last moment at which it may be exchanged.
    until: Timestamp,
}

/// What a client shows beside its code.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeUse<'a> {
    /// Whether it asks for a refresh token, where the page did not decide that.
    pub offline: bool,
    pub redirect_uri: Option<&'a str>,
    pub verifier: Option<&'a str>,
    pub with_secret: bool,
}

impl Approval {
    /// Whether the code may be exchanged so (SH-156 to SH-160).
    pub(super) fn check(
        &self,
        shown: &CodeUse<'_>,
        app_has_secret: bool,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        if now > self.until {
            return Err(TokenRefusal::BadCode);
        }
        if shown.redirect_uri != self.redirect_uri.as_deref() {
            return Err(TokenRefusal::RedirectMismatch);
        }
        match (&self.challenge, shown.verifier) {
            (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(()),
            (None, None) if shown.with_secret || !app_has_secret => Ok(()),
            (None, None) => Err(TokenRefusal::NoAuthFunction),
            _ => Err(TokenRefusal::BadVerifier),
        }
    }
}

impl AuthorizationRequest {
    /// Reads the parameters of the address (SH-137 to SH-147).
    pub fn judge(
        field: &dyn Fn(&str) -> Option<String>,
        credentials: &Credentials,
    ) -> Result<Self, BadAuthorization> {
        // SH-138
        let key = field("client_id").unwrap_or_default();
        if credentials.check_client(&key, None).is_err() {
            return Err(BadAuthorization::ClientId(key));
        }
        let app = credentials.app(&key);
        let redirect_uri = field("redirect_uri").filter(|uri| !uri.is_empty());
        if redirect_uri
            .as_deref()
            .is_some_and(|uri| !app.takes_redirect_to(uri))
        {
            return Err(BadAuthorization::RedirectUri);
        }
        let chosen = |name: &'static str, choices: &[&str]| match field(name) {
            Some(value) if choices.contains(&value.as_str()) => Ok(Some(value)),
            Some(value) => Err(BadAuthorization::Value(name, value)),
            None => Ok(None),
        };
        let response = chosen("response_type", &["code", "token"])?;
        let response = response.ok_or(BadAuthorization::Missing("response_type"))?;
        let implicit = response == "token";
        if implicit && redirect_uri.is_none() {
            return Err(BadAuthorization::Missing("redirect_uri"));
        }
        let state = field("state");
        if let Some(state) = state.as_ref().filter(|state| state.len() > LONGEST_STATE) {
            return Err(BadAuthorization::Value("state", state.clone()));
        }
        let scopes = field("scope")
            .map(|scopes| asked_scopes(&scopes, &app))
            .transpose()?;
        let granted = chosen("include_granted_scopes", &["user", "team"])?;
        if granted.is_some() && scopes.is_none() {
            return Err(BadAuthorization::Without("include_granted_scopes", "scope"));
        }
        let kind = chosen("token_access_type", &["online", "offline", "legacy"])?;
        // SH-145, SH-146
        for flag in [
            "force_reapprove",
            "force_reauthentication",
            "disable_signup",
        ] {
            chosen(flag, &["true", "false"])?;
        }
        chosen("require_role", &["personal", "work"])?;
        let method = chosen("code_challenge_method", &["S256", "plain"])?;
        let challenge = field("code_challenge");
        // RFC 7636, sections 4.2 and 4.3
        let shape = |text: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~=".contains(&byte);
            (43..=128).contains(&text.len()) && text.bytes().all(fits)
        };
        let challenge = match (challenge, method.as_deref()) {
            (Some(text), _) if !shape(&text) => {
                return Err(BadAuthorization::Value("code_challenge", text));
            }
            (Some(text), Some("S256")) => Some(Challenge::S256(text)),
            (Some(text), _) => Some(Challenge::Plain(text)),
            (None, Some(_)) => {
                return Err(BadAuthorization::Without(
                    "code_challenge_method",
                    "code_challenge",
                ));
            }
            (None, None) => None,
        };
        Ok(Self {
            app,
            redirect_uri,
            state,
            scopes,
            include_granted: granted.is_some(),
            offline: kind.as_deref() == Some("offline"),
            challenge,
            implicit,
        })
    }
}

/// The scopes of a request: some, and only those that the app may have.
fn asked_scopes(text: &str, app: &App) -> Result<BTreeSet<String>, BadAuthorization> {
    let asked: BTreeSet<String> = text.split_whitespace().map(str::to_owned).collect();
    if app.scopes.as_ref().is_some_and(BTreeSet::is_empty) {
        return Err(BadAuthorization::NoScopes(text.chars().count()));
    }
    if asked.is_empty() {
        return Err(BadAuthorization::Missing("scope"));
    }
    let may = app.scopes.as_ref();
    let foreign = asked
        .iter()
        .find(|scope| may.is_some_and(|may| !may.contains(*scope)));
    if let Some(scope) = foreign {
        return Err(BadAuthorization::Value("scope", scope.clone()));
    }
    check_scopes(Some(&asked))
        .map_err(|unknown| BadAuthorization::Value("scope", unknown.scope.clone()))?;
    Ok(asked)
}

impl App {
    /// Whether a user may be sent there (SH-139). Where none was registered, anywhere by TLS, on this machine, or to
    /// the app itself.
    fn takes_redirect_to(&self, uri: &str) -> bool {
        if uri
            .bytes()
            .any(|byte| byte <= b' ' || byte == 0x7f || byte == b'\\')
        {
            return false;
        }
        if let Some(registered) = &self.redirect_uris {
            return registered.contains(uri);
        }
        let Some((scheme, rest)) = uri.split_once("://") else {
            return false;
        };
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let is_local = || {
            let host = match authority.strip_prefix('[') {
                Some(rest) => rest.split(']').next(),
                None => authority.split(':').next(),
            };
            ["localhost", "127.0.0.1", "::1"].contains(&host.unwrap_or_default())
        };
        let is_good = match scheme {
            "https" => !authority.is_empty(),
            "http" => is_local(),
            scheme => scheme == format!("db-{}", self.key),
        };
        is_good && !uri.contains('#') && !authority.contains('@')
    }
}

/// What the user's yes gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approved {
    /// A code, for the token endpoint.
    Code(String),
    /// The access token itself.
    Token(Issued),
}

impl Credentials {
    /// The user of this account says yes (SH-148).
    pub fn approve(
        &mut self,
        request: &AuthorizationRequest,
        account: &str,
        now: Timestamp,
    ) -> Approved {
        let app = &*request.app.key;
        // What is asked for, and what the app may have where nothing is said.
        let asked = request.scopes.as_ref().or(request.app.scopes.as_ref());
        let mut scopes = asked.cloned();
        if request.include_granted
            && let Some(scopes) = &mut scopes
        {
            let may = request.app.scopes.as_ref();
            let given = self.given_before(account, app).into_iter();
            scopes.extend(given.filter(|scope| may.is_none_or(|may| may.contains(scope))));
        }
        if request.implicit {
            return Approved::Token(self.give_token(account, app, scopes, now));
        }
        let approval = Approval {
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            offline: request.offline,
            until: now.plus(CODE_LIFE),
        };
        Approved::Code(self.give_code(account, app, scopes, approval))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dropbox::ids::IdSource;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
    const HERE: &str = "http://localhost:3000/back";

    fn credentials() -> Credentials {
        Credentials::new(IdSource::from_seed(1))
    }

    fn judged(
        credentials: &Credentials,
        fields: &[(&str, &str)],
    ) -> Result<AuthorizationRequest, BadAuthorization> {
        let field = |name: &str| {
            let mut fields = fields.iter();
            let found = fields.find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        AuthorizationRequest::judge(&field, credentials)
    }

    fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        let base = [("client_id", "app"), ("response_type", "code")];
        // The later one counts.
        let mut all: Vec<_> = more.to_vec();
        all.extend(base);
        all
    }

    #[test]
    fn what_is_asked_is_judged_in_each_place() {
        let mut credentials = credentials();
        let value = |name, value: &str| Err(BadAuthorization::Value(name, value.to_owned()));
        for (more, wanted) in [
            (
                vec![("client_id", "")],
                Err(BadAuthorization::ClientId(String::new())),
            ),
            (vec![("response_type", "x")], value("response_type", "x")),
            (
                vec![("response_type", "token")],
                Err(BadAuthorization::Missing("redirect_uri")),
            ),
            (vec![("scope", "")], Err(BadAuthorization::Missing("scope"))),
            (
                vec![("scope", "files.write")],
                value("scope", "files.write"),
            ),
            (
                vec![("token_access_type", "for_ever")],
                value("token_access_type", "for_ever"),
            ),
            (
                vec![("include_granted_scopes", "user")],
                Err(BadAuthorization::Without("include_granted_scopes", "scope")),
            ),
            (
                vec![("force_reapprove", "yes")],
                value("force_reapprove", "yes"),
            ),
            (
                vec![("require_role", "boss")],
                value("require_role", "boss"),
            ),
            (
                vec![("code_challenge", "short")],
                value("code_challenge", "short"),
            ),
            (
                vec![("code_challenge_method", "S256")],
                Err(BadAuthorization::Without(
                    "code_challenge_method",
                    "code_challenge",
                )),
            ),
            (
                vec![("code_challenge_method", "S512")],
                value("code_challenge_method", "S512"),
            ),
        ] {
            assert_eq!(
                judged(&credentials, &with(&more)).map(drop),
                wanted,
                "{more:?}"
            );
        }
        assert_eq!(
            judged(&credentials, &[("client_id", "app")]).map(drop),
            Err(BadAuthorization::Missing("response_type"))
        );
        let long = "s".repeat(LONGEST_STATE + 1);
        let fields = [
            ("client_id", "app"),
            ("response_type", "code"),
            ("state", &long),
        ];
        assert!(judged(&credentials, &fields).is_err());
        assert_eq!(
            judged(&credentials, &[fields[0], fields[1], ("state", &long[1..])])
                .map(|asked| asked.state),
            Ok(Some(long[1..].to_owned()))
        );
        credentials.declare_app(App {
            scopes: Some(BTreeSet::new()),
            ..App::new("old")
        });
        let fields = with(&[("client_id", "old"), ("scope", "files.content.read")]);
        assert_eq!(
            judged(&credentials, &fields).map(drop),
            Err(BadAuthorization::NoScopes(18))
        );
        credentials.open = false;
        assert_eq!(
            judged(&credentials, &with(&[])).map(drop),
            Err(BadAuthorization::ClientId("app".to_owned()))
        );
    }

    #[test]
    fn a_redirect_leads_where_the_app_registered_and_else_to_tls_or_this_machine() {
        let mut credentials = credentials();
        let takes = |credentials: &Credentials, uri: &'static str| {
            judged(credentials, &with(&[("redirect_uri", uri)])).is_ok()
        };
        for good in [
            HERE,
            "https://a.example/b?c=d",
            "http://127.0.0.1/",
            "http://[::1]:80/x",
            "db-app://2/token",
        ] {
            assert!(takes(&credentials, good), "{good}");
        }
        for bad in [
            "http://a.example/",
            "https://",
            "//a.example",
            "javascript://%0aalert(1)",
            "data://x",
            "https://a.example/#x",
            "http://localhost@a.example/",
            "http://localhost.a.example/",
            "http://127.0.0.1\\@a.example/",
            "https://a.example/ x",
            "db-other://x",
        ] {
            assert!(!takes(&credentials, bad), "{bad}");
        }
        let registered = Some([HERE.to_owned()].into());
        credentials.declare_app(App {
            redirect_uris: registered,
            ..App::new("app")
        });
        assert!(takes(&credentials, HERE));
        assert!(
            !takes(&credentials, "http://localhost:3000/back/"),
            "to the letter"
        );
    }

    fn code(credentials: &mut Credentials, more: &[(&'static str, &'static str)]) -> String {
        let request = judged(credentials, &with(more)).expect("good");
        match credentials.approve(&request, "ann", NOW) {
            Approved::Code(code) => code,
            Approved::Token(_) => panic!("a code was asked for"),
        }
    }

    #[test]
    fn a_code_is_bound_to_its_redirect_its_verifier_and_its_time() {
        // RFC 7636, appendix B
        const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        const DIGEST: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let mut credentials = credentials();
        let secret = Some("s".to_owned());
        credentials.declare_app(App {
            secret,
            ..App::new("app")
        });
        let show = |redirect_uri, verifier, with_secret| CodeUse {
            offline: false,
            redirect_uri,
            verifier,
            with_secret,
        };
        let late = NOW.plus(CODE_LIFE).plus(Duration::from_micros(1));
        let (s256, plain) = (
            ("code_challenge_method", "S256"),
            ("code_challenge", VERIFIER),
        );
        for (asked, shown, now, wanted) in [
            (
                vec![],
                show(None, None, true),
                late,
                Some(TokenRefusal::BadCode),
            ),
            (vec![], show(None, None, true), NOW.plus(CODE_LIFE), None),
            (
                vec![],
                show(None, None, false),
                NOW,
                Some(TokenRefusal::NoAuthFunction),
            ),
            (
                vec![],
                show(None, Some(VERIFIER), true),
                NOW,
                Some(TokenRefusal::BadVerifier),
            ),
            (
                vec![],
                show(Some(HERE), None, true),
                NOW,
                Some(TokenRefusal::RedirectMismatch),
            ),
            (
                vec![("redirect_uri", HERE)],
                show(None, None, true),
                NOW,
                Some(TokenRefusal::RedirectMismatch),
            ),
            (
                vec![("redirect_uri", HERE)],
                show(Some(HERE), None, true),
                NOW,
                None,
            ),
            (
                vec![s256, ("code_challenge", DIGEST)],
                show(None, Some(VERIFIER), false),
                NOW,
                None,
            ),
            (
                vec![s256, ("code_challenge", DIGEST)],
                show(None, Some(DIGEST), false),
                NOW,
                Some(TokenRefusal::BadVerifier),
            ),
            (
                vec![s256, ("code_challenge", DIGEST)],
                show(None, None, true),
                NOW,
                Some(TokenRefusal::BadVerifier),
            ),
            (vec![plain], show(None, Some(VERIFIER), false), NOW, None),
            (
                vec![plain],
                show(None, Some(DIGEST), false),
                NOW,
                Some(TokenRefusal::BadVerifier),
            ),
        ] {
            let code = code(&mut credentials, &asked);
            let used = credentials.exchange_code(&code, "app", &shown, now);
            assert_eq!(used.as_ref().err(), wanted.as_ref(), "{asked:?} {shown:?}");
            let again = credentials.exchange_code(&code, "app", &shown, now);
            assert_eq!(again.err(), Some(wanted.unwrap_or(TokenRefusal::BadCode)));
        }
    }

    #[test]
    fn the_page_decides_on_the_refresh_token_and_the_scopes() {
        let mut credentials = credentials();
        let mut issue = |more: &[(&'static str, &'static str)]| {
            let code = code(&mut credentials, more);
            let shown = CodeUse {
                offline: true,
                ..CodeUse::default()
            };
            credentials
                .exchange_code(&code, "app", &shown, NOW)
                .expect("good")
        };
        let read = ("scope", "files.content.read");
        assert_eq!(issue(&[read]).refresh_token, None);
        assert!(
            issue(&[read, ("token_access_type", "offline")])
                .refresh_token
                .is_some()
        );
        let more = issue(&[
            ("scope", "sharing.read"),
            ("include_granted_scopes", "user"),
        ]);
        let scopes: Vec<_> = more.scopes.expect("some").into_iter().collect();
        assert_eq!(scopes, ["files.content.read", "sharing.read"]);
        assert_eq!(issue(&[]).scopes, None);
    }
}
