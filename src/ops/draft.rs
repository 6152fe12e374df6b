//! What a user was composing when the console was closed: kept for each user beside the tokens and never
//! in a ledger that others read too.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::deck::Deck;
use crate::base::{ProfileName, Timestamp};
use crate::enrichment::Draft;

/// What a user was composing when the console was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDraft {
    /// The profile that was on screen.
    pub profile: ProfileName,
    /// When it was kept; `None` for one of version 0.1, in the ledger.
    pub at: Option<Timestamp>,
    /// What was being composed.
    pub draft: Draft,
}

fn draft_path(deck: &Deck) -> PathBuf {
    deck.paths().state_dir.join("draft.json")
}

/// What was being composed, if it can be read.
pub fn kept(deck: &Deck) -> Option<KeptDraft> {
    serde_json::from_slice(&std::fs::read(draft_path(deck)).ok()?).ok()
}

/// Keeps what is being composed, whole or not at all; a form without inputs removes it.
///
/// # Errors
/// When it cannot be written.
pub fn keep(deck: &Deck, kept: &KeptDraft) -> io::Result<()> {
    let path = draft_path(deck);
    if kept.draft.is_empty() {
        return remove(deck);
    }
    let mut file = tempfile_beside(&path)?;
    file.1.write_all(serde_json::to_string(kept)?.as_bytes())?;
    std::fs::rename(&file.0, path)
}

/// Removes what is kept.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(deck: &Deck) -> io::Result<()> {
    match std::fs::remove_file(draft_path(deck)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A file of this process beside another one, for its owner alone.
fn tempfile_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let beside = path.with_extension(format!("json.{}", std::process::id()));
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    Ok((beside, file))
}
