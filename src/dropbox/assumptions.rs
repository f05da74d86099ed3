//! The open questions, each with the answer that is taken until a real run settles it.
//!
//! An assumption is a typed setting. Its question, its default and what each choice means stand in
//! `fixtures/assumptions.json`; a test holds the two together.

use crate::nearest::did_you_mean;
use crate::rules;
use crate::rules::assumption;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// Declares an enum whose members are spelled in snake case wherever a user sets them.
macro_rules! choices {
    ($($(#[$meta:meta])* $name:ident { $($(#[$member_meta:meta])* $member:ident),+ $(,)? })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$member_meta])* $member),+ }
    )+};
}

choices! {
    /// SQ-04: whether the error of a second link tells the first.
    ExistingLinkMetadata {
        /// Where the request had no settings.
        WithoutSettings,
        /// Each time.
        Always,
        /// Never.
        Never,
    }
    /// AQ-24: how answers are spelled. `wire` reads it; the core only carries it along.
    DialectChoice {
        /// As until May 2026.
        #[serde(rename = "2025")]
        Y2025,
        /// As since June 2026.
        #[serde(rename = "2026")]
        Y2026,
        /// Each answer in either, drawn from the seed.
        Mixed,
    }
    /// OQ-01: what a failed commit does to the link.
    FailedCommit {
        /// The link is used up: the next POST gets the 410 of UL-138.
        Burns,
        /// The link can be used again.
        Frees,
        /// The next POST gets a 409.
        Conflicts,
    }
    /// OQ-02: what a body that breaks off does to the link.
    InterruptedBody {
        /// The link can be used again at once.
        Frees,
        /// The link is used up.
        Burns,
        /// The link is unavailable (409) for a while, then free.
        Locks,
    }
    /// OQ-03: which of two uploads at the same time wins.
    ConcurrentUse {
        /// The first request head; the others get a 409.
        FirstHeadWins,
        /// The first body that is complete; the others get a 410.
        FirstCompletionWins,
    }
    /// OQ-04: what a token is that cannot be one of Dropbox's.
    MalformedToken {
        /// An unknown link: 409.
        UnknownLink,
        /// A bad request: 400.
        BadRequest,
    }
    /// OQ-06: what a body without bytes is.
    EmptyBody {
        /// An empty file.
        Accepted,
        /// A bad request: 400. The link stays free.
        Refused,
    }
    /// OQ-07: what a body over the limit does to the link.
    Oversize {
        /// The link can be used again.
        Frees,
        /// The link is used up.
        Burns,
    }
    /// OQ-07: which status says that a body is too large.
    LinkTooLarge {
        /// 413, with a page.
        #[serde(rename = "413")]
        ContentTooLarge,
        /// The 409 of every failed upload.
        #[serde(rename = "409")]
        Conflict,
    }
    /// OQ-09: when the Content-Type of an upload is looked at.
    ContentTypeCheck {
        /// After the state of the link.
        AfterLinkState,
        /// Before it.
        BeforeLinkState,
    }
    /// OQ-09: what a wrong Content-Type does to the link.
    BadContentType {
        /// Nothing.
        KeepsLink,
        /// The link is used up.
        BurnsLink,
    }
    /// OQ-10: how the Content-Type of an upload is compared.
    ContentTypeMatch {
        /// Only type and subtype, without regard to case.
        MediaType,
        /// The whole value, as `files/upload` does.
        FullValue,
    }
    /// OQ-11: what methods other than POST and OPTIONS get.
    OtherMethods {
        /// 405; the link is untouched.
        MethodNotAllowed,
        /// 409 as for an unknown link.
        UnknownLink,
    }
    /// A plain yes or no.
    YesNo {
        /// Yes.
        Yes,
        /// No.
        No,
    }
    /// OQ-15: when expiry is judged.
    ExpiryJudged {
        /// Once, when the upload starts.
        AtStart,
        /// When it starts and again when it ends.
        AtEnd,
    }
    /// OQ-15: how finely.
    ExpiryPrecision {
        /// To the microsecond, fractions of `duration` included.
        Exact,
        /// In whole seconds.
        WholeSeconds,
    }
    /// OQ-16: what the mint knows of a path.
    MintPathCheck {
        /// Its pattern.
        PatternOnly,
        /// Also whether it can name an entry: 400 if not.
        Semantic,
    }
    /// OQ-17: what revoking the minting token does to its links.
    RevokedToken {
        /// Nothing.
        KeepsLinks,
        /// An upload gets the 409 of a failed commit.
        KillsLinks,
    }
    /// OQ-18: what fields are that the spec does not name.
    UnknownFields {
        /// An error: 400.
        Rejected,
        /// Nothing.
        Ignored,
    }
    /// OQ-19: which hash an upload through a link returns.
    ReturnedHash {
        /// The content hash.
        ContentHash,
        /// Plain SHA-256.
        Sha256,
    }
    /// OQ-20: what identical content does.
    IdenticalContent {
        /// Nothing is written (API-156).
        KeepsRev,
        /// A new rev with the same content.
        NewRev,
    }
    /// OQ-21: what becomes of `client_modified`.
    ClientModified {
        /// Stored as given, future dates too.
        AsGiven,
        /// Not used.
        Ignored,
        /// A date in the future becomes the present.
        ClampedToNow,
    }
    /// OQ-22: what a header does that the endpoint does not need.
    UnneededHeader {
        /// Nothing.
        Ignored,
        /// A bad request: 400.
        Rejected,
    }
    /// OQ-22: what a compressed body is.
    LinkContentEncoding {
        /// Bytes like any others.
        StoredRaw,
        /// A bad request: 400.
        Rejected,
    }
    /// OQ-22: what a POST is that has neither a length nor chunks.
    MissingLength {
        /// An empty body.
        EmptyBody,
        /// 411.
        LengthRequired,
    }
    /// OQ-24: what lock contention at the commit of a link gives.
    LinkLockContention {
        /// The 409 of every failed commit.
        CommitFailure,
        /// 429.
        TooManyRequests,
    }
    /// OQ-25: what `Dropbox-API-Select-Admin` does at the mint.
    SelectAdmin {
        /// A bad request: 400.
        NotSupported,
        /// It is taken like `Dropbox-API-Select-User`.
        Accepted,
    }
    /// AQ-01: the form of a 400.
    BadRequestForm {
        /// That of the dialect.
        AsDialect,
        /// Plain text.
        Text,
        /// JSON around the text (API-96).
        Json,
    }
    /// AQ-04: the status of a route that nobody has.
    UnknownRoute {
        /// 400 (API-63).
        BadRequest,
        /// 404.
        NotFound,
    }
    /// AQ-07: which path pattern the 400s print.
    PathPattern {
        /// That of the dialect.
        AsDialect,
        /// The one of the spec since 2026.
        #[serde(rename = "spec_2026")]
        Spec2026,
        /// The one seen on the wire before.
        Older,
    }
    /// AQ-11: `overwrite` with `strict_conflict` on identical content.
    StrictOverwriteIdentical {
        /// A conflict.
        Conflict,
        /// Nothing is written.
        Keeps,
    }
    /// AQ-13: the id of a file that is uploaded where one was deleted.
    UploadAfterDeleteId {
        /// A new one.
        New,
        /// The one of the deleted file.
        Same,
    }
    /// AQ-13: `update` where the file was deleted.
    UpdateAfterDelete {
        /// It is written.
        Writes,
        /// A conflict.
        Conflicts,
    }
    /// AQ-15: the form of a 429.
    RateLimitForm {
        /// That of the dialect.
        AsDialect,
        /// JSON.
        Json,
        /// Plain text.
        Text,
    }
    /// AQ-18: where `property_groups` is shown that nobody asked for.
    PropertyGroupsInLists {
        /// Where the dialect shows them.
        AsDialect,
        /// In `list_folder/continue` only (API-210).
        ContinueOnly,
        /// Nowhere.
        Never,
        /// In the answers of every route but the searches.
        Always,
    }
    /// AQ-23: what a part of a concurrent session gets that comes after the closing part.
    LateConcurrentPart {
        /// It is taken if it lies before the end.
        Taken,
        /// 409 `closed`.
        Refused,
    }
    /// AQ-25: what a look-up by decomposed letters finds.
    NfdLookup {
        /// What is there under composed ones.
        Found,
        /// Nothing: `not_found`.
        NotFound,
    }
    /// AQ-26: what a move does that changes the letter case alone.
    CaseOnlyMove {
        /// A folder takes the new case; a file stays as it is.
        AsSeen,
        /// Both take it; a file is a new revision then.
        Renames,
        /// Both stay as they are.
        KeepsName,
    }
    /// AQ-27: the revs of the files below a folder that is moved.
    MovedFolderRevs {
        /// Each has a new one.
        New,
        /// Each keeps its own.
        Kept,
    }
    /// AQ-28: in which order a folder is listed.
    ListOrder {
        /// Folders as they were made, then files by their revs.
        AsSeen,
        /// One that nobody can rely on.
        Shuffled,
    }
    /// AQ-29: what a write gets whose name has a character outside the basic plane.
    NonBmpNames {
        /// It is written; the character counts twice.
        Accepted,
        /// 409 `malformed_path`.
        MalformedPath,
    }
    /// AQ-30: what an overwrite does to the property groups of a file.
    OverwritePropertyGroups {
        /// They stay; those that the commit brings come over those of the same template.
        Keeps,
        /// The file has those that the commit brings.
        Drops,
    }
    /// AQ-31: what a copy has of the property groups of its file.
    CopyPropertyGroups {
        /// None.
        Drops,
        /// All.
        Keeps,
    }
    /// SQ-25: whether a user is asked when an app wants in.
    Authorize {
        /// By a page with two buttons.
        Page,
        /// Not at all: it is let in, as a user who did so before may be.
        AtOnce,
    }
    /// AQ-22: what bytes do in `Dropbox-API-Arg` that the documentation wants escaped.
    HeaderBytes {
        /// They are UTF-8. The Go SDK 6.4 and rclone send raw UTF-8 and are served by the real
        /// Dropbox.
        #[serde(rename = "accept_utf8")]
        AcceptUtf8,
        /// 0x7F and everything above is refused (API-20).
        Strict,
    }
}

impl YesNo {
    /// Whether it is [`YesNo::Yes`].
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

/// Every assumption, each at the answer in force.
///
/// ```
/// use fake_dropbox::internals::dropbox::assumptions::{Assumptions, FailedCommit};
///
/// let mut assumptions = Assumptions::default();
/// assert_eq!(assumptions.failed_commit, FailedCommit::Burns);
/// assumptions.set("failed_commit", "frees").expect("one of the choices");
/// assert_eq!(assumptions.failed_commit, FailedCommit::Frees);
/// assert!(assumptions.set("failed_commit", "maybe").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    pub failed_commit: FailedCommit,
    pub interrupted_body: InterruptedBody,
    pub interrupted_body_lock_seconds: u64,
    pub concurrent_use: ConcurrentUse,
    pub text_expired: String,
    pub text_unknown_link: String,
    pub text_in_flight: String,
    pub text_bad_content_type: String,
    pub text_missing_content_type: String,
    pub text_wrong_method: String,
    pub malformed_token: MalformedToken,
    pub text_commit_failed: String,
    pub empty_body: EmptyBody,
    pub link_size_limit: u64,
    pub oversize: Oversize,
    pub link_too_large: LinkTooLarge,
    pub link_token_bytes: usize,
    pub content_type_check: ContentTypeCheck,
    pub bad_content_type: BadContentType,
    pub content_type_match: ContentTypeMatch,
    pub other_methods: OtherMethods,
    pub preflight_status: u16,
    pub cors_on_errors: YesNo,
    pub link_error_content_type: String,
    pub used_link_memory_seconds: Option<u64>,
    pub expiry_judged: ExpiryJudged,
    pub expiry_precision: ExpiryPrecision,
    pub mint_path_check: MintPathCheck,
    pub revoked_token: RevokedToken,
    pub unknown_fields: UnknownFields,
    pub returned_hash: ReturnedHash,
    pub identical_content: IdenticalContent,
    pub client_modified: ClientModified,
    pub link_authorization: UnneededHeader,
    pub link_content_encoding: LinkContentEncoding,
    pub missing_length: MissingLength,
    pub data_transport_limit: Option<u64>,
    pub link_lock_contention: LinkLockContention,
    pub select_admin: SelectAdmin,
    pub bad_request_form: BadRequestForm,
    pub unknown_route: UnknownRoute,
    pub path_pattern: PathPattern,
    pub conflicted_copy_name: String,
    pub strict_overwrite_identical: StrictOverwriteIdentical,
    pub overwrite_renames_case: YesNo,
    pub upload_after_delete_id: UploadAfterDeleteId,
    pub update_after_delete: UpdateAfterDelete,
    pub rate_limit_form: RateLimitForm,
    pub property_groups_in_lists: PropertyGroupsInLists,
    pub header_bytes: HeaderBytes,
    pub late_concurrent_part: LateConcurrentPart,
    pub create_folder_batch_at_once: u64,
    pub job_checks_in_progress: u64,
    pub dialect: DialectChoice,
    pub nfd_lookup: NfdLookup,
    pub case_only_move: CaseOnlyMove,
    pub moved_folder_revs: MovedFolderRevs,
    pub list_order: ListOrder,
    pub non_bmp_names: NonBmpNames,
    pub overwrite_property_groups: OverwritePropertyGroups,
    pub copy_property_groups: CopyPropertyGroups,
    pub list_page_size: usize,
    pub existing_link_metadata: ExistingLinkMetadata,
    pub authorize: Authorize,
}

/// The setting is not one, or does not take this value; the text says what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadAssumption(String);

impl Assumptions {
    /// Sets one by its name. The value is spelled as in the catalogue: a choice, a number, a text
    /// or `null`.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), BadAssumption> {
        let as_text = serde_json::Value::from(value);
        let as_json = serde_json::from_str(value).unwrap_or_else(|_| as_text.clone());
        self.set_json(name, as_json)
            .or_else(|error| self.set_json(name, as_text).map_err(|_| error))
    }

    /// Sets one by its name to a JSON value.
    pub fn set_json(&mut self, name: &str, value: serde_json::Value) -> Result<(), BadAssumption> {
        let mut all = serde_json::to_value(&*self).expect("assumptions are plain data");
        let fields = all.as_object_mut().expect("a struct is an object");
        // A flag on the command line is spelled with hyphens.
        let name = name.replace('-', "_");
        let Some(field) = fields.get_mut(&name) else {
            let known: Vec<&str> = fields.keys().map(String::as_str).collect();
            return Err(BadAssumption(format!(
                "no assumption is called '{name}'.{} There are {}",
                did_you_mean(&name, known.iter().copied()),
                known.join(", ")
            )));
        };
        field.clone_from(&value);
        *self = serde_json::from_value(all).map_err(|error| {
            let meant = assumption(&name).map_or_else(String::new, |known| {
                let asked = value.as_str().unwrap_or_default();
                did_you_mean(asked, known.choices.keys().map(String::as_str))
            });
            BadAssumption(format!("assumption '{name}': {error}.{meant}"))
        })?;
        Ok(())
    }

    /// All of them as a JSON object, in the order of their declaration.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("assumptions are plain data")
    }
}

