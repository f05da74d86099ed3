use super::*;
use crate::dropbox::errors::UploadSessionError as Lookup;
use crate::dropbox::errors::UploadSessionFinishError as Finish;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const BLOCK: u64 = BLOCK_SIZE as u64;

/// Bytes that go on from what `hasher` has seen.
fn after(mut hasher: ContentHasher, bytes: &[u8]) -> Part {
    hasher.update(bytes);
    Part {
        body: Body::of(bytes),
        hasher,
        size: bytes.len() as u64,
    }
}

fn part(bytes: &[u8]) -> Part {
    after(ContentHasher::new(), bytes)
}

fn blocks(count: usize, byte: u8) -> Vec<u8> {
    vec![byte; count * BLOCK_SIZE]
}

fn sequential(bytes: &[u8]) -> UploadSession {
    UploadSession::start(SessionType::Sequential, false, part(bytes), NOW).expect("it may start")
}

fn concurrent() -> UploadSession {
    UploadSession::start(SessionType::Concurrent, false, part(b""), NOW).expect("it may start")
}

fn bytes_of(content: &Content) -> Vec<u8> {
    let stored = content.bodies.iter().map(Body::stored::<Vec<u8>>);
    stored
        .flat_map(|bytes| bytes.expect("a test stored bytes").clone())
        .collect()
}

#[test]
fn parts_that_follow_one_another_become_one_content() {
    let mut session = sequential(b"one ");
    let next = after(session.hasher(), b"two ");
    session
        .append(4, next, false, NOW, &Assumptions::default())
        .expect("it goes on");
    let last = after(session.hasher(), b"three");
    let content = session.finish(8, &last, NOW).expect("it is whole");
    assert_eq!(bytes_of(&content), b"one two three");
    assert_eq!(content.hash, ContentHash::of(b"one two three"));
    assert_eq!(content.size, 13);
}

#[test]
fn a_session_without_bytes_is_the_empty_file() {
    let content = sequential(b"").finish(0, &part(b""), NOW).expect("whole");
    assert_eq!((content.size, content.hash), (0, ContentHash::of(b"")));
    assert!(content.bodies.is_empty());
}

#[test]
fn a_wrong_offset_is_told_the_right_one() {
    let mut session = sequential(b"abc");
    let wrong = Lookup::IncorrectOffset { correct_offset: 3 };
    for offset in [0, 2, 4] {
        let more = after(session.hasher(), b"d");
        assert_eq!(
            session.append(offset, more.clone(), false, NOW, &Assumptions::default()),
            Err(wrong)
        );
        let finish = session.finish(offset, &more, NOW).expect_err("wrong");
        assert_eq!(finish, Finish::LookupFailed(wrong));
    }
    assert_eq!(session.size(), 3);
}

#[test]
fn a_closed_session_takes_no_more_bytes_but_finishes() {
    let mut session = sequential(b"abc");
    let last = after(session.hasher(), b"d");
    session
        .append(3, last, true, NOW, &Assumptions::default())
        .expect("it goes on");
    assert!(session.is_closed());
    let more = after(session.hasher(), b"e");
    assert_eq!(
        session.append(4, more.clone(), false, NOW, &Assumptions::default()),
        Err(Lookup::Closed)
    );
    let finish = session.finish(4, &more, NOW).expect_err("closed");
    assert_eq!(finish, Finish::LookupFailed(Lookup::Closed));
    let content = session.finish(4, &part(b""), NOW).expect("it is whole");
    assert_eq!(content.hash, ContentHash::of(b"abcd"));
}

#[test]
fn a_session_lasts_seven_days() {
    let mut session = sequential(b"abc");
    let last = NOW.plus(Duration::from_hours(7 * 24));
    assert!(session.finish(3, &part(b""), last).is_ok());
    let late = last.plus(Duration::from_micros(1));
    let finish = session.finish(3, &part(b""), late).expect_err("late");
    assert_eq!(finish, Finish::LookupFailed(Lookup::NotFound));
    let append = session.append(3, part(b""), false, late, &Assumptions::default());
    assert_eq!(append, Err(Lookup::NotFound));
}

#[test]
fn a_session_holds_no_more_than_its_limit() {
    let mut session = concurrent();
    let offset = SESSION_LIMIT - BLOCK;
    let too_much = Part {
        size: 2 * BLOCK,
        ..part(b"")
    };
    assert_eq!(
        session.append(offset, too_much, false, NOW, &Assumptions::default()),
        Err(Lookup::TooLarge)
    );
    let fits = Part {
        size: BLOCK,
        ..part(b"")
    };
    assert_eq!(
        session.append(offset, fits, false, NOW, &Assumptions::default()),
        Ok(AppendedTo::Open)
    );
}

