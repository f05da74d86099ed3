//! `exec --isolate`: as root, and as an ordinary user where the tests run as root.

use super::program::{Ended, has, program};
use fake_dropbox::internals::control::clock::Stopwatch;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(super) const ACCOUNT: &str = "-X POST https://api.dropboxapi.com/2/users/get_current_account -H 'Authorization: Bearer test'";

/// Nobody in particular.
const NOBODY: u32 = 65534;

/// The users that this can be tried as.
pub(super) fn users() -> Vec<Option<u32>> {
    if is_root() {
        vec![None, Some(NOBODY)]
    } else {
        vec![None]
    }
}

pub(super) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The program as this user, in a folder of root's.
pub(super) fn isolated(user: Option<u32>, options: &[&str], command: &[&str]) -> Command {
    let mut program = program();
    program
        .args(["exec", "--isolate"])
        .args(options)
        .arg("--")
        .args(command)
        .current_dir("/");
    if let Some(user) = user {
        program.uid(user).gid(user);
    }
    program
}

pub(super) fn shell(user: Option<u32>, options: &[&str], script: &str) -> Ended {
    let output = isolated(user, options, &["sh", "-uc", script]).output();
    Ended::of(output.expect("it runs"))
}

/// Whether this machine lets a command be isolated; if not, the test says that it is skipped.
pub(super) fn can_isolate() -> bool {
    let ended = shell(None, &[], "true");
    if ended.code == Some(2) {
        let mut namespaces = Command::new("unshare");
        let made = namespaces
            .args(["--user", "--map-root-user", "--net", "--mount", "true"])
            .status();
        assert!(!made.is_ok_and(|made| made.success()), "{}", ended.err);
        let _ = writeln!(std::io::stderr().lock(), "SKIPPED --isolate: {}", ended.err);
    }
    ended.code != Some(2)
}

#[test]
fn clients_without_any_variable_reach_the_fake_and_nothing_else() {
    if !can_isolate() || !has("curl") {
        return;
    }
    let script = format!(
        "set -e\n\
         env -i PATH=\"$PATH\" curl -sS {ACCOUNT}\n\
         env -i PATH=\"$PATH\" curl -sS -6 {ACCOUNT}\n\
         link=$(env -i PATH=\"$PATH\" curl -sS https://api.dropboxapi.com/2/files/get_temporary_upload_link \
           -H 'Authorization: Bearer test' -H 'Content-Type: application/json' -d '{{\"commit_info\":{{\"path\":\"/a.txt\"}}}}' | cut -d'\"' -f4)\n\
         echo \"LINK $link\"\n\
         env -i PATH=\"$PATH\" curl -sS \"$link\" -H 'Content-Type: application/octet-stream' --data-binary hello\n\
         curl -sS \"$FAKE_DROPBOX_URL/_fake/v1/version\" >/dev/null\n\
         ! curl -sS https://registry.example/\n\
         ! curl -sS --max-time 20 https://203.0.113.7/\n\
         ! curl -sS --max-time 20 'https://[2001:db8::7]/'\n\
         env\n"
    );
    for user in users() {
        let ended = shell(user, &["--fail-on-unused-links"], &script);
        let Ended { code, out, err } = &ended;
        assert_eq!(*code, Some(0), "{user:?}: {out}{err}");
        assert_eq!(out.matches("dbid:").count(), 2, "{out}");
        assert!(
            out.contains("LINK https://content.dropboxapi.com/apitul/1/"),
            "{out}"
        );
        assert!(out.contains("content-hash"), "{out}");
        assert!(!out.to_ascii_uppercase().contains("_PROXY"), "{out}");
        assert!(!out.contains("DROPBOX_API_HOST"), "{out}");
        assert!(
            err.contains("looked up and not there: registry.example (1 look-up)\n"),
            "{err}"
        );
        assert!(err.contains("203.0.113.7:443 (1 time)"), "{err}");
        assert!(err.contains("[2001:db8::7]:443 (1 time)"), "{err}");
        assert!(err.contains("1 minted, 1 used"), "{err}");
    }
}

