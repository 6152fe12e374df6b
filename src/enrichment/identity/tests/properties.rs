//! What holds for every spelling and every person.

use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};
use proptest::prelude::*;

use super::*;

/// One change of spelling that makes nobody somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Scheme,
    Http,
    Www,
    Slash,
    Query,
    Fragment,
    Port,
    Mailto,
    Upper,
    Nfd,
    Nfc,
    Ends,
    Blanks,
    ZeroWidth,
    Percent,
    Mobile,
    Country,
    XCom,
    At,
    Locale,
    Angled,
    Quoted,
    Listed,
}

const SPELLINGS: [Spelling; 23] = [
    Spelling::Scheme,
    Spelling::Http,
    Spelling::Www,
    Spelling::Slash,
    Spelling::Query,
    Spelling::Fragment,
    Spelling::Port,
    Spelling::Mailto,
    Spelling::Upper,
    Spelling::Nfd,
    Spelling::Nfc,
    Spelling::Ends,
    Spelling::Blanks,
    Spelling::ZeroWidth,
    Spelling::Percent,
    Spelling::Mobile,
    Spelling::Country,
    Spelling::XCom,
    Spelling::At,
    Spelling::Locale,
    Spelling::Angled,
    Spelling::Quoted,
    Spelling::Listed,
];

/// A value as parts that can be spelled: the inside, and what is put around it at the end.
#[derive(Debug, Clone)]
struct Spelled {
    field: Field,
    scheme: &'static str,
    www: bool,
    host: String,
    path: String,
    tail: &'static str,
    after: Vec<Spelling>,
}

impl Spelled {
    fn new(field: Field, value: &str) -> Self {
        let (host, path) = match field.input().nature {
            Nature::Site | Nature::Page => value
                .split_once('/')
                .map_or((value, String::new()), |(host, path)| {
                    (host, format!("/{path}"))
                }),
            Nature::Mail | Nature::Words => (value, String::new()),
        };
        Self {
            field,
            scheme: "",
            www: false,
            host: host.to_owned(),
            path,
            tail: "",
            after: Vec::new(),
        }
    }

    fn is_web(&self) -> bool {
        matches!(self.field.input().nature, Nature::Site | Nature::Page)
    }

    fn apply(&mut self, spelling: Spelling) {
        let is_social = self.is_web() && self.field != Field::Website;
        match spelling {
            Spelling::Scheme if self.is_web() => self.scheme = "https://",
            Spelling::Http if self.is_web() => self.scheme = "http://",
            Spelling::Mailto if self.field == Field::Email => self.scheme = "mailto:",
            Spelling::Www if self.is_web() => self.www = true,
            Spelling::Slash if self.is_web() && !self.path.ends_with('/') => self.path.push('/'),
            Spelling::Query if self.is_web() => self.tail = "?trk=a&utm_source=b",
            Spelling::Fragment if self.is_web() => self.tail = "#about",
            Spelling::Port if self.is_web() && !self.host.contains(':') => {
                self.host.push_str(":443");
            }
            Spelling::Mobile if is_social && !self.host.contains("m.") => {
                self.host = format!("m.{}", self.host);
            }
            Spelling::Country if self.field == Field::Linkedin && !self.host.contains("m.") => {
                self.host = format!("de.{}", self.host);
            }
            Spelling::XCom if self.field == Field::Twitter => {
                self.host = self.host.replace("twitter.com", "x.com");
            }
            Spelling::At if self.field == Field::Twitter => {
                self.path = self.path.replacen("/", "/@", 1);
            }
            Spelling::Locale if self.field == Field::Linkedin => {
                self.path = format!("{}/en-us", self.path.trim_end_matches('/'));
            }
            // An encoded percent sign is a percent sign: encoding twice is no spelling.
            Spelling::Percent if is_social && !self.path.contains('%') => {
                let (front, slug) = self.path.rsplit_once('/').unwrap();
                let encoded: String = slug.bytes().map(|b| format!("%{b:02x}")).collect();
                self.path = format!("{front}/{encoded}");
            }
            Spelling::Upper
            | Spelling::Nfd
            | Spelling::Nfc
            | Spelling::Ends
            | Spelling::Blanks
            | Spelling::ZeroWidth => self.after.push(spelling),
            Spelling::Angled | Spelling::Quoted | Spelling::Listed
                if !matches!(self.field, Field::Name | Field::Company) =>
            {
                self.after.push(spelling);
            }
            _ => {}
        }
    }