#[test]
fn a_concurrent_session_starts_open_and_without_bytes() {
    let start = |close, bytes: &[u8]| {
        UploadSession::start(SessionType::Concurrent, close, part(bytes), NOW).err()
    };
    assert_eq!(start(false, b""), None);
    assert_eq!(
        start(false, b"x"),
        Some(UploadSessionStartError::ConcurrentSessionDataNotAllowed)
    );
    assert_eq!(
        start(true, b""),
        Some(UploadSessionStartError::ConcurrentSessionCloseNotAllowed)
    );
}

#[test]
fn concurrent_parts_come_in_any_order() {
    let mut session = concurrent();
    let (first, second) = (blocks(2, 1), b"the rest");
    session
        .append(0, part(&first), false, NOW, &Assumptions::default())
        .expect("whole blocks");
    session
        .append(2 * BLOCK, part(second), true, NOW, &Assumptions::default())
        .expect("the last part");
    let content = session.finish(0, &part(b""), NOW).expect("it is whole");
    let whole = [&first[..], second].concat();
    assert_eq!(content.hash, ContentHash::of(&whole));
    assert_eq!(bytes_of(&content), whole);

    let mut backwards = concurrent();
    let (one, two) = (blocks(1, 1), blocks(1, 2));
    backwards
        .append(BLOCK, part(&two), false, NOW, &Assumptions::default())
        .expect("whole blocks");
    backwards
        .append(0, part(&one), true, NOW, &Assumptions::default())
        .expect("whole blocks");
    let content = backwards.finish(0, &part(b""), NOW).expect("it is whole");
    assert_eq!(content.hash, ContentHash::of(&[one, two].concat()));
}

#[test]
fn concurrent_parts_are_whole_blocks_except_the_one_that_closes() {
    let mut session = concurrent();
    assert_eq!(
        session.append(1, part(b"x"), false, NOW, &Assumptions::default()),
        Err(Lookup::ConcurrentSessionInvalidOffset)
    );
    assert_eq!(
        session.append(0, part(b"x"), false, NOW, &Assumptions::default()),
        Err(Lookup::ConcurrentSessionInvalidDataSize)
    );
    assert_eq!(
        session.append(0, part(b"x"), true, NOW, &Assumptions::default()),
        Ok(AppendedTo::Open)
    );
}

#[test]
fn a_concurrent_session_finishes_closed_whole_and_without_bytes() {
    let mut session = concurrent();
    let finish = |session: &UploadSession, last| session.finish(0, &last, NOW).err();
    assert_eq!(
        finish(&session, part(b"x")),
        Some(Finish::ConcurrentSessionDataNotAllowed)
    );
    assert_eq!(
        finish(&session, part(b"")),
        Some(Finish::ConcurrentSessionNotClosed)
    );
    session
        .append(BLOCK, part(b"x"), true, NOW, &Assumptions::default())
        .expect("the last part");
    assert_eq!(
        finish(&session, part(b"")),
        Some(Finish::ConcurrentSessionMissingData)
    );
}

#[test]
fn a_concurrent_part_that_is_sent_again_replaces_itself() {
    let mut session = concurrent();
    let block = blocks(1, 1);
    for _ in 0..2 {
        session
            .append(0, part(&block), false, NOW, &Assumptions::default())
            .expect("whole blocks");
    }
    session
        .append(BLOCK, part(b"x"), true, NOW, &Assumptions::default())
        .expect("the last part");
    let content = session.finish(0, &part(b""), NOW).expect("it is whole");
    assert_eq!(content.size, BLOCK + 1);
}

#[test]
fn a_session_that_holds_a_failed_commit_gives_exactly_that_content() {
    for bytes in [&b"bytes"[..], b""] {
        let content = Content {
            hash: ContentHash::of(bytes),
            size: bytes.len() as u64,
            bodies: vec![Body::of(bytes)],
        };
        let session = UploadSession::holding(&content, NOW);
        let finish = session
            .finish(content.size, &part(b""), NOW)
            .expect("whole");
        assert_eq!(finish.hash, content.hash);
        assert_eq!(bytes_of(&finish), bytes);
        let wrong = session.finish(content.size + 1, &part(b""), NOW);
        assert!(wrong.is_err());
    }
}

#[test]
fn a_session_knows_its_size_whatever_its_parts_replaced() {
    let mut session = concurrent();
    for (offset, count) in [(0, 2), (2 * BLOCK, 1), (0, 1)] {
        session
            .append(
                offset,
                part(&blocks(count, 1)),
                false,
                NOW,
                &Assumptions::default(),
            )
            .expect("whole blocks");
    }
    assert_eq!(session.size(), 2 * BLOCK);
}

