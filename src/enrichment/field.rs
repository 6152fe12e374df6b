//! The inputs of an enrichment, in one table: whatever is known of an input stands in its row.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde_json::Value;

use super::doubt::values as doubt;
use super::doubt::word::DoubtWord;
use super::identity::{clean, web};
use crate::base::EnrichmentKind;
use crate::base::limits::{NAME_CHARS_MAX, ORG_NAME_CHARS_MAX};

/// What is known of an input.
pub struct Input {
    /// The name in the form.
    pub label: &'static str,
    /// How the help of the command line calls the value, and what it says of the flag.
    pub flag: (&'static str, &'static str),
    /// What the linear mode asks for.
    pub question: &'static str,
    /// What the help of `forget` says of the flag; `None` where it has none.
    pub forget: Option<&'static str>,
    /// What a value is.
    pub nature: Nature,
    /// The hosts of a service, each with the sign that a text has a page of it.
    pub hosts: &'static [(&'static str, &'static str)],
    /// The form in which values are compared.
    pub(super) canonical: fn(&str) -> String,
    /// What is doubtful about a canonical value.
    pub(super) doubt: fn(EnrichmentKind, &str) -> Option<DoubtWord>,
    /// A rule of its own: why the server would refuse a value.
    pub(super) rule: Option<fn(EnrichmentKind, &str) -> Option<String>>,
    /// Which bit says in a ledger that it was given. It never changes.
    bit: u8,
    kinds: Kinds,
}

/// What a value is. The order is that of how surely it is known by its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nature {
    /// The page of a person at a service.
    Page,
    /// An address of mail.
    Mail,
    /// The address of a website.
    Site,
    /// A text.
    Words,
}

/// The enrichments that take an input.
enum Kinds {
    Both(At),
    Each { people: At, org: At },
    People(At),
}

/// What an input is in one kind of enrichment.
pub struct At {
    /// The keys below `enrich_based_on`.
    pub keys: &'static [&'static str],
    /// Its name in an enrichment configuration (C7); a person's name has none.
    pub mapping: Option<&'static str>,
    /// The fields of a record that fill it, the first that holds something; the parts of one are
    /// divided by blanks.
    pub crm: &'static [&'static str],
    /// How a sentence calls it among the inputs of which one is enough; empty where it does not.
    enough: &'static str,
    /// Names of columns in lower case, letters and digits only. The first is the word itself.
    pub columns: &'static [&'static str],
}

macro_rules! inputs {
    ($($variant:ident = $word:literal: $input:expr;)*) => {
        /// One input of an enrichment, in the order of the form, of the body and of the server's checks.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $(#[doc = concat!("The input `", $word, "`.")] $variant,)* }

        impl Field {
            /// All inputs, in their order.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// The word of the command line, of JSON and of the bulk columns.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What is known of it.
            pub fn input(self) -> &'static Input {
                match self { $(Self::$variant => { static INPUT: Input = $input; &INPUT })* }
            }
        }
    };
}

