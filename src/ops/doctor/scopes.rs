//! What each scope of the API is needed for, and whether a grant covers it.

use super::{Check, Finding};
use crate::config::{SCOPES_NEEDED, ScopeWeight};

/// A scope that a grant lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The scope.
    pub scope: String,
    /// What does not work without it.
    pub without: &'static str,
    /// Whether anything can be sent without it.
    pub sending: Sending,
}

/// What a missing scope does to sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It goes on.
    Works,
    /// Nothing can be sent.
    Stops,
}

/// What a grant lacks of what is needed, and of what the profile asks for besides. `granted` is the
/// server's own text; `None` when it did not say.
pub fn missing(granted: Option<&str>, asked: &[String]) -> Option<Vec<Missing>> {
    let granted = listed(granted)?;
    let has = |needed: &str| granted.iter().any(|scope| covers(scope, needed));
    let needed = SCOPES_NEEDED
        .iter()
        .filter(|needed| !has(needed.scope))
        .map(|needed| Missing {
            scope: needed.scope.to_owned(),
            without: needed.without,
            sending: if needed.weight == ScopeWeight::Sending {
                Sending::Stops
            } else {
                Sending::Works
            },
        });
    let is_needed = |asked: &str| {
        SCOPES_NEEDED
            .iter()
            .any(|needed| covers(asked, needed.scope))
    };
    let besides = asked
        .iter()
        .filter(|asked| !has(asked) && !is_needed(asked))
        .map(|asked| Missing {
            scope: asked.clone(),
            without: "the profile asks for it",
            sending: Sending::Works,
        });
    Some(needed.chain(besides).collect())
}

/// The scopes of a text of the server's; `None` when it has none.
fn listed(granted: Option<&str>) -> Option<Vec<&str>> {
    let granted = granted.filter(|text| !text.trim().is_empty())?;
    let scopes = granted.split([',', ' ']);
    Some(scopes.filter(|scope| !scope.is_empty()).collect())
}

/// One check for each needed scope. `granted` is the server's own text; it does not always say.
pub(super) fn checks(granted: Option<&str>) -> Vec<Check> {
    let Some(granted) = listed(granted) else {
        return vec![Check::warning(
            "scopes",
            "the server did not say which scopes were granted",
            "if a call answers OAUTH_SCOPE_MISMATCH, make a new grant code with the scopes that `ziadeck auth login` names",
        )];
    };
    SCOPES_NEEDED
        .iter()
        .map(|needed| {
            let name = format!("scope {}", needed.scope);
            if granted.iter().any(|scope| covers(scope, needed.scope)) {
                return Check::fine(&name, "granted");
            }
            Check {
                finding: match needed.weight {
                    ScopeWeight::Sending | ScopeWeight::Jobs => Finding::Failure(4),
                    ScopeWeight::Part => Finding::Warning,
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
    use crate::config::scopes_default;
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
    fn what_is_missing_is_what_is_needed_and_what_the_profile_asks_for_besides() {
        let asked = [
            "ZohoCRM.settings.intelligence.ALL",
            "ZohoCRM.modules.leads.UPDATE",
            "ZohoCRM.settings.fields.READ",
        ]
        .map(str::to_owned);
        let needed = SCOPES_NEEDED.map(|needed| needed.scope).join(" ");
        let all = format!("ZohoCRM.settings.ALL {needed}");

        let found = missing(Some(&all), &asked).unwrap();

        assert_eq!(
            found,
            [Missing {
                scope: "ZohoCRM.modules.leads.UPDATE".to_owned(),
                without: "the profile asks for it",
                sending: Sending::Works,
            }]
        );
        let only_jobs = missing(Some("ZohoCRM.settings.intelligence.READ"), &[]).unwrap();
        assert_eq!(only_jobs[0].sending, Sending::Stops);
        assert!(
            only_jobs[1..]
                .iter()
                .all(|one| one.sending == Sending::Works)
        );
        assert_eq!(missing(None, &asked), None);
    }

    #[test]
    fn a_profile_asks_for_every_scope_that_is_needed_and_for_no_other() {
        for needed in &SCOPES_NEEDED {
            let mut asked = scopes_default().into_iter();
            assert!(
                asked.any(|asked| covers(&asked, needed.scope)),
                "{}",
                needed.scope
            );
        }
        for asked in scopes_default() {
            let mut needed = SCOPES_NEEDED.iter();
            assert!(needed.any(|needed| covers(&asked, needed.scope)), "{asked}");
        }
    }

    #[test]
    fn a_missing_scope_says_what_does_not_work() {
        let found = checks(Some("ZohoCRM.settings.intelligence.ALL,ZohoCRM.org.READ"));

        for (needed, check) in SCOPES_NEEDED.iter().zip(&found) {
            let has = needed.scope.contains("intelligence") || needed.scope == "ZohoCRM.org.READ";
            let (finding, text) = match has {
                true => (Finding::Fine, "granted".to_owned()),
                false => (Finding::Warning, format!("not granted: {}", needed.without)),
            };
            assert_eq!(check.name, format!("scope {}", needed.scope));
            assert_eq!(
                (check.finding, &check.message),
                (finding, &text),
                "{}",
                needed.scope
            );
        }
        assert_eq!(found.len(), SCOPES_NEEDED.len());
        assert!(found.iter().all(|check| !check.is_failure()));
        assert!(
            checks(Some("ZohoCRM.org.READ"))
                .iter()
                .any(Check::is_failure)
        );
    }
}
