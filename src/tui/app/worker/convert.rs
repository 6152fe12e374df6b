//! From the words of the lower floors to those of the screen.

use serde_json::Value;

use crate::auth::Reached;
use crate::base::{ProfileName, Timestamp};
use crate::config::Profile;
use crate::ledger::{self, AttemptDetail, AttemptRow};
use crate::ops::{AppContext, OpsError, request};
use crate::tui::app::notice::Failure;
use crate::tui::data::attempt::{Attempt, LogRow};
use crate::tui::data::profile::{ProfileFigures, ProfileState, Profiles, Server};

/// An error as a fact and a next step.
pub(super) fn failure(error: &OpsError) -> Failure {
    Failure::new(error.to_string(), error.hint().unwrap_or_default())
}

/// One line of the log.
pub(super) fn log_row(row: AttemptRow) -> LogRow {
    LogRow {
        id: row.id,
        at: row.at,
        profile: row.profile,
        data_center: row.data_center,
        kind: row.kind,
        module: row.module,
        outcome: row.outcome,
        http_status: row.http_status,
        code: row.code,
        message: row.message.or(row.note),
        job_id: row.job_id,
        latency: row.latency,
        inputs: inputs(row.inputs.as_deref()),
        operator: row.operator,
        is_late: row.is_late,
    }
}

fn inputs(json: Option<&str>) -> Vec<(String, String)> {
    json.and_then(|text| serde_json::from_str::<Value>(text).ok())
        .and_then(|value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())))
        .collect()
}

/// One attempt in full.
pub(super) fn attempt(context: &AppContext, detail: AttemptDetail) -> Attempt {
    let request = request::of(context, &detail.row, detail.sent);
    Attempt {
        environment: detail.row.environment,
        head: request.head,
        head_from: request.head_from,
        record_id: detail.row.record_id.clone(),
        request_body: request.body,
        response_body: detail.response_body,
        response_headers: detail.response_headers,
        details: detail.details,
        note: detail.row.note.clone(),
        row: log_row(detail.row),
    }
}

/// All profiles with their state.
pub(super) async fn profiles(context: &AppContext, start_with: Option<ProfileName>) -> Profiles {
    let config = context.config();
    let now = context.clock().now();
    let mut list = Vec::new();
    for profile in &config.profiles {
        let reached = match context.session(Some(&profile.name)) {
            Ok(session) => session.reached().await.unwrap_or_default(),
            Err(_) => Reached::default(),
        };
        list.push(figures(context, profile, reached, now));
    }
    let start_with = start_with.or_else(|| config.profile(None).ok().map(|p| p.name.clone()));
    Profiles {
        list,
        start_with,
        last_sent: last_sent(context).await,
    }
}

/// The profile that this user sent with last; where that cannot be read, a send is asked about.
async fn last_sent(context: &AppContext) -> Option<ProfileName> {
    let query = ledger::LogQuery {
        operator: Some(context.operator().to_owned()),
        rows: 1,
        ..ledger::LogQuery::default()
    };
    let page = context.ledger().page(query).await.ok()?;
    page.rows.into_iter().next().map(|row| row.profile)
}

fn figures(
    context: &AppContext,
    profile: &Profile,
    reached: Reached,
    now: Timestamp,
) -> ProfileFigures {
    let status = context
        .session(Some(&profile.name))
        .ok()
        .and_then(|session| session.tokens().status().ok());
    let token_until = status.as_ref().and_then(|status| status.access_expires_at);
    let state = match &status {
        Some(status) if status.is_signed_in => match token_until {
            Some(until) if until > now => ProfileState::Ready,
            _ => ProfileState::TokenExpired,
        },
        _ => ProfileState::NotSetUp,
    };
    ProfileFigures {
        name: profile.name.clone(),
        data_center: profile.data_center,
        environment: profile.environment,
        api_version: profile.api_version.clone(),
        state,
        organisation: reached.org_name.or(reached.org_id),
        token_until,
        server: if profile.is_loopback() {
            Server::Simulated
        } else {
            Server::Zoho
        },
        default_module: profile
            .default_module
            .as_ref()
            .map(|module| module.as_str().to_owned()),
        scopes: profile.scopes.join(","),
        confirm: profile.confirm,
        is_read_only: profile.read_only || context.is_read_only(),
    }
}
