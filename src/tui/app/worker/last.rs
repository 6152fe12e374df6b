//! Which profile was on screen when a user closed the console: a hint and no more, kept for each user
//! beside the tokens and never in a ledger that others read too.

use std::path::Path;

use crate::base::ProfileName;
use crate::base::guarded::{read_own, write_own};
use crate::ops::Deck;

/// More than any name has.
const BYTES_MAX: u64 = 256;

fn place(deck: &Deck) -> (&Path, &'static str) {
    (&deck.paths().state_dir, "last-profile")
}

fn kept(deck: &Deck) -> Option<String> {
    let bytes = read_own(place(deck), BYTES_MAX).ok()??;
    String::from_utf8(bytes).ok()
}

/// The profile of the last session, if the configuration still has it.
pub(super) fn profile(deck: &Deck) -> Option<ProfileName> {
    let name: ProfileName = kept(deck)?.trim().parse().ok()?;
    let config = deck.config();
    config
        .profiles
        .iter()
        .any(|profile| profile.name == name)
        .then_some(name)
}

/// Remembers the profile for the next session.
pub(super) fn remember(deck: &Deck, profile: &ProfileName) {
    if kept(deck).is_none_or(|name| name != profile.as_str()) {
        let _ = write_own(place(deck), profile.as_str().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::demo::{Demo, DemoOptions};
    use rustix::fs::{CWD, Mode};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_last_profile_goes_through_no_link_and_waits_for_no_pipe() {
        let demo = Demo::start(DemoOptions { limit: 10, used: 0 });
        let demo = demo.await.unwrap();
        let deck = demo.deck().clone();
        let last: ProfileName = "us-sandbox".parse().unwrap();
        let at = |name: &str| deck.paths().state_dir.join(name);
        std::fs::write(at("victim"), "kept").unwrap();
        std::os::unix::fs::symlink(at("victim"), at("last-profile")).unwrap();

        remember(&deck, &last);
        let after_link = profile(&deck);
        std::fs::remove_file(at("last-profile")).unwrap();
        rustix::fs::mkfifoat(CWD, at("last-profile"), Mode::RWXU).unwrap();
        let at_pipe = profile(&deck);
        remember(&deck, &last);
        let after_pipe = profile(&deck);
        let victim = std::fs::read_to_string(at("victim")).unwrap();
        deck.close().await;
        demo.stop().await;

        assert_eq!(
            (after_link, at_pipe, after_pipe),
            (Some(last.clone()), None, Some(last))
        );
        assert_eq!(victim, "kept");
    }
}
