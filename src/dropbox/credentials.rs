//! Apps, access tokens and what they may do (API-102 to API-123).

use super::authorization::{Approval, CodeUse};
use super::errors::{AccessError, AuthError};
use super::ids::IdSource;
use super::maps::Map;
use super::recorded::{CredentialsImage, TokensRow};
use super::time::Timestamp;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How long an access token from the token endpoint lives (API-252).
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_hours(4);

/// What an app sees of an account (API-250).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppAccess {
    #[default]
    FullDropbox,
    /// One folder: `/Apps/<name>`.
    AppFolder(String),
}

/// An app: what is declared in the App Console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// The key, which is also the OAuth client id.
    pub key: String,
    /// The secret; none is checked where none is declared.
    pub secret: Option<String>,
    pub access: AppAccess,
    /// The scopes that it may have; none means all (API-67).
    pub scopes: Option<BTreeSet<String>>,
    /// Where its users may be sent back to; none means wherever Dropbox would let an app register (SH-139).
    pub redirect_uris: Option<BTreeSet<String>>,
}

impl App {
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            secret: None,
            access: AppAccess::FullDropbox,
            scopes: None,
            redirect_uris: None,
        }
    }

    /// The number that some errors show (API-67): seven digits, always the same for one key.
    pub fn number(&self) -> u64 {
        let mixed = self.key.bytes().fold(0_u64, |mixed, byte| {
            (mixed * 31 + u64::from(byte)) % 9_000_000
        });
        1_000_000 + mixed
    }
}

/// Whom an access token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// A user: the name of the account.
    User(Arc<str>),
    /// A team: the names of its members' accounts.
    Team(Vec<Arc<str>>),
}

/// What an access token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub holder: Holder,
    pub app: Arc<str>,
    /// Its scopes; none means all.
    pub scopes: Option<BTreeSet<String>>,
    /// The last moment at which it may be used.
    pub expires_at: Option<Timestamp>,
    pub revoked: bool,
    pub suspended: bool,
    /// Why its account or team lets it do nothing at all (API-110).
    pub denied: Option<AccessError>,
}

impl Grant {
    /// A token for one account that may do everything and lives for ever.
    pub fn for_account(name: &str) -> Self {
        Self {
            holder: Holder::User(name.into()),
            app: DEFAULT_APP.into(),
            scopes: None,
            expires_at: None,
            revoked: false,
            suspended: false,
            denied: None,
        }
    }

    /// The names of the accounts that it opens.
    pub fn accounts(&self) -> &[Arc<str>] {
        match &self.holder {
            Holder::User(name) => std::slice::from_ref(name),
            Holder::Team(names) => names,
        }
    }

    /// Whether the token may be used at `now` (API-107).
    pub fn check(&self, now: Timestamp) -> Result<(), AuthError> {
        if self.revoked {
            Err(AuthError::InvalidAccessToken)
        } else if self.expires_at.is_some_and(|end| now > end) {
            Err(AuthError::ExpiredAccessToken)
        } else if self.suspended {
            Err(AuthError::UserSuspended)
        } else {
            Ok(())
        }
    }

    /// Whether the token was issued with this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes
            .as_ref()
            .is_none_or(|scopes| scopes.contains(scope))
    }
}

/// The app of every token that was not declared.
pub const DEFAULT_APP: &str = "fake-dropbox";

/// A refresh token or authorization code that was declared or given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Renewal {
    account: Arc<str>,
    app: Option<Arc<str>>,
    scopes: Option<BTreeSet<String>>,
    revoked: bool,
    /// What a code of the page of authorization is bound to.
    approval: Option<Approval>,
    /// A code was declared as asked for with `token_access_type=offline` (API-117).
    offline: bool,
}

