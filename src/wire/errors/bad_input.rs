//! The plain texts of 400 answers (API-29 to API-69). No newline ends them (API-30).

use std::fmt;

use crate::wire::dialect::{BadInputText, Dialect, PLACEHOLDER};

/// The style of a route decides which content types it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// The argument is the body (API-06).
    Rpc,
    /// The argument is in a header, the body is content (API-10).
    Upload,
    /// The argument is in a header, the body is empty (API-15, API-17).
    Download,
}

impl Style {
    /// The values of `Content-Type` that are accepted, as the texts list them. The whole value is
    /// compared, letter by letter. No text for downloads was ever recorded (AQ-06).
    pub const fn content_types(self) -> &'static [&'static str] {
        match self {
            Self::Rpc => &[
                "application/json",
                "application/json; charset=utf-8",
                "text/plain; charset=dropbox-cors-hack",
            ],
            Self::Upload => &[
                "application/octet-stream",
                "text/plain; charset=dropbox-cors-hack",
            ],
            Self::Download => &["application/octet-stream"],
        }
    }
}

/// Where an argument came from (API-32).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArgumentPlace {
    Body,
    /// `Dropbox-API-Arg`.
    Header,
    /// `arg` in the query; its spelling in texts is assumed.
    Query,
    /// `Dropbox-API-Path-Root` (API-265).
    PathRoot,
}

impl fmt::Display for ArgumentPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Body => "request body",
            Self::Header => "HTTP header \"Dropbox-API-Arg\"",
            Self::Query => "URL parameter \"arg\"",
            Self::PathRoot => "Dropbox-API-Path-Root",
        })
    }
}

