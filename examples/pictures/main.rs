//! Draws the pictures of the documentation from the real screens.
//!
//! `cargo run --example pictures` writes `docs/pictures/*.svg`; `tests/pictures.rs` draws them
//! again and compares byte for byte, so that no picture shows what the program no longer does.

mod gallery;

use std::error::Error;
use std::io::Write;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    std::fs::create_dir_all(&directory)?;
    for picture in gallery::pictures()? {
        let path = directory.join(picture.file);
        std::fs::write(&path, &picture.svg)?;
        writeln!(
            std::io::stdout(),
            "{}  {} kB",
            path.display(),
            picture.svg.len() / 1_000
        )?;
    }
    Ok(())
}
