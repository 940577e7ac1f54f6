//! How much memory the private Postgres may take.

use sysinfo::{MemoryRefreshKind, System};

/// How many megabytes of its tables Postgres may keep, which it takes as they are used: an eighth of the memory that the
/// machine, or the container, has. A listing in a large pool touches more pages than any other request does, and those
/// that Postgres asks the kernel for cost it a fifth more.
pub(super) fn shared_buffers() -> u64 {
    const MEGABYTE: u64 = 1 << 20;
    let memory = System::new().map_or(0, |mut system| {
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        system.cgroup_limits().map_or(system.total_memory(), |limits| limits.total_memory)
    });
    (memory / 8 / MEGABYTE).clamp(64, 1024)
}
