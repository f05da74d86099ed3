//! The plain texts of the upload link itself.
//!
//! Two of them are known. For the others nobody has published what Dropbox says (OQ-04): they begin
//! with a remark that no real answer has, so that nobody mistakes them for one or relies on them.

/// 410, the link was used (UL-109, UL-138).
pub const CONSUMED: &str = "Temporary upload link has been recently consumed.";

/// 409, the commit failed for whatever reason (UL-142, UL-143).
pub const INVALID_ATTEMPT: &str = "Temporary upload link led to invalid upload attempt";

/// How a text begins that stands in for an unknown one.
pub const PLACEHOLDER: &str = "[fake-dropbox: real text unknown] ";

/// 410, the link ran out (UL-139).
pub const EXPIRED: &str = "[fake-dropbox: real text unknown] Temporary upload link has expired.";

/// 409, there is no such link (UL-140).
pub const UNKNOWN: &str = "[fake-dropbox: real text unknown] Temporary upload link does not exist.";

/// 409, another upload is using the link (UL-141).
pub const IN_USE: &str =
    "[fake-dropbox: real text unknown] Temporary upload link is currently unavailable.";

/// 400, neither `application/octet-stream` nor `text/plain` (UL-144).
pub const BAD_CONTENT_TYPE: &str = "[fake-dropbox: real text unknown] Content-Type must be application/octet-stream or text/plain.";

/// 405, not a POST (OQ-11).
pub const BAD_METHOD: &str =
    "[fake-dropbox: real text unknown] Temporary upload links take POST only.";

/// 413, an HTML page (UL-124, API-139). Only its title is known.
pub const TOO_LARGE_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Dropbox - 4xx</title></head>\
<body><h1>Error (4xx)</h1><p>[fake-dropbox: real text unknown]</p></body></html>";

/// 500 and 502 from the front (API-137). Only its title is known.
pub const SERVER_TROUBLE_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Dropbox - 5xx</title></head>\
<body><h1>Error (5xx)</h1><p>[fake-dropbox: real text unknown]</p></body></html>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unknown_text_says_so() {
        for text in [EXPIRED, UNKNOWN, IN_USE, BAD_CONTENT_TYPE, BAD_METHOD] {
            assert!(text.starts_with(PLACEHOLDER), "{text}");
        }
        for text in [TOO_LARGE_PAGE, SERVER_TROUBLE_PAGE] {
            assert!(text.contains(PLACEHOLDER.trim_end()), "{text}");
        }
        assert!(!CONSUMED.contains("fake") && !INVALID_ATTEMPT.ends_with('.'));
    }
}