#[test]
fn languages_reach_it_with_what_they_bring() {
    if !can_isolate() {
        return;
    }
    let python = "import urllib.request as u; print(u.urlopen(u.Request('https://api.dropboxapi.com/2/users/get_current_account', \
                  method='POST', headers={'Authorization': 'Bearer test'})).status)";
    let node = "fetch('https://api.dropboxapi.com/2/users/get_current_account', {method: 'POST', headers: {Authorization: 'Bearer test'}})\
                .then(a => console.log(a.status))";
    let ruby = "require 'net/http'; puts Net::HTTP.post(URI('https://api.dropboxapi.com/2/users/get_current_account'), 'null', \
                {'Authorization' => 'Bearer test', 'Content-Type' => 'application/json'}).code";
    for (name, arguments, bare) in [
        ("python3", ["-c", python], true),
        ("ruby", ["-e", ruby], true),
        // Its roots are its own, and a variable adds to them.
        ("node", ["-e", node], false),
    ] {
        if !has(name) {
            continue;
        }
        let mut command = if bare {
            vec!["env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", name]
        } else {
            vec![name]
        };
        command.extend(arguments);
        let output = isolated(None, &[], &command).output().expect("it runs");
        let ended = Ended::of(output);
        assert_eq!(ended.out.trim(), "200", "{name}: {}", ended.err);
    }
}

const ASK_IN_JAVA: &str = r#"
        public class Ask { public static void main(String[] all) throws Exception {
            var there = new java.net.URI("https://api.dropboxapi.com/2/users/get_current_account").toURL();
            var ask = (java.net.HttpURLConnection) there.openConnection(java.net.Proxy.NO_PROXY);
            ask.setRequestMethod("POST");
            ask.setRequestProperty("Authorization", "Bearer test");
            System.out.println(ask.getResponseCode());
        } }"#;

#[test]
fn a_java_that_asks_for_no_proxy_reaches_it_with_its_own_roots() {
    if !can_isolate() || !has("javac") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let source = directory.path().join("Ask.java");
    std::fs::write(&source, ASK_IN_JAVA).expect("a file");
    let source = source.to_str().expect("text");
    let command = [
        "env",
        "-i",
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "java",
        source,
    ];
    let output = isolated(None, &[], &command).output().expect("it runs");
    let ended = Ended::of(output);
    assert_eq!(ended.out.trim(), "200", "{}", ended.err);
}

#[test]
fn a_program_that_asks_a_resolver_itself_gets_the_same_answers() {
    if !can_isolate() || !has("python3") {
        return;
    }
    // By datagram and by stream: an address, a record that there is not, and a name that there is not.
    let script = r#"
import socket, struct
def ask(name, kind, stream):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1)
    if stream:
        s = socket.create_connection(("127.0.0.1", 53)); s.sendall(struct.pack(">H", len(question)) + question)
        answer = s.recv(999)[2:]
    else:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(question, ("127.0.0.1", 53))
        answer = s.recv(999)
    print(name, kind, answer[3] & 15, answer[7], answer[-4:].hex() if answer[7] else "-")
for stream in (False, True):
    ask("content.dropboxapi.com", 1, stream)
    ask("content.dropboxapi.com", 65, stream)
    ask("registry.example", 1, stream)
"#;
    let output = isolated(None, &[], &["python3", "-c", script])
        .output()
        .expect("it runs");
    let ended = Ended::of(output);
    let once = "content.dropboxapi.com 1 0 1 7f000001\ncontent.dropboxapi.com 65 0 0 -\nregistry.example 1 3 0 -\n";
    assert_eq!(ended.out, once.repeat(2), "{}", ended.err);
    assert!(
        ended.err.contains("registry.example (2 look-ups)"),
        "{}",
        ended.err
    );
}

#[test]
fn a_hostile_command_cannot_undo_it() {
    if !can_isolate() {
        return;
    }
    let hosts = std::fs::read("/etc/hosts").ok();
    for attempt in [
        "echo > /etc/hosts",
        "rm /etc/hosts",
        "mv /etc/hosts /etc/hosts.mine",
        "umount /etc/hosts",
        "umount -l /etc/resolv.conf",
        "mount -o remount,rw /etc/hosts",
        "mount -t tmpfs none /mnt",
        "unshare -m umount /etc/hosts",
        "unshare -rm umount /etc/hosts",
        "unshare -n true",
        "ip link set lo down",
        "nsenter -t 1 -n true",
        "nsenter -t 1 -m true",
        "kill -0 $PPID && test $PPID != 1",
        "mknod /tmp/fake-dropbox-device b 254 0",
        "readlink /proc/1/fd/0",
        "cat /proc/1/environ | grep -q .",
        "ls -d /tmp/fake-dropbox-*/inside",
        "grep -rl 'PRIVATE KEY' \"$(dirname \"$FAKE_DROPBOX_CA\")\"",
        "grep -l 'PRIVATE KEY' /proc/[0-9]*/environ",
        "echo > \"/proc/1/root/etc/hosts\"",
    ] {
        for user in users() {
            let ended = shell(
                user,
                &["--no-summary"],
                &format!("{attempt} 2>/dev/null && echo UNDONE"),
            );
            assert!(!ended.out.contains("UNDONE"), "{user:?}: {attempt}");
        }
    }
    assert_eq!(std::fs::read("/etc/hosts").ok(), hosts);
}

