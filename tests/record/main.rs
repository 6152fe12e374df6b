//! The record is what was sent: bytes taken off the socket against ledger, console, `log`,
//! `--dry-run` and the copy as curl.
#![expect(
    clippy::unwrap_used,
    reason = "what helps a test may fail as a test does"
)]

mod console;
#[path = "../support/mod.rs"]
mod support;
mod tap;
#[path = "../support/terminal.rs"]
mod terminal;

use std::process::Stdio;

use serde_json::Value;
use support::Bench;
use tap::{Heard, Tap};

/// One way to ask.
#[derive(Debug, Clone, Copy)]
struct Combination {
    kind: &'static str,
    version: &'static str,
    module: Option<&'static str>,
    record: Option<&'static str>,
    forced: bool,
}

impl Combination {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for kind in ["people", "org"] {
            for version in ["v7", "v8"] {
                for module in [None, Some("Leads")] {
                    for record in [None, Some("5725767000001234567")] {
                        for forced in [false, true] {
                            all.push(Self {
                                kind,
                                version,
                                module,
                                record,
                                forced,
                            });
                        }
                    }
                }
            }
        }
        all
    }

    /// The arguments of `submit`; `n` makes the person.
    fn arguments(self, n: usize) -> Vec<String> {
        let mut all: Vec<String> = ["submit", "--json", "--kind", self.kind]
            .map(str::to_owned)
            .to_vec();
        // A quote, an accent and a blank: none of them may change on its way.
        let inputs: &[&str] = if self.kind == "people" {
            &[
                "--name",
                "Zoë O'Hara \"Z\"",
                "--company",
                "A & B",
                "--email",
            ]
        } else {
            &["--name", "Zoë's Café", "--website"]
        };
        all.extend(inputs.iter().map(|&text| text.to_owned()));
        all.push(if self.kind == "people" {
            format!("zoe{n}@acme.example")
        } else {
            format!("www.acme{n}.example")
        });
        for (flag, value) in [("--module", self.module), ("--record-id", self.record)] {
            if let Some(value) = value {
                all.extend([flag.to_owned(), value.to_owned()]);
            }
        }
        if self.forced {
            all.push("--force".to_owned());
        }
        all
    }
}

/// A bench whose profile speaks to the tap, without a default module.
fn at(bench: &Bench, tap: &Tap, version: &str) {
    let profile = bench
        .profile("us", &format!("api_version = \"{version}\""))
        .replace("default_module = \"Leads\"\n", "")
        .replace(bench.base(), &tap.base());
    bench.write("config.toml", &profile, 0o600);
}

async fn run(bench: &Bench, arguments: &[String]) -> support::Ran {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    bench.run(&arguments).await
}

/// A request as something that shows one tells it.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Told {
    /// What the socket saw, as the others tell it.
    fn heard(tap: &Tap, heard: &Heard) -> Self {
        let mut headers = heard.headers.clone();
        headers.retain(|(name, _)| name != "authorization");
        headers.sort();
        Self {
            method: heard.method.clone(),
            url: format!("{}{}", tap.base(), heard.target),
            headers,
            body: heard.body.clone(),
        }
    }

    fn of(method: &Value, url: &Value, headers: &Value, body: &str) -> Self {
        let mut headers: Vec<(String, String)> = serde_json::from_value(headers.clone()).unwrap();
        headers.sort();
        Self {
            method: method.as_str().unwrap().to_owned(),
            url: url.as_str().unwrap().to_owned(),
            headers,
            body: body.to_owned(),
        }
    }
}

