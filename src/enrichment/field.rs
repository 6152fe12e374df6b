//! The inputs of an enrichment, and where each one stands in the JSON.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::EnrichmentKind;

/// One input of an enrichment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The person's or the organisation's name.
    Name,
    /// An e-mail address.
    Email,
    /// The name of the person's company (people only).
    Company,
    /// The company's website.
    Website,
    /// The LinkedIn page (people only).
    Linkedin,
    /// The Twitter page (people only).
    Twitter,
    /// The Facebook page (people only).
    Facebook,
}

impl Field {
    /// All inputs, in the order of the form, of the body and of the server's checks.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Email,
        Self::Company,
        Self::Website,
        Self::Linkedin,
        Self::Twitter,
        Self::Facebook,
    ];

    /// The inputs that a kind of enrichment takes (S for people, O7 for organisations).
    pub fn of(kind: EnrichmentKind) -> &'static [Self] {
        match kind {
            EnrichmentKind::People => &Self::ALL,
            EnrichmentKind::Org => &[Self::Name, Self::Email, Self::Website],
        }
    }

    /// The word of the command line, of JSON and of the bulk columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Company => "company",
            Self::Website => "website",
            Self::Linkedin => "linkedin",
            Self::Twitter => "twitter",
            Self::Facebook => "facebook",
        }
    }

    /// The label in the form.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Email => "Email",
            Self::Company => "Company",
            Self::Website => "Website",
            Self::Linkedin => "LinkedIn",
            Self::Twitter => "Twitter",
            Self::Facebook => "Facebook",
        }
    }

    /// The keys below `enrich_based_on` that lead to the value.
    pub fn keys(self, kind: EnrichmentKind) -> &'static [&'static str] {
        match (self, kind) {
            (Self::Name, _) => &["name"],
            (Self::Email, _) => &["email"],
            (Self::Company, _) => &["company", "name"],
            (Self::Website, EnrichmentKind::People) => &["company", "website"],
            (Self::Website, EnrichmentKind::Org) => &["website"],
            (Self::Linkedin, _) => &["social", "linkedin"],
            (Self::Twitter, _) => &["social", "twitter"],
            (Self::Facebook, _) => &["social", "facebook"],
        }
    }

    /// The input's JSON path as the server writes it.
    pub fn json_path(self, kind: EnrichmentKind) -> String {
        format!(
            "$.{}[0].enrich_based_on.{}",
            kind.api_name(),
            self.keys(kind).join(".")
        )
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

    /// The name under which an enrichment configuration maps the input (C7); a person's name
    /// and a social page that no mapping lists have none.
    pub fn mapping_name(self, kind: EnrichmentKind) -> Option<&'static str> {
        match (self, kind) {
            (Self::Name, EnrichmentKind::People) => None,
            (Self::Name | Self::Company, _) => Some("org_name"),
            (Self::Email, _) => Some("email"),
            (Self::Website, _) => Some("org_website"),
            (Self::Linkedin, _) => Some("linkedin"),
            (Self::Twitter, _) => Some("twitter"),
            (Self::Facebook, _) => Some("facebook"),
        }
    }

    /// The input that a server's JSON path or API name speaks of.
    pub fn from_path(path: &str) -> Option<Self> {
        let (_, tail) = path.split_once("enrich_based_on")?;
        let tail = tail.trim_start_matches('.');
        Some(match tail {
            "name" => Self::Name,
            "email" => Self::Email,
            "company.name" | "company" => Self::Company,
            "company.website" | "website" => Self::Website,
            "social.linkedin" | "social" => Self::Linkedin,
            "social.twitter" => Self::Twitter,
            "social.facebook" => Self::Facebook,
            _ => return None,
        })
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
                assert_eq!(Field::from_path(&field.json_path(kind)), Some(*field));
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
}
