//! docs/safety.md, held against the tree: every test that it names exists, and no threat, fault or
//! invariant is left out.

#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/safety.md")).unwrap()
}

fn sources(directory: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// The names of all tests: functions with an attribute that ends in `test` or begins with `rstest`,
/// and those of proptest.
fn tests() -> BTreeSet<String> {
    let mut texts = Vec::new();
    for directory in ["src", "tests"] {
        sources(&root().join(directory), &mut texts);
    }
    let mut names = BTreeSet::new();
    for text in &texts {
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("#[") {
                is_test |= line.contains("test");
            }
            let rest = line.strip_prefix("async ").unwrap_or(line);
            if let Some(rest) = rest.strip_prefix("fn ") {
                if is_test {
                    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    names.insert(rest.split_at(end.unwrap()).0.to_owned());
                }
                is_test = false;
            }
        }
    }
    names
}

/// What stands in `code` and reads like a sentence.
fn named(page: &str) -> Vec<String> {
    page.lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|word| {
            word.matches('_').count() >= 2
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_test_that_the_page_names_exists() {
    let tests = tests();
    let named = named(&page());
    assert!(named.len() > 150, "the page names tests: {}", named.len());

    let missing: Vec<_> = named.iter().filter(|name| !tests.contains(*name)).collect();

    assert!(
        missing.is_empty(),
        "docs/safety.md names what is not there: {missing:#?}"
    );
}

#[test]
fn no_threat_fault_or_invariant_is_left_out() {
    let page = page();
    for (letter, count) in [("T", 26), ("F", 70), ("I", 22)] {
        for number in 1..=count {
            let start = format!("| {letter}{number} | ");
            let rows: Vec<&str> = page
                .lines()
                .filter(|line| line.starts_with(&start))
                .collect();
            let [row] = rows.as_slice() else {
                panic!("{letter}{number} has {} rows", rows.len());
            };
            let held = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
            let is_honest =
                held.contains('`') || held.contains("by hand") || held.contains("not covered");
            assert!(
                is_honest,
                "{letter}{number} says neither a test nor that there is none: {held}"
            );
        }
    }
}