/// Why a request got a 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadInput<'a> {
    /// No `Authorization` (API-36).
    MissingAuthorization,
    /// An `Authorization` that does not hold a bearer token (API-37, API-38).
    InvalidAuthorization { value: &'a str },
    /// A bearer token with a space or a quote in it (API-280).
    InvalidBearer { value: &'a str },
    /// The same in the newest wording (API-39), used for an empty value and for `authorization` in
    /// the query without `reject_cors_preflight=true` (API-22).
    InvalidAuthorizationAnywhere,
    /// A token of impossible shape, until 2019 (API-40). It is a 401 today.
    MalformedToken,
    /// An `Authorization` for a route that takes none (API-263).
    UnusedAuthorization,
    /// A `Content-Type` that the style does not take (API-41, API-42).
    ContentType { style: Style, value: &'a str },
    /// No `Content-Type` where one is needed (API-43). The tail is assumed (AQ-05).
    MissingContentType { style: Style },
    /// No argument (API-44).
    MissingArgument,
    /// An argument that is not JSON or breaks its schema (API-45 to API-60).
    Argument {
        place: ArgumentPlace,
        message: &'a str,
    },
    /// A cursor that this service did not write (API-61).
    Cursor { cursor: &'a str },
    /// The same on the notify host (API-62).
    CursorType,
    /// A route that is not there (API-63).
    UnknownRoute,
    /// A route asked on the wrong host (API-64).
    WrongHost { host: &'a str },
    /// A download with a body (API-65).
    BodyNotEmpty { body: &'a str },
    /// The type of app may not call this (API-66).
    AppNotAllowed,
    /// The app lacks a scope (API-67).
    MissingAppScope {
        scope: &'a str,
        /// The number of the app, which only the text of 2026 shows.
        app_id: Option<u64>,
    },
    /// A team's token without a member to act for (API-68). The address at the end was cut in every
    /// report.
    TeamToken,
    /// A path root from an app that lives in its folder (API-69).
    PathRootForAppFolder,
}

impl BadInput<'_> {
    /// Its text for `route`, which is named without `/2/` (API-29, API-31).
    pub fn text(&self, route: &str) -> BadInputText {
        let name = Dialect::Y2025.function_name(route).0;
        let print = |input: &Self| Named { route: name, input }.to_string();
        let (older, today) = match *self {
            Self::MissingAppScope { scope, .. } => {
                let app_id = None;
                (Self::MissingAppScope { scope, app_id }, Some(print(self)))
            }
            Self::InvalidAuthorizationAnywhere => (*self, Some(print(self))),
            // How it ends nobody has told.
            Self::InvalidBearer { .. } => {
                let known = print(&Self::InvalidAuthorizationAnywhere);
                let today = format!("{known} {}", PLACEHOLDER.trim_end());
                (*self, Some(today))
            }
            _ => (*self, None),
        };
        BadInputText {
            today,
            is_missing_scope: matches!(self, Self::MissingAppScope { .. }),
            ..BadInputText::new(route, print(&older))
        }
    }
}

/// Two of the texts name the route a second time.
struct Named<'a> {
    route: &'a str,
    input: &'a BadInput<'a>,
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let route = self.route;
        match *self.input {
            BadInput::MissingAuthorization => formatter.write_str(
                "Must provide HTTP header \"Authorization\" or URL parameter \"authorization\".",
            ),
            BadInput::InvalidAuthorization { value } => write!(
                formatter,
                "Invalid authorization value in HTTP header \"Authorization\": \"{}\".  Expecting \
                 \"Bearer <oauth2-access-token>\".",
                shortened(value)
            ),
            BadInput::InvalidBearer { value } => write!(
                formatter,
                "Invalid authorization value in HTTP header \"Authorization\": \"{}\".  Expecting \
                 \"Bearer <oauth2-access-token>\".",
                value.replace('"', "\\\"")
            ),
            BadInput::InvalidAuthorizationAnywhere => {
                formatter.write_str("Invalid authorization value in HTTP header/URL parameter")
            }
            BadInput::UnusedAuthorization => formatter.write_str(
                "Your request includes an Authorization header, but this function does not use it.",
            ),
            BadInput::MalformedToken => {
                formatter.write_str("The given OAuth 2 access token is malformed.")
            }
            BadInput::ContentType { style, value } => {
                write!(formatter, "Bad HTTP \"Content-Type\" header: \"{value}\".")?;
                expecting(formatter, style)
            }
            BadInput::MissingContentType { style } => {
                formatter.write_str("Missing or empty HTTP \"Content-Type\" header.")?;
                expecting(formatter, style)
            }
            BadInput::MissingArgument => formatter.write_str(
                "Must provide HTTP header \"Dropbox-API-Arg\" or URL parameter \"arg\".",
            ),
            BadInput::Argument { place, message } => write!(formatter, "{place}: {message}"),
            BadInput::Cursor { cursor } => {
                write!(formatter, "Invalid \"cursor\" parameter: '{cursor}'")
            }
            BadInput::CursorType => {
                formatter.write_str("request body: cursor: unsupported cursor type")
            }
            BadInput::UnknownRoute => write!(formatter, "Unknown API function: /2/{route}"),
            BadInput::WrongHost { host } => write!(
                formatter,
                "Incorrect host for API function \"{route}\".  You must issue the request to \
                 \"{host}\"."
            ),
            BadInput::BodyNotEmpty { body } => write!(
                formatter,
                "The request body is supposed to be empty, but it isn't; got {}",
                serde_json::Value::from(body)
            ),
            BadInput::AppNotAllowed => {
                formatter.write_str("Your API app is not allowed to call this function.")
            }
            BadInput::MissingAppScope { scope, app_id } => {
                formatter.write_str("Your app ")?;
                if let Some(id) = app_id {
                    write!(formatter, "(ID: {id}) ")?;
                }
                write!(
                    formatter,
                    "is not permitted to access this endpoint because it does not have the \
                     required scope '{scope}'. The owner of the app can enable the scope for the \
                     app using the Permissions tab on the App Console."
                )
            }
            BadInput::TeamToken => formatter.write_str(
                "This API function operates on a single Dropbox account, but the OAuth 2 access \
                 token you provided is for an entire Dropbox Business team. Since your API app key \
                 has team member file access permissions, you can operate on a team member's \
                 Dropbox by providing the \"Dropbox-API-Select-User\" HTTP header or \
                 \"select_user\" URL parameter to specify the exact user <https://…>.",
            ),
            BadInput::PathRootForAppFolder => {
                formatter.write_str("Path root is not supported for sandbox app.")
            }
        }
    }
}

fn expecting(formatter: &mut fmt::Formatter<'_>, style: Style) -> fmt::Result {
    write!(
        formatter,
        "  Expecting one of \"{}\".",
        style.content_types().join("\", \"")
    )
}

/// A long value is cut, so that no token ends up in a log. The one recorded text keeps five
/// characters (API-38); from which length on it is cut is assumed.
fn shortened(value: &str) -> String {
    const LONGEST: usize = 10;
    const KEPT: usize = 5;
    if value.chars().count() <= LONGEST {
        value.to_owned()
    } else {
        value.chars().take(KEPT).chain("...".chars()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::BadInput::*;
    use super::*;

    const fn argument(place: ArgumentPlace, message: &'static str) -> BadInput<'static> {
        Argument { place, message }
    }

    #[rustfmt::skip]
    const RECORDED: &[(&str, &str, BadInput<'static>, &str)] = &[
        ("API-36", "files/upload", MissingAuthorization, r#"Must provide HTTP header "Authorization" or URL parameter "authorization"."#),
        ("API-37", "files/list_folder", InvalidAuthorization { value: "Bearer" }, r#"Invalid authorization value in HTTP header "Authorization": "Bearer".  Expecting "Bearer <oauth2-access-token>"."#),
        ("API-38", "files/upload", InvalidAuthorization { value: "sl.BlAbCdEfGh", }, r#"Invalid authorization value in HTTP header "Authorization": "sl.Bl...".  Expecting "Bearer <oauth2-access-token>"."#),
        ("API-39", "files/list_folder", InvalidAuthorizationAnywhere, "Invalid authorization value in HTTP header/URL parameter"),
        ("API-40", "users/get_current_account", MalformedToken, "The given OAuth 2 access token is malformed."),
        ("API-263", "files/list_folder/longpoll", UnusedAuthorization, "Your request includes an Authorization header, but this function does not use it."),
        ("API-41", "files/upload", ContentType { style: Style::Upload, value: "application/x-www-form-urlencoded", }, r#"Bad HTTP "Content-Type" header: "application/x-www-form-urlencoded".  Expecting one of "application/octet-stream", "text/plain; charset=dropbox-cors-hack"."#),
        ("API-42", "files/delete", ContentType { style: Style::Rpc, value: "application/x-www-form-urlencoded", }, r#"Bad HTTP "Content-Type" header: "application/x-www-form-urlencoded".  Expecting one of "application/json", "application/json; charset=utf-8", "text/plain; charset=dropbox-cors-hack"."#),
        ("API-43", "files/upload", MissingContentType { style: Style::Upload, }, r#"Missing or empty HTTP "Content-Type" header.  Expecting one of "application/octet-stream", "text/plain; charset=dropbox-cors-hack"."#),
        ("API-44", "files/download", MissingArgument, r#"Must provide HTTP header "Dropbox-API-Arg" or URL parameter "arg"."#),
        ("API-45", "files/upload", argument(ArgumentPlace::Header, "could not decode input as JSON"), r#"HTTP header "Dropbox-API-Arg": could not decode input as JSON"#),
        ("API-46", "users/get_current_account", argument(ArgumentPlace::Body, "could not decode input as JSON"), "request body: could not decode input as JSON"),
        ("API-32", "files/upload", argument(ArgumentPlace::Query, "unknown field 'x'"), r#"URL parameter "arg": unknown field 'x'"#),
        ("API-61", "files/list_folder/continue", Cursor { cursor: "foo" }, r#"Invalid "cursor" parameter: 'foo'"#),
        ("API-62", "files/list_folder/longpoll", CursorType, "request body: cursor: unsupported cursor type"),
        ("API-63", "files/get_metadata", UnknownRoute, "Unknown API function: /2/files/get_metadata"),
        ("API-64", "files/download", WrongHost { host: "content.dropboxapi.com", }, r#"Incorrect host for API function "files/download".  You must issue the request to "content.dropboxapi.com"."#),
        ("API-65", "files/export", BodyNotEmpty { body: r#"{"path":"/a.paper"}"# }, r#"The request body is supposed to be empty, but it isn't; got "{\"path\":\"/a.paper\"}""#),
        ("API-66", "files/permanently_delete", AppNotAllowed, "Your API app is not allowed to call this function."),
        ("API-67", "files/list_folder", MissingAppScope { scope: "files.metadata.read", app_id: None, }, "Your app is not permitted to access this endpoint because it does not have the required scope 'files.metadata.read'. The owner of the app can enable the scope for the app using the Permissions tab on the App Console."),
        ("API-67", "files/list_folder", MissingAppScope { scope: "files.metadata.read", app_id: Some(1_234_567), }, "Your app is not permitted to access this endpoint because it does not have the required scope 'files.metadata.read'. The owner of the app can enable the scope for the app using the Permissions tab on the App Console."),
        ("API-68", "users/get_current_account", TeamToken, r#"This API function operates on a single Dropbox account, but the OAuth 2 access token you provided is for an entire Dropbox Business team. Since your API app key has team member file access permissions, you can operate on a team member's Dropbox by providing the "Dropbox-API-Select-User" HTTP header or "select_user" URL parameter to specify the exact user <https://…>."#),
        ("API-69", "files/list_folder", PathRootForAppFolder, "Path root is not supported for sandbox app."),
    ];

    #[test]
    fn every_recorded_text_comes_out_letter_by_letter() {
        for &(rule, route, input, expected) in RECORDED {
            let expected = format!("Error in call to API function \"{route}\": {expected}");
            assert_eq!(input.text(route).print(Dialect::Y2025), expected, "{rule}");
        }
    }

    #[test]
    fn the_text_of_2026_shows_the_number_of_the_app_that_lacks_a_scope() {
        let (scope, app_id) = ("files.content.write", Some(1_234_567));
        let text = MissingAppScope { scope, app_id }.text("files/upload");
        let of = |dialect| {
            text.print(dialect)
                .contains("Your app (ID: 1234567) is not")
        };
        assert_eq!((of(Dialect::Y2025), of(Dialect::Y2026)), (false, true));
    }

    #[test]
    fn texts_are_as_long_as_recorded() {
        // API-30
        let form = "application/x-www-form-urlencoded";
        for (length, route, input) in [
            (
                228,
                "files/delete",
                ContentType {
                    style: Style::Rpc,
                    value: form,
                },
            ),
            (
                89,
                "files/delete",
                Argument {
                    place: ArgumentPlace::Body,
                    message: "missing required field 'path'",
                },
            ),
            (105, "files/list_folder/longpoll", CursorType),
        ] {
            assert_eq!(
                input.text(route).print(Dialect::Y2025).len(),
                length,
                "{input:?}"
            );
        }
    }
}
