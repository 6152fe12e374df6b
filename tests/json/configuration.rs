//! Every body of an enrichment configuration that is sent, held against the official description (contract
//! 9), and against a server that takes it at its word.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail as a test does"
)]

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use ziadeck::base::{EnrichmentKind, ModuleName};
use ziadeck::ops::configure::{
    ConfigurationFile, Edit, Mapping, Shape, apply, plan, whole_configuration,
};
use ziadeck::ops::{OpsError, ProfileSession};
use ziadeck::simulator::{Action, Fault, Target, When};

use crate::schema::problems;
use crate::support::Bench;

fn schema(name: &str) -> Value {
    let path = format!(
        "{}/tests/fixtures/contract/{name}.schema.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn hold(body: Option<&Value>) {
    let Some(body) = body else { return };
    let name = match body.get("id") {
        Some(_) => "configuration-update",
        None => "configuration-create",
    };
    let wrong = problems(&schema(name), body);
    assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{body:#}");
    for key in ["input_data_field_mapping", "output_data_field_mapping"] {
        assert!(body[key].as_array().unwrap().len() <= 50, "{key}");
    }
}

/// What a person may want of a configuration.
fn edit() -> impl Strategy<Value = Edit> {
    let mapping = prop_oneof![
        Just("email=Email"),
        Just("company=Company"),
        Just("org_website=Website"),
        Just("twitter=Twitter"),
        Just("first_name=First_Name"),
        Just("last_name=Last_Name"),
        Just("output.primary_email=Email"),
        Just("facebook=Facebook"),
    ];
    let mappings = proptest::collection::vec(mapping, 1..4);
    let mappings = mappings.prop_map(|all| {
        all.iter()
            .map(|one| one.parse::<Mapping>().unwrap())
            .collect()
    });
    let names = prop_oneof![
        Just("email"),
        Just("twitter"),
        Just("first_name"),
        Just("input.linkedin")
    ];
    let names = proptest::collection::vec(names.prop_map(str::to_owned), 1..3);
    let mappings: BoxedStrategy<Vec<Mapping>> = mappings.boxed();
    prop_oneof![
        3 => mappings.clone().prop_map(Edit::Map),
        2 => names.prop_map(Edit::Unmap),
        1 => Just(Edit::Enable),
        1 => Just(Edit::Disable),
        1 => Just(Edit::Delete),
        1 => mappings.prop_map(Edit::Create),
    ]
}

/// Makes one change after another; what the server has afterwards is what was shown before.
async fn changed(session: &ProfileSession, edits: Vec<Edit>) {
    let module: ModuleName = "Leads".parse().unwrap();
    let kind = EnrichmentKind::People;
    for edit in edits {
        let before = whole_configuration(session, (kind, "Leads")).await.unwrap();
        let planned = match plan(session, (kind, &module), &edit).await {
            Ok(planned) => planned,
            // It is there already, not there, or like that: nothing is sent.
            Err(OpsError::Refused(_) | OpsError::NotFound(_)) => continue,
            Err(error) => panic!("{edit:?}: {error}"),
        };
        hold(planned.body());
        let applied = apply(session, &planned).await;
        let applied = applied.unwrap_or_else(|error| panic!("{edit:?}: {error}"));
        match edit {
            Edit::Delete => assert_eq!(applied.now, None),
            Edit::Map(_) | Edit::Unmap(_) | Edit::Enable | Edit::Disable => {
                let (before, now) = (before.unwrap(), applied.now.unwrap());
                let (mut before, now) = (Shape::of(&before), Shape::of(&now));
                // Nothing but what was shown is different.
                for one in &planned.differences {
                    let after = (one.after != "not mapped").then(|| one.after.clone());
                    match one.what.strip_prefix("output ") {
                        Some(output) => put(&mut before.outputs, output, after),
                        None if one.what == "status" => before.is_active = one.after == "on",
                        None => put(&mut before.inputs, &one.what, after),
                    }
                }
                assert_eq!(mapped(&before), mapped(&now), "{edit:?}");
            }
            Edit::Create(_) => assert!(applied.now.unwrap().is_active),
        }
    }
}

type Pairs = Vec<(String, Option<String>)>;

fn put(pairs: &mut Pairs, name: &str, field: Option<String>) {
    pairs.retain(|(own, _)| own != name);
    pairs.push((name.to_owned(), field));
}

/// What is mapped, in an order of its own.
fn mapped(shape: &Shape) -> (bool, [Pairs; 2]) {
    let sorted = |pairs: &Pairs| {
        let mut pairs: Pairs = pairs
            .iter()
            .filter(|(_, field)| field.is_some())
            .cloned()
            .collect();
        pairs.sort();
        pairs
    };
    (
        shape.is_active,
        [sorted(&shape.inputs), sorted(&shape.outputs)],
    )
}

#[test]
fn every_body_of_a_configuration_is_what_the_description_asks_for() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    };
    let edits = proptest::collection::vec(edit(), 1..6);
    let ran = TestRunner::new(config).run(&edits, |edits| {
        runtime.block_on(async {
            let bench = Bench::quiet().await;
            let context = bench.context().await;
            let session = context.session(None).unwrap();
            changed(&session, edits).await;
        });
        Ok(())
    });
    ran.unwrap();
}

