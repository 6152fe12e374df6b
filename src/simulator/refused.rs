//! Why one item of an array is refused, where the item stands in a wrapped envelope (OAS26).

use serde_json::{Value, json};

use super::replies;
use crate::base::ErrorCode;

/// The item of the answer.
pub(super) type Refused = Box<Value>;

fn refused(code: &ErrorCode, details: Value, message: &str) -> Refused {
    Box::new(replies::error(code.as_str(), details, message))
}

/// A key and where it stands, below the path of its parent.
fn place(path: &str, key: &str) -> Value {
    json!({"api_name": key, "json_path": format!("{path}.{key}")})
}

/// A key that must be there.
pub(super) fn missing(path: &str, key: &str) -> Refused {
    let (code, message) = (ErrorCode::MandatoryNotFound, "required field not found");
    refused(&code, place(path, key), message)
}

/// A value, or a key, that cannot be.
pub(super) fn invalid(path: &str, key: &str) -> Refused {
    refused(&ErrorCode::InvalidData, place(path, key), "Invalid data")
}

/// A value of the wrong type, at a path of its own.
pub(super) fn wrong_type(expected: &str, api_name: &str, json_path: &str) -> Refused {
    let details = json!({
        "expected_data_type": expected,
        "api_name": api_name,
        "json_path": json_path,
    });
    refused(&ErrorCode::InvalidData, details, "Invalid data")
}

/// A word that is none of those that there are.
pub(super) fn unsupported(path: &str, key: &str, supported: &[&str]) -> Refused {
    let mut details = place(path, key);
    details["supported_values"] = json!(supported);
    let message = format!("the given {key} seems to be invalid");
    refused(&ErrorCode::InvalidData, details, &message)
}

/// What is there already.
pub(super) fn duplicate(path: &str, key: &str) -> Refused {
    let code = ErrorCode::from("DUPLICATE_DATA");
    refused(&code, place(path, key), "duplicate data")
}

/// Keys of which at least these must be there.
pub(super) fn expected(path: &str, keys: &[&str], message: &str) -> Refused {
    let fields: Vec<Value> = keys.iter().map(|key| place(path, key)).collect();
    let code = ErrorCode::ExpectedFieldMissing;
    refused(&code, json!({ "expected_fields": fields }), message)
}

/// An id and an API name, below one path, that name two different things.
pub(super) fn ambiguous(path: &str) -> Refused {
    refused(
        &ErrorCode::AmbiguityDuringProcessing,
        json!({"ambiguity_due_to": [place(path, "api_name"), place(path, "id")]}),
        "Ambiguity while processing",
    )
}

/// A field that cannot be mapped.
pub(super) fn invalid_mapping(path: &str, key: &str) -> Refused {
    let code = ErrorCode::InvalidMapping;
    refused(&code, place(path, key), "Invalid mapping")
}

/// More than may be.
pub(super) fn limit(limit: usize, (api_name, json_path): (&str, &str), message: &str) -> Refused {
    let details = json!({
        "limit": limit,
        "limit_due_to": [{"api_name": api_name, "json_path": json_path}],
    });
    refused(&ErrorCode::LimitExceeded, details, message)
}
