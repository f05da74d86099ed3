//! The pure part against small models of what the rules say.

mod commit;
mod link;

use fake_dropbox::internals::dropbox::time::Timestamp;
use proptest::test_runner::{Config, RngSeed};

/// Every run tries the same cases, so that a failure is of the change at hand. `PROPTEST_RNG_SEED`
/// and `PROPTEST_CASES` try others.
fn config(cases: u32) -> Config {
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(2_018);
    }
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}
