//! What only the server can tell. Every question is free of charge.

use super::Check;
use crate::base::{EnrichmentKind, Timestamp, moment};
use crate::enrichment::validate::Configuration;
use crate::ops::error::OpsError;
use crate::ops::reach;
use crate::ops::session::ProfileSession;
use crate::ops::setup::{self, judge};
use crate::wire::settings::{EnrichmentConfiguration, Organisation};
use crate::zoho::probe::{Host, Reached};
use crate::zoho::query::{JobListQuery, SortOrder};

/// How far the clocks may be apart before it is worth a word: an access token is refreshed when
/// less than a minute is left of it.
const CLOCKS_APART_SECONDS: i64 = 60;

/// Asks everything that a send depends on, and stops asking where nothing more can be learned.
pub async fn server(session: &ProfileSession) -> Vec<Check> {
    let mut checks = Vec::new();
    for (name, host) in [("accounts host", Host::Accounts), ("api host", Host::Api)] {
        let before = session.clock().now();
        match session.client().probe(host).await {
            Ok(reached) => {
                checks.push(Check::fine(
                    name,
                    format!("{} answers (HTTP {})", reached.host, reached.status),
                ));
                if host == Host::Api {
                    checks.push(clock(&reached, before, session.clock().now()));
                }
            }
            Err(error) => checks.push(Check::of_error(name, &OpsError::Zoho(error))),
        }
    }
    if checks.iter().any(Check::is_failure) {
        checks.push(Check::skipped("access token", "a host does not answer"));
        return checks;
    }
    match session.tokens().access_token().await {
        Ok(token) => checks.push(Check::fine(
            "access token",
            format!("good until {}", moment(token.expires_at())),
        )),
        Err(error) => {
            checks.push(Check::of_error("access token", &OpsError::Auth(error)));
            checks.push(Check::skipped("organisation", "there is no access token"));
            return checks;
        }
    }
    checks.extend(organisation(session).await);
    if checks.iter().any(Check::is_failure) {
        checks.push(Check::skipped(
            "features",
            "the organisation is not the right one",
        ));
        return checks;
    }
    checks.push(features(session).await);
    checks.push(jobs(session).await);
    checks.extend(configurations(session).await);
    checks
}

/// The server's clock, if it tells; its text has whole seconds, and the answer took a while.
fn clock(reached: &Reached, before: Timestamp, after: Timestamp) -> Check {
    const NAME: &str = "clock";
    let Some(date) = reached.date else {
        return Check::fine(NAME, "the server does not tell its time");
    };
    let early = before.as_second().saturating_sub(date.as_second());
    let late = date.as_second().saturating_sub(after.as_second());
    match early.max(late) {
        CLOCKS_APART_SECONDS.. => Check::warning(
            NAME,
            format!(
                "this host is {} s {} the server",
                early.max(late),
                if early > late { "ahead of" } else { "behind" }
            ),
            "set the clock, for example with NTP: tokens and reconcile go by it",
        ),
        _ => Check::fine(NAME, "agrees with the server"),
    }
}

async fn organisation(session: &ProfileSession) -> Vec<Check> {
    const NAME: &str = "organisation";
    let found = match reach::check_pin(session).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            return vec![Check::warning(
                NAME,
                "the grant does not allow to ask which organisation it is",
                "add ZohoCRM.org.READ to the scopes and sign in again",
            )];
        }
        Err(error) => return vec![Check::of_error(NAME, &error)],
    };
    let mut checks = vec![environment(session, &found), edition(&found)];
    checks.push(match reach::user(session).await {
        Ok(Some(user)) => Check::fine("user", user.name),
        Ok(None) => Check::warning(
            "user",
            "the grant does not allow to ask who it is",
            "add ZohoCRM.users.READ to the scopes and sign in again",
        ),
        Err(error) => Check::of_error("user", &error),
    });
    checks
}

fn environment(session: &ProfileSession, found: &Organisation) -> Check {
    let wanted = session.profile().environment.as_str();
    let text = format!("{} ({})", found.name, found.id);
    match found.environment.as_deref() {
        Some(other) if other != wanted => Check::warning(
            "organisation",
            format!("{text} is of type {other}, and the profile says {wanted}"),
            "correct `environment` in the profile, then sign in again",
        ),
        Some(_) | None => Check::fine("organisation", text),
    }
}

/// Editions with enrichment: Enterprise and Ultimate (S), and the bundles that contain them.
fn edition(found: &Organisation) -> Check {
    const NAME: &str = "edition";
    const WITH: [&str; 4] = ["enterprise", "ultimate", "crmplus", "zohooneenterprise"];
    let words = [&found.edition, &found.trial];
    let mut words = words.into_iter().flatten().map(|word| word.to_lowercase());
    if let Some(word) = words.find(|word| WITH.contains(&word.as_str())) {
        return Check::fine(NAME, word);
    }
    match &found.edition {
        Some(edition) => Check::failure(
            NAME,
            5,
            (
                format!("{edition} has no Zia enrichment"),
                "it needs the Enterprise or the Ultimate edition",
            ),
        ),
        None => Check::warning(
            NAME,
            "the server does not tell the edition",
            "check in the CRM that it is Enterprise or Ultimate",
        ),
    }
}

