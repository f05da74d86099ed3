//! Whatever file somebody names as a recording, it is one or it is said why not.

#[path = "../../../tests/it/mutated.rs"]
mod mutated;

use conformance::evidence::recording;

#[test]
fn any_recording_is_read_or_refused_with_its_line() {
    let mut read = 0;
    mutated::each("recordings", |input| match recording::parse(input) {
        Ok(_) => read += 1,
        Err(why) => assert!(!why.is_empty()),
    });
    assert!(read > 0, "the corpus has a recording");
}
