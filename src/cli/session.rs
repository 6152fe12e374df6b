//! What every command that needs files does first: find them, read the configuration, open the
//! ledger.

use std::sync::Arc;

use super::args::Global;
use super::exit::Exit;
use super::output::{Out, Worth};
use super::upgrade;
use super::vocabulary::Words;
use crate::base::SystemClock;
use crate::config::{Config, Paths, PathsInput};
use crate::ledger::{Access, Trust};
use crate::ops::{AppContext, OpsError, Watchers};

/// Finds the files.
///
/// # Errors
/// When a place depends on HOME and there is none.
pub(super) fn paths(global: &Global) -> Result<Paths, OpsError> {
    Ok(Paths::resolve(&PathsInput {
        config_flag: global.config.clone(),
        data_dir_flag: global.data_dir.clone(),
        env: std::env::vars_os().collect(),
    })?)
}

/// Finds the files and reads the configuration.
///
/// # Errors
/// When the configuration is malformed.
pub(super) fn config(global: &Global) -> Result<(Paths, Config), OpsError> {
    let paths = paths(global)?;
    let config = Config::load(&paths, &Words::new(&paths))?;
    Ok((paths, config))
}

/// Opens the ledger, and says how far an upgrade is that somebody would wait for.
///
/// # Errors
/// When a directory or the ledger cannot be made or opened.
pub(super) async fn open_deck(
    (paths, config): (Paths, Config),
    out: Out,
) -> Result<AppContext, OpsError> {
    AppContext::open_watched(paths, config, Arc::new(SystemClock::new()), watchers(out)).await
}

/// Who is told of what the ledger does while it is opened.
pub(super) fn watchers(out: Out) -> Watchers {
    Watchers {
        on_upgrade: Some(upgrade::teller(out)),
        ..Watchers::default()
    }
}

/// Opens everything, does the work, and closes the ledger: what waits to be written is written
/// before the process may end.
///
/// # Errors
/// When the configuration is malformed, the ledger cannot be opened, or the work fails.
pub(super) async fn with_deck(
    (global, out): (&Global, Out),
    work: impl AsyncFnOnce(&AppContext, Out) -> Result<Exit, OpsError>,
) -> Result<Exit, OpsError> {
    let (paths, config) = config(global)?;
    let context = open_deck((paths, config), out).await?;
    if global.read_only {
        context.forbid_sending();
    }
    if let Access::ReadOnly(reason) = &context.opened().access {
        out.say(&format!(
            "note: the ledger can only be read: {reason}; nothing can be sent"
        ));
    }
    for mended in &context.opened().mended {
        out.say(&format!("note: {mended}"));
    }
    let worth = worth(&context, out).await?;
    let result = work(&context, out.from_ledger(worth)).await;
    context.close().await;
    result
}

/// What the ledger is worth. Whoever reads it is told where that is not all.
async fn worth(context: &AppContext, out: Out) -> Result<Worth, OpsError> {
    if let Trust::Doubtful(why) = context.ledger().trust() {
        if context.opened().access == Access::Full {
            out.say(&format!("note: the ledger is in doubt: {why}"));
        }
        return Ok(Worth::Doubtful);
    }
    if context.ledger().is_empty().await? {
        let file = context.paths().ledger.display();
        out.say(&format!("note: the ledger {file} is empty"));
        return Ok(Worth::Empty);
    }
    Ok(Worth::Trusted)
}
