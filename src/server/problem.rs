//! Why a route says no, and how that is spelled.

use super::answer::Answer;
use super::listener::ConnectionAction;
use crate::dropbox::assumptions::{Assumptions, BadRequestForm, RateLimitForm};
use crate::dropbox::errors::{AccessError, AuthError, PathRootError, RateLimitReason};
use crate::rules::Rule;
use crate::wire::errors::bad_input::BadInput;
use crate::wire::errors::link::PLACEHOLDER;
use crate::wire::errors::{Spell, endpoint};
use http::StatusCode;

/// A route's word that it will not.
pub enum Problem {
    /// 400: a text that is complete but for its route.
    BadInput {
        /// The whole body.
        text: String,
        /// How that is known.
        rule: Rule,
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
        /// How it is known.
        rule: Rule,
    },
    /// 429.
    RateLimit {
        /// Why.
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
    /// The body of the 409, with so many dots behind its summary.
    fn body(&self, dots: usize) -> String;
}

impl<T: Spell + Send> ErasedSpell for T {
    fn body(&self, dots: usize) -> String {
        endpoint::body(self, dots)
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
            rule: rule_of(&input),
            text: input.body(route),
        }
    }

    /// A 409.
    pub fn endpoint(error: impl Spell + Send + 'static, rule: Rule) -> Self {
        Self::Endpoint {
            error: Box::new(error),
            rule,
        }
    }

    /// The answer; `dots` end the summary of an error (API-125).
    pub fn into_answer(self, dots: usize, assumptions: &Assumptions) -> Answer {
        let json = |status, body| Answer::new(status, "application/json", body);
        match self {
            Self::BadInput { text, rule } => match assumptions.bad_request_form {
                BadRequestForm::Text => Answer::text(StatusCode::BAD_REQUEST, text).by(&[rule]),
                BadRequestForm::Json => json(
                    StatusCode::BAD_REQUEST,
                    endpoint::wrapped_bad_input(&text, dots),
                )
                .by(&[rule, Rule::new("API-96")]),
            },
            Self::Auth(error) => {
                let rule = auth_rule(&error);
                json(StatusCode::UNAUTHORIZED, endpoint::body(&error, dots))
                    .by(&[rule, Rule::new("API-102")])
            }
            Self::Access(error) => json(StatusCode::FORBIDDEN, endpoint::body(&error, dots))
                .by(&[Rule::new("API-110")]),
            Self::PathRoot(error) => {
                let rule = if error == PathRootError::NoPermission {
                    Rule::new("API-111")
                } else {
                    Rule::new("API-112")
                };
                json(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    endpoint::body(&error, dots),
                )
                .by(&[rule])
            }
            Self::Endpoint { error, rule } => {
                json(StatusCode::CONFLICT, error.body(dots)).by(&[rule, Rule::new("API-124")])
            }
            Self::RateLimit {
                reason,
                retry_after,
            } => rate_limited(reason, retry_after, dots, assumptions.rate_limit_form),
            Self::Ready(answer) => *answer,
            Self::NoAnswer(action) => Answer::none(action),
        }
    }
}

/// A 429, in JSON or as text (API-131, API-133, API-134).
pub fn rate_limited(
    reason: RateLimitReason,
    retry_after: u64,
    dots: usize,
    form: RateLimitForm,
) -> Answer {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let answer = match form {
        RateLimitForm::Json => Answer::new(
            status,
            "application/json",
            endpoint::rate_limit(reason, Some(retry_after), dots),
        ),
        RateLimitForm::Text => Answer::text(status, format!("{PLACEHOLDER}Too many requests.")),
    };
    let rule = match reason {
        RateLimitReason::TooManyRequests => Rule::new("API-133"),
        RateLimitReason::TooManyWriteOperations => Rule::new("API-131"),
    };
    answer
        .with_header("retry-after", &retry_after.to_string())
        .by(&[rule])
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

fn auth_rule(error: &AuthError) -> Rule {
    match error {
        AuthError::MissingScope { .. } => Rule::new("API-108"),
        AuthError::InvalidSelectUser | AuthError::InvalidSelectAdmin => Rule::new("API-109"),
        _ => Rule::new("API-107"),
    }
}

fn rule_of(input: &BadInput<'_>) -> Rule {
    Rule::new(match input {
        BadInput::MissingAuthorization => "API-36",
        BadInput::InvalidAuthorization { value } if value.trim() == "Bearer" => "API-37",
        BadInput::InvalidAuthorization { .. } => "API-38",
        BadInput::InvalidAuthorizationAnywhere => "API-39",
        BadInput::MalformedToken => "API-40",
        BadInput::ContentType { .. } => "API-42",
        BadInput::MissingContentType { .. } => "API-43",
        BadInput::MissingArgument => "API-44",
        BadInput::Argument { .. } => "API-70",
        BadInput::Cursor { .. } => "API-61",
        BadInput::CursorType => "API-62",
        BadInput::UnknownRoute => "API-63",
        BadInput::WrongHost { .. } => "API-64",
        BadInput::BodyNotEmpty => "API-65",
        BadInput::AppNotAllowed => "API-66",
        BadInput::MissingAppScope { .. } => "API-67",
        BadInput::TeamToken => "API-68",
        BadInput::PathRootForAppFolder => "API-69",
    })
}
