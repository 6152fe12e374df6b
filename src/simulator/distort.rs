//! What a fault does to the state before an answer and to the answer after it. What it does to
//! the connection is in `wire_fault`.

use serde_json::{Value, json};

use super::echo;
use super::enrichment::limit_exceeded;
use super::fault::{Action, Beside, Envelope, StatusFault};
use super::listing::PartialList;
use super::replies::{Body, Reply, element_path, error, rooted};
use super::route::Route;
use super::state::State;
use crate::base::{EnrichmentKind, ErrorCode};

/// Text that a careless terminal would obey: an escape sequence, a clipboard write (OSC 52), a
/// hyperlink, a bidirectional override, a carriage return.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]52;c;cHduZWQ=\u{7}\u{1b}]8;;http://evil.example\u{1b}\\\
                       \u{202e}dessapyb\u{202c}\r\nusage 0 / 1,500\u{9b}31m";

/// Whether the request takes effect under this fault.
pub(super) fn takes_effect(action: &Action) -> bool {
    match action {
        Action::Status(StatusFault { effect, .. })
        | Action::CloseAfterRead { effect }
        | Action::ResetAfterRead { effect }
        | Action::Hang { effect } => *effect,
        Action::CloseBeforeRead
        | Action::ResetBeforeRead
        | Action::Redirect { .. }
        | Action::LimitExceeded => false,
        Action::Delay
        | Action::Truncate { .. }
        | Action::TruncateChunked { .. }
        | Action::EmptyBody
        | Action::HtmlBody
        | Action::EmptyArray
        | Action::NotJson
        | Action::IdNumber
        | Action::IdLong
        | Action::IdPath
        | Action::ExtraItems
        | Action::Garbage
        | Action::Endless
        | Action::SlowBody { .. }
        | Action::HugeBody { .. }
        | Action::DeepJson { .. }
        | Action::ManyHeaders { .. }
        | Action::ApiDomain { .. }
        | Action::HostileText
        | Action::LateJob { .. }
        | Action::CreatedBy { .. }
        | Action::ShiftPages
        | Action::NoInfo
        | Action::ErrorEntry { .. }
        | Action::Echo(_)
        | Action::PartialList(_)
        | Action::SetClock { .. } => true,
    }
}

/// Prepares the state for the answer that is about to be made.
pub(super) fn before(state: &mut State, action: &Action) {
    match action {
        Action::LateJob { after } => state.next_job_late = *after,
        Action::CreatedBy { name } => state.next_job_creator = Some(name.clone()),
        Action::ShiftPages => {
            state.add_foreign(EnrichmentKind::People, None);
        }
        Action::PartialList(kept_back) => state.list_view = *kept_back,
        Action::SetClock { offset_seconds } => state.clock_offset_seconds = *offset_seconds,
        _ => {}
    }
}

/// Changes the answer.
pub(super) fn after(state: &mut State, action: &Action, route: &Route, reply: Reply) -> Reply {
    // What was prepared for a job that was then refused must not meet the next one.
    state.next_job_late = std::time::Duration::ZERO;
    state.next_job_creator = None;
    state.list_view = PartialList::default();
    let kind = match route {
        Route::Enrichment(kind) | Route::Job(kind, _) => *kind,
        _ => EnrichmentKind::People,
    };
    match action {
        Action::Status(fault) => status(fault, kind, reply),
        Action::EmptyBody => with_body(reply, Body::Empty),
        Action::HtmlBody => with_body(reply, Body::Html(page("Please wait"))),
        Action::EmptyArray => with_body(reply, Body::Json(rooted(kind, Vec::new()))),
        Action::NotJson => with_body(reply, Body::Text("{\"__zia_people_enr\u{0}]]>".to_owned())),
        Action::IdNumber => with_id(reply, |id| {
            id.as_str()
                .and_then(|text| text.parse::<u64>().ok())
                .map_or(Value::Null, Value::from)
        }),
        Action::IdLong => with_id(reply, |_| "7".repeat(400).into()),
        Action::IdPath => with_id(reply, |_| "../../settings/modules".into()),
        Action::ExtraItems => extra_item(reply),
        Action::HugeBody { bytes } => edit(reply, |root| {
            if let Some(map) = root.as_object_mut() {
                map.shift_insert(0, "padding".into(), "x".repeat(*bytes).into());
            }
        }),
        Action::DeepJson { depth } => with_body(
            reply,
            Body::Text(format!("{}{}", "[".repeat(*depth), "]".repeat(*depth))),
        ),
        Action::ManyHeaders { count } => many_headers(reply, *count),
        Action::Redirect { status, location } => Reply {
            status: *status,
            headers: vec![("Location".to_owned(), location.clone())],
            body: Body::Empty,
            job: reply.job,
        },
        Action::ApiDomain { value } => edit(reply, |root| {
            root["api_domain"] = value.clone().into();
        }),
        Action::HostileText => edit(reply, hostile),
        Action::LimitExceeded => {
            let refusal = limit_exceeded(state, &element_path(kind.api_name(), Some(0)));
            Reply::json(400, rooted(kind, vec![refusal.to_item()]))
        }
        Action::NoInfo => edit(reply, |root| {
            if let Some(map) = root.as_object_mut() {
                map.shift_remove("info");
            }
        }),
        Action::ErrorEntry { code, place } => edit(reply, |root| {
            if let Some(items) = items(root) {
                let error = error(code, json!({}), "invalid data");
                let at = match place {
                    Beside::Before => 0,
                    Beside::After => items.len(),
                };
                items.insert(at, error);
            }
        }),
        Action::Echo(changes) => {
            let Route::Job(_, id) = route else {
                return reply;
            };
            let told = echo::told(state, kind, id, changes);
            edit(reply, |root| {
                for item in items(root).into_iter().flatten() {
                    item["enrich_based_on"] = told.clone();
                }
            })
        }
        Action::Delay
        | Action::CloseBeforeRead
        | Action::ResetBeforeRead
        | Action::CloseAfterRead { .. }
        | Action::ResetAfterRead { .. }
        | Action::Hang { .. }
        | Action::Truncate { .. }
        | Action::TruncateChunked { .. }
        | Action::Garbage
        | Action::Endless
        | Action::SlowBody { .. }
        | Action::LateJob { .. }
        | Action::CreatedBy { .. }
        | Action::ShiftPages
        | Action::PartialList(_)
        | Action::SetClock { .. } => reply,
    }
}

