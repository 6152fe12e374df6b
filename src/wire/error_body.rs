//! The entry `{code, details, message, status}`, in both envelopes (contract 1.4).
//!
//! **wrapped** `{"__zia_people_enrichment":[{…}]}` speaks of an element, **flat** `{…}` of
//! parameters, permission, feature and token. OAS26 shows one flat code wrapped, so which of them it
//! is decides nothing; that it is one of them does, and is said of each entry.

use serde_json::Value;

use crate::base::{EnrichmentKind, ErrorCode, JobId, Subject};
use crate::enrichment::{Field, FieldRef};

/// What one entry of an answer says.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorBody {
    /// The code; `None` where there is none.
    pub code: Option<ErrorCode>,
    /// The message as it came.
    pub message: Option<String>,
    /// `details` as it came; null where there is none.
    pub details: Value,
    /// It is an error envelope, whole: a code in capitals that is not SCHEDULED, a message,
    /// `details` as an object and `status: "error"`. Only the API itself writes that; a proxy's page
    /// or a gateway's own JSON does not.
    pub is_refusal: bool,
}

/// One field that an error names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field in our words, where it is one of ours.
    pub place: Option<FieldRef>,
    /// The name that the server used.
    pub name: String,
    /// What `details` says beside it: the expected type, the longest length, what needs it.
    pub note: Option<String>,
}

/// Reads the first entry of an answer. `None` if the JSON holds neither envelope.
pub fn read_entry(body: &Value) -> Option<ErrorBody> {
    parts(body).first().and_then(|part| read(part))
}

/// The entries that name a job, wherever they stand. One thing is asked for at a time, so there
/// should be one at most; whatever else is there may have cost a unit as well.
pub fn read_scheduled(body: &Value) -> Vec<ErrorBody> {
    parts(body)
        .into_iter()
        .filter_map(read)
        .filter(|entry| entry.code == Some(ErrorCode::Scheduled) && entry.job_id().is_some())
        .collect()
}

/// The error that the server itself gave. Each part of the answer has to be an error envelope, for
/// what stands beside one may say something else: then nobody knows, and this is `None`.
pub fn read_refusal(body: &Value) -> Option<ErrorBody> {
    let entries: Option<Vec<ErrorBody>> = parts(body)
        .into_iter()
        .map(|part| read(part).filter(|entry| entry.is_refusal))
        .collect();
    let mut entries = entries?;
    // Of several the one that says least clearly no is believed.
    let unclear = entries.iter().position(|entry| {
        let subject = entry.code.as_ref().map(ErrorCode::subject);
        matches!(subject, Some(Subject::Server | Subject::Job) | None)
    });
    let place = unclear.unwrap_or(0);
    (place < entries.len()).then(|| entries.swap_remove(place))
}

/// Whatever of an answer could be an entry: the items under each root key that is known, and the
/// root where it has something to say itself.
fn parts(body: &Value) -> Vec<&Value> {
    let mut parts: Vec<&Value> = EnrichmentKind::ALL
        .into_iter()
        .map(EnrichmentKind::api_name)
        .chain(["data_enrichment", "data"])
        .filter_map(|key| body.get(key)?.as_array())
        .flatten()
        .collect();
    if parts.is_empty() || says_something(body) {
        parts.push(body);
    }
    parts
}

fn says_something(entry: &Value) -> bool {
    entry.get("code").is_some() || entry.get("message").is_some()
}

fn read(entry: &Value) -> Option<ErrorBody> {
    let map = entry.as_object()?;
    if !says_something(entry) {
        return None;
    }
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    let is_spelled = text("code").is_some_and(ErrorCode::is_spelled);
    let code = text("code").map(ErrorCode::from);
    Some(ErrorBody {
        is_refusal: is_spelled
            && code != Some(ErrorCode::Scheduled)
            && text("message").is_some()
            && text("status") == Some("error")
            && map.get("details").is_some_and(Value::is_object),
        code,
        message: text("message").map(str::to_owned),
        details: map.get("details").cloned().unwrap_or(Value::Null),
    })
}