/// Every order of `items`.
fn orders<Item: Clone>(items: &[Item]) -> Vec<Vec<Item>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    (0..items.len())
        .flat_map(|first| {
            let mut rest = items.to_vec();
            let first = rest.remove(first);
            orders(&rest).into_iter().map(move |mut order| {
                order.insert(0, first.clone());
                order
            })
        })
        .collect()
}

#[test]
fn parts_of_a_concurrent_session_come_in_any_order_with_the_closing_one_among_them() {
    // API-255: every order, and one part that a client sends twice. The last part is the short one, or
    // an empty one.
    let defaults = Assumptions::default();
    for last in [&b"end"[..], b""] {
        let parts = [
            (0, blocks(1, 1), false),
            (BLOCK, blocks(1, 2), false),
            (BLOCK, blocks(1, 2), false),
            (2 * BLOCK, last.to_vec(), true),
        ];
        let whole = [&parts[0].1[..], &parts[1].1, last].concat();
        for order in orders(&parts) {
            let mut session = concurrent();
            for (index, (offset, bytes, close)) in order.iter().enumerate() {
                assert!(
                    session.finish(0, &part(b""), NOW).is_err(),
                    "{index} parts are not the whole"
                );
                let appended = session.append(*offset, part(bytes), *close, NOW, &defaults);
                let closed_before = order[..index].iter().any(|(_, _, close)| *close);
                let wanted = if closed_before {
                    AppendedTo::Closed
                } else {
                    AppendedTo::Open
                };
                assert_eq!(appended, Ok(wanted));
                // The same part twice leaves nothing missing before the last call.
                if order[..=index]
                    .iter()
                    .map(|(offset, ..)| offset)
                    .collect::<std::collections::BTreeSet<_>>()
                    .len()
                    == 3
                {
                    break;
                }
            }
            let content = session.finish(0, &part(b""), NOW).expect("it is whole");
            assert_eq!(content.hash, ContentHash::of(&whole));
            assert_eq!(content.size, whole.len() as u64);
        }
    }
}

#[test]
fn a_part_whose_head_came_before_the_closing_part_is_taken() {
    // API-255: the head is judged, the closing part arrives, then the bytes are there.
    let defaults = Assumptions::default();
    let mut session = concurrent();
    assert_eq!(session.check_append(0, NOW, &defaults), Ok(()));
    session
        .append(BLOCK, part(b"end"), true, NOW, &defaults)
        .expect("it is open");
    let missing = Finish::ConcurrentSessionMissingData;
    assert_eq!(session.finish(0, &part(b""), NOW).err(), Some(missing));
    assert_eq!(
        session.append(0, part(&blocks(1, 1)), false, NOW, &defaults),
        Ok(AppendedTo::Closed)
    );
    assert!(session.finish(0, &part(b""), NOW).is_ok());
}

#[test]
fn a_part_that_reaches_behind_the_end_is_closed() {
    let defaults = Assumptions::default();
    let mut session = concurrent();
    session
        .append(BLOCK, part(b"end"), true, NOW, &defaults)
        .expect("it is open");
    for (offset, count) in [(2 * BLOCK, 1), (BLOCK, 1), (0, 2)] {
        assert_eq!(
            session.append(offset, part(&blocks(count, 1)), false, NOW, &defaults),
            Err(Lookup::Closed),
            "{count} blocks at {offset}"
        );
    }
}

#[test]
fn late_parts_can_be_refused() {
    // AQ-23
    let refuses = Assumptions {
        late_concurrent_part: LateConcurrentPart::Refused,
        ..Assumptions::default()
    };
    let mut session = concurrent();
    session
        .append(BLOCK, part(b"end"), true, NOW, &refuses)
        .expect("it is open");
    let late = session.append(0, part(&blocks(1, 1)), false, NOW, &refuses);
    assert_eq!(late, Err(Lookup::Closed));
    assert_eq!(session.check_append(0, NOW, &refuses), Err(Lookup::Closed));
}

#[test]
fn a_session_keeps_the_bytes_of_a_finish_whose_commit_failed() {
    // API-254
    let mut session = sequential(b"one ");
    let last = after(session.hasher(), b"two");
    session.finish(4, &last, NOW).expect("it is whole");
    session.keep(4, last.clone());
    let wrong = Lookup::IncorrectOffset { correct_offset: 7 };
    let again = session.finish(4, &last, NOW).expect_err("they are there");
    assert_eq!(again, Finish::LookupFailed(wrong));
    let content = session.finish(7, &part(b""), NOW).expect("it is whole");
    assert_eq!(bytes_of(&content), b"one two");
    assert_eq!(content.hash, ContentHash::of(b"one two"));
    // It takes more, too.
    let more = after(session.hasher(), b"!");
    let content = session.finish(7, &more, NOW).expect("it is whole");
    assert_eq!(content.hash, ContentHash::of(b"one two!"));
}
