//! Lies about how often and how long a link works.

use super::catalogue::{Lie, Line, answer, line, request};
use super::means::{is_case_mint, mint, refuse};

pub const LIES: &[Lie] = &[
    request(
        "an expired link comes back",
        "link/expiry/gone-for-good",
        |ask, _| {
            mint(ask, |argument| argument["duration"] = 14400.into());
        },
    ),
    answer(
        "a used link answers as if it were new after its time",
        "link/expiry/consumed-and-expired",
        |ask, said, _| {
            if ask.is_link() && said.status == 410 {
                said.status = 200;
            }
        },
    ),
    request(
        "all links live as long as the shortest",
        "link/expiry/each-has-its-own-time",
        |ask, _| {
            mint(ask, |argument| argument["duration"] = 60.into());
        },
    ),
    request(
        "without a duration a link lives an hour",
        "link/expiry/four-hours-by-default",
        |ask, _| {
            mint(ask, |argument| {
                if argument["duration"].is_null() {
                    argument["duration"] = 3600.into();
                }
            });
        },
    ),
    answer(
        "two of eight uploads at once succeed",
        "link/once/one-of-eight-at-once-wins",
        |ask, said, _| {
            if ask.is_link() && matches!(said.status, 409 | 410) && ask.body.starts_with(b"t") {
                said.status = 200;
            }
        },
    ),
    answer(
        "a used link takes no bytes once more",
        "link/once/any-later-use",
        |ask, said, _| {
            if ask.is_link() && ask.body.is_empty() {
                said.status = 200;
            }
        },
    ),
    Lie {
        before: Some(|ask, _| {
            if is_case_mint(ask) {
                ask.change_commit_info(|info| info["mode"] = "overwrite".into());
            }
        }),
        ..answer(
            "a failed commit stores all the same",
            "link/once/failed-commit-stores-nothing",
            |ask, said, _| {
                if ask.is_link() {
                    said.status = 409;
                }
            },
        )
    },
    line(
        "an upload that was cut off is stored",
        "link/once/cut-off-stores-nothing",
        Line::TakesWhatCame,
    ),
    request(
        "autorename is lost with the second link",
        "link/once/links-do-not-mind-each-other",
        |ask, _| {
            mint(ask, |argument| {
                argument["commit_info"]["autorename"] = false.into();
            });
        },
    ),
    request(
        "the second of two links overwrites",
        "link/once/second-of-two-conflicts",
        |ask, _| {
            mint(ask, |argument| {
                argument["commit_info"]["mode"] = "overwrite".into();
            });
        },
    ),
    answer(
        "while one link is in use all others are locked",
        "link/once/another-link-meanwhile",
        |ask, said, memory| {
            let first = !memory
                .first_success
                .keys()
                .any(|path| path.starts_with("/apitul/"));
            if ask.is_link() && first {
                refuse(said, 409);
            }
        },
    ),
];
