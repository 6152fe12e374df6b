//! What was left out or taken differently while a file was read: said, so that nobody has to guess.

use serde_json::{Value, json};

use crate::base::counted;

/// What was done to a file that is not quite a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// The line on which the header begins; 0 where there is none.
    pub header_line: u64,
    /// Lines above the header that are no part of the table.
    pub above: u64,
    /// Whether each line was in quotes as a whole.
    pub is_quoted_whole: bool,
    /// Columns on the right without a name and without anything in them.
    pub nameless_columns: u64,
    /// Rows without anything in them.
    pub empty_rows: u64,
    /// Rows that are nothing but names of columns: the header once more.
    pub header_rows: u64,
    /// Rows with more cells than the header, all of them empty.
    pub long_rows: u64,
    /// Rows with fewer cells than the header.
    pub short_rows: u64,
    /// Cells in which a blank that is none, or a sign that cannot be seen, is sent as a plain blank or
    /// left out.
    pub odd_blanks: u64,
    /// Cells with a typographic apostrophe or dash.
    pub typographic: u64,
    /// Whether these are sent as ASCII.
    pub is_ascii: bool,
}

impl Reading {
    /// Each in a sentence; nothing of a file that is plain.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |count: u64, sentence: String| {
            if count > 0 {
                lines.push(sentence);
            }
        };
        say(
            self.above,
            format!(
                "the header is line {}; what stands above it is left out: {}",
                self.header_line,
                counted(self.above, "line")
            ),
        );
        say(
            self.is_quoted_whole.into(),
            "every line was in quotes as a whole: read as the line inside".to_owned(),
        );
        say(
            self.nameless_columns,
            format!(
                "{} without a name and without anything in them left out",
                counted(self.nameless_columns, "column")
            ),
        );
        say(
            self.empty_rows,
            format!("{} left out", counted(self.empty_rows, "empty row")),
        );
        say(
            self.header_rows,
            format!(
                "{} left out: the header once more",
                counted(self.header_rows, "row")
            ),
        );
        say(
            self.long_rows,
            format!(
                "{} with more cells than the header: what is too much is empty, and left out",
                counted(self.long_rows, "row")
            ),
        );
        say(
            self.short_rows,
            format!(
                "{} with fewer cells than the header: what is missing is taken as empty",
                counted(self.short_rows, "row")
            ),
        );
        say(
            self.odd_blanks,
            format!(
                "{} with a blank of another kind or an invisible sign: sent as a plain blank, or without it",
                counted(self.odd_blanks, "cell")
            ),
        );
        let cells = counted(self.typographic, "cell");
        say(
            self.typographic,
            match self.is_ascii {
                true => format!("{cells} with a typographic apostrophe or dash: sent as ' or -"),
                false => format!(
                    "{cells} with a typographic apostrophe or dash, which may be refused: --ascii-punctuation sends ' or -"
                ),
            },
        );
        lines
    }

    /// The same for a program.
    pub fn json(&self) -> Value {
        json!({
            "header_line": self.header_line,
            "lines_above": self.above,
            "quoted_lines": self.is_quoted_whole,
            "nameless_columns": self.nameless_columns,
            "empty_rows": self.empty_rows,
            "header_rows": self.header_rows,
            "long_rows": self.long_rows,
            "short_rows": self.short_rows,
            "odd_blanks": self.odd_blanks,
            "typographic": self.typographic,
        })
    }
}
