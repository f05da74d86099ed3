//! The argument of an operation and whom it concerns, from a request.

use crate::control::operations::{ControlError, ErrorKind, Row};
use crate::control::scope::Scope;
use crate::control::secrets::{Alias, SecretKind};
use crate::dropbox::credentials::Holder;
use crate::server::http::exchange::Exchange;
use serde_json::{Map, Value};

fn bad(detail: impl Into<String>) -> ControlError {
    ControlError::new(ErrorKind::BadArgument, detail)
}

/// Whom a call concerns: the account of its bearer token or of `?account=`; all without either.
pub fn scope(exchange: &Exchange) -> Result<Scope, ControlError> {
    let by_token = exchange.header("authorization").map(|value| {
        let token = value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .filter(|token| !token.is_empty())
            .ok_or_else(|| {
                bad("'Authorization' names an account by its access token: Bearer <token>.")
            })?;
        let mut credentials = exchange.app().world().credentials();
        let grant = credentials
            .grant(token)
            .ok_or_else(|| bad("The access token was not declared on this server, or has characters that no bearer token has."))?;
        match &grant.holder {
            Holder::User(name) => Ok(Scope::Account(name.clone())),
            Holder::Team(_) => Err(bad(
                "A team's token names no account: name one of its members with '?account='.",
            )),
        }
    });
    let by_name = exchange
        .query_parameter("account")
        .map(|name| match name.parse::<Alias>() {
            Ok(alias) if alias.kind == SecretKind::Account => exchange
                .app()
                .aliases
                .secret(alias)
                .map(|name| super::account_scope(name.expose()))
                .ok_or_else(|| {
                    ControlError::new(ErrorKind::NotFound, format!("No account is {alias}."))
                }),
            _ if name.is_empty() => Err(bad("'account' is empty.")),
            _ => Ok(super::account_scope(&name)),
        });
    match (by_token.transpose()?, by_name.transpose()?) {
        (Some(token), Some(name)) if token != name => Err(bad(
            "The access token and 'account' name different accounts; give one of them.",
        )),
        (Some(scope), _) | (None, Some(scope)) => Ok(scope),
        (None, None) => Ok(Scope::All),
    }
}

/// The only parameter that a call takes besides the account.
pub fn only(exchange: &Exchange, name: &str) -> Result<String, ControlError> {
    let parameters = parameters(exchange);
    if let Some((unknown, _)) = parameters.iter().find(|(other, _)| other != name) {
        return Err(bad(format!(
            "unknown parameter '{unknown}', expected '{name}'."
        )));
    }
    let found = exchange.query_parameter(name);
    found.ok_or_else(|| bad(format!("The parameter '{name}' is missing.")))
}

/// An argument in a body. Nothing at all is an argument without fields.
pub fn from_body(exchange: &Exchange, body: Option<&[u8]>) -> Result<Value, ControlError> {
    if let Some((unknown, _)) = parameters(exchange).first() {
        return Err(bad(format!(
            "The argument of this operation is its JSON body; the parameter '{unknown}' means nothing here."
        )));
    }
    let body = body.ok_or_else(|| bad("The argument is too large."))?;
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let argument: Value = serde_json::from_slice(body)
        .map_err(|error| bad(format!("The body is not JSON: {error}.")))?;
    if !argument.is_object() {
        return Err(bad(
            "The argument of an operation is a JSON object: {} where there is nothing to say.",
        ));
    }
    Ok(argument)
}

/// An argument in the query: a number or a yes and no where the operation wants one, else a text.
pub fn from_query(exchange: &Exchange, row: &Row) -> Result<Value, ControlError> {
    let mut argument = Map::new();
    for (name, text) in parameters(exchange) {
        let value = if row.flags.contains(&&*name) && text.is_empty() {
            Value::Bool(true)
        } else if row.flags.contains(&&*name) || row.numbers.contains(&&*name) {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        } else {
            Value::String(text)
        };
        if argument.insert(name.clone(), value).is_some() {
            return Err(bad(format!("The parameter '{name}' is given twice.")));
        }
    }
    Ok(Value::Object(argument))
}

fn parameters(exchange: &Exchange) -> Vec<(String, String)> {
    form_urlencoded::parse(exchange.query().as_bytes())
        .into_owned()
        .filter(|(name, _)| name != "account")
        .collect()
}

/// The entry of the journal after which somebody wants to go on.
pub fn since(exchange: &Exchange) -> Result<Option<u64>, ControlError> {
    if let Some((unknown, _)) = parameters(exchange)
        .iter()
        .find(|(name, _)| name != "since")
    {
        return Err(bad(format!(
            "unknown parameter '{unknown}', expected 'since'."
        )));
    }
    let given = exchange.query_parameter("since");
    let given = given.or_else(|| exchange.header("last-event-id").map(str::to_owned));
    let number = given.map(|text| {
        let number = text.parse();
        number.map_err(|_| {
            bad(format!(
                "'since' is the number of an entry of the journal, not '{text}'."
            ))
        })
    });
    number.transpose()
}
