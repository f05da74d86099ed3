//! Lies about tokens and scopes.

use super::catalogue::{Lie, answer, request};
use super::means::as_anybody;

const EXPIRED: &str = "auth/tokens/expired";
const REVOKED: &str = "auth/tokens/revoked";
const SCOPE: &str = "auth/tokens/token-lacks-scope";
const APP: &str = "auth/tokens/app-lacks-scope";
const ROOT: &str = "auth/tokens/app-folder-has-no-path-root";
const NONE: &str = "auth/tokens/no-authorization-header";

pub const LIES: &[Lie] = &[
    request(
        "a path that is the root folder is told before the path root",
        "auth/path-root/before-the-root-folder",
        |ask, _| {
            if ask.text().contains("\"/\"") {
                ask.headers
                    .retain(|(name, _)| name != "dropbox-api-path-root");
            }
        },
    ),
    answer(
        "a token with a space in it is an unknown token",
        "auth/header/token-with-a-space-or-a-quote",
        |_, said, _| {
            if said.status == 400 {
                said.status = 401;
            }
        },
    ),
    answer(
        "a malformed token is quoted without its end",
        "auth/header/token-with-a-space-or-a-quote",
        |_, said, _| said.replace("access_token=\\\"#none\\\"", "acces..."),
    ),
    request(
        "a path root that does not exist is no path root",
        "auth/path-root/unknown-tag",
        |ask, _| {
            ask.headers
                .retain(|(name, _)| name != "dropbox-api-path-root");
        },
    ),
    answer(
        "the kind of a wrong path root is not named",
        "auth/path-root/unknown-tag",
        |_, said, _| said.replace("'nowhere'", "'x'"),
    ),
    answer(
        "an expired token is called invalid",
        EXPIRED,
        |_, said, _| {
            said.replace("expired_access_token", "invalid_access_token");
        },
    ),
    answer("an expired token is a 403", EXPIRED, |_, said, _| {
        if said.status == 401 {
            said.status = 403;
        }
    }),
    answer("a 401 has no challenge", EXPIRED, |_, said, _| {
        said.drop_header("www-authenticate");
    }),
    answer("the challenge has another realm", EXPIRED, |_, said, _| {
        if said.status == 401 {
            said.set_header("www-authenticate", "Bearer realm=\"dropbox\"");
        }
    }),
    answer("a 401 is plain text", EXPIRED, |_, said, _| {
        if said.status == 401 {
            said.set_header("content-type", "text/plain; charset=utf-8");
        }
    }),
    answer("the tag of a 401 is missing", EXPIRED, |_, said, _| {
        said.change_json(|json| json["error"] = serde_json::json!({}));
    }),
    request("an expired token works", EXPIRED, |ask, _| {
        if ask.header("authorization").contains("expired") {
            as_anybody(ask);
        }
    }),
    request("a revoked token works", REVOKED, |ask, _| {
        if ask.header("authorization").contains("revoked") {
            as_anybody(ask);
        }
    }),
    answer(
        "a revoked token is called expired",
        REVOKED,
        |_, said, _| {
            said.replace("invalid_access_token", "expired_access_token");
        },
    ),
    request("a token without the scope mints", SCOPE, |ask, _| {
        if ask.header("authorization").contains("restricted") {
            as_anybody(ask);
        }
    }),
    answer("a missing scope is not named", SCOPE, |_, said, _| {
        said.replace("required_scope", "scope");
    }),
    answer("another scope is named", SCOPE, |_, said, _| {
        said.replace("files.content.write", "files.content.read");
    }),
    answer(
        "a token without the scope is a 400",
        SCOPE,
        |ask, said, _| {
            if ask.is_mint() && said.status == 401 {
                said.status = 400;
            }
        },
    ),
    answer("an app without the scope is a 401", APP, |ask, said, _| {
        if ask.is_mint() && said.status == 400 {
            said.status = 401;
        }
    }),
    answer(
        "nobody is named who can give the app its scope",
        APP,
        |_, said, _| {
            said.replace("The owner of the app can enable", "You can enable");
        },
    ),
    request("an app without the scope mints", APP, |ask, _| {
        if ask.header("authorization").contains("app-lacks-scope") {
            as_anybody(ask);
        }
    }),
    request("an app folder's path root is ignored", ROOT, |ask, _| {
        ask.headers
            .retain(|(name, _)| name != "dropbox-api-path-root");
    }),
    request("a mint without a token is let in", NONE, |ask, _| {
        if ask.header("authorization").is_empty() {
            as_anybody(ask);
        }
    }),
    answer("a missing token is a 401", NONE, |_, said, _| {
        if said.status == 400 {
            said.status = 401;
        }
    }),
    answer("the URL parameter is not mentioned", NONE, |_, said, _| {
        said.replace(" or URL parameter \"authorization\"", "");
    }),
    answer(
        "the token of a suspended user is called invalid",
        "auth/tokens/suspended",
        |_, said, _| {
            said.replace("user_suspended", "invalid_access_token");
        },
    ),
    request(
        "a suspended user's token goes on as before",
        "auth/tokens/suspended",
        |ask, _| {
            if ask.header("authorization").contains("suspended") {
                as_anybody(ask);
            }
        },
    ),
    answer(
        "every missing scope is called files.content.write",
        "auth/tokens/no-metadata-scope",
        |_, said, _| {
            said.replace("files.metadata.read", "files.content.write");
        },
    ),
    answer(
        "a team's token without a user is a 401",
        "auth/tokens/team-without-a-user",
        |ask, said, _| {
            if ask.header("authorization").contains("team") {
                said.status = 401;
            }
        },
    ),
    request(
        "a team's token needs no user",
        "auth/tokens/team-without-a-user",
        |ask, _| {
            if ask.header("authorization").contains("team") {
                as_anybody(ask);
            }
        },
    ),
    answer(
        "an app with a folder of its own may not mint",
        "auth/tokens/app-folder-may-mint",
        |ask, said, _| {
            if ask.is_mint() && ask.header("authorization").contains("app-folder") {
                said.status = 400;
            }
        },
    ),
];
