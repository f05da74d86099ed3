//! A shared link in a browser: a page, or with `dl=1` and `raw=1` the way to the bytes (SH-93 to SH-108).

use crate::control::faults::Phase;
use crate::dropbox::account::Account;
use crate::dropbox::metadata::Metadata;
use crate::dropbox::path::name_of;
use crate::dropbox::shared_links::{NotOpened, Opened, Visit};
use crate::rules::Rule;
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::content;
use crate::server::http::exchange::Exchange;
use crate::server::http::head::query_parameter;
use crate::server::http::problem::Problem;
use crate::server::links::download_link::content_type;
use crate::server::receive::{self, BodyStream};
use crate::wire::errors::link::PLACEHOLDER;
use crate::wire::html;
use crate::wire::link_address::{self, LinkAddress, escaped};
use crate::wire::routes::{HostKind, SHARED_LINK};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, StatusCode};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// Where a redirect leads to the bytes; behind it stands what the link was opened with.
pub const INLINE: &str = "/cd/0/inline";
/// Where the page asks for the password (SH-107).
pub const PASSWORD: &str = "/sm/auth";
/// What a browser shows once it has the password.
const COOKIE: &str = "sm_auth";
/// A page without scripts, pictures and styles.
const PAGE_POLICY: &str = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";

/// What opens a link a second time without the password itself.
fn proof(id: &str, password: &str) -> String {
    let digest = Sha256::new()
        .chain_update(id)
        .chain_update([0])
        .chain_update(password);
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// The link that a request is for, and how it is opened.
#[derive(Clone, Debug, Default)]
struct Asked {
    address: LinkAddress,
    /// A password, or the proof of one.
    password: Option<String>,
    proof: Option<String>,
}

/// Opens a link in its owner's account, and notes whom the request concerns.
fn open(exchange: &Exchange, asked: &Asked) -> Result<Opened, NotOpened> {
    let address = &asked.address;
    let owner = exchange.app().world().shared_links.owner(&address.id);
    let owner = owner.ok_or(NotOpened::NotFound)?;
    exchange.record().account = Some(Arc::clone(owner.name()));
    if let Some(key) = &address.key {
        exchange.record_link(key);
    }
    let now = exchange.now();
    let account: &Account = &owner.lock();
    let link = account.state.shared_links.get(&address.id);
    let wanted = link.and_then(|link| link.policy.password.as_deref());
    // Who proves that he had the password need not give it again.
    let proved =
        wanted.filter(|password| asked.proof.as_deref() == Some(&*proof(&address.id, password)));
    let opened = account.open_shared_link(
        &address.id,
        Visit {
            key: address.key.as_deref(),
            password: proved.or(asked.password.as_deref()),
            path: Some(&address.below),
            is_owner: false,
        },
        now,
    );
    if let Ok(opened) = &opened {
        exchange.record().path = Some(opened.place.to_string());
    }
    opened
}

fn cookie(exchange: &Exchange) -> Option<String> {
    let mut cookies = exchange.header("cookie")?.split(';');
    cookies.find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == COOKIE).then(|| value.to_owned())
    })
}

pub async fn answer(exchange: &Exchange) -> Result<Answer, Problem> {
    exchange.record().route = Some(SHARED_LINK);
    let address = LinkAddress::of_target(exchange.path(), exchange.query());
    let asked = Asked {
        address: address.unwrap_or_default(),
        proof: cookie(exchange),
        password: None,
    };
    let opened = open(exchange, &asked);
    faults::apply_at(exchange, Phase::Head).await?;
    if !matches!(*exchange.method(), Method::GET | Method::HEAD) {
        let text = format!("{PLACEHOLDER}This link takes GET only.");
        return Ok(Answer::method_not_allowed("GET, HEAD", text).with_rules(&[Rule::new("SH-104")]));
    }
    Ok(match opened {
        Err(refusal) => refused(exchange, refusal),
        Ok(opened) => shown(exchange, &asked, &opened),
    })
}

