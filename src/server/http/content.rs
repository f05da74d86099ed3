//! The bytes of a file as the body of an answer, whole or in part.

use crate::dropbox::tree::File;
use crate::server::http::answer::{Answer, AnswerBody, AnswerStream};
use crate::server::http::exchange::Exchange;
use crate::storage::{ReadError, Stored};
use futures_util::stream;
use http::{HeaderValue, StatusCode};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of one piece of an answer.
const PIECE: usize = 256 << 10;

/// Which bytes are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestedRange {
    Whole,
    Part(Range<u64>),
    /// Some that are not there.
    Unsatisfiable,
}

/// Reads a `Range` header (API-19). A form that is not understood asks for everything, as HTTP has it.
pub fn parse_range(header: Option<&str>, size: u64) -> RequestedRange {
    // The unit is read without case (RFC 9110, 14.1).
    let Some(ranges) = header
        .and_then(|value| value.trim().split_once('='))
        .filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"))
        .map(|(_, ranges)| ranges)
    else {
        return RequestedRange::Whole;
    };
    // A part is one range; several would need a body of several parts, so all is sent (RFC 9110, 14.2).
    let mut ranges = ranges
        .split(',')
        .map(str::trim)
        .filter(|range| !range.is_empty());
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return RequestedRange::Whole;
    };
    let Some((first, last)) = range.split_once('-') else {
        return RequestedRange::Whole;
    };
    // A number beyond all sizes is a number all the same.
    let number = |text: &str| {
        let digits = text.trim();
        let good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    match (
        first.trim().is_empty(),
        number(first),
        last.trim().is_empty(),
        number(last),
    ) {
        // The last so many bytes; more than there are means all of them.
        (true, _, false, Some(0)) => RequestedRange::Unsatisfiable,
        (true, _, false, Some(_)) if size == 0 => RequestedRange::Unsatisfiable,
        (true, _, false, Some(suffix)) => RequestedRange::Part(size.saturating_sub(suffix)..size),
        (false, Some(first), true, _) if first < size => RequestedRange::Part(first..size),
        (false, Some(first), false, Some(last)) if first <= last && first < size => {
            RequestedRange::Part(first..last.saturating_add(1).min(size))
        }
        (false, Some(first), _, last) if first >= size && last.is_none_or(|last| first <= last) => {
            RequestedRange::Unsatisfiable
        }
        _ => RequestedRange::Whole,
    }
}

/// The answer that carries a file, or the part of it that is asked for; nothing at all where the
/// client has it already.
pub fn answer(
    exchange: &Exchange,
    file: &File,
    content_type: &'static str,
) -> Result<Answer, RequestedRange> {
    let version = &file.version;
    let size = version.content.size;
    let etag = format!("W/\"{}\"", version.rev);
    if exchange
        .header("if-none-match")
        .is_some_and(|tags| matches_etag(tags, &etag))
    {
        return Ok(Answer::empty(StatusCode::NOT_MODIFIED).with_header("etag", &etag));
    }
    if !version
        .content
        .bodies
        .iter()
        .filter_map(|body| body.stored::<Stored>())
        .all(Stored::is_kept)
    {
        let detail =
            "The content of this file was not kept: the server was started without content.";
        return Ok(Answer::about_the_fake(
            StatusCode::NOT_IMPLEMENTED,
            "content not kept",
            detail,
        ));
    }
    let (status, range) = match parse_range(exchange.header("range"), size) {
        RequestedRange::Whole => (StatusCode::OK, 0..size),
        RequestedRange::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        RequestedRange::Unsatisfiable => return Err(RequestedRange::Unsatisfiable),
    };
    let mut answer = Answer::empty(status);
    answer.content_type = Some(HeaderValue::from_static(content_type));
    answer = answer
        .with_header("accept-ranges", "bytes")
        .with_header("etag", &etag)
        .with_header("original-content-length", &size.to_string());
    if status == StatusCode::PARTIAL_CONTENT {
        answer = answer.with_header(
            "content-range",
            &format!("bytes {}-{}/{size}", range.start, range.end - 1),
        );
    }
    answer.body = AnswerBody::Stream {
        length: Some(range.end - range.start),
        stream: pieces(file, range),
    };
    Ok(answer)
}