fn with_body(reply: Reply, body: Body) -> Reply {
    Reply { body, ..reply }
}

fn edit(mut reply: Reply, change: impl FnOnce(&mut Value)) -> Reply {
    if let Body::Json(root) = &mut reply.body
        && root.is_object()
    {
        change(root);
    }
    reply
}

/// The array of items of an answer, whatever its root key is.
fn items(root: &mut Value) -> Option<&mut Vec<Value>> {
    root.as_object_mut()?
        .values_mut()
        .find_map(Value::as_array_mut)
}

fn with_id(reply: Reply, change: impl Fn(&Value) -> Value) -> Reply {
    edit(reply, |root| {
        for item in items(root).into_iter().flatten() {
            for pointer in ["/details/id", "/id"] {
                if let Some(id) = item.pointer_mut(pointer) {
                    *id = change(id);
                }
            }
        }
    })
}

fn extra_item(reply: Reply) -> Reply {
    edit(reply, |root| {
        let Some(items) = items(root) else { return };
        let Some(mut extra) = items.last().cloned() else {
            return;
        };
        for pointer in ["/details/id", "/id"] {
            if let Some(id) = extra.pointer_mut(pointer) {
                *id = "5725767000009999999".into();
            }
        }
        items.push(extra);
    })
}

fn many_headers(mut reply: Reply, count: usize) -> Reply {
    reply
        .headers
        .extend((0..count).map(|n| (format!("X-Padding-{n}"), "x".repeat(40))));
    reply
}

fn hostile(value: &mut Value) {
    const READ_BY_PEOPLE: [&str; 12] = [
        "message",
        "name",
        "designation",
        "company_name",
        "title",
        "first_name",
        "last_name",
        "school_name",
        "country",
        "status_text",
        "plural_label",
        "full_name",
    ];
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match value {
                    Value::String(text) if READ_BY_PEOPLE.contains(&key.as_str()) => {
                        text.push_str(HOSTILE);
                    }
                    other => hostile(other),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hostile),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn page(title: &str) -> String {
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>\
         </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}

/// The documented code and message of a status.
fn documented(status: u16) -> (ErrorCode, &'static str) {
    match status {
        401 => (ErrorCode::InvalidToken, "invalid oauth token"),
        403 => (
            ErrorCode::NoPermission,
            "No permission to access this feature",
        ),
        404 => (
            ErrorCode::InvalidUrlPattern,
            "Please check if the URL trying to access is a correct one",
        ),
        429 => (
            ErrorCode::TooManyRequests,
            "You have made too many requests. Please try again after some time.",
        ),
        405 => (
            ErrorCode::InvalidRequestMethod,
            "The http request method type is not a valid one",
        ),
        // No source names a code for the others.
        400..=499 => (ErrorCode::InvalidData, "invalid data"),
        _ => (ErrorCode::InternalServerError, "Internal Server Error"),
    }
}

fn status(fault: &StatusFault, kind: EnrichmentKind, reply: Reply) -> Reply {
    let (code, message) = documented(fault.status);
    let reason = super::http::reason(fault.status);
    let body = if fault.html {
        Body::Html(page(&format!("{} {reason}", fault.status)))
    } else if fault.envelope == Envelope::None {
        Body::Json(json!({"message": fault.message.as_deref().unwrap_or(reason)}))
    } else {
        let details = match fault.details_retry_after {
            None => json!({}),
            Some(seconds) => json!({
                "trace_id": "b2f6a1c04d7e",
                "retry_after": seconds,
                "limit": 10,
                "window": 60,
            }),
        };
        let error = error(
            fault.code.as_deref().unwrap_or(code.as_str()),
            details,
            fault.message.as_deref().unwrap_or(message),
        );
        Body::Json(match fault.envelope {
            Envelope::Wrapped => rooted(kind, vec![error]),
            Envelope::Flat | Envelope::None => error,
        })
    };
    let headers = fault
        .retry_after
        .iter()
        .map(|text| ("Retry-After".to_owned(), text.clone()))
        .collect();
    Reply {
        status: fault.status,
        headers,
        body,
        job: reply.job,
    }
}
