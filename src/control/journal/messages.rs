//! The request and the answer of an entry, rid of their secrets when somebody looks.
//!
//! Most entries leave the journal unread, and reading costs more than all the rest of a small
//! request: so what was said is put away as it is, in one piece that nothing can print, and becomes
//! two [`Excerpt`]s at the first look.

use super::redaction::{Excerpt, READ_BYTES, Redactor};
use crate::control::secrets::{Aliases, SecretKind};
use crate::sync::{Mutex, MutexGuard};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The largest messages that are put away unread, in bytes: beyond it the excerpts are smaller.
const UNREAD_BYTES: usize = 4096;

/// About what an entry holds for each byte of a message, and for a message, once it was read.
const READ_FACTOR: usize = 2;
const READ_EXTRA: usize = 512;

/// What was said in one exchange. It shows itself without secrets only.
#[derive(Clone, Default)]
pub struct Messages(Arc<Inner>);

#[derive(Default)]
struct Inner {
    unread: Mutex<Option<Unread>>,
    read: OnceLock<Read>,
}

#[derive(Debug, Default, PartialEq)]
struct Read {
    request: Excerpt,
    response: Excerpt,
}

impl Messages {
    /// Two that were read already.
    pub fn read(request: Excerpt, response: Excerpt) -> Self {
        let inner = Inner::default();
        let _ = inner.read.set(Read { request, response });
        Self(Arc::new(inner))
    }

    /// The beginning of the request.
    pub fn request(&self) -> &Excerpt {
        &self.look().request
    }

    /// The beginning of the answer.
    pub fn response(&self) -> &Excerpt {
        &self.look().response
    }

    /// About how many bytes of memory they hold, at the most.
    pub(super) fn size(&self) -> usize {
        let unread = self.0.lock().as_ref().map(Unread::len);
        match unread {
            Some(length) => READ_FACTOR * length + READ_EXTRA,
            None => self.request().size() + self.response().size(),
        }
    }

    fn look(&self) -> &Read {
        self.0.read.get_or_init(|| {
            let unread = self.0.lock().take();
            unread.map_or_else(Read::default, |unread| {
                unread.read_with(&mut unread.redactor())
            })
        })
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Option<Unread>> {
        self.unread.lock()
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.look().fmt(formatter)
    }
}

impl PartialEq for Messages {
    fn eq(&self, other: &Self) -> bool {
        self.look() == other.look()
    }
}

/// An exchange as it was, with its secrets: nothing shows it.
pub struct Unread {
    aliases: Arc<Aliases>,
    secrets: Vec<(SecretKind, Arc<str>)>,
    request: Message,
    response: Message,
}

impl fmt::Debug for Unread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Unread").finish_non_exhaustive()
    }
}

impl Unread {
    /// An exchange, and the secrets of it that are known.
    pub fn new(
        aliases: &Arc<Aliases>,
        secrets: Vec<(SecretKind, Arc<str>)>,
        request: Message,
        response: Message,
    ) -> Self {
        Self {
            aliases: Arc::clone(aliases),
            secrets,
            request,
            response,
        }
    }

    /// Whoever redacts this exchange; it knows its secrets.
    pub fn redactor(&self) -> Redactor<'_> {
        let mut redactor = Redactor::new(&self.aliases);
        for (kind, secret) in &self.secrets {
            redactor.secret(*kind, secret);
        }
        redactor
    }

    /// The exchange without its secrets. The redactor learns of those that it finds.
    pub fn read(&self, redactor: &mut Redactor<'_>) -> Messages {
        let Read { request, response } = self.read_with(redactor);
        Messages::read(request, response)
    }

    fn read_with(&self, redactor: &mut Redactor<'_>) -> Read {
        let request = self.request.headers();
        let response = self.response.headers();
        Read {
            request: redactor.excerpt(&request, self.request.body()),
            response: redactor.answer(&response, self.response.body()),
        }
    }

    fn len(&self) -> usize {
        self.request.bytes.len() + self.response.bytes.len()
    }
}

impl From<Unread> for Messages {
    fn from(unread: Unread) -> Self {
        if unread.len() > UNREAD_BYTES {
            return unread.read(&mut unread.redactor());
        }
        Self(Arc::new(Inner {
            unread: Mutex::new(Some(unread)),
            read: OnceLock::new(),
        }))
    }
}