async fn features(session: &ProfileSession) -> Check {
    const NAME: &str = "features";
    let asked = session
        .ask(|token| async move { session.client().features(&token).await })
        .await;
    match asked {
        Ok(Some(found)) => {
            let word = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |n| n.to_string());
            Check::fine(
                NAME,
                format!(
                    "data enrichment is there; {} of {} used",
                    word(found.used),
                    word(found.limit)
                ),
            )
        }
        Ok(None) => Check::warning(
            NAME,
            "the server knows no data enrichment in this organisation (HTTP 204)",
            "install the Web Amigo extension, and check the edition",
        ),
        Err(error) => Check::softened(
            NAME,
            &error,
            "usage comes from the job list instead; add ZohoCRM.features.READ to the scopes",
        ),
    }
}

/// Reading jobs needs the feature, the edition, the scope and the permission, all at once.
async fn jobs(session: &ProfileSession) -> Check {
    let query = JobListQuery {
        kind: EnrichmentKind::People,
        page: 1,
        order: SortOrder::Descending,
        status: None,
    };
    let asked = session
        .ask(|token| {
            let query = query.clone();
            async move { session.client().jobs(&query, &token).await }
        })
        .await;
    match asked {
        Ok(_) => Check::fine("jobs", "people enrichment can be read"),
        Err(error) => Check::of_error("jobs", &error),
    }
}

async fn configurations(session: &ProfileSession) -> Vec<Check> {
    let modules = match setup::modules(session, EnrichmentKind::People).await {
        Ok(modules) => modules,
        Err(error) => {
            return vec![Check::softened(
                "modules",
                &error,
                "type the module by hand, or add ZohoCRM.settings.modules.READ to the scopes",
            )];
        }
    };
    if modules.is_empty() {
        return vec![Check::warning(
            "modules",
            "the server offers no module for people enrichment",
            "install the Web Amigo extension from the Zoho Marketplace",
        )];
    }
    let names: Vec<_> = modules
        .iter()
        .map(|module| module.api_name.as_str())
        .collect();
    let mut checks = vec![Check::fine("modules", names.join(", "))];
    match setup::configurations(session).await {
        Ok(all) => checks.extend(names.iter().map(|name| configuration(session, &all, name))),
        Err(error) => checks.push(Check::softened(
            "configuration",
            &error,
            "add ZohoCRM.zia.enrichment.READ to the scopes",
        )),
    }
    checks
}

/// A module without a configuration is refused by the server. It is a failure for the module that
/// the profile sends to by itself.
fn configuration(session: &ProfileSession, all: &[EnrichmentConfiguration], module: &str) -> Check {
    let name = format!("configuration {module}");
    let change = "ziadeck enrichment config";
    let (message, next) = match judge(all, EnrichmentKind::People, module) {
        Configuration::Active { unmapped, .. } if unmapped.is_empty() => {
            return Check::fine(&name, "on, every input is mapped");
        }
        Configuration::Active { unmapped, .. } => {
            let first = unmapped.first().map_or("facebook", String::as_str);
            return Check::warning(
                &name,
                format!(
                    "on; not mapped, and refused when given: {}",
                    unmapped.join(", ")
                ),
                &format!("map one with `{change} map {module} {first}=FIELD`, or leave it out"),
            );
        }
        Configuration::Disabled => (
            "switched off: every request is refused",
            format!("switch it on with `{change} enable {module}`"),
        ),
        Configuration::Missing => (
            "none: every request is refused",
            format!("make one with `{change} create {module} email=Email`, or in the CRM"),
        ),
    };
    let default = session.profile().default_module.as_ref();
    if default.is_some_and(|default| default.as_str() == module) {
        Check::failure(&name, 5, (message.to_owned(), &next))
    } else {
        Check::warning(&name, message, &next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::doctor::Finding;
    use rstest::rstest;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[rstest]
    #[case::same(1_000, Finding::Fine)]
    #[case::a_bit(1_059, Finding::Fine)]
    #[case::behind(1_090, Finding::Warning)]
    #[case::ahead(900, Finding::Warning)]
    fn a_clock_far_from_the_servers_is_named(#[case] server: i64, #[case] expected: Finding) {
        let reached = Reached {
            host: "h".to_owned(),
            status: 200,
            date: Some(at(server)),
        };

        assert_eq!(clock(&reached, at(1_000), at(1_001)).finding, expected);
    }

    fn organisation(edition: Option<&str>, trial: Option<&str>) -> Organisation {
        Organisation {
            id: "1".to_owned(),
            name: "Acme".to_owned(),
            edition: edition.map(str::to_owned),
            environment: None,
            users: None,
            trial: trial.map(str::to_owned),
        }
    }

    #[rstest]
    #[case(Some("ultimate"), None, Finding::Fine)]
    #[case(Some("free"), Some("enterprise"), Finding::Fine)]
    #[case(Some("standard"), None, Finding::Failure(5))]
    #[case(None, None, Finding::Warning)]
    fn an_edition_without_enrichment_fails(
        #[case] paid: Option<&str>,
        #[case] trial: Option<&str>,
        #[case] expected: Finding,
    ) {
        assert_eq!(edition(&organisation(paid, trial)).finding, expected);
    }
}
