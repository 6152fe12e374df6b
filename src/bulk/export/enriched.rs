//! The enriched data of one person, flattened into the columns of an export.
//!
//! Both documented shapes are read (G7, OAS25). What is not there, or of another type than
//! documented, is an empty cell; nothing of an answer can make an export fail.

use serde_json::Value;

use crate::bulk::columns::FOUND;

/// What stands between the parts of a list.
const SEPARATOR: &str = "; ";

/// The cells under [`FOUND`].
pub(super) fn cells(data: &Value) -> [String; FOUND.len()] {
    let address = data.get("primary_address_info").unwrap_or(&Value::Null);
    let company = data.get("company_info").unwrap_or(&Value::Null);
    FOUND.map(|(column, _)| match column {
        "company" => text(company.get("name")),
        "phone" => text(data.get("primary_contact")),
        "linkedin" => social(data, &["linkedin"]),
        "twitter" => social(data, &["twitter", "x.com"]),
        "facebook" => social(data, &["facebook"]),
        "city" => first_of(address, &["city", "region"]),
        "country" => text(address.get("country")),
        "industries" => text(company.get("industries")),
        same => text(data.get(same)),
    })
}

/// A text, a number, or a list of them; of an object its name.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Array(items)) => {
            let parts: Vec<String> = items.iter().map(|item| text(Some(item))).collect();
            let parts: Vec<&str> = parts
                .iter()
                .map(String::as_str)
                .filter(|part| !part.is_empty())
                .collect();
            parts.join(SEPARATOR)
        }
        Some(Value::Object(map)) => match map.get("name") {
            Some(Value::String(name)) => name.clone(),
            _ => String::new(),
        },
        Some(Value::Null) | None => String::new(),
    }
}

fn first_of(object: &Value, keys: &[&str]) -> String {
    keys.iter()
        .map(|key| text(object.get(key)))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn social(data: &Value, words: &[&str]) -> String {
    let entries = data.get("social_media").and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .find(|entry| {
            let media = text(entry.get("media_type")).to_lowercase();
            words.iter().any(|word| media.contains(word))
        })
        .map(|entry| text(entry.get("media_url")))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_documented_answer_fills_the_columns() {
        let data = json!({
            "first_name": "Ada", "last_name": "Lovelace", "designation": "Analyst",
            "primary_email": "ada@acme.example", "primary_contact": "+1 555 0100",
            "website": "ada.example", "gender": null, "skills": ["mathematics", "poetry"],
            "company_info": {"name": "Acme", "industries": ["Engines", {"name": "Cards", "description": "x"}]},
            "primary_address_info": {"country": "UK", "region": "London"},
            "social_media": [
                {"media_type": "linkedin.com", "media_url": ["linkedin.com/in/ada"]},
                {"media_type": "X.com", "media_url": "x.com/ada"}
            ]
        });

        assert_eq!(
            cells(&data),
            [
                "Ada",
                "Lovelace",
                "Analyst",
                "Acme",
                "ada@acme.example",
                "+1 555 0100",
                "ada.example",
                "linkedin.com/in/ada",
                "x.com/ada",
                "",
                "London",
                "UK",
                "Engines; Cards",
                "mathematics; poetry",
            ]
        );
    }

    #[test]
    fn an_answer_of_any_other_shape_leaves_cells_empty() {
        for odd in [
            json!(null),
            json!([1]),
            json!({"company_info": 7, "social_media": {}, "skills": null}),
        ] {
            assert!(cells(&odd).iter().all(String::is_empty), "{odd}");
        }
    }
}
