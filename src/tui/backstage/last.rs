//! What a user left when the console was closed: which profile was on screen, and what was being
//! composed. Hints and no more, kept for each user beside the tokens and never in a ledger that others
//! read too.

use std::path::PathBuf;

use crate::base::ProfileName;
use crate::ops::Deck;
use crate::tui::msg::KeptDraft;

fn path(deck: &Deck) -> PathBuf {
    deck.paths().state_dir.join("last-profile")
}

/// The profile of the last session, if the configuration still has it.
pub(super) fn profile(deck: &Deck) -> Option<ProfileName> {
    let name: ProfileName = std::fs::read_to_string(path(deck))
        .ok()?
        .trim()
        .parse()
        .ok()?;
    let config = deck.config();
    config
        .profiles
        .iter()
        .any(|profile| profile.name == name)
        .then_some(name)
}

/// Remembers the profile for the next session.
pub(super) fn remember(deck: &Deck, profile: &ProfileName) {
    let path = path(deck);
    let known = std::fs::read(&path).is_ok_and(|name| name == profile.as_str().as_bytes());
    if !known {
        let _ = std::fs::write(path, profile.as_str());
    }
}

fn draft_path(deck: &Deck) -> PathBuf {
    deck.paths().state_dir.join("draft.json")
}

/// What was being composed, if it can be read.
pub(super) fn draft(deck: &Deck) -> Option<KeptDraft> {
    serde_json::from_slice(&std::fs::read(draft_path(deck)).ok()?).ok()
}

/// Keeps what is being composed, whole or not at all; a form without inputs removes it.
pub(super) fn keep_draft(deck: &Deck, kept: &KeptDraft) -> std::io::Result<()> {
    let path = draft_path(deck);
    if kept.draft.is_empty() {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        };
    }
    let mut file = tempfile_beside(&path)?;
    std::io::Write::write_all(&mut file.1, serde_json::to_string(kept)?.as_bytes())?;
    std::fs::rename(&file.0, path)
}

/// A file of this process beside another one, for its owner alone.
fn tempfile_beside(path: &std::path::Path) -> std::io::Result<(PathBuf, std::fs::File)> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let beside = path.with_extension(format!("json.{}", std::process::id()));
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    Ok((beside, file))
}