fn shown(exchange: &Exchange, asked: &Asked, opened: &Opened) -> Answer {
    let is_one = |name: &str| exchange.query_parameter(name).as_deref() == Some("1");
    let agent = exchange.header("user-agent").unwrap_or_default();
    let is_tool = ["Wget/", "curl/"]
        .iter()
        .any(|tool| agent.starts_with(tool));
    let allows = opened.shown.link.policy.allow_download;
    let is_download = is_one("dl");
    if !allows || !(is_download || is_one("raw") || is_tool) {
        return page_of(opened);
    }
    if opened.file.is_none() {
        let detail = "The zip of a shared folder is not faked. Nothing was done. Its files are: put their path behind the address, before the ?.";
        return Answer::about_the_fake(StatusCode::NOT_IMPLEMENTED, "not faked", detail);
    }
    let link = &opened.shown.link;
    let proof = link.policy.password.as_deref();
    let proof = proof.map_or_else(String::new, |password| self::proof(&link.id, password));
    let ticket = [&link.id, &link.key, &*proof, &asked.address.below].join("\n");
    let ticket = URL_SAFE_NO_PAD.encode(ticket);
    let query = if is_download { "?dl=1" } else { "" };
    let base = exchange.hand_out(HostKind::Download);
    let location = format!("{base}{INLINE}/{ticket}/file{query}#");
    Answer::empty(StatusCode::FOUND)
        .with_header("location", &location)
        .with_rules(&[Rule::new("SH-97"), Rule::new("SH-98")])
}

/// The bytes, at the address to which a link redirects (SH-97, SH-99).
pub async fn bytes(exchange: &Exchange) -> Result<Answer, Problem> {
    exchange.record().route = Some(SHARED_LINK);
    let ticket = exchange
        .path()
        .strip_prefix(INLINE)
        .and_then(|rest| rest.strip_prefix('/')?.strip_suffix("/file"))
        .and_then(|ticket| URL_SAFE_NO_PAD.decode(ticket).ok())
        .and_then(|ticket| String::from_utf8(ticket).ok())
        .unwrap_or_default();
    let mut parts = ticket.splitn(4, '\n').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    let (id, key, proof, below) = (next(), next(), next(), next());
    let asked = Asked {
        address: LinkAddress {
            id,
            key: Some(key),
            below,
        },
        proof: Some(proof),
        password: None,
    };
    let opened = open(exchange, &asked);
    faults::apply_at(exchange, Phase::Head).await?;
    if !matches!(*exchange.method(), Method::GET | Method::HEAD) {
        let text = format!("{PLACEHOLDER}This link takes GET only.");
        return Ok(Answer::method_not_allowed("GET, HEAD", text).with_rules(&[Rule::new("SH-97")]));
    }
    let file = match opened {
        Ok(Opened {
            file: Some(file),
            shown,
            ..
        }) if shown.link.policy.allow_download => file,
        _ => return Ok(refused(exchange, NotOpened::NotFound)),
    };
    let name = name_of(&file.display).to_owned();
    let is_download = exchange.query_parameter("dl").as_deref() == Some("1");
    let (kind, form) = if is_download {
        ("application/binary", "attachment")
    } else {
        (content_type(&name), "inline")
    };
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            '"' | '\\' => '_',
            letter if letter.is_ascii_graphic() || letter == ' ' => letter,
            _ => '_',
        })
        .collect();
    let disposition = format!(
        "{form}; filename=\"{plain}\"; filename*=UTF-8''{}",
        escaped(&name)
    );
    Ok(match content::answer(exchange, &file, kind) {
        Ok(answer) => answer
            .with_header("content-disposition", &disposition)
            .with_rules(&[Rule::new("SH-97"), Rule::new("SH-99")]),
        Err(_) => {
            let text = format!("{PLACEHOLDER}The range is not in the file.");
            Answer::text(StatusCode::RANGE_NOT_SATISFIABLE, text).with_rules(&[Rule::new("SH-99")])
        }
    })
}

