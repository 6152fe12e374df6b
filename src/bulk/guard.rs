//! Formula protection: a cell of an export is text, whatever opens it.
//!
//! A spreadsheet takes a cell that starts with `=`, `+`, `-` or `@` for a formula, and a formula
//! may fetch, run or send things (T20). It also splits a file at what it takes for the separator,
//! whatever the file was written with, and its quotes then stand inside of cells and hold nothing
//! together. So every part that a separator or a line break leaves is looked at by itself:
//!
//! ```text
//!   x;=1    in a file with commas ─► x;'=1     a reader of semicolons splits it: │x│'=1│
//!   a, b    Smith; John    a@b.example; c@d.example     nothing starts a formula: as they are
//! ```
//!
//! A part that would start one, also behind white space and, inside a cell, behind quotes, gets an
//! apostrophe before it. So does an apostrophe that already stands there, which makes the rule
//! reversible: [`unguarded`] gives back exactly what [`guarded`] was given.

use std::borrow::Cow;

const APOSTROPHE: char = '\'';
/// What a spreadsheet may split a line at, and what ends a line. An apostrophe is none of them.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\n', '\r'];

/// The cell with an apostrophe before everything that could open a formula.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if !parts(cell).any(|(index, part)| needs_guard(index, part)) {
        return Cow::Borrowed(cell);
    }
    let mut safe = String::with_capacity(cell.len() + 1);
    for (index, part) in parts(cell) {
        if needs_guard(index, part) {
            safe.push(APOSTROPHE);
        }
        safe.push_str(part);
    }
    Cow::Owned(safe)
}

/// The cell as it was before [`guarded`].
pub fn unguarded(cell: &str) -> Cow<'_, str> {
    if !cell.contains(APOSTROPHE) {
        return Cow::Borrowed(cell);
    }
    let plain = parts(cell).map(|(index, part)| match part.strip_prefix(APOSTROPHE) {
        Some(rest) if needs_guard(index, part) => rest,
        Some(_) | None => part,
    });
    Cow::Owned(plain.collect())
}

/// The parts of a cell, each with its number and the separator that ends it.
fn parts(cell: &str) -> impl Iterator<Item = (usize, &str)> {
    cell.split_inclusive(SEPARATORS).enumerate()
}

