//! The keys by which a person or an organisation is known again, strongest first.

use std::fmt;

use crate::base::EnrichmentKind;
use crate::enrichment::field::Field;

macro_rules! key_kinds {
    (
        people { $($(#[$pdoc:meta])* $person:ident = $ptext:literal, $pcode:literal, [$($pfield:ident),*];)* }
        org { $($(#[$odoc:meta])* $org:ident = $otext:literal, $ocode:literal, [$($ofield:ident),*];)* }
    ) => {
        /// What a key is made of. The order is that of strength.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum KeyKind { $($(#[$pdoc])* $person,)* $($(#[$odoc])* $org,)* }

        impl KeyKind {
            /// Every key, those of people first, strongest first.
            pub const ALL: &'static [Self] = &[$(Self::$person,)* $(Self::$org,)*];

            const PEOPLE: &'static [Self] = &[$(Self::$person,)*];
            const ORG: &'static [Self] = &[$(Self::$org,)*];

            /// The word on screen and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$person => $ptext,)* $(Self::$org => $otext,)* }
            }

            /// The byte of the ledger, which never changes its meaning.
            pub fn code(self) -> u8 {
                match self { $(Self::$person => $pcode,)* $(Self::$org => $ocode,)* }
            }

            /// The inputs of which it is made.
            pub fn fields(self) -> &'static [Field] {
                match self {
                    $(Self::$person => &[$(Field::$pfield),*],)*
                    $(Self::$org => &[$(Field::$ofield),*],)*
                }
            }

            /// The enrichment whose requests have such a key.
            pub fn kind(self) -> EnrichmentKind {
                match self {
                    $(Self::$person => EnrichmentKind::People,)*
                    $(Self::$org => EnrichmentKind::Org,)*
                }
            }
        }
    };
}

key_kinds! {
    people {
        /// The page of LinkedIn.
        Linkedin = "linkedin", 1, [Linkedin];
        /// The e-mail address.
        Email = "email", 2, [Email];
        /// The handle of Twitter.
        Twitter = "twitter", 3, [Twitter];
        /// The page of Facebook.
        Facebook = "facebook", 4, [Facebook];
        /// The name together with the company's name.
        NameCompany = "name_company", 5, [Name, Company];
        /// The name together with the company's website.
        NameWebsite = "name_website", 6, [Name, Website];
    }
    org {
        /// The organisation's host.
        OrgWebsite = "website", 17, [Website];
        /// The organisation's e-mail address.
        OrgEmail = "email", 18, [Email];
        /// The organisation's name.
        OrgName = "name", 19, [Name];
    }
}

impl KeyKind {
    /// The keys of a kind of enrichment, strongest first.
    pub fn of(kind: EnrichmentKind) -> &'static [Self] {
        match kind {
            EnrichmentKind::People => Self::PEOPLE,
            EnrichmentKind::Org => Self::ORG,
        }
    }

    /// Whether it is made of a name, which others may have as well.
    pub fn is_name_key(self) -> bool {
        self.fields().contains(&Field::Name)
    }

    /// Its place among the keys of its kind: 0 is the strongest.
    pub fn rank(self) -> u8 {
        let of_kind = Self::of(self.kind());
        let place = of_kind.iter().position(|key| *key == self);
        place
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or(u8::MAX)
    }

    /// One bit for each key of a kind; those of stronger keys are lower.
    pub fn bit(self) -> u8 {
        1_u8.checked_shl(u32::from(self.rank())).unwrap_or(0)
    }

    /// The key of a ledger's byte.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.code() == code)
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
