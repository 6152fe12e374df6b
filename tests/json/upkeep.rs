//! Each command of set-up and upkeep, run for its JSON.

use ziadeck::simulator::{Action, Fault, Target};

use crate::schema::hold;
use crate::support::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_up_has_schemas() {
    let bench = Bench::quiet().await;
    let change = ["enrichment", "config", "map", "Contacts"];

    let offline = bench.run(&["doctor", "--offline", "--json"]).await;
    let doctor = bench.run(&["doctor", "--json"]).await.expect(0);
    let modules = bench.run(&["modules", "--json"]).await.expect(0);
    let list = bench
        .run(&["enrichment", "config", "list", "--json"])
        .await
        .expect(0);
    let shown = bench
        .run(&["enrichment", "config", "show", "Leads", "--json"])
        .await
        .expect(0);
    let mapped = bench
        .run(&[&change[..], &["facebook=Twitter", "--yes", "--json"]].concat())
        .await
        .expect(0);
    let deleted = bench
        .run(&["enrichment", "config", "delete", "Leads", "--yes", "--json"])
        .await
        .expect(0);
    let drafts = bench.run(&["prefill", "--all"]).await.expect(0);

    hold("doctor", &offline);
    hold("doctor", &doctor);
    hold("modules", &modules);
    hold("enrichment-config", &list);
    hold("enrichment-config", &shown);
    hold("enrichment-config-change", &mapped);
    hold("enrichment-config-change", &deleted);
    hold("draft", &drafts);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_and_kept_has_schemas() {
    let bench = Bench::quiet().await;
    let copy = bench.path("copy.db").display().to_string();
    let mut decided = Vec::new();
    for (effect, attempt, name) in [(true, "1", "ada"), (false, "2", "grace")] {
        let lost = Action::CloseAfterRead { effect };
        bench
            .control()
            .push_fault(Fault::next(Target::PeoplePost, lost));
        bench.submit(name).await.expect(8);
        let job = bench.control().jobs().first().unwrap().id.clone();
        let decision = match effect {
            true => vec!["decide", attempt, "adopt", &job, "--yes", "--json"],
            false => vec!["decide", attempt, "release", "--yes", "--json"],
        };
        decided.push(bench.run(&decision).await.expect(0));
    }

    let draft = bench.run(&["decide", "1", "compose"]).await.expect(0);
    let check = bench.run(&["ledger", "check", "--json"]).await.expect(0);
    let dump = bench.run(&["ledger", "dump"]).await.expect(0);
    let backup = bench.run(&["ledger", "backup", &copy, "--json"]).await;
    let purge = ["ledger", "purge", "--before", "0s", "--yes", "--json"];
    let purge = bench.run(&purge).await.expect(0);

    let forget = ["forget", "--email", "ada@acme.example", "--json"];
    let look = bench.run(&[&forget[..], &["--dry-run"]].concat()).await;
    let forgotten = bench.run(&[&forget[..], &["--yes"]].concat()).await;
    let undone = bench
        .run(&[&forget[..], &["--undo", "--yes"]].concat())
        .await;

    hold("forget", &look.expect(0));
    hold("forget", &forgotten.expect(0));
    hold("forget-undo", &undone.expect(0));
    for one in &decided {
        hold("decide", one);
    }
    hold("draft", &draft);
    hold("ledger-check", &check);
    hold("ledger-dump", &dump);
    hold("ledger-backup", &backup);
    hold("ledger-purge", &purge);
}
