//! What a release promises to those who build it: the oldest Rust that is named is enough.
//!
//! Our own code is held by clippy's `incompatible_msrv`, which `.ci/run` denies; here the crates
//! that a build needs are.

use std::process::Command;

use serde_json::Value;

/// Major and minor of a version such as `1.88.0`.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').filter_map(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[test]
fn no_crate_needs_a_newer_rust_than_is_promised() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let promised = version(env!("CARGO_PKG_RUST_VERSION"));
    let packages = metadata["packages"].as_array().unwrap();

    let too_new: Vec<String> = packages
        .iter()
        .filter(|package| version(package["rust_version"].as_str().unwrap_or("0")) > promised)
        .map(|package| format!("{} {}", package["name"], package["rust_version"]))
        .collect();

    assert!(packages.len() > 100, "{}", packages.len());
    assert_eq!(
        promised,
        (1, 89),
        "README.md and docs/release.md name it too"
    );
    assert_eq!(too_new, Vec::<String>::new());
}
