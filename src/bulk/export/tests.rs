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
    let rows = [
        ExportRow {
            row: RowNumber(1),
            original: &done,
            outcome: "scheduled",
            code: Some("SCHEDULED"),
            job_id: Some(&job),
            attempt: Some(AttemptId(7)),
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
            enriched: None,
            verdict: None,
        },
    ];

    let guarded = export(ExportFormat::CsvGuarded, &["Name", "Code"], &rows);
    let raw = export(ExportFormat::CsvRaw, &["Name", "Code"], &rows);

    let header = "Name,Code,outcome,ziadeck_code,job_id,attempt,first_name,last_name,designation,\
        company,primary_email,phone,website,linkedin,twitter,facebook,city,country,industries,skills\n";
    let first = "Ada,'=1+1,scheduled,SCHEDULED,3019012,7,Ada,,,,,'+1 555,,,,,,,,\n";
    let second = "Lin,,pending,,,,,,,,,,,,,,,,,\n";
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
        enriched: Some(&data),
        verdict: None,
    };

    let from_jsonl = export(ExportFormat::Jsonl, &[JSON_COLUMN], &[row]);
    let from_csv = export(ExportFormat::Jsonl, &[""], &[row]);

    assert_eq!(
        from_jsonl,
        "{\"row\":3,\"original\":{\"email\":\"a@b.example\",\"n\":1},\"outcome\":\"unknown\",\"code\":null,\
         \"job_id\":null,\"attempt\":9,\"already\":null,\"doubts\":[],\"enriched\":{\"gender\":null,\"deep\":{\"a\":[1]}}}\n"
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
                enriched: None,
                verdict: None,
            })
            .unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}

proptest! {
    #[test]
    fn an_export_reads_back_as_what_was_imported(
        table in prop::collection::vec(prop::array::uniform2("[a=+@'\",;\t\r\né -]{0,6}"), 1..6),
    ) {
        let headers = texts(&["name", "note"]);
        let mut exporter = Exporter::new(Vec::new(), ExportFormat::CsvGuarded, &headers).unwrap();
        for original in &table {
            let row = ExportRow {
                row: RowNumber(1), original, outcome: "pending",
                code: None, job_id: None, attempt: None, enriched: None,
 verdict: None,
};
            exporter.write(&row).unwrap();
        }
        let bytes = exporter.finish().unwrap();

        let options = ReadOptions { layout: Layout::Csv, ..ReadOptions::default() };
        let mut reader = RowReader::open(bytes.as_slice(), options).unwrap();
        let mut back = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            back.push([unguarded(&row.original[0]).into_owned(), unguarded(&row.original[1]).into_owned()]);
        }

        prop_assert_eq!(back, table);
    }
}
