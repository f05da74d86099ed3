use super::*;

const OFFLINE: CodeUse<'_> = CodeUse {
    offline: true,
    redirect_uri: None,
    verifier: None,
    with_secret: false,
};
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn credentials() -> Credentials {
    Credentials::new(IdSource::from_seed(1))
}

fn closed() -> Credentials {
    let mut credentials = credentials();
    credentials.open = false;
    credentials
}

fn scopes(names: &[&str]) -> Option<BTreeSet<String>> {
    Some(names.iter().map(|&name| name.to_owned()).collect())
}

#[test]
fn a_code_gives_tokens_once() {
    let mut credentials = closed();
    credentials.declare_code("code", "ann", Some("app"), scopes(&["a"]), false);
    let issued = credentials
        .exchange_code("code", "app", &OFFLINE, NOW)
        .expect("it was declared");
    assert_eq!((&*issued.account, &issued.scopes), ("ann", &scopes(&["a"])));
    assert!(issued.access_token.starts_with("sl."));
    let again = credentials.exchange_code("code", "app", &OFFLINE, NOW);
    assert_eq!(again, Err(TokenRefusal::BadCode));
    let refresh = issued.refresh_token.expect("offline");
    let renewed = credentials
        .refresh(&refresh, "app", None, NOW)
        .expect("good");
    assert_eq!((&*renewed.account, renewed.refresh_token), ("ann", None));
    assert_ne!(renewed.access_token, issued.access_token);
}

#[test]
fn a_refresh_token_comes_only_with_offline_access() {
    // API-117: asked for with the code, or with its exchange.
    let mut credentials = credentials();
    credentials.declare_code("online", "ann", None, None, false);
    credentials.declare_code("offline", "ann", None, None, true);
    for (code, asks, is_given) in [
        ("any", &CodeUse::default(), false),
        ("some", &OFFLINE, true),
        ("online", &CodeUse::default(), false),
        ("offline", &CodeUse::default(), true),
    ] {
        let issued = credentials.exchange_code(code, "app", asks, NOW);
        let issued = issued.expect("any code is good");
        assert_eq!(issued.refresh_token.is_some(), is_given, "{code}");
    }
}

#[test]
fn a_refused_exchange_does_not_use_the_code_up() {
    let mut credentials = closed();
    let refused = Err(TokenRefusal::BadCode);
    assert_eq!(credentials.exchange_code("", "app", &OFFLINE, NOW), refused);
    assert_eq!(
        credentials.exchange_code("code", "app", &OFFLINE, NOW),
        refused
    );
    credentials.declare_code("code", "ann", Some("app"), None, false);
    assert_eq!(
        credentials.exchange_code("code", "other", &OFFLINE, NOW),
        refused
    );
    assert!(
        credentials
            .exchange_code("code", "app", &OFFLINE, NOW)
            .is_ok()
    );
    credentials.declare_code("code", "ann", Some("app"), None, false);
    assert!(
        credentials
            .exchange_code("code", "app", &OFFLINE, NOW)
            .is_ok()
    );
}

#[test]
fn a_refresh_token_that_is_unknown_revoked_or_of_another_app_is_refused() {
    let mut credentials = closed();
    let refused = Err(TokenRefusal::BadRefreshToken);
    assert_eq!(credentials.refresh("r", "app", None, NOW), refused);
    credentials.declare_refresh_token("r", "ann", Some("app"), None);
    assert_eq!(credentials.refresh("r", "other", None, NOW), refused);
    assert!(credentials.refresh("r", "app", None, NOW).is_ok());
    credentials.revoke_refresh_token("r");
    assert_eq!(credentials.refresh("r", "app", None, NOW), refused);
    credentials.open = true;
    assert_eq!(credentials.refresh("", "app", None, NOW), refused);
    credentials.revoke_refresh_token("never seen");
    assert_eq!(credentials.refresh("never seen", "app", None, NOW), refused);
}

#[test]
fn a_refresh_can_narrow_the_scopes_and_never_widen_them() {
    let mut credentials = closed();
    credentials.declare_refresh_token("r", "ann", None, scopes(&["a", "b"]));
    let mut refresh = |wanted| credentials.refresh("r", "app", wanted, NOW);
    let narrowed = refresh(scopes(&["a"])).expect("a part");
    assert_eq!(narrowed.scopes, scopes(&["a"]));
    assert_eq!(refresh(None).expect("the same").scopes, scopes(&["a", "b"]));
    assert_eq!(
        refresh(scopes(&["a", "c"])),
        Err(TokenRefusal::BadRefreshToken)
    );
    let grant = credentials
        .known_grant(&narrowed.access_token)
        .expect("it was issued");
    assert!(grant.has_scope("a") && !grant.has_scope("b"));
}

