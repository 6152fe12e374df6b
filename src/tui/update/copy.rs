//! Copies of an attempt: as curl without its token, as JSON, or its id.

use serde_json::{Value, json};

use super::pick;
use crate::base::{AttemptId, redact};
use crate::keymap::Command;
use crate::ops::request::HeadFrom;
use crate::tui::data::attempt::Attempt;
use crate::tui::effects::Effect;
use crate::tui::model::picker::{Choice, CopyWhat, Item, Picker};
use crate::tui::model::{Env, Level, Model};

/// Asks which form of the selected attempt is wanted.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(line) = model.log.selected() else {
        return Vec::new();
    };
    let id = line.row.id;
    let id_hint = match &line.row.job_id {
        Some(job) => job.to_string(),
        None => format!("attempt {id}"),
    };
    let item = |text: &str, hint: String, what: CopyWhat| Item {
        text: text.to_owned(),
        hint,
        choice: Choice::Copy(id, what),
    };
    let items = vec![
        item("as curl", "the token left out".to_owned(), CopyWhat::Curl),
        item("as JSON", "request and answer".to_owned(), CopyWhat::Json),
        item("the id", id_hint, CopyWhat::Id),
    ];
    pick::open(model, Picker::new(Command::Copy.title(), items));
    super::detail::ask(model)
}

/// Copies one form of an attempt.
pub(super) fn copy(model: &mut Model, id: AttemptId, what: CopyWhat, env: &Env) -> Vec<Effect> {
    if what == CopyWhat::Id {
        let row = model
            .log
            .lines
            .iter()
            .map(|line| &line.row)
            .find(|row| row.id == id);
        let (text, what) = match row.and_then(|row| row.job_id.as_ref()) {
            Some(job) => (job.to_string(), "the job's id"),
            None => (id.to_string(), "the attempt's id"),
        };
        return vec![Effect::Copy {
            text,
            what: what.to_owned(),
        }];
    }
    let Some(attempt) = model.detail.attempt.as_ref().filter(|a| a.row.id == id) else {
        let text = "the attempt is still being read; copy again in a moment";
        model.shared.say(Level::Info, text, env.uptime);
        return Vec::new();
    };
    let (text, what) = match what {
        CopyWhat::Curl => (
            attempt.head.curl(attempt.request_body.as_deref()),
            "the request as curl",
        ),
        CopyWhat::Json | CopyWhat::Id => (as_json(attempt), "the attempt as JSON"),
    };
    vec![Effect::Copy {
        text,
        what: what.to_owned(),
    }]
}

fn as_json(attempt: &Attempt) -> String {
    let row = &attempt.row;
    let body = |text: &Option<String>| -> Value {
        match text {
            None => Value::Null,
            Some(text) => {
                let clean = redact::tokens_in(text);
                serde_json::from_str(&clean).unwrap_or_else(|_| Value::from(clean.as_ref()))
            }
        }
    };
    let all = json!({
        "attempt": row.id,
        "at": row.at.to_string(),
        "profile": row.profile,
        "data_center": row.data_center,
        "module": row.module,
        "outcome": row.outcome,
        "http_status": row.http_status,
        "code": row.code,
        "message": row.message,
        "job_id": row.job_id,
        "method": attempt.head.method,
        "url": attempt.head.url,
        "request_headers": attempt.head.headers,
        "recorded": attempt.head_from == HeadFrom::Record,
        "request": body(&attempt.request_body),
        "response": body(&attempt.response_body),
    });
    serde_json::to_string_pretty(&all).unwrap_or_default()
}
