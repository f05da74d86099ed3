//! `exec --isolate` where it cannot be had, and what goes in and out of it besides names.

use super::isolate::{ACCOUNT, can_isolate, eventually, isolated, processes_with, shell, users};
use super::program::{Ended, has};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Runs a command of the program in a machine of its own, which these lines of a script prepare. None where this
/// machine does not let it.
fn prepared(user: Option<u32>, prepare: &str, arguments: &[&str]) -> Option<Ended> {
    let mut inside = Command::new("unshare");
    inside
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg(format!("{prepare} || exit 99; exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_fake-dropbox"))
        .args(arguments)
        .env_remove("CI");
    if let Some(user) = user {
        inside.uid(user).gid(user);
    }
    let ended = Ended::of(inside.output().ok()?);
    (ended.code != Some(99) && !ended.err.starts_with("unshare: ")).then_some(ended)
}

#[test]
fn where_namespaces_are_forbidden_it_is_refused_with_cause_and_cure_or_tried() {
    const NONE: &str = "echo 0 > /proc/sys/user/max_user_namespaces";
    const WHY: &str = "cannot isolate the command: this machine allows no namespaces of users: allow them with \
                       `sysctl user.max_user_namespaces=10000`";
    if !can_isolate() || !has("unshare") {
        return;
    }
    for user in users() {
        let command = ["--", "sh", "-c", "echo ran; echo $HTTPS_PROXY"];
        let run = |isolate| {
            let mut arguments = vec!["exec", "--no-summary", isolate];
            arguments.extend(command);
            prepared(user, NONE, &arguments).expect("a namespace in which none can be made")
        };
        let refused = run("--isolate");
        assert_eq!(refused.code, Some(2), "{}", refused.err);
        assert_eq!(refused.out, "");
        assert_eq!(refused.err, format!("fake-dropbox: {WHY}\n"));
        let tried = run("--isolate=try");
        assert_eq!(tried.code, Some(0), "{}", tried.err);
        assert!(
            tried.out.starts_with("ran\nhttp://127.0.0.1:"),
            "{}",
            tried.out
        );
        let said = format!("fake-dropbox: {WHY}; the command runs without isolation\n");
        assert_eq!(tried.err, said);
        let program = env!("CARGO_BIN_EXE_fake-dropbox");
        let asked = ["exec", "--no-summary", "--", program, "doctor"];
        let doctor = prepared(user, NONE, &asked).expect("it worked before");
        let said = doctor.out + &doctor.err;
        assert!(said.contains(&format!("exec --isolate: {WHY}")), "{said}");
    }
}

#[test]
fn what_can_be_had_is_not_only_tried() {
    if !can_isolate() {
        return;
    }
    let output = super::program::program()
        .args([
            "exec",
            "--isolate=try",
            "--",
            "sh",
            "-c",
            "echo ${HTTPS_PROXY-none}",
        ])
        .output();
    let ended = Ended::of(output.expect("it runs"));
    assert_eq!(ended.out, "none\n", "{}", ended.err);
    assert!(!ended.err.contains("without isolation"), "{}", ended.err);
}

/// As in a usual container: what lies over a part of /proc keeps everybody from mounting a fresh one.
#[test]
fn without_processes_of_its_own_it_says_so_and_ends_what_is_left_all_the_same() {
    const MASKED: &str = "mount -t tmpfs none /proc/irq || mount -t tmpfs none /proc/fs";
    if !can_isolate() || !has("unshare") || !has("curl") {
        return;
    }
    for user in users() {
        let word = format!(
            "FAKE_DROPBOX_TEST_WORD=masked-{}-{}",
            user.unwrap_or(0),
            std::process::id()
        );
        let script = format!(
            "{word}; export FAKE_DROPBOX_TEST_WORD; (setsid sh -c 'sleep 600 & sleep 600' >/dev/null 2>&1 &); \
             curl -sS {ACCOUNT}"
        );
        let arguments = ["exec", "--isolate", "--", "sh", "-c", &script];
        let Some(ended) = prepared(user, MASKED, &arguments) else {
            continue;
        };
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(ended.out.contains("dbid:"), "{}", ended.out);
        assert!(
            ended
                .err
                .contains("this machine lets nobody set processes apart"),
            "{}",
            ended.err
        );
        eventually("all processes end", || processes_with(&word).is_empty());
    }
}

