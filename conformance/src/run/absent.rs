//! What somebody's fake does not have: a route that is not there is one red line in each chapter that needs
//! it, and no reason to judge the same absence case by case.

use std::collections::HashSet;

use crate::run::outcome::{CaseReport, Outcome};
use crate::secrecy::normaliser::Normaliser;
use crate::talk::quoted::quoted;
use crate::talk::transcript::{Came, Content, Exchange};

/// A route that nobody has: how a target answers to it is how it answers to each that it lacks.
pub const NOBODYS: &str = "files/conformance_no_such_route";

/// How a target answers where it has no route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub status: u16,
    /// The body, as it may be shown.
    pub body: String,
}

/// What is known of the routes of a target.
#[derive(Debug, Default)]
pub struct Absent {
    unknown: Option<Unknown>,
    /// Routes that have answered otherwise.
    there: HashSet<String>,
    /// The chapters and routes of which it was said.
    told: HashSet<(String, String)>,
}

impl Absent {
    /// Of a target that answers like this where it has no route; nothing is looked for without.
    pub fn answering(unknown: Option<Unknown>) -> Self {
        Self {
            unknown,
            ..Self::default()
        }
    }

    /// The first case of a chapter that went wrong because a route is not there says so; the next ones are
    /// skipped for it.
    pub fn fold(&mut self, mut report: CaseReport, normaliser: &Normaliser) -> CaseReport {
        let Some(unknown) = &self.unknown else {
            return report;
        };
        for exchange in &report.exchanges.exchanges {
            if let (Some(route), false) = (route(exchange), unknown.is_answer_of(exchange)) {
                self.there.insert(route.to_owned());
            }
        }
        let decisive = report.decisive().filter(|_| report.outcome.is_red());
        let missing = decisive.filter(|exchange| unknown.is_answer_of(exchange));
        let missing = missing.and_then(route).map(str::to_owned);
        let Some(route) = missing.filter(|route| !self.there.contains(route)) else {
            return report;
        };
        let chapter = report
            .id
            .rsplit_once('/')
            .map_or("", |(chapter, _)| chapter);
        let text = if self.told.insert((chapter.to_owned(), route.clone())) {
            let body = quoted(&unknown.body);
            format!(
                "the target has no {route}: it answers {} {body}, as to a route that nobody has",
                unknown.status
            )
        } else {
            report.outcome = Outcome::Skipped;
            format!("the target has no {route}, which another case of the chapter says")
        };
        report.detail = Some(normaliser.text(&text));
        report
    }
}

impl Unknown {
    /// The answer to [`NOBODYS`].
    pub fn of(status: u16, shown: &str) -> Self {
        Self {
            status,
            body: shown.replace(NOBODYS, "<route>"),
        }
    }

    fn is_answer_of(&self, exchange: &Exchange) -> bool {
        let (Came::Answer(answer), Some(route)) = (&exchange.outcome, route(exchange)) else {
            return false;
        };
        let body = match &answer.body {
            Content::Empty => String::new(),
            Content::Text(text) => text.as_str().replace(route, "<route>"),
            Content::Bytes { .. } => return false,
        };
        answer.status == self.status && body == self.body
    }
}

/// `files/upload` of an exchange with it.
fn route(exchange: &Exchange) -> Option<&str> {
    let (_, path) = exchange
        .request
        .url
        .as_str()
        .split_once("://")?
        .1
        .split_once('/')?;
    path.strip_prefix("2/")?.split('?').next()
}
