//! The server, its clock and its links.

use super::super::failure::plain;
use super::super::ready::{self, NotReady};
use super::{Finding, wrong};
use crate::control::clock::real_time;
use crate::server::AUTHORITY_REPLACED;
use crate::server::listener::DROPBOX_HOSTS;

/// How far the clocks may differ before it is a finding, in seconds.
const TOLERANCE: i64 = 5;

/// How long a connection may take.
const CONNECT: std::time::Duration = std::time::Duration::from_secs(5);

#[derive(Debug)]
pub struct Seen {
    pub origin: String,
    pub answers: Result<(), NotReady>,
    /// The origin of its links.
    pub links: Option<String>,
    /// Whether somebody answers at that origin; none where nobody was asked.
    pub links_answer: Option<Result<(), NotReady>>,
    pub clock: Option<Clock>,
    /// This machine's time when the clock was read.
    pub now: jiff::Timestamp,
    /// The certificate, in PEM.
    pub authority: Option<String>,
    /// Why it replaced another one at the server's start, if it did.
    pub replaced: Option<String>,
}

/// What the server says of its clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pub now: jiff::Timestamp,
    pub frozen: bool,
}

/// Looks at a server.
pub async fn look(client: &reqwest::Client, origin: &str) -> Seen {
    let answers = ready::ask(client, origin).await;
    let (mut links, mut links_answer, mut clock, mut authority) = (None, None, None, None);
    let mut replaced = None;
    if answers.is_ok() {
        let welcome = welcome(client, origin).await.unwrap_or_default();
        links =
            line(&welcome, "Links begin with ").map(|links| links.trim_end_matches('/').to_owned());
        replaced = line(&welcome, AUTHORITY_REPLACED).map(str::to_owned);
        links_answer = match &links {
            Some(links) if links.starts_with("http://") => Some(ready::ask(client, links).await),
            Some(links) => listens(links).await,
            None => None,
        };
        authority = ready::authority(client, origin).await.ok().flatten();
        clock = read_clock(client, origin).await;
    }
    Seen {
        origin: origin.to_owned(),
        answers,
        links,
        links_answer,
        clock,
        now: jiff::Timestamp::try_from(real_time()).unwrap_or_default(),
        authority,
        replaced,
    }
}

async fn welcome(client: &reqwest::Client, origin: &str) -> Option<String> {
    let welcome = client.get(format!("{origin}/")).send().await.ok()?;
    welcome.text().await.ok()
}

fn line<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(start))
}

/// Whether somebody listens at an origin that speaks TLS; none for Dropbox's own hosts, to which a proxy
/// leads.
async fn listens(links: &str) -> Option<Result<(), NotReady>> {
    let url = reqwest::Url::parse(links).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']);
    if DROPBOX_HOSTS.contains(&host) {
        return None;
    }
    let port = url.port_or_known_default()?;
    let connecting = tokio::net::TcpStream::connect((host, port));
    let connected = tokio::time::timeout(CONNECT, connecting).await;
    let silent = |why: &str| NotReady::Silent(format!("nobody answers at {links}: {why}"));
    Some(match connected {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(silent(&plain(error))),
        Err(_) => Err(silent("no connection in time")),
    })
}

async fn read_clock(client: &reqwest::Client, origin: &str) -> Option<Clock> {
    let answer = client.get(format!("{origin}/_fake/v1/clock")).send().await;
    let reading: serde_json::Value = answer.ok()?.json().await.ok()?;
    Some(Clock {
        now: reading["now"].as_str()?.parse().ok()?,
        frozen: reading["frozen"].as_bool()?,
    })
}

/// What that means.
pub fn check(seen: &Seen) -> Vec<Finding> {
    match &seen.answers {
        Ok(()) => {
            let mut findings = vec![
                Finding::Good(format!("a fake-dropbox answers at {}", seen.origin)),
                clock(seen),
                links(seen),
            ];
            findings.extend(seen.replaced.as_ref().map(|why| {
                Finding::Note(format!(
                    "the server's certificate authority is a new one since its start, for {why}: where the old one was \
                     trusted, trust the one that `fake-dropbox ca` prints"
                ))
            }));
            findings
        }
        Err(reason) => vec![wrong(
            reason.to_string(),
            "start a server with `fake-dropbox serve`, or say where it is with --url or --port-file",
        )],
    }
}

/// The account whose link is minted. It goes again.
const ACCOUNT: &str = "fake-dropbox-doctor";

/// Mints a link as a program does that calls the server by this name, and says where it leads.
pub async fn mint(client: &reqwest::Client, origin: &str, host: &str) -> Finding {
    let asked = client
        .post(format!("{origin}/2/files/get_temporary_upload_link"))
        .header("host", host)
        .bearer_auth(ACCOUNT)
        .header("content-type", "application/json")
        .body(r#"{"commit_info":{"path":"/doctor.txt"}}"#);
    let answer = match asked.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let why = ready::root_cause(&error);
            return wrong(
                format!("no link can be minted at {host}: {why}"),
                "look at the log of the server",
            );
        }
    };
    let status = answer.status();
    let minted: Option<serde_json::Value> = answer.json().await.ok();
    // Who may not use the controls leaves an account without a file behind.
    let account = format!("{origin}/_fake/v1/account?account={ACCOUNT}");
    let _ = client.delete(account).send().await;
    let link = minted.as_ref().and_then(|minted| minted["link"].as_str());
    led(host, status.as_u16(), link)
}