inputs! {
    Name = "name": Input {
        label: "Name", question: "Name of the person; needs a company",
        flag: ("NAME", "The person's name; needs a company"),
        forget: Some("Their name; needs a company"),
        nature: Nature::Words, hosts: &[], bit: 0,
        canonical: clean::folded, doubt: doubt::name, rule: Some(name_length),
        kinds: Kinds::Each {
            people: At {
                keys: &["name"], mapping: None,
                crm: &["Full_Name", "First_Name Last_Name"], enough: "a name with a company",
                columns: &[
                    "name", "fullname", "personname", "contactname", "leadname", "person",
                    "customername", "displayname",
                ],
            },
            org: At {
                keys: &["name"], mapping: Some("org_name"),
                crm: &["Account_Name", "Vendor_Name", "Company", "Name"], enough: "a name",
                columns: &[
                    "name", "company", "companyname", "organisation", "organization",
                    "organisationname", "organizationname", "account", "accountname", "orgname",
                ],
            },
        },
    };
    Email = "email": Input {
        label: "Email", question: "E-mail address",
        flag: ("EMAIL", "An e-mail address"),
        forget: Some("Their e-mail address; - reads it from standard input, so that no history of a shell keeps it"),
        nature: Nature::Mail, hosts: &[], bit: 1,
        canonical: web::email, doubt: |_, value| doubt::email(value), rule: None,
        kinds: Kinds::Both(At {
            keys: &["email"], mapping: Some("email"),
            crm: &["Email"], enough: "an email",
            columns: &[
                "email", "emailaddress", "mail", "mailaddress", "primaryemail", "workemail",
                "businessemail", "email1value", "emailadresse", "adresseemail", "courriel",
                "email1", "emailaddress1", "personemail", "contactemail",
            ],
        }),
    };
    Company = "company": Input {
        label: "Company", question: "Name of the company",
        flag: ("COMPANY", "The company's name; needs a name"),
        forget: Some("The company's name; needs a name"),
        nature: Nature::Words, hosts: &[], bit: 2,
        canonical: clean::folded, doubt: |_, value| doubt::company(value), rule: None,
        kinds: Kinds::People(At {
            keys: &["company", "name"], mapping: Some("org_name"),
            crm: &["Company", "Account_Name", "Vendor_Name"], enough: "a company",
            columns: &[
                "company", "companyname", "organisation", "organization", "organisationname",
                "organizationname", "account", "accountname", "employer", "firm", "unternehmen",
                "firma", "firmenname", "entreprise", "empresa", "companyaccount",
                "associatedcompany", "organization1name", "currentcompany",
            ],
        }),
    };
    Website = "website": Input {
        label: "Website", question: "Website of the company",
        flag: ("WEBSITE", "The company's website"),
        forget: None,
        nature: Nature::Site, hosts: &[], bit: 3,
        canonical: web::website, doubt: |_, value| doubt::website(value), rule: None,
        kinds: Kinds::Each {
            people: At {
                keys: &["company", "website"], mapping: Some("org_website"),
                crm: &["Website"], enough: "",
                columns: WEBSITE_COLUMNS,
            },
            org: At {
                keys: &["website"], mapping: Some("org_website"),
                crm: &["Website"], enough: "a website",
                columns: WEBSITE_COLUMNS,
            },
        },
    };
    Linkedin = "linkedin": Input {
        label: "LinkedIn", question: "LinkedIn page",
        flag: ("LINKEDIN", "The LinkedIn page"),
        forget: Some("Their LinkedIn page"),
        nature: Nature::Page, hosts: &[("linkedin.com", "linkedin.")], bit: 4,
        canonical: web::linkedin, doubt: |_, value| doubt::linkedin(value), rule: None,
        kinds: Kinds::People(At {
            keys: &["social", "linkedin"], mapping: Some("linkedin"),
            crm: &[], enough: "a social page",
            columns: &[
                "linkedin", "linkedinurl", "linkedinprofile", "linkedinprofileurl", "linkedinpage",
                "sociallinkedin", "personlinkedinurl", "personlinkedin", "contactlinkedinurl",
                "contactlinkedin", "linkedincontactprofileurl", "linkedinbio", "hslinkedinurl",
                "profileurl", "defaultprofileurl",
            ],
        }),
    };
    Twitter = "twitter": Input {
        label: "Twitter", question: "Twitter page",
        flag: ("TWITTER", "The Twitter page"),
        forget: Some("Their Twitter page"),
        nature: Nature::Page, hosts: &[("twitter.com", "twitter."), ("x.com", "x.com/")], bit: 5,
        canonical: web::twitter, doubt: |_, value| doubt::twitter(value), rule: None,
        kinds: Kinds::People(At {
            keys: &["social", "twitter"], mapping: Some("twitter"),
            crm: &["Twitter"], enough: "a social page",
            columns: &[
                "twitter", "twitterurl", "twitterhandle", "twitterprofile", "twitterpage",
                "socialtwitter", "twitterusername", "persontwitterurl", "contacttwitter",
            ],
        }),
    };
    Facebook = "facebook": Input {
        label: "Facebook", question: "Facebook page",
        flag: ("FACEBOOK", "The Facebook page"),
        forget: Some("Their Facebook page"),
        nature: Nature::Page, hosts: &[("facebook.com", "facebook."), ("fb.com", "fb.")], bit: 6,
        canonical: web::facebook, doubt: |_, value| doubt::facebook(value), rule: None,
        kinds: Kinds::People(At {
            keys: &["social", "facebook"], mapping: Some("facebook"),
            crm: &[], enough: "a social page",
            columns: &[
                "facebook", "facebookurl", "facebookprofile", "facebookpage", "socialfacebook",
                "personfacebookurl", "contactfacebook",
            ],
        }),
    };
}

