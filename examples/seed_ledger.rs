//! Makes a large ledger: `cargo run --release --example seed_ledger -- PATH ATTEMPTS`.
//!
//! The attempts are invented, the schema, triggers and search index are the real ones.

#[path = "../benches/people/mod.rs"]
mod people;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use ziadeck::base::SystemClock;
use ziadeck::ledger::{Ledger, LedgerOptions};

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let path = args.next().map(PathBuf::from);
    let count = args
        .next()
        .and_then(|text| text.to_str().and_then(|text| text.parse().ok()));
    let (Some(path), Some(count)) = (path, count) else {
        return fail("usage: seed_ledger PATH ATTEMPTS");
    };
    match seed(path, count) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

fn seed(path: PathBuf, count: u64) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
    runtime.block_on(async {
        let (ledger, _) = Ledger::open(LedgerOptions {
            path,
            clock: Arc::new(SystemClock::new()),
            operator: "ada".to_owned(),
            on_step: None,
            on_upgrade: None,
            marks: None,
        })
        .await?;
        let fingerprints = ledger.clone();
        ledger
            .seed(count, move |n| people::seed(&fingerprints, n))
            .await?;
        ledger.close().await;
        Ok(())
    })
}

fn fail(text: &str) -> ExitCode {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(2)
}
