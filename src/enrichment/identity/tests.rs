mod properties;

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use rstest::rstest;

use super::*;

const PEOPLE: EnrichmentKind = EnrichmentKind::People;
const ORG: EnrichmentKind = EnrichmentKind::Org;

fn draft(kind: EnrichmentKind, values: &[(Field, &str)]) -> Draft {
    let mut draft = Draft::new(kind, "Leads");
    for (field, value) in values {
        draft.set(*field, value);
    }
    draft
}

/// Good enough to tell texts of a test apart.
fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (index, chunk) in out.chunks_mut(8).enumerate() {
        let mut hasher = DefaultHasher::new();
        (index, bytes).hash(&mut hasher);
        chunk.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    out
}

fn keys(draft: &Draft) -> Keys {
    Identity::of(draft).keyed("US production", hash)
}

fn related(mine: &[(Field, &str)], theirs: &[(Field, &str)]) -> Relation {
    let (mine, theirs) = (keys(&draft(PEOPLE, mine)), keys(&draft(PEOPLE, theirs)));
    let found = relation(&mine, &theirs);
    assert_eq!(found, relation(&theirs, &mine));
    found
}

#[rstest]
#[case(Field::Name, " Ada \u{a0} LOVELACE\u{200b}", "ada lovelace")]
#[case(Field::Name, "E\u{301}mile Stra\u{df}e", "émile strasse")]
#[case(Field::Company, "ACME\u{3000}Inc.", "acme inc.")]
#[case(Field::Email, "mailto:Ada@Acme.Example?subject=x", "ada@acme.example")]
#[case(Field::Email, "ada@M\u{dc}nchen.example", "ada@xn--mnchen-3ya.example")]
#[case(Field::Website, "HTTPS://www.Acme.Example:443/?a=b#c", "acme.example")]
#[case(Field::Website, "acme.example:8080/About/", "acme.example:8080/about")]
#[case(Field::Website, "www.com", "www.com")]
#[case(
    Field::Website,
    "http://m\u{fc}nchen.example./",
    "xn--mnchen-3ya.example"
)]
#[case(Field::Website, "https://", "https://")]
#[case(Field::Website, "#N/A", "#n/a")]
#[case(
    Field::Linkedin,
    "https://de.linkedin.com/in/Ada/?trk=x",
    "linkedin.com/in/ada"
)]
#[case(
    Field::Linkedin,
    "m.linkedin.com/mwlite/in/ada/de-de",
    "linkedin.com/in/ada"
)]
#[case(
    Field::Linkedin,
    "linkedin.com/in/jos%c3%a9%2D1",
    "linkedin.com/in/jos%C3%A9-1"
)]
#[case(
    Field::Linkedin,
    "linkedin.com/in/JOS\u{c9}",
    "linkedin.com/in/jos%C3%A9"
)]
#[case(
    Field::Linkedin,
    "linkedin.com/pub/ada/1/a2/3b/en",
    "linkedin.com/pub/ada/1/a2/3b"
)]
#[case(Field::Linkedin, "/in/ada", "linkedin.com/in/ada")]
#[case(
    Field::Linkedin,
    "linkedin.com/profile/view?id=7&trk=x",
    "linkedin.com/profile/view?id=7"
)]
#[case(Field::Linkedin, "linkedin.com/in/100%", "linkedin.com/in/100%25")]
#[case(Field::Linkedin, "linkedin.com/in/a%FFb", "linkedin.com/in/a%FFb")]
#[case(Field::Twitter, "@Ada", "twitter.com/ada")]
#[case(Field::Twitter, "https://x.com/ada/status/1", "twitter.com/ada")]
#[case(Field::Twitter, "mobile.twitter.com/#!/ada", "twitter.com/ada")]
#[case(
    Field::Twitter,
    "twitter.com/intent/user?screen_name=Ada",
    "twitter.com/ada"
)]
#[case(Field::Twitter, "x.com/i/user/7", "twitter.com/i/user/7")]
#[case(Field::Facebook, "https://m.facebook.com/Ada/", "facebook.com/ada")]
#[case(Field::Facebook, "fb.com/ada", "facebook.com/ada")]
#[case(
    Field::Facebook,
    "web.facebook.com/profile.php?sk=x&id=100",
    "facebook.com/profile.php?id=100"
)]
#[case(Field::Facebook, "de-de.facebook.com/ada", "facebook.com/ada")]
#[case(Field::Facebook, "Ada", "facebook.com/ada")]
#[case(Field::Facebook, "facebook.com/ada/about", "facebook.com/ada")]
#[case(
    Field::Facebook,
    "facebook.com/people/Ada/10012",
    "facebook.com/profile.php?id=10012"
)]
#[case(
    Field::Facebook,
    "facebook.com/10012",
    "facebook.com/profile.php?id=10012"
)]
#[case(Field::Linkedin, "ada-lovelace", "linkedin.com/in/ada-lovelace")]
#[case(
    Field::Linkedin,
    "<https://linkedin.com/in/ada>,",
    "linkedin.com/in/ada"
)]
#[case(
    Field::Linkedin,
    "https:/www.linkedin.com/in/./ada;x=1",
    "linkedin.com/in/ada"
)]
#[case(Field::Email, "Ada Lovelace <ada@acme.example>;", "ada@acme.example")]
#[case(Field::Email, "'ada@acme.example/'", "ada@acme.example")]
#[case(Field::Email, "mailto://ada%40acme.example", "ada@acme.example")]
fn a_value_has_one_form_that_is_compared(
    #[case] field: Field,
    #[case] value: &str,
    #[case] expected: &str,
) {
    assert_eq!(canonical(PEOPLE, field, value), expected);
}

