//! Figures that add up, that say how sure they are, and that hold for everybody of an organisation.
#![expect(clippy::unwrap_used, reason = "test code may unwrap and panic")]

mod support;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};
use support::{Bench, Ran, cases, finish};
use ziadeck::base::EnrichmentKind;
use ziadeck::simulator::{Action, Fault, SimulatorOptions, StatusFault, Target};

const PEOPLE: EnrichmentKind = EnrichmentKind::People;
const USERS: [&str; 2] = ["ada", "lin"];

/// Runs the program as a user.
async fn run_as(bench: &Bench, user: &str, arguments: &[&str]) -> Ran {
    let mut command = bench.command(arguments);
    finish(command.env("USER", user).spawn().unwrap()).await
}

#[derive(Debug, Clone)]
enum Step {
    Send,
    /// The answer is lost, after a job was made or before.
    Lose(bool),
    LoseAccepted,
    /// An attempt without an answer is asked for again, and that answer is lost too.
    Again(usize, bool),
    /// Somebody else makes a job.
    Colleague,
    Refresh,
    Reconcile,
}

fn step() -> impl Strategy<Value = (usize, Step)> {
    let step = prop_oneof![
        2 => Just(Step::Send),
        4 => any::<bool>().prop_map(Step::Lose),
        1 => Just(Step::LoseAccepted),
        2 => (0..4_usize, any::<bool>()).prop_map(|(at, made)| Step::Again(at, made)),
        2 => Just(Step::Colleague),
        4 => Just(Step::Refresh),
        1 => Just(Step::Reconcile),
    ];
    (0..USERS.len(), step)
}

struct World {
    bench: Bench,
    sent: usize,
    /// Attempts whose answer was lost, with the person that was asked for.
    lost: Vec<(String, String)>,
    colleagues: u64,
}

impl World {
    async fn submit(&mut self, user: &str, (email, again): (String, Option<String>)) {
        let mut arguments = vec!["submit", "--json", "--email", &email];
        if let Some(attempt) = &again {
            arguments.extend(["--again", attempt]);
        }
        let row = run_as(&self.bench, user, &arguments).await.row();
        if row["outcome"] != "scheduled" {
            let attempt = row["attempt"].to_string();
            self.lost.push((attempt, email));
        }
    }

    fn somebody(&mut self) -> (String, Option<String>) {
        self.sent += 1;
        (format!("person{}@acme.example", self.sent), None)
    }

    fn next(&self, action: Action) {
        let control = self.bench.control();
        control.push_fault(Fault::next(Target::PeoplePost, action));
    }

    async fn take(&mut self, user: &str, step: &Step) {
        match *step {
            Step::Send => {
                let somebody = self.somebody();
                self.submit(user, somebody).await;
            }
            Step::Lose(effect) => {
                self.next(Action::CloseAfterRead { effect });
                let somebody = self.somebody();
                self.submit(user, somebody).await;
            }
            Step::LoseAccepted => {
                self.next(Action::Truncate { bytes: 40 });
                let somebody = self.somebody();
                self.submit(user, somebody).await;
            }
            Step::Again(at, effect) => {
                let open = self.log(user, "unknown").await;
                let is_open = |attempt: &str| {
                    open.iter()
                        .any(|row| row["attempt"].as_i64() == attempt.parse().ok())
                };
                // Only the newest of those who are alike can be named.
                let newest = self.lost.iter().enumerate().filter(|(n, (_, email))| {
                    !self
                        .lost
                        .iter()
                        .skip(n + 1)
                        .any(|(_, later)| later == email)
                });
                let open: Vec<_> = newest
                    .filter(|(_, (attempt, _))| is_open(attempt))
                    .collect();
                let Some((_, (attempt, email))) = open.get(at % open.len().max(1)) else {
                    return;
                };
                let again = (email.clone(), Some(attempt.clone()));
                self.next(Action::CloseAfterRead { effect });
                self.submit(user, again).await;
            }
            Step::Colleague => {
                self.colleagues += 1;
                let email = format!("{}@other.example", self.colleagues);
                let inputs = json!({ "email": email });
                self.bench.control().add_foreign_job(PEOPLE, Some(inputs));
            }
            Step::Refresh => {}
            Step::Reconcile => {
                // Ends with 8 where something stays unknown.
                run_as(&self.bench, user, &["reconcile", "--settle", "0"]).await;
            }
        }
    }