/// A head and a body, copied into one piece: the pieces that hyper hands out share the buffer of
/// their connection and would keep all of it.
#[derive(Default)]
pub struct Message {
    head: usize,
    bytes: Box<[u8]>,
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Message").finish_non_exhaustive()
    }
}

impl Message {
    /// A copy; of a body that is too long to be looked at, only the head.
    pub fn copy(headers: &HeaderMap, body: Option<&[u8]>) -> Self {
        let body = body.filter(|body| body.len() <= READ_BYTES);
        let body = body.unwrap_or_default();
        let lines = headers.iter();
        let head: usize = lines
            .map(|(name, value)| name.as_str().len() + value.len() + 2)
            .sum();
        let mut bytes = Vec::with_capacity(head + body.len());
        // Neither a name nor a value can hold a colon before the first, or a line feed.
        for (name, value) in headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.push(b':');
            bytes.extend_from_slice(value.as_bytes());
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(body);
        Self {
            head,
            bytes: bytes.into(),
        }
    }

    fn headers(&self) -> HeaderMap {
        let lines = self.bytes[..self.head].split(|byte| *byte == b'\n');
        let headers = lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(&line[..colon]).ok()?;
            Some((name, HeaderValue::from_bytes(&line[colon + 1..]).ok()?))
        });
        headers.collect()
    }

    fn body(&self) -> Option<&[u8]> {
        Some(&self.bytes[self.head..]).filter(|body| !body.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};

    fn unread(aliases: &Arc<Aliases>, body: &str) -> Unread {
        let mut request = HeaderMap::new();
        request.insert(AUTHORIZATION, HeaderValue::from_static("Bearer SECRET-1"));
        request.append(COOKIE, HeaderValue::from_static("a=b: c"));
        request.append(COOKIE, HeaderValue::from_bytes(b"\xffd").expect("a value"));
        let mut response = HeaderMap::new();
        response.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Unread::new(
            aliases,
            vec![(SecretKind::Link, "SECRET-2".into())],
            Message::copy(&request, Some(body.as_bytes())),
            Message::copy(
                &response,
                Some(br#"{"link": "http://h/apitul/1/SECRET-2"}"#),
            ),
        )
    }

    #[test]
    fn what_was_put_away_reads_as_if_it_had_been_read_at_once() {
        let body = r#"{"path": "/a", "access_token": "SECRET-3"}"#;
        let at_once = {
            let unread = unread(&Arc::default(), body);
            unread.read(&mut unread.redactor())
        };
        let later = Messages::from(unread(&Arc::default(), body));
        assert_eq!(later, at_once);
        let request = later.request();
        assert_eq!(request.headers().len(), 3);
        assert_eq!(request.headers()[0].1, "Bearer token:2");
        assert_eq!(
            request.body(),
            Some(r#"{"path":"/a","access_token":"token:1"}"#)
        );
        assert_eq!(
            later.response().body(),
            Some(r#"{"link":"http://h/apitul/1/link:1"}"#)
        );
    }

    #[test]
    fn nothing_shows_what_was_not_read() {
        let unread = unread(&Arc::default(), "SECRET-3");
        assert!(!format!("{unread:?} {:?}", unread.request).contains("SECRET"));
        let messages = Messages::from(unread);
        assert!(!format!("{messages:?}").contains("SECRET"));
    }

    #[test]
    fn aliases_are_given_when_somebody_looks() {
        let aliases = Arc::default();
        let messages = Messages::from(unread(&aliases, r#"{"code": "SECRET-4"}"#));
        assert_eq!(aliases.known(SecretKind::Secret, "SECRET-4"), None);
        assert_eq!(messages.request().body(), Some(r#"{"code":"secret:1"}"#));
        assert!(aliases.known(SecretKind::Secret, "SECRET-4").is_some());
    }

    #[test]
    fn long_messages_rest_as_short_excerpts() {
        let long = format!(r#"{{"path": "{}"}}"#, "x".repeat(READ_BYTES / 2));
        let messages = Messages::from(unread(&Arc::default(), &long));
        assert!(messages.0.lock().is_none());
        assert!(messages.size() < UNREAD_BYTES, "{}", messages.size());
        let too_long = "x".repeat(READ_BYTES + 1);
        let messages = Messages::from(unread(&Arc::default(), &too_long));
        assert_eq!(messages.request().body(), None);
    }
}
