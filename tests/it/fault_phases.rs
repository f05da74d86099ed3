//! Each phase that a fault rule takes for a route is one that a good call of the route comes to:
//! a rule that could never act would be worse than one that is refused.

use crate::good_calls::Caller;
use crate::support::Reply;
use fake_dropbox::internals::wire::routes;
use fake_dropbox::{FakeDropbox, Fault, Phase};
use std::time::Duration;

const PHASES: [Phase; 5] = [
    Phase::Head,
    Phase::Body { after_bytes: 1 },
    Phase::BeforeCommit,
    Phase::AfterCommit,
    Phase::Answer,
];

#[tokio::test]
async fn a_good_call_comes_to_every_phase_that_a_rule_for_its_route_may_name() {
    let mut played = 0;
    for route in routes::all().map(|route| route.name) {
        for phase in PHASES {
            let rule = Fault::at(phase).of(route).delay(Duration::from_millis(1));
            if rule.check().is_err() {
                continue;
            }
            let dropbox = FakeDropbox::start().await;
            dropbox.account("t").seed("/a.txt", "hello");
            let call = Caller::of(&dropbox).good(route).await;
            let fault = dropbox.fail(rule);
            let reply = Reply::of(call).await;
            let what = format!("{route} at {phase:?}: {} {}", reply.status, reply.text());
            // No app of a user may call it (RT-106).
            let closed = route == "files/permanently_delete";
            assert_eq!(reply.status, if closed { 400 } else { 200 }, "{what}");
            assert!(fault.has_fired(), "{what}");
            played += 1;
        }
    }
    assert!(played > 80, "only {played} were played");
}