impl ErrorBody {
    /// The job's id of a SCHEDULED entry. A number is taken digit by digit as it stood in the
    /// text (the ids have 19 digits, beyond what a double holds).
    pub fn job_id(&self) -> Option<JobId> {
        match self.details.get("id")? {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.to_string().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// `details.limit` of LIMIT_EXCEEDED: a string in OAS25, an integer in OAS26.
    pub fn limit(&self) -> Option<u64> {
        match self.details.get("limit")? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_u64(),
        }
    }

    /// `details.retry_after` in seconds, where a 429 gives it (OAS26, /__apis example).
    pub fn retry_after(&self) -> Option<String> {
        match self.details.get("retry_after")? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Every field that the details name, the marked one first.
    pub fn fields(&self) -> Vec<FieldError> {
        let details = &self.details;
        if let Some(name) = text(details, "param_name").or_else(|| text(details, "param")) {
            return vec![FieldError {
                place: match name.as_str() {
                    "module" => Some(FieldRef::Module),
                    "record_id" => Some(FieldRef::RecordId),
                    _ => None,
                },
                note: supported(details),
                name,
            }];
        }
        if let Some(expected) = details.get("expected_fields").and_then(Value::as_array) {
            return expected
                .iter()
                .filter_map(|item| named(item, None))
                .collect();
        }
        if let Some(due) = details.get("limit_due_to").and_then(Value::as_array) {
            return due.iter().filter_map(|item| named(item, None)).collect();
        }
        named(details, note(details)).into_iter().collect()
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn supported(details: &Value) -> Option<String> {
    let values = details.get("supported_values")?.as_array()?;
    let words: Vec<_> = values.iter().filter_map(Value::as_str).collect();
    Some(format!("supported are {}", words.join(", ")))
}

fn named(item: &Value, note: Option<String>) -> Option<FieldError> {
    let path = text(item, "json_path");
    let name = text(item, "api_name").or_else(|| path.clone())?;
    let place = path
        .as_deref()
        .and_then(Field::from_path)
        .map(FieldRef::Input)
        .or(match name.as_str() {
            "enrich_based_on" => Some(FieldRef::Inputs),
            _ if path.is_none() => name.parse().ok().map(FieldRef::Input),
            _ => None,
        });
    Some(FieldError { place, name, note })
}

fn note(details: &Value) -> Option<String> {
    let mut notes = Vec::new();
    if let Some(kind) = text(details, "expected_data_type") {
        notes.push(format!("expected a {kind}"));
    }
    if let Some(most) = details.get("maximum_length").and_then(Value::as_u64) {
        notes.push(format!("at most {most}"));
    }
    if let Some(dependee) = details.get("dependee")
        && let Some(name) = text(dependee, "api_name")
    {
        notes.push(format!("needed by {name}"));
    }
    Some(notes.join(", ")).filter(|note| !note.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn wrapped(code: &str, details: Value) -> ErrorBody {
        read_entry(&json!({"__zia_people_enrichment":[
            {"code":code,"details":details,"message":"m","status":"error"}]}))
        .unwrap()
    }

    #[test]
    fn both_envelopes_are_read() {
        let flat = read_entry(
            &json!({"code":"NO_PERMISSION","details":{},"message":"m","status":"error"}),
        );

        assert_eq!(flat.unwrap().code, Some(ErrorCode::NoPermission));
        assert_eq!(
            wrapped("INVALID_DATA", json!({})).code,
            Some(ErrorCode::InvalidData)
        );
    }

    #[test]
    fn an_answer_without_an_entry_is_none() {
        for body in [
            json!({}),
            json!([]),
            json!(null),
            json!({"__zia_people_enrichment":[]}),
        ] {
            assert_eq!(read_entry(&body), None, "{body}");
        }
    }

    #[rstest]
    #[case::flat(json!({"code":"A_NEW_ONE","details":{},"message":"","status":"error"}), true)]
    #[case::no_code(json!({"details":{},"message":"m","status":"error"}), false)]
    #[case::small_letters(json!({"code":"Forbidden","details":{},"message":"m","status":"error"}), false)]
    #[case::a_number(json!({"code":403,"details":{},"message":"m","status":"error"}), false)]
    #[case::no_details(json!({"code":"NO_PERMISSION","message":"m","status":"error"}), false)]
    #[case::details_as_text(json!({"code":"NO_PERMISSION","details":"d","message":"m","status":"error"}), false)]
    #[case::no_message(json!({"code":"NO_PERMISSION","details":{},"status":"error"}), false)]
    #[case::no_status(json!({"code":"NO_PERMISSION","details":{},"message":"m"}), false)]
    #[case::success(json!({"code":"NO_PERMISSION","details":{},"message":"m","status":"success"}), false)]
    #[case::scheduled(json!({"code":"SCHEDULED","details":{},"message":"m","status":"error"}), false)]
    fn only_a_whole_envelope_is_the_servers_own_word(#[case] entry: Value, #[case] is_one: bool) {
        let wrapped = json!({"__zia_people_enrichment": [entry]});
        let good = json!({"code":"LIMIT_EXCEEDED","details":{},"message":"m","status":"error"});
        let beside = json!({"__zia_people_enrichment": [good, entry]});

        assert_eq!(read_refusal(&entry).is_some(), is_one);
        assert_eq!(read_refusal(&wrapped).is_some(), is_one);
        assert_eq!(
            read_refusal(&beside).is_some(),
            is_one,
            "all of them, or none"
        );
    }

    #[test]
    fn what_is_no_entry_beside_an_envelope_leaves_no_refusal() {
        let good = json!({"code":"NO_PERMISSION","details":{},"message":"m","status":"error"});
        for beside in [json!(null), json!({}), json!("x"), json!([])] {
            let body = json!({"__zia_people_enrichment": [good, beside]});
            assert_eq!(read_refusal(&body), None, "{body}");
        }
    }

    #[test]
    fn a_job_is_found_wherever_it_stands() {
        let error = json!({"code":"INVALID_DATA","details":{},"message":"m","status":"error"});
        let job = json!({"code":"SCHEDULED","details":{"id":"123"}});
        let no_job = json!({"code":"SCHEDULED","details":{"id":"../x"}});
        let mut flat = error.clone();
        flat["__zia_people_enrichment"] = json!([job]);
        for body in [
            json!({"__zia_people_enrichment": [job, error]}),
            json!({"__zia_people_enrichment": [error, null, no_job, job]}),
            json!({"__zia_people_enrichment": [error], "__zia_org_enrichment": [job]}),
            job,
            flat,
        ] {
            let found = read_scheduled(&body);
            assert_eq!(found.len(), 1, "{body}");
            assert_eq!(found.first().unwrap().job_id().unwrap().as_str(), "123");
            assert_eq!(read_refusal(&body), None, "{body}");
        }
    }

    #[test]
    fn a_missing_partner_names_both_sides() {
        let entry = wrapped(
            "DEPENDENT_FIELD_MISSING",
            json!({"api_name":"company","json_path":"$.__zia_people_enrichment[0].enrich_based_on.company",
                   "dependee":{"api_name":"name","json_path":"$.__zia_people_enrichment[0].enrich_based_on.name"}}),
        );

        assert_eq!(
            entry.fields(),
            vec![FieldError {
                place: Some(FieldRef::Input(Field::Company)),
                name: "company".into(),
                note: Some("needed by name".into()),
            }]
        );
    }

    #[test]
    fn the_expected_fields_are_all_named() {
        let entry = wrapped(
            "EXPECTED_FIELD_MISSING",
            json!({"expected_fields":[
                {"api_name":"name","json_path":"$.__zia_people_enrichment[0].enrich_based_on.name"},
                {"api_name":"social","json_path":"$.__zia_people_enrichment[0].enrich_based_on.social"}]}),
        );
        let names: Vec<_> = entry.fields().into_iter().map(|f| f.name).collect();

        assert_eq!(names, ["name", "social"]);
    }

    #[test]
    fn a_parameter_is_a_place_too() {
        let entry = read_entry(
            &json!({"code":"REQUIRED_PARAM_MISSING","details":{"param_name":"module"},"message":"m"}),
        );

        assert_eq!(
            entry.unwrap().fields().first().unwrap().place,
            Some(FieldRef::Module)
        );
    }

    #[test]
    fn the_limit_is_read_as_text_and_as_number() {
        assert_eq!(
            wrapped("LIMIT_EXCEEDED", json!({"limit":"1500"})).limit(),
            Some(1_500)
        );
        assert_eq!(
            wrapped("LIMIT_EXCEEDED", json!({"limit":1500})).limit(),
            Some(1_500)
        );
        assert_eq!(
            wrapped("LIMIT_EXCEEDED", json!({"limit":"9223372036854775807"})).limit(),
            Some(9_223_372_036_854_775_807)
        );
        for other in [
            json!([]),
            json!(-5),
            json!("-5"),
            json!(1500.5),
            json!(1e30),
        ] {
            assert_eq!(
                wrapped("LIMIT_EXCEEDED", json!({"limit": other})).limit(),
                None
            );
        }
    }

    #[test]
    fn a_job_id_is_exact_digits_or_nothing() {
        let id = |value: Value| wrapped("SCHEDULED", json!({"id": value})).job_id();

        assert_eq!(
            id(json!("5725767000003019012")).unwrap().as_str(),
            "5725767000003019012"
        );
        assert_eq!(
            id(json!(5_725_767_000_003_019_012_u64)).unwrap().as_str(),
            "5725767000003019012"
        );
        for bad in [
            json!("../x"),
            json!(1.5),
            json!(-1),
            json!(null),
            json!("1".repeat(400)),
        ] {
            assert_eq!(id(bad.clone()), None, "{bad}");
        }
    }
}
