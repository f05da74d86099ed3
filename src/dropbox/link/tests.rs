use super::*;
use crate::dropbox::path::Place;

const MINTED: Timestamp = Timestamp::from_seconds(1_000_000);
const MILLISECOND: Duration = Duration::from_millis(1);
const GOOD: UploadHead = UploadHead {
    content_type: ContentTypeVerdict::Accepted,
    has_authorization: false,
    is_encoded: false,
    lacks_length: false,
};
const WRONG_TYPE: UploadHead = UploadHead {
    content_type: ContentTypeVerdict::Wrong,
    ..GOOD
};

fn link() -> Link {
    Link {
        commit_info: CommitInfo::new("/a"),
        view: View::new(Place::root(), 1),
        minted_by: "token".into(),
        minted_at: MINTED,
        duration: Duration::from_mins(1),
        ended_at: None,
        life: Life::Fresh,
    }
}

fn assuming<const N: usize>(answers: [(&str, &str); N]) -> Assumptions {
    let mut assumptions = Assumptions::default();
    for (name, value) in answers {
        assumptions.set(name, value).expect("one of the choices");
    }
    assumptions
}

fn claim(link: &mut Link, now: Timestamp, assumptions: &Assumptions) -> Result<(), Refusal> {
    link.claim(now, &GOOD, false, assumptions)
}

fn expiry() -> Timestamp {
    MINTED.plus(Duration::from_mins(1))
}

fn before(moment: Timestamp, duration: Duration) -> Timestamp {
    let micros = i64::try_from(duration.as_micros()).expect("short");
    Timestamp::from_micros(moment.as_micros() - micros)
}

/// A link that was used in a given way.
fn consumed(by: ConsumedBy) -> Link {
    Link {
        life: Life::Consumed { at: MINTED, by },
        ..link()
    }
}

// UL-160, row by row.

#[test]
fn a_fresh_link_goes_in_flight() {
    let (mut link, defaults) = (link(), Assumptions::default());
    assert_eq!(link.state(MINTED, &defaults), LinkState::Fresh);
    assert_eq!(claim(&mut link, MINTED, &defaults), Ok(()));
    assert_eq!(link.life, Life::InFlight { uploads: 1 });
    assert_eq!(link.state(MINTED, &defaults), LinkState::InFlight);
}

#[test]
fn an_upload_may_start_up_to_the_moment_of_expiry_and_not_after_it() {
    let defaults = Assumptions::default();
    for (now, wanted) in [
        (before(expiry(), MILLISECOND), Ok(())),
        (expiry(), Ok(())),
        (
            expiry().plus(Duration::from_micros(1)),
            Err(Refusal::Expired),
        ),
        (expiry().plus(MILLISECOND), Err(Refusal::Expired)),
    ] {
        assert_eq!(claim(&mut link(), now, &defaults), wanted, "{now:?}");
    }
}

#[test]
fn fractions_of_the_duration_count_unless_expiry_is_in_whole_seconds() {
    let link = || Link {
        duration: Duration::from_millis(60_500),
        ..link()
    };
    let at = |millis| MINTED.plus(Duration::from_millis(millis));
    let defaults = Assumptions::default();
    assert_eq!(claim(&mut link(), at(60_500), &defaults), Ok(()));
    assert_eq!(
        claim(&mut link(), at(60_501), &defaults),
        Err(Refusal::Expired)
    );
    let whole = assuming([("expiry_precision", "whole_seconds")]);
    assert_eq!(claim(&mut link(), at(60_999), &whole), Ok(()));
    assert_eq!(
        claim(&mut link(), at(61_000), &whole),
        Err(Refusal::Expired)
    );
}

#[test]
fn an_expired_link_is_expired_even_when_it_was_used() {
    let mut link = consumed(ConsumedBy::Commit);
    let late = expiry().plus(MILLISECOND);
    let defaults = Assumptions::default();
    assert_eq!(claim(&mut link, late, &defaults), Err(Refusal::Expired));
    assert_eq!(link.state(late, &defaults), LinkState::Consumed);
}

#[test]
fn a_second_use_is_gone() {
    let mut link = link();
    let defaults = Assumptions::default();
    claim(&mut link, MINTED, &defaults).expect("it is fresh");
    link.may_commit(MINTED, &defaults).expect("it is in flight");
    link.stored(MINTED);
    assert_eq!(claim(&mut link, MINTED, &defaults), Err(Refusal::Consumed));
}

