//! Export and plan are inverses: whatever a spreadsheet did to an export, planned again it sends
//! what was mended in it and nothing else.

use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use ziadeck::enrichment::Field;
use ziadeck::simulator::{Action, Envelope, Fault, SimulatorOptions, StatusFault, Target, When};

use crate::rig::Rig;
use crate::sheet::{Saved, cells, put, saved, table, without};

async fn rig() -> Rig {
    let options = SimulatorOptions {
        job_seconds: Duration::ZERO,
        ..SimulatorOptions::default()
    };
    Rig::start(options, "concurrency = 1").await
}

/// A file with three good rows and three that are refused, and how those are mended.
struct Kind {
    file: String,
    mended: fn(usize) -> (&'static str, String),
}

/// A header, three rows that are taken and three that are not.
fn six(header: &str, good: fn(usize) -> String, refused: fn(usize) -> String) -> String {
    let rows = (1..=3).map(good).chain((4..=6).map(refused));
    let lines = std::iter::once(header.to_owned()).chain(rows);
    lines.map(|line| line + "\n").collect()
}

fn plain() -> Kind {
    Kind {
        file: six(
            "Full Name,E-mail,Company,Note",
            |row| format!("Ada Lovelace,ada{row}@acme.example,Acme,\"a;b;=1,'@c\""),
            |row| format!("Al,ada{row}@acme.example,Acme,\"=1+1;-x| +y\""),
        ),
        mended: |row| ("Full Name", format!("Grace Hopper the {row}th")),
    }
}

fn mails() -> Kind {
    let mail = |row| format!("ada{row}@acme.example");
    Kind {
        file: six("Email", mail, |row| format!("ab{row}")),
        mended: |row| ("Email", format!("ada{row}@acme.example")),
    }
}

fn pages() -> Kind {
    let page = |row| format!("https://www.linkedin.com/in/ada{row}");
    Kind {
        file: six("LinkedIn", page, |row| {
            format!("https://www.linkedin.com/in/ädå{row}")
        }),
        mended: |row| ("LinkedIn", format!("https://www.linkedin.com/in/ada{row}")),
    }
}

fn handles() -> Kind {
    Kind {
        file: six(
            "Name,@Handle,Phone,+Twitter,Website,company",
            |row| format!("Ada Lovelace,x{row},+44 20 {row},@ada_{row},acme{row}.example,-Acme-"),
            |row| format!("Al,x{row},+44 20 {row},@ada_{row},acme{row}.example,-Acme-"),
        ),
        mended: |row| ("Name", format!("Grace Hopper the {row}th")),
    }
}

impl Rig {
    /// Plans, runs and follows a file; answers the run.
    async fn done(&self, name: &str, text: &str, more: &[&str]) -> String {
        let run = self.planned(name, text, more).await["run"].to_string();
        self.run(&["bulk", "run", &run]).await.expect(0);
        self.run(&["bulk", "track", &run]).await.expect(0);
        run
    }

    async fn planned(&self, name: &str, bytes: impl AsRef<[u8]>, more: &[&str]) -> Value {
        let file = self.file(name, bytes);
        let mut args = vec!["bulk", "plan", file.to_str().unwrap(), "--json"];
        args.extend(more);
        self.run(&args).await.expect(0).last()
    }

    /// The same by a host that has paid for nobody.
    async fn planned_elsewhere(&self, bytes: impl AsRef<[u8]>, more: &[&str]) -> Value {
        let file = self.file("elsewhere.csv", bytes);
        let mut args = vec!["bulk", "plan", file.to_str().unwrap(), "--json"];
        args.extend(more);
        let mut command = self.command(&args);
        command.env("ZIADECK_DATA_DIR", self.path("other-host"));
        let ran = crate::rig::finish(command.spawn().unwrap()).await;
        ran.expect(0).last()
    }

    async fn exported(&self, run: &str, more: &[&str]) -> String {
        let args = [&["bulk", "export", run], more].concat();
        self.run(&args).await.expect(0).stdout
    }

