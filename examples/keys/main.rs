//! Writes `docs/keys.md` from the one table of commands: `cargo run --example keys`.

mod page;

use std::path::Path;

fn main() -> std::io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    std::fs::write(path, page::page())
}