#[test]
fn a_daemon_ends_with_the_command_that_left_it() {
    if !can_isolate() {
        return;
    }
    for user in users() {
        let word = format!(
            "FAKE_DROPBOX_TEST_WORD=daemon-{}-{}",
            user.unwrap_or(0),
            std::process::id()
        );
        // A session of its own, another parent, and no terminal.
        let script = format!(
            "{word}; export FAKE_DROPBOX_TEST_WORD; (setsid sh -c 'trap \"\" TERM HUP; sleep 600 & exec sleep 600' \
             </dev/null >/dev/null 2>&1 &); exit 5"
        );
        let ended = shell(user, &["--no-summary"], &script);
        assert_eq!(ended.code, Some(5), "{}", ended.err);
        assert_eq!(processes_with(&word), [""; 0], "{user:?}");
    }
}

#[test]
fn sockets_of_container_engines_are_covered_unless_they_are_passed() {
    if !can_isolate() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let all = PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(directory.path(), all).expect("it is ours");
    std::fs::create_dir(directory.path().join("podman")).expect("a directory");
    let docker = directory.path().join("docker.sock");
    let podman = directory.path().join("podman/podman.sock");
    let other = directory.path().join("other.sock");
    let _sockets = [&docker, &podman, &other].map(|path| {
        let socket = UnixListener::bind(path).expect("a socket");
        let all = PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(path, all).expect("it is ours");
        socket
    });
    let script = "for name in docker.sock podman/podman.sock other.sock; do
        if [ -S \"$XDG_RUNTIME_DIR/$name\" ]; then echo \"$name open\"; else echo \"$name covered\"; fi
    done";
    let run = |user, options: &[&str]| {
        let mut command = isolated(user, options, &["sh", "-uc", script]);
        let output = command.env("XDG_RUNTIME_DIR", directory.path()).output();
        Ended::of(output.expect("it runs"))
    };
    for user in users() {
        let ended = run(user, &[]);
        let covered = "docker.sock covered\npodman/podman.sock covered\nother.sock open\n";
        assert_eq!(ended.out, covered, "{}", ended.err);
        let ended = run(user, &["--pass", docker.to_str().expect("text")]);
        let passed = "docker.sock open\npodman/podman.sock covered\nother.sock open\n";
        assert_eq!(ended.out, passed, "{}", ended.err);
    }
}

#[test]
fn a_webhook_reaches_a_server_of_the_command() {
    if !can_isolate() || !has("python3") {
        return;
    }
    let script = r#"
import http.server, json, os, queue, threading, urllib.parse, urllib.request
told = queue.Queue()
class Hook(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        challenge = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)["challenge"][0]
        self.send_response(200); self.end_headers(); self.wfile.write(challenge.encode())
    def do_POST(self):
        told.put(self.rfile.read(int(self.headers["content-length"])).decode())
        self.send_response(200); self.end_headers()
    def log_message(self, *all): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()
def call(url, body, kind="application/json"):
    headers = {"Authorization": "Bearer test", "Content-Type": kind}
    return urllib.request.urlopen(urllib.request.Request(url, body, headers)).read()
url = f"http://127.0.0.1:{server.server_port}/hook"
call(os.environ["FAKE_DROPBOX_URL"] + "/_fake/v1/webhooks", json.dumps({"url": url, "secret": "s"}).encode())
link = json.loads(call("https://api.dropboxapi.com/2/files/get_temporary_upload_link", b'{"commit_info": {"path": "/a"}}'))["link"]
call(link, b"hello", "application/octet-stream")
print(told.get(timeout=60))
"#;
    for user in users() {
        let output = isolated(user, &["--no-summary"], &["python3", "-c", script]).output();
        let ended = Ended::of(output.expect("it runs"));
        assert!(
            ended.out.contains("\"delta\""),
            "{user:?}: {}{}",
            ended.out,
            ended.err
        );
    }
}

#[test]
fn a_port_that_is_wanted_twice_inside_is_told_and_those_of_names_can_be_left_alone() {
    if !can_isolate() || !has("python3") {
        return;
    }
    // Root may have the fake itself on the port of names.
    let ended = shell(None, &["--port", "53"], "true");
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("port 53"), "{}", ended.err);
    let listen = |port: u16| {
        format!(
            "python3 -c \"import errno, socket
try: socket.create_server(('', {port})); print({port}, 'free')
except OSError as error: print({port}, errno.errorcode[error.errno])\"; "
        )
    };
    // An ordinary user may have no port below 1024 anyway.
    if users().len() > 1 {
        let script = listen(53) + &listen(80) + &listen(443);
        let taken = "EADDRINUSE";
        let ended = shell(None, &["--no-summary"], &script);
        assert_eq!(
            ended.out,
            format!("53 {taken}\n80 {taken}\n443 {taken}\n"),
            "{}",
            ended.err
        );
        let ended = shell(None, &["--no-summary", "--isolate-https-only"], &script);
        assert_eq!(
            ended.out,
            format!("53 free\n80 free\n443 {taken}\n"),
            "{}",
            ended.err
        );
    }
}