#[test]
fn the_state_is_judged_before_the_content_type_unless_assumed_otherwise() {
    let rows = [
        (consumed(ConsumedBy::Commit), MINTED, Refusal::Consumed),
        (link(), expiry().plus(MILLISECOND), Refusal::Expired),
        (
            Link {
                life: Life::InFlight { uploads: 1 },
                ..link()
            },
            MINTED,
            Refusal::InFlight,
        ),
        (link(), MINTED, Refusal::WrongContentType),
    ];
    let head_first = assuming([("content_type_check", "before_link_state")]);
    for (link, now, wanted) in rows {
        let got = link
            .clone()
            .claim(now, &WRONG_TYPE, false, &Assumptions::default());
        assert_eq!(got, Err(wanted));
        let got = link.clone().claim(now, &WRONG_TYPE, false, &head_first);
        assert_eq!(got, Err(Refusal::WrongContentType));
    }
}

// OQ-01.

#[test]
fn a_failed_commit_burns_frees_or_blocks_the_link() {
    for (answer, wanted) in [
        ("burns", Err(Refusal::Consumed)),
        ("frees", Ok(())),
        ("conflicts", Err(Refusal::FailedBefore)),
    ] {
        let assumptions = assuming([("failed_commit", answer)]);
        let mut link = link();
        claim(&mut link, MINTED, &assumptions).expect("it is fresh");
        link.commit_failed(MINTED, &assumptions);
        assert_eq!(claim(&mut link, MINTED, &assumptions), wanted, "{answer}");
    }
}

#[test]
fn only_a_failed_commit_makes_later_uploads_conflict() {
    let assumptions = assuming([("failed_commit", "conflicts")]);
    for (by, wanted) in [
        (ConsumedBy::Commit, Refusal::Consumed),
        (ConsumedBy::FailedCommit, Refusal::FailedBefore),
        (ConsumedBy::BrokenOffBody, Refusal::Consumed),
        (ConsumedBy::BadContentType, Refusal::Consumed),
    ] {
        let got = claim(&mut consumed(by), MINTED, &assumptions);
        assert_eq!(got, Err(wanted), "{by:?}");
    }
}

// OQ-02, OQ-07.

#[test]
fn a_body_that_breaks_off_frees_burns_or_locks_the_link() {
    let broken_off = |answer, why| {
        let assumptions = assuming([
            ("interrupted_body", answer),
            ("interrupted_body_lock_seconds", "5"),
        ]);
        let mut link = link();
        claim(&mut link, MINTED, &assumptions).expect("it is fresh");
        link.broken_off(why, MINTED, &assumptions);
        (link, assumptions)
    };
    let (mut link, assumptions) = broken_off("frees", BrokenOff::Interrupted);
    assert_eq!(claim(&mut link, MINTED, &assumptions), Ok(()));
    let (mut link, assumptions) = broken_off("burns", BrokenOff::Interrupted);
    assert_eq!(
        claim(&mut link, MINTED, &assumptions),
        Err(Refusal::Consumed)
    );
    let (mut link, assumptions) = broken_off("locks", BrokenOff::Interrupted);
    let unlocked = MINTED.plus(Duration::from_secs(5));
    let locked = before(unlocked, MILLISECOND);
    assert_eq!(link.state(locked, &assumptions), LinkState::Locked);
    assert_eq!(claim(&mut link, locked, &assumptions), Err(Refusal::Locked));
    assert_eq!(link.state(unlocked, &assumptions), LinkState::Fresh);
    assert_eq!(claim(&mut link, unlocked, &assumptions), Ok(()));
    // A body that is too large is another question.
    let (mut link, assumptions) = broken_off("frees", BrokenOff::TooLarge);
    assert_eq!(
        claim(&mut link, MINTED, &assumptions),
        Err(Refusal::Consumed)
    );
}

#[test]
fn a_body_that_is_too_large_frees_or_burns_the_link() {
    for (answer, wanted) in [("frees", Ok(())), ("burns", Err(Refusal::Consumed))] {
        let assumptions = assuming([("oversize", answer)]);
        let mut link = link();
        claim(&mut link, MINTED, &assumptions).expect("it is fresh");
        link.broken_off(BrokenOff::TooLarge, MINTED, &assumptions);
        assert_eq!(claim(&mut link, MINTED, &assumptions), wanted, "{answer}");
    }
}

