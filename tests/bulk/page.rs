//! The page that goes from a file to enriched rows, word for word.

use std::path::Path;
use std::time::Duration;

use ziadeck::simulator::SimulatorOptions;

use crate::rig::{Ran, Rig};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bulk.md");
    std::fs::read_to_string(path).unwrap()
}

/// The first block of a language in a text.
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let fence = format!("```{language}\n");
    text.split_once(&fence)
        .unwrap()
        .1
        .split("```")
        .next()
        .unwrap()
}

/// The commands of the page below its table, in order.
fn commands(page: &str) -> Vec<Vec<String>> {
    let below = page.split_once("## The plan").unwrap().1;
    let blocks = below
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let lines = blocks
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("ziadeck "));
    lines
        .map(|line| line.split(' ').map(str::to_owned).collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_goes_from_a_file_to_enriched_rows() {
    let options = SimulatorOptions {
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "").await;
    let page = page();
    rig.file("Connections.csv", block(&page, "csv"));
    let mut ran: Vec<Ran> = Vec::new();
    for command in commands(&page) {
        let here: Vec<String> = command
            .into_iter()
            .map(|word| match word.ends_with(".csv") {
                true => rig.path(&word).display().to_string(),
                false => word,
            })
            .collect();
        let args: Vec<&str> = here.iter().map(String::as_str).collect();
        ran.push(rig.run(&args).await.expect(0));
    }

    let [plan, _run, _track, _export, again, crm] = ran.as_slice() else {
        panic!("{} commands", ran.len());
    };
    for said in [
        "ready 2  invalid 1  duplicates 1",
        "the header is line 4",
        "First Name + Last Name",
        "linkedin   from  URL",
        "only English is accepted: ë, ü may be refused (line 7)",
        "line 8: asks about the same as line 5, by linkedin",
    ] {
        assert!(plan.stdout.contains(said), "{said}: {}", plan.stdout);
    }
    assert_eq!(rig.control.posts(), 2);
    let enriched = std::fs::read_to_string(rig.path("enriched.csv")).unwrap();
    assert!(
        enriched.starts_with("\u{feff}First Name,Last Name,URL,"),
        "{enriched}"
    );
    assert_eq!(enriched.matches(",scheduled,").count(), 2, "{enriched}");
    assert!(again.stdout.contains("to send 0"), "{}", again.stdout);
    assert!(
        crm.stdout.contains("Leads: never enriched, LinkedIn empty"),
        "{}",
        crm.stdout
    );
    let first = rig.path("Connections.csv");
    let first = rig
        .run(&["bulk", "plan", first.to_str().unwrap()])
        .await
        .expect(0);
    assert!(first.stdout.contains("to send 0"), "{}", first.stdout);
}
