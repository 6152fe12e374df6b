//! What the process does to itself before anything else: no core dump, no reader of its memory,
//! no file that others may read, no panic that tells what it should keep.
//!
//! A core dump and `/proc/PID/mem` hold tokens and people's data in the clear. Only what stands in
//! the system's own gift is used; where it refuses, the program still runs: files with secrets are
//! checked and made with their own modes all the same.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};

/// Descriptors that a command needs at once: the runtime, the ledger with its readers, connections.
const DESCRIPTORS: usize = 48;

/// What a thread needs that does nothing.
const STACK: usize = 64 << 10;

/// From this limit on, a new process has enough.
const FEW_DESCRIPTORS: u64 = 256;

/// Looks whether enough files can be open at once, by opening as many where the limit is low: a
/// library that finds no descriptor in the middle of its start panics instead of saying so.
///
/// # Errors
/// What the system said.
pub fn check_descriptors() -> std::io::Result<()> {
    if !is_low(getrlimit(Resource::Nofile).current, FEW_DESCRIPTORS) {
        return Ok(());
    }
    let opened: std::io::Result<Vec<File>> =
        (0..DESCRIPTORS).map(|_| File::open("/dev/null")).collect();
    opened.map(|_| ())
}

/// Threads that exist at once: the runtime's, the ledger's, the terminal's, and what asks for names
/// and files on the side.
const THREADS: usize = 12;
/// From this limit on, which counts the threads of all programs of the user or the container, there
/// are some left.
const MANY_THREADS: u64 = 4_096;

/// Looks whether enough threads can be started, by starting as many where a limit is low: a runtime
/// that gets none panics instead of saying so.
///
/// # Errors
/// What the system said.
pub fn check_threads() -> std::io::Result<()> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let by_group = threads_of(&groups, Path::new("/sys/fs/cgroup"));
    let by_user = getrlimit(Resource::Nproc).current;
    if !is_low(by_user, MANY_THREADS) && !is_low(by_group, MANY_THREADS) {
        return Ok(());
    }
    let gate = Arc::new(Mutex::new(()));
    let shut = gate.lock();
    let mut started = Vec::with_capacity(THREADS);
    let mut failed = None;
    for _ in 0..THREADS {
        let gate = Arc::clone(&gate);
        let builder = std::thread::Builder::new().stack_size(STACK);
        match builder.spawn(move || drop(gate.lock())) {
            Ok(thread) => started.push(thread),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    drop(shut);
    for thread in started {
        let _ = thread.join();
    }
    failed.map_or(Ok(()), Err)
}

fn is_low(limit: Option<u64>, enough: u64) -> bool {
    limit.is_some_and(|limit| limit < enough)
}

/// The least number of threads that the control groups of this process allow, if any of them says:
/// each group, and each above it, may have a limit of its own.
fn threads_of(groups: &str, root: &Path) -> Option<u64> {
    let limits = groups.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let hierarchy = match parts.next() {
            Some("") => Some(root.to_owned()),
            Some(names) if names.split(',').any(|name| name == "pids") => Some(root.join("pids")),
            Some(_) | None => None,
        };
        let group = Path::new(parts.next().unwrap_or_default());
        hierarchy.into_iter().flat_map(move |hierarchy| {
            group.ancestors().map(move |group| {
                let below = group.strip_prefix("/").unwrap_or(group);
                hierarchy.join(below).join("pids.max")
            })
        })
    });
    limits
        .filter_map(|file| std::fs::read_to_string(file).ok()?.trim().parse().ok())
        .min()
}

/// Locks the process. Call it before the first thread starts and the first file is opened.
pub fn lock_process() {
    // A limit can always be lowered.
    let _ = setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    );
    // Not attachable by other processes of the same user, and /proc/PID belongs to root. A program
    // that we start is dumpable again: the kernel resets this on exec.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// From now on every file that is made is for its owner alone.
pub fn private_files() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// A panic says where, and never its message: that could hold a token or a person's data.
pub fn fix_panic_text() {
    std::panic::set_hook(Box::new(|about| {
        let place = about
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()))
            .unwrap_or_default();
        // With standard error gone there is nobody left to tell.
        let _ = writeln!(
            std::io::stderr(),
            "ziadeck met a fault of its own at {place}. What was on its way counts as unknown."
        );
    }));
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rstest::rstest;

    use super::threads_of;

    #[rstest]
    #[case::the_group_itself("0::/a/b", &[("a/b", "20"), ("a", "max")], Some(20))]
    #[case::one_above("0::/a/b", &[("a/b", "max"), ("a", "30\n")], Some(30))]
    #[case::the_container("0::/elsewhere/c", &[("", "40")], Some(40))]
    #[case::an_older_kernel("5:cpu,pids:/a\n1:memory:/b", &[("pids/a", "50"), ("b", "1")], Some(50))]
    #[case::none_says("0::/a", &[("a", "max")], None)]
    #[case::no_groups("", &[("", "5")], None)]
    fn the_lowest_limit_of_the_groups_counts(
        #[case] groups: &str,
        #[case] files: &[(&str, &str)],
        #[case] expected: Option<u64>,
    ) {
        let root = tempfile::tempdir().unwrap();
        for (group, limit) in files {
            let group = root.path().join(group);
            fs::create_dir_all(&group).unwrap();
            fs::write(group.join("pids.max"), limit).unwrap();
        }

        assert_eq!(threads_of(groups, root.path()), expected);
    }
}
