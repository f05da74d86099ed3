//! What lies are made of.

use serde_json::Value;

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
