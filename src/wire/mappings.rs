//! What an enrichment configuration may map: its inputs and outputs, and the fields of the CRM that may
//! take each (contract 9).

use serde_json::Value;

/// A field of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmField {
    /// Its id.
    pub id: String,
    /// Its API name.
    pub api_name: String,
}

/// An input or an output, and the fields that may take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Its name in a configuration.
    pub name: String,
    /// Its label on the CRM's screens.
    pub label: String,
    /// The fields.
    pub fields: Vec<CrmField>,
}

/// All that a module's configuration may map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowedMappings {
    /// The inputs.
    pub inputs: Vec<Allowed>,
    /// The outputs.
    pub outputs: Vec<Allowed>,
}

/// Reads `GET …/allowed_field_mappings` (M7, K): one object, or a list with one in it.
pub fn read_allowed(body: &Value) -> Option<AllowedMappings> {
    let root = body.get("allowed_field_mappings")?;
    let root = root.as_array().map_or(Some(root), |list| list.first())?;
    let side = |key: &str| -> Option<Vec<Allowed>> {
        let items = root.get(key)?.as_array()?;
        Some(items.iter().filter_map(allowed).collect())
    };
    Some(AllowedMappings {
        inputs: side("input_data_field_mapping")?,
        outputs: side("output_data_field_mapping")?,
    })
}

fn allowed(item: &Value) -> Option<Allowed> {
    let enrich = item.get("enrich_field")?;
    let text = |value: &Value, key: &str| Some(value.get(key)?.as_str()?.to_owned());
    let name = text(enrich, "name")?;
    let fields = item.get("crm_fields").and_then(Value::as_array);
    let fields = fields.into_iter().flatten().filter_map(|field| {
        Some(CrmField {
            id: text(field, "id")?,
            api_name: text(field, "api_name")?,
        })
    });
    Some(Allowed {
        label: text(enrich, "display_label").unwrap_or_else(|| name.clone()),
        fields: fields.collect(),
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_may_be_mapped_is_read_with_the_fields_that_may_take_it() {
        let item = json!({
            "enrich_field": {"name": "email", "display_label": "Email"},
            "crm_fields": [{"id": "1", "api_name": "Email"}, {"id": "2", "api_name": "Other"}],
        });
        let root = json!({"input_data_field_mapping": [item], "output_data_field_mapping": []});
        for body in [
            json!({"allowed_field_mappings": root}),
            json!({"allowed_field_mappings": [root]}),
        ] {
            let found = read_allowed(&body).unwrap();

            let names: Vec<&str> = found.inputs[0]
                .fields
                .iter()
                .map(|field| field.api_name.as_str())
                .collect();
            assert_eq!(
                (found.inputs[0].name.as_str(), names),
                ("email", vec!["Email", "Other"])
            );
            assert_eq!(found.outputs, []);
        }
        assert_eq!(read_allowed(&json!({})), None);
    }
}
