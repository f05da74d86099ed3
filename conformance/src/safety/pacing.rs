//! A target that says "later" is obeyed, within bounds.

use std::time::Duration;

use crate::http::Reply;

/// The longest wait that is obeyed.
const LONGEST: Duration = Duration::from_mins(1);

/// The longest wait for one request, all its attempts together.
const LONGEST_TOGETHER: Duration = Duration::from_mins(3);

/// How long to wait before the same request is sent again; nothing if the answer stands.
pub fn pause_after(reply: &Reply, waited: Duration) -> Option<Duration> {
    let seconds = reply
        .header("Retry-After")
        .and_then(|value| value.trim().parse::<u64>().ok());
    let pause = match (reply.status, seconds) {
        (429, seconds) => Duration::from_secs(seconds.unwrap_or(5)),
        (503, Some(seconds)) => Duration::from_secs(seconds),
        _ => return None,
    };
    // A wait of zero would hammer the target.
    let pause = pause.max(Duration::from_secs(1));
    (pause <= LONGEST && waited + pause <= LONGEST_TOGETHER).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, retry_after: Option<&str>) -> Reply {
        Reply {
            version: "HTTP/1.1".to_owned(),
            status,
            reason: None,
            headers: retry_after
                .map(|value| ("retry-after".to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            body: bytes::Bytes::new(),
        }
    }

    #[test]
    fn retry_after_is_obeyed_within_bounds() {
        let none = Duration::ZERO;
        let seconds = |count| Some(Duration::from_secs(count));
        assert_eq!(pause_after(&reply(429, Some("7")), none), seconds(7));
        assert_eq!(pause_after(&reply(429, Some("0")), none), seconds(1));
        assert_eq!(pause_after(&reply(429, None), none), seconds(5));
        assert_eq!(pause_after(&reply(429, Some("300")), none), None);
        assert_eq!(
            pause_after(&reply(429, Some("60")), Duration::from_secs(150)),
            None
        );
        assert_eq!(pause_after(&reply(503, None), none), None);
        assert_eq!(pause_after(&reply(200, Some("7")), none), None);
    }
}
