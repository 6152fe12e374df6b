//! What a fuzzer calls: bytes in, promises checked.
//!
//! The same functions run in `tests/fuzz.rs` on the seeds and on some random input, so that they
//! stay true without a nightly compiler. To search further:
//! `cargo +nightly fuzz run shown fuzz/corpus/shown fuzz/seeds/shown`.

use ziadeck::base::{Shown, Timestamp, limits, retry_after};
use ziadeck::bulk::export::unguarded;
use ziadeck::bulk::rows::Layout;
use ziadeck::bulk::{
    ExportFormat, ExportRow, Exporter, History, Planner, ReadOptions, RowReader, RowsError, Units,
};
use ziadeck::enrichment::Known;

/// The sanitiser: what it makes is safe, stays as it is, and is as wide as it says.
pub(crate) fn shown(bytes: &[u8]) {
    let raw = String::from_utf8_lossy(bytes);
    let line = Shown::new(&raw);
    assert!(!line.as_str().chars().any(char::is_control));
    assert_eq!(Shown::new(line.as_str()), line);
    let columns = bytes.len() % 40;
    let cut = line.truncate(columns);
    assert!(cut.width() <= columns);
    assert_eq!(Shown::new(cut.as_str()), cut);
    for line in Shown::block(&raw) {
        assert_eq!(Shown::new(line.as_str()), line);
    }
}

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
        let row = ExportRow {
            row: ziadeck::base::RowNumber(i64::try_from(index).unwrap_or(i64::MAX)),
            original,
            outcome: "pending",
            code: None,
            job_id: None,
            attempt: None,
            enriched: None,
        };
        exporter.write(&row).map_err(text)?;
    }
    let csv = exporter.finish().map_err(text)?;
    let mut options = ReadOptions {
        layout: Layout::Csv,
        delimiter: Some(','),
        ..ReadOptions::default()
    };
    // The export has more columns that read like inputs; one of its own is enough.
    for target in [
        "name", "email", "company", "website", "linkedin", "twitter", "facebook",
    ] {
        options
            .mapping
            .constants
            .push(format!("{target}=x").parse()?);
    }
    for target in ["module", "record_id"] {
        options
            .mapping
            .constants
            .push(format!("{target}=x").parse()?);
    }
    let mut reader = RowReader::open(csv.as_slice(), options).map_err(|e| e.to_string())?;
    let mut back = Vec::new();
    loop {
        match reader.next_row() {
            Ok(Some(row)) => {
                let cells = row.original.iter().take(headers.len());
                back.push(cells.map(|cell| unguarded(cell).into_owned()).collect());
            }
            Ok(None) | Err(RowsError::HeaderOnly) => return Ok(back),
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// A header of a server: whatever it says, the wait is within bounds.
pub(crate) fn retry_after(bytes: &[u8]) {
    let (clock, text) = bytes.split_at(bytes.len().min(4));
    let seconds = clock
        .iter()
        .fold(0, |sum, byte| sum * 256 + i64::from(*byte));
    let now = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let wait = retry_after::parse(&String::from_utf8_lossy(text), now);
    assert!((limits::RETRY_AFTER_MIN..=limits::RETRY_AFTER_MAX).contains(&wait));
}
