//! Which `Content-Type` a route takes.

use serde_json::json;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::http::Body;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    RPC_TAKES_THREE,
    RPC_REFUSES_OTHERS,
    UPLOAD_TAKES_TWO,
    UPLOAD_REFUSES_OTHERS,
    MISSING,
    DOWNLOAD,
    PROBE_SPELLINGS,
    PROBE_DOWNLOAD_TEXT,
];

const FORM: &str = "application/x-www-form-urlencoded";
const HACK: &str = "text/plain; charset=dropbox-cors-hack";

const RPC_TAKES_THREE: Case = Case::observed("input/content-type/rpc-takes-three")
    .rules(&["API-06"])
    .claim("An rpc route takes exactly the three types that its error text lists.")
    .calls(3)
    .run(|t| Box::pin(rpc_takes_three(t)));

async fn rpc_takes_three(t: &Context) -> Verdict {
    for content_type in ["application/json", "application/json; charset=utf-8", HACK] {
        let request = t.rpc_request("check/user", &json!({"query": "foo"}));
        t.send(request.content_type(content_type))
            .await?
            .expect_status(200)?
            .expect_json(&json!({"result": "foo"}))?;
    }
    Ok(())
}

const RPC_REFUSES_OTHERS: Case = Case::observed("input/content-type/rpc-refuses-others")
    .rules(&["API-30", "API-31", "API-42"])
    .claim("An rpc call as a form is a 400 that quotes the type and lists those that are taken.")
    .calls(1)
    .run(|t| Box::pin(rpc_refuses_others(t)));

async fn rpc_refuses_others(t: &Context) -> Verdict {
    let request = t.rpc_request("files/delete", &json!({"path": t.path("/a.txt")}));
    t.send(request.content_type(FORM))
        .await?
        .by(&["API-42"]).expect_bad_request(r#"Bad HTTP "Content-Type" header: "application/x-www-form-urlencoded".  Expecting one of "application/json", "application/json; charset=utf-8", "text/plain; charset=dropbox-cors-hack"."#)?;
    Ok(())
}

const UPLOAD_TAKES_TWO: Case = Case::observed("input/content-type/upload-takes-two")
    .rules(&["API-10"])
    .claim("An upload is application/octet-stream, or the type of a simple request.")
    .calls(2)
    .run(|t| Box::pin(upload_takes_two(t)));

async fn upload_takes_two(t: &Context) -> Verdict {
    for (path, content_type) in [("/a.txt", "application/octet-stream"), ("/b.txt", HACK)] {
        let request = t.content_request("files/upload", &json!({"path": t.path(path)}));
        t.send(request.content_type(content_type).body(b"x"))
            .await?
            .expect_status(200)?;
    }
    Ok(())
}

const UPLOAD_REFUSES_OTHERS: Case = Case::observed("input/content-type/upload-refuses-others")
    .rules(&["API-10", "API-41"])
    .claim("An upload as a form or as JSON is a 400, and nothing is stored.")
    .calls(4)
    .run(|t| Box::pin(upload_refuses_others(t)));

async fn upload_refuses_others(t: &Context) -> Verdict {
    for content_type in [FORM, "application/json; charset=UTF-8", "text/plain"] {
        let request = t.content_request("files/upload", &json!({"path": t.path("/a.txt")}));
        t.send(request.content_type(content_type).body(b"x"))
            .await?
            .by(&["API-41"]).expect_bad_request(&format!(r#"Bad HTTP "Content-Type" header: "{content_type}".  Expecting one of "application/octet-stream", "text/plain; charset=dropbox-cors-hack"."#))?;
    }
    t.expect_nothing_at("/a.txt").await
}

const MISSING: Case = Case::observed("input/content-type/missing")
    .rules(&["API-11", "API-43"])
    .claim("An upload, or an rpc call with a body, without a Content-Type is a 400.")
    .calls(2)
    .run(|t| Box::pin(missing(t)));

async fn missing(t: &Context) -> Verdict {
    let words = r#"Missing or empty HTTP "Content-Type" header."#;
    let upload = t.content_request("files/upload", &json!({"path": t.path("/a.txt")}));
    let rpc = t.rpc_request("check/user", &json!({"query": "foo"}));
    for request in [upload.body(b"x"), rpc] {
        t.send(request.without_header("Content-Type"))
            .await?
            .by(&["API-11", "API-43"])
            .expect_bad_request_with(words)?;
    }
    Ok(())
}

const DOWNLOAD: Case = Case::observed("input/content-type/download")
    .rules(&["API-17"])
    .claim(
        "A download needs no Content-Type, takes application/octet-stream, and refuses the type of \
         a simple request.",
    )
    .calls(4)
    .run(|t| Box::pin(download(t)));

async fn download(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    let argument = json!({"path": t.path("/a.txt")});
    let bare = t.download_request("files/download", &argument);
    let typed = bare.clone().content_type("application/octet-stream");
    for request in [bare.clone(), typed] {
        t.send(request)
            .await?
            .expect_status(200)?
            .expect_text("hello")?;
    }
    t.send(bare.content_type(HACK))
        .await?
        .by(&["API-17"])
        .expect_bad_request_with(&format!("Bad HTTP \"Content-Type\" header: \"{HACK}\"."))?;
    Ok(())
}

const PROBE_SPELLINGS: Case = Case::probe("input/content-type/probe-spellings")
    .rules(&["AQ-05"])
    .claim("Whether other spellings of the accepted types pass.")
    .calls(3)
    .run(|t| Box::pin(probe_spellings(t)));

async fn probe_spellings(t: &Context) -> Verdict {
    for content_type in [
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8",
    ] {
        let request = t.rpc_request("check/user", &json!({"query": "foo"}));
        let answer = t.send(request.content_type(content_type)).await?;
        t.observe("AQ-05", format!("{content_type}: {}", answer.status()));
    }
    let content_type = "application/octet-stream; charset=utf-8";
    let request = t.content_request("files/upload", &json!({"path": t.path("/a.txt")}));
    let answer = t
        .send(request.content_type(content_type).body(Body::from(b"x")))
        .await?;
    t.observe("AQ-05", format!("{content_type}: {}", answer.status()));
    Ok(())
}

const PROBE_DOWNLOAD_TEXT: Case = Case::probe("input/content-type/probe-download-text")
    .rules(&["AQ-06"])
    .claim("What a download says to application/json.")
    .calls(2)
    .run(|t| Box::pin(probe_download_text(t)));

async fn probe_download_text(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    let request = t.download_request("files/download", &json!({"path": t.path("/a.txt")}));
    let answer = t.send(request.content_type("application/json")).await?;
    let words = answer.text().contains("Bad HTTP \"Content-Type\" header");
    let words = if words {
        "Bad HTTP Content-Type"
    } else {
        "other words"
    };
    t.observe("AQ-06", format!("{} {words}", answer.status()));
    Ok(())
}
