//! What a run shows: recordings, comparisons, proposals for the catalogue.

pub mod catalogue;
pub mod compare;
pub mod coverage;
pub mod divergences;
pub mod proposal;
pub mod recording;
pub mod verified;
