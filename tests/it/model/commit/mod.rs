//! The commit engine, the tree and its cursors against a small model.
//!
//! The model is a map from lower-case paths to entries, written from the rules (API-153 to
//! API-172, API-232 to API-236). It names ids and revs by numbers; the first sight of a real one
//! binds it, and from then on the two must stay together.

mod model;
mod real;
