//! Which row of the mint's table of refused arguments a refusal is (UL-37 to UL-77).

use super::fault::{Fault, FaultKind};
use super::json::Json;

/// The rules that give the text of this fault of `files/get_temporary_upload_link`, or its place
/// among several; none where the table has no row for it.
///
/// ```
/// use fake_dropbox::internals::wire::routes::argument_type;
/// use fake_dropbox::internals::wire::decode::{Options, decode};
/// use fake_dropbox::internals::wire::json::Json;
/// use fake_dropbox::internals::wire::mint_rows;
///
/// let mint = argument_type("files/get_temporary_upload_link").expect("a route");
/// let argument = Json::parse(br#"{"commit_info":{"path":"/a"},"duration":59}"#).expect("JSON");
/// let fault = decode(mint, &argument, Options::default()).expect_err("too short");
/// assert_eq!(mint_rows::of(&argument, &fault), ["UL-39"]);
/// ```
pub fn of(argument: &Json, fault: &Fault) -> Vec<&'static str> {
    let place = fault.place();
    let mut names = place.split('.').filter(|name| !name.is_empty());
    let value = names.try_fold(argument, |value, name| value.member(name));
    let text = match (place.as_str(), value) {
        ("", _) => at_the_top(fault.kind),
        ("commit_info", _) => in_commit_info(fault),
        ("duration", Some(value)) => duration(value),
        ("commit_info.path", Some(value)) => path(value),
        ("commit_info.mode", Some(value)) => mode(value, fault.kind),
        ("commit_info.autorename", Some(Json::String(_))) => Some("UL-59"),
        ("commit_info.autorename", Some(Json::Null)) => Some("UL-61"),
        ("commit_info.autorename", _) => Some("UL-60"),
        ("commit_info.strict_conflict", _) => Some("UL-62"),
        ("commit_info.client_modified", Some(Json::String(_))) => Some("UL-57"),
        // Python's insides show.
        ("commit_info.client_modified", _) => Some("UL-77"),
        ("commit_info.property_groups", _) if fault.kind == FaultKind::List => Some("UL-77"),
        _ => None,
    };
    text.into_iter().chain(order(argument, &place)).collect()
}

/// Why this fault is told and not another one that may be there.
fn order(argument: &Json, place: &str) -> Option<&'static str> {
    let Json::Object(members) = argument else {
        return None;
    };
    let at = |wanted| members.iter().position(|(name, _)| name == wanted);
    match (at("commit_info"), at("duration")) {
        // A bad value goes before a missing field.
        (None, _) if place == "duration" => Some("UL-67"),
        // The order is that of the declaration, not of the text.
        (Some(info), Some(duration)) if duration < info && place.starts_with("commit_info") => {
            Some("UL-68")
        }
        _ => None,
    }
}

fn at_the_top(kind: FaultKind) -> Option<&'static str> {
    match kind {
        FaultKind::UnknownField => Some("UL-65"),
        FaultKind::MissingField => Some("UL-66"),
        FaultKind::NotAnObject => Some("UL-71"),
        _ => None,
    }
}

fn in_commit_info(fault: &Fault) -> Option<&'static str> {
    match fault.kind {
        // It belongs to `files/upload` (UL-21).
        FaultKind::UnknownField if fault.message() == "unknown field 'content_hash'" => {
            Some("UL-64")
        }
        FaultKind::UnknownField => Some("UL-63"),
        FaultKind::MissingField => Some("UL-69"),
        FaultKind::NotAnObject => Some("UL-70"),
        _ => None,
    }
}

fn duration(value: &Json) -> Option<&'static str> {
    Some(match value {
        Json::Null => "UL-43",
        Json::Boolean(_) => "UL-44",
        Json::Float(seconds) if seconds.is_nan() => "UL-45",
        Json::Float(seconds) if seconds.is_infinite() => "UL-46",
        Json::Float(seconds) if *seconds > 60.0 => "UL-41",
        Json::Integer(seconds) if *seconds > 60 => "UL-40",
        Json::Float(_) | Json::Integer(_) => "UL-39",
        Json::HugeInteger(_) => return None,
        Json::String(_) | Json::List(_) | Json::Object(_) => "UL-42",
    })
}

fn path(value: &Json) -> Option<&'static str> {
    Some(match value {
        Json::Null => "UL-74",
        Json::String(path) if path.is_empty() || path.starts_with("rev:") => "UL-76",
        Json::String(_) => "UL-72",
        _ => "UL-73",
    })
}

fn mode(value: &Json, kind: FaultKind) -> Option<&'static str> {
    let tag = match value {
        Json::String(tag) if tag == "update" => return Some("UL-47"),
        Json::String(_) => return Some("UL-50"),
        Json::Object(_) => value.member(".tag"),
        _ => return Some("UL-54"),
    };
    let Some(tag) = tag else {
        return Some("UL-49");
    };
    let Json::String(tag) = tag else {
        return Some("UL-55");
    };
    match (tag.as_str(), kind, value.member(tag)) {
        ("update", FaultKind::Length, _) => Some("UL-51"),
        ("update", FaultKind::Pattern, _) => Some("UL-52"),
        ("update", FaultKind::Union, None) => Some("UL-48"),
        ("add" | "overwrite", FaultKind::Union, Some(own)) if *own != Json::Null => Some("UL-56"),
        ("update" | "add" | "overwrite", FaultKind::Union, _) => Some("UL-53"),
        (_, FaultKind::Union, _) => Some("UL-50"),
        _ => None,
    }
}
