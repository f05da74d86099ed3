//! The page of authorization in words: what it shows, what it refuses, and where it sends the browser (SH-137 to
//! SH-155).

use crate::dropbox::authorization::{AuthorizationRequest, BadAuthorization};
use crate::dropbox::credentials::AppAccess;
use crate::wire::errors::link::PLACEHOLDER;
use crate::wire::html::escaped;
use std::fmt::Write as _;

/// Why a request is none (SH-150 to SH-155), as it stands below "More details for developers".
pub fn refusal(error: &BadAuthorization) -> String {
    match error {
        BadAuthorization::ClientId(key) => format!("Invalid client_id: \"{key}\"."),
        BadAuthorization::RedirectUri => "Invalid redirect_uri. It must exactly match one of the redirect URIs you've pre-configured for your app (including the path).".to_owned(),
        BadAuthorization::NoScopes(got) => {
            format!("\"scope\": must be at most 0 characters, got {got}")
        }
        BadAuthorization::Missing(name) => format!("{PLACEHOLDER}\"{name}\" is missing or empty."),
        BadAuthorization::Value(name, value) => {
            let shown: String = value.chars().take(100).collect();
            format!("{PLACEHOLDER}\"{name}\" cannot be \"{shown}\".")
        }
        BadAuthorization::Without(name, other) => {
            format!("{PLACEHOLDER}\"{name}\" is taken together with \"{other}\" only.")
        }
    }
}

/// The rule by which it is refused.
pub fn rule(error: &BadAuthorization) -> &'static str {
    match error {
        BadAuthorization::ClientId(_) => "SH-152",
        BadAuthorization::RedirectUri => "SH-150",
        BadAuthorization::NoScopes(_) => "SH-153",
        BadAuthorization::Missing("scope") => "SH-141",
        BadAuthorization::Value("state", _) => "SH-140",
        _ => "SH-155",
    }
}

/// The page of a bad request (SH-149).
pub fn error_page(text: &str) -> String {
    page(
        "Dropbox - 400",
        &format!(
            "<h1>Error (400)</h1>\n<p>It seems the app you were using submitted a bad request. If you would like to report this error to the app's developer, include the information below.</p>\n<h2>More details for developers</h2>\n<p>{}</p>",
            escaped(text)
        ),
    )
}

/// The page that asks, with what comes back from it: the request as it was asked, and what shows that this page
/// was seen.
pub fn asking_page(
    request: &AuthorizationRequest,
    scopes: &[&str],
    asked: &str,
    proof: &str,
    account: &str,
) -> String {
    let app = escaped(&request.app.key);
    let place = match &request.app.access {
        AppAccess::FullDropbox => "the whole account".to_owned(),
        AppAccess::AppFolder(name) => format!("its own folder, /Apps/{}", escaped(name)),
    };
    let mut body = format!(
        "<h1>{app} asks for access to a Dropbox account</h1>\n<p>This is a fake Dropbox for tests.</p>\n<p>It would see {place}, and may use:</p>\n<ul>\n"
    );
    for scope in scopes {
        let _ = writeln!(body, "<li>{}</li>", escaped(scope));
    }
    body.push_str("</ul>\n");
    if request.offline {
        body.push_str("<p>It asks for access until you end it.</p>\n");
    }
    if let Some(uri) = &request.redirect_uri {
        let _ = writeln!(body, "<p>The answer goes to {}</p>", escaped(uri));
    }
    let _ = write!(
        body,
        "<form method=\"post\" action=\"authorize\">\n<input type=\"hidden\" name=\"request\" value=\"{}\">\n<input type=\"hidden\" name=\"proof\" value=\"{}\">\n\
         <p><label>Account: <input name=\"account\" value=\"{}\"></label></p>\n<button name=\"decision\" value=\"allow\">Allow</button>\n<button name=\"decision\" value=\"deny\">Cancel</button>\n</form>",
        escaped(asked),
        escaped(proof),
        escaped(account)
    );
    page(&format!("Dropbox - {app}"), &body)
}

/// The page with a code, where an app named no address to send it to (SH-139).
pub fn code_page(code: &str) -> String {
    page(
        "Dropbox - code",
        &format!(
            "<p>Enter this code into the app:</p>\n<p><code id=\"code\">{}</code></p>",
            escaped(code)
        ),
    )
}

/// A page that says one thing.
pub fn word_page(text: &str) -> String {
    page("Dropbox", &format!("<p>{}</p>", escaped(text)))
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n{body}\n</body></html>"
    )
}

/// What an app is told of a no (SH-148).
pub const DENIED: [(&str, &str); 2] = [
    ("error", "access_denied"),
    (
        "error_description",
        "The user chose not to give your app access to their Dropbox account.",
    ),
];

/// The address with these parameters: in its query, or of the implicit form in its fragment (SH-137, SH-148).
pub fn redirect(request: &AuthorizationRequest, uri: &str, said: &[(&str, &str)]) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(said);
    if let Some(state) = &request.state {
        pairs.append_pair("state", state);
    }
    let mark = match (request.implicit, uri.contains('?')) {
        (true, _) => '#',
        (false, true) => '&',
        (false, false) => '?',
    };
    format!("{uri}{mark}{}", pairs.finish())
}
