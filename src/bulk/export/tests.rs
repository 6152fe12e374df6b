use super::*;
use crate::bulk::rows::{Layout, ReadOptions, RowReader};
use proptest::prelude::*;
use serde_json::json;

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn export(format: ExportFormat, headers: &[&str], rows: &[ExportRow<'_>]) -> String {
    let mut exporter = Exporter::new(Vec::new(), format, &texts(headers)).unwrap();
    for row in rows {
        exporter.write(row).unwrap();
    }
    String::from_utf8(exporter.finish().unwrap()).unwrap()
}

#[test]
fn a_csv_has_the_original_columns_and_what_became_of_them() {
    let (done, new) = (texts(&["Ada", "=1+1"]), texts(&["Lin"]));
    let job: JobId = "3019012".parse().unwrap();
    let data = json!({"first_name": "Ada", "primary_contact": "+1 555"});
    let inputs = json!({"name": "Ada", "module": "Leads"});
    let inputs = inputs.as_object().unwrap();
    let rows = [
        ExportRow {
            row: RowNumber(1),
            original: &done,
            outcome: "scheduled",
            code: Some("SCHEDULED"),
            job_id: Some(&job),
            attempt: Some(AttemptId(7)),
            job_status: Some("COMPLETED"),
            reason: None,
            asked: Some(inputs),
            enriched: Some(&data),
            verdict: None,
        },
        ExportRow {
            row: RowNumber(2),
            original: &new,
            outcome: "pending",
            code: None,
            job_id: None,
            attempt: None,
            job_status: None,
            reason: Some("why"),
            asked: None,
            enriched: None,
            verdict: None,
        },
    ];

    let guarded = export(ExportFormat::CsvGuarded, &["Name", "Code"], &rows);
    let raw = export(ExportFormat::CsvRaw, &["Name", "Code"], &rows);

    let header = "Name,Code,outcome,ziadeck_code,job_id,attempt,job_status,reason,first_name,last_name,designation,\
        company,primary_email,phone,website,linkedin,twitter,facebook,city,country,industries,skills,\
        ziadeck_check ziadeck_code\n";
    let first = "Ada,'=1+1,scheduled,SCHEDULED,3019012,7,COMPLETED,,Ada,,,,,'+1 555,,,,,,,,,n99a563 m2f10a2\n";
    let second = "Lin,,pending,,,,,why,,,,,,,,,,,,,,,\n";
    assert_eq!(guarded, format!("{header}{first}{second}"));
    assert_eq!(raw, guarded.replace('\'', ""));
}

#[test]
fn a_jsonl_keeps_everything() {
    let original = texts(&[r#"{"email":"a@b.example","n":1}"#]);
    let data = json!({"gender": null, "deep": {"a": [1]}});
    let row = ExportRow {
        row: RowNumber(3),
        original: &original,
        outcome: "unknown",
        code: None,
        job_id: None,
        attempt: Some(AttemptId(9)),
        job_status: None,
        reason: Some("lost"),
        asked: None,
        enriched: Some(&data),
        verdict: None,
    };

    let from_jsonl = export(ExportFormat::Jsonl, &[JSON_COLUMN], &[row]);
    let from_csv = export(ExportFormat::Jsonl, &[""], &[row]);

    assert_eq!(
        from_jsonl,
        "{\"row\":3,\"original\":{\"email\":\"a@b.example\",\"n\":1},\"outcome\":\"unknown\",\"code\":null,\
         \"job_id\":null,\"attempt\":9,\"job_status\":null,\"reason\":\"lost\",\"check\":null,\"already\":null,\"doubts\":[],\"enriched\":{\"gender\":null,\"deep\":{\"a\":[1]}}}\n"
    );
    assert!(
        from_csv.contains(r#""original":{"column 1":"{\"email\""#),
        "{from_csv}"
    );
}

/// A pipe whose reader has gone.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_went_away_is_told_by_the_kind_of_the_error() {
    for format in [ExportFormat::CsvRaw, ExportFormat::Jsonl] {
        let original = texts(&[&"x".repeat(100_000)]);
        let mut exporter = Exporter::new(Gone, format, &texts(&["a"])).unwrap();
        let error = exporter
            .write(&ExportRow {
                row: RowNumber(1),
                original: &original,
                outcome: "pending",
                code: None,
                job_id: None,
                attempt: None,
                job_status: None,
                reason: None,
                asked: None,
                enriched: None,
                verdict: None,
            })
            .unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}

/// Names of columns as files have them, ours among them in every dress.
fn names() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![
        4 => "[a-z @=+'_;|-]{1,6}",
        2 => prop::sample::select(vec![
            "outcome", "OUTCOME", "Job ID", "job-id", "code", "attempt", "reason", "company", "Company",
            "ziadeck_company", "First Name", "first_name", "skills", "linkedin", "ziadeck",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(name, 1..8).prop_map(|mut names| {
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.trim().to_lowercase()) && !name.trim().is_empty());
        names.insert(0, "My own".to_owned());
        names
    })
}

/// With an input for every row, so that a file without one is read all the same.
fn any_columns() -> ReadOptions {
    let mut options = ReadOptions {
        layout: Layout::Csv,
        ..ReadOptions::default()
    };
    options.mapping.others = crate::bulk::rows::Others::Unused;
    options.mapping.constants = vec!["email=x@acme.example".parse().unwrap()];
    options
}

proptest! {
    /// In any order of the columns, and without some of those that were added.
    #[test]
    fn an_export_reads_back_as_what_was_imported(
        headers in names(),
        cells in prop::collection::vec(prop::collection::vec("[a=+@'\",;|\t\r\né -]{0,8}", 9), 1..4),
        turns in 0_usize..40,
        gone in prop::collection::vec(0_usize..20, 0..6),
    ) {
        let width = headers.len();
        let mut table: Vec<Vec<String>> = cells.into_iter().map(|row| row[..width.min(9)].to_vec()).collect();
        let mut exporter = Exporter::new(Vec::new(), ExportFormat::CsvGuarded, &headers).unwrap();
        for original in &table {
            exporter.write(&row(original)).unwrap();
        }
        let bytes = exporter.finish().unwrap();
        let mut sheet: Vec<Vec<String>> = ::csv::ReaderBuilder::new().has_headers(false)
            .from_reader(bytes.as_slice()).records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        let all = sheet[0].len();
        let kept = |at: usize| at < width || at == all - 1 || !gone.contains(&(at - width));
        for record in &mut sheet {
            let mut at = 0;
            record.retain(|_| { at += 1; kept(at - 1) });
            let turns = turns % record.len();
            record.rotate_left(turns);
        }
        // A row of which somebody took all that was in it is none.
        let is_filled = |cells: &Vec<String>| cells.iter().any(|cell| !cell.trim().is_empty());
        let mut filled = sheet.iter().skip(1).map(is_filled);
        table.retain(|_| filled.next().unwrap());
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        sheet.iter().for_each(|record| writer.write_record(record).unwrap());
        let bytes = writer.into_inner().unwrap();

        let options = ReadOptions { delimiter: Some(','), ..any_columns() };
        let mut reader = RowReader::open(bytes.as_slice(), options).unwrap();
        let found = reader.headers().to_vec();
        let mut back = Vec::new();
        while !table.is_empty() && let Some(row) = reader.next_row().unwrap() {
            prop_assert!(row.told.is_some());
            back.push(row.original);
        }
        prop_assert_eq!(back.len(), table.len());

        let order: Vec<usize> = found.iter()
            .map(|name| headers.iter().position(|header| header.trim() == name).unwrap()).collect();
        prop_assert_eq!(order.len(), width);
        for (back, row) in back.iter().zip(&table) {
            let row: Vec<&String> = order.iter().map(|at| &row[*at]).collect();
            prop_assert_eq!(back.iter().collect::<Vec<_>>(), row);
        }
    }
}

fn row(original: &[String]) -> ExportRow<'_> {
    ExportRow {
        row: RowNumber(1),
        original,
        outcome: "pending",
        code: None,
        job_id: None,
        attempt: None,
        job_status: None,
        reason: None,
        asked: None,
        enriched: None,
        verdict: None,
    }
}
