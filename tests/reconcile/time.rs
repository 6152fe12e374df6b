//! Clocks that are set, hosts that start anew, lists that do not reach far enough, jobs that are late.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use ziadeck::base::{Clock, Outcome};
use ziadeck::ops::reconcile::Finished;
use ziadeck::simulator::{Action, Fault, PartialList, SimulatorOptions, Target};

use super::made;
use super::world::{KIND, SETTLE, World};

const DAY: Duration = Duration::from_secs(86_400);

/// The wall clock of this host is set by so much.
fn set_wall(world: &World, by: Duration, is_ahead: bool) {
    let now = world.clock.now();
    let then = if is_ahead {
        now.checked_add(by)
    } else {
        now.checked_sub(by)
    };
    world.clock.set_wall(then.unwrap());
}

/// A month ahead when it was sent, and put right a second later.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_a_month_ahead_holds_nothing_up() {
    let world = World::seasoned().await;
    set_wall(&world, DAY * 30, true);
    let (ada, lin) = (
        world.lost("ada", made(true)).await,
        world.lost("lin", made(false)).await,
    );
    set_wall(&world, DAY * 30, false);
    world.go_on(SETTLE);

    world.reconciled().await;

    assert_eq!(world.outcome(ada).await, Outcome::Scheduled);
    assert_eq!(world.outcome(lin).await, Outcome::Absent);
}

#[rstest]
#[case::forward(true)]
#[case::back(false)]
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_makes_nothing_older(#[case] is_ahead: bool) {
    let world = World::seasoned().await;
    let ada = world.lost("ada", made(false)).await;
    set_wall(&world, DAY, is_ahead);
    world.go_on(Duration::from_secs(1));

    let early = world.reconciled().await.remove(0);
    world.go_on(SETTLE);
    world.reconciled().await;

    assert!(
        matches!(early.verdict, Finished::TooEarly { .. }),
        "{early:?}"
    );
    assert_eq!(world.outcome(ada).await, Outcome::Absent);
}

/// Another boot proves nothing of what was before it: the server's clock is asked, and counted from.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn after_a_reboot_the_server_tells_how_much_time_went_by(
    #[values(-30, 0, 30)] days_ahead: i32,
) {
    let mut world = World::seasoned().await;
    let ada = world.lost("ada", made(false)).await;
    world.reboot().await;
    set_wall(&world, DAY * days_ahead.unsigned_abs(), days_ahead > 0);

    let noted = world.reconciled().await.remove(0);
    world.go_on(SETTLE - Duration::from_secs(1));
    let early = world.reconciled().await.remove(0);
    world.go_on(Duration::from_secs(1));
    world.reconciled().await;

    for one in [noted, early] {
        assert!(matches!(one.verdict, Finished::TooEarly { .. }), "{one:?}");
    }
    assert_eq!(world.outcome(ada).await, Outcome::Absent);
}

/// The newest attempts come first; what is older than the end of the list may be missing.
#[rstest]
#[case::rows(PartialList { rows_max: Some(1), ..PartialList::default() })]
#[case::the_end_is_early(PartialList { rows_max: Some(1), ends: true, ..PartialList::default() })]
#[case::every_second(PartialList { omit_nth: 2, ..PartialList::default() })]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_lacks_a_job_of_ours_makes_nothing_absent(#[case] list: PartialList) {
    let world = World::seasoned().await;
    let ada = world.lost("ada", made(false)).await;
    world.scheduled("kim").await;
    world.go_on(SETTLE);
    world
        .control()
        .push_fault(Fault::always(Target::List, Action::PartialList(list)));

    let found = world.reconciled().await.remove(0);

    let Finished::Undecided { why, .. } = found.verdict else {
        panic!("{found:?}");
    };
    assert!(why.starts_with("the list of jobs lacks job"), "{why}");
    world.control().clear_faults();
    world.reconciled().await;
    assert_eq!(world.outcome(ada).await, Outcome::Absent);
}

/// It was the first request of all: nothing in the list shows that it reaches so far back.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_may_begin_behind_an_attempt_does_not_make_it_absent() {
    let world = World::new(SimulatorOptions::default()).await;
    world.lost("ada", made(false)).await;
    world.scheduled("grace").await;
    world.go_on(SETTLE);

    let found = world.reconciled().await.remove(0);

    let Finished::Undecided { why, candidates } = found.verdict else {
        panic!("{found:?}");
    };
    assert!(why.contains("may begin behind it"), "{why}");
    assert_eq!(candidates, []);
}

