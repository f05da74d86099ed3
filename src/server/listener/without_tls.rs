//! What stands for TLS in a build without the feature `tls`: nothing that could exist.

use std::io;

use super::facts::ConnectionFacts;
use super::socket::BoxedStream;

/// Settings of which there are none.
#[derive(Clone, Debug)]
pub(super) enum TlsSettings {}

impl TlsSettings {
    pub(super) fn covers(&self, _plain_host: &str) -> bool {
        match *self {}
    }

    #[expect(
        clippy::unused_async,
        reason = "the other half is in the feature `tls`"
    )]
    pub(super) async fn accept(
        &self,
        _stream: BoxedStream,
        _facts: &mut ConnectionFacts,
    ) -> io::Result<BoxedStream> {
        match *self {}
    }
}