    async fn log(&self, user: &str, outcome: &str) -> Vec<Value> {
        let arguments = ["log", "--json", "--limit", "100", "--outcome", outcome];
        run_as(&self.bench, user, &arguments).await.expect(0).rows()
    }

    async fn usage(&self, user: &str, flags: &[&str]) -> Value {
        let arguments = [&["usage", "--json"], flags].concat();
        let usage = run_as(&self.bench, user, &arguments).await.expect(0).row();
        let units = |name: &str| usage[name].as_u64().unwrap();
        let sum = |name: &str| -> u64 {
            let all = usage[name].as_array().unwrap().iter();
            all.map(|one| one["units"].as_u64().unwrap()).sum()
        };
        assert_eq!(
            units("mine") + units("others") + units("unknown") + units("sending"),
            units("used"),
            "{usage:#}"
        );
        assert_eq!(sum("mine_by"), units("mine"), "{usage:#}");
        assert_eq!(sum("others_by"), units("others"), "{usage:#}");
        usage
    }

    /// Every attempt that may have been charged, and every job of somebody else: one unit each.
    async fn check(&self, user: &str, after: &str) {
        let used = self.usage(user, &["--refresh"]).await["used"]
            .as_u64()
            .unwrap();
        let mut charged = self.colleagues;
        for outcome in ["scheduled", "unknown", "unknown (accepted)"] {
            charged += u64::try_from(self.log(user, outcome).await.len()).unwrap();
        }
        assert_eq!(used, charged, "after {after}");
        assert!(used >= self.bench.control().used(PEOPLE), "after {after}");
    }
}

fn play(steps: Vec<(usize, Step)>, has_features: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut world = World {
            bench: Bench::quiet().await,
            sent: 0,
            lost: Vec::new(),
            colleagues: 0,
        };
        if !has_features {
            // Only the job list tells.
            world.bench.control().push_fault(Fault::always(
                Target::Features,
                Action::Status(StatusFault {
                    code: Some("OAUTH_SCOPE_MISMATCH".to_owned()),
                    ..StatusFault::new(401)
                }),
            ));
        }
        world.take(USERS[0], &Step::Send).await;
        for (user, step) in steps {
            world.take(USERS[user], &step).await;
            match step {
                Step::Refresh => world.check(USERS[user], &format!("{step:?}")).await,
                _ => drop(world.usage(USERS[user], &[]).await),
            }
        }
        world.check(USERS[1], "the last refresh").await;
        world.take(USERS[1], &Step::Reconcile).await;
        let used = world.usage(USERS[0], &[]).await["used"].clone();
        assert_eq!(used, world.bench.control().used(PEOPLE), "all is settled");
    });
}

