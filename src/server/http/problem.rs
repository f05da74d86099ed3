//! Why a route says no, and how that is spelled.

use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::errors::{AccessError, AuthError, PathRootError, RateLimitReason};
use crate::rules::Rule;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::listener::ConnectionAction;
use crate::wire::dialect::{BadInputText, Dialect};
use crate::wire::errors::bad_input::{ArgumentPlace, BadInput, Style};
use crate::wire::errors::link::PLACEHOLDER;
use crate::wire::errors::{Spell, endpoint};
use crate::wire::fault::{Fault, FaultKind};
use crate::wire::json::Json;
use crate::wire::mint_rows;
use crate::wire::routes::{self, MINT};
use http::StatusCode;

/// A route's word that it will not.
pub enum Problem {
    /// 400.
    BadInput {
        text: BadInputText,
        rules: Vec<Rule>,
    },
    /// 401.
    Auth(AuthError),
    /// 403.
    Access(AccessError),
    /// 422.
    PathRoot(PathRootError),
    /// 409: a member of the route's error union.
    Endpoint {
        /// The error, ready to be spelled.
        error: Box<dyn ErasedSpell>,
        rule: Rule,
    },
    /// 429.
    RateLimit {
        reason: RateLimitReason,
        /// Seconds.
        retry_after: u64,
    },
    /// Something else that is ready.
    Ready(Box<Answer>),
    /// The client is gone, or a fault ends the connection.
    NoAnswer(ConnectionAction),
}

/// [`Spell`], behind a pointer.
pub trait ErasedSpell: Send {
    /// The body of the 409.
    fn body(&self, dialect: Dialect, dots: usize) -> String;
}

impl<T: Spell + Send> ErasedSpell for T {
    fn body(&self, dialect: Dialect, dots: usize) -> String {
        endpoint::body(self, dialect, dots)
    }
}

impl std::fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Problem")
    }
}

impl Problem {
    /// A 400 with one of the recorded texts.
    pub fn bad_input(route: &str, input: BadInput<'_>) -> Self {
        Self::BadInput {
            rules: vec![rule_of(route, &input)],
            text: input.text(route),
        }
    }

    /// A 400 whose words nobody has published.
    pub fn bad_input_unseen(route: &str, words: &str, rule: Rule) -> Self {
        Self::BadInput {
            text: BadInputText::unseen(route, words),
            rules: vec![rule],
        }
    }

    /// A 409.
    pub fn endpoint(error: impl Spell + Send + 'static, rule: Rule) -> Self {
        Self::Endpoint {
            error: Box::new(error),
            rule,
        }
    }

    /// Whether it speaks of the path root: of its words (API-112, API-265), of who may name one (API-69), or
    /// of where it leads.
    pub fn is_about_the_path_root(&self) -> bool {
        let about = ["API-69", "API-112", "API-265"];
        match self {
            Self::PathRoot(_) => true,
            Self::BadInput { rules, .. } => rules.iter().any(|rule| about.contains(&rule.id())),
            _ => false,
        }
    }

    /// The answer, as the account has it that the request concerns.
    pub fn into_answer(self, exchange: &Exchange) -> Answer {
        // They end the summary of an error (API-125).
        let (dots, assumptions) = (exchange.dots(), exchange.assumptions());
        let dialect = exchange.dialect_of(&assumptions);
        let json = Answer::json;
        match self {
            Self::BadInput { text, mut rules } => {
                let host = routes::host(exchange.record().route);
                let is_wrapped = dialect.wraps_bad_input(&assumptions, &text, host);
                let text = text.print(dialect);
                let status = StatusCode::BAD_REQUEST;
                if !is_wrapped {
                    return Answer::text(status, text).with_rules(&rules);
                }
                rules.push(Rule::new("API-96"));
                json(status, dialect.wrapped_bad_input(&text)).with_rules(&rules)
            }
            Self::Auth(error) => {
                let rule = auth_rule(&error);
                json(
                    StatusCode::UNAUTHORIZED,
                    endpoint::body(&error, dialect, dots),
                )
                .with_rules(&[rule, Rule::new("API-102")])
            }
            Self::Access(error) => {
                json(StatusCode::FORBIDDEN, endpoint::body(&error, dialect, dots))
                    .with_rules(&[Rule::new("API-110")])
            }
            // The mint's too (UL-83).
            Self::PathRoot(error) => {
                let rule = if error == PathRootError::NoPermission {
                    Rule::new("API-111")
                } else {
                    Rule::new("API-112")
                };
                json(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    endpoint::body(&error, dialect, dots),
                )
                .with_rules(&[rule])
            }
            Self::Endpoint { error, rule } => json(StatusCode::CONFLICT, error.body(dialect, dots))
                .with_rules(&[rule, Rule::new("API-124")]),
            Self::RateLimit {
                reason,
                retry_after,
            } => rate_limited(reason, retry_after, exchange, &assumptions),
            Self::Ready(answer) => *answer,
            Self::NoAnswer(action) => Answer::none(action),
        }
    }
}

