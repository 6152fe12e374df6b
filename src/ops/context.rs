//! Everything a front end works with: the configuration, the ledger and a session for each profile.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::OpsError;
use super::session::ProfileSession;
use crate::base::{Clock, KnownSecrets, ProfileName};
use crate::config::{Config, Paths};
use crate::ledger::{Ledger, LedgerOptions, OnStep, OnUpgrade, Opened};

/// Who is told of what the ledger does.
#[derive(Clone, Default)]
pub struct Watchers {
    /// Called at each step of the ledger's writer, where a crash test ends the process.
    pub on_step: Option<OnStep>,
    /// Called while an older ledger is upgraded.
    pub on_upgrade: Option<OnUpgrade>,
}

/// One running program: its files, its configuration, its ledger.
#[derive(Clone)]
pub struct AppContext {
    inner: Arc<Inner>,
}

struct Inner {
    paths: Paths,
    // The set-up guide and `profile add` change the configuration while the console runs.
    config: Mutex<Arc<Config>>,
    ledger: Ledger,
    opened: Opened,
    clock: Arc<dyn Clock>,
    operator: String,
    sessions: Mutex<HashMap<ProfileName, Arc<ProfileSession>>>,
    /// Of all profiles: several may have one server.
    secrets: KnownSecrets,
    /// Whether nothing may be sent, with whatever profile.
    is_read_only: AtomicBool,
}

impl AppContext {
    /// Opens the ledger. Nothing is connected.
    ///
    /// # Errors
    /// When a directory or the ledger cannot be made or opened.
    pub async fn open(
        paths: Paths,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpsError> {
        Self::open_watched(paths, config, clock, Watchers::default()).await
    }

    /// As [`AppContext::open`], with somebody who is told of what the ledger does.
    ///
    /// # Errors
    /// As [`AppContext::open`].
    pub async fn open_watched(
        paths: Paths,
        config: Config,
        clock: Arc<dyn Clock>,
        watchers: Watchers,
    ) -> Result<Self, OpsError> {
        let options = ready(&paths, &clock, watchers)?;
        let opened = Ledger::open(options.clone()).await?;
        Ok(Self::on(opened, (paths, config), options))
    }

    /// As [`AppContext::open_watched`], on the calling thread: for the console, which has nothing else to
    /// do yet.
    ///
    /// # Errors
    /// As [`AppContext::open`].
    pub fn open_blocking(
        paths: Paths,
        config: Config,
        clock: Arc<dyn Clock>,
        watchers: Watchers,
    ) -> Result<Self, OpsError> {
        let options = ready(&paths, &clock, watchers)?;
        let opened = Ledger::open_blocking(options.clone())?;
        Ok(Self::on(opened, (paths, config), options))
    }

    fn on(
        (ledger, opened): (Ledger, Opened),
        (paths, config): (Paths, Config),
        options: LedgerOptions,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                paths,
                config: Mutex::new(Arc::new(config)),
                ledger,
                opened,
                clock: options.clock,
                operator: options.operator,
                sessions: Mutex::new(HashMap::new()),
                secrets: KnownSecrets::default(),
                is_read_only: AtomicBool::new(false),
            }),
        }
    }

    /// From now on nothing is sent, with whatever profile.
    pub fn forbid_sending(&self) {
        self.inner.is_read_only.store(true, Ordering::Relaxed);
        self.sessions().clear();
    }

    /// Whether nothing may be sent, with whatever profile.
    pub fn is_read_only(&self) -> bool {
        self.inner.is_read_only.load(Ordering::Relaxed)
    }

    /// Where the files are.
    pub fn paths(&self) -> &Paths {
        &self.inner.paths
    }

    /// The configuration as it is now.
    pub fn config(&self) -> Arc<Config> {
        self.inner
            .config
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes over a changed configuration; sessions of changed profiles are made anew.
    pub fn set_config(&self, config: Config) {
        let config = Arc::new(config);
        *self
            .inner
            .config
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = config.clone();
        self.sessions().retain(|name, session| {
            let mut profiles = config.profiles.iter();
            config.distrust.is_none()
                && session.has_limits_of(&config)
                && profiles.any(|profile| profile.name == *name && profile == session.profile())
        });
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    /// What opening the ledger found.
    pub fn opened(&self) -> &Opened {
        &self.inner.opened
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// What no answer may bring back.
    pub(super) fn secrets(&self) -> &KnownSecrets {
        &self.inner.secrets
    }

    /// Who works here: the user's name on this host.
    pub fn operator(&self) -> &str {
        &self.inner.operator
    }

    /// The session of a profile: the one named, else the default one.
    ///
    /// # Errors
    /// When there is no such profile or its hosts are not allowed.
    pub fn session(&self, name: Option<&ProfileName>) -> Result<Arc<ProfileSession>, OpsError> {
        let config = self.config();
        let profile = config.profile(name.map(ProfileName::as_str))?;
        if let Some(session) = self.sessions().get(&profile.name) {
            return Ok(session.clone());
        }
        let session = Arc::new(ProfileSession::new(self, profile.clone())?);
        self.sessions()
            .insert(profile.name.clone(), session.clone());
        Ok(session)
    }

    /// Writes what waits to be written and closes the ledger.
    pub async fn close(&self) {
        self.inner.ledger.clone().close().await;
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<ProfileName, Arc<ProfileSession>>> {
        self.inner
            .sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the directories; says how the ledger is to be opened.
fn ready(
    paths: &Paths,
    clock: &Arc<dyn Clock>,
    watchers: Watchers,
) -> Result<LedgerOptions, OpsError> {
    paths.create_dirs()?;
    Ok(LedgerOptions {
        path: paths.ledger.clone(),
        clock: clock.clone(),
        operator: operator(),
        on_step: watchers.on_step,
        on_upgrade: watchers.on_upgrade,
        marks: Some(paths.marks_dir()),
    })
}

fn operator() -> String {
    let uid = uzers::get_current_uid();
    let user = uzers::get_user_by_uid(uid).map(|user| user.name().to_string_lossy().into_owned());
    let said = ["USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    operator_of(user.unwrap_or_else(|| format!("uid-{uid}")), said)
}

/// The user of the operating system, and who the session says it is where that is somebody else:
/// anybody may set `USER`, and several persons may share a user.
fn operator_of(user: String, said: Option<String>) -> String {
    match said {
        Some(said) if said != user => format!("{user} (as {said})"),
        _ => user,
    }
}

#[cfg(test)]
mod tests {
    use super::operator_of;

    #[test]
    fn the_operator_is_the_user_and_what_the_session_says_is_kept_beside_it() {
        let named = |said: Option<&str>| operator_of("ada".to_owned(), said.map(str::to_owned));

        assert_eq!(named(None), "ada");
        assert_eq!(named(Some("ada")), "ada");
        assert_eq!(named(Some("root")), "ada (as root)");
    }
}