/// From one organisation to another: what one has is made in the other, and then nothing is different.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_makes_another_organisation_like_the_first() {
    let (first, second) = (Bench::quiet().await, Bench::quiet().await);
    let (from, to) = (first.context().await, second.context().await);
    let (from, to) = (from.session(None).unwrap(), to.session(None).unwrap());
    let leads: ModuleName = "Leads".parse().unwrap();
    let place = (EnrichmentKind::People, &leads);
    let wanted = ["facebook=Facebook", "first_name=First_Name"].map(|text| text.parse().unwrap());
    let unmapped = Edit::Unmap(vec!["facebook".to_owned(), "first_name".to_owned()]);
    let gone = plan(&to, place, &unmapped).await.unwrap();
    apply(&to, &gone).await.unwrap();
    let vendors: ModuleName = "Vendors".parse().unwrap();
    let deleted = plan(&to, (EnrichmentKind::People, &vendors), &Edit::Delete)
        .await
        .unwrap();
    apply(&to, &deleted).await.unwrap();
    let mapped = plan(&from, place, &Edit::Map(wanted.to_vec())).await;
    if let Ok(mapped) = mapped {
        apply(&from, &mapped).await.unwrap();
    }
    let text = ConfigurationFile::of(&from).await.unwrap().text();
    let file = ConfigurationFile::read(&text).unwrap();

    let report = file.plan(&to).await.unwrap();
    assert_eq!(report.missing, Vec::<String>::new());
    let modules: Vec<&str> = report
        .plans
        .iter()
        .map(|plan| plan.module.as_str())
        .collect();
    assert_eq!(modules, ["Leads", "Vendors"]);
    for planned in &report.plans {
        hold(planned.body());
        apply(&to, planned).await.unwrap();
    }

    let again = file.plan(&to).await.unwrap();
    assert_eq!(again.plans, []);
    // It was off there, and cannot be made so: it is switched off behind.
    let vendors = whole_configuration(&to, (EnrichmentKind::People, "Vendors")).await;
    assert!(!vendors.unwrap().unwrap().is_active);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_other_organisation_does_not_have_is_said_before_anything_changes() {
    let bench = Bench::quiet().await;
    let file = "[[configuration]]\nmodule = \"Leads\"\nkind = \"people\"\n\
                [configuration.inputs]\nemail = \"Work_Mail\"\ntwitter = \"Twitter\"\n\
                [configuration.outputs]\nfirst_name = \"First_Name\"\nshoe_size = \"Size\"\n\
                [[configuration]]\nmodule = \"Partners\"\nkind = \"people\"\n";
    bench.write("other.toml", file, 0o600);
    let path = bench.path("other.toml");
    let path = path.to_str().unwrap();
    let apply = ["enrichment", "config", "apply", path];

    let refused = bench
        .run(&[&apply[..], &["--yes"]].concat())
        .await
        .expect(2);
    for said in [
        "Work_Mail may not be mapped to email",
        "no output shoe_size",
        "module Partners is not here",
        "--skip-missing",
    ] {
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
    let show = ["enrichment", "config", "show", "Leads", "--json"];
    let before = bench.run(&show).await.expect(0).rows();
    let dry = bench
        .run(&[&apply[..], &["--dry-run", "--skip-missing", "--json"]].concat())
        .await;
    crate::schema::hold("enrichment-config-change", &dry.expect(0));
    assert_eq!(bench.run(&show).await.expect(0).rows(), before);

    let done = bench
        .run(&[&apply[..], &["--yes", "--skip-missing", "--json"]].concat())
        .await;
    let done = crate::schema::hold("enrichment-config-change", &done.expect(0));
    let inputs = done[0]["configuration"]["inputs"].as_array().unwrap();
    let mapped = inputs.iter().filter(|one| !one["field"].is_null()).count();
    assert_eq!(mapped, 2, "twitter, and email as it was: {done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn configurations_are_exported_private_and_overwrite_nothing() {
    let bench = Bench::quiet().await;
    let path = bench.path("out.toml");
    let export = [
        "enrichment",
        "config",
        "export",
        path.to_str().unwrap(),
        "--json",
    ];

    let made = bench.run(&export).await.expect(0);
    crate::schema::hold("enrichment-config-export", &made);
    let again = bench.run(&export).await.expect(2);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    bench
        .run(&[&export[..], &["--force"]].concat())
        .await
        .expect(0);
    let printed = bench
        .run(&["enrichment", "config", "export", "-"])
        .await
        .expect(0);

    assert_eq!(printed.stdout, std::fs::read_to_string(path).unwrap());
    assert!(
        printed.stdout.contains("[configuration.outputs]"),
        "{}",
        printed.stdout
    );
}

/// While a person reads the question another one changes the same: nothing of that is undone.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_meanwhile_is_not_undone() {
    let bench = Bench::quiet().await;
    let context = bench.context().await;
    let session = context.session(None).unwrap();
    let leads: ModuleName = "Leads".parse().unwrap();
    let place = (EnrichmentKind::People, &leads);
    let unmap = |name: &str| Edit::Unmap(vec![name.to_owned()]);
    let slow = plan(&session, place, &unmap("facebook")).await.unwrap();
    let deletes = plan(&session, place, &Edit::Delete).await.unwrap();
    let fast = plan(&session, place, &unmap("first_name")).await.unwrap();
    apply(&session, &fast).await.unwrap();
    let before = whole_configuration(&session, (EnrichmentKind::People, "Leads"))
        .await
        .unwrap();

    for planned in [slow, deletes] {
        let error = apply(&session, &planned).await.unwrap_err();
        assert!(
            error.to_string().contains("was changed meanwhile"),
            "{error}"
        );
    }

    let after = whole_configuration(&session, (EnrichmentKind::People, "Leads"))
        .await
        .unwrap();
    assert_eq!(
        mapped(&Shape::of(&before.unwrap())),
        mapped(&Shape::of(&after.unwrap()))
    );
}

/// The answer to a change is lost: nobody says that it was not made, or that a question may be repeated.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_without_an_answer_is_open_and_says_how_to_look() {
    for (nth, said) in [
        (
            3,
            "nobody knows whether the configuration of Leads was changed",
        ),
        (
            4,
            "the configuration of Leads was changed, and could not be read back",
        ),
    ] {
        let bench = Bench::quiet().await;
        let context = bench.context().await;
        let session = context.session(None).unwrap();
        let leads: ModuleName = "Leads".parse().unwrap();
        let off = plan(&session, (EnrichmentKind::People, &leads), &Edit::Disable)
            .await
            .unwrap();
        // A list and one of it are read, then it is changed, then read again.
        bench.control().push_fault(Fault {
            when: When::Between(nth, 40),
            ..Fault::always(Target::Other, Action::CloseAfterRead { effect: true })
        });

        let error = apply(&session, &off).await.unwrap_err();

        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(error.exit_code(), 8);
        assert!(
            error
                .hint()
                .unwrap()
                .contains("enrichment config show Leads")
        );
        bench.control().clear_faults();
        let now = whole_configuration(&session, (EnrichmentKind::People, "Leads")).await;
        assert!(!now.unwrap().unwrap().is_active);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_not_replaced_and_a_link_stays_one() {
    let bench = Bench::quiet().await;
    let (pipe, link, behind) = (
        bench.path("pipe"),
        bench.path("link.toml"),
        bench.path("real.toml"),
    );
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    bench.write("real.toml", "old", 0o600);
    std::os::unix::fs::symlink(&behind, &link).unwrap();
    let export = |path: &std::path::Path| {
        let path = path.to_str().unwrap().to_owned();
        ["enrichment", "config", "export", "--force"]
            .map(str::to_owned)
            .into_iter()
            .chain([path])
            .collect::<Vec<_>>()
    };
    let words = export(&pipe);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let refused = bench.run(&words).await.expect(2);
    assert!(
        refused.stderr.contains("no regular file"),
        "{}",
        refused.stderr
    );
    let words = export(&link);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    bench.run(&words).await.expect(0);

    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(
        std::fs::read_to_string(behind)
            .unwrap()
            .contains("[[configuration]]")
    );
}