/// What became of a request for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// API-120.
    BadRefreshToken,
    /// API-121, SH-156.
    BadCode,
    /// SH-157.
    RedirectMismatch,
    /// SH-158.
    BadVerifier,
    /// SH-160.
    NoAuthFunction,
    /// API-122, with a secret or without one.
    BadClient {
        /// Whether the client sent a secret.
        with_secret: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub access_token: String,
    /// Only for a code.
    pub refresh_token: Option<String>,
    pub account: Arc<str>,
    /// The scopes; none means all.
    pub scopes: Option<BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct TokensOf {
    access: HashSet<Arc<str>>,
    refresh: HashSet<Arc<str>>,
}

/// Everything that gives somebody a right.
#[derive(Debug)]
pub struct Credentials {
    ids: IdSource,
    apps: OrdMap<Arc<str>, App>,
    grants: OrdMap<Arc<str>, Grant>,
    refresh_tokens: OrdMap<Arc<str>, Renewal>,
    codes: OrdMap<Arc<str>, Renewal>,
    used_codes: OrdMap<Arc<str>, ()>,
    /// Where else than under its own name the tokens of an account are. It names some that are no
    /// longer its, but leaves none out.
    tokens_of: Map<Arc<str>, TokensOf>,
    /// Whether a token that nobody declared makes an account (`true`) or is refused.
    pub open: bool,
}

impl Credentials {
    /// No credentials yet; any token makes an account.
    pub fn new(ids: IdSource) -> Self {
        Self {
            ids,
            apps: OrdMap::new(),
            grants: OrdMap::new(),
            refresh_tokens: OrdMap::new(),
            codes: OrdMap::new(),
            used_codes: OrdMap::new(),
            tokens_of: Map::default(),
            open: true,
        }
    }

    /// All of it, as it is at a moment.
    pub(super) fn everything(&self) -> CredentialsImage {
        CredentialsImage {
            tokens: TokensRow {
                ids: self.ids.clone(),
                open: self.open,
            },
            apps: self.apps.clone(),
            grants: self.grants.clone(),
            refresh_tokens: self.refresh_tokens.clone(),
            codes: self.codes.clone(),
            used_codes: self.used_codes.clone(),
        }
    }

    /// The same again.
    #[cfg(feature = "data-dir")]
    pub(super) fn from_everything(image: CredentialsImage) -> Self {
        let mut tokens_of: Map<Arc<str>, TokensOf> = Map::default();
        for (token, grant) in &image.grants {
            for account in grant.accounts() {
                let tokens = tokens_of.entry(Arc::clone(account)).or_default();
                tokens.access.insert(Arc::clone(token));
            }
        }
        for (token, renewal) in &image.refresh_tokens {
            let tokens = tokens_of.entry(Arc::clone(&renewal.account)).or_default();
            tokens.refresh.insert(Arc::clone(token));
        }
        Self {
            ids: image.tokens.ids,
            apps: image.apps,
            grants: image.grants,
            refresh_tokens: image.refresh_tokens,
            codes: image.codes,
            used_codes: image.used_codes,
            tokens_of,
            open: image.tokens.open,
        }
    }

    pub fn declare_app(&mut self, app: App) {
        self.apps.insert(app.key.as_str().into(), app);
    }

    /// The app with this key; one that was not declared may do everything.
    pub fn app(&self, key: &str) -> App {
        self.declared_app(key)
            .cloned()
            .unwrap_or_else(|| App::new(key))
    }

    /// The app with this key, if somebody declared it.
    pub fn declared_app(&self, key: &str) -> Option<&App> {
        self.apps.get(key)
    }

    /// Declares an access token, or changes what it stands for.
    pub fn declare_token(&mut self, token: &str, grant: Grant) {
        let token: Arc<str> = token.into();
        for account in grant.accounts() {
            let tokens = self.tokens_of.entry(Arc::clone(account)).or_default();
            tokens.access.insert(Arc::clone(&token));
        }
        self.grants.insert(token, grant);
    }

    /// Whether the user of an account has let an app in, and has not shut it out again: there is an
    /// access token or a refresh token for it that was not revoked. An access token whose time is
    /// over shows that, too.
    pub fn is_linked(&self, account: &str, app: &str) -> bool {
        let lets_in = |grant: &Grant| {
            let mut accounts = grant.accounts().iter();
            !grant.revoked && &*grant.app == app && accounts.any(|name| &**name == account)
        };
        if self.grants.get(account).is_some_and(lets_in) {
            return true;
        }
        let Some(tokens) = self.tokens_of.get(account) else {
            return false;
        };
        let mut grants = tokens
            .access
            .iter()
            .filter_map(|token| self.grants.get(token));
        let mut renewals = tokens
            .refresh
            .iter()
            .filter_map(|token| self.refresh_tokens.get(token));
        grants.any(lets_in)
            || renewals.any(|renewal| {
                !renewal.revoked
                    && renewal.app.as_deref() == Some(app)
                    && &*renewal.account == account
            })
    }

    /// Declares a refresh token for an account.
    pub fn declare_refresh_token(
        &mut self,
        token: &str,
        account: &str,
        app: Option<&str>,
        scopes: Option<BTreeSet<String>>,
    ) {
        let renewal = Renewal {
            account: account.into(),
            app: app.map(Into::into),
            scopes,
            revoked: false,
            approval: None,
            offline: false,
        };
        self.keep_refresh_token(token, renewal);
    }

    fn keep_refresh_token(&mut self, token: &str, renewal: Renewal) {
        let token: Arc<str> = token.into();
        let account = Arc::clone(&renewal.account);
        let tokens = self.tokens_of.entry(account).or_default();
        tokens.refresh.insert(Arc::clone(&token));
        self.refresh_tokens.insert(token, renewal);
    }

    /// Declares an authorization code for an account. It can be used once from now on.
    pub fn declare_code(
        &mut self,
        code: &str,
        account: &str,
        app: Option<&str>,
        scopes: Option<BTreeSet<String>>,
        offline: bool,
    ) {
        let renewal = Renewal {
            account: account.into(),
            app: app.map(Into::into),
            scopes,
            revoked: false,
            approval: None,
            offline,
        };
        self.used_codes.remove(code);
        self.codes.insert(code.into(), renewal);
    }

    /// What this access token stands for. A token that nobody declared stands for an account of its
    /// own, so that tests with different tokens never meet; but one of impossible shape (API-40), such
    /// as two tokens in a row, is a mistake of the client's and stands for nothing.
    pub fn grant(&mut self, token: &str) -> Option<&mut Grant> {
        if self.open && !self.grants.contains_key(token) && is_token_shaped(token) {
            self.grants.insert(token.into(), Grant::for_account(token));
        }
        self.grants.get_mut(token)
    }

    /// All grants as they are.
    pub(super) fn undeclared(&self) -> OrdMap<Arc<str>, Grant> {
        self.grants.clone()
    }

    /// Forgets a token that stands for its own account, as if nobody had seen it.
    pub(super) fn forget_undeclared(&mut self, token: &str) {
        if self.grants.get(token) == Some(&Grant::for_account(token)) {
            self.grants.remove(token);
        }
    }

    /// Forgets all that opens an account. A team's tokens stay, for its other members.
    pub(super) fn forget_account(&mut self, account: &str) {
        let is_its =
            |grant: &Grant| matches!(&grant.holder, Holder::User(name) if **name == *account);
        let tokens = self.tokens_of.remove(account).unwrap_or_default();
        let own: Arc<str> = account.into();
        for token in tokens.access.iter().chain([&own]) {
            if self.grants.get(token).is_some_and(is_its) {
                self.grants.remove(token);
            }
        }
        for token in &tokens.refresh {
            let renewal = self.refresh_tokens.get(token);
            if renewal.is_some_and(|renewal| *renewal.account == *account) {
                self.refresh_tokens.remove(token);
            }
        }
        let codes = self.codes.iter();
        let codes = codes.filter(|(_, renewal)| *renewal.account == *account);
        let codes: Vec<Arc<str>> = codes.map(|(code, _)| Arc::clone(code)).collect();
        for code in &codes {
            self.codes.remove(code);
        }
    }

    /// What this access token stands for, if it is known already.
    pub fn known_grant(&self, token: &str) -> Option<&Grant> {
        self.grants.get(token)
    }

    /// Whether this is a refresh token or a code that is known.
    pub fn knows(&self, renewal: &str) -> bool {
        self.refresh_tokens.contains_key(renewal)
            || self.codes.contains_key(renewal)
            || self.used_codes.contains_key(renewal)
    }

    /// The tokens with what they stand for, in no order.
    pub fn grants(&self) -> impl Iterator<Item = (&Arc<str>, &Grant)> {
        self.grants.iter()
    }

    /// Whether an app with this key and secret may ask (API-114, API-122).
    pub fn check_client(&self, key: &str, secret: Option<&str>) -> Result<(), TokenRefusal> {
        let refused = Err(TokenRefusal::BadClient {
            with_secret: secret.is_some(),
        });
        match self.apps.get(key) {
            None if self.open && !key.is_empty() => Ok(()),
            None => refused,
            Some(app) => match (&app.secret, secret) {
                // PKCE sends no secret.
                (None, _) | (_, None) => Ok(()),
                (Some(wanted), Some(sent)) if wanted == sent => Ok(()),
                _ => refused,
            },
        }
    }

    /// The account for which a refresh token gives access tokens. One that nobody declared stands for
    /// an account of its own.
    pub fn account_of_refresh_token<'a>(&'a self, token: &'a str) -> &'a str {
        let renewal = self.refresh_tokens.get(token);
        renewal.map_or(token, |renewal| &*renewal.account)
    }

    /// The account for which a code gives tokens, likewise.
    pub fn account_of_code<'a>(&'a self, code: &'a str) -> &'a str {
        let renewal = self.codes.get(code);
        renewal.map_or(code, |renewal| &*renewal.account)
    }

    /// Exchanges a code (API-116). A code can be used once.
    pub fn exchange_code(
        &mut self,
        code: &str,
        app: &str,
        shown: &CodeUse<'_>,
        now: Timestamp,
    ) -> Result<Issued, TokenRefusal> {
        if code.is_empty() || self.used_codes.contains_key(code) {
            return Err(TokenRefusal::BadCode);
        }
        let renewal = match self.codes.get(code) {
            Some(renewal) => renewal.clone(),
            None if self.open && code.len() <= LONGEST_TOKEN => Renewal {
                account: code.into(),
                app: None,
                scopes: None,
                revoked: false,
                approval: None,
                offline: false,
            },
            None => return Err(TokenRefusal::BadCode),
        };
        if renewal
            .app
            .as_deref()
            .is_some_and(|declared| declared != app)
        {
            return Err(TokenRefusal::BadCode);
        }
        let offline = match &renewal.approval {
            Some(approval) => {
                let declared = self.apps.get(app);
                let has_secret = declared.is_some_and(|app| app.secret.is_some());
                approval.check(shown, has_secret, now)?;
                approval.offline
            }
            None => shown.offline || renewal.offline,
        };
        self.used_codes.insert(code.into(), ());
        let access_token = self.issue(&renewal, app, renewal.scopes.clone(), now);
        let refresh_token = offline.then(|| self.ids.base64url(48));
        if let Some(token) = &refresh_token {
            let app = Some(app.into());
            self.keep_refresh_token(
                token,
                Renewal {
                    app,
                    approval: None,
                    ..renewal.clone()
                },
            );
        }
        Ok(Issued {
            access_token,
            refresh_token,
            account: renewal.account,
            scopes: renewal.scopes,
        })
    }

    /// Gives a new access token for a refresh token (API-119), perhaps with fewer scopes.
    pub fn refresh(
        &mut self,
        refresh_token: &str,
        app: &str,
        scopes: Option<BTreeSet<String>>,
        now: Timestamp,
    ) -> Result<Issued, TokenRefusal> {
        if self.open
            && (1..=LONGEST_TOKEN).contains(&refresh_token.len())
            && !self.refresh_tokens.contains_key(refresh_token)
        {
            self.declare_refresh_token(refresh_token, refresh_token, None, None);
        }
        let renewal = self
            .refresh_tokens
            .get(refresh_token)
            .cloned()
            .ok_or(TokenRefusal::BadRefreshToken)?;
        if renewal.revoked
            || renewal
                .app
                .as_deref()
                .is_some_and(|declared| declared != app)
        {
            return Err(TokenRefusal::BadRefreshToken);
        }
        let scopes = match (&renewal.scopes, scopes) {
            (Some(granted), Some(wanted)) if !wanted.is_subset(granted) => {
                return Err(TokenRefusal::BadRefreshToken);
            }
            (_, Some(wanted)) => Some(wanted),
            (granted, None) => granted.clone(),
        };
        let access_token = self.issue(&renewal, app, scopes.clone(), now);
        Ok(Issued {
            access_token,
            refresh_token: None,
            account: renewal.account,
            scopes,
        })
    }

    /// A code for an account, bound to what its user approved.
    pub(super) fn give_code(
        &mut self,
        account: &str,
        app: &str,
        scopes: Option<BTreeSet<String>>,
        approval: Approval,
    ) -> String {
        let code = self.ids.base64url(32);
        let renewal = Renewal {
            account: account.into(),
            app: Some(app.into()),
            scopes,
            revoked: false,
            approval: Some(approval),
            offline: false,
        };
        self.codes.insert(code.as_str().into(), renewal);
        code
    }

    /// An access token for an account, without a code (SH-137).
    pub(super) fn give_token(
        &mut self,
        account: &str,
        app: &str,
        scopes: Option<BTreeSet<String>>,
        now: Timestamp,
    ) -> Issued {
        let renewal = Renewal {
            account: account.into(),
            app: None,
            scopes: scopes.clone(),
            revoked: false,
            approval: None,
            offline: false,
        };
        Issued {
            access_token: self.issue(&renewal, app, scopes.clone(), now),
            refresh_token: None,
            account: renewal.account,
            scopes,
        }
    }

    /// The scopes, by name, that the user of an account gave an app and has not taken back.
    pub(super) fn given_before(&self, account: &str, app: &str) -> BTreeSet<String> {
        let access = self.tokens_of.get(account).into_iter();
        let access = access
            .flat_map(|tokens| &tokens.access)
            .filter_map(|token| self.grants.get(token))
            .filter(|grant| &*grant.app == app && !grant.revoked);
        let scopes = access.filter_map(|grant| grant.scopes.as_ref()).flatten();
        scopes.cloned().collect()
    }

    /// Ends an access token: `auth/token/revoke`.
    pub fn revoke(&mut self, token: &str) {
        if let Some(grant) = self.grant(token) {
            grant.revoked = true;
        }
    }

    /// Ends a refresh token (API-120).
    pub fn revoke_refresh_token(&mut self, token: &str) {
        self.refresh_tokens
            .entry(token.into())
            .or_insert_with(|| Renewal {
                account: token.into(),
                app: None,
                scopes: None,
                revoked: false,
                approval: None,
                offline: false,
            })
            .revoked = true;
    }

    fn issue(
        &mut self,
        renewal: &Renewal,
        app: &str,
        scopes: Option<BTreeSet<String>>,
        now: Timestamp,
    ) -> String {
        let token = format!("sl.{}", self.ids.base64url(96));
        let grant = Grant {
            app: app.into(),
            scopes,
            expires_at: Some(now.plus(ACCESS_TOKEN_LIFE)),
            ..Grant::for_account(&renewal.account)
        };
        self.declare_token(&token, grant);
        token
    }
}

/// The longest bearer token in bytes: Dropbox's have up to some 1,300.
pub const LONGEST_TOKEN: usize = 4096;

/// What makes a bearer token impossible, for people.
pub const TOKEN_SHAPE: &str = "other characters than letters, digits and -._~+/, or more than 4096";

/// Whether a header can carry this as a bearer token (RFC 6750, section 2.1), and it is no longer than any is.
pub fn is_token_shaped(token: &str) -> bool {
    if token.len() > LONGEST_TOKEN {
        return false;
    }
    let body = token.trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(fits)
}

#[cfg(test)]
mod tests;