    fn text(&self) -> String {
        let www = if self.www { "www." } else { "" };
        let mut text = format!(
            "{}{www}{}{}{}",
            self.scheme, self.host, self.path, self.tail
        );
        for spelling in &self.after {
            text = match spelling {
                Spelling::Upper => text.to_uppercase(),
                Spelling::Nfd => DecomposingNormalizer::new_nfd()
                    .normalize(&text)
                    .into_owned(),
                Spelling::Nfc => ComposingNormalizer::new_nfc().normalize(&text).into_owned(),
                Spelling::Ends => format!("\u{feff} \u{a0}{text}\u{a0}\t "),
                Spelling::Blanks => text.replace(' ', " \u{a0} "),
                Spelling::Angled => format!("<{text}>"),
                Spelling::Quoted => format!("\"{text}\""),
                Spelling::Listed => format!("{text};"),
                Spelling::ZeroWidth => text.replace('a', "a\u{200b}"),
                _ => text,
            };
        }
        text
    }
}

/// Values of a person, unlike those of any other number. Letters beyond ASCII are spelled
/// the same in capitals and composed.
fn person() -> impl Strategy<Value = Vec<(Field, String)>> {
    let word = "[a-z]{2,8}[aeiouéüñşж]{1,2}";
    (word, word, word, 0_usize..100_000, 1_u8..128).prop_map(|(one, two, firm, number, which)| {
        let slug = format!("{one}-{two}-{number}");
        let all = [
            (Field::Name, format!("{one} {two}")),
            (Field::Email, format!("{one}.{number}@{firm}.example")),
            (Field::Company, format!("{firm} {two}")),
            (Field::Website, format!("{firm}{number}.example")),
            (Field::Linkedin, format!("linkedin.com/in/{slug}")),
            (Field::Twitter, format!("twitter.com/x{number}a")),
            (Field::Facebook, format!("facebook.com/{slug}")),
        ];
        let given = all.into_iter().enumerate();
        given
            .filter(|(index, _)| which & (1 << index) != 0)
            .map(|(_, value)| value)
            .collect()
    })
}

fn drawn(person: &[(Field, String)]) -> Draft {
    let values: Vec<_> = person.iter().map(|(f, v)| (*f, v.as_str())).collect();
    draft(PEOPLE, &values)
}

fn any_keys() -> impl Strategy<Value = Keys> {
    let hash = any::<[u8; 16]>;
    (
        any::<bool>(),
        hash(),
        proptest::option::of(any::<[u8; 8]>()),
        proptest::collection::vec(proptest::option::of(hash()), 6),
        any::<u8>(),
    )
        .prop_map(|(org, inputs, name, hashes, given)| {
            let kind = if org { ORG } else { PEOPLE };
            let keys = KeyKind::of(kind).iter().zip(hashes);
            let all = Given::all(kind).bits();
            Keys {
                kind,
                given: Given::from_bits(given & all).unwrap(),
                inputs,
                name,
                keys: keys.filter_map(|(key, hash)| Some((*key, hash?))).collect(),
            }
        })
}

/// Keys of few different values, so that all relations come about.
fn few_keys() -> impl Strategy<Value = Keys> {
    let few = 0_u8..3;
    (
        few.clone(),
        proptest::option::of(few.clone()),
        proptest::collection::vec(proptest::option::of(few), 6),
    )
        .prop_map(|(inputs, name, hashes)| {
            let keys = KeyKind::of(PEOPLE).iter().zip(hashes);
            Keys {
                kind: PEOPLE,
                given: Given::NONE.with(Field::Email),
                inputs: [inputs; 16],
                name: name.map(|name| [name; 8]),
                keys: keys
                    .filter_map(|(key, hash)| Some((*key, [hash?; 16])))
                    .collect(),
            }
        })
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,24}",
        "[ -~]{0,24}",
        "(https?://|//|mailto:|@|/)?(www\\.|m\\.|de\\.)?(linkedin|twitter|x|facebook|acme)\\.(com|example)[/@?#%:.a-zA-Z0-9&=!é\u{301} \u{a0}]{0,24}",
        "[%0-9a-fA-F/.\u{130}\u{345}\u{3b1}\u{308}ßſ。]{0,24}",
    ]
}

