//! `submit`, again and again.

use rstest::rstest;
use serde_json::Value;
use ziadeck::simulator::{Action, Fault, SimulatorOptions, Target, When};

use crate::rig::{Ran, Rig, finish};

pub(crate) async fn rig() -> Rig {
    Rig::start(SimulatorOptions::default(), "").await
}

async fn submit(rig: &Rig, flags: &[&str]) -> Ran {
    let mut args = vec!["submit", "--json"];
    args.extend(flags);
    rig.run(&args).await
}

const ADA: [&str; 6] = [
    "--name",
    "Ada Lovelace",
    "--email",
    "ada@acme.example",
    "--company",
    "Acme",
];

fn lost(when: When) -> Fault {
    Fault {
        when,
        ..Fault::always(Target::PeoplePost, Action::CloseAfterRead { effect: true })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_sends_nothing_and_is_done() {
    let rig = rig().await;
    let first = submit(&rig, &ADA).await.expect(0).last();

    let again = submit(&rig, &ADA).await.expect(0).last();

    assert_eq!(rig.control.posts(), 1);
    assert_eq!(
        (&first["sent"], &first["charged"]),
        (&true.into(), &true.into())
    );
    assert_eq!(again["outcome"], "already");
    assert_eq!(
        (&again["sent"], &again["charged"]),
        (&false.into(), &false.into())
    );
    assert_eq!(again["http_status"], Value::Null);
    assert_eq!(again["attempt"], first["attempt"]);
    assert_eq!(again["job_id"], first["job_id"]);
    assert_eq!(
        (&again["match"], &again["differs"]),
        (&"request".into(), &serde_json::json!([]))
    );
    assert_eq!(again["earlier"], "scheduled");
    assert!(again["age_seconds"].as_i64().unwrap() >= 0);
    assert_eq!(again["usage"]["used"], 1);
}

/// One person in ten spellings is one unit.
#[tokio::test(flavor = "multi_thread")]
async fn one_person_in_ten_spellings_is_one_unit() {
    let rig = rig().await;
    let spellings: [&[&str]; 10] = [
        &[
            "--email",
            "ada@acme.example",
            "--linkedin",
            "linkedin.com/in/ada",
        ],
        &["--email", "ADA@Acme.Example"],
        &["--email", "mailto:ada@acme.example"],
        &["--email", " ada@acme.example "],
        &["--email", "ada@acme.example\u{200b}"],
        &["--linkedin", "https://www.linkedin.com/in/ada/"],
        &["--linkedin", "http://uk.linkedin.com/in/Ada?trk=x"],
        &["--linkedin", "https://m.linkedin.com/in/ada/de"],
        &[
            "--email",
            "ada@acme.example",
            "--linkedin",
            "www.linkedin.com/in/ada#top",
        ],
        &["--linkedin", "LINKEDIN.COM/in/%61da"],
    ];

    for flags in spellings {
        let ran = submit(&rig, flags).await;
        assert!(
            matches!(ran.code, 0 | 3),
            "{flags:?}: {} {}",
            ran.stdout,
            ran.stderr
        );
    }

    assert_eq!(rig.control.posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_behind_one_mailbox_are_two_units_and_a_doubt() {
    let rig = rig().await;
    submit(&rig, &ADA).await.expect(0);
    let grace = [
        "--name",
        "Grace Hopper",
        "--email",
        "ada@acme.example",
        "--company",
        "Navy",
    ];

    let second = submit(&rig, &grace).await.expect(0).last();

    assert_eq!(rig.control.posts(), 2);
    let doubt = &second["doubts"][0];
    assert_eq!(
        (&doubt["field"], &doubt["doubt"]),
        (&"email".into(), &"shared".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_person_as_a_contact_is_held_and_let_through_by_a_word() {
    let rig = rig().await;
    submit(&rig, &ADA).await.expect(0);
    let mut contact = ADA.to_vec();
    contact.extend(["--module", "Contacts"]);

    let held = submit(&rig, &contact).await.expect(3).last();
    contact.push("--again");
    let sent = submit(&rig, &contact).await.expect(0).last();

    assert_eq!(held["differs"], serde_json::json!(["other_record"]));
    assert_eq!(sent["sent"], true);
    assert_eq!(rig.control.posts(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn six_at_once_are_one_post_and_five_already() {
    let rig = rig().await;
    let mut args = vec!["submit", "--json"];
    args.extend(ADA);

    let running: Vec<_> = (0..6)
        .map(|_| rig.command(&args).spawn().unwrap())
        .collect();
    let mut outcomes = Vec::new();
    for child in running {
        let ran = finish(child).await;
        assert!(matches!(ran.code, 0 | 8), "{} {}", ran.stdout, ran.stderr);
        outcomes.push(ran.last()["outcome"].as_str().unwrap().to_owned());
    }

    outcomes.sort_unstable();
    assert_eq!(
        outcomes,
        [
            "already",
            "already",
            "already",
            "already",
            "already",
            "scheduled"
        ]
    );
    assert_eq!(rig.control.posts(), 1);
}

/// `until ziadeck submit …` after a lost answer, with and without the word that asks again.
#[rstest]
#[case::as_it_is(&[])]
#[case::with_the_word(&["--again"])]
#[tokio::test(flavor = "multi_thread")]
async fn a_loop_after_a_lost_answer_pays_once(#[case] more: &[&str]) {
    let rig = rig().await;
    rig.control.push_fault(lost(When::Always));
    let mut flags = ADA.to_vec();
    flags.extend(more);

    for _ in 0..4 {
        submit(&rig, &flags).await.expect(8);
    }

    assert_eq!(rig.control.posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_an_unknown_overrules_it_and_nothing_newer() {
    let rig = rig().await;
    rig.control.push_fault(lost(When::At(1)));
    submit(&rig, &ADA).await.expect(8);
    let mut named = ADA.to_vec();
    named.extend(["--again", "1"]);

    let sent = submit(&rig, &named).await.expect(0).last();
    let again = submit(&rig, &named).await.expect(0).last();

    assert_eq!((&sent["sent"], &sent["attempt"]), (&true.into(), &2.into()));
    assert_eq!(
        (&again["outcome"], &again["attempt"]),
        (&"already".into(), &2.into())
    );
    assert_eq!(rig.control.posts(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_force_nor_a_dry_run_asks_again() {
    let rig = rig().await;
    submit(&rig, &ADA).await.expect(0);

    for more in ["--force", "--dry-run"] {
        let mut flags = ADA.to_vec();
        flags.push(more);
        let told = submit(&rig, &flags).await.expect(0).last();
        let verdict = if more == "--dry-run" {
            "verdict"
        } else {
            "outcome"
        };
        assert_eq!(told[verdict], "already", "{more}");
    }

    assert_eq!(rig.control.posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_value_is_told_and_refused_where_that_is_asked_for() {
    let rig = rig().await;
    let flags = ["--email", "ada.acme.example"];
    let mut strict = flags.to_vec();
    strict.push("--strict");

    let refused = submit(&rig, &strict).await.expect(3).last();
    assert_eq!(rig.control.posts(), 0);
    let sent = submit(&rig, &flags).await;

    assert_eq!(refused["doubts"][0]["field"], "email");
    assert!(sent.stderr.contains("doubtful: email"), "{}", sent.stderr);
    assert_eq!(sent.expect(0).last()["doubts"][0]["field"], "email");
}

/// By every way into `submit`: what stands in a line of its own is no value.
#[rstest]
#[case("ada\n@acme.example")]
#[case("ada\r@acme.example")]
#[case("ada\t@acme.example")]
#[case("ada\u{1b}@acme.example")]
#[tokio::test(flavor = "multi_thread")]
async fn control_characters_are_refused_before_sending(#[case] email: &str) {
    let rig = rig().await;

    let flag = submit(&rig, &["--email", email]).await.expect(3).last();
    let text = serde_json::json!({ "email": email }).to_string();
    let piped = rig
        .run_with(&["submit", "--json", "--file", "-"], &text)
        .await;

    assert_eq!(flag["fields"][0]["field"], "email");
    assert_eq!(piped.expect(3).last()["fields"][0]["field"], "email");
    assert_eq!(rig.control.posts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_age_that_is_not_proven_lets_nothing_pass() {
    let rig = rig().await;
    submit(&rig, &ADA).await.expect(0);
    let mut old = ADA.to_vec();
    old.extend(["--older-than", "1d"]);
    let mut none = ADA.to_vec();
    none.extend(["--older-than", "0s"]);

    let held = submit(&rig, &old).await.expect(0).last();
    let refused = submit(&rig, &none).await.expect(2);

    assert_eq!(held["outcome"], "already");
    assert!(
        refused.stderr.contains("give an hour"),
        "{}",
        refused.stderr
    );
    assert_eq!(rig.control.posts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_known_again_by_the_host_of_its_website() {
    let rig = rig().await;
    let first = [
        "--kind",
        "org",
        "--module",
        "Accounts",
        "--website",
        "https://www.acme.example/about",
    ];
    let second = [
        "--kind",
        "org",
        "--module",
        "Accounts",
        "--website",
        "acme.example",
    ];

    submit(&rig, &first).await.expect(0);
    let again = submit(&rig, &second).await.last();

    assert_eq!(
        (&again["outcome"], &again["match"]),
        (&"already".into(), &"website".into())
    );
    assert_eq!(rig.control.posts(), 1);
}
