use proptest::prelude::*;
use rstest::rstest;

use super::*;
use DoubtWord as Word;

fn words(kind: EnrichmentKind, field: Field, value: &str) -> Vec<Word> {
    let mut draft = Draft::new(kind, "Leads");
    draft.set(field, value);
    let found = doubts(&draft);
    assert!(found.iter().all(|doubt| doubt.place == Place::Input(field)));
    found.into_iter().map(|doubt| doubt.word).collect()
}

/// Kind of doubt, place, and values that raise it.
const DOUBTFUL: &[(Word, Field, &[&str])] = &[
    (
        Word::Placeholder,
        Field::Email,
        &[
            "NULL",
            "null",
            "none",
            "None",
            "n/a",
            "N/A",
            "#N/A",
            "#REF!",
            "-",
            "---",
            "\u{2014}",
            "unknown",
            "?",
            ".",
            "(null)",
            "\\N",
            "N.A.",
            "undefined",
            "NaN",
            "not available",
            "\u{a0}N/A\u{200b} ",
            "no email",
        ],
    ),
    (
        Word::Placeholder,
        Field::Name,
        &["NULL", "N/A", "#N/A", "#NAME?", "-", "Not Available"],
    ),
    (
        Word::Placeholder,
        Field::Company,
        &["NULL", "n/a", "#REF!", "--", "#VALUE!", "unspecified"],
    ),
    (
        Word::Placeholder,
        Field::Website,
        &["NULL", "n/a", "#N/A", "none", "-", "https://n/a"],
    ),
    (
        Word::Placeholder,
        Field::Linkedin,
        &["NULL", "n/a", "#N/A", "none", "-"],
    ),
    (
        Word::Placeholder,
        Field::Twitter,
        &["NULL", "n/a", "#N/A", "@none", "-", "unknown"],
    ),
    (
        Word::Placeholder,
        Field::Facebook,
        &["NULL", "n/a", "#N/A", "none", "-"],
    ),
    (
        Word::NotAnEmail,
        Field::Email,
        &[
            "ada.acme.example",
            "ada(at)acme.example",
            "ada",
            "ada@acme",
            "ada@@acme.example",
            "@acme.example",
            "ada@",
            "ada @acme.example",
            "ada@acme.example.",
            "ada@.example",
            "ada@acme..example",
            "Ada Lovelace",
            "ada at acme dot example",
            "see notes",
            "ada@acme.example x",
        ],
    ),
    (
        Word::SeveralEmails,
        Field::Email,
        &[
            "ada@acme.example; lin@acme.example",
            "ada@acme.example;lin@acme.example",
            "ada@acme.example, lin@acme.example",
            "ada@acme.example lin@acme.example",
            "ada@acme.example / lin@acme.example",
            "ada@acme.example|lin@acme.example",
            "ada@acme.example;",
            "A <ada@acme.example>, L <lin@acme.example>",
        ],
    ),
    (
        Word::EmailWithMore,
        Field::Email,
        &[
            "Ada Lovelace <ada@acme.example>",
            "<ada@acme.example>",
            "ada@acme.example (home)",
            "\"ada@acme.example\"",
            "'ada@acme.example",
            "ada@acme.example,",
            "ada@acme.example [work]",
            "\u{201c}ada@acme.example\u{201d}",
            "<mailto:ada@acme.example>",
        ],
    ),
    (
        Word::WebAddressAsEmail,
        Field::Email,
        &[
            "https://acme.example",
            "www.acme.example",
            "linkedin.com/in/ada",
            "acme.example/team",
            "HTTP://WWW.ACME.EXAMPLE",
            "https://twitter.com/@ada",
            "facebook.com/ada",
        ],
    ),
    (
        Word::TelephoneAsEmail,
        Field::Email,
        &[
            "+91 98765 43210",
            "(555) 010-9999",
            "5550109999",
            "tel:+15550109999",
            "0049/30/123456",
            "+1.555.010.9999",
            "555-0109 x12",
        ],
    ),
    (
        Word::TestMailbox,
        Field::Email,
        &[
            "noemail@noemail.com",
            "noemail@acme.example",
            "no-email@acme.example",
            "test@test.com",
            "TEST@test.co.uk",
            "test@test.example",
            "none@none.com",
            "abc@abc.com",
            "asdf@asdf.com",
            "a@a.com",
            "xxx@xxx.xx",
            "test@example.com",
            "name@domain.com",
            "mailto:noemail@acme.example",
            "user@example.org",
            "unknown@acme.example",
            "na@na.com",
        ],
    ),
    (
        Word::EmailAsName,
        Field::Name,
        &[
            "ada@acme.example",
            "Ada <ada@acme.example>",
            "@ada",
            "ada@",
            "Ada @ Acme",
            "a@b",
        ],
    ),
    (
        Word::NumberAsName,
        Field::Name,
        &[
            "12345",
            "+91 98765 43210",
            "42",
            "555-0109",
            "2026/11/29",
            "1 2 3",
        ],
    ),
    (
        Word::LostLetters,
        Field::Name,
        &[
            "Jos? Garc?a",
            "Zo\u{fffd} M\u{fffd}ller",
            "Ren?",
            "?ukasz",
            "M?ller",
            "Ada?",
            "\u{fffd}",
        ],
    ),
    (
        Word::LostLetters,
        Field::Company,
        &[
            "M?ller GmbH",
            "Caf\u{fffd} Ltd",
            "Soci?t? Acme",
            "Br?der",
            "\u{fffd}kta",
            "Gl?ck AG",
        ],
    ),
    (
        Word::EmailAsWebsite,
        Field::Website,
        &[
            "ada@acme.example",
            "mailto:ada@acme.example",
            "INFO@ACME.EXAMPLE",
            "https://info@acme.example",
            "info@acme.example/",
            "ada lovelace@acme.example",
        ],
    ),
    (
        Word::OtherHost,
        Field::Linkedin,
        &[
            "twitter.com/ada",
            "https://acme.example/ada",
            "facebook.com/in/ada",
            "xing.com/ada",
            "ada@acme.example",
            "notlinkedin.com/in/ada",
            "linkedin.com.acme.example/in/ada",
            "https://lnkd.in/abc",
        ],
    ),
    (
        Word::OtherHost,
        Field::Twitter,
        &[
            "linkedin.com/in/ada",
            "https://acme.example",
            "ada@acme.example",
            "t.me/ada",
            "mastodon.example/@ada",
            "nottwitter.com/ada",
            "max.com/ada",
        ],
    ),
    (
        Word::OtherHost,
        Field::Facebook,
        &[
            "instagram.com/ada",
            "https://acme.example",
            "ada@acme.example",
            "linkedin.com/in/ada",
            "twitter.com/ada",
            "notfacebook.com/ada",
        ],
    ),
    (
        Word::HostAlone,
        Field::Linkedin,
        &[
            "linkedin.com",
            "https://www.linkedin.com/",
            "de.linkedin.com",
            "linkedin.com/in/",
            "linkedin.com/pub",
            "https://www.linkedin.com/?trk=x",
            "linkedin.com/profile/view",
        ],
    ),
    (
        Word::HostAlone,
        Field::Twitter,
        &[
            "twitter.com",
            "https://x.com/",
            "mobile.twitter.com",
            "www.twitter.com/",
            "x.com",
            "http://twitter.com/#",
        ],
    ),
    (
        Word::HostAlone,
        Field::Facebook,
        &[
            "facebook.com",
            "https://www.facebook.com/",
            "m.facebook.com",
            "fb.com",
            "facebook.com/profile.php",
            "facebook.com/people/",
        ],
    ),
    (
        Word::NotAPerson,
        Field::Linkedin,
        &[
            "linkedin.com/company/acme",
            "https://www.linkedin.com/school/mit/",
            "de.linkedin.com/company/acme/about",
            "linkedin.com/showcase/acme",
            "linkedin.com/groups/123",
            "linkedin.com/jobs/view/1",
            "LINKEDIN.COM/COMPANY/ACME",
            "linkedin.com/company",
        ],
    ),
    (
        Word::NotAPerson,
        Field::Twitter,
        &[
            "x.com/home",
            "twitter.com/intent/tweet",
            "x.com/i/lists/1",
            "twitter.com/share",
            "x.com/login",
            "x.com/settings/account",
        ],
    ),
    (
        Word::NotAPerson,
        Field::Facebook,
        &[
            "facebook.com/groups/acme",
            "facebook.com/pages/acme/123",
            "m.facebook.com/events/1",
            "facebook.com/pg/acme",
            "facebook.com/marketplace",
            "facebook.com/sharer.php",
        ],
    ),
    (
        Word::SearchPage,
        Field::Linkedin,
        &[
            "linkedin.com/search/results/people/?keywords=ada",
            "linkedin.com/search",
            "linkedin.com/pub/dir/ada/lovelace",
            "linkedin.com/sales/search/people",
            "https://www.linkedin.com/search/results/all/?keywords=x",
            "de.linkedin.com/pub/dir",
        ],
    ),
    (
        Word::SearchPage,
        Field::Twitter,
        &[
            "twitter.com/search?q=ada",
            "x.com/search",
            "twitter.com/hashtag/ada",
            "x.com/explore",
            "mobile.twitter.com/search?q=a",
            "x.com/search/ada",
        ],
    ),
    (
        Word::SearchPage,
        Field::Facebook,
        &[
            "facebook.com/search/people/?q=ada",
            "facebook.com/search",
            "m.facebook.com/search?q=a",
            "facebook.com/hashtag/ada",
            "facebook.com/public/ada",
            "facebook.com/search/top",
        ],
    ),
];

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
            .any(|(told, _, values)| told == word && values.len() >= 5);

        assert!(is_told || is_of_record, "{word:?}");
        assert!(!word.hint().contains("  ") && !word.hint().ends_with('.'));
        assert!(
            word.as_str()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_')
        );
    }
}