#[test]
fn the_user_the_folder_and_the_way_to_end_are_those_of_exec() {
    if !can_isolate() {
        return;
    }
    for user in users() {
        let ended = shell(user, &["--no-summary"], "id -u; pwd; exit 7");
        let own = if is_root() {
            user.unwrap_or(0).to_string()
        } else {
            ended.out.lines().next().unwrap_or_default().to_owned()
        };
        assert_eq!(ended.out, format!("{own}\n/\n"), "{}", ended.err);
        assert_eq!(ended.code, Some(7));
        for (script, code) in [("kill -TERM $$", 143), ("kill -KILL $$", 137)] {
            assert_eq!(
                shell(user, &[], script).code,
                Some(code),
                "{user:?}: {script}"
            );
        }
        for (command, code, why) in [
            (
                "/no-such-command",
                127,
                "cannot run /no-such-command: No such file or directory\n",
            ),
            (
                "/etc/passwd",
                126,
                "cannot run /etc/passwd: Permission denied\n",
            ),
        ] {
            let ended = Ended::of(isolated(user, &[], &[command]).output().expect("it runs"));
            assert_eq!(ended.code, Some(code), "{}", ended.err);
            assert_eq!(ended.err, format!("fake-dropbox: {why}"));
        }
    }
}

#[test]
fn root_keeps_its_rights_over_files_and_users() {
    if !is_root() || !can_isolate() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().display();
    let ended = shell(
        None,
        &["--no-summary"],
        &format!(
            "set -e; touch {path}/a; chown 1234:5678 {path}/a; chmod 0 {path}/a; echo kept > {path}/a; stat -c %u:%g {path}/a"
        ),
    );
    assert_eq!(ended.out, "1234:5678\n", "{}", ended.err);
    assert_eq!(
        std::fs::read_to_string(directory.path().join("a")).expect("it is there"),
        "kept\n"
    );
}

#[test]
fn what_is_passed_is_reached_under_its_own_name_and_port() {
    if !can_isolate() || !has("curl") {
        return;
    }
    let outside = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = outside.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in outside.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = BufReader::new(stream.try_clone().expect("a handle")).lines();
            while head
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\noutside\n");
        }
    });
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    let by_name = format!("{}:{port}", name.trim());
    let port = port.to_string();
    // Nobody waits there.
    let silent = {
        TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("an address")
            .port()
    };
    let script = format!(
        "curl -sS http://localhost:{port}/; curl -sS http://127.0.0.1:{port}/; getent ahostsv4 {name} | head -1; \
         curl -sS http://{by_name}/; curl -sS http://localhost:{silent}/",
        name = name.trim()
    );
    let options = [
        "--pass",
        &port,
        "--pass",
        &port,
        "--pass",
        &by_name,
        "--pass",
        &silent.to_string(),
    ];
    let ended = shell(None, &options, &script);
    assert!(
        ended.out.starts_with("outside\noutside\n127.77.0.1"),
        "{}{}",
        ended.out,
        ended.err
    );
    let why = format!("localhost:{silent} cannot be reached from outside: Connection refused");
    assert!(ended.err.contains(&why), "{}", ended.err);
}