/// A 429, in JSON or as text (API-131, API-133, API-134).
pub fn rate_limited(
    reason: RateLimitReason,
    retry_after: u64,
    exchange: &Exchange,
    assumptions: &Assumptions,
) -> Answer {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let dialect = exchange.dialect_of(assumptions);
    let answer = if dialect.rate_limit_is_text(assumptions) {
        Answer::text(status, format!("{PLACEHOLDER}Too many requests."))
    } else {
        let dots = exchange.dots();
        Answer::json(
            status,
            endpoint::rate_limit(reason, Some(retry_after), dialect, dots),
        )
    };
    let rule = match reason {
        RateLimitReason::TooManyRequests => Rule::new("API-133"),
        RateLimitReason::TooManyWriteOperations => Rule::new("API-131"),
    };
    answer
        .with_header("retry-after", &retry_after.to_string())
        .with_rules(&[rule])
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<PathRootError> for Problem {
    fn from(error: PathRootError) -> Self {
        Self::PathRoot(error)
    }
}

/// The mint has no 401 of its own: without the scope (UL-80) and with an expired token (UL-82) it
/// answers as every route.
fn auth_rule(error: &AuthError) -> Rule {
    match error {
        AuthError::MissingScope { .. } => Rule::new("API-108"),
        AuthError::InvalidSelectUser | AuthError::InvalidSelectAdmin => Rule::new("API-109"),
        _ => Rule::new("API-107"),
    }
}

fn rule_of(route: &str, input: &BadInput<'_>) -> Rule {
    Rule::new(match input {
        BadInput::MissingAuthorization => "API-36",
        BadInput::InvalidAuthorization { value } if value.trim() == "Bearer" => "API-37",
        BadInput::InvalidAuthorization { .. } => "API-38",
        BadInput::InvalidBearer { .. } => "API-280",
        BadInput::InvalidAuthorizationAnywhere => "API-39",
        BadInput::MalformedToken => "API-40",
        BadInput::UnusedAuthorization => "API-263",
        BadInput::ContentType { style, .. } => match style {
            Style::Rpc if route == MINT => "UL-79",
            Style::Rpc => "API-42",
            Style::Upload => "API-41",
            Style::Download => "API-17",
        },
        BadInput::MissingContentType { .. } => "API-43",
        BadInput::MissingArgument => "API-44",
        BadInput::Argument { place, .. } => match place {
            ArgumentPlace::Body if route == MINT => "UL-36",
            ArgumentPlace::Body => "API-46",
            ArgumentPlace::Header | ArgumentPlace::Query => "API-45",
            ArgumentPlace::PathRoot => "API-265",
        },
        BadInput::Cursor { .. } => "API-61",
        BadInput::CursorType => "API-62",
        BadInput::UnknownRoute => "API-63",
        BadInput::WrongHost { .. } => "API-64",
        BadInput::BodyNotEmpty { .. } => "API-65",
        BadInput::AppNotAllowed => "API-66",
        BadInput::MissingAppScope { .. } if route == MINT => "UL-81",
        BadInput::MissingAppScope { .. } => "API-67",
        BadInput::TeamToken => "API-68",
        BadInput::PathRootForAppFolder => "API-69",
    })
}

/// The rules of an argument that breaks its schema: for the mint the row that has its text and the
/// form of all of them (UL-35), and what failed.
pub fn fault_rules(route: &str, argument: &Json, fault: &Fault) -> Vec<Rule> {
    let general = Rule::new(match fault.kind {
        FaultKind::NotAnObject => "API-71",
        FaultKind::UnknownField => "API-72",
        FaultKind::MissingField => "API-74",
        FaultKind::NotAString => "API-76",
        FaultKind::Length => "API-77",
        FaultKind::Pattern => "API-78",
        FaultKind::EmptyRootOnly => "API-59",
        FaultKind::RootUnsupported => "API-60",
        FaultKind::Boolean => "API-79",
        FaultKind::Integer => "API-80",
        FaultKind::Real => "API-81",
        FaultKind::Timestamp => "API-82",
        FaultKind::Union => "API-83",
        FaultKind::List => "API-84",
        FaultKind::Void => "API-85",
    });
    if route != MINT {
        return vec![general];
    }
    let rows = mint_rows::of(argument, fault).into_iter().map(Rule::new);
    rows.chain([general, Rule::new("UL-35")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::{Options, decode};

    /// Where the rules differ from route to route and from style to style.
    #[test]
    fn a_400_cites_the_rule_of_its_route_and_style() {
        let wrong = |style| BadInput::ContentType { style, value: "x" };
        let not_json = |place| BadInput::Argument {
            place,
            message: "could not decode input as JSON",
        };
        let rows = [
            (MINT, wrong(Style::Rpc), "UL-79"),
            ("files/delete_v2", wrong(Style::Rpc), "API-42"),
            ("files/upload", wrong(Style::Upload), "API-41"),
            ("files/download", wrong(Style::Download), "API-17"),
            (MINT, not_json(ArgumentPlace::Body), "UL-36"),
            ("files/delete_v2", not_json(ArgumentPlace::Body), "API-46"),
            ("files/upload", not_json(ArgumentPlace::Header), "API-45"),
        ];
        for (route, input, rule) in rows {
            assert_eq!(rule_of(route, &input).id(), rule, "{route} {input:?}");
        }
    }

    #[test]
    fn an_argument_cites_the_rule_that_it_breaks() {
        let rows = [
            (r"[]", "API-71"),
            (r#"{"extra":1}"#, "API-72"),
            (r"{}", "API-74"),
            (r#"{"commit_info":{"path":1}}"#, "API-76"),
            (r#"{"commit_info":{"path":"a"}}"#, "API-78"),
            (r#"{"commit_info":{"path":"/a","mode":"x"}}"#, "API-83"),
            (
                r#"{"commit_info":{"path":"/a","mode":{".tag":"update","update":"a"}}}"#,
                "API-77",
            ),
            (r#"{"commit_info":{"path":"/a","mute":1}}"#, "API-79"),
            (
                r#"{"commit_info":{"path":"/a","client_modified":"now"}}"#,
                "API-82",
            ),
            (
                r#"{"commit_info":{"path":"/a","property_groups":{}}}"#,
                "API-84",
            ),
            (r#"{"duration":59}"#, "API-81"),
        ];
        let argument = routes::argument_type(MINT).expect("it has one");
        for (json, rule) in rows {
            let json = Json::parse(json.as_bytes()).expect("JSON");
            let fault = decode(argument, &json, Options::default()).expect_err("a fault");
            let rules: Vec<_> = fault_rules(MINT, &json, &fault)
                .into_iter()
                .map(Rule::id)
                .collect();
            assert!(rules.ends_with(&[rule, "UL-35"]), "{fault}: {rules:?}");
            // Only `mute` has no row of its own in the table of the mint.
            assert_eq!(rules.len() == 2, fault.place().ends_with("mute"), "{fault}");
            let elsewhere = fault_rules("files/upload", &json, &fault);
            assert_eq!(elsewhere, [Rule::new(rule)]);
        }
    }
}
