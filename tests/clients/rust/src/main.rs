//! The Rust SDK against a server that it is led to. The first argument is an origin that stands for
//! Dropbox, or `-` for the SDK's own client, which goes wherever the environment leads it.
//!
//! Each finished row is reported by one line `ok <row>`; what is not as it should be is a panic.

mod ways;

use dropbox_sdk::Error;
use dropbox_sdk::async_routes::{check, files};
use dropbox_sdk::oauth2::{Authorization, TokenCache};
use dropbox_sdk::types::auth::{AuthError, RateLimitReason, TokenScopeError};
use dropbox_sdk::types::check::{EchoArg, EchoError};
use dropbox_sdk::types::common::PathRoot;
use dropbox_sdk::types::file_properties::{PropertyField, PropertyGroup};
use dropbox_sdk::types::files::{
    CommitInfo, DownloadArg, FileMetadata, GetMetadataArg, GetMetadataError,
    GetTemporaryUploadLinkArg, ListFolderArg, LookupError, Metadata, UploadArg, WriteMode,
};
use futures_util::AsyncReadExt;
use sha2::{Digest, Sha256};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;
use ways::Way;

const BLOCK: usize = 4 << 20;

fn ok(row: &str) {
    println!("ok {row}");
}

fn content_hash(data: &[u8]) -> String {
    let mut whole = Sha256::new();
    for block in data.chunks(BLOCK) {
        whole.update(Sha256::digest(block));
    }
    whole
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Bytes without a pattern that a broken copy would keep.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

fn bearer(token: &str) -> Arc<TokenCache> {
    #[expect(deprecated, reason = "a token is what an integration test has")]
    let authorization = Authorization::from_long_lived_access_token(token.to_owned());
    Arc::new(TokenCache::new(authorization))
}

fn refused<T: Debug, E: Debug>(result: Result<T, Error<E>>) -> Error<E> {
    result.expect_err("an error")
}

struct Program<W: Way> {
    way: W,
    dbx: W::Client,
    http: reqwest::Client,
    token: String,
}

impl<W: Way> Program<W> {
    fn new(way: W, token: &str) -> Self {
        Self {
            dbx: way.client(bearer(token), None),
            http: way.http(),
            way,
            token: token.to_owned(),
        }
    }

    fn client(&self, token: &str) -> W::Client {
        self.way.client(bearer(token), None)
    }

    async fn mint(&self, commit: CommitInfo) -> String {
        let argument = GetTemporaryUploadLinkArg::new(commit).with_duration(3600.0);
        let minted = files::get_temporary_upload_link(&self.dbx, &argument).await;
        minted.expect("a link").link
    }

    async fn consume(
        &self,
        link: &str,
        data: Vec<u8>,
        content_type: Option<&str>,
    ) -> (u16, String) {
        let mut request = self.http.post(link).body(data);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = request.send().await.expect("an answer");
        (
            answer.status().as_u16(),
            answer.text().await.expect("a text"),
        )
    }

    async fn download(&self, path: &str) -> (FileMetadata, Vec<u8>) {
        let argument = DownloadArg::new(path.to_owned());
        let download = files::download(&self.dbx, &argument, None, None)
            .await
            .expect("a file");
        let mut data = Vec::new();
        let mut body = download.body.expect("a body");
        body.read_to_end(&mut data).await.expect("the whole body");
        (download.result, data)
    }

    async fn metadata(&self, path: &str) -> Result<Metadata, Error<GetMetadataError>> {
        files::get_metadata(&self.dbx, &GetMetadataArg::new(path.to_owned())).await
    }

    async fn echo(&self, client: &W::Client, query: &str) -> Result<String, Error<EchoError>> {
        let argument = EchoArg::default().with_query(query.to_owned());
        Ok(check::user(client, &argument).await?.result)
    }

    async fn mint_and_use(&self) {
        let path = || "/in/report.txt".to_owned();
        let argument = UploadArg::new(path());
        let first = files::upload(&self.dbx, &argument, "the first version".into())
            .await
            .expect("a file");
        let data = noise(5 * (1 << 20) + 1);
        let field = PropertyField::new("Security Policy".into(), "Confidential".into());
        let group = PropertyGroup::new("ptid:1a5n2i6d3OYEAAAAAAAAAYa".into(), vec![field]);
        let commit = CommitInfo::new(path())
            .with_mode(WriteMode::Update(first.rev.clone()))
            .with_autorename(true)
            .with_client_modified("2015-05-12T15:50:38Z".into())
            .with_mute(true)
            .with_property_groups(vec![group])
            .with_strict_conflict(true);
        let link = self.mint(commit).await;
        ok("mint_with_every_field");

        let (status, text) = self
            .consume(&link, data.clone(), Some("application/octet-stream"))
            .await;
        assert_eq!(status, 200, "{text}");
        let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(
            answer,
            serde_json::json!({"content-hash": content_hash(&data)})
        );
        ok("consume");

        let (metadata, downloaded) = self.download("/in/REPORT.txt").await;
        assert!(downloaded == data, "other bytes came back");
        assert_eq!(metadata.content_hash, Some(content_hash(&data)));
        assert_eq!(metadata.client_modified, "2015-05-12T15:50:38Z");
        assert_eq!(metadata.id, first.id);
        assert_ne!(metadata.rev, first.rev);
        let Metadata::File(again) = self.metadata(&metadata.id).await.expect("a file") else {
            panic!("no file");
        };
        assert_eq!(
            (again.rev, again.path_display),
            (metadata.rev, Some(path()))
        );
        let (_, old) = self.download(&format!("rev:{}", first.rev)).await;
        assert_eq!(old, b"the first version");
        ok("read_back");

        let gone = "Temporary upload link has been recently consumed.".to_owned();
        let again = self
            .consume(&link, b"again".into(), Some("application/octet-stream"))
            .await;
        assert_eq!(again, (410, gone));
        ok("used_link");
    }

    async fn names(&self) {
        let path = || "/names/ü €.txt".to_owned();
        for expected in ["ü €.txt", "ü € (1).txt"] {
            let link = self
                .mint(CommitInfo::new(path()).with_autorename(true))
                .await;
            let (status, text) = self
                .consume(&link, expected.into(), Some("text/plain; charset=utf-8"))
                .await;
            assert_eq!(status, 200, "{text}");
            let (metadata, data) = self.download(&format!("/names/{expected}")).await;
            assert_eq!((metadata.name.as_str(), data), (expected, expected.into()));
        }
        ok("autorename");

        let taken = self.mint(CommitInfo::new(path())).await;
        let (status, _) = self
            .consume(&taken, b"a third".into(), Some("application/octet-stream"))
            .await;
        assert_eq!(status, 409);
        ok("link_conflict");

        let link = self.mint(CommitInfo::new("/names/none.txt".into())).await;
        assert_eq!(
            self.consume(&link, b"without a type".into(), None).await.0,
            400
        );
        ok("link_without_type");
    }

    async fn errors(&self) {
        let bad = files::list_folder(&self.dbx, &ListFolderArg::new("/".into())).await;
        let Error::BadRequest(text) = refused(bad) else {
            panic!("no bad request");
        };
        assert!(text.contains("files/list_folder"), "{text}");
        ok("bad_input");

        let expired = refused(self.echo(&self.client("expired-token"), "x").await);
        assert!(
            matches!(
                &expired,
                Error::Authentication(AuthError::ExpiredAccessToken)
            ),
            "{expired:?}"
        );
        ok("expired_token");

        let argument = GetMetadataArg::new("/a".into());
        let narrow = refused(files::get_metadata(&self.client("narrow-token"), &argument).await);
        let Error::Authentication(AuthError::MissingScope(TokenScopeError {
            required_scope, ..
        })) = narrow
        else {
            panic!("{narrow:?}");
        };
        assert_eq!(required_scope, "files.metadata.read");
        ok("missing_scope");

        let missing = refused(self.metadata("/nothing").await);
        assert!(
            matches!(
                missing,
                Error::Api(GetMetadataError::Path(LookupError::NotFound))
            ),
            "{missing:?}"
        );
        ok("api_error");

        let root = PathRoot::Root("999999".into());
        let elsewhere = self.way.client(bearer(&self.token), Some(&root));
        // The SDK has no type for this one: it hands the answer on.
        let root = refused(files::get_metadata(&elsewhere, &argument).await);
        let Error::UnexpectedHttpError {
            code: 422,
            response,
        } = root
        else {
            panic!("{root:?}");
        };
        assert!(response.contains("invalid_root"), "{response}");
        ok("path_root");
    }

    async fn trouble(&self) {
        let limited = self.client("limited-token");
        let mut wait = Duration::ZERO;
        for _ in 0..2 {
            tokio::time::sleep(wait).await;
            let slow_down = refused(self.echo(&limited, "x").await);
            let Error::RateLimited {
                reason,
                retry_after_seconds,
            } = slow_down
            else {
                panic!("{slow_down:?}");
            };
            assert!(
                matches!(reason, RateLimitReason::TooManyRequests),
                "{reason:?}"
            );
            wait = Duration::from_secs(retry_after_seconds.into());
            assert_eq!(wait, Duration::from_secs(1));
        }
        ok("rate_limit");
        // The SDK leaves waiting to its user.
        tokio::time::sleep(wait).await;
        assert_eq!(
            self.echo(&limited, "patience").await.expect("an echo"),
            "patience"
        );
        ok("rate_limit_retried");

        let broken = self.client("broken-token");
        for _ in 0..2 {
            let failed = refused(self.echo(&broken, "x").await);
            assert!(matches!(failed, Error::ServerError(_)), "{failed:?}");
        }
        ok("server_error");
        assert_eq!(self.echo(&broken, "again").await.expect("an echo"), "again");
        ok("server_error_retried");
    }

    async fn refresh(&self) {
        let renewed = |token: &str| {
            let authorization = Authorization::from_refresh_token("key".into(), token.into());
            self.way
                .client(Arc::new(TokenCache::new(authorization)), None)
        };
        let good = renewed("good-refresh-token");
        assert_eq!(self.echo(&good, "x").await.expect("an echo"), "x");
        // An access token that has run out is renewed in the middle of a call.
        let tokens = Arc::new(TokenCache::new(Authorization::from_refresh_token(
            "key".into(),
            "good-refresh-token".into(),
        )));
        let (setting, token) = (Arc::clone(&tokens), "expired-token".to_owned());
        // The SDK blocks here, which it may not do on the thread of the runtime.
        std::thread::spawn(move || setting.set_access_token(token))
            .join()
            .expect("a token");
        let late = self.way.client(tokens, None);
        assert_eq!(self.echo(&late, "y").await.expect("an echo"), "y");
        ok("refresh");

        let revoked = refused(self.echo(&renewed("revoked-refresh-token"), "x").await);
        let Error::BadRequest(text) = revoked else {
            panic!("{revoked:?}");
        };
        assert!(text.contains("invalid_grant"), "{text}");
        ok("revoked_refresh");
    }

    async fn run(&self) {
        self.mint_and_use().await;
        self.names().await;
        self.errors().await;
        self.trouble().await;
        self.refresh().await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, token] = arguments.as_slice() else {
        panic!("what is needed: the origin, or -, and a token");
    };
    if base == "-" {
        Program::new(ways::Default, token).run().await;
    } else {
        let way = ways::Elsewhere { base: base.clone() };
        Program::new(way, token).run().await;
    }
}