#[test]
fn a_lock_does_not_outlive_the_link() {
    let assumptions = assuming([
        ("interrupted_body", "locks"),
        ("interrupted_body_lock_seconds", "600"),
    ]);
    let mut link = link();
    claim(&mut link, MINTED, &assumptions).expect("it is fresh");
    link.broken_off(BrokenOff::Interrupted, MINTED, &assumptions);
    let late = expiry().plus(MILLISECOND);
    assert_eq!(claim(&mut link, late, &assumptions), Err(Refusal::Expired));
    assert_eq!(link.state(late, &assumptions), LinkState::Expired);
}

// OQ-03.

#[test]
fn the_first_head_or_the_first_completion_wins() {
    let defaults = Assumptions::default();
    let mut first_head = link();
    claim(&mut first_head, MINTED, &defaults).expect("it is fresh");
    assert_eq!(
        claim(&mut first_head, MINTED, &defaults),
        Err(Refusal::InFlight)
    );

    let assumptions = assuming([("concurrent_use", "first_completion_wins")]);
    let mut link = link();
    claim(&mut link, MINTED, &assumptions).expect("it is fresh");
    claim(&mut link, MINTED, &assumptions).expect("both bodies are received");
    assert_eq!(link.may_commit(MINTED, &assumptions), Ok(()));
    link.stored(MINTED);
    assert_eq!(
        link.may_commit(MINTED, &assumptions),
        Err(Refusal::Consumed)
    );
}

#[test]
fn an_upload_that_breaks_off_leaves_the_others_of_its_link_alone() {
    for answer in ["frees", "locks"] {
        let assumptions = assuming([
            ("concurrent_use", "first_completion_wins"),
            ("interrupted_body", answer),
        ]);
        let mut link = link();
        claim(&mut link, MINTED, &assumptions).expect("it is fresh");
        claim(&mut link, MINTED, &assumptions).expect("both bodies are received");
        link.broken_off(BrokenOff::Interrupted, MINTED, &assumptions);
        assert_eq!(link.life, Life::InFlight { uploads: 1 }, "{answer}");
        assert_eq!(link.may_commit(MINTED, &assumptions), Ok(()));
    }
}

// OQ-09.

#[test]
fn a_bad_content_type_burns_only_a_link_that_could_be_used_and_only_if_assumed() {
    let burns = assuming([
        ("bad_content_type", "burns_link"),
        ("content_type_check", "before_link_state"),
    ]);
    let lock = Life::Locked {
        until: MINTED.plus(Duration::from_secs(5)),
    };
    let after_lock = MINTED.plus(Duration::from_secs(5));
    let used_up = |now| Life::Consumed {
        at: now,
        by: ConsumedBy::BadContentType,
    };
    let in_flight = Life::InFlight { uploads: 1 };
    for (life, now, wanted) in [
        (Life::Fresh, MINTED, used_up(MINTED)),
        (lock, MINTED, lock),
        (lock, after_lock, used_up(after_lock)),
        (in_flight, MINTED, in_flight),
        (Life::Fresh, expiry().plus(MILLISECOND), Life::Fresh),
    ] {
        let mut link = Link { life, ..link() };
        let got = link.claim(now, &WRONG_TYPE, false, &burns);
        assert_eq!(got, Err(Refusal::WrongContentType));
        assert_eq!(link.life, wanted);
    }
    let mut kept = link();
    let keeps = assuming([("bad_content_type", "keeps_link")]);
    let got = kept.claim(MINTED, &WRONG_TYPE, false, &keeps);
    assert_eq!(
        (got, kept.life),
        (Err(Refusal::WrongContentType), Life::Fresh)
    );
}

#[test]
fn a_missing_content_type_is_told_apart_from_a_wrong_one() {
    let head = UploadHead {
        content_type: ContentTypeVerdict::Missing,
        ..GOOD
    };
    let got = link().claim(MINTED, &head, false, &Assumptions::default());
    assert_eq!(got, Err(Refusal::MissingContentType));
}

// OQ-14.

#[test]
fn a_used_link_is_forgotten_after_the_time_that_is_assumed() {
    let assumptions = assuming([("used_link_memory_seconds", "10")]);
    let forgotten = MINTED.plus(Duration::from_secs(10));
    let mut link = consumed(ConsumedBy::Commit);
    assert_eq!(
        claim(&mut link, forgotten, &assumptions),
        Err(Refusal::Consumed)
    );
    let later = forgotten.plus(MILLISECOND);
    assert_eq!(claim(&mut link, later, &assumptions), Err(Refusal::Unknown));
    let for_ever = MINTED.plus(Duration::from_secs(59));
    assert_eq!(
        claim(&mut link, for_ever, &Assumptions::default()),
        Err(Refusal::Consumed)
    );
}

