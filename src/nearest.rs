//! What somebody meant who misspelt a name.

/// Of all names the nearest to the one that was asked for; none if it could be anything.
pub fn nearest<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let asked = plain(asked);
    let most = asked.len() / 3;
    known
        .into_iter()
        .map(|name| (distance(&asked, &plain(name)), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The sentence for it, with a space in front; nothing if nothing is near.
///
/// The name `uplod_link` beside `upload_link` gives ` Did you mean "upload_link"?`
pub fn did_you_mean<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(asked, known)
        .map(|name| format!(" Did you mean {name:?}?"))
        .unwrap_or_default()
}

/// Without what people mix up: case, hyphens and underscores.
fn plain(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|letter| !matches!(letter, '-' | '_'));
    letters.flat_map(char::to_lowercase).take(64).collect()
}

/// How many letters have to be added, taken out or changed; two that changed places count once.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut least = (row[j] + usize::from(a != b))
                .min(row[j + 1] + 1)
                .min(next[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name_and_a_foreign_word_none() {
        let known = [
            "upload_link",
            "files/upload",
            "download_link",
            "failed_commit",
        ];
        for (asked, meant) in [
            ("uplod_link", Some("upload_link")),
            ("Failed-Commit", Some("failed_commit")),
            ("failed_comimt", Some("failed_commit")),
            ("file/upload", Some("files/upload")),
            ("webhooks", None),
            ("", None),
        ] {
            assert_eq!(nearest(asked, known), meant, "{asked}");
        }
        assert_eq!(
            did_you_mean("uplod_link", known),
            " Did you mean \"upload_link\"?"
        );
        assert_eq!(did_you_mean("x", known), "");
    }
}
