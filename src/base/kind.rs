//! The two kinds of enrichment that Zia offers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is enriched: a person or an organisation. Units of the two are counted apart.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum EnrichmentKind {
    /// `__zia_people_enrichment`
    #[default]
    People,
    /// `__zia_org_enrichment`
    Org,
}

impl EnrichmentKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::People, Self::Org];

    /// The resource in the path and the root key of the JSON.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::People => "__zia_people_enrichment",
            Self::Org => "__zia_org_enrichment",
        }
    }

    /// The word of the command line, the ledger and the JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Org => "org",
        }
    }
}

impl fmt::Display for EnrichmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EnrichmentKind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not people or org"))
    }
}