#[test]
fn an_expired_link_is_forgotten_too_but_never_one_that_can_be_used() {
    let assumptions = assuming([("used_link_memory_seconds", "10")]);
    let forgotten = expiry().plus(Duration::from_secs(10));
    let mut link = link();
    assert_eq!(
        claim(&mut link, forgotten, &assumptions),
        Err(Refusal::Expired)
    );
    let later = forgotten.plus(MILLISECOND);
    assert_eq!(claim(&mut link, later, &assumptions), Err(Refusal::Unknown));
    assert_eq!(claim(&mut link, expiry(), &assumptions), Ok(()));
}

// OQ-15.

#[test]
fn a_late_finish_stores_unless_expiry_is_judged_at_the_end_too() {
    let late = expiry().plus(Duration::from_hours(1));
    let at_end = assuming([("expiry_judged", "at_end")]);
    for (assumptions, wanted) in [
        (Assumptions::default(), Ok(())),
        (at_end, Err(Refusal::Expired)),
    ] {
        let mut link = link();
        claim(&mut link, expiry(), &assumptions).expect("in time");
        assert_eq!(link.may_commit(late, &assumptions), wanted);
    }
}

#[test]
fn a_link_whose_time_is_ended_by_hand_takes_no_upload_more() {
    for precision in ["exact", "whole_seconds"] {
        let assumptions = assuming([("expiry_precision", precision)]);
        let mut link = link();
        link.expire(MINTED);
        assert_eq!(link.minted_at, MINTED);
        assert_eq!(link.expires_at(), MINTED);
        assert_eq!(
            claim(&mut link, MINTED, &assumptions),
            Err(Refusal::Expired),
            "{precision}"
        );
    }
}

// OQ-17.

#[test]
fn revoking_the_minter_kills_its_links_only_if_assumed() {
    let kills = assuming([("revoked_token", "kills_links")]);
    let refused = Err(Refusal::CommitFailed);
    assert_eq!(link().claim(MINTED, &GOOD, true, &kills), refused);
    assert_eq!(link().claim(MINTED, &GOOD, false, &kills), Ok(()));
    let defaults = Assumptions::default();
    assert_eq!(link().claim(MINTED, &GOOD, true, &defaults), Ok(()));
}

// OQ-22.

#[test]
fn odd_heads_pass_unless_assumed_otherwise_and_never_touch_the_link() {
    let authorization = UploadHead {
        has_authorization: true,
        ..GOOD
    };
    let encoded = UploadHead {
        is_encoded: true,
        ..GOOD
    };
    let endless = UploadHead {
        lacks_length: true,
        ..GOOD
    };
    let unwanted = Refusal::UnwantedHeader;
    for (head, name, answer, refusal) in [
        (
            authorization,
            "link_authorization",
            "rejected",
            unwanted("Authorization"),
        ),
        (
            encoded,
            "link_content_encoding",
            "rejected",
            unwanted("Content-Encoding"),
        ),
        (
            endless,
            "missing_length",
            "length_required",
            Refusal::LengthRequired,
        ),
    ] {
        let lenient = assuming([("link_content_encoding", "stored_raw")]);
        assert_eq!(link().claim(MINTED, &head, false, &lenient), Ok(()));
        let mut link = link();
        let strict = assuming([(name, answer)]);
        let got = link.claim(MINTED, &head, false, &strict);
        assert_eq!((got, link.life), (Err(refusal), Life::Fresh));
    }
}

// Every interleaving of three uploads, of each way in which they can end, and of the expiry.

#[derive(Clone, Copy, Debug, PartialEq)]
enum Upload {
    Waiting,
    InFlight,
    Over,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Commit,
    FailedCommit,
    BrokenOff,
    TooLarge,
}

#[derive(Clone)]
struct Moment {
    link: Link,
    uploads: [Upload; 3],
    now: Timestamp,
    stored: u32,
}

#[derive(Default)]
struct Seen {
    ends: u32,
    stored: [u32; 2],
    refusals: Vec<Refusal>,
}

impl Seen {
    fn refused(&mut self, refusal: Refusal) {
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }

    fn saw(&self, refusal: &Refusal) -> bool {
        self.refusals.contains(refusal)
    }
}

