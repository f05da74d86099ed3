//! The temporary links: what they answer to whoever has one.

pub(super) mod download_link;
pub(super) mod shared_link;
pub(super) mod upload_link;