/// Takes the password that the page asks for, and gives a cookie for it (SH-107).
pub async fn password(exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    exchange.record().route = Some(SHARED_LINK);
    let body = receive::argument_body(exchange, body).await?;
    let form = String::from_utf8_lossy(&body).into_owned();
    let target = query_parameter(&form, "url").unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let asked = Asked {
        address: LinkAddress::of_target(path, query).unwrap_or_default(),
        password: query_parameter(&form, "password"),
        proof: None,
    };
    let opened = open(exchange, &asked);
    faults::apply_at(exchange, Phase::Head).await?;
    let rules = [Rule::new("SH-107")];
    if *exchange.method() != Method::POST {
        let text = format!("{PLACEHOLDER}This address takes POST.");
        return Ok(Answer::method_not_allowed("POST", text).with_rules(&rules));
    }
    let is_script = query_parameter(&form, "is_xhr").as_deref() == Some("true");
    let Ok(opened) = opened else {
        let body = "{\"status\": \"error\"}".to_owned();
        return Ok(if is_script {
            Answer::json(StatusCode::OK, body).with_rules(&rules)
        } else {
            ask_for_password(StatusCode::OK, &target, "This password is wrong.")
        });
    };
    let link = &opened.shown.link;
    let value = link.policy.password.as_deref();
    let value = value.map_or_else(String::new, |password| proof(&link.id, password));
    let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax");
    let answer = if is_script {
        Answer::json(StatusCode::OK, "{\"status\": \"authed\"}".to_owned())
    } else {
        // The way back stays on this server, whatever the form said.
        let back = link_address::print("", &opened.shown);
        Answer::empty(StatusCode::SEE_OTHER).with_header("location", &back)
    };
    Ok(answer.with_header("set-cookie", &cookie).with_rules(&rules))
}

fn refused(exchange: &Exchange, refusal: NotOpened) -> Answer {
    match refusal {
        // SQ-14
        NotOpened::NotFound | NotOpened::Expired => page(
            StatusCode::NOT_FOUND,
            "Dropbox - 404",
            "<h1>Error (404)</h1>\n<p>We can't find the page you're looking for.</p>",
        )
        .with_rules(&[Rule::new("SH-104")]),
        NotOpened::NotInvited => page(
            StatusCode::FORBIDDEN,
            "Dropbox",
            "<p>[placeholder of fake-dropbox: the real page is not known] Sign in, or ask whoever sent you this link for access.</p>",
        )
        .with_rules(&[Rule::new("SH-108")]),
        NotOpened::Password => {
            let target = format!("{}?{}", exchange.path(), exchange.query());
            ask_for_password(StatusCode::OK, &target, "This link has a password.")
        }
    }
}

fn ask_for_password(status: StatusCode, target: &str, words: &str) -> Answer {
    let body = format!(
        "<p>{words}</p>\n<form method=\"post\" action=\"{PASSWORD}\">\n<input type=\"hidden\" name=\"url\" value=\"{}\">\n\
         <input type=\"password\" name=\"password\" autofocus>\n<button>Open</button>\n</form>",
        html::escaped(target)
    );
    page(status, "Dropbox", &body).with_rules(&[Rule::new("SH-107")])
}

/// What the link leads to, with a way to the bytes.
fn page_of(opened: &Opened) -> Answer {
    let shown = &opened.shown;
    let (name, size) = match &shown.entry {
        Metadata::File(file) => (&file.name, Some(file.size)),
        Metadata::Folder(folder) => (&folder.name, None),
        Metadata::Deleted(deleted) => (&deleted.name, None),
    };
    let mut body = format!("<h1>{}</h1>\n", html::escaped(name));
    if let Some(size) = size {
        let _ = writeln!(body, "<p>{size} bytes</p>");
    }
    if size.is_some() && shown.link.policy.allow_download {
        let key = &shown.link.key;
        let _ = writeln!(
            body,
            "<p><a href=\"?rlkey={key}&amp;dl=1\">Download</a> <a href=\"?rlkey={key}&amp;raw=1\">Open</a></p>"
        );
    }
    page(
        StatusCode::OK,
        &format!("Dropbox - {}", html::escaped(name)),
        body.trim_end(),
    )
    .with_rules(&[Rule::new("SH-98")])
}

/// A page. It may do nothing but show itself and send its form: names in it are a user's.
fn page(status: StatusCode, title: &str, body: &str) -> Answer {
    let text = format!(
        "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n{body}\n</body></html>"
    );
    Answer::new(status, "text/html; charset=utf-8", text)
        .with_header("content-security-policy", PAGE_POLICY)
}