/// Runs a copied command in a shell, with a token of its own.
async fn paste(command: &str) {
    let ran = tokio::process::Command::new("/bin/bash")
        .args(["-c", command])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("ZIADECK_TOKEN", "1000.of.whoever.pastes")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_what_ledger_log_dry_run_and_curl_tell() {
    let (bench, tap) = (Bench::quiet().await, Tap::new(202));
    let mut sent = 0;
    for (n, way) in Combination::all().into_iter().enumerate() {
        at(&bench, &tap, way.version);
        let arguments = way.arguments(n);
        let dry = [arguments.clone(), vec!["--dry-run".to_owned()]].concat();
        if way.module.is_none() && !way.forced {
            run(&bench, &arguments).await.expect(3);
            run(&bench, &dry).await.expect(3);
            assert_eq!(tap.take(), [], "{way:?}");
            continue;
        }
        let dry_run = run(&bench, &dry).await.expect(0).row();
        let as_text: Vec<String> = dry.iter().filter(|a| *a != "--json").cloned().collect();
        let shown = run(&bench, &as_text).await.expect(0).stdout;
        assert_eq!(tap.take(), [], "{way:?}: a dry run sends nothing");

        let row = run(&bench, &arguments).await.expect(0).row();

        sent += 1;
        let heard = tap.take();
        let [heard] = heard.as_slice() else {
            panic!("{way:?}: {heard:?}");
        };
        let told = Told::heard(&tap, heard);
        assert!(heard.target.contains(way.version), "{way:?}: {heard:?}");
        assert_eq!(heard.target.contains("module="), way.module.is_some());
        assert_eq!(heard.target.contains("record_id="), way.record.is_some());

        let of_dry_run = Told::of(
            &dry_run["method"],
            &dry_run["url"],
            &dry_run["headers"],
            &dry_run["body"].to_string(),
        );
        assert_eq!(of_dry_run, told, "{way:?}");

        let attempt = row["attempt"].clone();
        let id = attempt.to_string();
        for log in [
            vec!["log", "--json", "--limit", "1"],
            vec!["log", "--json", &id],
        ] {
            let log = bench.run(&log).await.expect(0).row();
            let request = &log["request"];
            let body = request["body"].as_str().unwrap();
            let of_log = Told::of(
                &request["method"],
                &request["url"],
                &request["headers"],
                body,
            );
            assert_eq!(of_log, told, "{way:?}");
            assert_eq!(request["recorded"], true);
        }
        let text = bench.run(&["log", &id]).await.expect(0).stdout;
        for line in [&format!("{} {}", told.method, told.url), &told.body] {
            assert!(text.lines().any(|one| one == line), "{line}: {text}");
        }
        for (name, value) in &told.headers {
            let line = format!("{name}: {value}");
            assert!(text.lines().any(|one| one == line), "{line}: {text}");
        }

        let dump = bench.run(&["ledger", "dump"]).await.expect(0).rows();
        let kept = dump
            .iter()
            .find(|row| row["table"] == "bodies" && row["attempt"] == attempt)
            .unwrap();
        let kept_headers = kept["request_headers"].as_str().unwrap();
        let of_ledger = Told::of(
            &kept["method"],
            &kept["url"],
            &serde_json::from_str(kept_headers).unwrap(),
            kept["request_body"].as_str().unwrap(),
        );
        assert_eq!(of_ledger, told, "{way:?}");

        // The copy of `--dry-run`, up to its last line, pasted into a shell.
        let command: Vec<&str> = shown
            .lines()
            .take_while(|l| !l.starts_with("would"))
            .collect();
        paste(&command.join("\n")).await;
        let pasted = tap.take();
        let [pasted] = pasted.as_slice() else {
            panic!("{way:?}: {pasted:?}");
        };
        assert_eq!(Told::heard(&tap, pasted), told, "{way:?}");
    }
    assert_eq!(sent, 24);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_send_after_a_401_has_a_record_of_its_own() {
    let (bench, tap) = (Bench::quiet().await, Tap::new(401));
    at(&bench, &tap, "v8");
    let way = Combination {
        kind: "people",
        version: "v8",
        module: Some("Leads"),
        record: None,
        forced: false,
    };

    run(&bench, &way.arguments(1)).await.expect(5);

    let heard: Vec<_> = tap.take();
    let tokens: Vec<&str> = heard.iter().map(|one| one.token()).collect();
    assert_eq!(tokens.len(), 2, "{heard:?}");
    assert_ne!(tokens[0], tokens[1]);
    let told: Vec<Told> = heard.iter().map(|one| Told::heard(&tap, one)).collect();
    let mut rows = bench.run(&["log", "--json"]).await.expect(0).rows();
    rows.reverse();
    let of_log: Vec<Told> = rows
        .iter()
        .map(|row| {
            let request = &row["request"];
            let body = request["body"].as_str().unwrap();
            Told::of(
                &request["method"],
                &request["url"],
                &request["headers"],
                body,
            )
        })
        .collect();
    assert_eq!(of_log, told);
}

/// An older program kept the body alone, and the profile may have changed since.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_on_record_is_made_again_and_said_to_be_so() {
    let bench = Bench::quiet().await;
    bench.submit("ada").await.expect(0);
    bench
        .run(&["ledger", "purge", "--before", "0s", "--yes"])
        .await
        .expect(0);

    let row = bench.run(&["log", "--json"]).await.expect(0).row();
    let text = bench.run(&["log", "1"]).await.expect(0).stdout;
    let dump = bench.run(&["ledger", "dump"]).await.expect(0).stdout;

    assert_eq!(row["request"]["recorded"], false, "{row}");
    assert_eq!(row["request"]["body"], Value::Null);
    assert!(
        text.contains("Made again from the profile as it is now"),
        "{text}"
    );
    assert!(!dump.contains("__zia_people_enrichment?"), "{dump}");
}

/// The ledger of version 0.1 is of another host, whose profile has the same name.
#[tokio::test(flavor = "multi_thread")]
async fn what_version_0_1_sent_is_shown_with_its_body_and_a_url_that_is_said_to_be_made_again() {
    let bench = Bench::quiet().await;
    let from = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ledger-0.1");
    for name in ["ledger.db", "ledger.db.key", "ledger.db.mark"] {
        let bytes = std::fs::read(format!("{from}/{name}")).unwrap();
        let to = bench.write(&format!("data/{name}"), "", 0o600);
        std::fs::write(to, bytes).unwrap();
    }

    let rows = bench.run(&["log", "--json"]).await.expect(0).rows();

    let with_body = rows.iter().find(|row| row["request"]["body"].is_string());
    let row = with_body.unwrap();
    assert_eq!(row["request"]["recorded"], false, "{row}");
    let url = row["request"]["url"].as_str().unwrap();
    assert!(url.starts_with(bench.base()), "{url}");
    let id = row["attempt"].to_string();
    let text = bench.run(&["log", &id]).await.expect(0).stdout;
    let said = "Made again from the profile as it is now: an older version kept no URL";
    assert!(text.contains(said), "{text}");
}