#[rstest]
#[case(Field::Linkedin, "linkedin.com/in/ada", "linkedin.com/pub/ada")]
#[case(
    Field::Facebook,
    "facebook.com/profile.php?id=1",
    "facebook.com/profile.php?id=2"
)]
#[case(
    Field::Linkedin,
    "linkedin.com/profile/view?id=1",
    "linkedin.com/profile/view?id=2"
)]
#[case(Field::Linkedin, "linkedin.com/in/a%2Fb", "linkedin.com/in/a/b")]
#[case(Field::Linkedin, "linkedin.com/#/in/y1", "linkedin.com/#/in/y2")]
#[case(
    Field::Linkedin,
    "linkedin.com/authwall?a=1",
    "linkedin.com/authwall?a=2"
)]
#[case(
    Field::Twitter,
    "x.com/intent/user?user_id=1",
    "x.com/intent/user?user_id=2"
)]
#[case(
    Field::Facebook,
    "facebook.com/story.php?id=1",
    "facebook.com/story.php?id=2"
)]
#[case(
    Field::Facebook,
    "l.facebook.com/l.php?u=1",
    "l.facebook.com/l.php?u=2"
)]
#[case(Field::Email, "ada+news@acme.example", "ada@acme.example")]
#[case(Field::Website, "acme.example:8080", "acme.example")]
#[case(Field::Website, "acme.example", "shop.acme.example")]
#[case(Field::Name, "Jose", "José")]
fn what_is_not_spelling_stays_apart(#[case] field: Field, #[case] one: &str, #[case] two: &str) {
    assert_ne!(canonical(PEOPLE, field, one), canonical(PEOPLE, field, two));
}

#[rstest]
#[case("  Ada ", "Ada")]
#[case("\u{feff}\u{a0}Ada\u{a0}Lovelace\u{200b} ", "Ada Lovelace")]
#[case("a\u{200b}da@acme.example", "ada@acme.example")]
#[case("A\u{ad}da\u{200e}", "Ada")]
#[case("\u{2009}\u{202f}", "")]
#[case("Ada\tLove\r\nlace\u{1b}", "Ada\tLove\r\nlace\u{1b}")]
#[case("Zo\u{eb}", "Zo\u{eb}")]
fn what_is_sent_is_what_was_given_without_what_cannot_be_seen(
    #[case] value: &str,
    #[case] expected: &str,
) {
    assert_eq!(cleaned(value), expected);
}

