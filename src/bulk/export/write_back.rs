//! What was found, as a file that the CRM can import: the record's id, then the enriched fields
//! under the labels that its own records carry.
//!
//! It refuses to write a row without a record or without anything found: an import would make a
//! new record of the one, and empty the fields of the other.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::Value;

use super::{enriched, guarded, io_error};
use crate::base::RecordId;
use crate::bulk::columns;

/// Writes a file for the CRM.
pub struct WriteBack<W: Write> {
    writer: csv::Writer<W>,
    cell: fn(&str) -> Cow<'_, str>,
}

/// Whether cells are held down that a spreadsheet would take for formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// They are.
    Guarded,
    /// They are as they were found: for the import itself.
    Raw,
}

impl<W: Write> WriteBack<W> {
    /// Begins the file with its header.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(out: W, cells: Cells) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer
            .write_record(columns::write_back())
            .map_err(io_error)?;
        let cell: fn(&str) -> Cow<'_, str> = match cells {
            Cells::Guarded => guarded,
            Cells::Raw => |cell| cell.into(),
        };
        Ok(Self { writer, cell })
    }

    /// Writes what was found for a record; answers whether there was anything.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, record: &RecordId, found: &Value) -> io::Result<bool> {
        let cells = enriched::cells(found);
        if cells.iter().all(String::is_empty) {
            return Ok(false);
        }
        let row = [record.as_str()]
            .into_iter()
            .chain(cells.iter().map(String::as_str));
        let row = row.map(|text| (self.cell)(text).into_owned().into_bytes());
        self.writer.write_record(row).map_err(io_error)?;
        Ok(true)
    }

    /// Ends the file and hands the writer back, everything written.
    ///
    /// # Errors
    /// When the last of it cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_is_the_record_and_what_was_found_and_never_empty() {
        let mut file = WriteBack::new(Vec::new(), Cells::Guarded).unwrap();
        let record: RecordId = "5725767000003019012".parse().unwrap();

        let full = file.write(&record, &json!({"first_name": "Ada", "website": "=x()"}));
        let empty = file.write(&record, &json!({"first_name": null}));

        assert_eq!((full.unwrap(), empty.unwrap()), (true, false));
        let text = String::from_utf8(file.finish().unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("Record Id,First Name,Last Name,Title,"));
        assert_eq!(lines[1], "5725767000003019012,Ada,,,,,,'=x(),,,,,,,");
        assert_eq!(lines.len(), 2);
    }
}
