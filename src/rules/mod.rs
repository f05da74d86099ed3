//! How each behaviour of the fake is known.
//!
//! Every behaviour is a *rule* with a stable id, a one-sentence statement and its [`Evidence`]. Every question that
//! nobody outside of Dropbox can answer, and that the fake has to decide all the same, is an [`Assumption`] with a
//! default. Both are data in `fixtures/`, which the tests hold and print as FIDELITY.md; code cites a rule by its id:
//!
//! ```
//! use fake_dropbox::internals::rules::{Evidence, Rule, evidence_of};
//!
//! const SECOND_USE_IS_GONE: Rule = Rule::new("UL-138");
//! const A_FAILED_COMMIT_CONSUMES: Rule = Rule::new("UL-161");
//!
//! assert_eq!(SECOND_USE_IS_GONE.evidence(), Evidence::Documented);
//! assert_eq!(evidence_of(&[SECOND_USE_IS_GONE, A_FAILED_COMMIT_CONSUMES]), Evidence::Assumed);
//! ```

mod assumptions;
mod catalogue;
mod explanation;
mod routes;
mod rule;

pub use assumptions::{Assumption, assumption, assumptions};
pub use catalogue::{CatalogueEntry, entry, ids};
pub use explanation::{Explanation, RuleInWords, explain, unknown_rule};
pub use routes::{DropboxRoute, UnknownScope, check_scopes, dropbox_route, dropbox_routes};
pub use rule::{Evidence, Rule, evidence_of};

/// The content of a fixture that is part of the program.
fn embedded<Content, Fault: std::fmt::Debug>(content: Result<Content, Fault>) -> Content {
    content.expect("the tests hold every embedded fixture against its schema")
}
