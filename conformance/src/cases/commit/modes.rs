//! The decision table of `WriteMode`, through a link and through `files/upload`: one engine, one table.

use serde_json::json;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::client::Via;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;
use crate::talk::shown::Rules;

pub const CASES: &[Case] = &[
    ADD_CONFLICTS_WITH_OTHER_CONTENT_BY_LINK,
    ADD_CONFLICTS_WITH_OTHER_CONTENT_BY_UPLOAD,
    OVERWRITE_AS_AN_OBJECT,
];

const ADD_CONFLICTS_WITH_OTHER_CONTENT_BY_LINK: Case =
    Case::observed("commit/modes/add-conflicts-with-other-content-by-link")
        .rules(&["UL-32", "UL-142", "API-156"])
        .claim("`add` does not touch a file with other content: 409 with the observed text.")
        .calls(4)
        .run(|t| Box::pin(add_conflicts_with_other_content(t, Via::Link, &["UL-142"])));

const ADD_CONFLICTS_WITH_OTHER_CONTENT_BY_UPLOAD: Case =
    Case::observed("commit/modes/add-conflicts-with-other-content-by-upload")
        .rules(&["UL-32", "API-156", "API-163"])
        .claim("`add` does not touch a file with other content: 409 path/conflict/file.")
        .calls(3)
        .run(|t| Box::pin(add_conflicts_with_other_content(t, Via::Upload, &[])));

async fn add_conflicts_with_other_content(t: &Context, via: Via, rules: Rules) -> Verdict {
    let before = t.given_file("/a.txt", b"first").await?;
    let answer = t.commit(via, commit_info("/a.txt"), b"other").await?;
    t.expect_commit_failed(via, answer.by(rules), "path/conflict/file")?;
    let after = t.expect_content("/a.txt", b"first").await?;
    if after.rev() != before.rev() {
        return Err(t.fail("the rev changed although nothing was written"));
    }
    Ok(())
}

const OVERWRITE_AS_AN_OBJECT: Case = Case::required("commit/modes/overwrite-as-an-object")
    .rules(&["UL-30", "UL-32", "API-24"])
    .claim("`overwrite` written as an object overwrites as the bare string does, both ways.")
    .calls(10)
    .run(|t| Box::pin(overwrite_as_an_object(t)));

async fn overwrite_as_an_object(t: &Context) -> Verdict {
    for (via, path) in [(Via::Link, "/link.txt"), (Via::Upload, "/upload.txt")] {
        t.given_file(path, b"first").await?;
        let info = commit_info(path).field("mode", json!({".tag": "overwrite"}));
        t.commit(via, info, b"other")
            .await?
            .by(&["UL-30", "API-24"])
            .expect_status(200)?;
        t.expect_content(path, b"other").await?;
    }
    Ok(())
}