proptest! {
    // Each case is 400 pairs of changes.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_spelling_makes_another_person(person in person()) {
        let known = Identity::of(&drawn(&person));
        for one in SPELLINGS {
            for two in SPELLINGS {
                let changed: Vec<_> = person
                    .iter()
                    .map(|(field, value)| {
                        let mut value = Spelled::new(*field, value);
                        value.apply(one);
                        value.apply(two);
                        (*field, value.text())
                    })
                    .collect();

                prop_assert_eq!(&Identity::of(&drawn(&changed)), &known, "{:?} {:?} {:?}", one, two, changed);
            }
        }
    }
}

proptest! {
    #[test]
    fn the_canonical_form_is_its_own(value in any_value()) {
        for field in Field::ALL {
            let once = canonical(PEOPLE, field, &value);

            prop_assert_eq!(&canonical(PEOPLE, field, &once), &once, "{}", field);
            prop_assert_eq!(once.is_empty(), cleaned(&value).is_empty());
        }
    }

    #[test]
    fn cleaning_twice_cleans_nothing_more(value in any_value()) {
        let once = cleaned(&value).into_owned();

        prop_assert_eq!(cleaned(&once), once.as_str());
        prop_assert_eq!(canonical(PEOPLE, Field::Name, &value), canonical(PEOPLE, Field::Name, &once));
    }

    #[test]
    fn another_number_is_another_person(person in person(), number in 100_000_u32..200_000) {
        let others: Vec<_> = person
            .iter()
            .map(|(field, value)| {
                let letters: String = value.chars().filter(|c| !c.is_ascii_digit()).collect();
                let value = match field.input().nature {
                    Nature::Mail => format!("{number}{letters}"),
                    Nature::Words | Nature::Site | Nature::Page => format!("{letters}{number}"),
                };
                (*field, value)
            })
            .collect();
        let (mine, theirs) = (Identity::of(&drawn(&person)), Identity::of(&drawn(&others)));

        prop_assert_ne!(&mine.inputs, &theirs.inputs);
        for (key, text) in &mine.keys {
            prop_assert!(!theirs.keys.contains(&(*key, text.clone())), "{} {}", key, text);
        }
        prop_assert_eq!(relation(&keys(&drawn(&person)), &keys(&drawn(&others))), Relation::None);
    }

    #[test]
    fn it_does_not_matter_who_comes_first(one in few_keys(), two in few_keys()) {
        prop_assert_eq!(relation(&one, &two), relation(&two, &one));
        prop_assert_eq!(relation(&one, &one), Relation::SameInputs);
    }

    #[test]
    fn the_same_inputs_share_no_key_with_doubts(person in person(), other in person()) {
        let (mine, theirs) = (keys(&drawn(&person)), keys(&drawn(&other)));

        let is_shared = matches!(relation(&mine, &theirs), Relation::SharedKey { .. });
        prop_assert!(!(is_shared && mine.inputs == theirs.inputs && mine.given == theirs.given));
        prop_assert_eq!(relation(&mine, &mine.clone()), Relation::SameInputs);
    }

    #[test]
    fn keys_survive_the_ledger(keys in any_keys()) {
        prop_assert_eq!(Keys::from_bytes(keys.kind, &keys.to_bytes()), Some(keys));
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        for kind in EnrichmentKind::ALL {
            if let Some(keys) = Keys::from_bytes(kind, &bytes) {
                prop_assert_eq!(keys.to_bytes(), bytes.clone());
            }
        }
    }
}