proptest! {
    #![proptest_config(Config { cases: cases(6), failure_persistence: None, ..Config::default() })]

    #[test]
    fn each_unit_is_counted_once_and_the_parts_are_the_total(
        steps in prop::collection::vec(step(), 3..10),
        has_features in any::<bool>(),
    ) {
        play(steps, has_features);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_whose_job_is_listed_is_one_unit() {
    let bench = Bench::quiet().await;
    bench.submit("grace").await.expect(0);
    for name in ["ada", "lin"] {
        bench.control().push_fault(Fault::next(
            Target::PeoplePost,
            Action::CloseAfterRead { effect: true },
        ));
        bench.submit(name).await.expect(8);
    }

    let usage = bench.usage(&["--refresh"]).await;

    let parts = ["used", "mine", "others", "unknown"].map(|name| usage[name].as_u64().unwrap());
    assert_eq!(parts, [3, 1, 0, 2], "{usage:#}");
    assert_eq!(usage["others_by"], json!([]));
}

/// The last unit is there, although the list and the ledger each have the lost answer.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_unit_is_spent_beside_a_lost_answer_whose_job_is_listed() {
    let bench = Bench::new(SimulatorOptions {
        limit: 3,
        ..SimulatorOptions::default()
    })
    .await;
    let profile = bench.profile("us", "limit = 3");
    bench.write("config.toml", &profile, 0o600);
    bench.submit("grace").await.expect(0);
    bench.control().push_fault(Fault::next(
        Target::PeoplePost,
        Action::CloseAfterRead { effect: true },
    ));
    bench.submit("ada").await.expect(8);
    assert_eq!(bench.usage(&["--refresh"]).await["left"], 1);

    bench.submit("lin").await.expect(0);

    assert_eq!(bench.usage(&[]).await["left"], 0);
    bench.submit("kim").await.expect(6);
    assert_eq!(bench.control().used(PEOPLE), 3);
}

/// A colleague asked for the same person long before: that is another unit.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_another_time_is_not_taken_for_a_lost_answer() {
    let bench = Bench::quiet().await;
    let control = bench.control();
    control.set_clock_offset(-86_400);
    let inputs = json!({"email": "ada@acme.example"});
    let job = control.add_foreign_job(PEOPLE, Some(inputs));
    control.set_clock_offset(0);
    bench.run(&["jobs", "show", &job]).await.expect(0);
    control.push_fault(Fault::next(
        Target::PeoplePost,
        Action::CloseAfterRead { effect: false },
    ));
    let again = ["submit", "--again", "--email", "ada@acme.example"];
    bench.run(&again).await.expect(8);

    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!((&usage["used"], &usage["others"]), (&json!(2), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smallest_limit_of_those_who_send_holds_for_the_organisation() {
    let bench = Bench::quiet().await;
    let profiles = |other: &str| {
        let us = bench.profile("us", "limit = 900\norg_id = \"77\"");
        let second = bench.profile("second", &format!("limit = {other}\norg_id = \"77\""));
        let chosen = "default_profile = \"us\"\n";
        bench.write("config.toml", &format!("{chosen}{us}{second}"), 0o600);
    };
    profiles("400");
    bench.sign_in("second");
    let unused = bench.usage(&[]).await;
    let second = [
        "submit",
        "--profile",
        "second",
        "--email",
        "ada@acme.example",
    ];
    bench.run(&second).await.expect(0);

    let used = bench.usage(&[]).await;
    // Whose configuration can be read here is read here.
    profiles("700");
    let changed = bench.usage(&[]).await;
    let of_other_user = run_as(&bench, "lin", &["usage", "--json"]).await.row();

    assert_eq!(
        (&unused["limit"], &unused["limit_by"]),
        (&json!(900), &Value::Null)
    );
    assert_eq!(
        (&used["limit"], &used["limit_by"]),
        (&json!(400), &json!("second"))
    );
    assert_eq!(changed["limit"], 700);
    assert_eq!(of_other_user["limit"], 400, "what it was when it was used");
    let by = of_other_user["limit_by"].as_str().unwrap();
    assert!(by.starts_with("second of ") && by.contains("ada"), "{by}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_how_old_the_balance_is_and_asks_only_where_it_is_told_to() {
    let bench = Bench::new(SimulatorOptions {
        used: 1_490,
        ..SimulatorOptions::default()
    })
    .await;
    let people = "email\na@acme.example\nb@acme.example\n";
    let file = bench.write("people.csv", people, 0o600);
    let file = file.to_str().unwrap();
    let asked = || bench.control().requests().len();

    let unasked = bench
        .run(&["bulk", "plan", file, "--json"])
        .await
        .expect(0)
        .row();
    let spoken = bench.run(&["bulk", "plan", file]).await.expect(0);
    let before = asked();
    let fresh = ["bulk", "plan", file, "--refresh"];
    let refreshed = bench
        .run(&[&fresh[..], &["--json"]].concat())
        .await
        .expect(0)
        .row();

    assert_eq!(before, 0, "a plan asks nobody");
    assert_eq!(unasked["units_left"], Value::Null);
    assert_eq!(unasked["units_left_after"], Value::Null);
    assert!(spoken.stdout.contains("uses 2 of ? left"), "{spoken:?}");
    assert!(spoken.stdout.contains("--refresh asks it"), "{spoken:?}");
    assert_eq!(
        (&refreshed["units_left"], &refreshed["units_left_after"]),
        (&json!(10), &json!(8))
    );
    assert!(refreshed["units_at"].is_string());
    assert!(asked() > before);
}

/// Every command that reads the ledger says what it is worth.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_ledger_is_worth_is_said_by_every_command_that_reads_it() {
    let bench = Bench::quiet().await;
    let reading: [&[&str]; 6] = [
        &["usage"],
        &["log"],
        &["log", "1"],
        &["jobs", "list"],
        &["bulk", "status"],
        &["auth", "status"],
    ];
    let empty = bench.run(&["usage", "--json"]).await.expect(0);
    bench.submit("ada").await.expect(0);
    bench.write("people.csv", "email\nkim@acme.example\n", 0o600);
    let file = bench.path("people.csv");
    bench
        .run(&["bulk", "plan", file.to_str().unwrap()])
        .await
        .expect(0);
    for command in reading {
        let ran = bench.run(&[command, &["--json"]].concat()).await.expect(0);
        assert!(!ran.rows().is_empty(), "{command:?}");
        assert!(
            ran.rows().iter().all(|row| row["trust"] == "trusted"),
            "{ran:?}"
        );
        assert_eq!(ran.stderr, "", "{command:?}");
    }
    // The ledger is put back to what it was before anything was sent.
    bench
        .run(&["ledger", "backup", bench.path("saved.db").to_str().unwrap()])
        .await
        .expect(0);
    bench.submit("lin").await.expect(0);
    let ledger = bench.path("data/ledger.db");
    for file in ["data/ledger.db-wal", "data/ledger.db-shm"] {
        let _ = std::fs::remove_file(bench.path(file));
    }
    std::fs::copy(bench.path("saved.db"), &ledger).unwrap();

    for command in reading {
        let ran = bench.run(&[command, &["--json"]].concat()).await.expect(0);
        assert!(
            ran.rows().iter().all(|row| row["trust"] == "doubtful"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains("in doubt"), "{ran:?}");
    }
    assert_eq!(empty.row()["trust"], "empty");
    assert!(empty.stderr.contains("is empty"), "{empty:?}");
}

/// What reconcile learns of an attempt is no further unit where the server has counted it already.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_that_is_settled_stays_one_unit() {
    let bench = Bench::new(SimulatorOptions {
        limit: 4,
        ..SimulatorOptions::default()
    })
    .await;
    for name in ["ada", "lin"] {
        bench.control().push_fault(Fault::next(
            Target::PeoplePost,
            Action::CloseAfterRead { effect: true },
        ));
        bench.submit(name).await.expect(8);
    }
    let refreshed = bench.usage(&["--refresh"]).await;
    bench.run(&["reconcile", "--settle", "0"]).await.expect(0);

    let settled = bench.usage(&[]).await;

    assert_eq!(refreshed["source"], "features");
    for usage in [refreshed, settled] {
        assert_eq!((&usage["used"], &usage["left"]), (&json!(2), &json!(2)));
    }
    bench.submit("kim").await.expect(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_jobs_counts_a_lost_answer_once_too() {
    let bench = Bench::quiet().await;
    bench.control().push_fault(Fault::next(
        Target::PeoplePost,
        Action::CloseAfterRead { effect: true },
    ));
    bench.submit("ada").await.expect(8);

    bench.run(&["jobs", "list"]).await.expect(0);

    assert_eq!(bench.usage(&[]).await["used"], 1);
}
