//! The fuzz targets' entries on their seeds and on some random input; see `fuzz/entries.rs`.

#[path = "../fuzz/entries.rs"]
mod entries;

use std::path::Path;

use proptest::prelude::*;

/// Runs an entry on every seed of a target and answers how many there were.
fn replay(target: &str, entry: fn(&[u8])) -> usize {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let files = std::fs::read_dir(&seeds).into_iter().flatten().flatten();
    files
        .filter_map(|file| std::fs::read(file.path()).ok())
        .map(|bytes| entry(&bytes))
        .count()
}

#[test]
fn every_seed_keeps_the_promises() {
    assert!(replay("shown", entries::shown) >= 4);
    assert!(replay("csv", entries::csv) >= 8);
    assert!(replay("retry_after", entries::retry_after) >= 4);
}

/// Bytes of a table, so that more than the first line is reached.
fn table() -> impl Strategy<Value = Vec<u8>> {
    let cells = "(email|name|E-mail;name|\"email\",\"\")\r?\n[a\"',;=\\-\r\n\t é]{0,60}";
    cells.prop_map(String::into_bytes)
}

proptest! {
    #[test]
    fn random_bytes_keep_the_promises(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        entries::shown(&bytes);
        entries::csv(&bytes);
        entries::retry_after(&bytes);
    }

    #[test]
    fn random_tables_keep_the_promises(bytes in table()) {
        entries::csv(&bytes);
    }
}
