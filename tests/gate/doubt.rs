//! A ledger that lost what this host had sent: whoever follows the program's own advice to the end pays
//! for nobody twice.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rstest::rstest;
use rustix::process::Signal;
use tokio::process::Command;
use ziadeck::simulator::{Action, Echo, Fault, PartialList, SimulatorOptions, StatusFault, Target};

use crate::rig::{Ran, Rig, finish, people, send, until};

const ROWS: usize = 300;
const PART: u64 = 60;

/// How the ledger loses what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// The copy is put back after the process was killed.
    Restored,
    /// The same with its write-ahead log, mark and key, as a backup of the whole directory has them.
    RestoredWhole,
    /// It is gone, and made anew.
    Deleted,
    /// `cp` writes the copy over the open file.
    Overwritten,
}

/// An account as the program finds it without `--data-dir`: ledger and tokens lie apart.
struct Home {
    rig: Rig,
}

impl Home {
    async fn new(options: SimulatorOptions) -> Self {
        let rig = Rig::start(options, "").await;
        let home = Self { rig };
        copy_all(
            &home.rig.data_dir().join("credentials"),
            &home.rig.path("state/ziadeck/credentials"),
        );
        home
    }

    fn data(&self) -> PathBuf {
        self.rig.path("share/ziadeck")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.rig.command(args);
        command
            .env_remove("ZIADECK_DATA_DIR")
            .env("XDG_DATA_HOME", self.rig.path("share"))
            .env("XDG_STATE_HOME", self.rig.path("state"));
        command
    }

    async fn run(&self, args: &[&str]) -> Ran {
        finish(self.command(args).spawn().unwrap()).await
    }

    /// Does what the program says, until it says nothing more.
    async fn follow(&self, refused: &Ran) -> Ran {
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert!(said.contains("ziadeck ledger check --trust"), "{said}");
        let asked = self.run(&["ledger", "check", "--trust", "--yes"]).await;
        // What was on its way at that moment may have no job; a person gives the number that is told.
        match asked.stderr.split("give --uncertain ").nth(1) {
            Some(number) => {
                let number = number.split_whitespace().next().unwrap();
                self.run(&["ledger", "check", "--trust", "--uncertain", number])
                    .await
            }
            None => asked,
        }
    }
}

/// A tenth of a second of the server, so that several requests are always on their way.
fn slow() -> SimulatorOptions {
    SimulatorOptions {
        latency: std::time::Duration::from_millis(20),
        ..SimulatorOptions::default()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_the_advice_pays_for_nobody_twice(
    #[values(Loss::Restored, Loss::RestoredWhole, Loss::Deleted, Loss::Overwritten)] loss: Loss,
    #[values(-3_600, 0, 3_600)] clock: i64,
) {
    let home = Home::new(slow()).await;
    let file = home.rig.file("people.csv", people(ROWS));
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    home.run(&plan).await.expect(0);
    let part = PART.to_string();
    home.run(&["bulk", "run", "1", "--yes", "--max", &part])
        .await
        .expect(0);
    let copy = home.rig.path("copy");
    copy_all(&home.data(), &copy);
    home.rig.control.set_clock_offset(clock);

    let running = home
        .command(&["bulk", "run", "1", "--yes", "--max", &part])
        .spawn()
        .unwrap();
    until(&home.rig.control, "a second part is sent", |control| {
        control.posts() >= PART + PART / 2
    })
    .await;
    match loss {
        Loss::Overwritten => {
            fs::copy(copy.join("ledger.db"), home.data().join("ledger.db")).unwrap();
            // Whatever it can still send, it ends.
            let _ = finish(running).await;
        }
        Loss::Restored | Loss::RestoredWhole | Loss::Deleted => {
            send(&running, Signal::KILL);
            let _ = finish(running).await;
        }
    }
    match loss {
        Loss::Overwritten => {}
        Loss::Restored => {
            for name in ["ledger.db-wal", "ledger.db-shm"] {
                let _ = fs::remove_file(home.data().join(name));
            }
            fs::copy(copy.join("ledger.db"), home.data().join("ledger.db")).unwrap();
        }
        Loss::RestoredWhole => {
            fs::remove_dir_all(home.data()).unwrap();
            copy_all(&copy, &home.data());
        }
        Loss::Deleted => {
            for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
                let _ = fs::remove_file(home.data().join(name));
            }
        }
    }
    home.rig.control.set_clock_offset(-clock);

    let looked = home.run(&["ledger", "check"]).await;
    if looked.stdout.contains("damaged") || looked.stderr.contains("damaged") {
        // What cannot be read is not used; a person starts anew, and is told what that means.
        assert_eq!(loss, Loss::Overwritten);
        for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
            let _ = fs::remove_file(home.data().join(name));
        }
    }
    let refused = home.run(&["submit", "--email", "kim@other.example"]).await;
    let mut numbers = String::new();
    if loss == Loss::Overwritten && refused.code == 0 {
        // The log had all that the copy lacked: nothing was lost.
        assert!(home.rig.jobs().values().all(|count| *count == 1));
    } else {
        let trusted = home.follow(&refused).await;
        refused.expect(9);
        numbers = trusted.stderr.clone();
        trusted.expect(0);
        assert!(numbers.contains("not in this ledger"), "{numbers}");
    }
    home.run(&plan).await.expect(0);
    for run in ["1", "2"] {
        let _ = home.run(&["bulk", "run", run, "--yes"]).await;
    }
    let _ = home.run(&["reconcile"]).await;
    for run in ["1", "2"] {
        let _ = home.run(&["bulk", "run", run, "--yes"]).await;
    }

    let jobs = home.rig.jobs();
    assert!(jobs.values().all(|count| *count == 1), "{numbers}{jobs:?}");
    // What was on its way at that moment may wait for a person; all the others are sent.
    assert!(jobs.len() >= ROWS - 25, "{}: {numbers}", jobs.len());
}

