//! The link itself: its path, its token, its host.

use std::collections::BTreeSet;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    PATH,
    TOKENS_DIFFER,
    LETTER_CASE_OF_A_TOKEN,
    PROBE_TOKEN_AND_HOST,
];

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
    t.expect(
        &["UL-96"],
        version == "1" && !token.is_empty() && !token.contains(['/', '?', '#']),
        "the link is not an origin, /apitul/1/ and a token",
    )
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
pub fn spelled_bytes(token: &str) -> Option<usize> {
    let sextets: Option<Vec<u8>> = token.bytes().map(sextet).collect();
    let sextets = sextets?;
    let spare = sextets.len() * 6 % 8;
    let last = sextets.last()?;
    (spare < 6 && last.trailing_zeros() >= u32::try_from(spare).ok()?)
        .then_some(sextets.len() * 6 / 8)
}

const TOKENS_DIFFER: Case = Case::required("link/shape/tokens-differ")
    .rules(&["UL-86"])
    .claim("No two of twenty links have the same token.")
    .calls(20)
    .run(|t| Box::pin(tokens_differ(t)));

async fn tokens_differ(t: &Context) -> Verdict {
    let mut tokens = BTreeSet::new();
    for _ in 0..20 {
        let link = t.mint(commit_info("/a.txt")).await?;
        tokens.insert(link.token().to_owned());
    }
    t.expect(&["UL-86"], tokens.len() == 20, "two links have one token")
}

const LETTER_CASE_OF_A_TOKEN: Case = Case::observed("link/shape/letter-case-of-a-token")
    .rules(&["UL-98", "UL-99"])
    .claim("A token in other letter case is another token: it opens nothing, and the link stays fresh.")
    .calls(4)
    .run(|t| Box::pin(letter_case_of_a_token(t)));

async fn letter_case_of_a_token(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let swapped = |letter: char| match letter {
        'a'..='z' => letter.to_ascii_uppercase(),
        other => other.to_ascii_lowercase(),
    };
    let token: String = link.token().chars().map(swapped).collect();
    if token == link.token() {
        return Err(t.does_not_apply("the token has no letters"));
    }
    let other = t.unknown_link(&link, &token);
    t.consume(&other, b"other").await?.expect_status(409)?;
    t.consume(&link, b"right").await?.expect_status(200)?;
    t.expect_content("/a.txt", b"right").await?;
    Ok(())
}

const PROBE_TOKEN_AND_HOST: Case = Case::probe("link/shape/probe-token-and-host")
    .rules(&["OQ-08", "UL-97", "UL-98", "UL-99"])
    .claim("How many bytes a token has, and on which host a link is.")
    .calls(5)
    .run(|t| Box::pin(probe_token_and_host(t)));

async fn probe_token_and_host(t: &Context) -> Verdict {
    let mut sizes = BTreeSet::new();
    let mut hosts = BTreeSet::new();
    let mut beginnings = BTreeSet::new();
    for _ in 0..5 {
        let link = t.mint(commit_info("/a.txt")).await?;
        beginnings.insert(link.token().chars().next());
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
    // All that were published spell ten bytes and have no common beginning.
    if sizes.iter().eq(["10"]) && beginnings.len() > 1 {
        t.confirms(&["UL-98", "UL-99"]);
    } else {
        t.contradicts(&["UL-98", "UL-99"]);
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