/// The answer is the same with and without apostrophes before the part: that is what makes the
/// guard reversible.
fn needs_guard(index: usize, part: &str) -> bool {
    let is_first = index == 0;
    let text = part.trim_start_matches(APOSTROPHE);
    // White space alone opens a formula in some readers, but only at the start of a cell.
    let opens_cell = is_first && text.starts_with(['\t', '\r', '\n']);
    let first = text
        .trim_start_matches(|c: char| {
            let is_blank = c.is_whitespace() || c.is_control() || c == '\u{feff}';
            // The quotes of a cell are doubled in the file. Where it is split inside of them, two at
            // the start of a part are an empty quotation, and what follows stands in front.
            is_blank || (!is_first && c == '"')
        })
        .chars()
        .next();
    opens_cell
        || first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::text("Ada", "Ada")]
    #[case::nothing("", "")]
    #[case::formula(
        "=HYPERLINK(\"http://evil.example\")",
        "'=HYPERLINK(\"http://evil.example\")"
    )]
    #[case::phone("+44 20 7946 0000", "'+44 20 7946 0000")]
    #[case::behind_spaces("  @SUM(A1)", "'  @SUM(A1)")]
    #[case::tab("\tx", "'\tx")]
    #[case::line_break("\nx", "'\nx")]
    #[case::second_line("a\n-b", "a\n'-b")]
    #[case::full_width("＝1", "'＝1")]
    #[case::byte_order_mark("\u{feff}=1", "'\u{feff}=1")]
    #[case::apostrophe_of_its_own("'=1", "''=1")]
    #[case::harmless_apostrophe("'tis", "'tis")]
    #[case::minus_inside("a-b", "a-b")]
    #[case::behind_a_semicolon("x;=cmd|'/c calc'!A1", "x;'=cmd|'/c calc'!A1")]
    #[case::behind_a_comma("x,=1", "x,'=1")]
    #[case::behind_a_tab("x\t=1", "x\t'=1")]
    #[case::behind_a_bar("x|=1", "x|'=1")]
    #[case::behind_a_separator_and_spaces("x; =1", "x;' =1")]
    #[case::behind_a_separator_and_quotes("x;\"=1\"", "x;'\"=1\"")]
    #[case::every_part("=1;+2,-3|@4", "'=1;'+2,'-3|'@4")]
    #[case::tabs_in_a_row("\t\t=1", "'\t\t'=1")]
    #[case::apostrophe_behind_a_separator("x;'=1", "x;''=1")]
    #[case::harmless_apostrophe_behind_a_separator("rock;'n;'roll", "rock;'n;'roll")]
    #[case::quoted_alone("\"=1\"", "\"=1\"")]
    #[case::list("a, b", "a, b")]
    #[case::name("Smith; John", "Smith; John")]
    #[case::addresses("a@b.example; d@e.example", "a@b.example; d@e.example")]
    #[case::spaced_minus("Sales - EMEA, 2-4|5", "Sales - EMEA, 2-4|5")]
    #[case::json("{\"a\":\"=1\",\"b\":-2}", "{\"a\":\"=1\",\"b\":-2}")]
    #[case::dash("-", "'-")]
    #[case::handle("@ada", "'@ada")]
    #[case::phones("+41 1; +41 2", "'+41 1;' +41 2")]
    fn a_cell_opens_no_formula(#[case] cell: &str, #[case] expected: &str) {
        assert_eq!(guarded(cell), expected);
        assert_eq!(unguarded(expected), cell);
    }

    /// What readers take for a line of cells and for a cell, written without the code under test.
    fn opens_a_formula(cell: &str) -> bool {
        cell.trim_start().starts_with(['=', '+', '-', '@'])
    }

    /// The cells of a file as a reader with this separator splits it that honours quotes only where
    /// a cell begins with one, as spreadsheets do.
    fn split(file: &str, separator: char) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut chars = file.chars().peekable();
        let (mut is_start, mut is_quoted) = (true, false);
        while let Some(c) = chars.next() {
            match c {
                '"' if is_quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                }
                '"' if is_quoted => {
                    is_quoted = false;
                    continue;
                }
                '"' if is_start => {
                    (is_start, is_quoted) = (false, true);
                    continue;
                }
                _ if !is_quoted && (c == separator || c == '\n' || c == '\r') => {
                    cells.push(String::new());
                    is_start = true;
                    continue;
                }
                _ => {}
            }
            is_start = false;
            cells.last_mut().unwrap().push(c);
        }
        cells
    }

    proptest! {
        /// Whatever a file is written with and whatever it is split at.
        #[test]
        fn no_cell_opens_a_formula_however_a_file_is_split(
            rows in prop::collection::vec(prop::collection::vec("['\"=+@;,|\t\r\n a-]{0,10}", 3), 1..4),
            written in prop::sample::select(vec![b',', b';', b'\t', b'|']),
            quotes in prop::sample::select(vec![csv::QuoteStyle::Necessary, csv::QuoteStyle::Always]),
        ) {
            let mut writer = csv::WriterBuilder::new()
                .delimiter(written).quote_style(quotes).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row.iter().map(|cell| guarded(cell).into_owned())).unwrap();
            }
            let file = String::from_utf8(writer.into_inner().unwrap()).unwrap();

            for separator in [',', ';', '\t', '|'] {
                for cell in split(&file, separator) {
                    prop_assert!(!opens_a_formula(&cell), "{cell:?} of {file:?} at {separator:?}");
                }
            }
        }

        #[test]
        fn the_guard_is_reversible(cell in "['\"=+@;,| \t\r\na＝-]{0,12}|\\PC{0,12}") {
            let safe = guarded(&cell);

            prop_assert_eq!(unguarded(&safe), cell.as_str());
        }

        #[test]
        fn what_opens_no_formula_is_left_alone(cell in "[\"'a; ,|b@=-]{0,12}") {
            let is_harmless = !cell.split([';', ',', '|'])
                .any(|part| part.trim_start_matches(['\'', '"', ' ']).starts_with(['=', '-', '@']));

            prop_assert!(!is_harmless || guarded(&cell) == cell);
        }

        #[test]
        fn nothing_guarded_opens_a_formula(cell in "['=+@;,| \t\r\na-]{0,12}") {
            for part in guarded(&cell).split(['\n', '\r', ';', ',', '\t', '|']) {
                prop_assert!(!opens_a_formula(part), "{:?}", part);
            }
        }
    }
}
