//! Values that cannot be meant: what nobody is reached or found by, and yet stands in forms and
//! files. The API takes most of them and a unit is spent for nothing.
//!
//! Judged is the [canonical form](super::identity), so that no spelling hides a doubt; the API's
//! own patterns are not enforced. The lists are data.

mod lists;
pub(super) mod values;
pub(super) mod word;

pub use word::DoubtWord;

use self::values::is_nothing;
use super::draft::Draft;
use super::field::Field;
use super::identity::{as_written, cleaned};
use super::record::record_id;
use super::validate::FieldRef;
use crate::base::EnrichmentKind;

/// One thing that is doubtful about a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Where.
    pub place: FieldRef,
    /// What.
    pub word: DoubtWord,
    /// What is wrong and what to do, in one sentence.
    pub hint: String,
}

impl Doubt {
    fn new(place: FieldRef, word: DoubtWord) -> Self {
        Self {
            place,
            word,
            hint: word.hint().to_owned(),
        }
    }
}

/// Everything that is doubtful about a draft, the record's id first.
pub fn doubts(draft: &Draft) -> Vec<Doubt> {
    let record = of_record_id(&record_id(&draft.record_id));
    let inputs = Field::of(draft.kind).iter().filter_map(|field| {
        let value = draft.value(*field);
        if cleaned(value).is_empty() {
            return None;
        }
        // What is around an address is no part of whom it names, and is sent all the same.
        let word = word_of(draft.kind, *field, &as_written(*field, value))?;
        Some(Doubt::new(FieldRef::Input(*field), word))
    });
    record
        .map(|word| Doubt::new(FieldRef::RecordId, word))
        .into_iter()
        .chain(inputs)
        .collect()
}

/// Digits that a spreadsheet keeps of a number.
const SPREADSHEET_DIGITS: usize = 15;

/// What is doubtful about a record's id.
pub(super) fn of_record_id(id: &str) -> Option<DoubtWord> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((front, power)) = id.split_once(['e', 'E']) {
        let power = power.strip_prefix('+').unwrap_or(power);
        let digits: String = front.chars().filter(|c| !matches!(c, '.' | ',')).collect();
        return (is_digits(&digits) && is_digits(power)).then_some(DoubtWord::ExponentId);
    }
    // A single zero ends every tenth id; two and more behind the fifteenth digit are no chance.
    let lost = id.get(SPREADSHEET_DIGITS..).unwrap_or_default();
    let is_rounded = is_digits(id) && lost.len() >= 2 && lost.bytes().all(|b| b == b'0');
    is_rounded.then_some(DoubtWord::RoundedId)
}

/// Whether a text holds nothing but a word or signs that stand for nothing.
pub fn is_placeholder(value: &str) -> bool {
    let value = cleaned(value);
    // `NA` is what R writes, and Na is a family.
    value == "NA" || is_nothing(&value.to_lowercase())
}

/// What is doubtful about a canonical value that is not empty.
pub(super) fn word_of(kind: EnrichmentKind, field: Field, value: &str) -> Option<DoubtWord> {
    if is_nothing(value) || value == "na" {
        return Some(DoubtWord::Placeholder);
    }
    (field.input().doubt)(kind, value)
}

/// Whether a letter of a value was lost before it came here: then its encoding is no matter of language.
pub(super) fn has_lost_letters(kind: EnrichmentKind, field: Field, value: &str) -> bool {
    word_of(kind, field, &as_written(field, value)) == Some(DoubtWord::LostLetters)
}

#[cfg(test)]
mod tests;
