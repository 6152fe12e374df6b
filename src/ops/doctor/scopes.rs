//! What each scope of the API is needed for, and whether a grant covers it.

use super::{Check, Finding};

/// A scope, what does not work without it, and whether nothing works without it.
struct Needed {
    scope: &'static str,
    without: &'static str,
    weight: Weight,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Everything,
    Part,
}

const NEEDED: [Needed; 8] = [
    Needed {
        scope: "ZohoCRM.settings.intelligence.CREATE",
        without: "nothing can be sent",
        weight: Weight::Everything,
    },
    Needed {
        scope: "ZohoCRM.settings.intelligence.READ",
        without: "jobs cannot be read, so usage and unknown outcomes cannot be settled",
        weight: Weight::Everything,
    },
    Needed {
        scope: "ZohoCRM.settings.modules.READ",
        without: "the module list cannot be offered; a module is typed by hand",
        weight: Weight::Part,
    },
    Needed {
        scope: "ZohoCRM.zia.enrichment.READ",
        without: "a missing configuration or an unmapped input is found out only by a refusal",
        weight: Weight::Part,
    },
    Needed {
        scope: "ZohoCRM.features.READ",
        without: "usage and limit come from the job list and from LIMIT_EXCEEDED alone",
        weight: Weight::Part,
    },
    Needed {
        scope: "ZohoCRM.org.READ",
        without: "nobody notices when the token reaches another organisation",
        weight: Weight::Part,
    },
    Needed {
        scope: "ZohoCRM.users.READ",
        without: "jobs of the same inputs by another user cannot be told from ours",
        weight: Weight::Part,
    },
    Needed {
        scope: "ZohoCRM.modules.READ",
        without: "drafts cannot be filled in from a record",
        weight: Weight::Part,
    },
];

/// One check for each needed scope. `granted` is the server's own text; it does not always say.
pub(super) fn checks(granted: Option<&str>) -> Vec<Check> {
    let Some(granted) = granted.filter(|text| !text.trim().is_empty()) else {
        return vec![Check::warning(
            "scopes",
            "the server did not say which scopes were granted",
            "if a call answers OAUTH_SCOPE_MISMATCH, make a new grant code with the scopes that `ziadeck auth login` names",
        )];
    };
    let granted: Vec<&str> = granted
        .split([',', ' '])
        .filter(|scope| !scope.is_empty())
        .collect();
    NEEDED
        .iter()
        .map(|needed| {
            let name = format!("scope {}", needed.scope);
            if granted.iter().any(|scope| covers(scope, needed.scope)) {
                return Check::fine(&name, "granted");
            }
            Check {
                finding: match needed.weight {
                    Weight::Everything => Finding::Failure(4),
                    Weight::Part => Finding::Warning,
                },
                ..Check::warning(
                    &name,
                    format!("not granted: {}", needed.without),
                    "make a new grant code with this scope and run `ziadeck auth login`",
                )
            }
        })
        .collect()
}

/// Whether a granted scope contains a needed one. Names are compared without regard to case (the
/// documents spell `.ALL` and `.All`); `ALL` in the last place stands for every operation, and for
/// everything below: `ZohoCRM.settings.ALL` covers `ZohoCRM.settings.modules.READ`.
fn covers(granted: &str, needed: &str) -> bool {
    if granted.eq_ignore_ascii_case(needed) {
        return true;
    }
    let Some((group, operation)) = granted.rsplit_once('.') else {
        return false;
    };
    operation.eq_ignore_ascii_case("all")
        && needed
            .get(..group.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(group))
        && needed.as_bytes().get(group.len()) == Some(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("ZohoCRM.org.READ", "ZohoCRM.org.READ", true)]
    #[case("zohocrm.Zia.enrichment.All", "ZohoCRM.zia.enrichment.READ", true)]
    #[case("ZohoCRM.settings.ALL", "ZohoCRM.settings.modules.READ", true)]
    #[case("ZohoCRM.modules.ALL", "ZohoCRM.modules.READ", true)]
    #[case("ZohoCRM.modules.READ", "ZohoCRM.modules.ALL", false)]
    #[case("ZohoCRM.set.ALL", "ZohoCRM.settings.modules.READ", false)]
    #[case("ZohoCRM.org.READ", "ZohoCRM.users.READ", false)]
    #[case("ALL", "ZohoCRM.users.READ", false)]
    fn a_wider_scope_covers_a_narrower_one(
        #[case] granted: &str,
        #[case] needed: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(covers(granted, needed), expected);
    }

    #[test]
    fn a_missing_scope_says_what_does_not_work() {
        let found = checks(Some("ZohoCRM.settings.intelligence.ALL,ZohoCRM.org.READ"));

        let missing: Vec<_> = found
            .iter()
            .filter(|check| check.finding == Finding::Warning)
            .map(|check| check.name.as_str())
            .collect();
        assert_eq!(
            missing,
            [
                "scope ZohoCRM.settings.modules.READ",
                "scope ZohoCRM.zia.enrichment.READ",
                "scope ZohoCRM.features.READ",
                "scope ZohoCRM.users.READ",
                "scope ZohoCRM.modules.READ",
            ]
        );
        assert!(found.iter().all(|check| !check.is_failure()));
        assert!(
            checks(Some("ZohoCRM.org.READ"))
                .iter()
                .any(Check::is_failure)
        );
    }
}
