//! The page at the end of a first look.

use maud::{DOCTYPE, Markup, html};

use crate::look::{Call, Came, Finding};

/// Everything that was seen, the answers first.
pub fn page(
    target: &str,
    date: &str,
    calls: &[Call],
    findings: &[Finding],
    trouble: Option<&str>,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "A first look at " (target) }
                style { "body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}tr{border-bottom:1px solid #ddd}pre{background:#f4f5f7;padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere}.red{color:#a8201a}.green{color:#17692d}" }
            }
            body {
                h1 { "A first look at " (target) ", " (date) }
                p { (calls.len()) " calls. Tokens are left out; all else is as it came." }
                @if let Some(trouble) = trouble { p.red { (trouble) } }
                table {
                    tr { th { "question" } th { "seen" } th { "assumed" } }
                    @for finding in findings {
                        tr {
                            td { b { (finding.question) } " " (finding.sentence) }
                            td { code { (finding.seen) } }
                            td class=(match finding.holds { Some(true) => "green", Some(false) => "red", None => "" }) {
                                @if let Some(assumed) = &finding.assumed { (assumed) }
                                @match finding.holds { Some(true) => " holds", Some(false) => " does not hold", None => "" }
                            }
                        }
                    }
                }
                @for call in calls {
                    h2 { (call.number) ". " (call.what) }
                    pre { (call.request) }
                    @match &call.came {
                        Came::Answer(answer) => pre {
                            (answer.version) " " (answer.status) "\n"
                            @for (name, value) in &answer.headers { (name) ": " (value) "\n" }
                            "\n" (answer.body)
                        },
                        Came::NoAnswer(why) => pre.red { (why) },
                    }
                }
            }
        }
    }
}