/// A resolver of Go's own, which reads the files itself, and asks.
#[test]
fn go_s_own_resolver_finds_dropbox_here_and_nobody_else() {
    if !can_isolate() || !has("go") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let all = PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(directory.path(), all).expect("it is ours");
    std::fs::write(directory.path().join("ask.go"), GO).expect("a file");
    let program = directory.path().join("ask");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg("ask.go")
        .current_dir(directory.path())
        .env("CGO_ENABLED", "0")
        .output()
        .expect("it runs");
    assert!(built.status.success(), "{}", Ended::of(built).err);
    for user in users() {
        let program = program.to_str().expect("text");
        let output = isolated(user, &[], &["env", "-i", "GODEBUG=netdns=go", program]).output();
        let ended = Ended::of(output.expect("it runs"));
        assert_eq!(ended.out, "[127.0.0.1]\n200\nnot found\n", "{}", ended.err);
        assert!(ended.err.contains("registry.example"), "{}", ended.err);
    }
}

const GO: &str = r#"package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
)

func main() {
	// Past the hosts file: by a question to the server that resolv.conf names.
	asker := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	four, err := asker.LookupIP(context.Background(), "ip4", "content.dropboxapi.com")
	if err != nil {
		panic(err)
	}
	fmt.Println(four)
	request, _ := http.NewRequest("POST", "https://api.dropboxapi.com/2/users/get_current_account", nil)
	request.Header.Set("Authorization", "Bearer test")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.StatusCode)
	_, err = http.Get("https://registry.example/")
	var lookup *net.DNSError
	if errors.As(err, &lookup) && lookup.IsNotFound {
		fmt.Println("not found")
	} else {
		fmt.Println(err)
	}
}
"#;

/// Node's `dns.resolve` asks a resolver itself, with the library c-ares.
#[test]
fn c_ares_gets_the_same_answers() {
    if !can_isolate() || !has("node") {
        return;
    }
    let script = "const dns = require('dns').promises;\
        dns.resolve4('api.dropboxapi.com').then((all) => console.log(all.join()))\
        .then(() => dns.resolve6('api.dropboxapi.com')).then((all) => console.log(all.join()))\
        .then(() => dns.resolveTxt('api.dropboxapi.com')).catch((error) => console.log(error.code))\
        .then(() => dns.resolve4('registry.example')).catch((error) => console.log(error.code))";
    for user in users() {
        let output = isolated(user, &[], &["node", "-e", script]).output();
        let ended = Ended::of(output.expect("it runs"));
        assert_eq!(
            ended.out, "127.0.0.1\n::1\nENODATA\nENOTFOUND\n",
            "{user:?}: {}",
            ended.err
        );
    }
}
