//! What lies are made of.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::proxy::{Ask, Memory, Said};

pub const UPLOAD: &str = "files/upload";
pub const METADATA: &str = "files/get_metadata";
pub const LIST: &str = "files/list_folder";
pub const CONTINUE: &str = "files/list_folder/continue";
pub const APPEND: &str = "files/upload_session/append_v2";
pub const FINISH: &str = "files/upload_session/finish";

/// Changes the JSON of a success of this route.
pub fn on(ask: &Ask, said: &mut Said, route: &str, change: impl FnOnce(&mut Value)) {
    if ask.route() == route && said.status == 200 {
        said.change_json(change);
    }
}

/// Changes the argument of this route.
pub fn asked(ask: &mut Ask, route: &str, change: impl FnOnce(&mut Value)) {
    if ask.route() == route {
        ask.change_argument(change);
    }
}

pub fn rename_in_path(argument: &mut Value, from: &str, to: &str) {
    if let Some(path) = argument["path"].as_str() {
        argument["path"] = path.replace(from, to).into();
    }
}

pub fn drop_request_header(ask: &mut Ask, name: &str) {
    ask.headers.retain(|(known, _)| known != name);
}

pub fn set_request_header(ask: &mut Ask, name: &str, value: &str) {
    drop_request_header(ask, name);
    ask.headers.push((name.to_owned(), value.to_owned()));
}

/// Takes the call for one of an account that may do everything.
pub fn as_anybody(ask: &mut Ask) {
    set_request_header(ask, "authorization", "Bearer sl.anybody-at-all");
}

pub fn is_download_link(ask: &Ask) -> bool {
    ask.path.starts_with("/cd/0/get/")
}

pub fn is_upload_of(ask: &Ask, case: &str) -> bool {
    ask.route() == UPLOAD && ask.header("dropbox-api-arg").contains(case)
}

/// Changes the text of a bad request, and nothing else.
pub fn retold(said: &mut Said, from: &str, to: &str) {
    if said.status == 400 {
        said.replace(from, to);
    }
}

/// The first success at this path once more.
pub fn first_answer_again(ask: &Ask, said: &mut Said, memory: &Memory) {
    if let Some(first) = memory.first_success.get(&ask.path) {
        *said = first.clone();
    }
}

/// A mint of the case itself, and not the runner's question whether the target is there.
pub fn is_case_mint(ask: &Ask) -> bool {
    ask.is_mint() && !ask.text().contains("never-used.txt")
}

/// Changes the argument of a mint of the case.
pub fn mint(ask: &mut Ask, change: impl FnOnce(&mut Value)) {
    if is_case_mint(ask) {
        ask.change_argument(change);
    }
}

/// Changes the commit info of the case, whichever way it is sent.
pub fn info(ask: &mut Ask, change: impl FnOnce(&mut Value)) {
    if is_case_mint(ask) || ask.route() == UPLOAD {
        ask.change_commit_info(change);
    }
}

/// Whether the commit info of the case, whichever way it is sent, holds this text.
pub fn commits(ask: &Ask, text: &str) -> bool {
    (is_case_mint(ask) && ask.text().contains(text))
        || (ask.route() == UPLOAD && ask.header("dropbox-api-arg").contains(text))
}

/// Changes the path of a commit info.
pub fn path(ask: &mut Ask, change: impl FnOnce(&str) -> String) {
    info(ask, |info| {
        if let Some(path) = info["path"].as_str() {
            info["path"] = change(path).into();
        }
    });
}

/// A free place in the folder of the case.
pub fn elsewhere(path: &str) -> String {
    let folder: Vec<&str> = path.split('/').take(3).collect();
    format!("{}/elsewhere.txt", folder.join("/"))
}

/// A refusal instead of a success.
pub fn refuse(said: &mut Said, status: u16) {
    if said.status == 200 {
        said.status = status;
    }
}

/// Another hash in the answer of a link.
pub fn hash_as(ask: &Ask, said: &mut Said, hash: impl FnOnce(&[u8]) -> String) {
    if ask.is_link() && said.status == 200 {
        let hash = hash(&ask.body);
        said.change_json(|json| json["content-hash"] = hash.into());
    }
}

/// The SHA-256 of these pieces, in the digits that a hash is written in.
pub fn digits(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The SHA-256 of the SHA-256 of each of these blocks.
pub fn digest_of<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> String {
    let blocks = blocks.into_iter();
    let digests: Vec<u8> = blocks.flat_map(Sha256::digest).collect();
    digits(&digests)
}

/// Changes the metadata of each file and folder that an answer tells.
pub fn each_metadata(said: &mut Said, mut change: impl FnMut(&mut Value)) {
    fn walk(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
        if value.get("path_lower").is_some() && value.get("id").is_some() {
            change(value);
        }
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
            Value::Object(fields) => fields.values_mut().for_each(|field| walk(field, change)),
            _ => {}
        }
    }
    if said.status == 200 && said.header("content-type") == "application/json" {
        let Ok(told) = serde_json::from_slice::<Value>(&said.body) else {
            return;
        };
        let mut json = told.clone();
        walk(&mut json, &mut change);
        // What is not changed keeps its spelling.
        if json != told {
            said.body = json.to_string().into();
        }
    }
}
