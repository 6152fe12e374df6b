//! A wrong configuration stops every command with line, column and the nearest right name.

use rstest::rstest;

use crate::support::Bench;

#[rstest]
#[case::unknown_key("limitt = 10", "limit")]
#[case::wrong_type("limit = \"many\"", "number")]
#[case::data_centre("data_center = \"EU\"", "EU")]
#[case::foreign_host("api_url = \"https://zohoapis.example\"", "loopback")]
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_named_with_its_place(#[case] line: &str, #[case] word: &str) {
    let bench = Bench::quiet().await;
    let key = line.split(' ').next().unwrap();
    let text: Vec<String> = bench
        .profile("us", "")
        .lines()
        .filter(|own| !own.starts_with(&format!("{key} =")))
        .map(str::to_owned)
        .chain([line.to_owned()])
        .collect();
    let number = text.len();
    let file = bench.write("config.toml", &text.join("\n"), 0o600);

    let check = bench
        .run(&["config", "check", "--json"])
        .await
        .expect(2)
        .row();
    let submit = bench.submit("ada").await.expect(2);

    assert_eq!(check["ok"], false);
    let problem = &check["problems"][0];
    assert_eq!(problem["line"], number, "{check}");
    assert!(problem["column"].is_u64(), "{check}");
    let told = format!("{} {}", problem["message"], problem["hint"]);
    assert!(told.contains(word), "{told}");
    assert!(
        submit.stderr.contains(&file.display().to_string()),
        "{submit:?}"
    );
    assert_eq!(bench.control().connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_configuration_is_said_to_be_right() {
    let bench = Bench::quiet().await;

    let check = bench
        .run(&["config", "check", "--json"])
        .await
        .expect(0)
        .row();

    assert_eq!(check["ok"], true);
    assert_eq!(check["profiles"], serde_json::json!(["us"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_profile_is_wrong_use() {
    let bench = Bench::quiet().await;

    let ran = bench.run(&["--profile", "uss", "usage"]).await.expect(2);

    assert!(ran.stderr.contains("uss"), "{ran:?}");
}
