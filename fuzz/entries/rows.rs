//! Files of rows, in and out.

use serde_json::Value;
use ziadeck::base::{RecordId, RowNumber, limits};
use ziadeck::bulk::export::{Cells, WriteBack, unguarded};
use ziadeck::bulk::rows::Layout;
use ziadeck::bulk::{
    ExportFormat, ExportRow, Exporter, History, InputRow, Planner, ReadOptions, RowReader,
    RowsError, Units,
};
use ziadeck::enrichment::{Field, Known, job};

/// A file: it is read or refused, judged, and what is exported reads back as it was.
pub(crate) fn csv(bytes: &[u8]) {
    let Ok(mut reader) = RowReader::open(bytes, ReadOptions::default()) else {
        return;
    };
    let headers = reader.headers().to_vec();
    let mut planner = Planner::new(Known::default());
    let mut rows = Vec::new();
    loop {
        match reader.next_row() {
            Ok(None) => break,
            Ok(Some(row)) => {
                assert_eq!(row.original.len(), headers.len());
                planner.judge(&row, History::New);
                rows.push(row);
            }
            Err(error) if error.leaves_more_to_read() => assert!(error.line().is_some()),
            Err(_) => return,
        }
    }
    assert!(rows.windows(2).all(|pair| match pair {
        [a, b] => a.row < b.row && a.line <= b.line,
        _ => false,
    }));
    let units = Units {
        used: 0,
        limit: limits::UNITS_DEFAULT,
        reserve: 0,
        is_asked: true,
    };
    let report = planner.report(units);
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    assert_eq!(report.rows, count);
    let back = reexported(
        &headers,
        &rows.iter().map(|row| &*row.original).collect::<Vec<_>>(),
    );
    let originals: Vec<_> = rows.into_iter().map(|row| row.original).collect();
    assert_eq!(back, Ok(originals));
}

fn reexported(headers: &[String], rows: &[&[String]]) -> Result<Vec<Vec<String>>, String> {
    let text = |error: std::io::Error| error.to_string();
    let mut exporter =
        Exporter::new(Vec::new(), ExportFormat::CsvGuarded, headers).map_err(text)?;
    for (index, original) in rows.iter().enumerate() {
        let number = i64::try_from(index).unwrap_or(i64::MAX);
        let row = pending(RowNumber(number), original, None);
        exporter.write(&row).map_err(text)?;
    }
    let csv = exporter.finish().map_err(text)?;
    cells_of(&csv)
}

fn pending<'a>(
    row: RowNumber,
    original: &'a [String],
    enriched: Option<&'a Value>,
) -> ExportRow<'a> {
    ExportRow {
        row,
        original,
        outcome: "pending",
        code: None,
        job_id: None,
        attempt: None,
        job_status: None,
        reason: None,
        asked: None,
        enriched,
        verdict: None,
    }
}

/// The cells of a CSV file, whatever its columns are called; of an export only the user's.
fn cells_of(csv: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let mut options = ReadOptions {
        layout: Layout::Csv,
        delimiter: Some(','),
        ..ReadOptions::default()
    };
    // The export has more columns that read like inputs; one of its own is enough.
    let inputs = Field::ALL.map(Field::as_str);
    for target in inputs.into_iter().chain(["module", "record_id"]) {
        options
            .mapping
            .constants
            .push(format!("{target}=x").parse()?);
    }
    let mut reader = RowReader::open(csv, options).map_err(|e| e.to_string())?;
    let mut back = Vec::new();
    loop {
        match reader.next_row() {
            Ok(Some(row)) => back.push(row.original),
            Ok(None) | Err(RowsError::HeaderOnly) => return Ok(back),
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Lines of JSON: each becomes one draft or one error with its line, and an export holds them all.
pub(crate) fn jsonl(bytes: &[u8]) {
    let rows = objects(bytes);
    if let (Ok(one), Ok(other)) = (&rows, &objects(bytes)) {
        assert_eq!(one, other, "the same bytes are the same rows");
    }
    let Ok(rows) = rows else { return };
    let headers = ["json".to_owned()];
    let Ok(mut exporter) = Exporter::new(Vec::new(), ExportFormat::Jsonl, &headers) else {
        return;
    };
    for row in &rows {
        assert!(
            exporter
                .write(&pending(row.row, &row.original, None))
                .is_ok()
        );
    }
    let file = exporter.finish().unwrap_or_default();
    let lines: Vec<Value> = file
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(&rows) {
        let [original] = row.original.as_slice() else {
            panic!("a line of JSON is one cell");
        };
        let original: Value = serde_json::from_str(original).unwrap_or_default();
        assert_eq!(line.get("original"), Some(&original));
    }
}

fn objects(bytes: &[u8]) -> Result<Vec<InputRow>, String> {
    let options = ReadOptions {
        layout: Layout::Jsonl,
        ..ReadOptions::default()
    };
    let mut reader = RowReader::open(bytes, options).map_err(|error| error.to_string())?;
    let mut planner = Planner::new(Known::default());
    let mut rows = Vec::new();
    let mut line_before = 0;
    loop {
        match reader.next_row() {
            Ok(None) => return Ok(rows),
            Ok(Some(row)) => {
                assert!(row.line > line_before, "rows come in the order of the file");
                line_before = row.line;
                planner.judge(&row, History::New);
                rows.push(row);
            }
            Err(error) if error.leaves_more_to_read() => {
                let line = error.line().unwrap_or_default();
                assert!(line > line_before, "an error names its own line");
                line_before = line;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// What Zia found, whatever it is: a file for the CRM in which no cell opens a formula and nothing
/// is lost, and a sheet for reading in which no text is longer than a screen.
pub(crate) fn enriched(bytes: &[u8]) {
    let Ok(found) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let Ok(record) = "5725767000003019012".parse::<RecordId>() else {
        return;
    };
    let [guarded, raw] = [Cells::Guarded, Cells::Raw].map(|cells| {
        let mut file = WriteBack::new(Vec::new(), cells).unwrap_or_else(|e| panic!("{e}"));
        let written = file
            .write(&record, &found)
            .unwrap_or_else(|e| panic!("{e}"));
        let csv = file.finish().unwrap_or_default();
        // Under another name it is a file as any other, and its cells are read as they stand.
        let csv = String::from_utf8_lossy(&csv).replacen("Record Id", "Record", 1);
        (written, cells_of(csv.as_bytes()))
    });
    assert_eq!(guarded.0, raw.0);
    let (Ok(guarded), Ok(raw)) = (&guarded.1, &raw.1) else {
        // The reader takes cells of a bounded size and without NUL; the file is written all the
        // same.
        return;
    };
    assert_eq!(guarded.len(), raw.len());
    for (row, plain) in guarded.iter().zip(raw) {
        assert_eq!(row.len(), plain.len());
        for (cell, plain) in row.iter().zip(plain) {
            assert!(!opens_a_formula(cell), "{cell:?}");
            assert_eq!(unguarded(cell), plain.as_str());
        }
    }
    for section in job::sections(&found) {
        assert!(!section.lines.is_empty());
        for (label, text) in &section.lines {
            assert!(!(label.is_empty() && text.is_empty()));
            assert!(label.chars().count() + text.chars().count() <= 3_000);
        }
    }
}

fn opens_a_formula(cell: &str) -> bool {
    let first = cell.chars().next();
    first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋'))
}
