//! Lies about paths and metadata.

use super::catalogue::{Lie, answer, request};
use super::means::{METADATA, UPLOAD, asked, on, rename_in_path};

pub const LIES: &[Lie] = &[
    answer(
        "missing folders are not made",
        "files/paths/parents-are-made",
        |ask, said, _| {
            if ask.route() == METADATA && ask.body.ends_with(b"math\"}") {
                said.status = 409;
            }
        },
    ),
    answer(
        "a file on the way is an ordinary conflict",
        "files/paths/file-on-the-way",
        |_, said, _| {
            said.replace("file_ancestor", "file");
        },
    ),
    request(
        "letter case counts",
        "files/paths/case-does-not-count",
        |ask, _| {
            asked(ask, METADATA, |argument| {
                rename_in_path(argument, "ä.txt", "other.txt");
            });
        },
    ),
    answer(
        "letters come back as they were sent",
        "files/paths/letters-are-composed",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["name"] = "e\u{301}.txt".into();
            });
        },
    ),
    answer(
        "both spellings of a letter may stand side by side",
        "files/paths/letters-are-composed",
        |ask, said, _| {
            if ask.route() == UPLOAD && said.status == 409 {
                said.status = 200;
            }
        },
    ),
    answer(
        "a sigma at the end has a form of its own",
        "files/paths/lower-case-letter-by-letter",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                if let Some(path) = json["path_lower"].as_str() {
                    json["path_lower"] = path.replace("ασ", "ας").into();
                }
            });
        },
    ),
    answer(
        "a dotted capital I becomes two characters",
        "files/paths/lower-case-letter-by-letter",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                if let Some(path) = json["path_lower"].as_str() {
                    json["path_lower"] = path.replace("/ix", "/i\u{307}x").into();
                }
            });
        },
    ),
    answer(
        "a commit to the root is a malformed path",
        "files/paths/root-is-no-file",
        |ask, said, _| {
            if ask.route() == UPLOAD && said.status == 400 {
                said.status = 409;
            }
        },
    ),
    request(
        "a blank at the end is cut off",
        "files/paths/malformed",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                rename_in_path(argument, ".txt ", ".txt");
            });
        },
    ),
    request(
        "two slashes count as one",
        "files/paths/malformed",
        |ask, _| {
            asked(ask, UPLOAD, |argument| rename_in_path(argument, "//", "/"));
        },
    ),
    answer(
        "a malformed path has a value",
        "files/paths/malformed",
        |_, said, _| {
            said.replace(
                "{\".tag\": \"malformed_path\"}",
                "{\".tag\": \"malformed_path\", \"malformed_path\": \"x\"}",
            );
        },
    ),
    request(
        "a back-slash is read as a slash",
        "files/paths/malformed-to-read",
        |ask, _| {
            asked(ask, METADATA, |argument| {
                rename_in_path(argument, "\\", "/");
            });
        },
    ),
    request(
        "256 characters are not too many",
        "files/paths/longest-name",
        |ask, _| {
            let (long, fits) = ("n".repeat(256), "n".repeat(255));
            asked(ask, UPLOAD, |argument| {
                rename_in_path(argument, &long, &fits);
            });
        },
    ),
    request(
        "a system file's name is stored",
        "files/paths/disallowed",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                rename_in_path(argument, ".DS_Store", "DS_Store");
            });
        },
    ),
    answer(
        "a disallowed name is called malformed",
        "files/paths/disallowed",
        |_, said, _| {
            said.replace("disallowed_name", "malformed_path");
        },
    ),
    answer(
        "files/upload answers with a tag",
        "files/metadata/of-an-upload",
        |_, said, _| {
            said.replace("{\"name\"", "{\".tag\": \"file\", \"name\"");
        },
    ),
    answer(
        "the display path is in lower case",
        "files/metadata/of-an-upload",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["path_display"] = json["path_lower"].clone();
            });
        },
    ),
    answer(
        "times have fractions",
        "files/metadata/of-an-upload",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["server_modified"] = "2026-01-02T03:04:05.5Z".into();
            });
        },
    ),
    answer(
        "an upload's size is too large by one",
        "files/metadata/of-an-upload",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| json["size"] = 15.into());
        },
    ),
    answer(
        "is_downloadable is missing",
        "files/metadata/of-an-upload",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json.as_object_mut()
                    .map(|map| map.shift_remove("is_downloadable"));
            });
        },
    ),
    answer(
        "the rev of the metadata is another",
        "files/metadata/of-a-file",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["rev"] = "0123456789abcdef".into();
            });
        },
    ),
    answer(
        "the tag comes last",
        "headers/json/spelling",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json.as_object_mut().map(|map| {
                    let tag = map.shift_remove(".tag");
                    map.insert(".tag".to_owned(), tag.unwrap_or_default())
                });
            });
        },
    ),
    answer(
        "a folder has a rev",
        "files/metadata/of-a-folder",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["rev"] = "0123456789abcdef".into();
            });
        },
    ),
    answer(
        "what is missing is a 404",
        "files/metadata/of-nothing",
        |ask, said, _| {
            if ask.route() == METADATA && said.status == 409 {
                said.status = 404;
            }
        },
    ),
    request(
        "deleted entries are never shown",
        "files/metadata/of-something-deleted",
        |ask, _| {
            asked(ask, METADATA, |argument| {
                argument["include_deleted"] = false.into();
            });
        },
    ),
    answer(
        "a deleted entry keeps its id",
        "files/metadata/of-something-deleted",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["id"] = "id:AAAAAAAAAAAAAAAAAAAAAA".into();
            });
        },
    ),
    answer(
        "a rev names nothing",
        "files/metadata/by-id-and-rev",
        |ask, said, _| {
            if ask.body.starts_with(b"{\"path\":\"rev:") {
                said.status = 409;
            }
        },
    ),
    answer(
        "an overwrite changes the id",
        "files/metadata/rev-and-id-of-an-overwrite",
        |ask, said, memory| {
            let count = memory.asked.get(&ask.path).copied().unwrap_or_default();
            on(ask, said, UPLOAD, |json| {
                json["id"] = format!("id:AAAAAAAAAAAAAAAAAAA{count:03}").into();
            });
        },
    ),
    answer(
        "an overwrite keeps the rev",
        "files/metadata/rev-and-id-of-an-overwrite",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["rev"] = "0123456789abcdef".into();
            });
        },
    ),
    request(
        "the client's time is ignored",
        "files/metadata/client-modified",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                argument
                    .as_object_mut()
                    .map(|map| map.shift_remove("client_modified"));
            });
        },
    ),
    answer(
        "the year one is kept",
        "files/metadata/client-modified-of-the-year-one",
        |_, said, _| {
            said.replace("2001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
        },
    ),
    answer(
        "the client's time is long ago",
        "files/metadata/client-modified-omitted",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["client_modified"] = "1970-01-01T00:00:00Z".into();
            });
        },
    ),
];
