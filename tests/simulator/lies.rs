//! Servers that do not say all, or not as it was: further entries, echoes, lists, clocks. Each is seen
//! on the wire, set from the library or by a scenario's text.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use ziadeck::base::{Clock, ManualClock, Timestamp};
use ziadeck::simulator::{
    Action, Beside, Envelope, Fault, PartialList, Rules, Scenario, Simulator, SimulatorOptions,
    StatusFault, Target,
};

use crate::client::{Answer, ORG, PEOPLE, call, enrich, get, quiet, start};

fn inputs() -> Value {
    json!({"name": "Ada Lovelace", "email": "ada@acme.example",
           "company": {"name": "Acme", "website": "acme.example"}})
}

/// Sends a good POST under a fault.
async fn post_under(simulator: &Simulator, action: Action) -> Answer {
    let control = simulator.control();
    control.push_fault(Fault::next(Target::PeoplePost, action));
    enrich(simulator, inputs()).await
}

/// A simulator that plays the faults of a scenario's text.
async fn playing(text: &str) -> Simulator {
    let scenario = Scenario::parse("test", text).unwrap_or_else(|error| panic!("{error}"));
    start(SimulatorOptions::default().with_scenario(scenario)).await
}

fn made(simulator: &Simulator) -> usize {
    simulator.control().jobs().len()
}

/// The ids of a page, and what it says of another one.
async fn page(simulator: &Simulator, query: &str) -> (Vec<String>, Option<bool>) {
    let answer = get(simulator, &format!("{PEOPLE}?{query}")).await;
    if answer.status == 204 {
        return (Vec::new(), None);
    }
    let body = answer.json();
    let rows = body["__zia_people_enrichment"].as_array().unwrap();
    assert_eq!(body["info"]["count"], rows.len());
    let ids = rows
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    (ids, body["info"]["more_records"].as_bool())
}

#[rstest]
#[tokio::test]
async fn an_error_has_any_status_any_code_and_any_form(
    #[values(400, 402, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422, 429)] status: u16,
    #[values(Envelope::Flat, Envelope::Wrapped, Envelope::None)] envelope: Envelope,
    #[values(true, false)] effect: bool,
) {
    let simulator = quiet().await;
    let fault = StatusFault {
        code: Some("A_CODE_OF_TOMORROW".to_owned()),
        envelope,
        effect,
        ..StatusFault::new(status)
    };

    let answer = post_under(&simulator, Action::Status(fault)).await;

    assert_eq!(answer.status, status);
    assert_eq!(made(&simulator), usize::from(effect));
    let entry = match envelope {
        Envelope::Flat => answer.json(),
        Envelope::Wrapped => answer.json()["__zia_people_enrichment"][0].clone(),
        Envelope::None => {
            let body = answer.json();
            assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
            return assert!(body["message"].is_string());
        }
    };
    assert_eq!(entry["code"], "A_CODE_OF_TOMORROW");
    assert_eq!(entry["status"], "error");
    assert!(entry["details"].is_object() && entry["message"].is_string());
}

#[tokio::test]
async fn a_202_can_hold_an_error_of_either_form() {
    let simulator = playing(
        "[[fault]]\non = \"people_post\"\naction = \"status\"\nstatus = 202\n\
         code = \"INVALID_DATA\"\nenvelope = \"wrapped\"\neffect = true\n",
    )
    .await;

    let answer = enrich(&simulator, inputs()).await;

    assert_eq!((answer.status, made(&simulator)), (202, 1));
    assert_eq!(answer.item()["code"], "INVALID_DATA");
}

#[rstest]
#[case(Beside::Before, ["NO_PERMISSION", "SCHEDULED"])]
#[case(Beside::After, ["SCHEDULED", "NO_PERMISSION"])]
#[tokio::test]
async fn an_error_stands_beside_the_job(#[case] place: Beside, #[case] codes: [&str; 2]) {
    let simulator = quiet().await;
    let code = "NO_PERMISSION".to_owned();

    let answer = post_under(&simulator, Action::ErrorEntry { code, place }).await;

    assert_eq!((answer.status, made(&simulator)), (202, 1));
    let body = answer.json();
    let items = body["__zia_people_enrichment"].as_array().unwrap();
    let seen: Vec<&str> = items.iter().map(|i| i["code"].as_str().unwrap()).collect();
    assert_eq!(seen, codes);
    let job = items
        .iter()
        .find(|item| item["code"] == "SCHEDULED")
        .unwrap();
    assert_eq!(job["details"]["id"], simulator.control().jobs()[0].id);
}

