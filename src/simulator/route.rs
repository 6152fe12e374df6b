//! Which resource a path names, on what terms it is asked, and which request a fault is meant for.

use super::fault::Target;
use crate::base::EnrichmentKind;

/// A resource of the API or of the accounts server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Token,
    Revoke,
    ServerInfo,
    Enrichment(EnrichmentKind),
    Job(EnrichmentKind, String),
    Configurations,
    AllowedMappings,
    Configuration(String),
    Feature(String),
    Modules,
    Fields,
    Organisation,
    Users,
    Records(String),
    Search(String),
    Record(String, String),
    Unknown,
}

/// A path, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Located {
    pub(super) route: Route,
    /// The API version of the path, times ten: `v2.1` is 21. `None` outside `/crm/`.
    pub(super) version: Option<u32>,
}

/// The first version that has people and organisation enrichment, times ten (S).
pub(super) const VERSION_MIN: u32 = 70;

/// Takes a path apart. It arrives decoded and never leaves the process, so `..` is just a name.
pub(super) fn locate(path: &str) -> Located {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let accounts = |route| Located {
        route,
        version: None,
    };
    match parts.as_slice() {
        ["oauth", "v2", "token"] => accounts(Route::Token),
        ["oauth", "v2", "token", "revoke"] => accounts(Route::Revoke),
        ["oauth", "serverinfo"] => accounts(Route::ServerInfo),
        ["crm", version, rest @ ..] => match version_of(version) {
            Some(version) => Located {
                route: crm(rest),
                version: Some(version),
            },
            None => accounts(Route::Unknown),
        },
        _ => accounts(Route::Unknown),
    }
}

fn version_of(text: &str) -> Option<u32> {
    let number = text.strip_prefix('v')?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digit = |text: &str| text.parse::<u32>().ok().filter(|n| *n < 10);
    let version = digit(whole)? * 10 + digit(part)?;
    (20..=90).contains(&version).then_some(version)
}

fn crm(parts: &[&str]) -> Route {
    let kind_of = |name: &str| {
        EnrichmentKind::ALL
            .into_iter()
            .find(|k| k.api_name() == name)
    };
    match parts {
        ["settings", "zia", "data_enrichment"] => Route::Configurations,
        [
            "settings",
            "zia",
            "data_enrichment",
            "allowed_field_mappings",
        ] => Route::AllowedMappings,
        ["settings", "zia", "data_enrichment", id] => Route::Configuration((*id).to_owned()),
        ["settings", "modules"] => Route::Modules,
        ["settings", "fields"] => Route::Fields,
        ["__features", name] => Route::Feature((*name).to_owned()),
        ["org"] => Route::Organisation,
        ["users"] => Route::Users,
        [name] => match kind_of(name) {
            Some(kind) => Route::Enrichment(kind),
            None if is_module(name) => Route::Records((*name).to_owned()),
            None => Route::Unknown,
        },
        [name, id] => match kind_of(name) {
            Some(kind) => Route::Job(kind, (*id).to_owned()),
            None if is_module(name) && *id == "search" => Route::Search((*name).to_owned()),
            None if is_module(name) => Route::Record((*name).to_owned(), (*id).to_owned()),
            None => Route::Unknown,
        },
        _ => Route::Unknown,
    }
}

/// A name that could be a module's: they all begin with a capital letter.
fn is_module(name: &str) -> bool {
    name.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What a fault's `on` calls this request.
pub(super) fn target_of(route: &Route, method: &str) -> Target {
    match route {
        Route::Token => Target::Token,
        Route::Enrichment(EnrichmentKind::People) if method == "POST" => Target::PeoplePost,
        Route::Enrichment(EnrichmentKind::Org) if method == "POST" => Target::OrgPost,
        Route::Enrichment(_) => Target::List,
        Route::Job(..) => Target::Job,
        Route::Feature(_) => Target::Features,
        Route::Revoke
        | Route::ServerInfo
        | Route::Configurations
        | Route::AllowedMappings
        | Route::Configuration(_)
        | Route::Modules
        | Route::Fields
        | Route::Organisation
        | Route::Users
        | Route::Records(_)
        | Route::Search(_)
        | Route::Record(..)
        | Route::Unknown => Target::Other,
    }
}

/// On what terms a resource is asked.
pub(super) struct Terms {
    pub(super) verbs: &'static [&'static str],
    /// The area of its scope.
    pub(super) area: String,
    pub(super) part: Part,
}

