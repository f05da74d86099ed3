//! Who the processes inside are, and what they may.

use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
    configure_capability_in_ambient_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs,
};
use std::io;

/// What root keeps: rights over files, users and its own processes, and those over ports. What could undo
/// the isolation (mounts, networks, traces, raw devices) is not among them.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::DAC_READ_SEARCH)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::SETFCAP)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::SYS_CHROOT)
    .union(CapabilitySet::IPC_LOCK)
    .union(CapabilitySet::IPC_OWNER)
    .union(CapabilitySet::LEASE)
    .union(CapabilitySet::SYS_NICE)
    .union(CapabilitySet::SYS_RESOURCE)
    .union(CapabilitySet::AUDIT_WRITE);

/// Ends this process when its parent ends. It has to be said again after each change of rights.
pub fn end_with_parent() {
    // The channel ends as well when the parent does: this is the quicker way.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
}

/// Lets the next program of this process have the rights over the new namespaces, which only root
/// would keep by itself.
pub fn hand_on() -> io::Result<()> {
    let mut sets = capabilities(None)?;
    sets.inheritable = sets.permitted;
    set_capabilities(None, sets)?;
    for right in all().filter(|right| sets.permitted.contains(*right)) {
        configure_capability_in_ambient_set(right, true)?;
    }
    Ok(())
}

/// Gives up what the command must not have, for this process and all that it starts.
pub fn give_up() -> io::Result<()> {
    clear_ambient_capability_set()?;
    for right in all().filter(|right| !KEPT.contains(*right)) {
        // A right that this system does not know is one that nobody has.
        match remove_capability_from_bounding_set(right) {
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let is_root = rustix::process::geteuid().is_root();
    let left = if is_root {
        capabilities(None)?.permitted & KEPT
    } else {
        CapabilitySet::empty()
    };
    let sets = CapabilitySets {
        effective: left,
        permitted: left,
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, sets)?;
    set_no_new_privs(true)?;
    Ok(())
}

/// One by one, those to come included.
fn all() -> impl Iterator<Item = CapabilitySet> {
    (0..64).map(|bit| CapabilitySet::from_bits_retain(1 << bit))
}