/// A job that appears after its attempt was called absent: the unit is spent, and it is said so.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_appears_late_makes_an_absent_attempt_scheduled() {
    let world = World::seasoned().await;
    let ada = world.lost("ada", made(false)).await;
    world.go_on(SETTLE);
    world.reconciled().await;
    assert_eq!(world.outcome(ada).await, Outcome::Absent);
    let (name, email) = ("ada adason", "ada@ada.example");
    // It is ours for all that can be told: this user, this time, these inputs.
    let other = world.bench.other_host();
    other
        .run(&[
            "submit",
            "--name",
            name,
            "--email",
            email,
            "--company",
            "ada works",
        ])
        .await
        .expect(0);

    world.bench.usage(&["--refresh"]).await;

    let found = world.reconciled().await;

    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].is_late());
    let row = world
        .session()
        .ledger()
        .attempt(ada)
        .await
        .unwrap()
        .unwrap()
        .row;
    assert_eq!(row.outcome, Outcome::Scheduled);
    assert!(row.is_late);
    let note = row.note.unwrap();
    assert!(
        note.ends_with("its job appeared after it had been called absent"),
        "{note}"
    );
    // Whoever asks for her again is told of it.
    world.send("ada").await.unwrap_err();
    assert_eq!(world.control().posts(), 3);
    assert_eq!(world.reconciled().await, [], "it is found once");
    for flags in [&[][..], &["--refresh"]] {
        let used = world.bench.usage(flags).await;
        assert_eq!((&used["used"], &used["mine"]), (&json!(2), &json!(2)));
    }
}

/// Its row was sent again meanwhile: both units are spent, each with its job.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_job_of_a_row_that_was_sent_again_counts_beside_the_new_one() {
    let world = World::seasoned().await;
    let ada = world.lost("ada", made(false)).await;
    world.go_on(SETTLE);
    world.reconciled().await;
    let again = world.scheduled("ada").await;
    let inputs = json!({"name": "ada adason", "email": "ada@ada.example"});
    world.control().push_fault(Fault::next(
        Target::PeoplePost,
        Action::CreatedBy {
            name: "Robin Castellan".into(),
        },
    ));
    world.control().add_foreign_job(KIND, Some(inputs));

    world.reconciled().await;

    // A job of another user may be anybody's: nothing is claimed.
    assert_eq!(world.outcome(ada).await, Outcome::Absent);
    assert_eq!(world.outcome(again.id).await, Outcome::Scheduled);
}

/// What is noted once is kept: an age that is counted does not begin anew.
#[tokio::test(flavor = "multi_thread")]
async fn an_age_is_counted_from_the_first_time_that_was_noted() {
    let mut world = World::seasoned().await;
    let ada = world.lost("ada", made(false)).await;
    world.reboot().await;
    world.reconciled().await;
    world.go_on(SETTLE / 2);
    world.reboot().await;
    world.reconciled().await;
    world.go_on(SETTLE / 2);
    world.reconciled().await;

    assert_eq!(world.outcome(ada).await, Outcome::Absent);
}

/// A server whose clock is put right between two requests.
#[rstest]
#[case::put_back(3_600, 0, 0)]
#[case::put_forward(-3_600, 0, 0)]
#[case::wrong_for_a_while(0, 3_600, 0)]
#[case::wrong_the_other_way(0, -3_600, 0)]
#[tokio::test(flavor = "multi_thread")]
async fn a_servers_clock_that_is_put_right_hides_no_job(
    #[case] before: i64,
    #[case] during: i64,
    #[case] after: i64,
    #[values(true, false)] has_later: bool,
) {
    let world = World::new(SimulatorOptions {
        clock_offset_seconds: before,
        ..SimulatorOptions::default()
    })
    .await;
    world.scheduled("grace").await;
    world.go_on(SETTLE * 2);
    world.control().set_clock_offset(during);
    let bob = world.lost("bob", made(true)).await;
    world.control().set_clock_offset(after);
    if has_later {
        world.scheduled("kim").await;
    }
    world.go_on(SETTLE);

    world.reconciled().await;

    assert!(world.outcome(bob).await.is_charged());
}

/// Between a page with fewer rows than it might have and the next one, rows may be missing.
#[tokio::test(flavor = "multi_thread")]
async fn a_short_page_that_speaks_of_more_makes_nothing_absent() {
    let world = World::seasoned().await;
    let colleagues = || {
        for _ in 0..60 {
            world.control().add_foreign_job(KIND, None);
        }
    };
    colleagues();
    let bob = world.lost("bob", made(true)).await;
    colleagues();
    world.go_on(SETTLE);
    let list = PartialList {
        rows_max: Some(50),
        ..PartialList::default()
    };
    world
        .control()
        .push_fault(Fault::always(Target::List, Action::PartialList(list)));

    world.reconciled().await;

    assert!(world.outcome(bob).await.is_charged());
}
