//! Private files in place of those by which programs find hosts and decide whom they trust.
//!
//! They lie on a memory file system of the namespace, and are bound read-only: their owner cannot empty
//! them. What is not there needs no cover: without a hosts file or a `resolv.conf`, programs ask this
//! machine, which answers the same.

use super::{Plan, trust};
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_change,
    mount_remount, unmount,
};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where the private files lie while they are written: over a folder that every system has, and in which none of
/// them looks for anything. Nothing of it is there when the command begins.
const FOLDERS: [&str; 2] = ["/sys", "/dev"];

/// The name of the file system of all that is covered.
const SOURCE: &str = "fake-dropbox";

/// Sockets through which look-ups would be answered by others.
const RESOLVERS: [&str; 4] = [
    "/run/nscd/socket",
    "/run/systemd/resolve/io.systemd.Resolve",
    "/run/systemd/resolve/io.systemd.Resolve.Monitor",
    "/run/avahi-daemon/socket",
];

/// Sockets through which containers are started, which have a network of their own.
const ENGINES: [&str; 5] = [
    "/run/docker.sock",
    "/run/podman/podman.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/buildkit/buildkitd.sock",
];

type Result<T> = std::result::Result<T, (String, io::Error)>;

/// Says which file it was.
pub fn on<E: Into<io::Error>>(path: &Path) -> impl FnOnce(E) -> (String, io::Error) {
    move |error| {
        let error = error.into();
        (format!("{}: {error}", path.display()), error)
    }
}

/// Covers all. What comes back are notes for the summary.
pub fn cover(plan: &Plan, has_six: bool) -> Result<Vec<String>> {
    let folder = if Path::new(FOLDERS[0]).is_dir() {
        FOLDERS[0]
    } else {
        FOLDERS[1]
    };
    let folder = PathBuf::from(folder);
    mount_change(
        "/",
        MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC,
    )
    .map_err(on("/".as_ref()))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount(SOURCE, &folder, "tmpfs", flags, c"mode=0755").map_err(on(&folder))?;
    let mut private = Private {
        folder: folder.clone(),
        count: 0,
    };
    let notes = trust::cover(&plan.certificate, &mut private)?;
    names(plan, &mut private, has_six)?;
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let own = runtime.into_iter().flat_map(|runtime| {
        ["docker.sock", "podman/podman.sock"].map(|socket| runtime.join(socket))
    });
    let engines = ENGINES.iter().map(PathBuf::from).chain(own);
    let kept: Vec<PathBuf> = plan
        .uncovered
        .iter()
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    let engines =
        engines.filter(|path| path.canonicalize().is_ok_and(|path| !kept.contains(&path)));
    for socket in RESOLVERS.iter().map(PathBuf::from).chain(engines) {
        private.put(&socket, b"")?;
    }
    // What is bound stays; nobody reaches it from here.
    unmount(&folder, UnmountFlags::DETACH).map_err(on(&folder))?;
    Ok(notes)
}

/// Covers the files by which names are looked up.
fn names(plan: &Plan, private: &mut Private, has_six: bool) -> Result<()> {
    let hosts = Path::new("/etc/hosts");
    let outside = std::fs::read(hosts).unwrap_or_default();
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let outside = String::from_utf8_lossy(&outside);
    let text = plan.known().hosts(&outside, own.trim(), has_six);
    private.put(hosts, text.as_bytes())?;
    private.put(
        "/etc/resolv.conf".as_ref(),
        b"# Written by fake-dropbox exec --isolate.\nnameserver 127.0.0.1\noptions timeout:2 attempts:1\n",
    )?;
    let switch = Path::new("/etc/nsswitch.conf");
    if let Ok(text) = std::fs::read(switch) {
        let text = files_then_dns(&String::from_utf8_lossy(&text));
        private.put(switch, text.as_bytes())?;
    }
    Ok(())
}

/// Hosts are looked up in the file and then by asking; all else stays.
fn files_then_dns(text: &str) -> String {
    let is_of_hosts = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        name.trim() == "hosts"
    };
    let others = text.lines().filter(|line| !is_of_hosts(line));
    let mut text: String = others.map(|line| format!("{line}\n")).collect();
    text.push_str("hosts: files dns\n");
    text
}

/// The memory file system of the private files.
pub struct Private {
    folder: PathBuf,
    count: usize,
}

impl Private {
    /// A new place in it.
    pub fn place(&mut self) -> PathBuf {
        self.count += 1;
        self.folder.join(self.count.to_string())
    }

    /// Puts these bytes in the place of a file that is there. A symbolic link is followed.
    pub fn put(&mut self, over: &Path, bytes: &[u8]) -> Result<()> {
        // What is not there, or leads nowhere, is read by nobody.
        let Ok(over) = over.canonicalize() else {
            return Ok(());
        };
        let place = self.place();
        write(&place, bytes)?;
        bind(&place, &over)
    }
}

/// Puts a private file or folder over another.
pub fn bind(place: &Path, over: &Path) -> Result<()> {
    mount_bind(place, over).map_err(on(over))?;
    let flags = MountFlags::BIND
        | MountFlags::RDONLY
        | MountFlags::NOSUID
        | MountFlags::NODEV
        | MountFlags::NOEXEC;
    mount_remount(over, flags, c"").map_err(on(over))
}

/// Writes a file that everybody may read.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(on(path))?;
    let all_read = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(path, all_read).map_err(on(path))
}

/// What is covered now, as the system lists it.
pub fn covered() -> Vec<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let lines = mounts.lines().filter(|line| {
        let (_, behind) = line.split_once(" - ").unwrap_or_default();
        behind.split(' ').nth(1) == Some(SOURCE)
    });
    lines
        .filter_map(|line| Some(PathBuf::from(line.split(' ').nth(4)?.replace("\\040", " "))))
        .collect()
}

/// Whether a file is covered still: the cover goes when somebody outside puts another file in its place.
pub fn is_covered(path: &Path) -> bool {
    covered().iter().any(|covered| covered == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_of_hosts_changes() {
        let text = "passwd: files sss\nhosts: files mdns4_minimal [NOTFOUND=return] resolve dns\n# hosts: x\n";
        assert_eq!(
            files_then_dns(text),
            "passwd: files sss\n# hosts: x\nhosts: files dns\n"
        );
    }
}
