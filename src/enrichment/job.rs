//! Jobs: what the server made of an accepted request.

use std::fmt;

use serde_json::Value;

/// A job's status. The documents disagree on the list (G7, OAS26), so any word may come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// Accepted, not begun.
    Scheduled,
    /// Being worked on.
    Running,
    /// Done, with data.
    Completed,
    /// Done, nothing was found.
    DataNotFound,
    /// Zia gave up.
    Failed,
    /// The record was updated.
    Updated,
    /// A word nobody documented.
    Unrecognised(String),
}

impl JobStatus {
    /// Every status that Zoho documents.
    pub const DOCUMENTED: [Self; 6] = [
        Self::Scheduled,
        Self::Running,
        Self::Completed,
        Self::DataNotFound,
        Self::Failed,
        Self::Updated,
    ];

    /// The word as Zoho spells it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::DataNotFound => "DATA_NOT_FOUND",
            Self::Failed => "FAILED",
            Self::Updated => "UPDATED",
            Self::Unrecognised(word) => word,
        }
    }

    /// Whether nothing more is to come. An unknown word is polled on, within the budget.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Completed | Self::DataNotFound | Self::Failed | Self::Updated => true,
            Self::Scheduled | Self::Running | Self::Unrecognised(_) => false,
        }
    }

    /// A plain sentence.
    pub fn plain(&self) -> &'static str {
        match self {
            Self::Scheduled => "Zoho has the job in its queue.",
            Self::Running => "Zoho is working on the job.",
            Self::Completed => "The enriched data is here.",
            Self::DataNotFound => "Zia found nothing about this person or organisation.",
            Self::Failed => "Zia could not finish the job.",
            Self::Updated => "The record in the CRM has been updated.",
            Self::Unrecognised(_) => "Zoho does not document this status.",
        }
    }
}

