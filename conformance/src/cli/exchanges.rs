//! `exchanges`: what somebody saw the service answer, asked of a target again.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use serde_json::json;

use super::run::{file_trouble, stop_on_signals};
use super::target::{Connected, TargetArguments, connect_unless_stopped};
use crate::exchanges::{Came, Exchange, Ground, replay};
use crate::http::Request;
use crate::run::exit::Ending;
use crate::run::runner::run_folder;
use crate::safety::stopping::INTERRUPTED;
use crate::talk::spelling::Dialect;
use crate::targets::{CannotRun, Target, fake};

const DIALECTS: [&str; 2] = ["2025", "2026"];

/// What to ask of whom.
#[derive(Clone, Debug, Args)]
pub struct ExchangesArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// Ask in this dialect only. Without it: in both of a fake with our controls, else in the one that the target
    /// speaks.
    #[arg(long, value_parser = DIALECTS)]
    dialect: Option<String>,
    /// Exchanges from this file, in the form of fixtures/exchanges, instead of those that are built in.
    #[arg(long, value_name = "FILE")]
    file: Vec<PathBuf>,
    /// Only exchanges with this text in what they show, their source or their rules.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

/// What came of all.
#[derive(Default)]
struct Count {
    as_seen: usize,
    otherwise: usize,
    not_asked: usize,
}

/// Asks them all, and tells.
pub async fn run(arguments: &ExchangesArguments) -> Result<Ending, CannotRun> {
    let exchanges = match read(arguments) {
        Ok(exchanges) => exchanges,
        Err(sentence) => return Ok(file_trouble(&sentence)),
    };
    let stopping = stop_on_signals();
    let dialects = arguments.dialect.as_deref().map_or(&DIALECTS[..], |only| {
        let place = DIALECTS.iter().position(|known| *known == only);
        place.map_or(&[][..], |place| &DIALECTS[place..=place])
    });
    let mut count = Count::default();
    if arguments.target.target == "fake" {
        // A fake of its own for each dialect, so that strangers are answered in it, too.
        for dialect in dialects {
            let fake = fake::start_strict(dialect)?;
            let connected = connected(arguments, &fake.url, &stopping).await?;
            ask(
                &connected.target,
                &exchanges,
                &[dialect],
                &stopping,
                &mut count,
            )
            .await?;
        }
    } else {
        let connected = connected(arguments, &arguments.target.target, &stopping).await?;
        ask(
            &connected.target,
            &exchanges,
            dialects,
            &stopping,
            &mut count,
        )
        .await?;
    }
    println!(
        "{} as seen, {} otherwise, {} not asked",
        count.as_seen, count.otherwise, count.not_asked
    );
    Ok(match count {
        Count { otherwise: 1.., .. } => Ending::Differed,
        Count { as_seen: 0, .. } => Ending::NothingCompared,
        _ => Ending::Agreed,
    })
}

fn read(arguments: &ExchangesArguments) -> Result<Vec<Exchange>, String> {
    let mut exchanges = Vec::new();
    for path in &arguments.file {
        exchanges.extend(Exchange::read(path)?);
    }
    if arguments.file.is_empty() {
        exchanges = Exchange::built_in();
    }
    if let Some(text) = &arguments.filter {
        exchanges.retain(|exchange| {
            let mut texts = exchange
                .rules
                .iter()
                .chain([&exchange.what, &exchange.source]);
            texts.any(|known| known.contains(text.as_str()))
        });
    }
    Ok(exchanges)
}

async fn connected(
    arguments: &ExchangesArguments,
    target: &str,
    stopping: &AtomicBool,
) -> Result<Connected, CannotRun> {
    connect_unless_stopped(target, &arguments.target.reach, stopping).await
}

