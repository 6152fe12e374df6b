//! What the set-up of an organisation says: modules, organisation, user, features and enrichment
//! configurations (contract 3).

use serde_json::Value;

use crate::enrichment::validate::Configuration;

/// A module that can be enriched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The API name.
    pub api_name: String,
    /// The label on the CRM's screens.
    pub label: String,
    /// Its id.
    pub id: Option<String>,
}

/// The organisation behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Zoho's organisation id.
    pub id: String,
    /// The company's name.
    pub name: String,
    /// `paid_type`: the edition, such as enterprise.
    pub edition: Option<String>,
    /// `type`: production, sandbox, developer, bigin.
    pub environment: Option<String>,
    /// Licences bought.
    pub users: Option<u64>,
    /// `trial_type`, where the organisation is on trial.
    pub trial: Option<String>,
}

/// The user behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id, as jobs name it in `created_by`.
    pub id: String,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
}

/// The three figures of `GET /__features/data_enrichment`; which of them appear is unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// `used_count.total`
    pub used: Option<u64>,
    /// `available_count.total`
    pub available: Option<u64>,
    /// `limits.total`
    pub limit: Option<u64>,
}

/// One enrichment configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct EnrichmentConfiguration {
    /// Its id.
    pub id: String,
    /// `personal` (people) or `organization`.
    pub kind: String,
    /// The module's API name.
    pub module: String,
    /// Whether it is on.
    pub is_active: bool,
    /// Input name and the CRM field it reads, if any.
    pub inputs: Vec<(String, Option<String>)>,
    /// Output name and the CRM field it fills, if any.
    pub outputs: Vec<(String, Option<String>)>,
    /// The configuration as it came, for a change that keeps what it does not know.
    pub raw: Value,
}

fn list<'a>(body: &'a Value, key: &str) -> Option<&'a Vec<Value>> {
    body.get(key)?.as_array()
}

fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    }
}

/// Reads a module list; modules without API support are left out.
pub fn read_modules(body: &Value) -> Option<Vec<Module>> {
    let rows = list(body, "modules")?;
    Some(
        rows.iter()
            .filter(|row| row.get("api_supported").and_then(Value::as_bool) != Some(false))
            .filter_map(|row| {
                let api_name = text(row, "api_name")?;
                Some(Module {
                    label: text(row, "plural_label").unwrap_or_else(|| api_name.clone()),
                    id: text(row, "id"),
                    api_name,
                })
            })
            .collect(),
    )
}

/// Reads `GET /org`.
pub fn read_organisation(body: &Value) -> Option<Organisation> {
    let row = list(body, "org")?.first()?;
    let license = row.get("license_details");
    Some(Organisation {
        id: text(row, "zgid").or_else(|| text(row, "id"))?,
        name: text(row, "company_name").unwrap_or_default(),
        edition: license.and_then(|l| text(l, "paid_type")),
        environment: text(row, "type"),
        users: license.and_then(|l| number(l.get("users_license_purchased"))),
        trial: license.and_then(|l| text(l, "trial_type")),
    })
}

/// Reads `GET /users?type=CurrentUser`.
pub fn read_user(body: &Value) -> Option<User> {
    let row = list(body, "users")?.first()?;
    let parts = ["first_name", "last_name"].map(|key| text(row, key));
    let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(User {
        id: text(row, "id")?,
        name: text(row, "full_name").unwrap_or(joined),
        email: text(row, "email"),
    })
}

/// Reads `GET /__features/data_enrichment`.
pub fn read_features(body: &Value) -> Option<Features> {
    let details = list(body, "__features")?.first()?.get("details")?;
    let total = |key: &str| number(details.get(key).and_then(|count| count.get("total")));
    Some(Features {
        used: total("used_count"),
        available: total("available_count"),
        limit: total("limits"),
    })
}

/// Reads the enrichment configurations.
pub fn read_configurations(body: &Value) -> Option<Vec<EnrichmentConfiguration>> {
    let rows = list(body, "data_enrichment")?;
    Some(
        rows.iter()
            .filter_map(|row| {
                Some(EnrichmentConfiguration {
                    id: text(row, "id")?,
                    kind: text(row, "type").unwrap_or_default(),
                    module: text(row.get("module")?, "api_name")?,
                    is_active: row.get("status").and_then(Value::as_bool).unwrap_or(true),
                    inputs: mapping(row, "input_data_field_mapping"),
                    outputs: mapping(row, "output_data_field_mapping"),
                    raw: row.clone(),
                })
            })
            .collect(),
    )
}

/// Reads `GET /settings/fields?module=M` (K): the API name and the id of each field.
pub fn read_fields(body: &Value) -> Option<Vec<(String, String)>> {
    let rows = list(body, "fields")?.iter();
    Some(
        rows.filter_map(|row| Some((text(row, "api_name")?, text(row, "id")?)))
            .collect(),
    )
}

fn mapping(row: &Value, key: &str) -> Vec<(String, Option<String>)> {
    list(row, key)
        .into_iter()
        .flatten()
        .filter_map(|item| {
            let name = text(item.get("enrich_field")?, "name")?;
            let field = item
                .get("crm_field")
                .and_then(|field| text(field, "api_name"));
            Some((name, field))
        })
        .collect()
}

impl EnrichmentConfiguration {
    /// What it means for the inputs of a draft.
    pub fn judge(&self) -> Configuration {
        if !self.is_active {
            return Configuration::Disabled;
        }
        Configuration::Active {
            unmapped: self
                .inputs
                .iter()
                .filter(|(_, field)| field.is_none())
                .map(|(name, _)| name.clone())
                .collect(),
            fills: self
                .outputs
                .iter()
                .filter_map(|(_, field)| field.clone())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unmapped_input_is_a_null_field() {
        let all = read_configurations(&json!({"data_enrichment":[{"id":"1","type":"personal",
            "module":{"id":"2","api_name":"Leads"},"status":true,"input_data_field_mapping":[
              {"enrich_field":{"name":"email","display_label":"Email"},"crm_field":{"id":"3","api_name":"Email","name":"Email"}},
              {"enrich_field":{"name":"twitter","display_label":"Twitter"},"crm_field":null}]}]}))
        .unwrap();

        assert_eq!(
            all.first().unwrap().judge(),
            Configuration::Active {
                unmapped: vec!["twitter".into()],
                fills: Vec::new(),
            }
        );
    }

    #[test]
    fn figures_of_the_features_call_come_as_text_or_number() {
        let features = read_features(
            &json!({"__features":[{"details":{"limits":{"total":"1500"},"used_count":{"total":12}}}]}),
        );

        assert_eq!(
            features,
            Some(Features {
                used: Some(12),
                available: None,
                limit: Some(1_500)
            })
        );
    }

    #[test]
    fn a_module_without_api_support_is_not_offered() {
        let modules = read_modules(&json!({"modules":[{"api_name":"Leads","plural_label":"Leads","api_supported":true},{"api_name":"X","api_supported":false}]})).unwrap();

        assert_eq!(modules.len(), 1);
    }
}
