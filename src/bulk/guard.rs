//! Formula protection: a cell of an export is text, whatever opens it.
//!
//! A spreadsheet takes a cell that starts with `=`, `+`, `-` or `@` for a formula, and a formula
//! may fetch, run or send things (T20). Such a start, also behind white space and on any line of
//! a cell, gets an apostrophe before it. So does an apostrophe that already stands there, which
//! makes the rule reversible: [`unguarded`] gives back exactly what [`guarded`] was given.

use std::borrow::Cow;

const APOSTROPHE: char = '\'';

/// The cell with an apostrophe before everything that could open a formula.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if !lines(cell).any(|(index, line)| needs_guard(index, line)) {
        return Cow::Borrowed(cell);
    }
    let mut safe = String::with_capacity(cell.len() + 1);
    for (index, line) in lines(cell) {
        if needs_guard(index, line) {
            safe.push(APOSTROPHE);
        }
        safe.push_str(line);
    }
    Cow::Owned(safe)
}

/// The cell as it was before [`guarded`].
pub fn unguarded(cell: &str) -> Cow<'_, str> {
    if !cell.contains(APOSTROPHE) {
        return Cow::Borrowed(cell);
    }
    let plain = lines(cell).map(|(index, line)| match line.strip_prefix(APOSTROPHE) {
        Some(rest) if needs_guard(index, line) => rest,
        Some(_) | None => line,
    });
    Cow::Owned(plain.collect())
}

/// The lines of a cell, each with its number and its end.
fn lines(cell: &str) -> impl Iterator<Item = (usize, &str)> {
    cell.split_inclusive(['\n', '\r']).enumerate()
}

fn needs_guard(index: usize, line: &str) -> bool {
    let text = line.trim_start_matches(APOSTROPHE);
    // White space alone opens a formula in some readers, but only at the start of a cell.
    let opens_cell = index == 0 && text.starts_with(['\t', '\r', '\n']);
    let first = text
        .trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}')
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
    fn a_cell_opens_no_formula(#[case] cell: &str, #[case] expected: &str) {
        assert_eq!(guarded(cell), expected);
        assert_eq!(unguarded(expected), cell);
    }

    proptest! {
        #[test]
        fn the_guard_is_reversible(cell in "['=+@ \t\r\na＝-]{0,12}|\\PC{0,12}") {
            let safe = guarded(&cell);

            prop_assert_eq!(unguarded(&safe), cell.as_str());
        }

        #[test]
        fn nothing_guarded_opens_a_formula(cell in "['=+@ \t\r\na-]{0,12}") {
            for line in guarded(&cell).split(['\n', '\r']) {
                prop_assert!(!line.trim_start().starts_with(['=', '+', '-', '@']), "{:?}", line);
            }
        }
    }
}