#[test]
fn an_issued_token_lives_four_hours() {
    let mut credentials = credentials();
    let issued = credentials
        .exchange_code("code", "app", &CodeUse::default(), NOW)
        .expect("any code is good");
    let grant = credentials
        .known_grant(&issued.access_token)
        .expect("it was issued");
    let end = NOW.plus(Duration::from_hours(4));
    assert_eq!(grant.check(end), Ok(()));
    let late = end.plus(Duration::from_micros(1));
    assert_eq!(grant.check(late), Err(AuthError::ExpiredAccessToken));
}

#[test]
fn a_client_needs_the_secret_that_was_declared() {
    let mut credentials = closed();
    let refused = |with_secret| Err(TokenRefusal::BadClient { with_secret });
    assert_eq!(credentials.check_client("app", None), refused(false));
    assert_eq!(credentials.check_client("app", Some("s")), refused(true));
    credentials.declare_app(App {
        secret: Some("s".to_owned()),
        ..App::new("app")
    });
    assert_eq!(credentials.check_client("app", Some("s")), Ok(()));
    assert_eq!(credentials.check_client("app", None), Ok(()), "PKCE");
    assert_eq!(credentials.check_client("app", Some("t")), refused(true));
    credentials.open = true;
    assert_eq!(credentials.check_client("another", Some("t")), Ok(()));
    assert_eq!(credentials.check_client("", None), refused(false));
}

#[test]
fn a_token_longer_than_any_stands_for_nothing_and_is_not_kept() {
    let mut credentials = credentials();
    let longest = "t".repeat(LONGEST_TOKEN);
    assert!(credentials.grant(&longest).is_some());
    let longer = longest + "t";
    assert!(credentials.grant(&longer).is_none());
    credentials.revoke(&longer);
    assert!(credentials.known_grant(&longer).is_none());
    let refused = Err(TokenRefusal::BadRefreshToken);
    assert_eq!(credentials.refresh(&longer, "app", None, NOW), refused);
    let refused = Err(TokenRefusal::BadCode);
    assert_eq!(
        credentials.exchange_code(&longer, "app", &CodeUse::default(), NOW),
        refused
    );
}

#[test]
fn a_revoked_access_token_stays_revoked() {
    let mut credentials = credentials();
    credentials.revoke("t");
    let grant = credentials.grant("t").expect("any token is known");
    assert_eq!(grant.check(NOW), Err(AuthError::InvalidAccessToken));
}

#[test]
fn an_account_is_linked_to_the_apps_of_its_tokens_until_they_are_revoked() {
    let mut credentials = credentials();
    assert!(!credentials.is_linked("ann", "app"));
    let of_app = |holder| Grant {
        holder,
        app: "app".into(),
        expires_at: Some(NOW),
        ..Grant::for_account("")
    };
    let ann = || Holder::User("ann".into());
    credentials.declare_token("first", of_app(ann()));
    credentials.declare_token("second", of_app(ann()));
    credentials.revoke("first");
    assert!(credentials.is_linked("ann", "app"));
    assert!(!credentials.is_linked("ann", "another app"));
    assert!(!credentials.is_linked("bob", "app"));
    credentials.revoke("second");
    assert!(!credentials.is_linked("ann", "app"));
    credentials.declare_token(
        "team",
        of_app(Holder::Team(vec!["bob".into(), "ann".into()])),
    );
    assert!(credentials.is_linked("ann", "app") && credentials.is_linked("bob", "app"));
    // The token is another one now.
    credentials.declare_token("team", of_app(Holder::User("bob".into())));
    assert!(!credentials.is_linked("ann", "app"));
}

#[test]
fn an_account_is_linked_by_a_refresh_token_too() {
    let mut credentials = credentials();
    credentials.declare_refresh_token("refresh", "ann", Some("app"), None);
    credentials.declare_refresh_token("any", "ann", None, None);
    assert!(credentials.is_linked("ann", "app"));
    credentials.revoke_refresh_token("refresh");
    assert!(!credentials.is_linked("ann", "app"));
    let issued = credentials
        .exchange_code("code of bob", "app", &OFFLINE, NOW)
        .expect("any code will do");
    credentials.revoke(&issued.access_token);
    assert!(credentials.is_linked("code of bob", "app"));
}

#[test]
fn a_token_that_nobody_declared_is_for_the_app_of_all_such_tokens() {
    let mut credentials = credentials();
    assert!(!credentials.is_linked("t", DEFAULT_APP));
    credentials.grant("t");
    assert!(credentials.is_linked("t", DEFAULT_APP));
    assert!(!credentials.is_linked("t", "app"));
}

#[test]
fn a_token_of_impossible_shape_stands_for_nothing_unless_it_was_declared() {
    let mut credentials = credentials();
    credentials.open = true;
    for token in ["t1", "sl.B-_x/+~", "a=="] {
        assert!(credentials.grant(token).is_some(), "{token}");
    }
    for token in [
        "",
        "=",
        "a b",
        "a, Bearer b",
        "\u{fc}",
        "a=b",
        "\"a\"",
        "a\u{0}",
    ] {
        assert!(credentials.grant(token).is_none(), "{token:?}");
    }
    credentials.declare_token("a b", Grant::for_account("a b"));
    assert!(credentials.grant("a b").is_some());
}
