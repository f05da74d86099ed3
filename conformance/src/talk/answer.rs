//! An answer as a case sees it, with the expectations that read like the contract.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use crate::failure::Failure;
use crate::http::Reply;
use crate::secrecy::normaliser::Normaliser;
use crate::talk::quoted::quoted;
use crate::talk::shown::{Rules, Shown};
use crate::talk::spelling::{Dialect, keys, without_what_is_open, words_of_2026};

/// What pages may read of an answer (UL-157, API-23).
pub const PAGES_MAY_READ: &str = "Accept-Ranges, Content-Range, ETag, Dropbox-API-Result";

/// For TLS only, and for no robot: what every answer of the content host says (API-148, API-149).
pub const HSTS: &str = "max-age=31536000; includeSubDomains; preload";
pub const NO_ROBOTS: &str = "noindex, nofollow, noimageindex";

/// The policy of a text that no browser is to run (API-35).
pub const DISARMED: &str = "sandbox allow-forms allow-scripts";

/// An answer of the target. Expectations hand it on, so that they can be chained with `?`.
#[derive(Clone)]
pub struct Answer {
    reply: Reply,
    /// The number of the exchange in the transcript.
    number: usize,
    /// `files/upload` for a route, else the method and what was asked.
    what: String,
    normaliser: Arc<Normaliser>,
    shown: Shown,
    /// What the expectations that follow show.
    rules: Rules,
    /// The dialect of the target, as far as it is known.
    speaks: Option<Dialect>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Answer({} to {})", self.status(), self.what)
    }
}

impl Answer {
    pub(crate) fn new(
        reply: Reply,
        number: usize,
        what: String,
        normaliser: Arc<Normaliser>,
        shown: Shown,
        speaks: Option<Dialect>,
    ) -> Self {
        Self {
            reply,
            number,
            what,
            normaliser,
            shown,
            rules: &[],
            speaks,
        }
    }

    /// Names the rules that the expectations after this one show: were a rule false, one of them would
    /// fail. A rule that no expectation names is not shown, whatever the case cites.
    #[must_use]
    pub fn by(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// An expectation has passed.
    pub(crate) fn met(self) -> Self {
        self.shown.show(self.rules);
        self
    }

    pub fn status(&self) -> u16 {
        self.reply.status
    }

    pub fn body(&self) -> &Bytes {
        &self.reply.body
    }

    /// The body as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.reply.body).into_owned()
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.reply.header(name)
    }

    /// All headers as they came.
    pub fn headers(&self) -> &[(String, String)] {
        &self.reply.headers
    }

    /// The reason phrase, where the layer shows it.
    pub fn reason(&self) -> Option<&str> {
        self.reply.reason.as_deref()
    }