impl From<&str> for JobStatus {
    fn from(word: &str) -> Self {
        match word {
            "SCHEDULED" => Self::Scheduled,
            "RUNNING" => Self::Running,
            "COMPLETED" => Self::Completed,
            "DATA_NOT_FOUND" => Self::DataNotFound,
            "FAILED" => Self::Failed,
            "UPDATED" => Self::Updated,
            other => Self::Unrecognised(other.to_owned()),
        }
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One heading with its lines, for reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// Label and text; an empty label continues the line above.
    pub lines: Vec<(String, String)>,
}

/// Lays enriched data out for reading. Both documented shapes of industries and of experience
/// dates are read (G7, OAS25); keys nobody documented are kept under "Other"; long opaque texts
/// such as a base64 logo are named with their size instead of drawn.
pub fn sections(data: &Value) -> Vec<Section> {
    let Value::Object(map) = data else {
        return Vec::new();
    };
    let mut all = vec![
        section("Person", person(data)),
        section("Work", work(data)),
        section("Education", education(data)),
        section("Contact", contact(data)),
        section("Social", social(data)),
        section("Address", addresses(data)),
    ];
    let other = map
        .iter()
        .filter(|(key, _)| !KNOWN.contains(&key.as_str()))
        .filter_map(|(key, value)| {
            let key: String = key.chars().take(TEXT_CHARS_MAX).collect();
            Some((key.replace('_', " "), text(value)?))
        })
        .collect();
    all.push(section("Other", other));
    all.retain(|section| !section.lines.is_empty());
    all
}

const KNOWN: &[&str] = &[
    "id",
    "name",
    "first_name",
    "middle_name",
    "last_name",
    "gender",
    "designation",
    "skills",
    "interests",
    "company_info",
    "website",
    "educations",
    "email_infos",
    "primary_email",
    "primary_contact",
    "secondary_contact",
    "other_contacts",
    "social_media",
    "primary_address_info",
    "address_list_info",
];

/// Longest text that is drawn as it is; a base64 logo has several KB (OAS26).
const TEXT_CHARS_MAX: usize = 400;

type Lines = Vec<(String, String)>;

fn section(title: &'static str, lines: Lines) -> Section {
    Section { title, lines }
}

/// A value as a text; `None` for null and empty.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().filter_map(text).collect::<Vec<_>>().join(", "),
        Value::Object(map) => map
            .iter()
            .filter_map(|(key, value)| Some(format!("{key} {}", text(value)?)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let chars = text.chars().count();
    if chars > TEXT_CHARS_MAX {
        return Some(format!("({chars} characters, not shown)"));
    }
    Some(text).filter(|text| !text.trim().is_empty())
}

fn at(value: &Value, key: &str) -> Option<String> {
    text(value.get(key)?)
}

fn add(lines: &mut Lines, label: &str, value: Option<String>) {
    if let Some(value) = value {
        lines.push((label.to_owned(), value));
    }
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn person(data: &Value) -> Lines {
    let mut lines = Lines::new();
    let parts = ["first_name", "middle_name", "last_name"]
        .iter()
        .filter_map(|key| at(data, key))
        .collect::<Vec<_>>()
        .join(" ");
    let name = at(data, "name").or(Some(parts).filter(|name| !name.is_empty()));
    add(&mut lines, "Name", name);
    add(&mut lines, "Title", at(data, "designation"));
    add(&mut lines, "Gender", at(data, "gender"));
    add(&mut lines, "Skills", at(data, "skills"));
    add(&mut lines, "Interests", at(data, "interests"));
    lines
}

fn work(data: &Value) -> Lines {
    let mut lines = Lines::new();
    add(&mut lines, "Website", at(data, "website"));
    let Some(company) = data.get("company_info") else {
        return lines;
    };
    add(&mut lines, "Company", at(company, "name"));
    let industries = items(company, "industries")
        .iter()
        .filter_map(|item| at(item, "name").or_else(|| text(item)))
        .collect::<Vec<_>>()
        .join(", ");
    add(
        &mut lines,
        "Industry",
        Some(industries).filter(|text| !text.is_empty()),
    );
    for (index, job) in items(company, "experiences").iter().enumerate() {
        let from = at(job, "start_period").or_else(|| at(job, "start_date"));
        let to = at(job, "end_period").or_else(|| at(job, "end_date"));
        let span = match (from, to) {
            (Some(from), Some(to)) => format!("{from} to {to}"),
            (Some(from), None) => format!("since {from}"),
            (None, Some(to)) => format!("until {to}"),
            (None, None) => String::new(),
        };
        let what = [at(job, "title"), at(job, "company_name"), Some(span)]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ");
        let label = if index == 0 { "Experience" } else { "" };
        add(
            &mut lines,
            label,
            Some(what).filter(|text| !text.is_empty()),
        );
    }
    lines
}

fn education(data: &Value) -> Lines {
    items(data, "educations")
        .iter()
        .filter_map(|school| {
            let what = ["degrees", "majors"]
                .iter()
                .filter_map(|key| at(school, key))
                .collect::<Vec<_>>()
                .join(" · ");
            match (at(school, "school_name"), what.is_empty()) {
                (Some(name), _) => Some((name, what)),
                (None, false) => Some(("School".to_owned(), what)),
                (None, true) => None,
            }
        })
        .collect()
}

fn contact(data: &Value) -> Lines {
    let mut lines = Lines::new();
    add(&mut lines, "Email", at(data, "primary_email"));
    for mail in items(data, "email_infos") {
        let label = at(mail, "type").unwrap_or_else(|| "EMAIL".to_owned());
        add(&mut lines, &label.to_lowercase(), at(mail, "email"));
    }
    add(&mut lines, "Phone", at(data, "primary_contact"));
    add(&mut lines, "Phone 2", at(data, "secondary_contact"));
    add(&mut lines, "Others", at(data, "other_contacts"));
    lines
}

fn social(data: &Value) -> Lines {
    items(data, "social_media")
        .iter()
        .filter_map(|page| {
            let media = at(page, "media_type").unwrap_or_else(|| "page".to_owned());
            Some((media, at(page, "media_url")?))
        })
        .collect()
}

fn addresses(data: &Value) -> Lines {
    let line = |value: &Value| {
        let parts = ["name", "city", "region", "country", "continent"]
            .iter()
            .filter_map(|key| at(value, key));
        // The name often holds the city and the country already.
        let mut all: Vec<String> = Vec::new();
        for part in parts {
            let is_told = |told: &String| told.split(", ").any(|word| word == part);
            if !all.iter().any(is_told) {
                all.push(part);
            }
        }
        Some(all.join(", ")).filter(|text| !text.is_empty())
    };
    let mut lines = Lines::new();
    let primary = data.get("primary_address_info").and_then(line);
    for address in items(data, "address_list_info") {
        add(
            &mut lines,
            "Also",
            line(address).filter(|also| Some(also) != primary.as_ref()),
        );
    }
    if let Some(primary) = primary {
        lines.insert(0, ("Primary".to_owned(), primary));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_shapes_of_industries_and_dates_are_read() {
        for company in [
            json!({"name":"Zylker","industries":["Software"],"experiences":[{"start_period":"2019","end_period":null,"title":"CTO","company_name":"Zylker"}]}),
            json!({"name":"Zylker","industries":[{"name":"Software","description":"x"}],"experiences":[{"start_date":"2019","title":"CTO","company_name":"Zylker"}]}),
        ] {
            let all = sections(&json!({ "company_info": company }));

            assert_eq!(
                all,
                vec![section(
                    "Work",
                    vec![
                        ("Company".into(), "Zylker".into()),
                        ("Industry".into(), "Software".into()),
                        ("Experience".into(), "CTO · Zylker · since 2019".into()),
                    ]
                )]
            );
        }
    }

    #[test]
    fn an_address_says_nothing_twice() {
        let melbourne = json!({"name": "Melbourne, Australia", "region": "Melbourne",
            "country": "Australia", "continent": "Oceania"});
        let oslo = json!({"city": "Oslo", "country": "Norway"});

        let all = sections(&json!({
            "primary_address_info": melbourne, "address_list_info": [melbourne, oslo],
        }));

        assert_eq!(
            all,
            vec![section(
                "Address",
                vec![
                    ("Primary".into(), "Melbourne, Australia, Oceania".into()),
                    ("Also".into(), "Oslo, Norway".into()),
                ]
            )]
        );
    }

    #[test]
    fn an_image_is_named_and_not_drawn() {
        let all = sections(&json!({ "logo": "A".repeat(5_000) }));

        assert_eq!(
            all,
            vec![section(
                "Other",
                vec![("logo".into(), "(5000 characters, not shown)".into())]
            )]
        );
    }

    #[test]
    fn nothing_found_is_nothing_shown() {
        assert_eq!(sections(&Value::Null), vec![]);
        assert_eq!(sections(&json!({"gender": null, "skills": []})), vec![]);
    }

    #[test]
    fn an_unknown_status_is_kept_and_is_not_final() {
        let status = JobStatus::from("SLEEPING");

        assert_eq!(status.as_str(), "SLEEPING");
        assert!(!status.is_final());
    }
}