#[rstest]
#[case::as_it_was("", inputs())]
#[case::case("case", json!({"name": "ADA LOVELACE", "email": "ADA@ACME.EXAMPLE",
    "company": {"name": "ACME", "website": "ACME.EXAMPLE"}}))]
#[case::nulls("nulls", json!({"name": "Ada Lovelace", "email": "ada@acme.example",
    "company": {"name": "Acme", "website": "acme.example"}, "social": null}))]
#[case::nulled("nulled", json!({"name": "Ada Lovelace", "email": "ada@acme.example",
    "company": {"name": "Acme", "website": null}}))]
#[case::missing("missing", json!({"name": "Ada Lovelace", "email": "ada@acme.example",
    "company": {"name": "Acme"}}))]
#[case::masked("masked", json!({"name": "A***", "email": "a***@acme.example",
    "company": {"name": "A***", "website": "a***"}}))]
#[case::urls("urls", json!({"name": "Ada Lovelace", "email": "ada@acme.example",
    "company": {"name": "Acme", "website": "https://www.acme.example/?trk=public_profile"}}))]
#[case::gone("gone", json!({}))]
#[case::in_a_pair("first_only\", \"case", json!({"name": "ADA LOVELACE"}))]
#[case::of_another("of_another", json!({"email": "bob@acme.example"}))]
#[tokio::test]
async fn an_echo_is_told_differently(#[case] echo: &str, #[case] expected: Value) {
    let fault = format!("[[fault]]\non = \"job\"\naction = \"echo\"\necho = [\"{echo}\"]\n");
    let simulator = playing(if echo.is_empty() { "" } else { &fault }).await;
    let id = enrich(&simulator, inputs()).await.job_id();
    enrich(&simulator, json!({"email": "bob@acme.example"})).await;

    let told = get(&simulator, &format!("{PEOPLE}/{id}")).await.item();

    assert_eq!(told["enrich_based_on"], expected);
    assert_eq!(told["id"], id, "it is another echo, not another job");
    assert_eq!(simulator.control().jobs()[0].enrich_based_on, inputs());
}

#[tokio::test]
async fn a_list_ends_early() {
    let simulator = start(SimulatorOptions {
        used: 250,
        ..SimulatorOptions::default()
    })
    .await;
    let all: Vec<String> = simulator
        .control()
        .jobs()
        .into_iter()
        .map(|j| j.id)
        .collect();
    let list = |kept_back: PartialList| {
        let simulator = &simulator;
        async move {
            let control = simulator.control();
            control.clear_faults();
            control.push_fault(Fault::always(Target::List, Action::PartialList(kept_back)));
            let mut pages = Vec::new();
            for number in 1..=3 {
                pages.push(page(simulator, &format!("sort_order=asc&page={number}")).await);
            }
            pages
        }
    };

    let ends = PartialList {
        ends: true,
        ..PartialList::default()
    };
    let pages = list(ends).await;
    assert_eq!((pages[0].0.len(), pages[0].1), (100, Some(false)));

    let cut = PartialList {
        rows_max: Some(30),
        ..PartialList::default()
    };
    let pages = list(cut).await;
    assert_eq!(
        (pages[0].0.as_slice(), pages[0].1),
        (&all[..30], Some(true))
    );
    assert_eq!(
        (pages[1].0.as_slice(), pages[1].1),
        (&all[100..130], Some(true))
    );
    assert_eq!(
        (pages[2].0.as_slice(), pages[2].1),
        (&all[200..230], Some(false))
    );

    let empty = PartialList {
        rows_max: Some(0),
        ..PartialList::default()
    };
    let pages = list(empty).await;
    assert_eq!(
        pages[0],
        (Vec::new(), Some(true)),
        "an empty page that speaks of more"
    );
    assert_eq!(pages[2], (Vec::new(), None));
}

#[tokio::test]
async fn a_list_omits_jobs_that_are_there() {
    let simulator = playing(
        "used = 9\n[[fault]]\non = \"list\"\nat = 1\naction = \"partial_list\"\nomit_newest = 2\n\
         [[fault]]\non = \"list\"\nat = 2\naction = \"partial_list\"\nomit_nth = 3\n",
    )
    .await;
    let all: Vec<String> = simulator
        .control()
        .jobs()
        .into_iter()
        .map(|j| j.id)
        .collect();

    let newest = page(&simulator, "sort_order=asc").await;
    let nth = page(&simulator, "sort_order=asc").await;
    let then = page(&simulator, "sort_order=asc").await;

    assert_eq!(newest, (all[..7].to_vec(), Some(false)));
    let kept = [0, 1, 3, 4, 6, 7].map(|n| all[n].clone());
    assert_eq!(nth, (kept.to_vec(), Some(false)));
    assert_eq!(then.0, all);
    let id = &all[8];
    assert_eq!(get(&simulator, &format!("{PEOPLE}/{id}")).await.status, 200);
}

