//! The process that dies: this test binary again, running `a_process_works_on_a_run` alone.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::process::{Child, Command};
use tokio::sync::watch;
use ziadeck::base::{RunId, SystemClock};
use ziadeck::config::{Config, Paths, PathsInput, Refusal, Vocabulary};
use ziadeck::ledger::OnStep;
use ziadeck::ops::bulk_run::{RunEnding, RunOrder, ShutdownSignal, run};
use ziadeck::ops::{AppContext, Watchers};

use crate::rig::{PATIENCE, Rig};

const RUN: &str = "ZIADECK_TEST_RUN";
const STEP: &str = "ZIADECK_TEST_STEP";

/// When it dies.
#[derive(Clone, Copy)]
pub(crate) enum Death {
    /// At this step of the ledger's writer, counted from 1.
    AtLedgerStep(u64),
}

pub(crate) fn start(rig: &Rig, run: RunId, death: Option<Death>) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "child::a_process_works_on_a_run", "--nocapture"])
        .env(RUN, run.to_string())
        .env("ZIADECK_CONFIG", rig.path("config.toml"))
        .env("ZIADECK_DATA_DIR", rig.data_dir())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if let Some(Death::AtLedgerStep(step)) = death {
        command.env(STEP, step.to_string());
    }
    command.spawn().unwrap()
}

pub(crate) async fn work(rig: &Rig, run: RunId, death: Option<Death>) -> ExitStatus {
    let mut child = start(rig, run, death);
    tokio::time::timeout(PATIENCE, child.wait())
        .await
        .expect("the process did not end")
        .unwrap()
}

/// Not a test by itself: the process of the tests of this file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_works_on_a_run() {
    let Ok(number) = env::var(RUN) else {
        return;
    };
    let context = deck_at(env::vars_os().collect(), step()).await;
    let session = context.session(None).unwrap();
    let order = RunOrder::of(number.parse().unwrap());
    let (_stay, wish) = watch::channel(ShutdownSignal::GoOn);

    let end = run(&session, order, wish, Arc::new(drop)).await.unwrap();

    context.close().await;
    assert_eq!(end.why, RunEnding::Finished, "{:?}", end.trouble);
}

fn step() -> Option<OnStep> {
    let last: u64 = env::var(STEP).ok()?.parse().unwrap();
    let steps = AtomicU64::new(0);
    Some(Arc::new(move |_| {
        if steps.fetch_add(1, Ordering::SeqCst) + 1 == last {
            std::process::abort();
        }
    }))
}

/// A context on the files that an environment names.
pub(crate) async fn deck_at(
    env: BTreeMap<OsString, OsString>,
    on_step: Option<OnStep>,
) -> AppContext {
    let paths = Paths::resolve(&PathsInput {
        config_flag: None,
        data_dir_flag: None,
        env,
    })
    .unwrap();
    let config = Config::load(&paths, &AnyWord).unwrap();
    let watchers = Watchers {
        on_step,
        ..Watchers::default()
    };
    AppContext::open_watched(paths, config, Arc::new(SystemClock::new()), watchers)
        .await
        .unwrap()
}

/// A vocabulary that knows every word: these configurations use none.
struct AnyWord;

impl Vocabulary for AnyWord {
    fn command(&self, _: &str) -> Result<(), Refusal> {
        Ok(())
    }

    fn chord(&self, _: &str, _: &str) -> Result<(), Refusal> {
        Ok(())
    }

    fn theme(&self, _: &str) -> Result<(), Refusal> {
        Ok(())
    }
}