    async fn reasons(&self, plan: &Value) -> Vec<String> {
        let run = plan["run"].to_string();
        let rows = self.run(&["bulk", "rows", &run, "--json"]).await.expect(0);
        let text = |row: &Value| row["reason"].as_str().unwrap_or_default().to_owned();
        rows.json().iter().map(text).collect()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_planned_again_sends_only_what_was_mended(
    #[values(plain, mails, pages, handles)] kind: fn() -> Kind,
    #[values(
        Saved::Untouched,
        Saved::Semicolons,
        Saved::Reordered,
        Saved::Both,
        Saved::OtherCase,
        Saved::Utf16
    )]
    how: Saved,
) {
    let rig = rig().await;
    let kind = kind();
    let run = rig.done("people.csv", &kind.file, &[]).await;
    assert_eq!(rig.control.posts(), 3);
    let export = rig.exported(&run, &[]).await;

    let again = rig
        .planned("export.csv", saved(table(&export), how), &[])
        .await;
    assert_eq!(again["to_send"], 0, "{again:#}");
    assert_eq!((&again["rows"], &again["already"]), (&6.into(), &3.into()));
    assert!(again["export_columns"].as_array().unwrap().len() >= 20);

    let mut mended = table(&export);
    for row in 4..=6 {
        let (name, text) = (kind.mended)(row);
        put(&mut mended, (row, name), &text);
    }
    let mended = rig.planned("mended.csv", saved(mended, how), &[]).await;
    assert_eq!(mended["to_send"], 3, "{mended:#}");
    let run = mended["run"].to_string();
    rig.run(&["bulk", "run", &run]).await.expect(0);
    assert_eq!(rig.control.posts(), 6);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_an_export_has_the_same_columns_of_the_user(
    #[values(plain, mails, pages, handles)] kind: fn() -> Kind,
    #[values(Saved::Untouched, Saved::Semicolons, Saved::Utf16)] how: Saved,
) {
    let rig = rig().await;
    let kind = kind();
    let run = rig.done("people.csv", &kind.file, &[]).await;
    let first = rig.exported(&run, &[]).await;

    let again = rig
        .planned("export.csv", saved(table(&first), how), &[])
        .await;
    let second = rig.exported(&again["run"].to_string(), &["--raw"]).await;

    let (original, first, second) = (table(&kind.file), table(&first), table(&second));
    assert_eq!(first[0].len(), second[0].len());
    let width = original[0].len();
    for (row, cells) in second.iter().enumerate() {
        assert_eq!(cells[..width], original[row][..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_input_is_the_users_and_without_the_quote() {
    let rig = rig().await;
    rig.done(
        "people.csv",
        &handles().file,
        &["--map", "twitter=+Twitter"],
    )
    .await;
    let run = "1";
    let export = rig.exported(run, &[]).await;
    assert!(export.contains(",'@ada_4,"), "{export}");
    let mut mended = table(&export);
    put(&mut mended, (5, "Name"), "Grace Hopper");

    let plan = rig
        .planned(
            "mended.csv",
            saved(mended, Saved::Semicolons),
            &["--map", "twitter=+Twitter"],
        )
        .await;
    let run = plan["run"].to_string();
    rig.run(&["bulk", "run", &run]).await.expect(0);

    let posts = rig.control.posts_log();
    let body = &posts.last().unwrap().body;
    assert!(body.contains(r#""@ada_5""#), "{body}");
    assert!(body.contains(r#""-Acme-""#), "{body}");
    assert!(!body.contains("facebook"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn job_status_and_the_reason_of_what_was_not_sent_are_columns() {
    let rig = rig().await;
    let text = "Name,Email,Company\nAda Lovelace,ada@acme.example,Acme\n\
        Ada Lovelace,ada@acme.example,Acme\nAl,b@acme.example,Acme\n\
        Grace Hopper,grace@navy.example,Navy\n";
    rig.control.push_fault(Fault {
        when: When::At(2),
        ..Fault::always(
            Target::PeoplePost,
            Action::Status(StatusFault {
                code: Some("INVALID_DATA".to_owned()),
                envelope: Envelope::Wrapped,
                ..StatusFault::new(400)
            }),
        )
    });
    let run = rig.done("people.csv", text, &[]).await;

    let export = table(&rig.exported(&run, &[]).await);
    let lines = rig.exported(&run, &["--format", "jsonl"]).await;

    assert_eq!(
        cells(&export, "outcome"),
        ["scheduled", "skipped", "invalid", "rejected"]
    );
    assert_eq!(cells(&export, "job_status"), ["COMPLETED", "", "", ""]);
    let reasons = cells(&export, "reason");
    assert_eq!(reasons[0], "");
    assert!(reasons[1].starts_with("duplicate: "), "{reasons:?}");
    assert!(
        reasons[2].starts_with("INVALID_DATA: name: "),
        "{reasons:?}"
    );
    assert!(!reasons[3].is_empty(), "{reasons:?}");
    for (line, reason) in lines.lines().zip(&reasons) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["reason"].as_str().unwrap_or_default(), reason);
        assert!(line["job_status"].is_string() || !reason.is_empty());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inputs_of_json_lines_are_columns_and_plan_again(
    #[values(Saved::Untouched, Saved::Both)] how: Saved,
) {
    let rig = rig().await;
    let lines = "{\"Full Name\":\"Ada Lovelace\",\"Firm\":\"Acme\",\"Email\":\"a@acme.example\",\"id\":17,\"tags\":[1]}\n\
        {\"__zia_people_enrichment\":[{\"enrich_based_on\":{\"name\":\"Grace Hopper\",\"company\":{\"name\":\"Navy\"},\"social\":{\"twitter\":\"@grace\"}}}]}\n\
        {\"mail\":\"ab\",\"record_id\":5725767000003019012}\n\
        {\"mail\":\"c@acme.example\",\"record_id\":\"not an id\"}\n";
    let run = rig.done("people.jsonl", lines, &[]).await;
    assert_eq!(rig.control.posts(), 2);
    let export = rig.exported(&run, &[]).await;

    let mut sheet = table(&export);
    let inputs = Field::ALL.map(Field::as_str);
    assert_eq!(sheet[0][..inputs.len()], inputs);
    assert_eq!(
        cells(&sheet, "email"),
        ["a@acme.example", "", "ab", "c@acme.example"]
    );
    assert_eq!(cells(&sheet, "twitter")[1], "'@grace");
    assert_eq!(
        cells(&sheet, "record_id"),
        ["", "", "5725767000003019012", "not an id"]
    );
    let again = rig
        .planned("export.csv", saved(sheet.clone(), how), &[])
        .await;
    assert_eq!(again["to_send"], 0, "{again:#}");
    assert_eq!(again["invalid"], 2, "{again:#}");
    put(&mut sheet, (3, "email"), "b@acme.example");
    put(&mut sheet, (4, "record_id"), "");
    let mended = rig.planned("mended.csv", saved(sheet, how), &[]).await;
    assert_eq!(mended["to_send"], 2, "{mended:#}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_json_lines_is_known_again_too(
    #[values(plain, mails, pages, handles)] kind: fn() -> Kind,
) {
    let rig = rig().await;
    let run = rig.done("people.csv", &kind().file, &[]).await;
    let lines = rig.exported(&run, &["--format", "jsonl"]).await;

    let again = rig.planned("export.jsonl", &lines, &[]).await;
    let elsewhere = rig.planned_elsewhere(&lines, &[]).await;

    assert_eq!(
        (&again["to_send"], &again["already"]),
        (&0.into(), &3.into())
    );
    assert_eq!(elsewhere["to_send"], 0, "{elsewhere:#}");
    let second = rig
        .exported(&again["run"].to_string(), &["--format", "jsonl"])
        .await;
    for (first, second) in lines.lines().zip(second.lines()) {
        let original =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["original"].clone();
        assert_eq!(original(first), original(second));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_host_settled_is_left_out_with_the_reason_until_a_word() {
    let rig = rig().await;
    rig.control.push_fault(Fault {
        when: When::At(2),
        ..Fault::always(Target::PeoplePost, Action::CloseAfterRead { effect: true })
    });
    rig.done("people.csv", &crate::rig::people(4), &[]).await;
    let mut sheet = table(&rig.exported("1", &[]).await);
    assert_eq!(cells(&sheet, "outcome")[1], "unknown");

    let plain = rig
        .planned_elsewhere(saved(sheet.clone(), Saved::Both), &[])
        .await;
    let worded = rig
        .planned_elsewhere(
            saved(sheet.clone(), Saved::Semicolons),
            &["--include-already"],
        )
        .await;
    let unknown = rig
        .planned_elsewhere(
            saved(sheet.clone(), Saved::Semicolons),
            &["--include-already=unknown"],
        )
        .await;
    put(&mut sheet, (1, "Email"), "grace@navy.example");
    put(&mut sheet, (3, "outcome"), "");
    let changed = rig
        .planned_elsewhere(saved(sheet, Saved::Untouched), &[])
        .await;

    assert_eq!(
        (&plain["to_send"], &plain["already"]),
        (&0.into(), &4.into())
    );
    assert_eq!(plain["already_by"]["export"], 4);
    let first = &plain["already_rows"][0];
    assert_eq!(first["match"], "export");
    assert_eq!(first["outcome"], "scheduled");
    assert!(first["job_id"].is_string());
    assert_eq!(worded["to_send"], 3, "never what is unknown: {worded:#}");
    assert_eq!(unknown["to_send"], 1);
    assert_eq!(changed["to_send"], 2, "{changed:#}");
}

async fn sheet_of(rig: &Rig, run: &str) -> Vec<u8> {
    saved(table(&rig.exported(run, &[]).await), Saved::Semicolons)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_server_rejected_is_sent_again_only_when_it_was_changed() {
    let rig = rig().await;
    rig.control.push_fault(Fault {
        when: When::Between(1, 2),
        ..Fault::always(
            Target::PeoplePost,
            Action::Status(StatusFault {
                code: Some("INVALID_DATA".to_owned()),
                envelope: Envelope::Wrapped,
                ..StatusFault::new(400)
            }),
        )
    });
    let run = rig.done("people.csv", &crate::rig::people(3), &[]).await;
    let mut sheet = table(&rig.exported(&run, &[]).await);

    let again = rig
        .planned("export.csv", saved(sheet.clone(), Saved::Semicolons), &[])
        .await;
    let worded = rig
        .planned(
            "worded.csv",
            saved(sheet.clone(), Saved::Semicolons),
            &["--include-already"],
        )
        .await;
    put(&mut sheet, (2, "Company"), "Acme Works");
    let mended = rig
        .planned("mended.csv", saved(sheet, Saved::Semicolons), &[])
        .await;

    assert_eq!(again["to_send"], 0, "{again:#}");
    let reasons = rig.reasons(&again).await;
    assert!(
        reasons[0].starts_with("already: the export says rejected, INVALID_DATA"),
        "{reasons:?}"
    );
    assert_eq!(worded["to_send"], 3);
    assert_eq!(mended["to_send"], 1, "{mended:#}");
    for changed in [
        ["--module", "Contacts"],
        ["--set", "website=acme.example"],
        ["--set", "record_id=5725767000003019012"],
    ] {
        let plan = rig
            .planned("changed.csv", sheet_of(&rig, &run).await, &changed)
            .await;
        assert!(plan["to_send"].as_i64() >= Some(2), "{changed:?}: {plan:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_a_person_left_out_stays_out() {
    let rig = rig().await;
    let run = rig.plan(3).await.to_string();
    rig.run(&["bulk", "skip", &run, "--row", "2", "--yes"])
        .await
        .expect(0);
    rig.run(&["bulk", "run", &run]).await.expect(0);
    let export = rig.exported(&run, &[]).await;

    let again = rig.planned("export.csv", export, &[]).await;

    assert_eq!(again["to_send"], 0, "{again:#}");
    let reasons = rig.reasons(&again).await;
    assert!(reasons[1].contains("skipped"), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_decides_where_it_knows_better_than_the_file() {
    let rig = rig().await;
    rig.control.push_fault(Fault {
        when: When::At(2),
        ..Fault::always(Target::PeoplePost, Action::CloseAfterRead { effect: false })
    });
    let run = rig.done("people.csv", &crate::rig::people(3), &[]).await;
    let sheet = table(&rig.exported(&run, &[]).await);
    assert_eq!(
        cells(&sheet, "outcome"),
        ["scheduled", "unknown", "scheduled"]
    );
    rig.run(&["reconcile", "--settle", "0"]).await.expect(0);
    assert_eq!(rig.status(1).await["absent"], 1);

    let again = rig
        .planned("export.csv", saved(sheet.clone(), Saved::Both), &[])
        .await;
    assert_eq!(again["to_send"], 1, "it is absent by proof: {again:#}");
    let mut other = sheet;
    put(&mut other, (1, "Email"), "grace@navy.example");
    let other = rig
        .planned("other.csv", saved(other, Saved::Both), &[])
        .await;
    assert_eq!(other["to_send"], 2, "it is somebody else now: {other:#}");
}

/// As version 0.1 wrote it: no check, no status, no reason.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_an_older_version_is_known_again() {
    let rig = rig().await;
    let text = "Full Name,Email,Company,outcome,code,job_id,attempt,first_name,last_name,designation,ziadeck_company,\
        primary_email,phone,website,linkedin,twitter,facebook,city,country,industries,skills\n\
        Bo Bo,bo@acme.example,Acme,scheduled,SCHEDULED,1941874000003019029,1,Bo,Bo,Chief,Acme,bo@zylker.example,'+1 310,\
        zylker.example,linkedin.com/in/bo,twitter.com/bo,,CA,US,Automotive,\n\
        Cy Cy,cy@acme.example,Acme,scheduled,SCHEDULED,1.94187E+18,2,Cy,Cy,Chief,Acme,cy@acme.example,'+1 310,\
        zylker.example,linkedin.com/in/cy,twitter.com/cy,,CA,US,Automotive,\n\
        Di Dido,di@acme.example,Acme,invalid,INVALID_DATA,,,,,,,,,,,,,,,,\n";
    for how in [Saved::Untouched, Saved::Both, Saved::Semicolons] {
        let plan = rig.planned("60.csv", saved(table(text), how), &[]).await;

        assert_eq!(plan["to_send"], 1, "only the mended row: {plan:#}");
        assert_eq!(plan["already"], 2);
        let mapped = plan["mapped"].as_object().unwrap();
        let inputs: Vec<_> = mapped.keys().map(String::as_str).collect();
        assert_eq!(inputs, ["name", "email", "company"]);
        assert_eq!(plan["mapped"]["company"], "Company");
    }
}

#[rstest]
#[case::all_that_was_found(&["first_name", "last_name", "designation", "ziadeck_company", "primary_email", "phone", "website", "linkedin", "twitter", "facebook", "city", "country", "industries", "skills"])]
#[case::all_about_the_attempt(&["outcome", "code", "job_id", "attempt", "job_status", "reason"])]
#[case::some(&["code", "ziadeck_company", "phone", "skills"])]
#[case::the_check(&["ziadeck_check ziadeck_company"])]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_without_some_of_its_columns_is_known_again(#[case] gone: &[&str]) {
    let rig = rig().await;
    let run = rig.done("people.csv", &plain().file, &[]).await;
    let sheet = table(&rig.exported(&run, &[]).await);

    let plan = rig
        .planned("less.csv", saved(without(&sheet, gone), Saved::Both), &[])
        .await;

    assert_eq!(plan["to_send"], 0, "{plan:#}");
    let mapped = serde_json::json!({"name": "Full Name", "email": "E-mail", "company": "Company"});
    assert_eq!(plan["mapped"], mapped);
    let unmapped = plan["unmapped"].as_array().unwrap();
    assert_eq!(unmapped, &["Note"], "{plan:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_users_own_may_use_our_names() {
    let rig = rig().await;
    let text = "name,email,linkedin,outcome,job_id,reason,code,company\n\
        Ada Lovelace,ada@acme.example,https://www.linkedin.com/in/ada,scheduled,12,hired,'=1,Acme\n";

    let plan = rig.planned("own.csv", text, &[]).await;

    assert_eq!(plan["to_send"], 1, "{plan:#}");
    assert_eq!(plan["mapped"]["linkedin"], "linkedin");
    assert_eq!(plan["export_columns"], serde_json::json!([]));
    let export = table(&rig.exported("1", &[]).await);
    assert_eq!(cells(&export, "code"), ["''=1"]);
    assert_eq!(cells(&export, "ziadeck_outcome"), ["pending"]);
    let again = rig
        .planned("again.csv", saved(export, Saved::Both), &[])
        .await;
    assert_eq!(again["mapped"]["linkedin"], "linkedin");
    assert_eq!(again["also_planned"][0]["rows"], 1, "{again:#}");
    let second = table(&rig.exported("2", &["--raw"]).await);
    let mut users: Vec<_> = second[0].iter().take(8).map(String::as_str).collect();
    users.sort_unstable();
    assert_eq!(
        users,
        [
            "code", "company", "email", "job_id", "linkedin", "name", "outcome", "reason"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_that_it_knows_an_export_and_what_it_leaves_out() {
    let rig = rig().await;
    let run = rig.done("people.csv", &plain().file, &[]).await;
    let export = rig.exported(&run, &[]).await;
    let file = rig.file("export.csv", export);

    let told = rig
        .run(&["bulk", "plan", file.to_str().unwrap()])
        .await
        .expect(0)
        .stdout;

    let line = told
        .lines()
        .find(|line| line.contains("an export of ziadeck"));
    let line = line.unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains("outcome, code, job_id"), "{line}");
    assert!(!told.contains("not used   linkedin"), "{told}");
    assert!(told.contains("not used   Note"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_may_name_what_was_found_as_an_input() {
    let rig = rig().await;
    let run = rig.done("people.csv", &mails().file, &[]).await;
    let export = rig.exported(&run, &[]).await;

    let plan = rig
        .planned("export.csv", export, &["--map", "linkedin=linkedin"])
        .await;

    assert_eq!(plan["mapped"]["linkedin"], "linkedin");
    assert_eq!(
        plan["already_by"],
        serde_json::json!({"more_inputs": 2, "not_found": 1})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_for_the_crm_is_no_file_of_inputs() {
    let rig = rig().await;
    let text = "Name,Email,Company,Record Id\n\
        Ada Lovelace,ada@acme.example,Acme,5725767000001010017\n";
    let run = rig.done("people.csv", text, &[]).await;
    let back = rig.exported(&run, &["--write-back"]).await;
    let file = rig.file("back.csv", saved(table(&back), Saved::Both));
    let file = file.to_str().unwrap();

    let refused = rig.run(&["bulk", "plan", file]).await.expect(2);
    let named = ["bulk", "plan", file, "--json", "--map", "email=Email"];
    let named = rig.run(&named).await.expect(0).last();

    assert!(
        refused.stderr.contains("an export added"),
        "{}",
        refused.stderr
    );
    assert_eq!(named["mapped"].as_object().unwrap().len(), 2, "{named:#}");
}