fn manual() -> (Arc<ManualClock>, SimulatorOptions) {
    let clock = Arc::new(ManualClock::new("2026-07-27T07:12:13Z".parse().unwrap()));
    let options = SimulatorOptions {
        clock: clock.clone(),
        ..SimulatorOptions::default()
    };
    (clock, options)
}

#[tokio::test]
async fn a_list_shows_a_job_late() {
    let (clock, options) = manual();
    let text = "[[fault]]\non = \"list\"\naction = \"partial_list\"\nseconds = 30\n";
    let simulator = start(options.with_scenario(Scenario::parse("test", text).unwrap())).await;
    let id = enrich(&simulator, inputs()).await.job_id();

    clock.advance(Duration::from_secs(29));
    let early = get(&simulator, PEOPLE).await.status;
    let by_id = get(&simulator, &format!("{PEOPLE}/{id}")).await.status;
    clock.advance(Duration::from_secs(1));

    assert_eq!((early, by_id), (204, 200));
    assert_eq!(page(&simulator, "").await.0, [id]);
}

#[tokio::test]
async fn the_servers_clock_is_off_and_may_change() {
    let (clock, options) = manual();
    let simulator = start(SimulatorOptions {
        clock_offset_seconds: 3_600,
        ..options
    })
    .await;
    let created = || async {
        let answer = enrich(&simulator, inputs()).await;
        let id = answer.job_id();
        let body = get(&simulator, PEOPLE).await.json();
        let rows = body["__zia_people_enrichment"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["id"] == id).unwrap();
        (
            answer.headers["Date"].clone(),
            row["created_time"].as_str().unwrap().to_owned(),
        )
    };
    let at = |date: &str, time: &str| (date.to_owned(), time.to_owned());

    let ahead = created().await;
    simulator.control().set_clock_offset(-86_400);
    let behind = created().await;
    simulator.control().push_fault(Fault::next(
        Target::PeoplePost,
        Action::SetClock { offset_seconds: 0 },
    ));
    let right = created().await;

    assert_eq!(
        ahead,
        at("Mon, 27 Jul 2026 08:12:13 GMT", "2026-07-27T08:12:13Z")
    );
    assert_eq!(
        behind,
        at("Sun, 26 Jul 2026 07:12:13 GMT", "2026-07-26T07:12:13Z")
    );
    assert_eq!(
        right,
        at("Mon, 27 Jul 2026 07:12:13 GMT", "2026-07-27T07:12:13Z")
    );
    let first: Timestamp = "2026-07-27T08:12:13Z".parse().unwrap();
    assert_eq!(
        simulator.control().jobs()[0].created,
        first,
        "what was told stays"
    );
    assert_eq!(simulator.control().posts_log()[0].at, clock.now());
}

#[tokio::test]
async fn a_clock_that_is_off_ends_no_token() {
    let simulator = playing("clock_offset_seconds = -315360000\n").await;

    assert_eq!(enrich(&simulator, inputs()).await.status, 202);
    assert!(get(&simulator, ORG).await.headers["Date"].contains("2016"));
}

/// S: an invalid record id is refused.
#[tokio::test]
async fn a_record_id_that_no_record_has_is_refused() {
    let simulator = quiet().await;
    let leads = get(&simulator, "/crm/v7/Leads?fields=id").await.json();
    let there = leads["data"][0]["id"].as_str().unwrap().to_owned();
    let body = json!({"__zia_people_enrichment": [{"enrich_based_on": inputs()}]}).to_string();
    let post = |id: &str| {
        let path = format!("{PEOPLE}?module=Leads&record_id={id}");
        let (simulator, body) = (&simulator, &body);
        async move { call(simulator, "POST", &path, body).await }
    };

    let good = post(&there).await;
    let unknown = post("5725767000999999999").await;
    simulator.control().set_rules(Rules {
        any_record: true,
        ..Rules::default()
    });
    let any = post("5725767000999999999").await;

    assert_eq!((good.status, any.status), (202, 202));
    assert_eq!(unknown.status, 400);
    let refusal = json!({
        "code": "INVALID_DATA", "details": {"param_name": "record_id"},
        "message": "invalid data", "status": "error",
    });
    assert_eq!(unknown.json(), refusal);
    assert_eq!(made(&simulator), 2);
}
