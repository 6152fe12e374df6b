//! Which profile was on screen when a user closed the console: a hint and no more, kept for each user
//! beside the tokens and never in a ledger that others read too.

use std::path::PathBuf;

use crate::base::ProfileName;
use crate::ops::Deck;

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
