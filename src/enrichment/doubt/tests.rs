mod doubtful;
mod meant;

use proptest::prelude::*;
use rstest::rstest;

use self::doubtful::DOUBTFUL;
use self::meant::MEANT;
use super::*;
use DoubtWord as Word;

fn words(kind: EnrichmentKind, field: Field, value: &str) -> Vec<Word> {
    let mut draft = Draft::new(kind, "Leads");
    draft.set(field, value);
    let found = doubts(&draft);
    assert!(
        found
            .iter()
            .all(|doubt| doubt.place == FieldRef::Input(field))
    );
    found.into_iter().map(|doubt| doubt.word).collect()
}

#[test]
fn what_cannot_be_meant_is_doubted() {
    let mut wrong = Vec::new();
    for (word, field, values) in DOUBTFUL {
        for value in *values {
            let found = words(EnrichmentKind::People, *field, value);

            if found != [*word] {
                wrong.push(format!("{field} {value:?}: {found:?} for {word:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_doubt_of_an_input_has_its_lines() {
    for word in Word::ALL {
        let is_of_record = matches!(word, Word::RoundedId | Word::ExponentId);
        let is_told = DOUBTFUL
            .iter()
            .any(|(told, _, values)| *told == word && values.len() >= 5);

        assert!(is_told || is_of_record, "{word:?}");
        assert!(!word.hint().contains("  ") && !word.hint().ends_with('.'));
        assert!(
            word.as_str()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_')
        );
    }
}

#[test]
fn what_is_unusual_is_not_doubted() {
    let mut wrong = Vec::new();
    for (field, values) in MEANT {
        for value in *values {
            let found = words(EnrichmentKind::People, *field, value);

            if !found.is_empty() {
                wrong.push(format!("{field} {value:?}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[rstest]
#[case("247", &[])]
#[case("Coffee @ Home", &[])]
#[case("Who's Next?", &[])]
#[case("info@acme.example", &[Word::EmailAsName])]
#[case("M?ller GmbH", &[Word::LostLetters])]
#[case("N/A", &[Word::Placeholder])]
fn the_name_of_an_organisation_may_be_stranger_than_a_persons(
    #[case] name: &str,
    #[case] expected: &[Word],
) {
    assert_eq!(words(EnrichmentKind::Org, Field::Name, name), expected);
}

#[rstest]
#[case("5725767000003010000", Some(Word::RoundedId))]
#[case("5725767000003000000", Some(Word::RoundedId))]
#[case("zcrm_5725767000003010000", Some(Word::RoundedId))]
#[case("5725767000003010000.0", Some(Word::RoundedId))]
#[case("410888000000698000", Some(Word::RoundedId))]
#[case("4108880000006980000", Some(Word::RoundedId))]
#[case("5000000000000000000", Some(Word::RoundedId))]
#[case("5.72577E+18", Some(Word::ExponentId))]
#[case("5.54E+17", Some(Word::ExponentId))]
#[case("5,54E+17", Some(Word::ExponentId))]
#[case("5e18", Some(Word::ExponentId))]
#[case("'5.54E+17", Some(Word::ExponentId))]
#[case("zcrm_5.54e17", Some(Word::ExponentId))]
#[case("5725767000003019012", None)]
#[case("5725767000003019010", None)]
#[case("572576700000301", None)]
#[case("1000", None)]
#[case("", None)]
#[case("me", None)]
#[case("1a2", None)]
fn an_id_that_a_spreadsheet_spoiled_is_doubted(#[case] id: &str, #[case] expected: Option<Word>) {
    let mut draft = Draft::new(EnrichmentKind::People, "Leads");
    draft.set(Field::Email, "ada@acme.example");
    draft.record_id = id.to_owned();

    let found = doubts(&draft);

    assert!(found.iter().all(|doubt| doubt.place == FieldRef::RecordId));
    assert_eq!(found.first().map(|doubt| doubt.word), expected);
}

#[rstest]
#[case("NULL", true)]
#[case(" n/a ", true)]
#[case("\u{a0}-\u{a0}", true)]
#[case("NA", true)]
#[case("#REF!", true)]
#[case("???", true)]
#[case("Na", false)]
#[case("", false)]
#[case("  ", false)]
#[case("Nullius", false)]
#[case("N/A Brewing", false)]
#[case("0", false)]
#[case("ada@acme.example", false)]
fn a_cell_that_holds_only_a_placeholder_is_known(#[case] cell: &str, #[case] expected: bool) {
    assert_eq!(is_placeholder(cell), expected);
}

proptest! {
    #[test]
    fn ordinary_people_raise_no_doubt(
        first in "[A-Z][a-z]{2,9}", last in "[A-Z][a-z]{2,9}(-[A-Z][a-z]{2,6})?",
        firm in "[a-z]{4,12}[0-9]{0,3}", number in 1_u32..10_000, id in 1_u64..1_000_000_000,
    ) {
        let slug = format!("{}-{}-{number}", first.to_lowercase(), last.to_lowercase());
        let mut draft = Draft::new(EnrichmentKind::People, "Leads");
        draft.record_id = format!("5725767{:012}", id * 100 + 12);
        for (field, value) in [
            (Field::Name, format!("{first} {last}")),
            (Field::Email, format!("{first}.{last}@{firm}.example")),
            (Field::Company, format!("{firm} {last} & Co.")),
            (Field::Website, format!("https://www.{firm}.example/")),
            (Field::Linkedin, format!("https://www.linkedin.com/in/{slug}/")),
            (Field::Twitter, format!("@{first}_{number}")),
            (Field::Facebook, format!("https://facebook.com/{slug}")),
        ] {
            draft.set(field, &value);
        }

        prop_assert_eq!(doubts(&draft), vec![]);
        draft.kind = EnrichmentKind::Org;
        prop_assert_eq!(doubts(&draft), vec![]);
    }

    #[test]
    fn any_text_can_be_judged(value in "\\PC{0,24}") {
        let _ = is_placeholder(&value);
        for kind in EnrichmentKind::ALL {
            for field in Field::of(kind) {
                let _ = words(kind, *field, &value);
            }
        }
    }
}
