//! The scopes of the API: what each is needed for, and so what a profile asks for.

/// A scope that is needed, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededScope {
    /// Its name, with the one operation that is needed.
    pub scope: &'static str,
    /// What does not work without it.
    pub without: &'static str,
    /// What its lack does to enrichment.
    pub weight: ScopeWeight,
}

/// What the lack of a scope does to enrichment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeWeight {
    /// Nothing can be sent.
    Sending,
    /// Nothing that was sent can be followed.
    Jobs,
    /// Something beside it does not work.
    Part,
}

/// Every scope that is needed: enrichment itself (S, G7), the module list, the enrichment
/// configuration, the usage figure, the organisation, who the token is, and reading records for
/// prefill (contract 3).
pub const SCOPES_NEEDED: [NeededScope; 8] = [
    NeededScope {
        scope: "ZohoCRM.settings.intelligence.CREATE",
        without: "nothing can be sent",
        weight: ScopeWeight::Sending,
    },
    NeededScope {
        scope: "ZohoCRM.settings.intelligence.READ",
        without: "jobs cannot be read, so usage and unknown outcomes cannot be settled",
        weight: ScopeWeight::Jobs,
    },
    NeededScope {
        scope: "ZohoCRM.settings.modules.READ",
        without: "the module list cannot be offered; a module is typed by hand",
        weight: ScopeWeight::Part,
    },
    NeededScope {
        scope: "ZohoCRM.zia.enrichment.READ",
        without: "a missing configuration or an unmapped input is found out only by a refusal",
        weight: ScopeWeight::Part,
    },
    NeededScope {
        scope: "ZohoCRM.features.READ",
        without: "usage and limit come from the job list and from LIMIT_EXCEEDED alone",
        weight: ScopeWeight::Part,
    },
    NeededScope {
        scope: "ZohoCRM.org.READ",
        without: "nobody notices when the token reaches another organisation",
        weight: ScopeWeight::Part,
    },
    NeededScope {
        scope: "ZohoCRM.users.READ",
        without: "jobs of the same inputs by another user cannot be told from ours",
        weight: ScopeWeight::Part,
    },
    NeededScope {
        scope: "ZohoCRM.modules.READ",
        without: "drafts cannot be filled in from a record",
        weight: ScopeWeight::Part,
    },
];

/// The scopes that a profile asks for unless it names its own: what is needed, and `ALL` where
/// more than one operation of a group is.
pub fn scopes_default() -> Vec<String> {
    let group = |scope: &'static str| scope.rsplit_once('.').map_or(scope, |(group, _)| group);
    let mut asked: Vec<String> = Vec::new();
    for needed in SCOPES_NEEDED {
        let of = group(needed.scope);
        let operations = SCOPES_NEEDED.iter().filter(|it| group(it.scope) == of);
        let scope = match operations.count() {
            1 => needed.scope.to_owned(),
            _ => format!("{of}.ALL"),
        };
        if !asked.contains(&scope) {
            asked.push(scope);
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scopes_that_a_new_profile_asks_for() {
        assert_eq!(
            scopes_default(),
            [
                "ZohoCRM.settings.intelligence.ALL",
                "ZohoCRM.settings.modules.READ",
                "ZohoCRM.zia.enrichment.READ",
                "ZohoCRM.features.READ",
                "ZohoCRM.org.READ",
                "ZohoCRM.users.READ",
                "ZohoCRM.modules.READ",
            ]
        );
    }
}
