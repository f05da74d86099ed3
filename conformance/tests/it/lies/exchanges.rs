//! The documented exchanges, asked of the fake in both dialects: what comes is what was seen, and an answer that is
//! changed in anything is noticed.

use conformance::exchanges::{Answer, Came, Exchange, Ground, replay};
use conformance::targets::{Target, fake};

use super::catalogue::{Lie, answer};
use super::connect;
use super::proxy::Proxy;
use crate::support::{expect, printed, run};

const DIALECTS: [&str; 2] = ["2025", "2026"];

/// Asks each of these in this dialect of a target.
async fn ask(
    target: &Target,
    dialect: &str,
    assume: bool,
    which: impl Fn(&Exchange) -> bool,
) -> Vec<(String, Came)> {
    let ground = Ground {
        target,
        folder: String::new(),
        assume,
    };
    let mut all = Vec::new();
    for (number, exchange) in Exchange::built_in().iter().enumerate() {
        if which(exchange) {
            let came = replay(&ground, exchange, dialect, number).await;
            all.push((exchange.what.clone(), came));
        }
    }
    all
}

/// Whether the fake is to answer it, at least under the choices that it names.
fn is_answered(exchange: &Exchange) -> bool {
    exchange.disagrees_with.is_none() || !exchange.assumptions.is_empty()
}

#[tokio::test]
async fn the_fake_answers_every_exchange_byte_for_byte_in_its_dialect() {
    for dialect in DIALECTS {
        let fake = fake::start_strict(dialect).unwrap();
        let target = connect(&fake.url).await;
        let unasked = ask(&target, dialect, true, |exchange| {
            exchange.is_in(dialect) && !exchange.faked
        });
        for (what, came) in unasked.await {
            assert!(
                matches!(came, Came::NotAsked(_)),
                "{what} is faked: {came:?}"
            );
        }
        let all = ask(&target, dialect, true, |exchange| {
            exchange.is_in(dialect) && is_answered(exchange) && exchange.faked
        });
        let mut wrong = all.await;
        wrong.retain(|(_, came)| *came != Came::AsSeen);
        let told = wrong
            .iter()
            .map(|(what, came)| format!("{dialect} {what}: {came:?}"));
        let told: Vec<String> = told.collect();
        assert!(
            told.is_empty(),
            "{}",
            told.join("\n\n").replace("\\n", "\n")
        );
    }
}

