//! Answers as values: status, headers and a body that is still JSON, so that a fault can change
//! it before it is written. The two error envelopes of the contract (1.4) are made here.

use serde_json::{Value, json};

use crate::base::{EnrichmentKind, ErrorCode};

/// What follows the head of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// Nothing at all: a 204, or a fault.
    Empty,
    /// The API's own form.
    Json(Value),
    /// What a proxy in front would send.
    Html(String),
    /// Anything else, by a fault.
    Text(String),
}

/// An answer that is not yet on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    /// The job that answering made, for the log; a fault may keep it from the client.
    pub(super) job: Option<String>,
}

impl Reply {
    /// An answer with JSON.
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Json(body),
            job: None,
        }
    }

    /// "There is nothing": an empty 204.
    pub(super) fn no_content() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: Body::Empty,
            job: None,
        }
    }

    /// The code that a reader of the answer would see first, if there is one.
    pub(super) fn code(&self) -> Option<String> {
        let Body::Json(value) = &self.body else {
            return None;
        };
        let wrapped = value
            .as_object()
            .and_then(|root| root.values().next())
            .and_then(|list| list.get(0));
        [Some(value), wrapped]
            .into_iter()
            .flatten()
            .find_map(|item| item.get("code")?.as_str().map(str::to_owned))
    }
}

/// The object that both envelopes carry, in the contract's key order.
pub(super) fn error(code: &str, details: Value, message: &str) -> Value {
    json!({"code": code, "details": details, "message": message, "status": "error"})
}

/// A flat error: parameters, array shape, feature, permission, sign-in.
pub(super) fn flat(status: u16, code: ErrorCode, details: Value, message: &str) -> Reply {
    Reply::json(status, error(code.as_str(), details, message))
}

/// `$.root` or `$.root[index]`.
pub(super) fn element_path(root: &str, index: Option<usize>) -> String {
    match index {
        None => format!("$.{root}"),
        Some(index) => format!("$.{root}[{index}]"),
    }
}

/// The root object of an answer about one enrichment kind.
pub(super) fn rooted(kind: EnrichmentKind, items: Vec<Value>) -> Value {
    json!({ kind.api_name(): items })
}

/// A wrong path.
pub(super) fn invalid_url() -> Reply {
    flat(
        404,
        ErrorCode::InvalidUrlPattern,
        json!({}),
        "Please check if the URL trying to access is a correct one",
    )
}

/// A verb that the path does not have.
pub(super) fn invalid_method() -> Reply {
    flat(
        400,
        ErrorCode::InvalidRequestMethod,
        json!({}),
        "The http request method type is not a valid one",
    )
}

/// A query parameter that must be there.
pub(super) fn param_missing(name: &str) -> Reply {
    flat(
        400,
        ErrorCode::RequiredParamMissing,
        json!({"param_name": name}),
        "required param is missing",
    )
}

/// A query parameter whose value is none of those that are supported.
pub(super) fn param_unsupported(name: &str, supported: &[&str]) -> Reply {
    flat(
        400,
        ErrorCode::InvalidData,
        json!({"param": name, "supported_values": supported}),
        &format!("{name} value invalid"),
    )
}

/// A query parameter that cannot be read.
pub(super) fn param_invalid(name: &str) -> Reply {
    flat(
        400,
        ErrorCode::InvalidData,
        json!({"param_name": name}),
        "invalid data",
    )
}
