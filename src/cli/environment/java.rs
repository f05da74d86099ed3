//! Java, which takes options of its virtual machine from a variable.

use super::words::Grammar;
use super::{ClientFiles, Place, TRUST_STORE_PASSWORD};

/// As Java parts `JAVA_TOOL_OPTIONS`.
const GRAMMAR: Grammar = Grammar {
    is_space: char::is_whitespace,
    quotes: &['"', '\''],
    has_escapes: false,
};

/// What this module wrote the last time would pile up.
const OURS: [&str; 3] = [
    "-Djavax.net.ssl.trustStore",
    "-Dhttps.proxyHost",
    "-Dhttps.proxyPort",
];

/// `JAVA_TOOL_OPTIONS` with the trust store and the proxy, behind what is there: the last option of
/// a kind counts.
pub fn options(before: &str, place: &Place, files: &ClientFiles) -> String {
    let store = files.trust_store.to_string_lossy();
    let is_ours = |word: &&str| {
        let word = word.trim_start_matches('"');
        OURS.iter().any(|name| word.starts_with(name))
    };
    let kept = GRAMMAR.words(before).into_iter();
    let mut options: Vec<String> = kept
        .filter(|word| !is_ours(word))
        .map(str::to_owned)
        .collect();
    options.extend([
        option("javax.net.ssl.trustStore", &store),
        option("javax.net.ssl.trustStoreType", "PKCS12"),
        option("javax.net.ssl.trustStorePassword", TRUST_STORE_PASSWORD),
        option("https.proxyHost", &place.host),
        option("https.proxyPort", &place.port.to_string()),
    ]);
    options.join(" ")
}

fn option(name: &str, value: &str) -> String {
    let option = format!("-D{name}={value}");
    if option.contains(|letter: char| letter.is_whitespace() || GRAMMAR.quotes.contains(&letter)) {
        // A quote of one kind stands in quotes of the other.
        format!("\"{}\"", option.replace('"', "\"'\"'\""))
    } else {
        option
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(directory: &str) -> (Place, ClientFiles) {
        let place = Place {
            host: "127.0.0.1".to_owned(),
            port: 8080,
        };
        (place, ClientFiles::below(directory.as_ref()))
    }

    #[test]
    fn what_java_is_told_already_stays() {
        let (place, files) = here("/t");
        assert_eq!(
            options("-Xmx1g '-Da=b c'", &place, &files),
            "-Xmx1g '-Da=b c' -Djavax.net.ssl.trustStore=/t/trust.p12 -Djavax.net.ssl.trustStoreType=PKCS12 \
             -Djavax.net.ssl.trustStorePassword=changeit -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080"
        );
    }

    #[test]
    fn a_store_in_an_odd_place_is_quoted_and_makes_room_for_the_next() {
        for (directory, option) in [
            ("/a b", "\"-Djavax.net.ssl.trustStore=/a b/trust.p12\" "),
            ("/it's", "\"-Djavax.net.ssl.trustStore=/it's/trust.p12\" "),
            (
                "/a\"b",
                "\"-Djavax.net.ssl.trustStore=/a\"'\"'\"b/trust.p12\" ",
            ),
        ] {
            let (place, files) = here(directory);
            let once = options("", &place, &files);
            assert!(once.starts_with(option), "{once}");
            assert_eq!(options(&once, &place, &files), once);
        }
    }
}