#[test]
fn a_text_with_nothing_to_clean_is_not_copied() {
    assert!(matches!(cleaned(" Zo\u{eb} "), Cow::Borrowed("Zo\u{eb}")));
}

#[test]
fn keys_are_strongest_first_and_doubtful_values_make_none() {
    let full = draft(
        PEOPLE,
        &[
            (Field::Name, "Lovelace, Ada"),
            (Field::Email, "ada@acme.example"),
            (Field::Company, "Acme"),
            (Field::Website, "www.acme.example/team"),
            (Field::Linkedin, "linkedin.com/in/ada"),
            (Field::Twitter, "@ada"),
            (Field::Facebook, "facebook.com/ada"),
        ],
    );
    let empty = draft(
        PEOPLE,
        &[
            (Field::Name, "N/A"),
            (Field::Email, "noemail@acme.example"),
            (Field::Company, "-"),
            (Field::Linkedin, "linkedin.com"),
            (Field::Twitter, "none"),
            (Field::Facebook, "https://facebook.com/search?q=ada"),
        ],
    );

    let found = Identity::of(&full);
    let kinds: Vec<_> = found.keys.iter().map(|(key, _)| *key).collect();
    assert_eq!(kinds, KeyKind::of(PEOPLE));
    assert_eq!(found.name.as_deref(), Some("ada lovelace"));
    assert_eq!(
        found.keys.last().map(|(_, text)| text.as_str()),
        Some("ada lovelace\nacme.example")
    );

    let found = Identity::of(&empty);
    assert_eq!((found.keys, found.name), (vec![], None));
    assert_eq!(found.inputs.lines().count(), 6);
}

#[rstest]
#[case("https://www.acme.example/about", Some("acme.example"))]
#[case("facebook.com/Acme/about", Some("facebook.com/acme"))]
#[case("sites.google.com/view/acme/home", Some("sites.google.com/view/acme"))]
#[case("acme.github.io/site/", Some("acme.github.io/site"))]
#[case("linkedin.com/company/acme/about", Some("linkedin.com/company/acme"))]
#[case("facebook.com", None)]
#[case("notfacebook.com/acme", Some("notfacebook.com"))]
fn an_organisation_is_its_host_or_its_page_on_one_of_many(
    #[case] website: &str,
    #[case] expected: Option<&str>,
) {
    let found = Identity::of(&draft(ORG, &[(Field::Website, website)]));
    let key = found.keys.first().map(|(_, text)| text.as_str());

    assert_eq!(key, expected);
}

#[test]
fn the_strongest_key_of_both_decides() {
    use Field::{Company, Email, Linkedin, Name, Twitter, Website};
    let ada = &[(Email, "ada@acme.example"), (Name, "Ada Lovelace")];
    let shared = |key, because| Relation::SharedKey { key, because };

    assert_eq!(related(ada, ada), Relation::SameInputs);
    assert_eq!(
        related(ada, &[(Email, "ada@acme.example")]),
        Relation::SamePerson(KeyKind::Email)
    );
    assert_eq!(
        related(ada, &[(Email, "ada@acme.example"), (Name, "LOVELACE  Ada")]),
        Relation::SamePerson(KeyKind::Email)
    );
    assert_eq!(
        related(ada, &[(Email, "ada@acme.example"), (Name, "Lin Chen")]),
        shared(KeyKind::Email, SharedBecause::OtherName)
    );
    assert_eq!(
        related(
            &[
                (Email, "ada@acme.example"),
                (Linkedin, "linkedin.com/in/ada")
            ],
            &[
                (Email, "ada@acme.example"),
                (Linkedin, "linkedin.com/in/lin")
            ]
        ),
        shared(KeyKind::Email, SharedBecause::Differs(KeyKind::Linkedin))
    );
    assert_eq!(
        related(
            &[
                (Name, "Ada"),
                (Company, "Acme"),
                (Email, "ada@acme.example")
            ],
            &[
                (Name, "Ada"),
                (Company, "Acme"),
                (Email, "ada@beta.example")
            ]
        ),
        shared(KeyKind::NameCompany, SharedBecause::Differs(KeyKind::Email))
    );
    assert_eq!(
        related(
            &[(Name, "Ada"), (Website, "acme.example")],
            &[(Name, "Ada"), (Website, "acme.example"), (Twitter, "ada")]
        ),
        Relation::SamePerson(KeyKind::NameWebsite)
    );
    assert_eq!(
        related(
            &[(Company, "Acme")],
            &[(Company, "Acme"), (Website, "a.example")]
        ),
        Relation::None
    );
    assert_eq!(related(&[], &[]), Relation::None);
}