#[test]
fn what_cannot_be_passed_is_refused_in_a_sentence() {
    for (options, why) in [
        (vec!["--isolate", "--pass", "0"], "port 0 is none"),
        (
            vec!["--isolate", "--pass", "db.test"],
            "write 5432 or db.test:5432",
        ),
        (
            vec!["--isolate", "--pass", "/run/postgresql/.s.PGSQL.5432"],
            "Unix sockets are reachable already",
        ),
        (
            vec!["--isolate", "--pass", "api.dropboxapi.com:443"],
            "this name is the fake inside",
        ),
        (
            vec!["--isolate", "--allow-tunnel", "API.dropboxapi.com"],
            "this name is the fake inside",
        ),
        (
            vec!["--isolate", "--pass", "443"],
            "the fake has this port inside",
        ),
        (vec!["--isolate", "--no-tls"], "--isolate needs TLS"),
        (vec!["--pass", "5432"], "--isolate"),
        (vec!["--isolate=never"], "try"),
    ] {
        let output = program()
            .arg("exec")
            .args(&options)
            .args(["--", "true"])
            .output();
        let ended = Ended::of(output.expect("it runs"));
        assert_eq!(ended.code, Some(2), "{options:?}: {}", ended.err);
        assert!(ended.err.contains(why), "{options:?}: {}", ended.err);
    }
}

#[test]
fn a_run_inside_a_run_works() {
    if !can_isolate() || !has("curl") {
        return;
    }
    let inner = format!(
        "{} exec --isolate -- curl -sS {ACCOUNT}",
        env!("CARGO_BIN_EXE_fake-dropbox")
    );
    for user in users() {
        let ended = shell(user, &[], &inner);
        assert!(ended.out.contains("dbid:"), "{user:?}: {}", ended.err);
    }
}

/// A command that runs until it is ended, in a directory of temporary files of its own.
fn waiting(user: Option<u32>, temporary: &Path) -> (Child, String) {
    let script = "trap 'echo told; exit 9' TERM; (setsid sleep 600 >/dev/null 2>&1 &); echo begun; while :; do sleep 0.05; done";
    let mut child = isolated(user, &[], &["sh", "-uc", script])
        .env("TMPDIR", temporary)
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    let out = child.stdout.as_mut().expect("a pipe");
    let mut byte = [0];
    while !line.ends_with('\n') && out.read(&mut byte).expect("it says so") == 1 {
        line.push(byte[0].into());
    }
    (child, line)
}

/// The processes that have this word in their environment.
pub(super) fn processes_with(word: &str) -> Vec<String> {
    let all = std::fs::read_dir("/proc").expect("processes").flatten();
    let numbers = all.filter_map(|entry| entry.file_name().into_string().ok());
    numbers
        .filter(|number| {
            let environment = std::fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
            String::from_utf8_lossy(&environment).contains(word)
        })
        .collect()
}

pub(super) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let watch = Stopwatch::start();
    while !is_so() {
        assert!(watch.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn however_it_is_killed_nothing_is_left() {
    if !can_isolate() {
        return;
    }
    for user in users() {
        let temporary = tempfile::tempdir().expect("a directory");
        let everybody = PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(temporary.path(), everybody).expect("it is ours");
        let word = format!("TMPDIR={}", temporary.path().display());
        // The program outside, its child, the first process inside, and the whole group.
        for victim in 0..4 {
            let (mut child, begun) = waiting(user, temporary.path());
            assert_eq!(begun, "begun\n");
            let mut number = child.id();
            for _ in 0..victim % 3 {
                let children = format!("/proc/{number}/task/{number}/children");
                let children = std::fs::read_to_string(children).expect("it has a child");
                number = children.trim().parse().expect("one child");
            }
            let mut whom = number.to_string();
            if victim == 3 {
                whom.insert(0, '-');
            }
            let kill = Command::new("kill").args(["-KILL", "--", &whom]).status();
            assert!(kill.expect("it runs").success());
            let status = child.wait().expect("it ends");
            if let 1 | 2 = victim {
                assert_eq!(status.code(), Some(137));
            }
            eventually("all processes end", || processes_with(&word).is_empty());
            eventually("no file is left", || {
                temporary
                    .path()
                    .read_dir()
                    .expect("it is there")
                    .next()
                    .is_none()
            });
        }
        // One that is asked to end may say a word, and what it left in the background ends with it.
        let (mut child, _) = waiting(user, temporary.path());
        let told = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status();
        assert!(told.expect("it runs").success());
        let mut out = String::new();
        child
            .stdout
            .take()
            .expect("a pipe")
            .read_to_string(&mut out)
            .expect("text");
        assert_eq!(out, "told\n");
        assert_eq!(child.wait().expect("it ends").code(), Some(9));
        assert_eq!(processes_with(&word), [""; 0]);
    }
}
