//! Asks one exchange of a target.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::form::{Answer, Exchange, Host, Step, Who};
use super::symbols::Symbols;
use crate::http::{Reply, Request};
use crate::safety::confine::{Confinement, may_name_the_root};
use crate::secrecy::normaliser::Normaliser;
use crate::secrecy::secret::Secret;
use crate::targets::control::Controls;
use crate::targets::{Target, declared};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// Every answer was as it was seen.
    AsSeen,
    /// Not so: which answer came instead of which.
    Otherwise(String),
    /// It cannot be asked of this target.
    NotAsked(String),
}

/// Where exchanges take place on a target.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    pub target: &'a Target,
    /// The folder for them all, on a target without controls. One with controls gives each exchange an account of its
    /// own instead.
    pub folder: String,
    /// Whether the choices that an exchange names are made where the target's controls can make them.
    pub assume: bool,
}

const AGENT: &str = concat!(
    "fake-dropbox-conformance/",
    env!("CARGO_PKG_VERSION"),
    " (exchanges)"
);

/// Asks it in this dialect; `number` tells it from the others of the run.
pub async fn replay(
    ground: &Ground<'_>,
    exchange: &Exchange,
    dialect: &str,
    number: usize,
) -> Came {
    let prepared = match ground.target.clock.controls() {
        Some(controls) => own_accounts(ground, controls, exchange, dialect).await,
        None => own_folder(ground, exchange, number),
    };
    let mut replay = match prepared {
        Ok(replay) => replay,
        Err(why) => return Came::NotAsked(why),
    };
    for step in &exchange.steps {
        match replay.step(step).await {
            Came::AsSeen => {}
            Came::Otherwise(_) if replay.lacks_a_route && !exchange.faked => {
                return Came::NotAsked("the target does not have the route".to_owned());
            }
            other => return other,
        }
    }
    Came::AsSeen
}

/// One exchange under way.
struct Replay<'a> {
    target: &'a Target,
    symbols: Symbols,
    tokens: BTreeMap<Option<Who>, Secret>,
    /// On a target that may be somebody's: what the exchange may touch.
    confinement: Option<Confinement>,
    normaliser: Normaliser,
    /// Whether a route was answered with 501, as the fake does where it has none.
    lacks_a_route: bool,
}

/// Whoever calls in it.
fn callers(exchange: &Exchange) -> Vec<Option<Who>> {
    let of_steps = exchange.steps.iter().map(|step| step.who);
    let mut callers: Vec<_> = of_steps.filter(|who| *who != Some(Who::Nobody)).collect();
    callers.push(None);
    callers.sort();
    callers.dedup();
    callers
}

async fn own_accounts<'a>(
    ground: &Ground<'a>,
    controls: &Controls,
    exchange: &Exchange,
    dialect: &str,
) -> Result<Replay<'a>, String> {
    let target = ground.target;
    let of_nobody = |step: &Step| step.who == Some(Who::Nobody) || step.unknown_token.is_some();
    if exchange.steps.iter().any(of_nobody)
        && controls.dialect_of_strangers().await.as_deref() != Some(dialect)
    {
        return Err(format!(
            "the target answers strangers in another dialect than {dialect}"
        ));
    }
    let mut assumptions = json!({ "dialect": dialect });
    if ground.assume {
        for (name, value) in &exchange.assumptions {
            assumptions[name] = value.clone();
        }
    }
    let mut tokens = BTreeMap::new();
    for who in callers(exchange) {
        let kind = match who {
            Some(Who::Special(kind)) => Some(kind),
            _ => None,
        };
        let declared = declared::declare_special(kind, controls, &target.vault).await;
        let (token, account) =
            declared.ok_or("the target does not declare a token of the kind that it needs")?;
        controls
            .for_account_named(&account, "POST", "assumptions", &assumptions)
            .await?;
        if let Some(bytes) = exchange.quota {
            let quota = json!({ "bytes": bytes });
            controls
                .for_account_named(&account, "PUT", "quota", &quota)
                .await?;
        }
        tokens.insert(who, token);
    }
    Ok(Replay {
        target,
        symbols: Symbols::in_folder("").with("<app>", declared::APP_WITH_FOLDER),
        tokens,
        confinement: None,
        normaliser: Normaliser::new(target.vault.clone(), ""),
        lacks_a_route: false,
    })
}

fn own_folder<'a>(
    ground: &Ground<'a>,
    exchange: &Exchange,
    number: usize,
) -> Result<Replay<'a>, String> {
    let target = ground.target;
    if exchange.quota.is_some() {
        return Err(
            "it needs an account of a certain size, which a fake's controls make".to_owned(),
        );
    }
    let revokes = |step: &Step| step.route == "auth/token/revoke";
    if exchange.steps.iter().any(revokes) {
        return Err("it would revoke the token of the run".to_owned());
    }
    let mut tokens = BTreeMap::new();
    for who in callers(exchange) {
        let token = match who {
            Some(Who::Second) => target.tokens.second.as_ref(),
            Some(Who::Special(kind)) => target.tokens.special.get(&kind),
            _ => Some(&target.tokens.main),
        };
        let token = token.ok_or(
            "there is no token of the kind that it needs: give --second-token-env or --special-token KIND=NAME",
        )?;
        tokens.insert(who, token.clone());
    }
    let root = format!("{}/{number}", ground.folder);
    Ok(Replay {
        target,
        symbols: Symbols::in_folder(&root),
        tokens,
        confinement: Some(Confinement::to(&ground.folder)),
        normaliser: Normaliser::new(target.vault.clone(), &root),
        lacks_a_route: false,
    })
}

