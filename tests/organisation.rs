//! Whose organisation it is: asked for once for each access token before anything is sent, kept beside
//! the token, and never somebody else's.
#![expect(clippy::unwrap_used, reason = "test code may unwrap and panic")]

mod support;

use rstest::rstest;
use serde_json::Value;
use support::{Bench, Ran, finish};
use tokio::process::Command;
use ziadeck::simulator::{Action, Fault, Simulator, SimulatorOptions, StatusFault, Target};

fn asked(bench: &Bench) -> usize {
    let requests = bench.control().requests();
    let asks = requests
        .iter()
        .filter(|request| request.path.ends_with("/org"));
    asks.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_asks_once_a_token_whose_organisation_it_is() {
    let bench = Bench::quiet().await;
    bench.forget_organisation("us");

    bench.submit("ada").await.expect(0);
    bench.submit("lin").await.expect(0);
    let first = asked(&bench);
    // The server refuses the token; the new one is asked for before the second attempt.
    bench.control().expire_access_tokens();
    bench.submit("kim").await.expect(0);

    assert_eq!((first, asked(&bench)), (1, 2));
    let requests = bench.control().requests();
    let last: Vec<&str> = requests
        .iter()
        .rev()
        .take(2)
        .map(|one| one.method.as_str())
        .collect();
    assert_eq!(last, ["POST", "GET"], "asked before it was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_another_organisation_until_a_person_says_so() {
    let mut bench = Bench::quiet().await;
    bench.forget_organisation("us");
    bench.submit("ada").await.expect(0);
    bench.stop_server().await;
    bench.start_server(other_organisation()).await;
    bench.sign_in_without_access("us");

    let refused = bench.submit("lin").await.expect(4);
    let posts = bench.control().posts();
    bench
        .run_with(&["auth", "login", "--code-stdin"], "any code")
        .await
        .expect(0);
    bench.submit("lin").await.expect(0);

    assert!(refused.stderr.contains("Somebody Else"), "{refused:?}");
    assert!(refused.stderr.contains("auth login"), "{refused:?}");
    assert_eq!((posts, bench.control().posts()), (0, 1));
    assert_eq!(bench.usage(&[]).await["mine"], 1, "each counts by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_where_nobody_tells_whose_organisation_it_is() {
    let bench = Bench::quiet().await;
    bench.forget_organisation("us");
    bench.control().push_fault(Fault::always(
        Target::Other,
        Action::Status(StatusFault::new(503)),
    ));

    let refused = bench.submit("ada").await.expect(7);

    assert!(
        refused.stderr.contains("nobody told which organisation"),
        "{refused:?}"
    );
    assert_eq!(bench.control().posts(), 0);
    bench.control().clear_faults();
    bench.submit("ada").await.expect(0);
}

/// A server that fails says nothing about what the grant may ask.
#[rstest]
#[case::down(StatusFault::new(503))]
#[case::too_many(StatusFault { code: Some("TOO_MANY_REQUESTS".to_owned()), ..StatusFault::new(429) })]
#[case::broken(StatusFault { code: Some("INTERNAL_ERROR".to_owned()), ..StatusFault::new(500) })]
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_while_the_server_fails_leaves_the_question_open(#[case] fault: StatusFault) {
    let bench = Bench::quiet().await;
    bench.forget_organisation("us");
    let code = bench.control().issue_grant_code();
    bench
        .control()
        .push_fault(Fault::always(Target::Other, Action::Status(fault)));
    let signed_in = bench
        .run_with(&["auth", "login", "--code-stdin"], &code)
        .await
        .expect(0);

    let refused = bench.submit("ada").await.expect(7);

    assert!(
        signed_in.stderr.contains("could not be asked"),
        "{signed_in:?}"
    );
    assert_eq!(bench.control().posts(), 0, "{refused:?}");
    bench.control().clear_faults();
    bench.submit("ada").await.expect(0);
}

/// A grant that may not ask is asked once, and remembered with the refresh token.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_may_not_ask_sends_and_is_not_asked_again() {
    let bench = Bench::quiet().await;
    let code = "code-with-scopes:ZohoCRM.settings.intelligence.ALL";
    bench
        .run_with(&["auth", "login", "--code-stdin"], code)
        .await
        .expect(0);
    let before = asked(&bench);

    bench.submit("ada").await.expect(0);
    bench.control().expire_access_tokens();
    bench.submit("lin").await.expect(0);

    assert_eq!(asked(&bench), before, "sign-in has found out");
    let ledger = rusqlite::Connection::open(bench.path("data/ledger.db")).unwrap();
    let scopes: Vec<String> = ledger
        .prepare("SELECT key FROM scopes ORDER BY key")
        .unwrap()
        .query_map((), |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(scopes, ["US/production/client:1000.TEST"]);
}

fn other_organisation() -> SimulatorOptions {
    let mut options = SimulatorOptions::default();
    options.organisation.name = "Somebody Else".to_owned();
    options.organisation.id = "9999999000000020005".to_owned();
    options
}

/// One ledger and one profile name, two homes, two organisations.
struct Two {
    bench: Bench,
    other: Simulator,
}

impl Two {
    async fn new(limit: u64) -> Self {
        let bench = Bench::new(SimulatorOptions {
            limit,
            ..SimulatorOptions::default()
        })
        .await;
        let other = Simulator::start(SimulatorOptions {
            limit,
            ..other_organisation()
        })
        .await
        .unwrap();
        let two = Self { bench, other };
        for (who, base) in [
            ("one", two.bench.base().to_owned()),
            ("other", two.other.base_url()),
        ] {
            std::fs::create_dir(two.bench.path(who)).unwrap();
            let profile = two
                .bench
                .profile("us", &format!("limit = {limit}"))
                .replace(two.bench.base(), &base);
            two.bench
                .write(&format!("{who}/config.toml"), &profile, 0o600);
            let code = two.command(who, &["auth", "login", "--code-stdin"]);
            two.bench.finish_with(code, "any code").await.expect(0);
        }
        two
    }

    fn command(&self, who: &str, arguments: &[&str]) -> Command {
        let mut command = support::program(&self.bench.path(who));
        command
            .env("XDG_DATA_HOME", self.bench.path("share"))
            .env("USER", who)
            .arg("--config")
            .arg(self.bench.path(&format!("{who}/config.toml")))
            .args(arguments);
        command
    }

    async fn run(&self, who: &str, arguments: &[&str]) -> Ran {
        finish(self.command(who, arguments).spawn().unwrap()).await
    }

    async fn submit(&self, who: &str, name: &str) -> Ran {
        let email = format!("{name}@acme.example");
        self.run(who, &["submit", "--json", "--email", &email])
            .await
    }

    async fn usage(&self, who: &str) -> Value {
        self.run(who, &["usage", "--json"]).await.expect(0).row()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_of_two_organisations_share_a_ledger() {
    let two = Two::new(3).await;

    for round in 0..3 {
        for who in ["one", "other"] {
            two.submit(who, &format!("ada{round}")).await.expect(0);
        }
    }
    let full = [
        two.submit("one", "last").await,
        two.submit("other", "last").await,
    ];

    for ran in full {
        assert_eq!(ran.code, 6, "{ran:?}");
    }
    for who in ["one", "other"] {
        let usage = two.usage(who).await;
        assert_eq!(
            (&usage["used"], &usage["mine"]),
            (&3.into(), &3.into()),
            "{who}"
        );
    }
    assert_eq!(two.bench.control().posts(), 3);
    assert_eq!(two.other.control().posts(), 3);
}

/// A profile of another organisation than its configuration says: nothing is sent, and no sign-in.
#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_may_name_the_organisation() {
    let bench = Bench::quiet().await;
    bench.forget_organisation("us");
    let named = |org: &str| bench.profile("us", &format!("org_id = \"{org}\""));
    bench.write("config.toml", &named("1"), 0o600);

    let refused = bench.submit("ada").await.expect(4);
    bench
        .run_with(&["auth", "login", "--code-stdin"], "any code")
        .await
        .expect(4);
    bench.write("config.toml", &named("57257670"), 0o600);
    bench.submit("ada").await.expect(0);

    assert!(refused.stderr.contains("organisation 1"), "{refused:?}");
    assert_eq!(bench.control().posts(), 1);
}

/// Nothing is sent and nothing is changed, by the profile's word or by that of the session.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_only_reads_sends_nothing() {
    let bench = Bench::quiet().await;
    let file = bench.write("people.csv", "Email\nlin@acme.example\n", 0o600);
    bench
        .run(&["bulk", "plan", file.to_str().unwrap()])
        .await
        .expect(0);
    let sends = [
        &["submit", "--email", "ada@acme.example"][..],
        &["bulk", "run", "1", "--yes"][..],
    ];

    for send in sends {
        let session = bench
            .run(&[&["--read-only"], send].concat())
            .await
            .expect(2);
        assert!(session.stderr.contains("in this session"), "{session:?}");
    }
    bench.write(
        "config.toml",
        &bench.profile("us", "read_only = true"),
        0o600,
    );
    for send in sends {
        let profile = bench.run(send).await.expect(2);
        assert!(
            profile.stderr.contains("by its configuration"),
            "{profile:?}"
        );
    }
    bench.run(&["usage", "--refresh"]).await.expect(0);

    assert_eq!(bench.control().posts(), 0);
}

/// `confirm = "always"`: a script has to say that it means it.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_always_asks_wants_a_yes() {
    let bench = Bench::quiet().await;
    let profile = bench.profile("us", "confirm = \"always\"");
    bench.write("config.toml", &profile, 0o600);
    let ada = ["submit", "--email", "ada@acme.example"];

    let asked = bench.run(&ada).await.expect(2);
    bench
        .run(&[&ada[..], &["--dry-run"]].concat())
        .await
        .expect(0);
    bench.run(&[&ada[..], &["--yes"]].concat()).await.expect(0);

    assert!(
        asked.stderr.contains("Send with profile us, production"),
        "{asked:?}"
    );
    assert!(asked.stderr.contains("give --yes"), "{asked:?}");
    assert_eq!(bench.control().posts(), 1);
}

/// What another organisation tells or takes is not this profile's: no question and no change goes there.
#[rstest]
#[case::jobs(&["jobs", "list"])]
#[case::job(&["jobs", "show", "1"])]
#[case::modules(&["modules"])]
#[case::records(&["prefill", "--module", "Leads", "--all"])]
#[case::configuration(&["enrichment", "config", "list"])]
#[case::change(&["enrichment", "config", "disable", "Leads", "--yes"])]
#[case::usage(&["usage", "--refresh"])]
#[case::plan(&["bulk", "plan", "-", "--refresh"])]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_or_changed_at_another_organisation(#[case] command: &[&str]) {
    let mut bench = Bench::quiet().await;
    bench.forget_organisation("us");
    bench.submit("ada").await.expect(0);
    bench.stop_server().await;
    bench.start_server(other_organisation()).await;
    bench.sign_in_without_access("us");

    let refused = bench.run(command).await.expect(4);

    assert!(refused.stderr.contains("Somebody Else"), "{refused:?}");
    let requests = bench.control().requests();
    let others = requests
        .iter()
        .filter(|request| !(request.path.ends_with("/org") || request.path.contains("/oauth/")));
    assert_eq!(others.count(), 0, "{requests:?}");
}
