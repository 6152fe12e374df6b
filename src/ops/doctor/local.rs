//! What can be checked without a network. Nothing is written.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use super::proxy::proxy;
use super::{Check, Finding, scopes};
use crate::auth::{AuthError, TokenSource};
use crate::base::guarded::GuardedDir;
use crate::base::{Clock, KnownSecrets, SecretSource, counted, moment};
use crate::config::{Config, Paths, Profile};
use crate::ledger::{Depth, Ledger, Trust};
use crate::ops::error::{DOUBT_IS_SETTLED_BY, OpsError};
use crate::ops::session::sign_in_of;

/// Where everything is.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// The files.
    pub paths: &'a Paths,
    /// The configuration.
    pub config: &'a Config,
    /// The clock.
    pub clock: &'a Arc<dyn Clock>,
}

/// Checks a profile and the files it works with.
pub async fn local(places: Places<'_>, profile: &Profile) -> Vec<Check> {
    let mut checks = vec![
        profile_check(profile),
        proxy(profile, |name| std::env::var_os(name)),
        data_directory(&places.paths.data_dir),
    ];
    checks.extend(ledger(places.paths).await);
    let around = (places.clock, &KnownSecrets::default());
    match sign_in_of((places.paths, places.config), profile, around) {
        Ok((_, tokens)) => {
            checks.push(secret(profile, &tokens).await);
            checks.extend(sign_in(&tokens, places.clock.as_ref()));
        }
        Err(error) => checks.push(Check::of_error("hosts", &error)),
    }
    checks
}

fn profile_check(profile: &Profile) -> Check {
    let text = format!(
        "{}: {} {}, {}, limit {}{}",
        profile.name,
        profile.data_center,
        profile.environment,
        profile.api_version,
        profile.limit,
        if profile.is_loopback() {
            "; on a simulator, not on Zoho"
        } else {
            ""
        }
    );
    Check::fine("profile", text)
}

fn data_directory(path: &Path) -> Check {
    const NAME: &str = "data directory";
    let shown = path.display();
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Check::fine(NAME, format!("{shown} will be made"));
        }
        Err(error) => {
            let text = format!("{shown} cannot be looked at: {error}");
            return Check::warning(NAME, text, "see who owns the directories above it");
        }
    };
    let mode = meta.mode() & 0o7777;
    let user = rustix::process::geteuid();
    if meta.uid() != user.as_raw() && !user.is_root() && mode & 0o2020 != 0o2020 {
        return Check::warning(
            NAME,
            format!("{shown} belongs to another user"),
            &format!("if it is yours: sudo chown -R \"$(id -un)\" {shown}"),
        );
    }
    // What everybody may do is told below.
    if mode & 0o007 == 0
        && let Ok(Some(directory)) = GuardedDir::open(path)
        && let Err(why) = directory.check()
    {
        let text = format!("{shown} is not safe, so the ledger is only read: {why}");
        return Check::warning(NAME, text, &why.mend(path));
    }
    match (mode & 0o2020 == 0o2020, mode & 0o007) {
        (_, 1..) => Check::warning(
            NAME,
            format!("{shown} has mode {mode:04o}: every user of this host can enter it"),
            "take the rights of others away with `chmod o-rwx`",
        ),
        (true, 0) => Check::fine(NAME, format!("{shown}, shared with its group")),
        (false, 0) => Check::fine(NAME, format!("{shown}, for its owner alone")),
    }
}

async fn ledger(paths: &Paths) -> Vec<Check> {
    const NAME: &str = "ledger";
    let path = &paths.ledger;
    let looked = match Ledger::inspect(path.clone(), Some(paths.marks_dir())).await {
        Ok(looked) => looked,
        Err(error) => return vec![Check::of_error(NAME, &OpsError::Ledger(error))],
    };
    let Some(found) = looked else {
        return vec![Check::fine(
            NAME,
            format!("{} will be made", path.display()),
        )];
    };
    let report = &found.report;
    let sound = match report.problems.first() {
        None => Check::fine(
            NAME,
            format!(
                "{}, {}, {}; {}, format {}{}",
                counted(report.attempts, "attempt"),
                counted(report.jobs, "job"),
                counted(report.runs, "run"),
                match report.depth {
                    Depth::Whole => "sound",
                    Depth::Counts => "too large to be proven here, `ziadeck ledger check` does",
                },
                report.format,
                if report.is_current() {
                    ""
                } else {
                    ", upgraded when the ledger is opened"
                }
            ),
        ),
        Some(problem) => Check::failure(
            NAME,
            9,
            (
                format!(
                    "{}, the first: {problem}",
                    counted(report.problems.len() as u64, "problem")
                ),
                "make a copy of the ledger, restore a backup, then reconcile",
            ),
        ),
    };
    let trust = match found.trust {
        Trust::Trusted => Check::fine("ledger trust", "it knows all that this machine remembers"),
        Trust::Doubtful(why) => Check::failure("ledger trust", 9, (why, DOUBT_IS_SETTLED_BY)),
    };
    let mut checks = vec![sound, trust];
    checks.extend(found.key_trouble.map(|why| {
        let next = "nothing can be sent until then";
        Check::failure("ledger key", 9, (why, next))
    }));
    checks.extend(found.standstill.map(|why| {
        let next = "make room, or make its directory writable; until then nothing can be sent";
        Check::failure("ledger access", 9, (why, next))
    }));
    checks
}

async fn secret(profile: &Profile, tokens: &TokenSource) -> Check {
    const NAME: &str = "client secret";
    if let Err(error) = tokens.check_secret().await {
        return refused(NAME, error);
    }
    let from = match &profile.client_secret {
        Some(SecretSource::File(path)) => format!("read from {}", path.display()),
        Some(SecretSource::Command(argv)) => format!(
            "given by the command {}",
            argv.first().map_or("", String::as_str)
        ),
        Some(SecretSource::Env(name)) => format!("read from the variable {name}"),
        None => "none".to_owned(),
    };
    Check::fine(NAME, from)
}

fn sign_in(tokens: &TokenSource, clock: &dyn Clock) -> Vec<Check> {
    const NAME: &str = "credentials";
    let status = match tokens.status() {
        Ok(status) => status,
        Err(error) => return vec![refused(NAME, error)],
    };
    if let Some(refusal) = status.refused.as_ref().filter(|refusal| refusal.is_final()) {
        let error = AuthError::Refused {
            profile: tokens.profile().clone(),
            error: refusal.error.clone(),
        };
        return vec![refused(NAME, error)];
    }
    if !status.is_signed_in {
        let found = ("not signed in".to_owned(), "run `ziadeck auth login`");
        return vec![Check::failure(NAME, 4, found)];
    }
    let since = status.granted_at.map_or_else(
        || "signed in".to_owned(),
        |at| format!("signed in {}", moment(at)),
    );
    let calls = match status.next_call_at {
        Some(at) if at > clock.now() => Check::warning(
            "token calls",
            format!("ten were made in ten minutes; the next is possible at {at:.0}"),
            "wait; a good access token is used meanwhile",
        ),
        _ => Check::fine(
            "token calls",
            format!("{} of 10 left in ten minutes", status.calls_left),
        ),
    };
    let mut checks = vec![Check::fine(NAME, since), calls];
    checks.extend(scopes::checks(status.scope.as_deref()));
    checks
}

fn refused(name: &str, error: AuthError) -> Check {
    Check {
        finding: Finding::Failure(4),
        ..Check::of_error(name, &OpsError::Auth(error))
    }
}
