//! Bugs that another fake of the links could well have: each does one thing that it was simplest to do.

use serde_json::Value;

use super::catalogue::{Lie, answer, request};
use super::means::{
    CONTINUE, UPLOAD, asked, digest_of, each_metadata, hash_as, info, mint, on, path,
    set_request_header,
};
use super::proxy::{Ask, Said};

pub const LIES: &[Lie] = &[
    answer(
        "a preflight uses a link up",
        "link/cors/preflight",
        |ask, said, memory| {
            if ask.is_link() && ask.method == "OPTIONS" {
                memory.notes.insert(ask.path.clone(), String::new());
            }
            if ask.is_link() && ask.method == "POST" && memory.notes.contains_key(&ask.path) {
                said.status = 410;
            }
        },
    ),
    request(
        "a duration that is no whole number is refused",
        "mint/arguments/duration-bounds-are-inclusive",
        |ask, _| {
            mint(ask, |argument| {
                if argument["duration"]
                    .as_f64()
                    .is_some_and(|seconds| seconds.fract() != 0.0)
                {
                    argument["duration"] = "no number".into();
                }
            });
        },
    ),
    Lie {
        before: Some(|ask, memory| {
            if ask.is_link()
                && memory
                    .notes
                    .get(&ask.path)
                    .is_some_and(|state| state == "gone")
            {
                ask.path = "/apitul/1/AAAAAAAAAAAAAA".into();
            }
        }),
        ..answer(
            "an account has no more than five fresh links",
            "link/expiry/any-stated-duration",
            |ask, said, memory| {
                if ask.is_link() && ask.method == "POST" {
                    memory.notes.remove(&ask.path);
                }
                let Some(link) = minted(ask, said) else {
                    return;
                };
                let turn = memory.asked[&ask.path];
                memory.notes.insert(link, format!("{turn:06}"));
                let fresh = memory.notes.iter().filter(|(_, state)| *state != "gone");
                if fresh.clone().count() > 5 {
                    let oldest = fresh
                        .min_by_key(|(_, turn)| *turn)
                        .map(|(link, _)| link.clone());
                    memory.notes.insert(oldest.unwrap(), "gone".to_owned());
                }
            },
        )
    },
    request(
        "a path below the id of a folder lands in the root",
        "commit/places/id-of-a-folder",
        |ask, _| {
            mint(ask, |argument| {
                let Some(path) = argument.pointer_mut("/commit_info/path") else {
                    return;
                };
                let below = path.as_str().and_then(|path| path.strip_prefix("id:"));
                if let Some((_, below)) = below.and_then(|below| below.split_once('/')) {
                    *path = format!("/{below}").into();
                }
            });
        },
    ),
    answer(
        "whole blocks have an empty block more",
        "hash/vectors/two-blocks",
        |ask, said, _| {
            const BLOCK: usize = 4 << 20;
            if !ask.body.is_empty() && ask.body.len().is_multiple_of(BLOCK) {
                let empty: &[u8] = &[];
                hash_as(ask, said, |body| {
                    digest_of(body.chunks(BLOCK).chain([empty]))
                });
            }
        },
    ),
    answer(
        "update through a link makes another file",
        "commit/table/other-content",
        |ask, said, memory| {
            if let Some(link) = minted(ask, said)
                && ask.text().contains(r#""update""#)
            {
                memory.notes.insert(link, path_of(ask));
            }
            if ask.is_link()
                && said.status == 200
                && let Some(path) = memory.notes.get(&ask.path).cloned()
            {
                memory.notes.insert(path, String::new());
            }
            each_metadata(said, |metadata| {
                let path = metadata["path_lower"].as_str().unwrap_or_default();
                if memory.notes.contains_key(path)
                    && let Some(id) = metadata["id"].as_str()
                {
                    let other = if id.ends_with('Q') { 'g' } else { 'Q' };
                    metadata["id"] = format!("{}{other}", &id[..id.len() - 1]).into();
                }
            });
        },
    ),
    request(
        "other letters through a link are another file",
        "mint/paths/letter-case",
        |ask, memory| {
            if ask.is_mint() || ask.route() == UPLOAD {
                let link = ask.is_mint();
                path(ask, |path| {
                    let known = memory.notes.entry(path.to_lowercase());
                    let known = known.or_insert_with(|| path.to_owned());
                    if link && known != path {
                        format!("{path}.other")
                    } else {
                        path.to_owned()
                    }
                });
            }
        },
    ),
    answer(
        "what comes through a link is no change of its folder",
        "folders/continue/tells-what-is-new",
        |ask, said, memory| {
            if let Some(link) = minted(ask, said) {
                memory.notes.insert(link, path_of(ask));
            }
            if ask.is_link()
                && said.status == 200
                && let Some(path) = memory.notes.get(&ask.path).cloned()
            {
                memory.notes.insert(path, String::new());
            }
            on(ask, said, CONTINUE, |json| {
                if let Some(entries) = json["entries"].as_array_mut() {
                    entries.retain(|entry| {
                        let path = entry["path_lower"].as_str().unwrap_or_default();
                        entry[".tag"] != "file" || !memory.notes.contains_key(path)
                    });
                }
            });
        },
    ),
    request(
        "a name without an extension is never renamed",
        "commit/autorename/again-and-again",
        |ask, _| {
            info(ask, |info| {
                let name = info["path"]
                    .as_str()
                    .and_then(|path| path.rsplit('/').next());
                if info["autorename"] == true && name.is_some_and(|name| !name.contains('.')) {
                    info["autorename"] = false.into();
                }
            });
        },
    ),
    request(
        "the letters of a name are counted in bytes",
        "commit/places/astral-characters-count-twice",
        |ask, _| {
            path(ask, |path| {
                let too_long = path.split('/').any(|name| name.len() > 255);
                let fits = path
                    .split('/')
                    .all(|name| name.encode_utf16().count() <= 255);
                if too_long && fits {
                    format!("{path}\\")
                } else {
                    path.to_owned()
                }
            });
        },
    ),
    request(
        "overwrite as an object is add",
        "commit/modes/overwrite-as-an-object",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                if argument["mode"][".tag"] == "overwrite" {
                    argument["mode"] = "add".into();
                }
            });
        },
    ),
    request(
        "files/upload takes no chunked body",
        "files/upload/chunked",
        |ask, _| {
            if ask.route() == UPLOAD && ask.header("transfer-encoding") == "chunked" {
                set_request_header(ask, "content-type", "no/type");
            }
        },
    ),
    Lie {
        before: Some(|ask, memory| {
            if ask.route() == UPLOAD {
                let hash = digest_of(ask.body.chunks(4 << 20));
                asked(ask, UPLOAD, |argument| {
                    let rev = argument["mode"]["update"].as_str().unwrap_or_default();
                    if argument["strict_conflict"] == true && memory.notes.get(rev) == Some(&hash) {
                        argument["mode"] = "add".into();
                    }
                });
            }
        }),
        ..answer(
            "strict_conflict does not mind that the rev is the current one",
            "commit/table/identical-content-strictly",
            |_, said, memory| {
                each_metadata(said, |metadata| {
                    let of = |name: &str| metadata[name].as_str().unwrap_or_default().to_owned();
                    memory.notes.insert(of("rev"), of("content_hash"));
                });
            },
        )
    },
    answer(
        "a code can be exchanged twice",
        "users/oauth/code",
        |ask, said, memory| {
            let text = ask.text();
            let code = text.split('&').find(|field| field.starts_with("code="));
            if let (true, Some(code)) = (ask.path == "/oauth2/token", code) {
                if said.status == 200 {
                    memory.notes.insert(code.to_owned(), said.text());
                } else if let Some(first) = memory.notes.get(code) {
                    said.status = 200;
                    said.body = first.clone().into();
                }
            }
        },
    ),
    answer(
        "refreshing gives another refresh_token, too",
        "users/oauth/refresh",
        |ask, said, _| {
            if ask.text().contains("grant_type=refresh_token") && said.status == 200 {
                said.change_json(|json| json["refresh_token"] = "another".into());
            }
        },
    ),
    request(
        "a call without an argument needs a Content-Type",
        "input/void/no-body-at-all",
        |ask, _| {
            if ask.route().starts_with("users/")
                && ask.body.is_empty()
                && ask.header("content-type").is_empty()
            {
                set_request_header(ask, "content-type", "no/type");
            }
        },
    ),
    request(
        "a preflight is answered that is to be rejected",
        "link/cors/rejected-preflight",
        |ask, _| {
            if ask.method == "OPTIONS" {
                ask.path = ask.path.replace("reject_cors_preflight=true", "");
            }
        },
    ),
];

/// The path of the link that this mint gave.
fn minted(ask: &Ask, said: &Said) -> Option<String> {
    let json: Value = serde_json::from_slice(&said.body).ok()?;
    let link = json["link"].as_str().filter(|_| ask.is_mint())?;
    Some(link[link.find("/apitul/")?..].to_owned())
}

/// Where the link of this mint writes to, in small letters.
fn path_of(ask: &Ask) -> String {
    let json: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
    let path = json["commit_info"]["path"].as_str().unwrap_or_default();
    path.to_lowercase()
}
