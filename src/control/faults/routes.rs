//! The routes that a fault can concern, and which phases each of them has.

use super::rule::Phase;
use serde::{Deserialize, Serialize};

/// Which of Dropbox's hosts a request is for (API-01).
///
/// ```
/// use fake_dropbox::control::faults::{Action, FaultMatch, FaultRule, HostKind, Phase};
///
/// let on_content = FaultMatch {
///     host: Some(HostKind::Content),
///     ..FaultMatch::default()
/// };
/// let rule = FaultRule {
///     matcher: on_content,
///     ..FaultRule::new(Phase::Head, Action::Close)
/// };
/// assert!(rule.check().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HostKind {
    /// `api.dropboxapi.com`.
    Api,
    /// `content.dropboxapi.com`, upload links included.
    Content,
    /// `notify.dropboxapi.com`.
    Notify,
    /// `www.dropbox.com`.
    Www,
    /// `….dl.dropboxusercontent.com`: the temporary links for downloads.
    Download,
}

/// What a fault has to know about a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultRoute {
    /// Its name without `/2/`, or `upload_link`, `download_link`, `oauth2/token`.
    pub name: &'static str,
    /// Where it is served.
    pub host: HostKind,
    /// A request has a body that streams in.
    pub has_body: bool,
    /// It changes something, so there is a moment before and one after.
    pub commits: bool,
    /// Its request names a path, or is for a link that does.
    pub has_path: bool,
}

impl FaultRoute {
    /// Whether a request of this route passes through the phase.
    pub fn has_phase(&self, phase: Phase) -> bool {
        match phase {
            Phase::Head | Phase::Answer => true,
            Phase::Body { .. } => self.has_body,
            Phase::BeforeCommit | Phase::AfterCommit => self.commits,
        }
    }
}

const fn reads(name: &'static str, has_path: bool) -> FaultRoute {
    FaultRoute {
        name,
        host: HostKind::Api,
        has_body: false,
        commits: false,
        has_path,
    }
}

const fn changes(name: &'static str, has_path: bool) -> FaultRoute {
    FaultRoute {
        commits: true,
        ..reads(name, has_path)
    }
}

const fn uploads(name: &'static str, has_path: bool) -> FaultRoute {
    FaultRoute {
        host: HostKind::Content,
        has_body: true,
        ..changes(name, has_path)
    }
}

const fn at(host: HostKind, route: FaultRoute) -> FaultRoute {
    FaultRoute { host, ..route }
}

/// Every route that a rule can name: those that are served.
pub static ROUTES: &[FaultRoute] = &[
    changes("auth/token/revoke", false),
    reads("check/app", false),
    reads("check/user", false),
    at(HostKind::Download, reads("download_link", true)),
    changes("files/copy_v2", true),
    changes("files/create_folder_v2", true),
    changes("files/delete", true),
    changes("files/delete_v2", true),
    at(HostKind::Content, reads("files/download", true)),
    reads("files/get_metadata", true),
    changes("files/get_temporary_link", true),
    changes("files/get_temporary_upload_link", true),
    reads("files/list_folder", true),
    reads("files/list_folder/continue", false),
    reads("files/list_folder/get_latest_cursor", true),
    at(HostKind::Notify, reads("files/list_folder/longpoll", false)),
    reads("files/list_revisions", true),
    changes("files/move_v2", true),
    uploads("files/upload", true),
    uploads("files/upload_session/append_v2", false),
    uploads("files/upload_session/finish", true),
    changes("files/upload_session/finish_batch", true),
    changes("files/upload_session/finish_batch_v2", true),
    uploads("files/upload_session/start", false),
    changes("oauth2/token", false),
    uploads("upload_link", true),
    reads("users/get_current_account", false),
    reads("users/get_space_usage", false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_routes_stand_in_order_and_once() {
        assert!(ROUTES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