/// Unusual, and meant.
const MEANT: &[(Field, &[&str])] = &[
    (
        Field::Email,
        &[
            "o'neil@acme.example",
            "ada+news@acme.example",
            "ADA@ACME.EXAMPLE",
            "a@b.example",
            "mailto:ada@acme.example",
            "ada@m\u{fc}nchen.example",
            "ada_1@mail.acme.co.uk",
            "test@acme.example",
            "info@acme.example",
            "ada@1and1.example",
            "5550109@acme.example",
            "a/b@acme.example",
            "unknown.artist@acme.example",
            "zo\u{eb}@acme.example",
        ],
    ),
    (
        Field::Name,
        &[
            "Ada Lovelace",
            "Lovelace, Ada",
            "Mr. Ada Lovelace, PhD",
            "O'Brien",
            "O\u{2019}Brien",
            "Na Li",
            "\u{5c71}\u{7530}",
            "X \u{c6} A-12",
            "John Null",
            "Ada Lovelace 2nd",
            "Li",
            "Nil Sharma",
        ],
    ),
    (
        Field::Company,
        &[
            "3M",
            "1010",
            "Yahoo!",
            "Who's Next?",
            "Coffee @ Home",
            "AT&T",
            "Nanna's",
            "N/A Brewing",
            "Unknown Worlds",
            "Nil Desperandum",
            "*asterisk",
            "C++ Ltd",
        ],
    ),
    (
        Field::Website,
        &[
            "acme.example",
            "https://www.acme.example/",
            "acme",
            "localhost",
            "acme.example/@ada",
            "acme.example?mail=a@b",
        ],
    ),
    (
        Field::Linkedin,
        &[
            "linkedin.com/in/ada",
            "https://de.linkedin.com/in/ada/",
            "ada",
            "in/ada",
            "linkedin.com/pub/ada/1/2/3",
            "linkedin.com/profile/view?id=1",
            "linkedin.com/sales/people/abc",
            "/in/ada",
            "linkedin.com/in/company",
        ],
    ),
    (
        Field::Twitter,
        &[
            "@ada",
            "ada",
            "x.com/ada",
            "https://twitter.com/ada/status/1",
            "x.com/i/user/1",
        ],
    ),
    (
        Field::Facebook,
        &[
            "facebook.com/ada",
            "https://m.facebook.com/ada",
            "facebook.com/profile.php?id=1",
            "facebook.com/people/ada/1",
            "ada",
            "fb.com/ada.lovelace",
        ],
    ),
];

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

    assert!(found.iter().all(|doubt| doubt.place == Place::RecordId));
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