impl Replay<'_> {
    async fn step(&mut self, step: &Step) -> Came {
        let request = match self.request(step) {
            Ok(request) => request,
            Err(why) => return Came::NotAsked(why),
        };
        let reply = match self.send(request).await {
            Ok(reply) => reply,
            Err(error) => {
                return Came::Otherwise(format!("{} gives no answer: {error}", step.route));
            }
        };
        self.lacks_a_route |= reply.status == 501;
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        if let Ok(json) = serde_json::from_str(&body) {
            if let Some(confinement) = &mut self.confinement {
                confinement.learn(&json);
            }
            self.normaliser.learn(&json);
        }
        if step.unknown_token.is_some() && reply.status != 401 && reply.status != 400 {
            return Came::NotAsked("the target takes any token".to_owned());
        }
        let is_as_seen = match &step.answer {
            Some(answer) => self.holds(answer, &reply, &body),
            None => reply.status == 200,
        };
        if is_as_seen {
            return Came::AsSeen;
        }
        let wanted = step.answer.as_ref().map_or_else(
            || "200".to_owned(),
            |answer| {
                shown(
                    answer.status,
                    answer.content_type(),
                    &answer.headers,
                    &answer.body,
                )
            },
        );
        let named = step.answer.iter().flat_map(|answer| answer.headers.keys());
        let headers = named.map(|name| (name.clone(), reply.header(name).map(str::to_owned)));
        let content_type = reply.header("content-type").unwrap_or("no Content-Type");
        let came = shown(reply.status, content_type, &headers.collect(), &body);
        Came::Otherwise(format!(
            "{} answers\n  {}\ninstead of\n  {wanted}",
            step.route,
            self.normaliser.text(&came).as_str()
        ))
    }

    fn holds(&mut self, answer: &Answer, reply: &Reply, body: &str) -> bool {
        let is_json_alike = reply.status == answer.status
            && reply.header("content-type").unwrap_or_default() == answer.content_type();
        let headers_hold =
            answer
                .headers
                .iter()
                .all(|(name, value)| match (value, reply.header(name)) {
                    (None, None) => true,
                    (Some(recorded), Some(came)) => self.symbols.hold(recorded, came),
                    _ => false,
                });
        is_json_alike && headers_hold && self.symbols.hold(&answer.body, body)
    }

    fn request(&self, step: &Step) -> Result<Request, String> {
        let argument = step
            .text
            .clone()
            .unwrap_or_else(|| step.argument.to_string());
        let argument = self.symbols.fill(&argument)?;
        self.stays_inside(&step.route, &argument)?;
        let in_header = step.content.is_some() || step.download;
        let host = step
            .host
            .unwrap_or(if in_header { Host::Content } else { Host::Api });
        let is_link = step.route.starts_with('<');
        let origin = match host {
            // It is on a host of its own.
            Host::Api if step.route == "files/list_folder/longpoll" => self.target.notify(),
            Host::Api => self.target.api.clone(),
            Host::Content => self.target.content.clone(),
        };
        let url = if is_link {
            self.symbols.fill(&step.route)?
        } else if step.route.starts_with("oauth2/") {
            format!("{origin}/{}", step.route)
        } else {
            format!("{origin}/2/{}", step.route)
        };
        let mut request = Request::new(step.method.as_str(), url).header("User-Agent", AGENT);
        if step.host.is_some() && !self.target.has_hosts_apart() {
            request = request.header("Host", host.name());
        }
        if let Some(token) = &step.unknown_token {
            request = request.header("Authorization", format!("Bearer {token}"));
        } else if !is_link && step.who != Some(Who::Nobody) {
            let token = self.tokens[&step.who].expose();
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        request = match &step.content {
            Some(content) => request
                .content_type("application/octet-stream")
                .body(content.clone().into_bytes()),
            None if step.download => request,
            None => request
                .content_type("application/json")
                .body(argument.clone()),
        };
        if in_header && !is_link {
            request = request.header("Dropbox-API-Arg", argument);
        }
        for (name, value) in &step.headers {
            request = request.without_header(name);
            if let Some(value) = value {
                request = request.header(name, self.symbols.fill(value)?);
            }
        }
        Ok(request)
    }

    /// Nothing outside of the run's folder is named, on a target that may be somebody's.
    fn stays_inside(&self, route: &str, argument: &str) -> Result<(), String> {
        let Some(confinement) = &self.confinement else {
            return Ok(());
        };
        let argument: Value = serde_json::from_str(argument).unwrap_or_default();
        match confinement.stray(&argument) {
            Some(path) if !may_name_the_root(route, &path) || path.len() > 1 => Err(format!(
                "it names {path:?}, which is outside of the run's folder: a fake's controls give it an account"
            )),
            _ => Ok(()),
        }
    }

    /// Sends it, once more if the target is too busy.
    async fn send(&self, request: Request) -> Result<Reply, String> {
        for _ in 0..3 {
            let reply = self.target.client.send(request.clone()).await;
            let reply = reply.map_err(|error| error.to_string())?;
            let wait = reply
                .header("retry-after")
                .and_then(|text| text.parse().ok());
            match wait {
                Some(seconds @ 0..=60) if self.confinement.is_some() => {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                _ => return Ok(reply),
            }
        }
        Err("it is too busy, three times over".to_owned())
    }
}

fn shown(
    status: u16,
    content_type: &str,
    headers: &BTreeMap<String, Option<String>>,
    body: &str,
) -> String {
    let headers = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}\n  ", value.as_deref().unwrap_or("(none)")));
    format!(
        "{status} {content_type}\n  {}{body}",
        headers.collect::<String>()
    )
}
