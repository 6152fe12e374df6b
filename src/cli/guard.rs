//! What the process does to itself before anything else: no core dump, no reader of its memory,
//! no file that others may read, no panic that tells what it should keep.
//!
//! A core dump and `/proc/PID/mem` hold tokens and people's data in the clear. Only what stands in
//! the system's own gift is used; where it refuses, the program still runs: files with secrets are
//! checked and made with their own modes all the same.

use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex};

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, setrlimit, umask};

/// Descriptors that a command needs at once: the runtime, the ledger with its readers, connections.
const DESCRIPTORS: usize = 48;

/// What a thread needs that does nothing.
const STACK: usize = 64 << 10;

/// Looks whether enough files can be open at once, by opening as many: a library that finds no
/// descriptor in the middle of its start panics instead of saying so.
///
/// # Errors
/// What the system said.
pub fn check_descriptors() -> std::io::Result<()> {
    let opened: std::io::Result<Vec<File>> =
        (0..DESCRIPTORS).map(|_| File::open("/dev/null")).collect();
    opened.map(|_| ())
}

/// Threads that exist at once: the runtime's, the ledger's, the terminal's, and what asks for names
/// and files on the side.
const THREADS: usize = 12;

/// Looks whether enough threads can be started, by starting as many: a runtime that gets none
/// panics instead of saying so.
///
/// # Errors
/// What the system said.
pub fn check_threads() -> std::io::Result<()> {
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