async fn ask(
    target: &Target,
    exchanges: &[Exchange],
    dialects: &[&str],
    stopping: &AtomicBool,
    count: &mut Count,
) -> Result<(), CannotRun> {
    let mut ground = Ground {
        target,
        folder: String::new(),
        assume: true,
    };
    if target.clock.controls().is_some() {
        for dialect in dialects {
            ask_in(&ground, exchanges, dialect, stopping, count).await?;
        }
        return Ok(());
    }
    ground.folder = run_folder();
    let spoken = make_folder(target, &ground.folder).await?;
    let asked = match (dialects, spoken) {
        ([only], _) => ask_in(&ground, exchanges, only, stopping, count).await,
        (_, Some(Dialect::Of2025)) => ask_in(&ground, exchanges, "2025", stopping, count).await,
        (_, Some(Dialect::Of2026)) => ask_in(&ground, exchanges, "2026", stopping, count).await,
        (_, None) => Err(CannotRun(
            "The target spells JSON in neither dialect: say with --dialect in which to ask."
                .to_owned(),
        )),
    };
    delete_folder(target, &ground.folder).await?;
    asked
}

async fn ask_in(
    ground: &Ground<'_>,
    exchanges: &[Exchange],
    dialect: &str,
    stopping: &AtomicBool,
    count: &mut Count,
) -> Result<(), CannotRun> {
    for (number, exchange) in exchanges.iter().enumerate() {
        if !exchange.is_in(dialect) {
            continue;
        }
        if stopping.load(Ordering::SeqCst) {
            return Err(CannotRun(INTERRUPTED.to_owned()));
        }
        let came = replay(ground, exchange, dialect, number).await;
        // What rests on a choice, or is contradicted by a source that is accepted, need not be so where the choice
        // cannot be made.
        let has_choices = !exchange.assumptions.is_empty();
        let is_expected = match ground.target.clock.controls() {
            Some(_) => has_choices || exchange.disagrees_with.is_none(),
            None => !has_choices && exchange.disagrees_with.is_none(),
        };
        let what = format!("{dialect} {}", exchange.what);
        match came {
            Came::AsSeen => {
                count.as_seen += 1;
                println!("as seen    {what}");
            }
            Came::Otherwise(_) if !is_expected => {
                count.not_asked += 1;
                println!("not so     {what}: it rests on a choice, or another source is accepted");
            }
            Came::Otherwise(why) => {
                count.otherwise += 1;
                println!("OTHERWISE  {what} ({}): {why}", exchange.source);
            }
            Came::NotAsked(why) => {
                count.not_asked += 1;
                println!("not asked  {what}: {why}");
            }
        }
    }
    Ok(())
}

/// Makes the folder for all; gives the dialect in which the target said so.
async fn make_folder(target: &Target, folder: &str) -> Result<Option<Dialect>, CannotRun> {
    let reply = call(target, "files/create_folder_v2", folder).await?;
    if reply.0 != 200 {
        return Err(CannotRun(format!(
            "No folder can be made for the exchanges: files/create_folder_v2 answers {}.",
            reply.0
        )));
    }
    Ok(Dialect::of(&reply.1))
}

async fn delete_folder(target: &Target, folder: &str) -> Result<(), CannotRun> {
    let (status, _) = call(target, "files/delete_v2", folder).await?;
    if status == 200 {
        return Ok(());
    }
    Err(CannotRun(format!(
        "The folder {folder} could not be deleted (status {status}): delete it by hand."
    )))
}

async fn call(target: &Target, route: &str, path: &str) -> Result<(u16, Vec<u8>), CannotRun> {
    let request = Request::post(format!("{}/2/{route}", target.api))
        .header(
            "Authorization",
            format!("Bearer {}", target.tokens.main.expose()),
        )
        .content_type("application/json")
        .body(json!({ "path": path }).to_string());
    let reply = target.client.send(request).await;
    let reply = reply.map_err(|error| CannotRun(format!("{route} gives no answer: {error}.")))?;
    Ok((reply.status, reply.body.to_vec()))
}