fn explore(moment: &Moment, assumptions: &Assumptions, seen: &mut Seen) {
    let mut is_end = true;
    if moment.now == MINTED {
        let mut later = moment.clone();
        later.now = expiry().plus(MILLISECOND);
        explore(&later, assumptions, seen);
    }
    for upload in 0..moment.uploads.len() {
        match moment.uploads[upload] {
            Upload::Over => {}
            Upload::Waiting => {
                is_end = false;
                let mut next = moment.clone();
                next.uploads[upload] = match claim(&mut next.link, next.now, assumptions) {
                    Ok(()) => Upload::InFlight,
                    Err(refusal) => {
                        seen.refused(refusal);
                        Upload::Over
                    }
                };
                let heads = next.uploads.iter().filter(|one| **one == Upload::InFlight);
                if assumptions.concurrent_use == ConcurrentUse::FirstHeadWins {
                    assert!(heads.count() <= 1, "two uploads hold one link");
                }
                explore(&next, assumptions, seen);
            }
            Upload::InFlight => {
                is_end = false;
                for end in [
                    End::Commit,
                    End::FailedCommit,
                    End::BrokenOff,
                    End::TooLarge,
                ] {
                    let mut next = moment.clone();
                    next.uploads[upload] = Upload::Over;
                    finish(&mut next, end, assumptions, seen);
                    assert!(next.stored <= 1, "a link stored twice");
                    explore(&next, assumptions, seen);
                }
            }
        }
    }
    if is_end {
        seen.ends += 1;
        seen.stored[moment.stored as usize] += 1;
        let held = matches!(moment.link.life, Life::InFlight { .. });
        assert!(!held, "the link is in flight, and no upload is");
        if moment.stored == 1 {
            let by = ConsumedBy::Commit;
            assert!(matches!(moment.link.life, Life::Consumed { by: used, .. } if used == by));
        }
    }
}

fn finish(moment: &mut Moment, end: End, assumptions: &Assumptions, seen: &mut Seen) {
    let (link, now) = (&mut moment.link, moment.now);
    let why = match end {
        End::BrokenOff => BrokenOff::Interrupted,
        End::TooLarge => BrokenOff::TooLarge,
        End::Commit | End::FailedCommit => {
            if let Err(refusal) = link.may_commit(now, assumptions) {
                seen.refused(refusal);
                link.let_go();
            } else if matches!(end, End::Commit) {
                link.stored(now);
                moment.stored += 1;
            } else {
                link.commit_failed(now, assumptions);
            }
            return;
        }
    };
    link.broken_off(why, now, assumptions);
}

fn explored(assumptions: &Assumptions) -> Seen {
    let start = Moment {
        link: link(),
        uploads: [Upload::Waiting; 3],
        now: MINTED,
        stored: 0,
    };
    let mut seen = Seen::default();
    explore(&start, assumptions, &mut seen);
    seen
}

#[test]
fn under_the_defaults_at_most_one_upload_stores_and_every_refusal_is_allowed() {
    let seen = explored(&Assumptions::default());
    assert!(seen.ends > 300, "{} ends", seen.ends);
    assert!(seen.stored.iter().all(|ends| *ends > 0));
    let allowed = [Refusal::InFlight, Refusal::Consumed, Refusal::Expired];
    assert!(
        seen.refusals
            .iter()
            .all(|refusal| allowed.contains(refusal)),
        "{:?}",
        seen.refusals
    );
    assert_eq!(seen.refusals.len(), allowed.len());
}

#[test]
fn under_every_assumption_at_most_one_upload_stores() {
    for failed_commit in ["burns", "frees", "conflicts"] {
        for interrupted_body in ["frees", "burns", "locks"] {
            for concurrent_use in ["first_head_wins", "first_completion_wins"] {
                for expiry_judged in ["at_start", "at_end"] {
                    let assumptions = assuming([
                        ("failed_commit", failed_commit),
                        ("interrupted_body", interrupted_body),
                        ("concurrent_use", concurrent_use),
                        ("expiry_judged", expiry_judged),
                    ]);
                    let seen = explored(&assumptions);
                    assert!(seen.stored.iter().all(|ends| *ends > 0));
                    let first_head = concurrent_use == "first_head_wins";
                    let conflicts = failed_commit == "conflicts";
                    assert_eq!(seen.saw(&Refusal::InFlight), first_head);
                    assert_eq!(seen.saw(&Refusal::FailedBefore), conflicts);
                    assert_eq!(seen.saw(&Refusal::Locked), interrupted_body == "locks");
                    assert!(seen.saw(&Refusal::Consumed) && seen.saw(&Refusal::Expired));
                }
            }
        }
    }
}
