//! The fake itself stands in for Dropbox: the real host names, TLS with its own authority, an app-folder
//! app, a refresh token. Nothing in the suite can tell.

mod agreement;
mod gate;
mod interruptions;
mod troubles;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, mpsc};
use std::time::SystemTime;

use fake_dropbox::internals::dropbox::account::Profile;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use fake_dropbox::internals::dropbox::credentials::{App as DropboxApp, AppAccess};
use fake_dropbox::internals::dropbox::world::World;
use fake_dropbox::internals::server::certificates::CertificateAuthority;
use fake_dropbox::internals::server::listener::ListenerConfig;
use fake_dropbox::internals::server::{App, Server, ServerConfig};

use super::stand_in::EMAIL;
use super::support::{APP_KEY, APP_SECRET, REFRESH_TOKEN, conformance, printed};

/// The account, by its name in the fake.
const ACCOUNT: &str = "somebody";
/// Where the app's folder is in the account.
const APP_FOLDER: &str = "/apps/conformance";
/// The first name of the account's owner: as long as no other word.
const GIVEN_NAME: &str = "Quillfeatherina";

/// What a run can write, by the names of its options.
const REPORTS: [&str; 3] = ["run.json", "run.junit", "run.html"];

/// A fake under Dropbox's names that runs until the process ends, and what the program needs to reach it.
struct Stage {
    directory: tempfile::TempDir,
    address: SocketAddr,
    app: Arc<App>,
}

impl Stage {
    /// An empty account.
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// As [`Self::new`], with something about the world changed.
    fn with(change: impl FnOnce(&World)) -> Self {
        // It plays Dropbox: the names of its links, too.
        let links = fake_dropbox::config::LinkOrigin::Production;
        let config = ServerConfig {
            links,
            ..ServerConfig::default()
        };
        Self::of(config, change)
    }

    /// Under its own address, not Dropbox's names.
    fn at_its_own_address() -> Self {
        Self::of(ServerConfig::default(), |_| {})
    }

    fn of(config: ServerConfig, change: impl FnOnce(&World)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::new(config.seed, Assumptions::default());
        world.declare_account(
            ACCOUNT,
            Profile {
                given_name: GIVEN_NAME.to_owned(),
                email: EMAIL.to_owned(),
                ..Profile::default()
            },
        );
        world.credentials().declare_app(DropboxApp {
            secret: Some(APP_SECRET.to_owned()),
            access: AppAccess::AppFolder("conformance".to_owned()),
            ..DropboxApp::new(APP_KEY)
        });
        world
            .credentials()
            .declare_refresh_token(REFRESH_TOKEN, ACCOUNT, Some(APP_KEY), None);
        // As on Dropbox, a token that nobody issued opens nothing.
        world.credentials().open = false;
        change(&world);
        let app = App::new(config, world);
        let address = serve(Arc::clone(&app), &directory.path().join("ca.pem"));
        Self {
            directory,
            address,
            app,
        }
    }

    /// A file in a folder that goes with the stage.
    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The program, with a refresh token, before this stage.
    fn command(&self, arguments: &[&str]) -> Command {
        self.command_through(self.address, arguments)
    }

    /// As [`Self::command`], through something that stands before the fake.
    fn command_through(&self, address: SocketAddr, arguments: &[&str]) -> Command {
        let mut command = conformance(arguments);
        command
            .args(["--target", "dropbox", "--connect-to", &address.to_string()])
            .arg("--ca-file")
            .arg(self.at("ca.pem"))
            .env("DROPBOX_REFRESH_TOKEN", REFRESH_TOKEN)
            .env("DROPBOX_APP_KEY", APP_KEY)
            .env("DROPBOX_APP_SECRET", APP_SECRET);
        command
    }

    /// Has the run write every report.
    fn ask_for_reports(&self, command: &mut Command) {
        for file in REPORTS {
            let (_, option) = file.split_once('.').unwrap();
            command.arg(format!("--{option}")).arg(self.at(file));
        }
    }

    /// Nothing that a run said, on the screen or in its reports, is secret.
    fn hold_no_secret(&self, output: &Output) {
        let mut texts = vec![("the screen", printed(output))];
        for file in REPORTS {
            let text = std::fs::read_to_string(self.at(file)).unwrap_or_default();
            texts.push((file, text));
        }
        for secret in self.secrets() {
            for (name, text) in &texts {
                if let Some(at) = text.find(&secret) {
                    let around: String = text[..at].chars().rev().take(200).collect();
                    let around: String = around.chars().rev().collect();
                    panic!("{name} holds {secret} after {around}");
                }
            }
        }
    }

    /// Everything that is in the app's folder now, by its path.
    fn holds(&self) -> Vec<String> {
        let world = self.app.world();
        let account = world.known_account(ACCOUNT).unwrap();
        let account = account.lock();
        let inside = account.state.tree.descendants(APP_FOLDER, None);
        inside
            .map(|(key, _)| key[APP_FOLDER.len()..].to_owned())
            .collect()
    }

    /// Everything that must never be seen: what was declared, and what the fake gave out since.
    fn secrets(&self) -> Vec<String> {
        let world = self.app.world();
        let account = world.known_account(ACCOUNT).unwrap();
        let account = account.lock();
        let declared = [
            REFRESH_TOKEN,
            APP_KEY,
            APP_SECRET,
            GIVEN_NAME,
            EMAIL,
            &account.account_id,
        ];
        let credentials = world.credentials();
        let issued = credentials.grants().map(|(token, _)| token.as_ref());
        let uploads = account.state.links.keys().map(AsRef::as_ref);
        let links = uploads.chain(account.state.downloads.keys().map(AsRef::as_ref));
        let all = declared.into_iter().chain(issued).chain(links);
        let numbers = [account.user_id, account.root_namespace_id];
        all.map(str::to_owned)
            .chain(numbers.map(|number| number.to_string()))
            .collect()
    }
}

/// Serves until the process ends; the authority is written to `ca_file`.
fn serve(app: Arc<App>, ca_file: &Path) -> SocketAddr {
    let now = SystemTime::from(jiff::Timestamp::now());
    let authority = CertificateAuthority::fresh(&[], now).unwrap();
    std::fs::write(ca_file, authority.ca_pem()).unwrap();
    let tls = authority.tls(now).unwrap();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = ListenerConfig {
                tls: Some(tls),
                ..ListenerConfig::loopback(0)
            };
            let server = Server::bind(app, listener).await.unwrap();
            tell.send(server.local_address()).unwrap();
            let _report = server.serve(std::future::pending()).await;
        });
    });
    told.recv().unwrap()
}