impl Default for Assumptions {
    /// The defaults of `fixtures/assumptions.json`.
    fn default() -> Self {
        static DEFAULTS: OnceLock<Assumptions> = OnceLock::new();
        DEFAULTS.get_or_init(read_defaults).clone()
    }
}

fn read_defaults() -> Assumptions {
    let fields: serde_json::Map<_, _> = rules::assumptions()
        .iter()
        .map(|assumption| (assumption.name.clone(), assumption.default.clone()))
        .collect();
    serde_json::from_value(fields.into())
        .expect("the file is part of the program, and a test reads it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_has_a_default_for_every_assumption() {
        assert_eq!(Assumptions::default().link_size_limit, 150 << 20);
    }

    #[test]
    fn a_value_is_a_choice_a_number_a_text_or_null() {
        let mut assumptions = Assumptions::default();
        assumptions
            .set("link-size-limit", "157286400")
            .expect("a number");
        assumptions
            .set("text_expired", "410")
            .expect("a text that looks like a number");
        assumptions
            .set("used_link_memory_seconds", "60")
            .expect("a number");
        assert_eq!(assumptions.text_expired, "410");
        assumptions
            .set("used_link_memory_seconds", "null")
            .expect("for ever");
        assert_eq!(assumptions.used_link_memory_seconds, None);
    }

    #[test]
    fn a_wrong_value_is_refused_with_what_is_allowed_and_nothing_changes() {
        let mut assumptions = Assumptions::default();
        let error = assumptions
            .set("interrupted_body", "explodes")
            .expect_err("not a choice")
            .to_string();
        assert!(error.contains("`frees`, `burns`, `locks`"), "{error}");
        let error = assumptions
            .set("no_such", "1")
            .expect_err("not an assumption")
            .to_string();
        assert!(error.contains("failed_commit"), "{error}");
        assert_eq!(assumptions, Assumptions::default());
    }
}
