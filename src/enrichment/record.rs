//! A record's id as people have it: as the CRM exports it, and as spreadsheets dress it up.

use std::borrow::Cow;

use super::identity::cleaned;

/// The id in a text: without the `zcrm_` of the CRM's own exports, and without the apostrophe, the
/// `="…"` and the `.0` of spreadsheets. What is left may still be no id.
pub fn record_id(text: &str) -> Cow<'_, str> {
    match cleaned(text) {
        Cow::Borrowed(text) => Cow::Borrowed(undressed(text)),
        Cow::Owned(text) => Cow::Owned(undressed(&text).to_owned()),
    }
}

/// Digits that an id of a record has at least: those of the oldest organisations.
const DIGITS_LEAST: usize = 13;

/// Whether a text can be an id of a record of Zoho CRM, also one that a spreadsheet has spoilt: ids of other
/// systems are shorter, or have letters.
pub fn may_be_record(text: &str) -> bool {
    let id = record_id(text);
    let is_dressed = cleaned(text).to_ascii_lowercase().contains("zcrm_");
    let is_digits = id.len() >= DIGITS_LEAST && id.bytes().all(|b| b.is_ascii_digit());
    is_dressed || is_digits || super::doubt::of_record_id(&id).is_some()
}

fn undressed(text: &str) -> &str {
    let mut text = text;
    while let Some(inner) = without_one(text) {
        text = inner.trim();
    }
    text
}

fn without_one(text: &str) -> Option<&str> {
    let quoted = text.strip_prefix('=').unwrap_or(text);
    let quoted = quoted.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let has_prefix = |prefix: &&str| prefix.eq_ignore_ascii_case("zcrm_");
    let exported = text
        .split_at_checked(5)
        .filter(|(prefix, _)| has_prefix(prefix))
        .map(|(_, id)| id);
    let is_digits = |t: &&str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let whole = text
        .split_once('.')
        .filter(|(_, zeros)| !zeros.is_empty() && zeros.bytes().all(|b| b == b'0'))
        .map(|(id, _)| id)
        .filter(is_digits);
    quoted
        .or_else(|| text.strip_prefix('\''))
        .or(exported)
        .or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("5725767000003019012", "5725767000003019012")]
    #[case(" zcrm_5725767000003019012\u{a0}", "5725767000003019012")]
    #[case("ZCRM_42", "42")]
    #[case("'5725767000003019012", "5725767000003019012")]
    #[case("=\"5725767000003019012\"", "5725767000003019012")]
    #[case("\"zcrm_42\"", "42")]
    #[case("'zcrm_42", "42")]
    #[case("5725767000003019012.0", "5725767000003019012")]
    #[case("42.00", "42")]
    #[case("42.5", "42.5")]
    #[case("5.72577E+18", "5.72577E+18")]
    #[case("zcrm_", "")]
    #[case("12a", "12a")]
    #[case("=\"", "=\"")]
    #[case("", "")]
    fn an_id_is_read_through_its_dress(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(record_id(text), expected);
    }
}
