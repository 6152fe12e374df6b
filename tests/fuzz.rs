//! The fuzz targets' entries on their seeds and on input of the right shape that went a little
//! wrong; see `fuzz/entries`.

#[path = "../fuzz/entries/mod.rs"]
#[expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an entry fails as a test does"
)]
mod entries;

use std::path::Path;

use proptest::prelude::*;
use rstest::rstest;

/// An entry of a fuzz target.
type Entry = fn(&[u8]);

/// Every target, its entry, and how many seeds it has at least.
const TARGETS: [(&str, Entry, usize); 11] = [
    ("config", entries::config, 15),
    ("csv", entries::csv, 8),
    ("enriched", entries::enriched, 6),
    ("input", entries::input, 10),
    ("jsonl", entries::jsonl, 10),
    ("keymap", entries::keymap, 9),
    ("retry_after", entries::retry_after, 4),
    ("scenario", entries::scenario, 12),
    ("shown", entries::shown, 4),
    ("theme", entries::theme, 13),
    ("wire", entries::wire, 28),
];

/// What the formats are made of; a fuzzer finds such words by itself, given hours.
const WORDS: [&str; 32] = [
    "[keys]\n",
    "[profiles.b]\n",
    "data_center = \"US\"\n",
    "client_id = \"1\"\n",
    "theme = ",
    "[styles]\n",
    "[palette]\n",
    "inherits = \"mono\"\n",
    "bg = \"#101010\"",
    "[[fault]]\n",
    "on = \"any\"\n",
    "action = ",
    "status = 0\n",
    "latency_ms = 9999999999\n",
    "\"Enter\"",
    "\"\"\"",
    "\u{1b}[",
    "200~",
    "\u{1b}",
    "\0",
    "\u{202e}",
    "{",
    "}",
    "[",
    "]",
    "\"id\":",
    "\"code\":",
    "\"SCHEDULED\"",
    "18446744073709551616",
    "-1",
    "\r\n",
    "é",
];

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let files = std::fs::read_dir(&directory)
        .into_iter()
        .flatten()
        .flatten();
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}

#[test]
fn every_seed_keeps_the_promises() {
    for (target, entry, least) in TARGETS {
        let seeds = seeds(target);

        assert!(seeds.len() >= least && seeds.len() <= 40, "{target}");
        seeds.iter().for_each(|seed| entry(seed));
    }
}

#[test]
fn every_target_is_one_of_the_fuzzers() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    let mut bins: Vec<&str> = manifest
        .split("[[bin]]")
        .skip(1)
        .filter_map(|bin| bin.split('"').nth(1))
        .collect();
    bins.sort_unstable();

    assert_eq!(bins, TARGETS.map(|(target, ..)| target));
}

/// One thing that goes wrong with a document.
#[derive(Debug, Clone)]
enum Slip {
    /// A byte becomes another.
    Byte(usize, u8),
    /// A part is left out.
    Loss(usize, usize),
    /// A part comes twice.
    Twice(usize, usize),
    /// A word gets in.
    Word(usize, &'static str),
    /// Two lines change places.
    Swap(usize, usize),
}

fn slip() -> impl Strategy<Value = Slip> {
    let at = || 0_usize..4_096;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Slip::Byte(at, byte)),
        (at(), 0_usize..24).prop_map(|(at, length)| Slip::Loss(at, length)),
        (at(), 0_usize..48).prop_map(|(at, length)| Slip::Twice(at, length)),
        (at(), prop::sample::select(WORDS.to_vec())).prop_map(|(at, word)| Slip::Word(at, word)),
        (at(), at()).prop_map(|(a, b)| Slip::Swap(a, b)),
    ]
}

fn slipped(mut document: Vec<u8>, slips: &[Slip]) -> Vec<u8> {
    for slip in slips {
        let length = document.len().max(1);
        let part = |at: usize, most: usize| {
            let start = (at % length).min(document.len());
            start..(start + most).min(document.len())
        };
        match *slip {
            Slip::Byte(at, byte) => {
                if let Some(old) = document.get_mut(at % length) {
                    *old = byte;
                }
            }
            Slip::Loss(at, most) => {
                let range = part(at, most);
                document.drain(range);
            }
            Slip::Twice(at, most) => {
                let range = part(at, most);
                let copy = document[range.clone()].to_vec();
                document.splice(range.end..range.end, copy);
            }
            Slip::Word(at, word) => {
                let range = part(at, 0);
                document.splice(range, word.bytes());
            }
            Slip::Swap(a, b) => {
                let mut lines: Vec<_> = document.split_inclusive(|b| *b == b'\n').collect();
                let count = lines.len().max(1);
                if a % count < lines.len() && b % count < lines.len() {
                    lines.swap(a % count, b % count);
                }
                document = lines.concat();
            }
        }
    }
    document
}

/// A seed of the target with some slips in it.
fn document(target: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let seeds = prop::sample::select(seeds(target));
    (seeds, prop::collection::vec(slip(), 1..6)).prop_map(|(seed, slips)| slipped(seed, &slips))
}

#[rstest]
fn a_document_with_slips_keeps_the_promises(
    #[values(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)] index: usize,
) {
    let (target, entry, _) = TARGETS[index];
    let mut runner = proptest::test_runner::TestRunner::default();

    let outcome = runner.run(&document(target), |bytes| {
        entry(&bytes);
        Ok(())
    });

    if let Err(error) = outcome {
        panic!("{target}: {error}");
    }
}

/// Bytes of a table, so that more than the first line is reached.
fn table() -> impl Strategy<Value = Vec<u8>> {
    let cells = "(email|name|E-mail;name|\"email\",\"\")\r?\n[a\"',;=\\-\r\n\t é]{0,60}";
    cells.prop_map(String::into_bytes)
}

/// What a terminal may send: sequences whole and broken, text and silence.
fn keys() -> impl Strategy<Value = Vec<u8>> {
    "(\u{1b}|\u{1b}\\[[0-?]{0,36}[ -/]{0,2}[@-~]|\u{1b}O[A-S]|\u{1b}\\[200~|\u{1b}\\[201~|\0|\u{1}|[ -~é\r]{1,4}){0,12}"
        .prop_map(String::into_bytes)
}

proptest! {
    #[test]
    fn random_bytes_keep_the_promises(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        for (_, entry, _) in TARGETS {
            entry(&bytes);
        }
    }

    #[test]
    fn random_tables_keep_the_promises(bytes in table()) {
        entries::csv(&bytes);
    }

    #[test]
    fn random_keys_keep_the_promises(bytes in keys()) {
        entries::input(&bytes);
    }
}
