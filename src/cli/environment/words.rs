//! Variables that hold several options: how their readers part them.

/// How a reader parts options.
#[derive(Clone, Copy, Debug)]
pub struct Grammar {
    /// What stands between options.
    pub is_space: fn(char) -> bool,
    /// What keeps spaces together.
    pub quotes: &'static [char],
    /// Whether a backslash inside of quotes keeps the next character.
    pub has_escapes: bool,
}

impl Grammar {
    /// The options one by one, as they are spelled.
    pub fn words(self, text: &str) -> Vec<&str> {
        let (mut words, mut start) = (Vec::new(), 0);
        let (mut quote, mut is_escaped) = (None, false);
        for (at, letter) in text.char_indices() {
            if is_escaped {
                is_escaped = false;
            } else if let Some(open) = quote {
                is_escaped = self.has_escapes && letter == '\\';
                if letter == open {
                    quote = None;
                }
            } else if self.quotes.contains(&letter) {
                quote = Some(letter);
            } else if (self.is_space)(letter) {
                words.push(&text[start..at]);
                start = at + letter.len_utf8();
            }
        }
        words.push(&text[start..]);
        words.retain(|word| !word.is_empty());
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_spaces_together_and_a_backslash_keeps_quotes() {
        let grammar = Grammar {
            is_space: |letter| letter == ' ',
            quotes: &['"', '\''],
            has_escapes: false,
        };
        assert_eq!(
            grammar.words("  a \"b c\"d 'e \" f' "),
            ["a", "\"b c\"d", "'e \" f'"]
        );
        let escaping = Grammar {
            has_escapes: true,
            ..grammar
        };
        assert_eq!(escaping.words(r#""a\" b" c"#), [r#""a\" b""#, "c"]);
        assert_eq!(grammar.words(r#""a\" b" c"#), [r#""a\""#, "b\" c"]);
    }
}
