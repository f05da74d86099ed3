//! Lines with a hash and a name, as sha256sum writes and reads them.

use super::read::Source;
use crate::dropbox::content_hash::ContentHash;
use std::io::{self, Write};

/// Writes the line of a file. A name with a line break or a backslash is escaped, and the line then
/// begins with a backslash.
pub fn write_line(out: &mut impl Write, hash: &ContentHash, source: &Source) -> io::Result<()> {
    let name = source.bytes();
    if !name.iter().any(|byte| b"\\\n\r".contains(byte)) {
        write!(out, "{hash}  ")?;
        out.write_all(&name)?;
        return out.write_all(b"\n");
    }
    write!(out, "\\{hash}  ")?;
    for byte in name {
        match byte {
            b'\\' => out.write_all(b"\\\\")?,
            b'\n' => out.write_all(b"\\n")?,
            b'\r' => out.write_all(b"\\r")?,
            byte => out.write_all(&[byte])?,
        }
    }
    out.write_all(b"\n")
}

/// Reads a line without its end: the hash and the name, in bytes. None if it is not such a line.
pub fn read_line(line: &[u8]) -> Option<(ContentHash, Vec<u8>)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (escaped, line) = match line.strip_prefix(b"\\") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let (hash, rest) = line.split_at_checked(64)?;
    let hash = std::str::from_utf8(hash).ok()?.parse().ok()?;
    // The star marks a file that was read in binary mode, which makes no difference.
    let name = rest
        .strip_prefix(b"  ")
        .or_else(|| rest.strip_prefix(b" *"))?;
    if name.is_empty() {
        return None;
    }
    let name = if escaped {
        unescaped(name)?
    } else {
        name.to_vec()
    };
    Some((hash, name))
}

fn unescaped(name: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'\\' => match bytes.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b'\\' => b'\\',
                _ => return None,
            },
            byte => *byte,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn any_name_reads_back_as_it_was_written() {
        let hash = ContentHash::of(b"hello");
        for name in ["a.txt", " a  b", "*star", "a\nb", "a\\b\r", "ü"] {
            let mut line = Vec::new();
            write_line(&mut line, &hash, &Source::from(PathBuf::from(name))).unwrap();
            let line = line.strip_suffix(b"\n").unwrap();
            assert!(!line.contains(&b'\n'));
            assert_eq!(read_line(line), Some((hash, name.as_bytes().to_vec())));
        }
    }

    #[test]
    fn what_is_no_such_line_is_not_read() {
        let hash = ContentHash::of(b"hello").to_string();
        for line in [
            String::new(),
            hash.clone(),
            format!("{hash}  "),
            format!("{hash} a"),
            format!("{}  a", &hash[1..]),
            format!("\\{hash}  a\\x"),
            format!("{}é  a", &hash[2..]),
        ] {
            assert_eq!(read_line(line.as_bytes()), None, "{line}");
        }
    }
}
