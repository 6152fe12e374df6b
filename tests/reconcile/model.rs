//! Any sequence of requests, lost answers, strange echoes, short lists, clocks that are set and hosts
//! that start anew: no attempt is called absent for which the server made a job.

use proptest::prelude::*;
use proptest::test_runner::Config;
use ziadeck::base::{Clock, Outcome};
use ziadeck::ledger::LogQuery;
use ziadeck::ops::reconcile::Finished;
use ziadeck::simulator::{Action, Echo, Fault, PartialList, SimulatorOptions, Target};

use super::world::{KIND, SETTLE, World};
use super::{Duration, made};
use crate::support::cases;

const NAMES: [&str; 6] = ["grace", "ada", "lin", "kim", "mary", "joan"];
/// Longer than the list lags behind.
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Debug, Clone)]
enum Step {
    Send(usize),
    Lose(usize, bool),
    LoseAccepted(usize),
    Colleague(usize),
    Echo(Vec<Echo>),
    List(PartialList),
    ListUnreadable,
    Exact,
    GoOn(u64),
    SetWall(i64),
    Reboot,
    Reconcile,
    /// The settle time goes by first.
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    use Step::{
        Colleague, Exact, GoOn, List, ListUnreadable, Lose, LoseAccepted, Reboot, Reconcile, Send,
        SetWall, Settle,
    };
    let who = 0..NAMES.len();
    let echoes = Echo::ALL.iter().filter(|echo| **echo != Echo::OfAnother);
    let echo = prop::sample::select(echoes.copied().collect::<Vec<_>>());
    let list = (prop::option::of(1_usize..4), any::<bool>(), 0_u64..100).prop_map(
        |(rows_max, ends, lag)| PartialList {
            rows_max,
            ends,
            lag: Duration::from_secs(lag),
            ..PartialList::default()
        },
    );
    prop_oneof![
        4 => who.clone().prop_map(Send),
        6 => (who.clone(), any::<bool>()).prop_map(|(who, made)| Lose(who, made)),
        1 => who.clone().prop_map(LoseAccepted),
        1 => who.prop_map(Colleague),
        2 => prop::collection::vec(echo, 1..3).prop_map(Step::Echo),
        2 => list.prop_map(List),
        1 => Just(ListUnreadable),
        2 => Just(Exact),
        5 => (0_u64..240).prop_map(GoOn),
        1 => (-40_i64..40).prop_map(|days| SetWall(days * 86_400)),
        1 => Just(Reboot),
        2 => Just(Reconcile),
        6 => Just(Settle),
    ]
}

async fn take(world: &mut World, step: Step) {
    let control = world.control();
    match step {
        // Who was asked for before is refused, which spends nothing.
        Step::Send(who) => drop(world.send(NAMES[who]).await),
        Step::Lose(who, effect) => {
            let fault = Fault::next(Target::PeoplePost, made(effect));
            lose(world, who, fault).await;
        }
        Step::LoseAccepted(who) => {
            let fault = Fault::next(Target::PeoplePost, Action::Truncate { bytes: 40 });
            lose(world, who, fault).await;
        }
        Step::Colleague(who) => {
            let inputs = serde_json::json!({"email": format!("{}@other.example", NAMES[who])});
            control.add_foreign_job(KIND, Some(inputs));
        }
        Step::Echo(changes) => {
            control.push_fault(Fault::always(Target::Job, Action::Echo(changes)));
        }
        Step::List(list) => {
            control.push_fault(Fault::always(Target::List, Action::PartialList(list)));
        }
        Step::ListUnreadable => control.push_fault(Fault::always(Target::List, Action::IdPath)),
        Step::Exact => control.clear_faults(),
        Step::GoOn(seconds) => world.go_on(Duration::from_secs(seconds)),
        Step::SetWall(seconds) => {
            let by = jiff::SignedDuration::from_secs(seconds);
            let now = world.clock.now().checked_add(by).unwrap();
            world.clock.set_wall(now);
        }
        Step::Reboot => world.reboot().await,
        Step::Reconcile => drop(world.reconciled().await),
        Step::Settle => {
            world.go_on(SETTLE);
            world.reconciled().await;
        }
    }
}

/// A fault that met no request must not meet a later one.
async fn lose(world: &World, who: usize, fault: Fault) {
    let posts = world.control().posts();
    world.control().push_fault(fault);
    let _ = world.send(NAMES[who]).await;
    if world.control().posts() == posts {
        world.control().clear_faults();
    }
}

/// An attempt makes one job at most: so many of them must count as there are jobs.
async fn check(world: &World, after: &str) {
    let page = world
        .session()
        .ledger()
        .page(LogQuery {
            rows: 500,
            ..LogQuery::default()
        })
        .await
        .unwrap();
    for name in NAMES {
        let address = format!("{name}@{name}.example");
        let mine = page.rows.iter().filter(|row| {
            let inputs = row.inputs.as_deref().unwrap_or_default();
            inputs.contains(&address) && row.outcome.is_charged()
        });
        let made = world.jobs_of(name);
        assert!(
            mine.count() >= made.len(),
            "after {after}: {name} has {} jobs: {:#?}",
            made.len(),
            page.rows
        );
        for row in &page.rows {
            let inputs = row.inputs.as_deref().unwrap_or_default();
            if let (true, Some(job)) = (inputs.contains(&address), &row.job_id) {
                let mut jobs = made.iter();
                assert!(jobs.any(|made| made.id == job.as_str()), "{name}: {job}");
            }
        }
    }
}

fn run(steps: Vec<Step>, (offset, seasoned): (i64, bool)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut world = World::new(SimulatorOptions {
            clock_offset_seconds: offset,
            used: 3,
            ..SimulatorOptions::default()
        })
        .await;
        if seasoned {
            world.scheduled("grace").await;
        }
        for step in steps {
            let told = format!("{step:?}");
            take(&mut world, step).await;
            check(&world, &told).await;
        }
        // The server is exact again, and all that lagged has appeared.
        world.control().clear_faults();
        world.reconciled().await;
        world.go_on(PATIENCE.max(SETTLE));
        for found in world.reconciled().await {
            match found.verdict {
                Finished::Scheduled(_) | Finished::Absent => {}
                Finished::TooEarly { .. } => panic!("{found:?}"),
                Finished::Undecided { why, .. } => assert!(!why.is_empty()),
            }
        }
        check(&world, "the end").await;
        let later = world.lost("late", made(false)).await;
        world.scheduled("last").await;
        world.go_on(PATIENCE.max(SETTLE));
        world.reconciled().await;
        // What is certain is settled, after all that went before.
        if seasoned {
            assert!(matches!(
                world.outcome(later).await,
                Outcome::Absent | Outcome::Unknown
            ));
        }
    });
}

proptest! {
    #![proptest_config(Config { cases: cases(24), failure_persistence: None, ..Config::default() })]

    #[test]
    fn reconcile_calls_absent_only_what_made_no_job(
        steps in prop::collection::vec(step(), 4..28),
        offset in prop::sample::select(vec![0_i64, -3_600, 3_600, 2_592_000]),
        seasoned in prop::bool::weighted(0.8),
    ) {
        run(steps, (offset, seasoned));
    }
}
