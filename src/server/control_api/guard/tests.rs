use super::*;
use http::HeaderValue;

const TOKEN: &str = "the token";
const SECRET: &str = "the secret of the page";

/// One of the values that a part of a request can have, and what our rule says of it alone.
struct Part<T> {
    value: T,
    is_good: bool,
}

const fn part<T>(value: T, is_good: bool) -> Part<T> {
    Part { value, is_good }
}

/// Where a caller is.
const PEERS: [Part<&str>; 5] = [
    part("127.0.0.1", true),
    part("::1", true),
    part("::ffff:127.0.0.1", true),
    part("192.0.2.1", false),
    part("2001:db8::1", false),
];

/// Whom it asks for. What the server listens on, `--allow-host` and `--public-url` play no part.
const HOSTS: [Part<Option<&str>>; 10] = [
    part(Some("localhost"), true),
    part(Some("127.0.0.1"), true),
    part(Some("[::1]"), true),
    part(Some("fake.localhost"), true),
    part(Some("api.dropboxapi.com"), true),
    part(Some("evil.test"), false),
    part(Some("localhost.evil.test"), false),
    part(Some("192.0.2.1"), false),
    part(Some("allowed.test"), false),
    part(None, false),
];

/// What somebody between added.
const PASSED: [Part<Option<&str>>; 11] = [
    part(None, true),
    part(Some("forwarded"), false),
    part(Some("via"), false),
    part(Some("x-forwarded-for"), false),
    part(Some("x-forwarded-host"), false),
    part(Some("x-forwarded-proto"), false),
    part(Some("x-forwarded-anything"), false),
    part(Some("x-real-ip"), false),
    part(Some("x-client-ip"), false),
    part(Some("cf-connecting-ip"), false),
    part(Some("true-client-ip"), false),
];

/// What the caller shows for the token; whether the server has one.
const TOKENS: [(Option<&str>, bool); 6] = [
    (None, false),
    (None, true),
    (Some(TOKEN), true),
    (Some("another"), true),
    (Some(TOKEN), false),
    (Some(""), true),
];

/// What a browser says of a page, and who may say it: nobody, our page with its secret, a reader who typed
/// the address.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    None,
    Ours,
    Typed,
    Foreign,
}

const OWN: &str = "http://localhost:8080";

const MARKS_SEEN: [(&[(&str, &str)], Mark); 17] = [
    (&[], Mark::None),
    (&[("sec-fetch-mode", "cors")], Mark::None),
    (&[("origin", OWN)], Mark::Ours),
    (
        &[("origin", OWN), ("sec-fetch-site", "same-origin")],
        Mark::Ours,
    ),
    (
        &[("sec-fetch-site", "same-origin"), ("referer", OWN)],
        Mark::Ours,
    ),
    (&[("referer", OWN)], Mark::Ours),
    (&[("sec-fetch-dest", "empty")], Mark::Ours),
    (
        &[("sec-fetch-site", "none"), ("sec-fetch-user", "?1")],
        Mark::Typed,
    ),
    (
        &[("sec-fetch-site", "none"), ("referer", "http://evil.test/")],
        Mark::Foreign,
    ),
    (
        &[("sec-fetch-site", "none"), ("origin", "null")],
        Mark::Foreign,
    ),
    (&[("origin", "null")], Mark::Foreign),
    (
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        Mark::Foreign,
    ),
    (&[("origin", "http://evil.test")], Mark::Foreign),
    (&[("origin", "http://localhost:8081")], Mark::Foreign),
    (&[("origin", "https://localhost:8080")], Mark::Foreign),
    (
        &[("origin", OWN), ("sec-fetch-site", "same-site")],
        Mark::Foreign,
    ),
    (&[("sec-fetch-site", "cross-site")], Mark::Foreign),
];

/// Whether the page shows its secret.
const SECRETS: [Option<&str>; 3] = [None, Some(SECRET), Some("guess")];

/// The rule in a sentence: the token, or this machine under its own name and nobody between; and no page but
/// ours, which shows its secret or the token.
fn may(
    [peer, host, passed]: [bool; 3],
    (shown, has): (Option<&str>, bool),
    mark: Mark,
    secret: Option<&str>,
    is_reading: bool,
) -> bool {
    let caller = match shown {
        Some(shown) => has && shown == TOKEN,
        None => peer && host && passed,
    };
    let page = match mark {
        Mark::None => true,
        Mark::Ours => secret == Some(SECRET) || shown.is_some(),
        Mark::Typed => is_reading,
        Mark::Foreign => false,
    };
    caller && page
}

#[test]
fn of_all_combinations_those_and_only_those_may_call_that_the_rule_names() {
    let mut tried = 0;
    for peer in &PEERS {
        for host in &HOSTS {
            for passed in &PASSED {
                for token in TOKENS {
                    for (marks, mark) in MARKS_SEEN {
                        for secret in SECRETS {
                            for is_reading in [true, false] {
                                let mut headers = HeaderMap::new();
                                let all = marks.iter().copied();
                                let all = all
                                    .chain(passed.value.map(|name| (name, "x")))
                                    .chain(token.0.map(|shown| (CONTROL_TOKEN_HEADER, shown)))
                                    .chain(secret.map(|secret| (PAGE_SECRET_HEADER, secret)));
                                for (name, value) in all {
                                    headers.insert(name, HeaderValue::from_static(value));
                                }
                                let caller = Caller {
                                    peer: peer.value.parse().unwrap(),
                                    host: host.value,
                                    own_origin: OWN,
                                    headers: &headers,
                                    is_reading,
                                };
                                let verdict = caller.judge(token.1.then_some(TOKEN), SECRET);
                                let wanted = may(
                                    [peer.is_good, host.is_good, passed.is_good],
                                    token,
                                    mark,
                                    secret,
                                    is_reading,
                                );
                                assert_eq!(
                                    verdict == Verdict::May,
                                    wanted,
                                    "{caller:?}: {verdict:?}"
                                );
                                assert_eq!(verdict.refusal().is_none(), wanted);
                                tried += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert_eq!(tried, 5 * 10 * 11 * 6 * 17 * 3 * 2);
}

#[test]
fn a_refusal_says_which_of_the_reasons_it_was() {
    let judged = |peer: &str, host: &str, name: &'static str, value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        let caller = Caller {
            peer: peer.parse().unwrap(),
            host: Some(host),
            own_origin: OWN,
            headers: &headers,
            is_reading: false,
        };
        caller.judge(Some(TOKEN), SECRET)
    };
    for (peer, host, name, value, wanted) in [
        (
            "192.0.2.1",
            "localhost",
            "accept",
            "*/*",
            Verdict::FromElsewhere,
        ),
        (
            "127.0.0.1",
            "localhost",
            "via",
            "1.1 x",
            Verdict::FromElsewhere,
        ),
        (
            "127.0.0.1",
            "evil.test",
            "accept",
            "*/*",
            Verdict::ForeignHost,
        ),
        ("127.0.0.1", "localhost", "origin", "null", Verdict::WebPage),
        (
            "127.0.0.1",
            "localhost",
            CONTROL_TOKEN_HEADER,
            "x",
            Verdict::WrongToken,
        ),
    ] {
        assert_eq!(judged(peer, host, name, value), wanted, "{host} {name}");
    }
}
