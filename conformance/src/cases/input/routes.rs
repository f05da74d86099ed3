//! Routes, hosts and bodies that do not belong together.

use serde_json::json;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::http::Request;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    UNKNOWN,
    BODY_ON_A_DOWNLOAD,
    CONTENT_ROUTE_ON_THE_API_HOST,
    LONGPOLL_ON_THE_API_HOST,
    LEGACY_NAME,
    PROBE_UNKNOWN,
    PROBE_METHODS,
    PROBE_ORDER_OF_CHECKS,
];

const UNKNOWN: Case = Case::observed("input/route/unknown")
    .rules(&["AQ-04", "API-63"])
    .claim("A route that does not exist is a 400 that names its whole path.")
    .calls(1)
    .run(|t| Box::pin(unknown(t)));

async fn unknown(t: &Context) -> Verdict {
    let answer = t.rpc("files/no_such_route", json!({})).await?;
    if answer.status() == 404 {
        return Err(t.does_not_apply("an unknown route is a 404 here (AQ-04)"));
    }
    answer
        .by(&["API-63"])
        .expect_bad_request("Unknown API function: /2/files/no_such_route")?;
    Ok(())
}

const BODY_ON_A_DOWNLOAD: Case = Case::observed("input/route/body-on-a-download")
    .rules(&["API-15", "API-65"])
    .claim("A download with a body is refused.")
    .calls(2)
    .run(|t| Box::pin(body_on_a_download(t)));

async fn body_on_a_download(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    let request = t.download_request("files/download", &json!({"path": t.path("/a.txt")}));
    t.send(request.body(b"x"))
        .await?
        .by(&["API-65"])
        .expect_bad_request("The request body is supposed to be empty, but it isn't; got \"x\"")?;
    Ok(())
}

const CONTENT_ROUTE_ON_THE_API_HOST: Case =
    Case::observed("input/host/content-route-on-the-api-host")
        .rules(&["API-01", "API-64"])
        .claim("A content route on the api host is told the right host.")
        .calls(1)
        .run(|t| Box::pin(content_route_on_the_api_host(t)));

async fn content_route_on_the_api_host(t: &Context) -> Verdict {
    if !t.target().has_hosts_apart() {
        return Err(t.does_not_apply("the target has one host for everything"));
    }
    let request = t.download_request("files/download", &json!({"path": t.path("/a.txt")}));
    let request = Request {
        url: format!("{}/2/files/download", t.target().api),
        ..request
    };
    t.send(request)
        .await?
        .expect_bad_request_with("Incorrect host for API function")?
        .by(&["API-64"])
        .expect_bad_request_with("You must issue the request to")?;
    Ok(())
}

const LONGPOLL_ON_THE_API_HOST: Case = Case::observed("input/host/longpoll-on-the-api-host")
    .rules(&["API-97"])
    .claim("The long poll on the api host is a 404.")
    .calls(1)
    .run(|t| Box::pin(longpoll_on_the_api_host(t)));

async fn longpoll_on_the_api_host(t: &Context) -> Verdict {
    if !t.target().has_hosts_apart() {
        return Err(t.does_not_apply("the target has one host for everything"));
    }
    let request = t
        .rpc_request("files/list_folder/longpoll", &json!({"cursor": "foo"}))
        .without_header("Authorization");
    t.send(request).await?.by(&["API-97"]).expect_status(404)?;
    Ok(())
}

const LEGACY_NAME: Case = Case::observed("input/host/legacy-name")
    .rules(&["API-04"])
    .claim("The older name of the api host still answers.")
    .calls(1)
    .run(|t| Box::pin(legacy_name(t)));

async fn legacy_name(t: &Context) -> Verdict {
    let name = "//api.dropboxapi.com";
    if !t.target().api.ends_with(name) {
        return Err(t.does_not_apply("the target does not have Dropbox's names"));
    }
    let request = t.rpc_request("check/user", &json!({"query": "foo"}));
    let url = request.url.replace(name, "//api.dropbox.com");
    t.send(Request { url, ..request })
        .await?
        .by(&["API-04"])
        .expect_status(200)?;
    Ok(())
}

const PROBE_UNKNOWN: Case = Case::probe("input/route/probe-unknown")
    .rules(&["AQ-04"])
    .claim("The status for a route that does not exist.")
    .calls(1)
    .run(|t| Box::pin(probe_unknown(t)));

async fn probe_unknown(t: &Context) -> Verdict {
    let answer = t.rpc("files/no_such_route", json!({})).await?;
    let answer = match answer.status() {
        400 => "bad_request",
        404 => "not_found",
        _ => "something else",
    };
    t.observe("AQ-04", answer);
    Ok(())
}

const PROBE_METHODS: Case = Case::probe("input/route/probe-methods")
    .rules(&["AQ-04.methods", "API-99"])
    .claim("What an rpc route says to GET and PUT.")
    .calls(2)
    .run(|t| Box::pin(probe_methods(t)));

async fn probe_methods(t: &Context) -> Verdict {
    for method in ["GET", "PUT"] {
        let request = t.rpc_request("check/user", &json!({"query": "foo"}));
        let answer = t.send(request.method(method)).await?;
        t.observe("AQ-04.methods", format!("{method}: {}", answer.status()));
    }
    Ok(())
}

const PROBE_ORDER_OF_CHECKS: Case = Case::probe("input/route/probe-order-of-checks")
    .rules(&["AQ-03"])
    .claim("Which fault is told when several are there: the token, the type, the argument.")
    .calls(2)
    .run(|t| Box::pin(probe_order_of_checks(t)));

async fn probe_order_of_checks(t: &Context) -> Verdict {
    let told = |text: &str| {
        if text.contains("Authorization") {
            "the token"
        } else if text.contains("Content-Type") {
            "the type"
        } else {
            "the argument"
        }
    };
    let request = t
        .content_request("files/upload", &json!({}))
        .content_type("text/html")
        .body(b"x");
    let answer = t.send(request.clone()).await?;
    t.observe(
        "AQ-03",
        format!("type and argument: {}", told(&answer.text())),
    );
    let answer = t.send(request.without_header("Authorization")).await?;
    t.observe(
        "AQ-03",
        format!("token, type and argument: {}", told(&answer.text())),
    );
    Ok(())
}
