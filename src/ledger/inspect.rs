//! Looking at a ledger without opening it for work: nothing is made, recovered or written.

use std::path::PathBuf;

use super::check::{self, CheckReport, Depth};
use super::error::LedgerError;
use super::file::{self, Files};
use super::handle::Ledger;
use super::open::Trust;
use super::view::View;
use super::{connect, foreign};

/// A ledger up to this size is read whole, in a second or two; of a larger one it is only counted
/// what it holds. `ledger check` reads it.
const WHOLE_BYTES: u64 = 64 << 20;

/// What looking found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The check of its content.
    pub report: CheckReport,
    /// Whether it may be used for sending.
    pub trust: Trust,
    /// What is wrong with the key of its hashes, and what to do.
    pub key_trouble: Option<String>,
    /// What keeps it from being written, as far as its disk tells.
    pub standstill: Option<String>,
}

impl Ledger {
    /// Looks at a ledger file; `None` where there is none yet. The directory is the one of
    /// [`LedgerOptions::marks`](super::LedgerOptions::marks).
    ///
    /// # Errors
    /// When it cannot be read, is no ledger, or is of a newer ziadeck.
    pub async fn inspect(
        path: PathBuf,
        marks: Option<PathBuf>,
    ) -> Result<Option<Inspection>, LedgerError> {
        let looked = tokio::task::spawn_blocking(move || {
            let files = Files::found(&path, marks.as_deref())?;
            inspect(&files, WHOLE_BYTES)
        });
        looked.await.unwrap_or(Err(LedgerError::Closed))
    }
}

fn inspect(files: &Files, whole_bytes: u64) -> Result<Option<Inspection>, LedgerError> {
    files.inspect()?;
    let depth = match std::fs::symlink_metadata(&files.ledger).map(|meta| meta.len()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(LedgerError::file(&files.ledger, "cannot look at", &error));
        }
        // A file without a byte is one that another process is just making.
        Ok(0) | Err(_) => return Ok(None),
        Ok(bytes) if bytes <= whole_bytes => Depth::Whole,
        Ok(_) => Depth::Counts,
    };
    connect::check_library()?;
    foreign::refuse(files)?;
    let view = View::of(files)?;
    let trust = view.trust(files)?;
    let report = check::check_file(&files.ledger, view.reads(), depth)?;
    // One of an older format gets its key when it is upgraded.
    let key_trouble = if report.is_current() {
        view.key(files)?.trouble().map(str::to_owned)
    } else {
        None
    };
    Ok(Some(Inspection {
        report,
        trust,
        key_trouble,
        standstill: file::standstill(files),
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::SystemClock;
    use crate::ledger::LedgerOptions;

    #[tokio::test]
    async fn looking_makes_nothing_and_sees_a_doubt() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.db");

        let before = Ledger::inspect(path.clone(), None).await.unwrap();
        let left = std::fs::read_dir(dir.path()).unwrap().count();
        let (ledger, _) = Ledger::open(LedgerOptions {
            path: path.clone(),
            clock: Arc::new(SystemClock::new()),
            operator: "ada".to_owned(),
            on_step: None,
            on_upgrade: None,
            marks: None,
        })
        .await
        .unwrap();
        ledger.close().await;
        let sound = Ledger::inspect(path.clone(), None).await.unwrap().unwrap();
        let large = inspect(&Files::of(&path), 0).unwrap().unwrap();
        std::fs::remove_file(dir.path().join("ledger.db.key")).unwrap();
        let keyless = Ledger::inspect(path.clone(), None).await.unwrap().unwrap();
        std::fs::write(dir.path().join("ledger.db.mark"), "what").unwrap();
        let doubtful = Ledger::inspect(path, None).await.unwrap().unwrap();

        assert_eq!((before, left), (None, 0));
        assert!(sound.report.is_sound());
        assert_eq!(sound.report.depth, Depth::Whole);
        assert_eq!(large.report.depth, Depth::Counts);
        assert_eq!(sound.trust, Trust::Trusted);
        assert_eq!(sound.key_trouble, None);
        assert!(keyless.key_trouble.unwrap().contains("is missing"));
        assert!(matches!(doubtful.trust, Trust::Doubtful(_)));
    }
}
