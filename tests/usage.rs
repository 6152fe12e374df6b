//! The truth about usage: one number out of three sources, with several processes and hosts.

mod support;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::Value;
use support::{Bench, finish};
use ziadeck::base::EnrichmentKind;
use ziadeck::enrichment::{Draft, EnrichmentRequest, Field};
use ziadeck::ops::job_board::{Look, look};
use ziadeck::ops::submit::{SubmitOptions, submit};
use ziadeck::simulator::{Action, Fault, Rules, SimulatorOptions, StatusFault, Target, When};

const PEOPLE: EnrichmentKind = EnrichmentKind::People;

fn with_used(used: u64) -> SimulatorOptions {
    SimulatorOptions {
        used,
        ..SimulatorOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_jobs_and_ours_are_one_union_with_the_features_call() {
    let bench = Bench::new(with_used(230)).await;
    bench.submit("ada").await.expect(0);
    let alone = bench.usage(&[]).await;

    let usage = bench.usage(&["--refresh"]).await;

    // Nobody knows what is left before the server was asked once.
    assert_eq!((&alone["used"], &alone["left"]), (&1.into(), &Value::Null));
    assert_eq!(usage["used"], 231);
    assert_eq!((&usage["mine"], &usage["others"]), (&1.into(), &230.into()));
    assert_eq!(usage["source"], "features");
    assert!(usage["at"].is_string());
    assert_eq!(usage["left"], 1_269);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_scope_of_the_features_call_it_is_the_same_number() {
    let bench = Bench::new(with_used(230)).await;
    bench.submit("ada").await.expect(0);
    bench.control().push_fault(Fault::always(
        Target::Features,
        Action::Status(StatusFault {
            code: Some("OAUTH_SCOPE_MISMATCH".to_owned()),
            ..StatusFault::new(401)
        }),
    ));

    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(usage["used"], 231);
    assert_eq!(usage["source"], "job_list");
    assert_eq!(usage["limit_source"], "configured");
    assert!(
        usage["missing"][0]
            .as_str()
            .is_some_and(|text| text.contains("OAUTH_SCOPE_MISMATCH")),
        "{usage}"
    );
}

#[rstest]
#[case::no_info(Action::NoInfo)]
#[case::shifting(Action::ShiftPages)]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_shifts_or_has_no_info_is_counted_once_and_whole(#[case] action: Action) {
    let bench = Bench::new(with_used(230)).await;
    bench.submit("ada").await.expect(0);
    bench.control().push_fault(Fault {
        when: When::Between(1, 3),
        ..Fault::always(Target::List, action)
    });

    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(usage["used"], bench.control().used(PEOPLE));
    assert_eq!(usage["mine"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_is_no_error() {
    let bench = Bench::quiet().await;

    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(usage["used"], 0);
    assert!(usage["at"].is_string());
}

/// How often a page of the job list was asked for.
fn lists(bench: &Bench) -> usize {
    let requests = bench.control().requests();
    let is_list = |path: &str| path.ends_with("__zia_people_enrichment");
    requests.iter().filter(|seen| is_list(&seen.path)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_newest_jobs_is_one_call() {
    let bench = Bench::new(with_used(150)).await;
    let context = bench.context().await;

    let statuses = look(&context.session(None).unwrap(), PEOPLE, Look::Newest).await;

    let jobs: u64 = statuses.unwrap().iter().map(|(_, jobs)| jobs).sum();
    assert_eq!((jobs, lists(&bench)), (100, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_refresh_reads_no_old_pages_again() {
    let bench = Bench::new(with_used(450)).await;
    bench.usage(&["--refresh"]).await;
    let whole = lists(&bench);
    bench.control().add_foreign_job(PEOPLE, None);

    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(usage["used"], 451);
    assert!(whole >= 5, "{whole}");
    // The page with the new job, the next one, and the first again.
    let second = lists(&bench) - whole;
    assert!(second <= 3, "{second}");

    bench.usage(&["--refresh"]).await;

    // Nothing new: the first page, twice.
    assert_eq!(lists(&bench) - whole - second, 2);
}

/// The features call speaks of people; an organisation's figure would be somebody else's.
#[tokio::test(flavor = "multi_thread")]
async fn the_features_call_is_not_asked_for_organisations() {
    let bench = Bench::new(with_used(230)).await;

    let usage = bench.usage(&["--kind", "org", "--refresh"]).await;

    assert_eq!(usage["source"], "job_list");
    let requests = bench.control().requests();
    assert!(!requests.iter().any(|seen| seen.path.contains("__features")));
}

/// A page full of our own jobs must not hide a job of somebody else behind it, whatever this
/// machine's clock said when the list was read last.
#[rstest]
#[case::right(0)]
#[case::a_day_ahead(86_400_000)]
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_job_behind_a_page_of_ours_is_found(#[case] ahead_ms: i64) {
    let bench = Bench::quiet().await;
    bench.usage(&["--refresh"]).await;
    let sql = rusqlite::Connection::open(bench.path("data/ledger.db")).unwrap();
    sql.execute("UPDATE limits SET listed_ms = listed_ms + ?1", [ahead_ms])
        .unwrap();
    drop(sql);
    bench.control().add_foreign_job(PEOPLE, None);
    let context = bench.context().await;
    let session = context.session(None).unwrap();
    for number in 0..101 {
        let mut draft = Draft::new(PEOPLE, "Leads");
        draft.set(Field::Email, &format!("p{number}@acme.example"));
        let request = EnrichmentRequest::forced(&draft);
        let options = SubmitOptions::single();
        submit(&session, &request, options).await.unwrap();
    }
    context.close().await;
    // The features call would give the figure away.
    bench.control().push_fault(Fault::always(
        Target::Features,
        Action::Status(StatusFault::new(500)),
    ));

    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(
        (&usage["mine"], &usage["others"]),
        (&101.into(), &1.into()),
        "{usage}"
    );
}

#[rstest]
#[case::number(false)]
#[case::text(true)]
#[tokio::test(flavor = "multi_thread")]
async fn the_limit_is_learned_as_number_and_as_text_and_kept(#[case] limit_as_text: bool) {
    let bench = Bench::new(SimulatorOptions {
        limit: 2,
        used: 2,
        rules: Rules {
            limit_as_text,
            ..Rules::default()
        },
        ..SimulatorOptions::default()
    })
    .await;

    bench.submit("ada").await.expect(6);

    let usage = bench.usage(&[]).await;
    assert_eq!(usage["limit"], 2);
    assert_eq!(usage["limit_source"], "learned");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_the_features_call_is_taken_over() {
    let bench = Bench::new(SimulatorOptions {
        limit: 400,
        ..SimulatorOptions::default()
    })
    .await;

    let usage = bench.usage(&["--refresh"]).await;

    assert_eq!(usage["limit"], 400);
    assert_eq!(usage["limit_source"], "features");
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_processes_at_once_count_twelve_with_one_token_call() {
    let bench = Bench::quiet().await;
    bench.sign_in_without_access("us");

    let names: Vec<_> = (0..12).map(|number| format!("p{number:02}")).collect();
    let ran = join_all(names.iter().map(|name| bench.submit(name))).await;

    for one in ran {
        one.expect(0);
    }
    assert_eq!(bench.usage(&[]).await["used"], 12);
    assert_eq!(bench.control().used(PEOPLE), 12);
    assert_eq!(bench.control().token_calls(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_cannot_both_spend_the_last_unit() {
    let bench = Bench::new(with_used(9)).await;
    let profile = bench.profile("us", "limit = 10");
    bench.write("config.toml", &profile, 0o600);
    // So that the list alone is the source, and the limit of the profile holds.
    bench.control().push_fault(Fault::always(
        Target::Features,
        Action::Status(StatusFault::new(403)),
    ));
    bench.usage(&["--refresh"]).await;

    let (one, other) = tokio::join!(bench.submit("ada"), bench.submit("grace"));

    let mut codes = [one.code, other.code];
    codes.sort_unstable();
    assert_eq!(codes, [0, 6], "{one:?} {other:?}");
    assert_eq!(bench.control().posts(), 1);
}

/// The features call counts more than the list shows: the budget holds the one number.
#[tokio::test(flavor = "multi_thread")]
async fn units_that_only_the_features_call_counts_are_not_spent_again() {
    let bench = Bench::new(SimulatorOptions {
        limit: 12,
        used: 10,
        ..SimulatorOptions::default()
    })
    .await;
    // The list has nothing to show.
    bench
        .control()
        .push_fault(Fault::always(Target::List, Action::EmptyArray));
    let usage = bench.usage(&["--refresh"]).await;
    assert_eq!((&usage["used"], &usage["left"]), (&10.into(), &2.into()));

    let first = bench.submit("ada").await.expect(0).row();
    let second = bench.submit("grace").await.expect(0).row();
    let third = bench.submit("edsger").await.expect(6);

    assert_eq!(first["usage"]["used"], 11);
    assert_eq!(second["usage"]["used"], 12);
    assert_eq!(third.row()["http_status"], Value::Null);
    assert!(
        third.row()["message"]
            .as_str()
            .is_some_and(|text| text.contains("12 of 12")),
        "{third:?}"
    );
    assert_eq!(bench.control().posts(), 2);
}

/// What was sent before the organisation was known belongs to it afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn the_counters_move_with_the_organisation() {
    let bench = Bench::new(with_used(5)).await;
    bench.submit("ada").await.expect(0);
    let lost = Action::CloseAfterRead { effect: false };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, lost));
    bench.submit("grace").await.expect(8);

    // The first refresh learns the organisation and pins it.
    let usage = bench.usage(&["--refresh"]).await;
    let again = bench.usage(&[]).await;

    assert_eq!(usage["mine"], 1);
    assert_eq!(usage["unknown"], 1);
    assert_eq!(usage["others"], 5);
    assert_eq!(again["used"], 7);
    let context = bench.context().await;
    let session = context.session(None).unwrap();
    let pin = session.reached().await.unwrap();
    assert!(pin.org_id.is_some() && pin.user_id.is_some());
    assert!(context.ledger().check().await.unwrap().is_sound());
    context.close().await;
}

/// A grant that may not ask whose organisation it is says nothing against the one that is known.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_with_a_grant_that_may_not_see_the_organisation_keeps_it() {
    let bench = Bench::quiet().await;
    bench.usage(&["--refresh"]).await;
    bench.submit("ada").await.expect(0);
    let context = bench.context().await;
    let session = context.session(None).unwrap();
    let before = session.reached().await.unwrap();

    let code = "code-with-scopes:ZohoCRM.settings.intelligence.ALL";
    let signed_in = bench
        .run_with(&["auth", "login", "--code-stdin"], code)
        .await
        .expect(0);

    let after = session.reached().await.unwrap();
    context.close().await;
    assert_eq!(after, before);
    assert_eq!(bench.usage(&[]).await["mine"], 1);
    assert!(
        signed_in
            .stderr
            .contains("stays with Northgate Instruments Inc"),
        "{signed_in:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organisation_behind_the_token_stops_and_asks() {
    let mut bench = Bench::quiet().await;
    bench.usage(&["--refresh"]).await;
    bench.stop_server().await;
    let mut options = SimulatorOptions::default();
    options.organisation.name = "Somebody Else".to_owned();
    options.organisation.id = "9999999000000020005".to_owned();
    bench.start_server(options).await;

    let usage = bench.run(&["usage", "--refresh"]).await.expect(4);

    assert!(
        usage.stderr.contains("Northgate Instruments Inc"),
        "{usage:?}"
    );
    assert!(usage.stderr.contains("Somebody Else"), "{usage:?}");
    assert!(usage.stderr.contains("auth login"), "{usage:?}");
}

/// Jobs of others are told apart by the name that the server gives.
#[tokio::test(flavor = "multi_thread")]
async fn others_are_counted_by_name_and_mine_by_operator() {
    let bench = Bench::new(with_used(20)).await;
    bench.submit("ada").await.expect(0);
    let mut other = bench.command(&["submit", "--email", "bob@acme.example"]);
    let child = other.env("USER", "bob").spawn().unwrap();
    finish(child).await.expect(0);

    let usage = bench.usage(&["--refresh"]).await;

    let units = |list: &Value| -> u64 {
        let rows = list.as_array().unwrap();
        rows.iter().map(|row| row["units"].as_u64().unwrap()).sum()
    };
    assert_eq!(units(&usage["others_by"]), 20);
    let names: Vec<_> = usage["mine_by"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    // The tests' own user comes first; what a session calls itself is beside it.
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].ends_with(" (as ada)"), "{names:?}");
    assert!(names[1].ends_with(" (as bob)"), "{names:?}");
}
