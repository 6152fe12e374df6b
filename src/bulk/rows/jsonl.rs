//! Lines of a JSONL file: one object each, flat or in the API's own shape.
//!
//! Keys are read as columns are, so `{"Full Name": …}`, `{"company": {"name": …}}` and a whole
//! `{"__zia_people_enrichment": [ … ]}` all work. A value must be a text, as the API demands; a
//! number passes only as a record id.

use std::io::Read;

use serde_json::{Map, Value};

use super::error::RowsError;
use super::mapping::{Absent, Drafted, Mapping, MappingRequest};
use super::text::Text;
use crate::base::EnrichmentKind;
use crate::base::limits::{COLUMNS_MAX, ROW_BYTES_MAX};

/// The next line that is not blank, with its number.
pub(super) fn next_line<R: Read>(text: &mut Text<R>) -> Result<Option<(u64, String)>, RowsError> {
    loop {
        let number = text.line();
        let mut line = String::new();
        let is_last = loop {
            match text.next()? {
                None => break true,
                Some('\n') => break false,
                Some(c) => line.push(c),
            }
            if line.len() > ROW_BYTES_MAX {
                return Err(RowsError::RowTooLong { line: number });
            }
        };
        let line = line.trim();
        if !line.is_empty() {
            return Ok(Some((number, line.to_owned())));
        }
        if is_last {
            return Ok(None);
        }
    }
}

/// The draft that a line asks for.
pub(super) fn draft_of(
    line: &str,
    number: u64,
    request: &MappingRequest,
) -> Result<Drafted, RowsError> {
    let wrong = |message: String| RowsError::Json {
        line: number,
        message,
    };
    let value: Value = serde_json::from_str(line)
        .map_err(|error| wrong(format!("this is not a JSON object: {error}")))?;
    let object = based_on(&value, request.kind).map_err(wrong)?;
    let mut keys = Vec::new();
    let mut cells = Vec::new();
    flatten("", object, &mut |key, cell| {
        keys.push(key);
        cells.push(cell);
    });
    if keys.len() > COLUMNS_MAX {
        return Err(RowsError::TooManyColumns { line: number });
    }
    let mapping = Mapping::resolve(&keys, request, Absent::IsEmpty)
        .map_err(|error| wrong(error.to_string()))?;
    let mut texts = Vec::with_capacity(cells.len());
    for (index, cell) in cells.into_iter().enumerate() {
        let text = match cell {
            Cell::Text(text) => text,
            Cell::Number(number) if mapping.is_record_id(index) => number,
            Cell::Number(_) | Cell::Other if mapping.is_used(index) => {
                let key = keys.get(index).map_or("", String::as_str);
                return Err(wrong(format!("{key} must be a text in quotation marks")));
            }
            Cell::Number(_) | Cell::Other => String::new(),
        };
        texts.push(text);
    }
    Ok(mapping.draft(&texts))
}

enum Cell {
    Text(String),
    Number(String),
    Other,
}

/// What is inside the API's wrapping, or the object itself where there is none.
fn based_on(value: &Value, kind: EnrichmentKind) -> Result<&Map<String, Value>, String> {
    let mut inner = value;
    for other in EnrichmentKind::ALL {
        let Some(elements) = value.get(other.api_name()) else {
            continue;
        };
        if other != kind {
            return Err(format!(
                "this is a body of {other} enrichment, the run is of {kind}"
            ));
        }
        inner = match elements.as_array().map(Vec::as_slice) {
            Some([one]) => one,
            _ => {
                return Err(format!(
                    "{} must hold exactly one element: each row enriches one",
                    kind.api_name()
                ));
            }
        };
    }
    inner
        .get("enrich_based_on")
        .unwrap_or(inner)
        .as_object()
        .ok_or_else(|| "an object with the inputs is expected".to_owned())
}

/// One level of nesting becomes a name with a dot, as `company.name`.
fn flatten(outer: &str, object: &Map<String, Value>, take: &mut dyn FnMut(String, Cell)) {
    for (key, value) in object {
        let name = if outer.is_empty() {
            key.clone()
        } else {
            format!("{outer}.{key}")
        };
        match value {
            Value::Object(inner) if outer.is_empty() => flatten(key, inner, take),
            Value::Null => take(name, Cell::Text(String::new())),
            Value::String(text) => take(name, Cell::Text(text.clone())),
            Value::Number(number) => take(name, Cell::Number(number.to_string())),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => take(name, Cell::Other),
        }
    }
}
