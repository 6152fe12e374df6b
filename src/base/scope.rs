//! Whose enrichment: units, jobs and attempts of one profile are counted apart by kind.

use super::{EnrichmentKind, ProfileName};

/// A profile and the kind of enrichment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// Whose organisation.
    pub profile: ProfileName,
    /// People or organisation.
    pub kind: EnrichmentKind,
}
