//! Servers that tell a little differently what a job was made of: no job that exists is called absent.

use rstest::rstest;
use ziadeck::base::Outcome;
use ziadeck::ops::jobs::show;
use ziadeck::ops::reconcile::Finished;
use ziadeck::simulator::{Action, Echo, Fault, Target};

use super::made;
use super::world::{KIND, SETTLE, World};

/// One case for each.
const _: () = assert!(Echo::ALL.len() == 13);

fn echo(changes: Vec<Echo>) -> Fault {
    Fault::always(Target::Job, Action::Echo(changes))
}

/// Whether a job surely still tells whom it was made for.
fn is_told(changes: &[Echo]) -> bool {
    let hides = [Echo::Gone, Echo::Cut, Echo::Masked, Echo::OfAnother];
    matches!(changes, [only] if !hides.contains(only))
}

/// The server was exact before, so that there is a proof; from now on it is not.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_exists_is_never_called_absent_however_it_is_told(
    #[values(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)] first: usize,
) {
    for second in Echo::ALL {
        let changes = match Echo::ALL[first] {
            first if first == second => vec![first],
            // What is taken from another job and then changed tells of nobody at all.
            Echo::OfAnother => continue,
            first => vec![first, second],
        };
        let world = World::seasoned().await;
        let grace = world.jobs_of("grace").remove(0).id.parse().unwrap();
        show(&world.session(), KIND, &grace).await.unwrap();
        let ada = world.lost("ada", made(true)).await;
        world.go_on(SETTLE);
        world.control().push_fault(echo(changes.clone()));

        let found = world.reconciled().await.remove(0);

        let job = world.jobs_of("ada").remove(0).id;
        match found.verdict {
            Finished::Scheduled(id) => assert_eq!(id.as_str(), job, "{changes:?}"),
            Finished::Undecided { why, candidates } => {
                assert!(!is_told(&changes), "{changes:?}: {why}");
                assert_eq!(candidates[0].id.as_str(), job, "{changes:?}: {why}");
            }
            other => panic!("{changes:?}: {other:?}"),
        }
        assert!(world.outcome(ada).await.is_charged());
    }
}

/// A server that never was exact proves nothing about anybody.
#[rstest]
#[case::gone(Echo::Gone)]
#[case::cut(Echo::Cut)]
#[case::masked(Echo::Masked)]
#[case::of_another(Echo::OfAnother)]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_job_of_ours_that_tells_what_was_sent_nothing_is_absent(#[case] change: Echo) {
    let world = World::seasoned().await;
    world.control().push_fault(echo(vec![change]));
    let lost = world.lost("ada", made(false)).await;
    world.go_on(SETTLE);

    let found = world.reconciled().await.remove(0);

    let Finished::Undecided { why, .. } = found.verdict else {
        panic!("{found:?}");
    };
    assert!(why.contains("no job can be excluded"), "{why}");
    // From then on it is exact.
    world.control().clear_faults();
    let found = world.reconciled().await.remove(0);
    assert_eq!(found.verdict, Finished::Absent);
    assert_eq!(world.outcome(lost).await, Outcome::Absent);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_any_job_of_ours_nothing_is_absent_and_it_says_so() {
    let world = World::new(ziadeck::simulator::SimulatorOptions {
        used: 5,
        ..Default::default()
    })
    .await;
    world.lost("ada", made(false)).await;
    world.go_on(SETTLE);

    let found = world.reconciled().await.remove(0);

    let Finished::Undecided { why, .. } = found.verdict else {
        panic!("{found:?}");
    };
    assert!(
        why.contains("no job of ours could be read back yet"),
        "{why}"
    );
}

/// Somebody else asks for somebody else, with an exact echo: nothing speaks for a job of ours.
#[tokio::test(flavor = "multi_thread")]
async fn the_exact_echo_of_somebody_elses_job_excludes_it() {
    let world = World::seasoned().await;
    let other = world.bench.other_host();
    let lost = world.lost("ada", made(false)).await;
    other.submit("lin").await.expect(0);
    world.go_on(SETTLE);

    let found = world.reconciled().await.remove(0);

    assert_eq!(found.verdict, Finished::Absent);
    assert_eq!(world.outcome(lost).await, Outcome::Absent);
}

/// One colleague at the same company: some inputs are equal, so it is not certain.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_with_some_of_the_inputs_is_shown_and_keeps_it_unknown() {
    let world = World::seasoned().await;
    world.lost("ada", made(false)).await;
    let inputs = serde_json::json!({"name": "Lin Chen", "company": {"website": "www.ada.example"}});
    let job = world.control().add_foreign_job(KIND, Some(inputs));
    world.go_on(SETTLE);

    let found = world.reconciled().await.remove(0);

    let Finished::Undecided { why, candidates } = found.verdict else {
        panic!("{found:?}");
    };
    assert!(why.starts_with("1 job may be its own"), "{why}");
    assert_eq!(candidates[0].id.as_str(), job);
    assert!(!candidates[0].has_same_inputs);
}