fn matches_etag(tags: &str, etag: &str) -> bool {
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.split(',')
        .any(|tag| tag.trim() == "*" || weak(tag) == weak(etag))
}

/// The bytes in `range` of a file, piece by piece.
pub fn pieces(file: &File, range: Range<u64>) -> AnswerStream {
    let version = Arc::clone(&file.version);
    Box::pin(SyncStream::new(stream::unfold(range, move |range| {
        let version = Arc::clone(&version);
        async move {
            let mut skip = range.start;
            if range.is_empty() {
                return None;
            }
            for stored in version
                .content
                .bodies
                .iter()
                .filter_map(|body| body.stored::<Stored>())
            {
                if skip >= stored.size() {
                    skip -= stored.size();
                    continue;
                }
                let wanted = usize::try_from(range.end - range.start)
                    .unwrap_or(PIECE)
                    .min(PIECE);
                let read = stored.read(skip, wanted).await;
                let next = read
                    .as_ref()
                    .map_or(range.end, |bytes| range.start + bytes.len() as u64);
                return Some((read.map_err(Into::into), next..range.end));
            }
            let missing = ReadError::Disk(std::io::ErrorKind::UnexpectedEof.into());
            Some((Err(missing.into()), range.end..range.end))
        }
    })))
}

pub use sync::SyncStream;

mod sync {
    use futures_util::Stream;
    use std::pin::Pin;
    use std::sync::{Mutex, PoisonError};
    use std::task::{Context, Poll};

    /// Makes a stream `Sync`, which warp wants of a body: nobody polls it from two sides.
    #[derive(Debug)]
    pub struct SyncStream<S>(Mutex<Pin<Box<S>>>);

    impl<S> SyncStream<S> {
        pub fn new(stream: S) -> Self {
            Self(Mutex::new(Box::pin(stream)))
        }
    }

    impl<S: Stream> Stream for SyncStream<S> {
        type Item = S::Item;

        fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
            let stream = self
                .get_mut()
                .0
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            stream.as_mut().poll_next(context)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_has_it() {
        let rows = [
            (None, RequestedRange::Whole),
            (Some("bytes=0-"), RequestedRange::Part(0..10)),
            (Some("Bytes=2-4"), RequestedRange::Part(2..5)),
            (Some("bytes=2-4,"), RequestedRange::Part(2..5)),
            (Some("bytes=0-1,4-5"), RequestedRange::Whole),
            (Some("bytes=20-30,0-1"), RequestedRange::Whole),
            (Some("bytes=2-4"), RequestedRange::Part(2..5)),
            (Some("bytes=2-400"), RequestedRange::Part(2..10)),
            (Some("bytes=-3"), RequestedRange::Part(7..10)),
            (Some("bytes=-30"), RequestedRange::Part(0..10)),
            (Some("bytes=10-"), RequestedRange::Unsatisfiable),
            (Some("bytes=-0"), RequestedRange::Unsatisfiable),
            (Some("bytes=5-2"), RequestedRange::Whole),
            (Some("bytes=x"), RequestedRange::Whole),
            (Some("lines=1-2"), RequestedRange::Whole),
        ];
        for (header, wanted) in rows {
            assert_eq!(parse_range(header, 10), wanted, "{header:?}");
        }
        assert_eq!(
            parse_range(Some("bytes=0-"), 0),
            RequestedRange::Unsatisfiable
        );
        let beyond = "99999999999999999999";
        for (header, wanted) in [
            (format!("bytes={beyond}-"), RequestedRange::Unsatisfiable),
            (format!("bytes=0-{beyond}"), RequestedRange::Part(0..10)),
            (format!("bytes=-{beyond}"), RequestedRange::Part(0..10)),
            ("bytes=+1-2".to_owned(), RequestedRange::Whole),
        ] {
            assert_eq!(parse_range(Some(&header), 10), wanted, "{header}");
        }
    }
}
