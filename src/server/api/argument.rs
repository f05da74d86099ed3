//! Where a route's argument is, and what it says.

use crate::dropbox::assumptions::{Assumptions, HeaderBytes};
use crate::server::http::exchange::Exchange;
use crate::server::http::head::content_type;
use crate::server::http::problem::{Problem, fault_rules};
use crate::wire::decode::{Options, decode};
use crate::wire::errors::bad_input::{ArgumentPlace, BadInput, Style};
use crate::wire::json::{Json, is_header_safe};
use crate::wire::routes::Route;
use crate::wire::value::Decoded;

#[derive(Debug)]
pub struct Argument {
    json: Json,
    place: ArgumentPlace,
    /// Whether nothing stands raw in its header that has to be escaped there (API-20).
    header_safe: bool,
}

/// Why an argument does not fit its route.
#[derive(Debug)]
pub struct Misfit {
    pub problem: Problem,
    /// It is a path that is the root folder, of which a path root is judged before (API-279).
    pub is_about_the_root: bool,
}

impl From<Misfit> for Problem {
    fn from(misfit: Misfit) -> Self {
        misfit.problem
    }
}

impl Argument {
    /// Judges the Content-Type of an RPC call and reads its body (API-06, API-07).
    pub fn from_body(exchange: &Exchange, route: &Route, body: &[u8]) -> Result<Self, Problem> {
        let place = ArgumentPlace::Body;
        match content_type(exchange.headers()) {
            // A call without an argument has no body and no Content-Type.
            None if body.is_empty() => {
                return Ok(Self {
                    json: Json::Null,
                    place,
                    header_safe: true,
                });
            }
            None => {
                return Err(Problem::bad_input(
                    route.name,
                    BadInput::MissingContentType { style: Style::Rpc },
                ));
            }
            Some(value) => check_content_type(route, Style::Rpc, &value)?,
        }
        let json = Json::parse(body).map_err(|_| not_json(route, place))?;
        Ok(Self {
            json,
            place,
            header_safe: true,
        })
    }

    /// Reads `Dropbox-API-Arg`, or `arg` in the query (API-09, API-22).
    pub fn from_head(exchange: &Exchange, route: &Route) -> Result<Self, Problem> {
        let mut header_safe = true;
        let (json, place) = if let Some(value) = exchange.headers().get("dropbox-api-arg") {
            header_safe = is_header_safe(value.as_bytes());
            (Json::parse(value.as_bytes()), ArgumentPlace::Header)
        } else if let Some(value) = exchange.query_parameter("arg") {
            (Json::parse(value.as_bytes()), ArgumentPlace::Query)
        } else {
            return Err(Problem::bad_input(route.name, BadInput::MissingArgument));
        };
        let json = json.map_err(|_| not_json(route, place))?;
        Ok(Self {
            json,
            place,
            header_safe,
        })
    }

    /// Holds the argument against its schema, and what its header may hold (AQ-22) in the account
    /// that it concerns.
    pub fn validate(
        &self,
        exchange: &Exchange,
        route: &Route,
        assumptions: &Assumptions,
    ) -> Result<Decoded, Misfit> {
        if !self.header_safe && assumptions.header_bytes == HeaderBytes::Strict {
            return Err(Misfit {
                problem: not_json(route, self.place),
                is_about_the_root: false,
            });
        }
        let options = Options::of(assumptions, exchange.dialect_of(assumptions));
        decode(route.argument, &self.json, options).map_err(|fault| Misfit {
            problem: Problem::BadInput {
                text: fault.text(route.name, self.place),
                rules: fault_rules(route.name, &self.json, &fault),
            },
            is_about_the_root: fault.kind.is_about_the_root(),
        })
    }

    /// The first path that the argument names, wherever it stands; for whoever looks before it is judged.
    pub fn path(&self) -> Option<&str> {
        if let Some(Json::List(paths)) = self.json.member("paths") {
            return paths.first().and_then(text);
        }
        let entry = match self.json.member("entries") {
            Some(Json::List(entries)) => entries.first()?,
            _ => &self.json,
        };
        let info = ["commit_info", "commit", "options"]
            .iter()
            .find_map(|name| entry.member(name))
            .unwrap_or(entry);
        ["path", "from_path"]
            .iter()
            .find_map(|name| text(info.member(name)?))
    }
}

fn text(json: &Json) -> Option<&str> {
    match json {
        Json::String(text) => Some(text),
        _ => None,
    }
}

/// Judges the Content-Type of an upload or a download (API-10, API-11, API-17).
pub fn check_content_type_of_content(exchange: &Exchange, route: &Route) -> Result<(), Problem> {
    let style = route.style;
    let value = content_type(exchange.headers());
    match (style, value.as_deref()) {
        (Style::Download, None | Some("")) => Ok(()),
        (_, None | Some("")) => Err(Problem::bad_input(
            route.name,
            BadInput::MissingContentType { style },
        )),
        (_, Some(value)) => check_content_type(route, style, value),
    }
}

fn check_content_type(route: &Route, style: Style, value: &str) -> Result<(), Problem> {
    if value.is_empty() {
        return Err(Problem::bad_input(
            route.name,
            BadInput::MissingContentType { style },
        ));
    }
    if style.content_types().contains(&value) {
        return Ok(());
    }
    Err(Problem::bad_input(
        route.name,
        BadInput::ContentType { style, value },
    ))
}

fn not_json(route: &Route, place: ArgumentPlace) -> Problem {
    let message = "could not decode input as JSON";
    Problem::bad_input(route.name, BadInput::Argument { place, message })
}
