//! `fake-dropbox serve`.

use super::failure::Failure;
use super::log::LogArguments;
use super::output::stdout;
use super::port_file::PortFile;
use super::ready::DEFAULT_URL;
use super::settings::{AddressArguments, SettingsArguments};
use super::signals::{StopSignal, StopSignals};
use super::start::start;
use crate::config::Settings;
use crate::server::AUTHORITY;
use crate::server::PAGE;
use crate::server::listener::StopReport;
use clap::Args;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Start the fake and serve until stopped (the default command).
///
/// No setup: every bearer token gets its own empty account. One port serves plain HTTP, TLS, and
/// CONNECT, as an HTTPS proxy does. When the server stops, everything is gone, unless --data-dir
/// names a directory to keep it in.
///
/// Each option has an environment variable: --max-upload-size is FAKE_DROPBOX_MAX_UPLOAD_SIZE. An
/// option beats its variable, which beats the configuration file.
///
/// SIGINT, SIGTERM and SIGHUP stop the server after it has answered what is under way; a second
/// signal stops it at once. Exit codes: 0 after a signal; 2 if it could not start.
#[derive(Debug, Args)]
pub struct ServeArguments {
    #[command(flatten)]
    address: AddressArguments,

    /// Write the port to this file when the server is ready, in one step, and remove the file at
    /// the end. An older port file is replaced; any other file is refused.
    #[arg(long, value_name = "FILE", help_heading = "Where to listen")]
    port_file: Option<PathBuf>,

    /// Print the server's URL on standard output when it is ready, and nothing else.
    #[arg(long, help_heading = "Where to listen")]
    print_url: bool,

    /// Open the page that shows what happens in your browser.
    #[arg(long, help_heading = "Where to listen")]
    open: bool,

    /// Stop when standard input closes. It closes when the program that started the server ends,
    /// however it ends. The input itself is ignored.
    #[arg(long, help_heading = "Where to listen")]
    until_stdin_closes: bool,

    #[command(flatten)]
    settings: SettingsArguments,

    #[command(flatten)]
    log: LogArguments,
}

/// Runs the server.
pub fn run(arguments: &ServeArguments) -> Result<ExitCode, Failure> {
    arguments.log.init("info")?;
    super::unknown_variables::warn();
    let settings = arguments.settings.settings(Some(&arguments.address))?;
    let runtime = runtime()?;
    let ended = runtime.block_on(serve(&settings, arguments));
    // A thread that reads from a slow disk does not hold the end up.
    runtime.shutdown_background();
    ended
}

/// The threads that everything asynchronous runs on.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::cannot_start(format_args!("cannot start threads: {error}")))
}

async fn serve(settings: &Settings, arguments: &ServeArguments) -> Result<ExitCode, Failure> {
    let mut signals = StopSignals::catch()?;
    let port_file = arguments.port_file.as_deref();
    if let Some(path) = port_file {
        PortFile::check(path)?;
    }
    super::descriptors::raise();
    let server = start(settings).await?;
    let addresses = server.local_addresses().to_vec();
    if !settings.is_loopback() {
        tracing::warn!(
            "this server can be reached from other machines: whoever reaches it can read and write all that it holds"
        );
    }
    // Whoever reads the file may connect at once: the port is taken, and connections wait.
    let port_file = port_file.map(|path| PortFile::write(path, addresses[0].port()));
    let port_file = port_file.transpose()?;
    stdout().say(if arguments.print_url {
        format!("{}\n", local_url(&addresses))
    } else {
        greeting(&addresses, settings)
    });
    if arguments.open {
        super::open::open(&format!("{}{PAGE}", local_url(&addresses)));
    }
    let abandoned = async {
        if arguments.until_stdin_closes {
            stdin_closed().await;
        } else {
            std::future::pending::<()>().await;
        }
    };

    let app = std::sync::Arc::clone(server.app());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = server.serve(async {
        // The sender goes only when this function does.
        let _ = stopped.await;
    });
    tokio::pin!(serving);
    let reason = tokio::select! {
        // Nothing asked it to: then there is nothing left to stop.
        report = &mut serving => return Ok(ended(&report, settings)),
        signal = signals.next() => signal.name(),
        () = abandoned => "standard input closed",
    };
    tracing::info!("{reason}: stopping; a second signal stops at once");
    drop(port_file);
    let _ = stop.send(());
    let ended = tokio::select! {
        report = serving => ended(&report, settings),
        second = signals.next() => at_once(second),
    };
    app.end();
    Ok(ended)
}

fn ended(report: &StopReport, settings: &Settings) -> ExitCode {
    if report.cut > 0 {
        let (cut, after) = (report.cut, settings.limits.stop_time);
        tracing::warn!("{cut} connections were cut after {after}");
    }
    ExitCode::SUCCESS
}

/// Waits until standard input ends. A thread of its own reads it, because a read that blocks could
/// not be given up.
async fn stdin_closed() {
    let (closed, wait) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        // An error says as much as the end does: nobody is there any more.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(closed);
    });
    let _ = wait.await;
}

fn at_once(signal: StopSignal) -> ExitCode {
    tracing::warn!("{}: stopped with requests under way", signal.name());
    ExitCode::from(signal.exit_code())
}

/// The origin at which a client on this machine reaches one of these addresses.
pub fn local_url(addresses: &[SocketAddr]) -> String {
    let address = addresses[0];
    match address.ip() {
        ip if !ip.is_unspecified() => format!("http://{address}"),
        ip if ip.is_ipv4() => format!("http://127.0.0.1:{}", address.port()),
        _ => format!("http://[::1]:{}", address.port()),
    }
}

/// Says what to do next.
fn greeting(addresses: &[SocketAddr], settings: &Settings) -> String {
    let url = local_url(addresses);
    let ways = if settings.tls {
        "HTTP, HTTPS and HTTPS proxy"
    } else {
        "HTTP"
    };
    let mut text = format!(
        "fake-dropbox {} is ready at {url} ({ways} on one port).\n\n\
         See what happens in a browser: {url}{PAGE}\n\n\
         Mint a temporary upload link, upload to it, and see what is there:\n\n  \
         link=$(curl -s {url}/2/files/get_temporary_upload_link -H 'Authorization: Bearer test' \\\n    \
         -H 'Content-Type: application/json' -d '{{\"commit_info\":{{\"path\":\"/hello.txt\"}}}}' | cut -d'\"' -f4)\n  \
         curl -s -w '\\n' \"$link\" -H 'Content-Type: application/octet-stream' --data-binary 'Hello!'\n  \
         curl -s -w '\\n' {url}/2/files/get_metadata -H 'Authorization: Bearer test' \\\n    \
         -H 'Content-Type: application/json' -d '{{\"path\":\"/hello.txt\"}}'\n\n",
        env!("CARGO_PKG_VERSION")
    );
    if settings.tls {
        let which = if url == DEFAULT_URL {
            String::new()
        } else {
            format!(" --url {url}")
        };
        text += &format!(
            "Let programs that call https://api.dropboxapi.com reach it unchanged:\n\n  \
             eval \"$(fake-dropbox env{which})\"\n\n\
             Or give a command a fake of its own:\n\n  \
             fake-dropbox exec -- COMMAND\n\n\
             Clients trust its certificate by what is at {url}{AUTHORITY}.\n\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_to_try_is_one_that_can_be_reached() {
        for (bound, url) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:80", "http://[::1]:80"),
            ("[::1]:80", "http://[::1]:80"),
        ] {
            assert_eq!(local_url(&[bound.parse().unwrap()]), url);
        }
    }
}