/// What it means where a link leads.
fn led(host: &str, status: u16, link: Option<&str>) -> Finding {
    let Some((origin, _)) = link.and_then(|link| link.split_once("/apitul/")) else {
        return Finding::Note(format!(
            "a mint at {host} was answered with {status}, so where its links lead is not known"
        ));
    };
    let minted = format!("a link that is minted at {host} begins with {origin}");
    let name = origin.split_once("://").map_or("", |(_, name)| name);
    if DROPBOX_HOSTS.contains(&name) {
        return Finding::Note(format!(
            "{minted}: whoever follows it without this proxy sends the file to the real Dropbox; `fake-dropbox env --links local` \
             changes that"
        ));
    }
    Finding::Good(minted)
}

fn clock(seen: &Seen) -> Finding {
    let control = format!("curl -X POST {}/_fake/v1/clock", seen.origin);
    let Some(Clock { now, frozen }) = seen.clock else {
        let what = "the server does not show its clock";
        return wrong(what, "ask from the machine that it runs on");
    };
    let ahead = now.as_second() - seen.now.as_second();
    if frozen {
        let what = format!("the server's clock stands still at {now}: nothing expires");
        return wrong(what, format!("{control}/resume"));
    }
    if ahead.abs() <= TOLERANCE {
        return Finding::Good("the server's clock shows the time of this machine".to_owned());
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let what = format!(
        "the server's clock is {} seconds {direction} this machine's: tokens and links do not expire when clients expect it",
        ahead.abs()
    );
    wrong(
        what,
        format!("{control}/reset, or set the clock of the machine"),
    )
}

fn links(seen: &Seen) -> Finding {
    let Some(links) = &seen.links else {
        return wrong(
            "the server does not say where its links lead",
            "use one version of fake-dropbox for the server and for this check",
        );
    };
    if links.starts_with("https://") && seen.authority.is_none() {
        return wrong(
            format!("links begin with {links}, but the server does not speak TLS"),
            "write --public-url with http://, or start the server without --no-tls; if a proxy in front of it speaks TLS, all \
             is well",
        );
    }
    match &seen.links_answer {
        Some(Err(reason)) => wrong(
            format!("links begin with {links}, and clients here cannot use them: {reason}"),
            "start the server with a --public-url that clients reach, or without one",
        ),
        _ => Finding::Good(format!("links begin with {links}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        let now: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        Seen {
            origin: "http://127.0.0.1:8080".to_owned(),
            answers: Ok(()),
            links: Some("http://127.0.0.1:8080".to_owned()),
            links_answer: Some(Ok(())),
            clock: Some(Clock { now, frozen: false }),
            now,
            authority: Some("PEM".to_owned()),
            replaced: None,
        }
    }

    fn said(finding: &Finding, words: &[&str]) {
        let text = finding.to_string();
        assert!(finding.is_wrong(), "{text}");
        for word in words {
            assert!(text.contains(word), "{text}");
        }
    }

    #[test]
    fn a_server_with_the_right_time_is_well() {
        assert!(check(&seen()).iter().all(|finding| !finding.is_wrong()));
    }

    #[test]
    fn a_server_that_is_not_there_is_all_there_is_to_say() {
        let mut seen = seen();
        seen.answers = Err(NotReady::Silent("nobody answers".to_owned()));
        let findings = check(&seen);
        assert_eq!(findings.len(), 1);
        said(&findings[0], &["nobody answers", "fake-dropbox serve"]);
    }

    #[test]
    fn a_clock_that_stands_still_or_shows_another_time_is_found() {
        let mut seen = seen();
        seen.clock.as_mut().unwrap().frozen = true;
        said(&clock(&seen), &["stands still", "clock/resume"]);
        let now = "2026-01-01T04:00:00Z".parse().unwrap();
        seen.clock = Some(Clock { now, frozen: false });
        said(&clock(&seen), &["14400 seconds ahead of", "clock/reset"]);
        seen.now = "2026-01-01T04:00:10Z".parse().unwrap();
        said(&clock(&seen), &["10 seconds behind"]);
        seen.clock = None;
        said(&clock(&seen), &["does not show"]);
    }

    #[test]
    fn an_authority_that_replaced_another_has_to_be_trusted_anew() {
        let mut seen = seen();
        seen.replaced = Some("the old one has expired".to_owned());
        let findings = check(&seen);
        let text: String = findings.iter().map(ToString::to_string).collect();
        assert!(
            text.contains("for the old one has expired: where the old one was trusted"),
            "{text}"
        );
        assert!(findings.iter().all(|finding| !finding.is_wrong()));
    }

    #[test]
    fn a_minted_link_is_told_with_where_it_leads() {
        let host = "api.dropboxapi.com";
        let here = led(host, 200, Some("http://127.0.0.1:8080/apitul/1/x")).to_string();
        assert!(here.starts_with("ok"), "{here}");
        assert!(
            here.ends_with("begins with http://127.0.0.1:8080"),
            "{here}"
        );
        let there = led(host, 200, Some("https://content.dropboxapi.com/apitul/1/x"));
        assert!(there.to_string().contains("to the real Dropbox"), "{there}");
        let refused = led(host, 401, None).to_string();
        assert!(refused.contains("answered with 401"), "{refused}");
    }

    #[test]
    fn links_with_a_scheme_or_host_that_nobody_reaches_are_found() {
        let mut seen = seen();
        seen.links_answer = Some(Err(NotReady::Silent("nobody answers".to_owned())));
        said(&links(&seen), &["--public-url", "nobody answers"]);
        seen.links = Some("https://drop.test".to_owned());
        seen.links_answer = None;
        assert!(!links(&seen).is_wrong());
        seen.authority = None;
        said(&links(&seen), &["does not speak TLS", "http://"]);
    }
}
