//! Answers to those who ask a resolver themselves.

use super::names::Names;

const HEAD: usize = 12;
/// Points to what stands behind the head.
const NAME_OF_QUESTION: [u8; 2] = [0xc0, 12];
const A: u16 = 1;
const AAAA: u16 = 28;
const INTERNET: u16 = 1;
/// Longer than any test runs: nothing changes.
const SECONDS: u32 = 60;

const FORMAT_ERROR: u8 = 1;
const NO_SUCH_NAME: u8 = 3;
const NOT_IMPLEMENTED: u8 = 4;

/// What is sent back, and which name was asked for that is not there.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub bytes: Vec<u8>,
    pub missing: Option<Question>,
}

/// A name, in lower case, and the type of its record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    pub name: String,
    pub kind: u16,
}

/// Answers a message. None for what is no question: an answer to it could go around for ever.
pub fn answer(message: &[u8], names: &Names, has_six: bool) -> Option<Answer> {
    let head: &[u8; HEAD] = message.first_chunk()?;
    let is_question = head[2] & 0x80 == 0;
    if !is_question {
        return None;
    }
    let bare = |code| {
        Some(Answer {
            bytes: reply(head, code, &[], 0),
            missing: None,
        })
    };
    if head[2] & 0x78 != 0 {
        return bare(NOT_IMPLEMENTED);
    }
    if head[4..6] != [0, 1] {
        return bare(FORMAT_ERROR);
    }
    let Some((name, end)) = name(&message[HEAD..]) else {
        return bare(FORMAT_ERROR);
    };
    let end = HEAD + end;
    let Some(&[kind_high, kind_low, class_high, class_low]) = message.get(end..end + 4) else {
        return bare(FORMAT_ERROR);
    };
    let question = &message[HEAD..end + 4];
    let kind = u16::from_be_bytes([kind_high, kind_low]);
    let class = u16::from_be_bytes([class_high, class_low]);
    let place = names.find(&name).filter(|_| class == INTERNET);
    let Some(place) = place else {
        return Some(Answer {
            bytes: reply(head, NO_SUCH_NAME, question, 0),
            missing: Some(Question { name, kind }),
        });
    };
    let address = match kind {
        A => Some(place.four.octets().to_vec()),
        AAAA if has_six => place.six.map(|six| six.octets().to_vec()),
        // The name is there, and has no such record.
        _ => None,
    };
    let mut bytes = reply(head, 0, question, u8::from(address.is_some()));
    if let Some(address) = address {
        bytes.extend(NAME_OF_QUESTION);
        bytes.extend(kind.to_be_bytes());
        bytes.extend(INTERNET.to_be_bytes());
        bytes.extend(SECONDS.to_be_bytes());
        // Four bytes or sixteen.
        bytes.extend(
            u16::try_from(address.len())
                .unwrap_or_default()
                .to_be_bytes(),
        );
        bytes.extend(address);
    }
    Some(Answer {
        bytes,
        missing: None,
    })
}

fn reply(head: &[u8; HEAD], code: u8, question: &[u8], answers: u8) -> Vec<u8> {
    // An answer of an authority, which others can be asked through: nobody looks further.
    let flags = [0x84 | head[2] & 0x79, 0x80 | code];
    let mut bytes = vec![head[0], head[1], flags[0], flags[1]];
    bytes.extend([0, u8::from(!question.is_empty()), 0, answers, 0, 0, 0, 0]);
    bytes.extend(question);
    bytes
}

/// The name at the start, and where it ends.
fn name(bytes: &[u8]) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut at = 0;
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1;
        if length == 0 {
            return Some((text, at));
        }
        // A question has nothing to point back to.
        let label = bytes.get(at..at + length).filter(|_| length < 64)?;
        at += length;
        if at > 255 {
            return None;
        }
        if !text.is_empty() {
            text.push('.');
        }
        // Whatever it is, it is shown to people.
        let shown = |byte: &u8| match byte {
            b'!'..=b'~' => char::from(byte.to_ascii_lowercase()),
            _ => '?',
        };
        text.extend(label.iter().map(shown));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(name: &str, kind: u16) -> Vec<u8> {
        let mut message = vec![7, 8, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            message.push(u8::try_from(label.len()).unwrap());
            message.extend(label.bytes());
        }
        message.push(0);
        message.extend(kind.to_be_bytes());
        message.extend(INTERNET.to_be_bytes());
        message
    }

    fn names() -> Names {
        Names::new(&["api.dropboxapi.com".to_owned()], &[])
    }

    #[test]
    fn a_known_name_is_this_machine_under_the_question_s_own_id() {
        let question = ask("api.DropboxAPI.com", A);
        let Answer { bytes, missing } = answer(&question, &names(), true).unwrap();
        assert_eq!(missing, None);
        assert_eq!(bytes[..12], [7, 8, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
        assert_eq!(bytes[12..question.len()], question[12..]);
        assert!(bytes.ends_with(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]));
        let six = answer(&ask("api.dropboxapi.com", AAAA), &names(), true).unwrap();
        assert!(
            six.bytes
                .ends_with(&[0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        );
    }

    #[test]
    fn another_record_of_a_known_name_is_empty_and_not_a_missing_name() {
        for (kind, has_six) in [(16, true), (65, true), (AAAA, false)] {
            let Answer { bytes, missing } =
                answer(&ask("api.dropboxapi.com", kind), &names(), has_six).unwrap();
            assert_eq!((bytes[3] & 15, bytes[7], missing), (0, 0, None));
        }
    }

    #[test]
    fn every_other_name_is_missing_and_told() {
        let Answer { bytes, missing } =
            answer(&ask("Registry.example", A), &names(), true).unwrap();
        assert_eq!(bytes[3] & 15, NO_SUCH_NAME);
        let missing = missing.unwrap();
        assert_eq!(
            (missing.name.as_str(), missing.kind),
            ("registry.example", A)
        );
    }

    #[test]
    fn what_is_no_question_gets_an_error_or_nothing() {
        let good = ask("a.b", A);
        for length in 0..HEAD {
            assert_eq!(answer(&good[..length], &names(), true), None);
        }
        for length in HEAD..good.len() {
            let answer = answer(&good[..length], &names(), true).unwrap();
            assert_eq!(answer.bytes[3] & 15, FORMAT_ERROR, "{length}");
        }
        let mut answered = good.clone();
        answered[2] |= 0x80;
        assert_eq!(answer(&answered, &names(), true), None);
        let mut update = good.clone();
        update[2] |= 5 << 3;
        let update = answer(&update, &names(), true).unwrap();
        assert_eq!(update.bytes[3] & 15, NOT_IMPLEMENTED);
        let mut pointing = good;
        pointing[12] = 0xc0;
        let pointing = answer(&pointing, &names(), true).unwrap();
        assert_eq!(pointing.bytes[3] & 15, FORMAT_ERROR);
    }
}
