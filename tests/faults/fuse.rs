//! F55: a ledger on a file system that another host may share. A server of FUSE in this process
//! answers just enough for the program to ask what file system it is on.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::{Bench, finish};
use crate::{can, wrapped};

const LOOKUP: u32 = 1;
const FORGET: u32 = 2;
const GETATTR: u32 = 3;
const STATFS: u32 = 17;
const INIT: u32 = 26;
const INTERRUPT: u32 = 36;
const BATCH_FORGET: u32 = 42;
const ENOENT: i32 = 2;
const ENODEV: i32 = 19;
const ENOSYS: i32 = 38;
/// A directory for its owner alone.
const DIRECTORY: u32 = 0o040_700;

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

/// The next request; `None` when it is unmounted, or when nobody wants an answer any more.
fn next(device: &mut File, request: &mut [u8], is_over: &AtomicBool) -> Option<usize> {
    loop {
        match device.read(request) {
            Ok(length) => return (length >= 40).then_some(length),
            // It is not mounted yet, or a request was given up.
            Err(error)
                if !is_over.load(Ordering::Relaxed) && error.raw_os_error() != Some(ENODEV) =>
            {
                std::thread::park_timeout(Duration::from_millis(2));
            }
            Err(_) => return None,
        }
    }
}

/// An empty directory, as linux/fuse.h has it; until it is unmounted.
fn serve(mut device: File, is_over: &AtomicBool) {
    let mut request = vec![0; 1 << 20];
    while let Some(length) = next(&mut device, &mut request, is_over) {
        let word = |at: usize| u32::from_ne_bytes(request[at..at + 4].try_into().unwrap());
        assert_eq!(usize::try_from(word(0)).unwrap(), length);
        let (error, body) = match word(4) {
            FORGET | INTERRUPT | BATCH_FORGET => continue,
            // Version 7.31; one page at a time.
            INIT => (
                0,
                words(&[7, 31, 0, 0, 0, 4096, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ),
            GETATTR => {
                let mut attributes = vec![0; 26];
                // The inode, then mode and number of links behind sizes and times.
                attributes[4] = 1;
                attributes[19] = DIRECTORY;
                attributes[20] = 2;
                (0, words(&attributes))
            }
            STATFS => (0, vec![0; 80]),
            LOOKUP => (-ENOENT, Vec::new()),
            _ => (-ENOSYS, Vec::new()),
        };
        let total = u32::try_from(16 + body.len()).unwrap();
        let mut reply = total.to_ne_bytes().to_vec();
        reply.extend(error.to_ne_bytes());
        reply.extend(&request[8..16]);
        reply.extend(body);
        // A request that was given up meanwhile wants no answer.
        let _ = device.write_all(&reply);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f55_a_ledger_on_a_network_file_system_is_refused_with_its_name() {
    const MOUNT: &str = "mount -i -t fuse -o fd=0,rootmode=40000,user_id=0,group_id=0 test \"$0\"; \
        exec \"$@\" </dev/null";
    let device = OpenOptions::new().read(true).write(true).open("/dev/fuse");
    let (Ok(device), true) = (device, can(&["unshare", "-m"]).await) else {
        eprintln!("skipped: /dev/fuse cannot be used here");
        return;
    };
    let bench = Bench::quiet().await;
    let data = bench.path("data");
    let shell = ["unshare", "-m", "sh", "-ec", MOUNT, data.to_str().unwrap()];
    let given = device.try_clone().unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let over = is_over.clone();
    std::thread::spawn(move || serve(device, &over));

    let mut command = wrapped(&bench, &shell, &["log"]);
    let ran = finish(command.stdin(Stdio::from(given)).spawn().unwrap()).await;
    is_over.store(true, Ordering::Relaxed);

    if ran.code == 32 {
        eprintln!("skipped: nothing may be mounted here: {}", ran.stderr);
        return;
    }
    let ran = ran.expect(9);
    assert!(ran.stderr.contains("is on FUSE"), "{ran:?}");
    assert!(ran.stderr.contains("--data-dir"), "{ran:?}");
}