const WEBSITE_COLUMNS: &[&str] = &[
    "website",
    "companywebsite",
    "homepage",
    "websiteurl",
    "weburl",
    "web",
    "domain",
    "companydomain",
    "webpage",
    "website1value",
    "companywebsiteurl",
];

fn name_length(kind: EnrichmentKind, value: &str) -> Option<String> {
    let most = match kind {
        EnrichmentKind::People => NAME_CHARS_MAX,
        EnrichmentKind::Org => ORG_NAME_CHARS_MAX,
    };
    let chars = value.chars().count();
    let hint = || format!("at most {most} characters are allowed; this has {chars}");
    (chars > most).then(hint)
}

impl Input {
    /// The bit of a ledger that says that it was given.
    pub(super) fn mask(&self) -> u8 {
        1 << self.bit
    }
}

impl Field {
    /// The inputs that a kind of enrichment takes (S for people, O7 for organisations).
    pub fn of(kind: EnrichmentKind) -> &'static [Self] {
        static PEOPLE: LazyLock<Vec<Field>> = LazyLock::new(|| Field::ALL.to_vec());
        static ORG: LazyLock<Vec<Field>> = LazyLock::new(|| {
            let is_of_org = |field: &Field| !matches!(field.input().kinds, Kinds::People(_));
            Field::ALL.into_iter().filter(is_of_org).collect()
        });
        match kind {
            EnrichmentKind::People => &PEOPLE,
            EnrichmentKind::Org => &ORG,
        }
    }

    /// All inputs, the likeliest to know somebody by first.
    pub fn likeliest() -> impl Iterator<Item = Self> {
        let is_rest = |field: &Self| *field != Self::Email;
        std::iter::once(Self::Email).chain(Self::ALL.into_iter().filter(is_rest))
    }

    /// The label in the form.
    pub fn label(self) -> &'static str {
        self.input().label
    }

    /// Whether it names somebody by itself.
    pub fn names_somebody(self) -> bool {
        match self.input().nature {
            Nature::Page | Nature::Mail => true,
            Nature::Site | Nature::Words => false,
        }
    }

    /// What it is in a kind of enrichment.
    pub fn at(self, kind: EnrichmentKind) -> &'static At {
        match (&self.input().kinds, kind) {
            (Kinds::Both(at) | Kinds::People(at), _) => at,
            (Kinds::Each { people, .. }, EnrichmentKind::People) => people,
            (Kinds::Each { org, .. }, EnrichmentKind::Org) => org,
        }
    }

    /// The keys below `enrich_based_on` that lead to the value.
    pub fn keys(self, kind: EnrichmentKind) -> &'static [&'static str] {
        self.at(kind).keys
    }

    /// The name under which an enrichment configuration maps the input, if it does.
    pub fn mapping_name(self, kind: EnrichmentKind) -> Option<&'static str> {
        self.at(kind).mapping
    }

    /// The inputs of which one is enough: `a name, an email or a website`.
    pub(super) fn enough(kind: EnrichmentKind) -> String {
        let mut words: Vec<&str> = Self::of(kind).iter().map(|f| f.at(kind).enough).collect();
        words.retain(|word| !word.is_empty());
        words.dedup();
        listed(&words, "or")
    }

    /// The keys of the body: `name, email and company {name, website}`.
    pub(super) fn tree(kind: EnrichmentKind) -> String {
        let keys = Self::of(kind).iter().map(|field| field.keys(kind));
        let mut roots: Vec<(&str, Vec<&str>)> = Vec::new();
        for (root, below) in keys.filter_map(|keys| keys.split_first()) {
            match roots.iter_mut().find(|(known, _)| known == root) {
                Some((_, leaves)) => leaves.extend(below),
                None => roots.push((root, below.to_vec())),
            }
        }
        let words = roots.iter().map(|(root, leaves)| match leaves.as_slice() {
            [] => (*root).to_owned(),
            leaves => format!("{root} {{{}}}", leaves.join(", ")),
        });
        listed(&words.collect::<Vec<_>>(), "and")
    }

    /// The inputs that a server's `enrich_based_on` tells, in the order of the form.
    pub fn asked(kind: EnrichmentKind, based_on: &Value) -> Vec<(Self, String)> {
        let value = |field: &Self| {
            let mut keys = field.keys(kind).iter();
            let found = keys.try_fold(based_on, |value, key| value.get(key))?;
            let text = found.as_str()?.trim();
            (!text.is_empty()).then(|| (*field, text.to_owned()))
        };
        Self::of(kind).iter().filter_map(value).collect()
    }

    /// The input that a server's JSON path speaks of; of an object the first in it.
    pub fn from_path(path: &str) -> Option<Self> {
        let (_, tail) = path.split_once("enrich_based_on")?;
        let tail = tail.trim_start_matches('.');
        let find = |is_meant: &dyn Fn(&[&str]) -> bool| {
            let is_meant = |kind: &EnrichmentKind, field: Self| is_meant(field.keys(*kind));
            let mut fields = Self::ALL.into_iter();
            fields.find(|field| {
                EnrichmentKind::ALL
                    .iter()
                    .any(|kind| is_meant(kind, *field))
            })
        };
        find(&|keys| keys.join(".") == tail).or_else(|| find(&|keys| keys.first() == Some(&tail)))
    }
}

