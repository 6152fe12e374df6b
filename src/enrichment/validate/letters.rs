//! The letters of a text that are not English, as a sentence names them.

use crate::enrichment::identity::composed;

/// How many are named; the rest is an ellipsis.
const NAMED_MAX: usize = 8;

/// Signs that word processors put in place of what was typed.
const TYPOGRAPHIC: &[(char, &str)] = &[
    ('\u{2018}', "a typographic apostrophe"),
    ('\u{2019}', "a typographic apostrophe"),
    ('\u{201a}', "a typographic quotation mark"),
    ('\u{201c}', "a typographic quotation mark"),
    ('\u{201d}', "a typographic quotation mark"),
    ('\u{201e}', "a typographic quotation mark"),
    ('\u{2010}', "a typographic hyphen"),
    ('\u{2011}', "a typographic hyphen"),
    ('\u{2012}', "a typographic dash"),
    ('\u{2013}', "a typographic dash"),
    ('\u{2014}', "a typographic dash"),
    ('\u{2015}', "a typographic dash"),
    ('\u{2212}', "a minus sign"),
    ('\u{2026}', "three dots in one"),
];

/// Every letter and sign beyond ASCII, each once, in the order in which they stand.
pub(super) fn not_english(value: &str) -> String {
    let mut found: Vec<char> = Vec::new();
    for letter in composed(value).chars().filter(|c| !c.is_ascii()) {
        if !found.contains(&letter) {
            found.push(letter);
        }
    }
    let is_cut = found.len() > NAMED_MAX;
    let names = found.into_iter().take(NAMED_MAX).map(named);
    let ellipsis = is_cut.then(|| "\u{2026}".to_owned());
    names.chain(ellipsis).collect::<Vec<_>>().join(", ")
}

/// A letter as itself, a sign with its name, and what cannot be seen alone by its number.
fn named(letter: char) -> String {
    let number = format!("U+{:04X}", u32::from(letter));
    match TYPOGRAPHIC.iter().find(|(sign, _)| *sign == letter) {
        Some((_, name)) => format!("{letter} ({name}, {number})"),
        None if letter.is_alphanumeric() => letter.to_string(),
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Zo\u{eb} M\u{fc}ller", "\u{eb}, \u{fc}")]
    #[case("zoe\u{308} ZO\u{cb} zo\u{eb}", "\u{eb}, \u{cb}")]
    #[case("\u{5c71}\u{7530}\u{5c71}", "\u{5c71}, \u{7530}")]
    #[case("O\u{2019}Brien", "\u{2019} (a typographic apostrophe, U+2019)")]
    #[case("Ada\u{2013}Lovelace", "\u{2013} (a typographic dash, U+2013)")]
    #[case("Ada\u{2010}Lovelace", "\u{2010} (a typographic hyphen, U+2010)")]
    #[case("Ada\u{2028}Lovelace", "U+2028")]
    #[case("Ada \u{1f600}", "U+1F600")]
    #[case(
        "\u{43}\u{430}\u{431}\u{432}\u{433}\u{434}\u{435}\u{436}\u{437}\u{438}",
        "\u{430}, \u{431}, \u{432}, \u{433}, \u{434}, \u{435}, \u{436}, \u{437}, \u{2026}"
    )]
    fn letters_are_named_each_once(#[case] value: &str, #[case] expected: &str) {
        assert_eq!(not_english(value), expected);
    }
}