    pub fn json(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.reply.body)
            .map_err(|_| self.differs("the body is JSON", &self.excerpt()))
    }

    pub fn at(&self, pointer: &str) -> Result<Value, Failure> {
        let json = self.json()?;
        json.pointer(pointer)
            .cloned()
            .ok_or_else(|| self.differs(&format!("the body has {pointer}"), &self.excerpt()))
    }

    pub fn string_at(&self, pointer: &str) -> Result<String, Failure> {
        match self.at(pointer)? {
            Value::String(text) => Ok(text),
            other => Err(self.differs(&format!("{pointer} is a string"), &other.to_string())),
        }
    }

    /// A failure that says what was expected of this answer and what came.
    pub fn differs(&self, expected: &str, came: &str) -> Failure {
        let text = format!(
            "exchange {} ({}): expected that {expected}{}; what came: {came}",
            self.number,
            self.what,
            named(self.rules)
        );
        Failure::Differs(self.normaliser.text(&text))
    }

    pub fn expect_status(self, status: u16) -> Result<Self, Failure> {
        self.expect_status_in(&[status])
    }

    pub fn expect_status_in(self, statuses: &[u16]) -> Result<Self, Failure> {
        if statuses.contains(&self.status()) {
            return Ok(self.met());
        }
        let expected = statuses
            .iter()
            .map(u16::to_string)
            .collect::<Vec<_>>()
            .join(" or ");
        Err(self.differs(
            &format!("the status is {expected}"),
            &format!("{}, {}", self.status(), self.excerpt()),
        ))
    }

    /// The body is exactly this text, to the byte.
    pub fn expect_text(self, text: &str) -> Result<Self, Failure> {
        if self.reply.body == text.as_bytes() {
            return Ok(self.met());
        }
        let expected = format!("the body is {}", quoted(text));
        Err(self.differs(&expected, &self.excerpt()))
    }

    /// The body holds this text.
    pub fn expect_text_with(self, part: &str) -> Result<Self, Failure> {
        if self.text().contains(part) {
            return Ok(self.met());
        }
        let expected = format!("the body contains {}", quoted(part));
        Err(self.differs(&expected, &self.excerpt()))
    }

    /// The body is exactly these bytes.
    pub fn expect_bytes(self, bytes: &[u8]) -> Result<Self, Failure> {
        if self.reply.body == bytes {
            return Ok(self.met());
        }
        let shown = |bytes: &[u8]| {
            let text = quoted(&String::from_utf8_lossy(bytes));
            format!("these {} bytes: {text}", bytes.len())
        };
        let expected = format!("the body is {}", shown(bytes));
        Err(self.differs(&expected, &shown(&self.reply.body)))
    }

    /// The body is JSON with exactly this value; spacing and the order of keys do not count.
    pub fn expect_json(self, value: &Value) -> Result<Self, Failure> {
        if without_what_is_open(&self.json()?) == without_what_is_open(value) {
            return Ok(self.met());
        }
        let expected = format!("the body is {}", quoted(&value.to_string()));
        Err(self.differs(&expected, &self.excerpt()))
    }

    /// The result of a download, which stands in a header, in the place of the body.
    pub fn result(mut self) -> Result<Self, Failure> {
        let result = self.header("Dropbox-API-Result").map(str::to_owned);
        let result = result.ok_or_else(|| self.differs("it has a Dropbox-API-Result", "none"))?;
        self.reply.body = result.into();
        Ok(self)
    }

    /// The body has this value at a JSON pointer.
    pub fn expect_at(self, pointer: &str, value: impl Into<Value>) -> Result<Self, Failure> {
        let value = value.into();
        let came = self.at(pointer)?;
        if without_what_is_open(&came) == without_what_is_open(&value) {
            return Ok(self.met());
        }
        Err(self.differs(&format!("{pointer} is {value}"), &came.to_string()))
    }

    /// The JSON body has nothing at a pointer.
    pub fn expect_nothing_at(self, pointer: &str) -> Result<Self, Failure> {
        match self.json()?.pointer(pointer) {
            None => Ok(self.met()),
            Some(came) => Err(self.differs(&format!("there is no {pointer}"), &came.to_string())),
        }
    }

    /// The header has exactly this value.
    pub fn expect_header(self, name: &str, value: &str) -> Result<Self, Failure> {
        match self.header(name) {
            Some(came) if came == value => Ok(self.met()),
            came => {
                let came = came.map_or_else(|| "no such header".to_owned(), quoted);
                Err(self.differs(&format!("{name} is {}", quoted(value)), &came))
            }
        }
    }

    /// The header is there and passes the check; `rule` says what the check wants.
    pub fn expect_header_that(
        self,
        name: &str,
        rule: &str,
        check: impl FnOnce(&str) -> bool,
    ) -> Result<Self, Failure> {
        match self.header(name) {
            Some(came) if check(came) => Ok(self.met()),
            came => {
                let came = came.map_or_else(|| "no such header".to_owned(), quoted);
                Err(self.differs(&format!("{name} {rule}"), &came))
            }
        }
    }

    /// The header has exactly this value where it is there: when it is sent has changed over the years.
    pub fn expect_header_if_any(self, name: &str, value: &str) -> Result<Self, Failure> {
        if self.header(name).is_none() {
            return Ok(self);
        }
        self.expect_header(name, value)
    }

    /// What keeps a browser from running a text is the recorded one where it is there: which headers a
    /// 409 and a 410 have is open (AQ-14, OQ-13.headers).
    pub fn expect_disarmed_if_at_all(self) -> Result<Self, Failure> {
        self.expect_header_if_any("Content-Security-Policy", DISARMED)?
            .expect_header_if_any("X-Content-Type-Options", "nosniff")
    }

    /// The answer of a link has this content hash; the plain SHA-256 in its place is an open question
    /// (OQ-19), and then no rule is shown.
    pub fn expect_returned_hash(
        self,
        content_hash: &str,
        sha256: impl FnOnce() -> String,
    ) -> Result<Self, Failure> {
        let came = self.string_at("/content-hash")?;
        if came == content_hash {
            return Ok(self.met());
        }
        if came == sha256() {
            return Ok(self);
        }
        Err(self.differs(&format!("/content-hash is {content_hash}"), &came))
    }

    pub fn expect_no_header(self, name: &str) -> Result<Self, Failure> {
        match self.header(name) {
            None => Ok(self.met()),
            Some(came) => Err(self.differs(&format!("there is no {name}"), &quoted(came))),
        }
    }

    /// It is an answer of its own, as it stands, for this request alone: it leads nowhere else, is not
    /// encoded (the suite asks for no encoding), and no cache may give it to the next one.
    pub fn expect_answer_of_its_own(self) -> Result<Self, Failure> {
        const FOREIGN: [&str; 7] = [
            "Location",
            "Refresh",
            "Content-Encoding",
            "Age",
            "Expires",
            "ETag",
            "Last-Modified",
        ];
        const NOT_KEPT: [&str; 4] = ["no-cache", "no-store", "private", "must-revalidate"];
        let answer = FOREIGN.into_iter().try_fold(self, Self::expect_no_header)?;
        let kept = answer.headers().iter().find(|(name, value)| {
            name.eq_ignore_ascii_case("cache-control")
                && !value.split(',').all(|word| NOT_KEPT.contains(&word.trim()))
        });
        match kept.map(|(_, value)| quoted(value)) {
            None => Ok(answer.met()),
            Some(came) => Err(answer.differs("Cache-Control lets nobody keep the answer", &came)),
        }
    }

    /// What lets pages read an answer is the recorded one where it is there; whether it is there is open
    /// for errors (OQ-12.cors_on_errors).
    pub fn expect_readable_by_pages_if_at_all(self) -> Result<Self, Failure> {
        self.expect_header_if_any("Access-Control-Allow-Origin", "*")?
            .expect_header_if_any("Access-Control-Expose-Headers", PAGES_MAY_READ)
    }

    /// 400 in plain text, `Error in call to API function "<route>": <message>` (API-29), or the same in
    /// JSON (API-96, AQ-01). The words are judged where they are known: those of 2025 on a target of that
    /// dialect, and what was seen of those of 2026 everywhere.
    pub fn expect_bad_request(self, message: &str) -> Result<Self, Failure> {
        let came = self.refusal()?;
        if came == message {
            return Ok(self.met());
        }
        // The rules tell the words of 2025; most of those of 2026 nobody has published.
        if words_of_2026(message).is_some_and(|words| words == came) || self.words_are_open(&came) {
            return Ok(self);
        }
        let expected = format!("the message is {}", quoted(message));
        Err(self.differs(&expected, &quoted(&came)))
    }

    /// As [`Self::expect_bad_request`], where only a part of the message is known.
    pub fn expect_bad_request_with(self, part: &str) -> Result<Self, Failure> {
        let came = self.refusal()?;
        if came.contains(part) {
            return Ok(self.met());
        }
        if self.words_are_open(&came) {
            return Ok(self);
        }
        Err(self.differs(
            &format!("the message contains {}", quoted(part)),
            &quoted(&came),
        ))
    }

    /// Whether nobody knows how the message of a 400 reads here: in the dialect of 2026, and where it says
    /// so of itself.
    pub fn words_are_open(&self, message: &str) -> bool {
        self.speaks == Some(Dialect::Of2026)
            || message.contains("[placeholder of ")
            || message.starts_with("Value must be a string conforming to regex (")
    }

    /// The message of a 400, whatever its form.
    pub fn refusal(&self) -> Result<String, Failure> {
        let answer = self.clone().by(&[]).expect_status(400)?;
        let text = match answer.header("Content-Type") {
            Some("application/json") => answer.string_at("/user_message/text")?,
            _ => {
                let plain = answer.expect_header("Content-Type", "text/plain; charset=utf-8")?;
                plain.text()
            }
        };
        let head = format!("Error in call to API function \"{}\": ", self.what);
        // A versioned route was printed as `append:2`, and most others as `…_v2`.
        let versioned = head.replace("_v2\": ", ":2\": ");
        let message = text.strip_prefix(&head);
        match message.or_else(|| text.strip_prefix(&versioned)) {
            Some(message) => Ok(message.to_owned()),
            None => Err(self.differs(
                &format!("the text begins with {}", quoted(&head)),
                &quoted(&text),
            )),
        }
    }

    /// 409 in JSON whose summary begins with these tags (API-124, API-125).
    pub fn expect_error(self, summary: &str) -> Result<Self, Failure> {
        self.expect_error_with_status(409, summary)
    }

    /// An error in JSON whose summary begins with these tags, of any status: 401, 403, 422 too.
    pub fn expect_error_with_status(self, status: u16, summary: &str) -> Result<Self, Failure> {
        let answer = self
            .expect_status(status)?
            .expect_header("Content-Type", "application/json")?;
        let came = answer.string_at("/error_summary")?;
        // `path/not_found` matches `path/not_found/..`, and `path/not` does not.
        let matches = came
            .strip_prefix(summary)
            .is_some_and(|rest| rest.starts_with('/'));
        if !matches {
            return Err(answer.differs(&format!("the error is {summary}/…"), &answer.excerpt()));
        }
        answer.expect_tags(summary)
    }

    /// The tags in `error` are those of the summary.
    fn expect_tags(self, summary: &str) -> Result<Self, Failure> {
        let error = self.at("/error")?;
        let mut tags = Vec::new();
        let mut place = Some(&error);
        while let Some(value) = place {
            let Some(tag) = value.get(".tag").and_then(Value::as_str) else {
                break;
            };
            tags.push(tag);
            // The value of a tagged member stands under its tag; `UploadError.path` is flattened
            // and goes on under `reason` (API-26).
            place = value.get(tag).or_else(|| value.get("reason"));
        }
        let came = tags.join("/");
        if came == summary || came.starts_with(&format!("{summary}/")) {
            return Ok(self.met());
        }
        Err(self.differs(&format!("the tags in `error` are {summary}"), &came))
    }

    /// The body is JSON in one of the two spellings of Dropbox, to the byte: separators, escapes, order of
    /// the keys, no line end.
    pub fn expect_spelled_as_dropbox_does(self) -> Result<Self, Failure> {
        let json = self.json()?;
        let is = |dialect: Dialect| self.body() == dialect.spell(&json).as_bytes();
        if is(Dialect::Of2025) {
            return Ok(self.met());
        }
        if is(Dialect::Of2026) {
            // The rules tell how it was in 2025.
            return Ok(self);
        }
        let spelled = [Dialect::Of2025, Dialect::Of2026].map(|dialect| dialect.spell(&json));
        let [old, new] = spelled.map(|text| quoted(&text));
        Err(self.differs(&format!("the body is {old} or {new}"), &self.excerpt()))
    }

    /// The object at the pointer has exactly these keys, in whatever order; what is null or an empty list
    /// of property groups does not count.
    pub fn expect_keys(self, pointer: &str, wanted: &[&str]) -> Result<Self, Failure> {
        let value = without_what_is_open(&self.at(pointer)?);
        let (mut came, mut sorted) = (keys(&value), wanted.to_vec());
        came.sort_unstable();
        sorted.sort_unstable();
        if came == sorted {
            return Ok(self.met());
        }
        let expected = format!("the keys at {pointer:?} are {}", wanted.join(", "));
        Err(self.differs(&expected, &came.join(", ")))
    }

    /// The object at the pointer has these keys in the order of the spec, as in 2025, or sorted, as in 2026.
    pub fn expect_order(self, pointer: &str, wanted: &[&str]) -> Result<Self, Failure> {
        let value = without_what_is_open(&self.at(pointer)?);
        let (came, mut sorted) = (keys(&value), wanted.to_vec());
        sorted.sort_unstable();
        if came == wanted || came == sorted {
            return Ok(self.met());
        }
        let expected = format!(
            "the keys at {pointer:?} are {} in this order",
            wanted.join(", ")
        );
        Err(self.differs(&expected, &came.join(", ")))
    }

    /// The value at the pointer passes the check; `rule` says what the check wants.
    pub fn expect_at_that(
        self,
        pointer: &str,
        rule: &str,
        check: impl FnOnce(&Value) -> bool,
    ) -> Result<Self, Failure> {
        let came = self.at(pointer)?;
        if check(&came) {
            return Ok(self.met());
        }
        Err(self.differs(&format!("{pointer} {rule}"), &came.to_string()))
    }

    /// The string at the pointer passes the check; `rule` says what the check wants.
    pub fn expect_string_that(
        self,
        pointer: &str,
        rule: &str,
        check: impl FnOnce(&str) -> bool,
    ) -> Result<Self, Failure> {
        let came = self.string_at(pointer)?;
        if check(&came) {
            return Ok(self.met());
        }
        // Of a secret only its length can be shown.
        let came = format!("{} ({} characters)", quoted(&came), came.chars().count());
        Err(self.differs(&format!("{pointer} {rule}"), &came))
    }

    /// The beginning of the body, for people.
    fn excerpt(&self) -> String {
        if self.reply.body.is_empty() {
            return "an empty body".to_owned();
        }
        // Hidden before it is cut: half a secret would not be known for one.
        quoted(self.normaliser.text(&self.text()).as_str())
    }
}

/// ` (UL-138)`, or nothing.
pub(crate) fn named(rules: Rules) -> String {
    if rules.is_empty() {
        return String::new();
    }
    format!(" ({})", rules.join(", "))
}