#[tokio::test]
async fn no_exchange_with_a_text_of_its_own_passes_in_the_other_dialect() {
    for dialect in DIALECTS {
        let fake = fake::start_strict(dialect).unwrap();
        let target = connect(&fake.url).await;
        let foreign = ask(&target, dialect, true, |exchange| {
            !exchange.is_in(dialect) && exchange.faked
        });
        for (what, came) in foreign.await {
            assert!(
                matches!(came, Came::Otherwise(_)),
                "{what} passes in {dialect}, too: {came:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_an_accepted_source_contradicts_is_not_what_the_fake_answers_by_itself() {
    for dialect in DIALECTS {
        let fake = fake::start_strict(dialect).unwrap();
        let target = connect(&fake.url).await;
        let others = ask(&target, dialect, false, |exchange| {
            exchange.is_in(dialect) && exchange.disagrees_with.is_some()
        });
        for (what, came) in others.await {
            assert!(matches!(came, Came::Otherwise(_)), "{what}: {came:?}");
        }
    }
}

/// The exchange with one thing of one answer recorded otherwise, and what that is.
fn altered(exchange: &Exchange) -> Vec<(&'static str, Exchange)> {
    let mut all = Vec::new();
    for at in 0..exchange.steps.len() {
        let mut alter = |what, change: &dyn Fn(&mut Answer)| {
            let mut other = exchange.clone();
            if let Some(answer) = &mut other.steps[at].answer {
                change(answer);
                all.push((what, other));
            }
        };
        alter("the status", &|answer| answer.status += 1);
        alter("the type", &|answer| {
            answer.content_type = Some("text/html".to_owned());
        });
        alter("a header that did not come", &|answer| {
            let date = ("date".to_owned(), None);
            answer.headers.extend([date]);
        });
        alter("a header that came otherwise", &|answer| {
            let kind = ("content-type".to_owned(), Some("image/png".to_owned()));
            answer.headers.extend([kind]);
        });
        alter("a letter", &|answer| {
            answer.body = with_another_letter(&answer.body);
        });
        let answer = exchange.steps[at].answer.as_ref();
        if answer.is_some_and(|answer| !answer.body.ends_with("<any>")) {
            alter("the end", &|answer| answer.body.push('\n'));
        }
    }
    all
}

/// The first letter that is not of a symbol is another.
fn with_another_letter(body: &str) -> String {
    let mut depth = 0;
    let place = body.char_indices().find(|(_, letter)| {
        match letter {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        depth == 0 && letter.is_ascii_alphabetic()
    });
    let (place, _) = place.expect("an answer has letters");
    format!("{}#{}", &body[..place], &body[place + 1..])
}

#[tokio::test]
async fn an_answer_that_is_recorded_otherwise_in_anything_is_noticed() {
    for dialect in DIALECTS {
        let fake = fake::start_strict(dialect).unwrap();
        let target = connect(&fake.url).await;
        let ground = Ground {
            target: &target,
            folder: String::new(),
            assume: true,
        };
        let all = Exchange::built_in();
        let own = all.iter().filter(|exchange| {
            exchange.dialect == dialect && exchange.faked && is_answered(exchange)
        });
        for exchange in own {
            for (what, other) in altered(exchange) {
                let came = replay(&ground, &other, dialect, 0).await;
                let noticed = matches!(came, Came::Otherwise(_));
                assert!(noticed, "{dialect} {}, {what}: {came:?}", exchange.what);
            }
        }
    }
}

/// The fake as a server that has no controls.
async fn without_controls(dialect: &str, lie: Option<Lie>) -> (fake::RunningFake, Proxy) {
    let mut assumptions = fake_dropbox::internals::dropbox::assumptions::Assumptions::default();
    assumptions.set("dialect", dialect).unwrap();
    let fake = fake::start_assuming(assumptions).unwrap();
    let hidden = answer("no controls", "", |ask, said, _| {
        if ask.path.starts_with("/_fake/") {
            said.status = 404;
            said.body = "nothing".into();
        }
    });
    let proxy = Proxy::start(&fake.url, lie.unwrap_or(hidden)).await;
    (fake, proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_without_controls_is_asked_in_a_folder_and_in_the_dialect_that_it_speaks() {
    for dialect in DIALECTS {
        let (_fake, proxy) = without_controls(dialect, None).await;
        let url = proxy.url.clone();
        let output = tokio::task::spawn_blocking(move || run(&["exchanges", "--target", &url]));
        let output = output.await.unwrap();
        expect(&output, 0, " 0 otherwise");
        let text = printed(&output);
        let as_seen = text.matches("as seen    ").count();
        assert!(as_seen >= 5, "{dialect}: {text}");
        let other = if dialect == "2025" { "2026" } else { "2025" };
        assert!(!text.contains(&format!("as seen    {other}")), "{text}");
        // Nothing is left.
        let target = connect(&proxy.url).await;
        let list = conformance::http::Request::post(format!("{}/2/files/list_folder", proxy.url))
            .header(
                "Authorization",
                format!("Bearer {}", target.tokens.main.expose()),
            )
            .content_type("application/json")
            .body(br#"{"path":""}"#);
        let left = target.client.send(list).await.unwrap();
        let left = String::from_utf8_lossy(&left.body).into_owned();
        assert!(!left.contains("conformance-"), "{left}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_is_red_where_one_answer_is_another_and_says_which() {
    let hides_and_lies = answer("one word", "", |ask, said, _| {
        if ask.path.starts_with("/_fake/") {
            said.status = 404;
            said.body = "nothing".into();
        }
        if ask.route() == "files/get_metadata" {
            said.replace("not_found/", "not_found/.");
        }
    });
    let (_fake, proxy) = without_controls("2026", Some(hides_and_lies)).await;
    let url = proxy.url.clone();
    let output = tokio::task::spawn_blocking(move || run(&["exchanges", "--target", &url]));
    let output = output.await.unwrap();
    expect(&output, 1, "OTHERWISE  2026 metadata of nothing");
}

#[test]
fn the_command_asks_the_fake_in_both_dialects() {
    let output = run(&["exchanges"]);
    expect(&output, 0, " 0 otherwise, ");
    let text = printed(&output);
    for dialect in DIALECTS {
        assert!(text.contains(&format!("as seen    {dialect}")), "{text}");
    }
    expect(
        &run(&["exchanges", "--filter", "no such words"]),
        3,
        "0 as seen",
    );
    expect(
        &run(&["exchanges", "--file", "no-such-file.json"]),
        4,
        "cannot be read",
    );
}
