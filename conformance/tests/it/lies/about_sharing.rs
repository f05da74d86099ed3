//! Lies about shared links.

use super::catalogue::{Lie, answer, request};
use super::means::{asked, on};

const CREATE: &str = "sharing/create_shared_link_with_settings";

pub const LIES: &[Lie] = &[
    answer(
        "a shared link can be revoked as often as somebody likes",
        "sharing/links/life",
        |ask, said, _| {
            if ask.route() == "sharing/revoke_shared_link" {
                said.status = 200;
                said.change_json(|json| *json = serde_json::Value::Null);
            }
        },
    ),
    answer(
        "a shared link has no tag",
        "sharing/links/life",
        |ask, said, _| {
            on(ask, said, CREATE, |json| {
                json.as_object_mut().map(|link| link.remove(".tag"));
            });
        },
    ),
    request(
        "settings of a second shared link are not looked at",
        "sharing/links/a-second-one",
        |ask, _| {
            asked(ask, CREATE, |argument| {
                argument.as_object_mut().map(|all| all.remove("settings"));
            });
        },
    ),
    answer(
        "an address of no form of a shared link is merely unknown",
        "sharing/links/refusals",
        |_, said, _| said.replace("shared_link_malformed", "shared_link_not_found"),
    ),
    answer(
        "the shared link of a folder cannot be told from one that never was",
        "sharing/links/refusals",
        |_, said, _| said.replace("shared_link_is_directory", "shared_link_not_found"),
    ),
    request(
        "the shared links of the folders above are left out",
        "sharing/links/folders-above",
        |ask, _| {
            asked(ask, "sharing/list_shared_links", |argument| {
                argument["direct_only"] = true.into();
            });
        },
    ),
    request(
        "a path in the folder of a shared link is not looked at",
        "sharing/links/inner-path",
        |ask, _| {
            asked(ask, "sharing/get_shared_link_metadata", |argument| {
                argument.as_object_mut().map(|all| all.remove("path"));
            });
        },
    ),
    request(
        "a free account may ask for everything in a shared link",
        "sharing/links/settings-of-a-free-account",
        |ask, _| {
            asked(ask, CREATE, |argument| {
                argument.as_object_mut().map(|all| all.remove("settings"));
            });
        },
    ),
    request(
        "changing nothing of a shared link is good",
        "sharing/links/change",
        |ask, _| {
            asked(ask, "sharing/modify_shared_link_settings", |argument| {
                argument["settings"]["audience"] = "public".into();
            });
        },
    ),
    answer(
        "the older form of a shared link has a tag",
        "sharing/links/older-form",
        |ask, said, _| {
            on(ask, said, "sharing/create_shared_link", |json| {
                json[".tag"] = "path".into();
            });
        },
    ),
    answer(
        "a shared link keeps the name of its file",
        "sharing/links/follow-a-move",
        |_, said, _| said.replace("b.txt", "a.txt"),
    ),
];
