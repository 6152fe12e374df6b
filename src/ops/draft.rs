//! What a user was composing when the console was closed: kept for each user beside the tokens and never
//! in a ledger that others read too.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::context::AppContext;
use crate::base::guarded::{read_own, remove_own, write_own};
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

/// A draft larger than this is none.
const BYTES_MAX: u64 = 1 << 20;

fn place(context: &AppContext) -> (&Path, &'static str) {
    (&context.paths().state_dir, "draft.json")
}

/// What was being composed, if it can be read.
pub fn kept(context: &AppContext) -> Option<KeptDraft> {
    let bytes = read_own(place(context), BYTES_MAX).ok()??;
    serde_json::from_slice(&bytes).ok()
}

/// Keeps what is being composed, whole or not at all; a form without inputs removes it.
///
/// # Errors
/// When it cannot be written.
pub fn keep(context: &AppContext, kept: &KeptDraft) -> io::Result<()> {
    if kept.draft.is_empty() {
        return remove(context);
    }
    Ok(write_own(
        place(context),
        serde_json::to_string(kept)?.as_bytes(),
    )?)
}

/// Removes what is kept.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(context: &AppContext) -> io::Result<()> {
    Ok(remove_own(place(context))?)
}