/// Which part of the API a resource belongs to.
#[derive(PartialEq)]
pub(super) enum Part {
    /// What an edition or a version may lack.
    Enrichment,
    /// What every organisation has.
    Crm,
}

/// The terms of a resource; `None` where there is no resource.
pub(super) fn terms(route: &Route) -> Option<Terms> {
    let of = |part, verbs, area: &str| Terms {
        verbs,
        area: area.to_owned(),
        part,
    };
    let enrichment = |verbs, area| of(Part::Enrichment, verbs, area);
    let other = |area: &str| of(Part::Crm, &["GET"], area);
    Some(match route {
        Route::Enrichment(_) => enrichment(&["GET", "POST"], "settings.intelligence"),
        Route::Job(..) => enrichment(&["GET"], "settings.intelligence"),
        Route::Configurations => enrichment(&["GET", "POST", "PUT"], "zia.enrichment"),
        Route::Configuration(_) => enrichment(&["GET", "PUT", "DELETE"], "zia.enrichment"),
        Route::AllowedMappings => enrichment(&["GET"], "zia.enrichment"),
        Route::Feature(_) => other("features"),
        Route::Modules => other("settings.modules"),
        Route::Fields => other("settings.fields"),
        Route::Organisation => other("org"),
        Route::Users => other("users"),
        Route::Records(module) | Route::Search(module) | Route::Record(module, _) => {
            other(&format!("modules.{module}"))
        }
        Route::Token | Route::Revoke | Route::ServerInfo | Route::Unknown => return None,
    })
}

/// What a grant code gives unless it names its own scopes.
pub(super) const ALL_SCOPES: [&str; 8] = [
    "ZohoCRM.settings.intelligence.ALL",
    "ZohoCRM.zia.enrichment.ALL",
    "ZohoCRM.settings.modules.READ",
    "ZohoCRM.settings.fields.READ",
    "ZohoCRM.modules.ALL",
    "ZohoCRM.org.READ",
    "ZohoCRM.users.READ",
    "ZohoCRM.features.READ",
];

/// The scope that an area and a verb ask for.
pub(super) fn scope(area: &str, method: &str) -> String {
    let verb = match method {
        "POST" => "CREATE",
        "PUT" => "UPDATE",
        "DELETE" => "DELETE",
        _ => "READ",
    };
    format!("ZohoCRM.{area}.{verb}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/oauth/v2/token", Route::Token)]
    #[case(
        "/crm/v7/__zia_people_enrichment",
        Route::Enrichment(EnrichmentKind::People)
    )]
    #[case("/crm/v8/__zia_org_enrichment/12", Route::Job(EnrichmentKind::Org, "12".into()))]
    #[case("/crm/v2.1/settings/modules", Route::Modules)]
    #[case("/crm/v7/Leads", Route::Records("Leads".into()))]
    #[case("/crm/v7/Leads/search", Route::Search("Leads".into()))]
    #[case("/crm/v7/settings/data_enrichment", Route::Unknown)]
    #[case(
        "/crm/v7/settings/zia/data_enrichment/allowed_field_mappings",
        Route::AllowedMappings
    )]
    #[case("/crm/v7/settings/zia/data_enrichment/12", Route::Configuration("12".into()))]
    #[case("/crm/v7/__zia_people_enrichment/../settings/modules", Route::Unknown)]
    #[case("/crm/7/org", Route::Unknown)]
    #[case("/crm/v1/org", Route::Unknown)]
    #[case("/", Route::Unknown)]
    #[case("", Route::Unknown)]
    fn a_path_names_one_resource(#[case] path: &str, #[case] expected: Route) {
        assert_eq!(locate(path).route, expected);
    }
}