/// `a, b and c`.
fn listed(words: &[impl Borrow<str>], word: &str) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.borrow().to_owned(),
        Some((last, rest)) => format!("{} {word} {}", rest.join(", "), last.borrow()),
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Field {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|field| field.as_str() == text)
            .ok_or_else(|| {
                let words = Self::ALL.map(Self::as_str).join(", ");
                format!("{text:?} is not an input; the inputs are {words}")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_back_to_its_input() {
        for kind in EnrichmentKind::ALL {
            for field in Field::of(kind) {
                let path = format!("$.x[0].enrich_based_on.{}", field.keys(kind).join("."));
                assert_eq!(Field::from_path(&path), Some(*field));
            }
        }
    }

    #[test]
    fn what_was_asked_is_read_back_and_nulls_are_nothing() {
        let told = serde_json::json!({
            "social": null, "company": {"name": "Acme", "website": null}, "name": "Ada", "x": 1,
        });

        assert_eq!(
            Field::asked(EnrichmentKind::People, &told),
            [
                (Field::Name, "Ada".to_owned()),
                (Field::Company, "Acme".to_owned())
            ]
        );
    }

    #[test]
    fn an_input_survives_a_round_trip() {
        for field in Field::ALL {
            assert_eq!(field.as_str().parse(), Ok(field));
        }
    }

    #[test]
    fn each_has_a_bit_of_its_own_and_a_column_of_its_name() {
        let bits = Field::ALL
            .iter()
            .fold(0_u8, |bits, field| bits | field.input().mask());
        assert_eq!(bits.count_ones() as usize, Field::ALL.len());
        for kind in EnrichmentKind::ALL {
            for field in Field::of(kind) {
                assert_eq!(field.at(kind).columns[0], field.as_str());
            }
        }
    }

    #[test]
    fn the_sentences_name_them_all() {
        use EnrichmentKind::{Org, People};
        let people = "a name with a company, an email, a company or a social page";
        let tree = "name, email, company {name, website} and social {linkedin, twitter, facebook}";

        assert_eq!(Field::enough(People), people);
        assert_eq!(Field::enough(Org), "a name, an email or a website");
        assert_eq!(Field::tree(People), tree);
    }
}
