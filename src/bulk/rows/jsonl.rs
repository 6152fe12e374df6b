//! Lines of a JSONL file: one object each, flat or in the API's own shape.
//!
//! Keys are read as columns are, so `{"Full Name": …}`, `{"company": {"name": …}}` and a whole
//! `{"__zia_people_enrichment": [ … ]}` all work. A value must be a text, as the API demands; a
//! number passes only as a record id. A line of an export is the object that it calls `original`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Read;

use serde_json::{Map, Value};

use super::error::RowsError;
use super::mapping::{Absent, Drafted, Mapping, MappingRequest};
use super::text::Text;
use super::{Found, Keys};
use crate::base::EnrichmentKind;
use crate::base::limits::{COLUMNS_MAX, ROW_BYTES_MAX};
use crate::bulk::columns::{ATTEMPT, Added, CHECK_KEY, CODE, JOB_ID, JOB_STATUS, OUTCOME, Told};

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

/// What a line is: an object with the inputs, or a line of an export with such an object inside.
pub(super) fn read(
    text: String,
    line: u64,
    (request, shapes): (&MappingRequest, &mut Shapes),
) -> Result<Found, RowsError> {
    let wrong = |message: String| RowsError::Json { line, message };
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| wrong(format!("this is not a JSON object: {error}")))?;
    if let Some(twice) = twice(&text) {
        return Err(wrong(format!(
            "{twice:?} is in it twice: which one is meant?"
        )));
    }
    let Some((original, told)) = exported(&value) else {
        let (drafted, keys) = draft_of(&value, line, (request, shapes))?;
        return Ok(Found {
            drafted,
            original: vec![text],
            told: None,
            keys,
        });
    };
    let (drafted, keys) = draft_of(original, line, (request, shapes))?;
    Ok(Found {
        drafted,
        original: vec![original.to_string()],
        told: Some(told),
        keys,
    })
}

/// What an export puts beside the user's object.
pub(super) const ADDED: [&str; 10] = [
    OUTCOME, CODE, JOB_ID, ATTEMPT, JOB_STATUS, "reason", CHECK_KEY, "already", "doubts",
    "enriched",
];

/// Keys of ours that make a line with an `original` one of an export.
const KEYS_LEAST: usize = 2;

/// The user's object in a line of an export, and what the export says of it.
fn exported(line: &Value) -> Option<(&Value, Told)> {
    let original = line.get("original")?;
    let attempt = line.get(ATTEMPT).unwrap_or(&Value::Null);
    let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    // Somebody may have taken keys out: what nobody else writes together is enough.
    let ours = [OUTCOME, CODE, JOB_ID, ATTEMPT, CHECK_KEY];
    let has = ours.iter().filter(|name| line.get(name).is_some()).count();
    let is_export =
        original.is_object() && (attempt.is_u64() || attempt.is_null()) && has >= KEYS_LEAST;
    is_export.then(|| {
        let told = Told {
            outcome: text(OUTCOME).to_owned(),
            code: text(CODE).to_owned(),
            job_id: text(JOB_ID).to_owned(),
            attempt: attempt
                .as_u64()
                .map(|id| id.to_string())
                .unwrap_or_default(),
            job_status: text(JOB_STATUS).to_owned(),
            check: text(CHECK_KEY).to_owned(),
        };
        let has_outcome = line.get(OUTCOME).is_some();
        let told = if has_outcome { told } else { told.inferred() };
        (original, told)
    })
}

/// Whether a file of such lines is an export, by as much of its first line as is at hand.
pub(super) fn is_export(first: &str) -> bool {
    serde_json::from_str(first).is_ok_and(|line: Value| exported(&line).is_some())
}

/// A key that an object has twice, of which a reader would take one without a word.
fn twice(text: &str) -> Option<String> {
    struct Names;
    impl<'de> serde::de::Visitor<'de> for Names {
        type Value = Option<String>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut seen = std::collections::BTreeSet::new();
            let mut twice = None;
            while let Some((name, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
                if !seen.insert(name.clone()) {
                    twice.get_or_insert(name);
                }
            }
            Ok(twice)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut reader, Names)
        .ok()
        .flatten()
}

/// Where keys lead, of each list of keys that objects have: most of a file have the same few.
pub(super) type Shapes = HashMap<Vec<String>, Mapping>;

/// Lists of keys that are remembered at once.
const SHAPES_MAX: usize = 256;

fn draft_of(
    value: &Value,
    number: u64,
    (request, shapes): (&MappingRequest, &mut Shapes),
) -> Result<(Drafted, Keys), RowsError> {
    let wrong = |message: String| RowsError::Json {
        line: number,
        message,
    };
    let object = based_on(value, request.kind).map_err(wrong)?;
    let mut keys = Vec::new();
    let mut cells = Vec::new();
    flatten("", object, &mut |key, cell| {
        keys.push(key);
        cells.push(cell);
    });
    if keys.len() > COLUMNS_MAX {
        return Err(RowsError::TooManyColumns { line: number });
    }
    if shapes.len() == SHAPES_MAX && !shapes.contains_key(&keys) {
        shapes.clear();
    }
    let (mapping, told) = match shapes.entry(keys) {
        Entry::Occupied(known) => (known.into_mut(), Keys::default()),
        Entry::Vacant(new) => {
            let mapping = Mapping::resolve(new.key(), (Added::default(), Absent::IsEmpty), request)
                .map_err(|error| wrong(error.to_string()))?;
            let told = Keys {
                mapped: mapping.lines(),
                unmapped: mapping.unmapped(),
            };
            (new.insert(mapping), told)
        }
    };
    let mut texts = Vec::with_capacity(cells.len());
    for (index, cell) in cells.into_iter().enumerate() {
        let text = match cell {
            Cell::Text(text) => text,
            Cell::Number(number) if mapping.is_record_id(index) => number,
            Cell::Number(_) | Cell::Other if mapping.is_used(index) => {
                let key = mapping.header(index);
                return Err(wrong(format!("{key} must be a text in quotation marks")));
            }
            Cell::Number(_) | Cell::Other => String::new(),
        };
        texts.push(text);
    }
    Ok((mapping.draft(&texts), told))
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
