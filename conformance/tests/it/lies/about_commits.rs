//! Lies about what an upload does to a path.

use serde_json::Value;

use super::catalogue::{Lie, answer, request};
use super::means::{
    CONTINUE, LIST, METADATA, UPLOAD, asked, commits, elsewhere, info, mint, on, path, refuse,
};

pub const LIES: &[Lie] = &[
    answer(
        "an update of a free path conflicts",
        "commit/table/free-path",
        |ask, said, _| {
            if ask.route() == UPLOAD && commits(ask, "\"update\"") {
                refuse(said, 409);
            }
        },
    ),
    request(
        "strict_conflict is lost on a free path",
        "commit/table/free-path-strictly",
        |ask, _| {
            info(ask, |info| info["strict_conflict"] = false.into());
        },
    ),
    request(
        "what meets a folder takes another name",
        "commit/table/folder-in-the-way",
        |ask, _| {
            info(ask, |info| info["autorename"] = true.into());
        },
    ),
    request(
        "what meets a folder strictly takes another name",
        "commit/table/folder-in-the-way-strictly",
        |ask, _| {
            info(ask, |info| info["autorename"] = true.into());
        },
    ),
    request(
        "identical content conflicts",
        "commit/table/identical-content",
        |ask, _| {
            info(ask, |info| info["strict_conflict"] = true.into());
        },
    ),
    request(
        "strict_conflict is lost",
        "commit/table/identical-content-strictly",
        |ask, _| {
            info(ask, |info| info["strict_conflict"] = false.into());
        },
    ),
    request(
        "an update overwrites whatever rev is there",
        "commit/table/other-content",
        |ask, _| {
            info(ask, |info| {
                if info["mode"].is_object() {
                    info["mode"] = "overwrite".into();
                }
            });
        },
    ),
    request(
        "a strict update overwrites whatever rev is there",
        "commit/table/other-content-strictly",
        |ask, _| {
            info(ask, |info| {
                if info["mode"].is_object() {
                    info["mode"] = "overwrite".into();
                }
            });
        },
    ),
    answer(
        "a file that is replaced has another id",
        "commit/effects/replaced-file-keeps-its-id",
        |ask, said, memory| {
            let asked = memory
                .asked
                .get("/2/files/get_metadata")
                .copied()
                .unwrap_or_default();
            on(ask, said, METADATA, |json| {
                json["id"] = format!("id:AAAAAAAAAAAAAAAAAAAA{asked:02}").into();
            });
        },
    ),
    answer(
        "identical content brings its client_modified",
        "commit/effects/identical-content-keeps-everything",
        |ask, said, memory| {
            let asked = memory
                .asked
                .get("/2/files/get_metadata")
                .copied()
                .unwrap_or_default();
            on(ask, said, METADATA, |json| {
                json["client_modified"] = format!("2001-02-03T04:05:{asked:02}Z").into();
            });
        },
    ),
    answer(
        "a failed commit through a link names its cause",
        "commit/effects/failure-is-one-text",
        |ask, said, _| {
            if ask.is_link() {
                said.replace("led to invalid upload attempt", "met a conflict");
            }
        },
    ),
    answer(
        "a failed upload has no id for another try",
        "commit/effects/failure-of-an-upload",
        |ask, said, _| {
            if ask.route() == UPLOAD && said.status == 409 {
                said.change_json(|json| {
                    if let Some(error) = json["error"].as_object_mut() {
                        error.remove("upload_session_id");
                    }
                });
            }
        },
    ),
    request(
        "autorename renames without a conflict",
        "commit/autorename/free-path",
        |ask, _| {
            path(ask, |path| path.replace(".txt", " (1).txt"));
        },
    ),
    request(
        "autorename is lost",
        "commit/autorename/takes-the-next-number",
        |ask, _| {
            info(ask, |info| info["autorename"] = false.into());
        },
    ),
    request(
        "identical content is renamed",
        "commit/autorename/identical-content",
        |ask, _| {
            info(ask, |info| info["strict_conflict"] = true.into());
        },
    ),
    request(
        "identical content is not renamed although it conflicts",
        "commit/autorename/strictly",
        |ask, _| {
            info(ask, |info| info["strict_conflict"] = false.into());
        },
    ),
    request(
        "an overwrite takes another name",
        "commit/autorename/overwrite-needs-no-name",
        |ask, _| {
            info(ask, |info| info["mode"] = "add".into());
        },
    ),
    request(
        "a missing time of the client is made up",
        "commit/fields/without-client-modified",
        |ask, _| {
            info(ask, |info| {
                info["client_modified"] = "2001-02-03T04:05:06Z".into();
            });
        },
    ),
    request(
        "new content keeps the old time of the client",
        "commit/fields/replaced-client-modified",
        |ask, _| {
            info(ask, |info| {
                info["client_modified"] = "2001-02-03T04:05:06Z".into();
            });
        },
    ),
    request(
        "a muted upload goes elsewhere",
        "commit/fields/mute",
        |ask, _| {
            if commits(ask, "\"mute\":true") {
                path(ask, elsewhere);
            }
        },
    ),
    request(
        "a template that nobody made is not missed",
        "commit/fields/unknown-template",
        |ask, _| {
            info(ask, |info| info["property_groups"] = Value::Null);
        },
    ),
    request(
        "property groups that do not fit store nothing",
        "commit/fields/unknown-template",
        |ask, _| {
            if commits(ask, "ptid:conformance-nobody-made-it") {
                path(ask, elsewhere);
            }
        },
    ),
    answer(
        "an empty list of property groups is refused",
        "commit/fields/empty-property-groups",
        |ask, said, _| {
            if commits(ask, "\"property_groups\":[]") {
                refuse(said, 409);
            }
        },
    ),
    request(
        "files/upload does not look at a content_hash",
        "commit/fields/content-hash-of-an-upload",
        |ask, _| {
            info(ask, |info| {
                if let Some(info) = info.as_object_mut() {
                    info.remove("content_hash");
                }
            });
        },
    ),
    request(
        "overwrite is the default",
        "commit/fields/defaults",
        |ask, _| {
            info(ask, |info| {
                if info["mode"].is_null() {
                    info["mode"] = "overwrite".into();
                }
            });
        },
    ),
    request(
        "what was free at the mint stays free",
        "commit/fields/later-state-counts",
        |ask, _| {
            mint(ask, |argument| {
                argument["commit_info"]["mode"] = "overwrite".into();
            });
        },
    ),
    answer(
        "a missing parent folder is an error",
        "commit/places/missing-parents",
        |ask, said, _| {
            if ask.is_link() || ask.route() == UPLOAD {
                refuse(said, 409);
            }
        },
    ),
    answer(
        "a parent takes the letter case of the newest path",
        "commit/places/existing-parents-in-another-case",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                let name = json["name"].as_str().unwrap_or_default().to_lowercase();
                json["name"] = name.into();
            });
        },
    ),
    request(
        "a file in the place of a parent is stepped around",
        "commit/places/below-a-file",
        |ask, _| {
            path(ask, elsewhere);
        },
    ),
    request(
        "a file in the place of an ancestor is stepped around",
        "commit/places/far-below-a-file",
        |ask, _| {
            path(ask, elsewhere);
        },
    ),
    request(
        "autorename steps around a file in the place of a parent",
        "commit/places/below-a-file-with-autorename",
        |ask, _| {
            path(ask, elsewhere);
        },
    ),
    answer(
        "an unknown id is taken for a new file",
        "commit/places/unknown-id",
        |ask, said, _| {
            if (ask.is_link() || ask.route() == UPLOAD) && said.status == 409 {
                said.status = 200;
            }
        },
    ),
    request(
        "a name that is too long is shortened",
        "commit/places/too-long-name",
        |ask, _| {
            path(ask, elsewhere);
        },
    ),
    request(
        "a name that Dropbox keeps for itself is changed",
        "commit/places/disallowed-name",
        |ask, _| {
            path(ask, elsewhere);
        },
    ),
    request(
        "a disallowed name passes in upper case",
        "commit/places/disallowed-names-in-any-case",
        |ask, _| {
            path(ask, elsewhere);
        },
    ),
    request(
        "a character outside of the basic plane counts as one",
        "commit/places/astral-characters-count-twice",
        |ask, _| {
            path(ask, elsewhere);
        },
    ),
    request("two dots are a way up", "commit/places/dots", |ask, _| {
        path(ask, elsewhere);
    }),
    request(
        "a back-slash is a slash",
        "commit/places/back-slash",
        |ask, _| {
            path(ask, |path| path.replace('\\', "/"));
        },
    ),
    request(
        "an empty component is left out",
        "commit/places/empty-component",
        |ask, _| {
            path(ask, |path| path.replace("//", "/"));
        },
    ),
    request(
        "a slash at the end is left out",
        "commit/places/trailing-slash",
        |ask, _| {
            path(ask, |path| path.trim_end_matches('/').to_owned());
        },
    ),
    request(
        "white space at the end is left out",
        "commit/places/trailing-space",
        |ask, _| {
            path(ask, |path| path.trim_end().to_owned());
        },
    ),
    request(
        "a control character is left out",
        "commit/places/control-character",
        |ask, _| {
            path(ask, |path| path.replace('\u{7f}', ""));
        },
    ),
    answer(
        "255 characters are too many",
        "commit/places/longest-name",
        |ask, said, _| {
            if commits(ask, &"x".repeat(255)) {
                refuse(said, 409);
            }
        },
    ),
    answer(
        "the id of a file is no path to write",
        "commit/places/id-of-a-file",
        |ask, said, _| {
            if commits(ask, "\"id:") {
                refuse(said, 409);
            }
        },
    ),
    answer(
        "the id of a folder begins no path to write",
        "commit/places/id-of-a-folder",
        |ask, said, _| {
            if commits(ask, "\"id:") {
                refuse(said, 409);
            }
        },
    ),
    answer(
        "the namespace of the account is no path to write",
        "commit/places/own-namespace",
        |ask, said, _| {
            if commits(ask, "\"ns:") {
                refuse(said, 409);
            }
        },
    ),
    answer(
        "a name comes back in ASCII",
        "commit/places/unicode",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["name"] = "?bung ? ??.txt".into();
            });
        },
    ),
    answer(
        "property groups are accepted and then gone",
        "commit/properties/come-back",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["property_groups"] = Value::Array(Vec::new());
            });
        },
    ),
    answer(
        "a cursor forgets whose property groups were asked for",
        "commit/properties/listed",
        |ask, said, _| {
            on(ask, said, CONTINUE, |json| {
                json["entries"][0]["property_groups"] = Value::Array(Vec::new());
            });
        },
    ),
    request(
        "nobody is told that a template is not there",
        "commit/properties/unknown-template-asked-for",
        |ask, _| {
            asked(ask, LIST, |argument| {
                argument["include_property_groups"] = Value::Null;
            });
        },
    ),
    answer(
        "a file that was moved has lost its property groups",
        "commit/properties/moved",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["property_groups"] = Value::Array(Vec::new());
            });
        },
    ),
];
