//! What enrichment finds out (contract 2), from the inputs alone: the same twice.
//!
//! Both spellings of the contract appear: industries as texts and as objects, periods as
//! `start_period` and as `start_date`; some values are null, as they are on the live service.

use serde_json::{Value, json};

use super::ids::{hash, pick};
use super::persona::{COMPANY, TITLE, invented, slug};
use crate::base::EnrichmentKind;

const SCHOOL: [&str; 8] = [
    "University of Leeds",
    "IIT Madras",
    "McGill University",
    "University of Melbourne",
    "Georgia Tech",
    "King Saud University",
    "ETH Zürich",
    "Universidade de São Paulo",
];
const MAJOR: [&str; 7] = [
    "Economics",
    "Mechanical Engineering",
    "Computer Science",
    "Marketing",
    "Statistics",
    "Logistics",
    "English Literature",
];
const DEGREE: [&str; 4] = ["BSc", "MSc", "MBA", "BA"];
const INDUSTRY: [&str; 9] = [
    "Logistics",
    "Food & Beverages",
    "Industrial Machinery",
    "Information Technology",
    "Textiles",
    "Renewable Energy",
    "Publishing",
    "Hospital & Health Care",
    "Marine Transport",
];
const PLACE: [(&str, &str, &str); 10] = [
    ("Austin", "United States", "North America"),
    ("Toronto", "Canada", "North America"),
    ("Melbourne", "Australia", "Oceania"),
    ("Chennai", "India", "Asia"),
    ("Riyadh", "Saudi Arabia", "Asia"),
    ("Leeds", "United Kingdom", "Europe"),
    ("Lyon", "France", "Europe"),
    ("Nairobi", "Kenya", "Africa"),
    ("Curitiba", "Brazil", "South America"),
    ("Portland", "United States", "North America"),
];
const SKILL: [&str; 8] = [
    "Negotiation",
    "Forecasting",
    "SQL",
    "Lean",
    "Public Speaking",
    "Budgeting",
    "Rust",
    "Vendor Management",
];

fn text<'a>(inputs: &'a Value, pointer: &str) -> Option<&'a str> {
    inputs.pointer(pointer).and_then(Value::as_str)
}

/// What enrichment finds.
pub(super) fn enriched(kind: EnrichmentKind, inputs: &Value) -> Value {
    match kind {
        EnrichmentKind::People => person(inputs),
        EnrichmentKind::Org => organisation(inputs),
    }
}

fn person(inputs: &Value) -> Value {
    let seed = hash(&inputs.to_string());
    let found = invented(seed);
    let own = found.name();
    let name = text(inputs, "/name").unwrap_or(&own);
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    let company = text(inputs, "/company/name").unwrap_or(found.company);
    let own_website = found.website();
    let website = text(inputs, "/company/website").unwrap_or(&own_website);
    let own_email = found.email();
    let email = text(inputs, "/email").unwrap_or(&own_email);
    let handle = slug(name);
    let (city, country, continent) = place(seed);
    let second = (seed.is_multiple_of(3))
        .then(|| json!({"type": "PERSONAL", "email": format!("{handle}@mail.example")}));
    let emails: Vec<Value> = [
        Some(json!({"type": "PROFESSIONAL", "email": email})),
        second,
    ]
    .into_iter()
    .flatten()
    .collect();
    json!({
        "website": website,
        "email_infos": emails,
        "gender": null,
        "company_info": {
            "industries": industries(seed),
            "name": company,
            "experiences": experiences(seed, company, found.title),
        },
        "last_name": last,
        "middle_name": null,
        "educations": [{
            "majors": [pick(&MAJOR, seed >> 7)],
            "school_name": pick(&SCHOOL, seed >> 9),
            "degrees": if seed.is_multiple_of(4) { Value::Null } else { json!([pick(&DEGREE, seed >> 13)]) },
        }],
        "skills": if seed.is_multiple_of(2) { Value::Null } else {
            json!([pick(&SKILL, seed >> 3), pick(&SKILL, seed >> 21)])
        },
        "other_contacts": [],
        "primary_address_info": {
            "continent": continent, "country": country, "name": format!("{city}, {country}"),
            "region": city, "primary": true,
        },
        "address_list_info": [{
            "continent": continent, "country": country, "name": format!("{city}, {country}"),
            "region": city, "primary": true,
        }],
        "name": name,
        "primary_email": email,
        "id": opaque(seed),
        "designation": found.title,
        "first_name": first,
        "primary_contact": null,
        "secondary_contact": null,
        "interests": if seed % 3 == 1 { json!(["sailing", "chess"]) } else { Value::Null },
        "social_media": [
            {"media_type": "linkedin.com", "media_url": [format!("https://www.linkedin.com/in/{handle}")]},
            {"media_type": "twitter.com", "media_url": [format!("https://twitter.com/{handle}")]},
        ],
    })
}

