//! The two kinds of enrichment that Zia offers.

use super::{listed, word_enum};

word_enum!(
    /// What is enriched: a person or an organisation. Units of the two are counted apart.
    #[derive(Default)]
    EnrichmentKind,
    listed(&EnrichmentKind::ALL.map(EnrichmentKind::as_str), "or"),
    /// `__zia_people_enrichment`
    #[default]
    People = "people",
    /// `__zia_org_enrichment`
    Org = "org",
);

impl EnrichmentKind {
    /// The resource in the path and the root key of the JSON.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::People => "__zia_people_enrichment",
            Self::Org => "__zia_org_enrichment",
        }
    }
}
