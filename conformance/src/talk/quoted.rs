//! How a text stands in a sentence for people: both sides of a difference alike, and nothing invisible.

/// So many characters are shown.
const MOST: usize = 400;

/// The text between backticks: line ends, tabs and other control characters as pictures (`␊`, `␉`), what
/// has no width by its number, and of a long text the beginning.
pub fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for (count, character) in text.chars().enumerate() {
        if count == MOST {
            return shown + &format!("`… ({} bytes)", text.len());
        }
        match character {
            '\u{7f}' => shown.push('␡'),
            control if control < ' ' => {
                shown.extend(char::from_u32(0x2400 + u32::from(control)));
            }
            '\u{80}'..='\u{a0}'
            | '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{feff}' => {
                shown.push_str(&format!("<U+{:04X}>", u32::from(character)));
            }
            plain => shown.push(plain),
        }
    }
    shown.push('`');
    shown
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(quoted("consumed."), "`consumed.`");
        assert_eq!(quoted("consumed.\n"), "`consumed.␊`");
        assert_eq!(quoted("\u{feff}a\r\n\tb \0"), "`<U+FEFF>a␍␊␉b ␀`");
        assert_eq!(quoted("a\u{a0}b\u{7f}"), "`a<U+00A0>b␡`");
        // What is escaped in JSON stays as it was written.
        assert_eq!(quoted(r#"{"a": "\n"}"#), r#"`{"a": "\n"}`"#);
    }

    #[test]
    fn of_a_long_text_the_beginning_is_shown_and_its_size() {
        let shown = quoted(&"é".repeat(500));
        assert!(shown.ends_with("é`… (1000 bytes)"), "{shown}");
        assert_eq!(shown.matches('é').count(), 400);
    }
}
