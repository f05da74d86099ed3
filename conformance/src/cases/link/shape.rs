//! The link itself: its path, its token, its host.

use std::collections::BTreeSet;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[PATH, TOKEN, TOKENS_DIFFER, PROBE_TOKEN_AND_HOST];

const PATH: Case = Case::required("link/shape/path")
    .rules(&["UL-96"])
    .claim("The path of a link is /apitul/1/<token>, and there is no query.")
    .calls(1)
    .run(|t| Box::pin(path(t)));

async fn path(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let rest = &link.url()[link.origin().len()..];
    let (version, token) = rest
        .strip_prefix("/apitul/")
        .and_then(|rest| rest.split_once('/'))
        .unwrap_or_default();
    if version != "1" || token.is_empty() || token.contains(['/', '?', '#']) {
        return Err(t.fail("the link is not an origin, /apitul/1/ and a token"));
    }
    Ok(())
}

/// The value of a character of base64url.
fn sextet(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

/// How many bytes a token spells, if it is canonical base64url without padding.
fn spelled_bytes(token: &str) -> Option<usize> {
    let sextets: Option<Vec<u8>> = token.bytes().map(sextet).collect();
    let sextets = sextets?;
    let spare = sextets.len() * 6 % 8;
    let last = sextets.last()?;
    (spare < 6 && last.trailing_zeros() >= u32::try_from(spare).ok()?)
        .then_some(sextets.len() * 6 / 8)
}

const TOKEN: Case = Case::observed("link/shape/token")
    .rules(&["UL-98", "UL-99"])
    .claim("A token is 14 characters of base64url that spell exactly ten bytes.")
    .calls(3)
    .run(|t| Box::pin(token(t)));

async fn token(t: &Context) -> Verdict {
    for _ in 0..3 {
        let link = t.mint(commit_info("/a.txt")).await?;
        if link.token().len() != 14 {
            return Err(t.fail(&format!("a token has {} characters", link.token().len())));
        }
        if spelled_bytes(link.token()) != Some(10) {
            return Err(t.fail("a token is not the canonical base64url of ten bytes"));
        }
    }
    Ok(())
}

const TOKENS_DIFFER: Case = Case::required("link/shape/tokens-differ")
    .rules(&["UL-86", "UL-103"])
    .claim("No two of twenty links have the same token, nor begin alike.")
    .calls(20)
    .run(|t| Box::pin(tokens_differ(t)));

async fn tokens_differ(t: &Context) -> Verdict {
    let mut heads = BTreeSet::new();
    for _ in 0..20 {
        let link = t.mint(commit_info("/a.txt")).await?;
        // 42 random bits: that two of twenty agree has a chance of one in twenty thousand million.
        heads.insert(link.token().chars().take(7).collect::<String>());
    }
    if heads.len() != 20 {
        return Err(t.fail("two tokens begin alike: they are not random"));
    }
    Ok(())
}

const PROBE_TOKEN_AND_HOST: Case = Case::probe("link/shape/probe-token-and-host")
    .rules(&["OQ-08", "UL-97"])
    .claim("How many bytes a token has, and on which host a link is.")
    .calls(5)
    .run(|t| Box::pin(probe_token_and_host(t)));

async fn probe_token_and_host(t: &Context) -> Verdict {
    let mut sizes = BTreeSet::new();
    let mut hosts = BTreeSet::new();
    for _ in 0..5 {
        let link = t.mint(commit_info("/a.txt")).await?;
        sizes.insert(spelled_bytes(link.token()).map_or_else(
            || format!("{} characters that are no base64url", link.token().len()),
            |bytes| bytes.to_string(),
        ));
        hosts.insert(if link.origin() == t.target().content {
            "that of the content routes".to_owned()
        } else {
            link.origin().to_owned()
        });
    }
    t.observe("OQ-08", sizes.into_iter().collect::<Vec<_>>().join(", "));
    t.observe(
        "OQ-08.host",
        hosts.into_iter().collect::<Vec<_>>().join(", "),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::spelled_bytes;

    #[test]
    fn the_published_tokens_spell_ten_bytes_and_the_sample_of_the_documentation_none() {
        // UL-98, UL-100
        assert_eq!(spelled_bytes("7mjCJzUCtFFHcQ"), Some(10));
        assert_eq!(spelled_bytes("MWsf1ei9ckbpcw"), Some(10));
        assert_eq!(spelled_bytes("bNi2uIYF51cVBND"), None);
    }

    #[test]
    fn spare_bits_that_are_set_or_another_alphabet_are_not_canonical() {
        assert_eq!(spelled_bytes("AAAAAAAAAAAAAB"), None);
        assert_eq!(spelled_bytes("AAAAAAAAAAAA+A"), None);
        assert_eq!(spelled_bytes(""), None);
    }
}