/// What could not be compared is a number, and only that number is a person's word. What was read badly
/// is read again.
#[tokio::test(flavor = "multi_thread")]
async fn what_stays_uncertain_is_a_number_that_a_person_gives() {
    let home = Home::new(SimulatorOptions::default()).await;
    lose_three(&home).await;
    home.rig
        .control
        .push_fault(Fault::always(Target::Job, Action::Echo(vec![Echo::Gone])));

    let asked = home.run(&["ledger", "check", "--trust", "--yes"]).await;
    let wrong = home
        .run(&["ledger", "check", "--trust", "--uncertain", "2"])
        .await;
    let refused = home.run(&["submit", "--email", "ada@acme.example"]).await;
    home.rig.control.clear_faults();
    let healed = home.run(&["ledger", "check", "--trust", "--yes"]).await;

    let told = &asked.stderr;
    assert!(
        told.contains("3 jobs of the servers were not in this ledger"),
        "{told}"
    );
    assert!(told.contains("give --uncertain 3"), "{told}");
    asked.expect(2);
    wrong.expect(2);
    refused.expect(9);
    healed.expect(0);
    for name in ["ada", "lin", "kim"] {
        let email = format!("{name}@acme.example");
        let ran = home.run(&["submit", "--email", &email, "--json"]).await;
        assert_eq!(ran.last()["outcome"], "already", "{name}");
    }
    assert_eq!(home.rig.control.posts(), 3);
}

async fn lose_three(home: &Home) {
    for name in ["ada", "lin", "kim"] {
        let email = format!("{name}@acme.example");
        home.run(&["submit", "--email", &email]).await.expect(0);
    }
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(home.data().join(name));
    }
}

/// One job that cannot be read is one, and the others are read; a list that is short is said.
#[rstest]
#[case::one_job(Fault::next(Target::Job, Action::Status(StatusFault::new(500))), 1)]
#[case::every_job(Fault::always(Target::Job, Action::Status(StatusFault::new(500))), 3)]
#[case::no_list(Fault::always(Target::List, Action::EmptyArray), 3)]
#[case::a_list_that_lags(Fault::always(Target::List, Action::PartialList(PartialList {
    lag: std::time::Duration::from_secs(60), ..PartialList::default()
})), 3)]
#[case::a_list_that_leaves_out_one(Fault::always(Target::List, Action::PartialList(PartialList {
    omit_newest: 1, ..PartialList::default()
})), 1)]
#[tokio::test(flavor = "multi_thread")]
async fn each_job_that_cannot_be_compared_is_counted(#[case] fault: Fault, #[case] uncertain: u64) {
    let home = Home::new(SimulatorOptions::default()).await;
    lose_three(&home).await;
    home.rig.control.push_fault(fault);

    let asked = home.run(&["ledger", "check", "--trust", "--yes"]).await;

    let wanted = format!("give --uncertain {uncertain}");
    assert!(asked.stderr.contains(&wanted), "{}", asked.stderr);
    asked.expect(2);
    assert_eq!(home.rig.control.posts(), 3);
}

/// A server that tells something else of a job of ours than was sent is not believed about others.
#[rstest]
#[case::cut(Echo::Cut)]
#[case::of_another(Echo::OfAnother)]
#[tokio::test(flavor = "multi_thread")]
async fn an_echo_that_is_not_exact_is_not_believed(#[case] change: Echo) {
    let home = Home::new(SimulatorOptions::default()).await;
    home.run(&["submit", "--email", "first@acme.example"])
        .await
        .expect(0);
    let copy = home.rig.path("copy");
    copy_all(&home.data(), &copy);
    for name in ["ada", "lin"] {
        let email = format!("{name}@acme.example");
        home.run(&["submit", "--email", &email]).await.expect(0);
    }
    fs::remove_dir_all(home.data()).unwrap();
    copy_all(&copy, &home.data());
    home.rig
        .control
        .push_fault(Fault::always(Target::Job, Action::Echo(vec![change])));

    let asked = home.run(&["ledger", "check", "--trust", "--yes"]).await;
    home.rig.control.clear_faults();
    let healed = home.run(&["ledger", "check", "--trust", "--yes"]).await;

    assert!(
        asked.stderr.contains("give --uncertain 2"),
        "{}",
        asked.stderr
    );
    asked.expect(2);
    healed.expect(0);
}

/// A profile whose server cannot be asked is part of what is uncertain.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_asked_is_uncertain() {
    let mut home = Home::new(SimulatorOptions::default()).await;
    home.run(&["submit", "--email", "ada@acme.example"])
        .await
        .expect(0);
    let _ = fs::remove_file(home.data().join("ledger.db.mark"));
    home.rig.stop_server().await;

    let asked = home.run(&["ledger", "check", "--trust", "--yes"]).await;

    assert!(
        asked.stderr.contains("profile sim could not be asked"),
        "{}",
        asked.stderr
    );
    assert!(
        asked.stderr.contains("give --uncertain 1"),
        "{}",
        asked.stderr
    );
    asked.expect(2);
}

/// Copies a directory with the modes of what is in it.
pub(crate) fn copy_all(from: &Path, to: &Path) {
    let mut made = fs::DirBuilder::new();
    made.recursive(true).mode(0o700).create(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy_all(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
