//! One attempt as the console shows it.

use serde_json::{Map, Value};

use crate::ledger::{AttemptDetail, AttemptRow};
use crate::ops::request::ShownRequest;
use crate::theme::Role;

/// One attempt with everything that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// What is on record, but for what was sent.
    pub detail: AttemptDetail,
    /// What was sent.
    pub request: ShownRequest,
}

/// The style of an attempt's state.
pub fn role(row: &AttemptRow) -> Role {
    if row.is_late {
        Role::Error
    } else {
        Role::of(row.outcome)
    }
}

/// Its inputs by name, in the order of the form; nothing after a purge.
pub fn inputs(row: &AttemptRow) -> Map<String, Value> {
    let parsed = row.inputs.as_deref().map(serde_json::from_str);
    parsed.and_then(Result::ok).unwrap_or_default()
}