#[test]
fn two_people_without_an_address_are_not_one() {
    for nothing in ["n/a", "none", "noemail@noemail.com", "test@test.com", "-"] {
        let one = [(Field::Email, nothing), (Field::Twitter, "@ada")];
        let two = [(Field::Email, nothing), (Field::Twitter, "@lin")];

        assert_eq!(related(&one, &two), Relation::None, "{nothing}");
    }
}

#[test]
fn a_kind_and_a_place_have_hashes_of_their_own() {
    let mine = draft(PEOPLE, &[(Field::Email, "a@acme.example")]);
    let theirs = draft(ORG, &[(Field::Email, "a@acme.example")]);

    assert_eq!(relation(&keys(&mine), &keys(&theirs)), Relation::None);
    let (us, eu) = (
        Identity::of(&mine).keyed("US production", hash),
        Identity::of(&mine).keyed("EU production", hash),
    );
    assert_ne!(us.inputs, eu.inputs);
    assert_ne!(us.keys, eu.keys);
    assert_ne!(
        keys(&mine).keys.first().map(|(_, hash)| *hash),
        keys(&theirs).keys.first().map(|(_, hash)| *hash)
    );
}

#[test]
fn keys_have_an_order_bits_and_codes_of_their_own() {
    for kind in EnrichmentKind::ALL {
        let mut bits = 0_u8;
        for (rank, key) in KeyKind::of(kind).iter().enumerate() {
            assert_eq!(usize::from(key.rank()), rank);
            assert_eq!(bits & key.bit(), 0);
            bits |= key.bit();
            assert_eq!(KeyKind::from_code(key.code()), Some(*key));
            assert_eq!(key.kind(), kind);
        }
    }
    let words: Vec<_> = KeyKind::of(ORG).iter().map(|key| key.as_str()).collect();
    assert_eq!(words, ["website", "email", "name"]);
}

#[test]
fn bytes_that_are_no_keys_are_refused() {
    let bytes = keys(&draft(PEOPLE, &[(Field::Email, "a@acme.example")])).to_bytes();

    for length in 0..bytes.len() {
        assert_eq!(
            Keys::from_bytes(PEOPLE, &bytes[..length]).is_some(),
            length == 19
        );
    }
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        Keys::from_bytes(PEOPLE, &bytes)
    };
    assert!(with(0, 2).is_none());
    let known = Field::ALL
        .iter()
        .fold(Given::NONE, |given, field| given.with(*field));
    assert!(known.bits() == u8::MAX || with(1, !known.bits()).is_none());
    assert!(with(18, 7).is_none());
    assert!(with(19, 99).is_none());
    assert!(with(19, KeyKind::OrgEmail.code()).is_none());
    assert!(Keys::from_bytes(PEOPLE, &[&bytes[..], &bytes[19..]].concat()).is_none());
}

#[test]
fn what_names_somebody_by_itself_is_a_key() {
    for field in Field::ALL
        .into_iter()
        .filter(|field| field.names_somebody())
    {
        let mut keys = KeyKind::of(EnrichmentKind::People).iter();
        assert!(keys.any(|key| key.as_str() == field.as_str()), "{field}");
    }
}
