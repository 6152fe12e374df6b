//! Which profile was on screen when a user closed the console: a hint and no more, kept for each user
//! beside the tokens and never in a ledger that others read too.

use std::path::Path;

use super::At;
use crate::base::ProfileName;
use crate::base::guarded::{read_own, write_own};
use crate::ops::{AppContext, OpsError};

/// More than any name has.
const BYTES_MAX: u64 = 256;

fn place(context: &AppContext) -> (&Path, &'static str) {
    (&context.paths().state_dir, "last-profile")
}

fn kept(context: &AppContext) -> Option<String> {
    let bytes = read_own(place(context), BYTES_MAX).ok()??;
    String::from_utf8(bytes).ok()
}

/// The profile of the last session, if the configuration still has it.
pub(super) fn profile(context: &AppContext) -> Option<ProfileName> {
    let name: ProfileName = kept(context)?.trim().parse().ok()?;
    let config = context.config();
    config
        .profiles
        .iter()
        .any(|profile| profile.name == name)
        .then_some(name)
}

pub(crate) async fn note(at: At<'_>, profile: ProfileName) -> Result<(), OpsError> {
    remember(at.context, &profile);
    Ok(())
}

/// Remembers the profile for the next session.
fn remember(context: &AppContext, profile: &ProfileName) {
    if kept(context).is_none_or(|name| name != profile.as_str()) {
        let _ = write_own(place(context), profile.as_str().as_bytes());
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
        let context = demo.context().clone();
        let last: ProfileName = "us-sandbox".parse().unwrap();
        let at = |name: &str| context.paths().state_dir.join(name);
        std::fs::write(at("victim"), "kept").unwrap();
        std::os::unix::fs::symlink(at("victim"), at("last-profile")).unwrap();

        remember(&context, &last);
        let after_link = profile(&context);
        std::fs::remove_file(at("last-profile")).unwrap();
        rustix::fs::mkfifoat(CWD, at("last-profile"), Mode::RWXU).unwrap();
        let at_pipe = profile(&context);
        remember(&context, &last);
        let after_pipe = profile(&context);
        let victim = std::fs::read_to_string(at("victim")).unwrap();
        context.close().await;
        demo.stop().await;

        assert_eq!(
            (after_link, at_pipe, after_pipe),
            (Some(last.clone()), None, Some(last))
        );
        assert_eq!(victim, "kept");
    }
}