fn place(seed: u64) -> (&'static str, &'static str, &'static str) {
    let index = usize::try_from((seed >> 5) % 10).unwrap_or(0);
    PLACE.get(index).copied().unwrap_or(("", "", ""))
}

/// As texts (G7) or as objects (OAS25).
fn industries(seed: u64) -> Value {
    let name = pick(&INDUSTRY, seed >> 11);
    if seed.is_multiple_of(2) {
        json!([name, pick(&INDUSTRY, seed >> 17)])
    } else {
        json!([{"name": name, "description": format!("{name} and related services")}])
    }
}

/// With periods (G7) or dates (OAS25).
fn experiences(seed: u64, company: &str, title: &str) -> Value {
    let began = 2015 + (seed >> 19) % 9;
    let before = pick(&COMPANY, seed >> 27);
    let junior = pick(&TITLE, seed >> 31);
    if seed % 3 == 2 {
        json!([
            {"end_date": null, "company_name": company, "title": title,
             "start_date": format!("{began}-03-01"), "primary": true},
            {"end_date": format!("{began}-02-28"), "company_name": before, "title": junior,
             "start_date": format!("{}-06-01", began - 4), "primary": false},
        ])
    } else {
        json!([
            {"end_period": null, "company_name": company, "title": title,
             "start_period": format!("{began}-03"), "primary": true},
            {"end_period": format!("{began}-02"), "company_name": before, "title": junior,
             "start_period": format!("{}-06", began - 4), "primary": false},
        ])
    }
}

fn opaque(seed: u64) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = seed;
    let text: String = (0..43)
        .filter_map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let index = usize::try_from(state >> 58).ok()?;
            ALPHABET.get(index).map(|byte| char::from(*byte))
        })
        .collect();
    text + "="
}

fn organisation(inputs: &Value) -> Value {
    let seed = hash(&inputs.to_string());
    let found = invented(seed);
    let name = text(inputs, "/name").unwrap_or(found.company);
    let own_website = found.website();
    let website = text(inputs, "/website").unwrap_or(&own_website);
    let (city, country, continent) = place(seed);
    json!({
        "website": format!("https://{website}"),
        "address": [{
            "country": country,
            "city": city,
            "pin_code": (10_000 + seed % 80_000).to_string(),
            "state": null,
            "fill_address": format!("{} Harbour Road", 1 + seed % 300),
        }],
        "org_status": if seed.is_multiple_of(3) { "Large Enterprise" } else { "Small Business" },
        "org_type": null,
        "head_quarters": [{"country": country}],
        "description": [
            {"description": format!("{name} of {city}"), "title": "Meta_Description"},
        ],
        "no_of_employees": (12 + seed % 4_000).to_string(),
        "secondary_email": null,
        "ceo": found.name(),
        "revenue": format!("${}M", 3 + seed % 240),
        "years_in_industry": 4 + seed % 70,
        "territory_list": [country, continent],
        "industries": industries(seed),
        "name": name,
        "secondary_contact": null,
        // A logo is several KB of base64 on the live service (OAS26).
        "logo": format!(
            "data:image/jpg;base64,{}",
            opaque(seed).trim_end_matches('=').repeat(64)
        ),
        "primary_email": text(inputs, "/email"),
        "id": opaque(seed >> 1),
        "business_model": ["Business to Business"],
        "primary_contact": null,
        "social_media": [
            {"media_type": "LINKEDIN", "media_url": [format!("linkedin.com/company/{}", slug(name))]},
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_inputs_find_the_same_person() {
        let inputs = json!({"name": "Ada Lovelace", "email": "ada@acme.example"});

        let found = enriched(EnrichmentKind::People, &inputs);

        assert_eq!(found, enriched(EnrichmentKind::People, &inputs));
        assert_eq!(found["name"], "Ada Lovelace");
        assert_eq!(found["last_name"], "Lovelace");
        assert_eq!(found["primary_email"], "ada@acme.example");
    }

    #[test]
    fn both_spellings_of_the_contract_are_met() {
        let found: Vec<Value> = (0..40)
            .map(|n| {
                enriched(
                    EnrichmentKind::People,
                    &json!({"email": format!("p{n}@a.test")}),
                )
            })
            .collect();
        let any = |check: &dyn Fn(&Value) -> bool| found.iter().any(check);

        assert!(any(&|p| p["company_info"]["industries"][0].is_string()));
        assert!(any(&|p| p["company_info"]["industries"][0].is_object()));
        assert!(any(&|p| p["company_info"]["experiences"][0]
            .get("start_period")
            .is_some()));
        assert!(any(&|p| p["company_info"]["experiences"][0]
            .get("start_date")
            .is_some()));
        assert!(any(&|p| p["skills"].is_null()));
    }
}
