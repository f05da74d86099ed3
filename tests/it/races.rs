//! Many clients on one link at the same time.

use crate::raw::{PATIENCE, Raw, UPLOAD};
use crate::support::Fake;
use fake_dropbox::internals::control::clock::Change;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CONSUMERS: usize = 64;

/// How long each race goes on; `FAKE_DROPBOX_RACE_SECONDS` makes it longer.
fn race_time() -> Duration {
    let seconds = std::env::var("FAKE_DROPBOX_RACE_SECONDS");
    Duration::from_secs_f64(
        seconds
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(2.0),
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's own time, not the server's"
)]
fn now() -> Instant {
    Instant::now()
}

fn content(consumer: usize, round: usize) -> Vec<u8> {
    // Some arrive in one packet, some do not.
    let size = if consumer.is_multiple_of(3) {
        40_000
    } else {
        20
    };
    let mut bytes = format!("round {round}, consumer {consumer} ").into_bytes();
    bytes.resize(size, b'.');
    bytes
}

async fn connect_all(fake: &Fake) -> Vec<Raw> {
    let mut all = Vec::new();
    for _ in 0..CONSUMERS {
        all.push(Raw::connect(fake).await);
    }
    all
}

/// All of them post at once; the answers in the order of the consumers.
async fn race(connections: Vec<Raw>, path: &str, round: usize) -> Vec<(u16, String)> {
    let start = Arc::new(tokio::sync::Barrier::new(connections.len()));
    let tasks: Vec<_> = connections
        .into_iter()
        .enumerate()
        .map(|(consumer, mut raw)| {
            let body = content(consumer, round);
            let head = format!(
                "POST {path} HTTP/1.1\r\n{UPLOAD}Content-Length: {}\r\n\r\n",
                body.len()
            );
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                // A refused consumer may not get rid of all its bytes.
                let _ = raw.try_send([head.into_bytes(), body].concat()).await;
                let reply = raw.reply().await;
                (reply.status, reply.text())
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        let answer = tokio::time::timeout(PATIENCE, task).await;
        answers.push(answer.expect("in time").expect("no panic"));
    }
    answers
}

fn winner(answers: &[(u16, String)]) -> Option<usize> {
    let winners: Vec<usize> = (0..answers.len())
        .filter(|consumer| answers[*consumer].0 == 200)
        .collect();
    assert!(winners.len() <= 1, "{winners:?} won");
    winners.first().copied()
}

async fn race_on(assumptions: &[(&str, &str)], losers: &[(u16, &str)]) {
    let fake = Fake::assuming(assumptions);
    let end = now() + race_time();
    let mut round = 0;
    while round == 0 || now() < end {
        round += 1;
        let file = format!("/round {round}");
        let argument = serde_json::json!({"commit_info": {"path": file, "autorename": true}});
        let link = fake.mint(&argument.to_string()).await;
        let path = &link[link.find("/apitul").expect("a path")..];
        let answers = race(connect_all(&fake).await, path, round).await;
        let winner = winner(&answers).expect("somebody wins");
        let hash = ContentHash::of(&content(winner, round)).to_string();
        assert_eq!(
            answers[winner].1,
            format!("{{\"content-hash\": \"{hash}\"}}")
        );
        for (consumer, (status, text)) in answers.iter().enumerate() {
            assert!(
                consumer == winner || losers.contains(&(*status, text.as_str())),
                "round {round}: {status} {text}"
            );
        }
        assert_eq!(fake.stored_hash(&file).await, Some(hash));
        let copy = serde_json::json!({"path": format!("{file} (1)")}).to_string();
        assert_eq!(fake.rpc("files/get_metadata", &copy).await.status, 409);
    }
    println!("{round} rounds of {CONSUMERS} consumers");
}

const CONSUMED: (u16, &str) = (410, "Temporary upload link has been recently consumed.");

#[tokio::test]
async fn of_64_consumers_one_wins_and_its_bytes_are_stored() {
    // UL-159 to UL-161, OQ-03
    let in_flight =
        fake_dropbox::internals::dropbox::assumptions::Assumptions::default().text_in_flight;
    race_on(&[], &[CONSUMED, (409, &in_flight)]).await;
}

#[tokio::test]
async fn of_64_complete_bodies_one_wins_where_the_completion_counts() {
    // OQ-03
    race_on(&[("concurrent_use", "first_completion_wins")], &[CONSUMED]).await;
}

#[tokio::test]
async fn a_clock_that_jumps_and_a_delete_leave_at_most_one_winner() {
    // UL-151
    let fake = Arc::new(Fake::start());
    let assumptions = fake_dropbox::internals::dropbox::assumptions::Assumptions::default();
    let allowed = [
        CONSUMED,
        (409, assumptions.text_in_flight.as_str()),
        (410, assumptions.text_expired.as_str()),
    ];
    let end = now() + race_time();
    let mut round = 0;
    while round == 0 || now() < end {
        round += 1;
        let link = fake
            .mint(r#"{"commit_info":{"path":"/a","mode":"overwrite"},"duration":60}"#)
            .await;
        let path = link[link.find("/apitul").expect("a path")..].to_owned();
        let connections = connect_all(&fake).await;
        let disturber = {
            let fake = Arc::clone(&fake);
            tokio::spawn(async move {
                for _ in 0..round % 7 {
                    tokio::task::yield_now().await;
                }
                fake.app
                    .clock
                    .change(None, Change::Advance(Duration::from_secs(61)));
                fake.rpc("files/delete_v2", r#"{"path":"/a"}"#).await.status
            })
        };
        let answers = race(connections, &path, round).await;
        let deleted = disturber.await.expect("no panic");
        assert!([200, 409].contains(&deleted), "{deleted}");
        let winner = winner(&answers);
        for (status, text) in &answers {
            assert!(
                *status == 200 || allowed.contains(&(*status, text.as_str())),
                "round {round}: {status} {text}"
            );
        }
        // What is stored is the winner's, if it was not deleted after all.
        if let Some(hash) = fake.stored_hash("/a").await {
            let winner = winner.expect("no file without a winner");
            let expected = ContentHash::of(&content(winner, round)).to_string();
            assert_eq!(hash, expected, "round {round}");
            fake.rpc("files/delete_v2", r#"{"path":"/a"}"#).await;
        } else {
            assert!(winner.is_none() || deleted == 200, "round {round}");
        }
    }
}
