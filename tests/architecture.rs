//! The floors of the program, as data. A module may use only modules on lower floors, except where
//! a line of the table says otherwise; and some words may not appear above or below their floor.

#![expect(clippy::unwrap_used, reason = "test code may unwrap")]

use std::fs;
use std::path::{Path, PathBuf};

/// Module, floor, and modules of the same floor that it may use all the same.
const FLOORS: &[(&str, u8, &[&str])] = &[
    ("base", 0, &[]),
    ("enrichment", 1, &[]),
    ("wire", 2, &[]),
    ("keymap", 1, &[]),
    ("ledger", 2, &[]),
    ("auth", 2, &[]),
    ("config", 2, &[]),
    ("theme", 2, &[]),
    ("bulk", 2, &[]),
    ("zoho", 3, &[]),
    ("ops", 4, &[]),
    ("simulator", 4, &[]),
    ("tui", 5, &[]),
    ("cli", 6, &[]),
];

/// The simulator is a second reading of the contract: it shares words with the client, no logic.
const ONLY_BASE: &[&str] = &["simulator"];

/// Texts that may appear only in the modules named.
const WORDS: &[(&str, &[&str])] = &[
    ("rusqlite", &["ledger"]),
    ("reqwest", &["zoho"]),
    ("ratatui", &["tui", "theme"]),
    ("crossterm", &["tui", "theme"]),
    ("hyper::", &[]),
    ("println!", &[]),
    ("eprintln!", &[]),
    ("io::stdout", &["cli", "tui"]),
    ("io::stderr", &["cli", "tui"]),
    // Only where the thread of `main` is kept by a terminal; clippy names each place.
    ("std::process::exit", &["cli"]),
];

struct Source {
    module: String,
    path: PathBuf,
    lines: Vec<(usize, String)>,
}

/// Every source file below `src/<module>/`, without comments and without its tests.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let inside = path.strip_prefix(&root).unwrap();
            let is_test = inside.components().any(|c| {
                let name = c.as_os_str().to_string_lossy();
                name == "tests" || name == "tests.rs" || name.ends_with("_tests.rs")
            });
            let Some(module) = inside.components().next() else {
                continue;
            };
            let module = module.as_os_str().to_string_lossy().into_owned();
            if is_test || path.extension().is_none_or(|e| e != "rs") || module.ends_with(".rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let lines = text
                .lines()
                .take_while(|line| line.trim() != "#[cfg(test)]")
                .enumerate()
                .filter(|(_, line)| !line.trim_start().starts_with("//"))
                .map(|(index, line)| (index + 1, line.to_owned()))
                .collect();
            found.push(Source {
                module,
                path,
                lines,
            });
        }
    }
    found
}

fn floor(module: &str) -> Option<&'static (&'static str, u8, &'static [&'static str])> {
    FLOORS.iter().find(|(name, _, _)| *name == module)
}

#[test]
fn a_module_uses_only_lower_floors() {
    let mut wrong = Vec::new();
    for source in sources() {
        let (_, own, friends) = floor(&source.module)
            .unwrap_or_else(|| panic!("{} has no floor", source.path.display()));
        for (number, line) in &source.lines {
            for part in line.split("crate::").skip(1) {
                let used: String = part
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                let Some((_, other, _)) = floor(&used) else {
                    continue;
                };
                let is_own = used == source.module;
                let is_independent = !ONLY_BASE.contains(&source.module.as_str()) || used == "base";
                let is_lower = other < own || friends.contains(&used.as_str());
                if !(is_own || is_lower && is_independent) {
                    wrong.push(format!(
                        "{}:{number}: {} may not use {used}",
                        source.path.display(),
                        source.module
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_library_stays_on_its_floor() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (number, line) in &source.lines {
            for (word, allowed) in WORDS {
                if line.contains(word) && !allowed.contains(&source.module.as_str()) {
                    wrong.push(format!(
                        "{}:{number}: {word} does not belong into {}",
                        source.path.display(),
                        source.module
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A failure to print is remembered there; what is printed elsewhere could fail without a word.
#[test]
fn one_file_of_the_command_line_prints() {
    let mut wrong = Vec::new();
    for source in sources() {
        if source.module != "cli" || source.path.ends_with("cli/output.rs") {
            continue;
        }
        for (number, line) in &source.lines {
            if line.contains("io::stdout") {
                wrong.push(format!("{}:{number}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for source in sources() {
        let text = fs::read_to_string(&source.path).unwrap();
        if !text.starts_with("//!") {
            wrong.push(source.path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "without //! docs:\n{}", wrong.join("\n"));
}

#[test]
fn a_file_fits_in_its_room() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = fs::read_to_string(&source.path).unwrap().lines().count();
        if lines > 600 {
            wrong.push(format!("{}: {lines} lines", source.path.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "more than 600 lines:\n{}",
        wrong.join("\n")
    );
}
