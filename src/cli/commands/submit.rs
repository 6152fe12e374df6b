//! `ziadeck submit`: one enrichment, with the same checks and the same ledger as the console.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::limits::{ANSWER_BYTES_MAX, SHUTDOWN_GRACE};
use crate::base::{Outcome, moment, redact};
use crate::cli::args::{Global, SubmitArgs};
use crate::cli::exit::Exit;
use crate::cli::json::{self, Refusal};
use crate::cli::output::Out;
use crate::cli::session;
use crate::cli::signals::Signals;
use crate::enrichment::explain::{explain, explain_outcome};
use crate::enrichment::usage::Usage;
use crate::enrichment::{Draft, EnrichmentRequest, Known, Severity, Violation, validate};
use crate::ledger::{BudgetRule, LedgerError};
use crate::ops::submit::{SubmitOptions, SubmitReport, submit};
use crate::ops::{Deck, Desk, OpsError, usage};

pub(crate) async fn run(global: &Global, args: SubmitArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck(global, async |deck| {
        with_deck(global, args, out, deck).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: SubmitArgs,
    out: Out,
    deck: &Deck,
) -> Result<Exit, OpsError> {
    let desk = deck.desk(global.profile.as_ref())?;
    let mut draft = Draft::new(args.inputs.kind, "");
    if let Some(file) = &args.file {
        draft = draft
            .with_json(&read(file)?)
            .map_err(|why| OpsError::Refused(format!("cannot read {}: {why}", file.display())))?;
    }
    draft = args.inputs.over(draft);
    if draft.module.is_empty()
        && let Some(module) = &desk.profile().default_module
    {
        module.as_str().clone_into(&mut draft.module);
    }
    let violations = validate(&draft, &Known::default());
    let before = usage::local(&desk, draft.kind).await?;
    if violations.iter().any(|v| v.severity == Severity::Error) && !args.force {
        return Ok(refused(&desk, &violations, &before, out));
    }
    for warning in &violations {
        out.say(&format!(
            "note: {}: {} ({})",
            warning.place.as_str(),
            warning.hint,
            warning.code
        ));
    }
    let request = match EnrichmentRequest::checked(&draft, &Known::default()) {
        Ok(request) => request,
        Err(_) => EnrichmentRequest::forced(&draft),
    };
    say_if_sent_before(&desk, &request, out).await?;
    if args.dry_run {
        dry_run(&desk, &request, &before, out);
        return Ok(Exit::Done);
    }
    let options = SubmitOptions {
        rule: if args.force {
            BudgetRule::Override
        } else {
            BudgetRule::Hold
        },
        ..SubmitOptions::single()
    };
    let (result, signal) = send(&desk, &request, options, out).await;
    let exit = match result {
        Some(Ok(report)) => {
            show(&report, before.used, out);
            Exit::of_outcome(report.row.outcome)
        }
        // The signal came before the first byte went out.
        Some(Err(OpsError::Refused(why))) if signal.is_some() => {
            out.say(&why);
            Exit::Done
        }
        Some(Err(error)) => nothing_sent(&desk, error, &before, out)?,
        None => Exit::Done,
    };
    Ok(signal.unwrap_or(exit))
}

/// Sends, unless a signal comes before the attempt is on record. One that comes later waits for
/// the answer, ten seconds at most; a second signal ends that wait, and the attempt is unknown.
async fn send(
    desk: &Arc<Desk>,
    request: &EnrichmentRequest,
    options: SubmitOptions,
    out: Out,
) -> (Option<Result<SubmitReport, OpsError>>, Option<Exit>) {
    let is_on_its_way = Arc::new(AtomicBool::new(false));
    let tell = is_on_its_way.clone();
    let called_off = Arc::new(AtomicBool::new(false));
    let options = SubmitOptions {
        on_dispatch: Some(Arc::new(move |_| tell.store(true, Ordering::SeqCst))),
        called_off: Some(called_off.clone()),
        ..options
    };
    let mut signals = Signals::listen();
    let work = submit(desk, request, options);
    tokio::pin!(work);
    // Cancel safety: dropped before the attempt is on record, the task that is to send it goes on
    // and finds that it was called off; dropped after, the row stays as sending and the next start
    // calls it unknown.
    let first = tokio::select! {
        result = &mut work => return (Some(result), None),
        signal = signals.next() => signal,
    };
    // One side sets its flag before it reads the other's, and so does the other: at least one of
    // them sees what the other did.
    called_off.store(true, Ordering::SeqCst);
    if !is_on_its_way.load(Ordering::SeqCst) {
        out.say("nothing was sent");
        return (None, Some(first));
    }
    out.say(&format!(
        "waiting for the answer that is on its way, {} seconds at most",
        SHUTDOWN_GRACE.as_secs()
    ));
    let result = tokio::select! {
        result = tokio::time::timeout(SHUTDOWN_GRACE, &mut work) => result.ok(),
        _ = signals.next() => None,
    };
    (result, Some(first))
}

fn read(file: &Path) -> Result<String, OpsError> {
    let mut text = String::new();
    let most = u64::try_from(ANSWER_BYTES_MAX).unwrap_or(u64::MAX);
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(most).read_to_string(&mut text))
    };
    read.map_err(|error| OpsError::Refused(format!("cannot read {}: {error}", file.display())))?;
    Ok(text)
}

fn refused(desk: &Arc<Desk>, violations: &[Violation], usage: &Usage, out: Out) -> Exit {
    let first = violations
        .iter()
        .find(|violation| violation.severity == Severity::Error);
    let code = first.map(|violation| violation.code.as_str());
    let message = "refused before sending: the input would be rejected; nothing was sent";
    let value = json::not_submitted(&Refusal {
        profile: desk.profile().name.as_str(),
        outcome: None,
        code,
        message,
        violations,
        usage: Some(usage),
    });
    out.result(&value, Vec::new);
    if !out.is_json() {
        out.error(message, None, Exit::Refused.code());
        for violation in violations {
            out.say(&format!(
                "  at  {}  {}  {}",
                violation.place.as_str(),
                violation.code,
                violation.hint
            ));
        }
        out.say("  do  correct it, or give --force to let the server decide");
    }
    Exit::Refused
}

fn dry_run(desk: &Arc<Desk>, request: &EnrichmentRequest, before: &Usage, out: Out) {
    let endpoints = desk.client().endpoints();
    let mut url = endpoints.enrichment(request.kind());
    url.query_pairs_mut()
        .append_pair("module", request.module());
    if let Some(id) = request.record_id() {
        url.query_pairs_mut().append_pair("record_id", id);
    }
    let headers = [
        ("Authorization", "Zoho-oauthtoken …"),
        ("Content-Type", "application/json"),
    ];
    let curl = redact::curl("POST", url.as_str(), &headers, Some(request.body()));
    let value = serde_json::json!({
        "dry_run": true,
        "profile": desk.profile().name,
        "method": "POST",
        "url": url.as_str(),
        "body": serde_json::from_str::<serde_json::Value>(request.body()).unwrap_or_default(),
        "spends": 1,
        "usage": json::usage_brief(before),
    });
    out.result(&value, || {
        let mut lines: Vec<String> = curl.lines().map(str::to_owned).collect();
        lines.push(format!(
            "would spend 1: {} → {} of {}; nothing was sent",
            before.used,
            before.used.saturating_add(1),
            before.limit
        ));
        lines
    });
}

/// The same inputs spend a unit each time, so a person should know.
async fn say_if_sent_before(
    desk: &Arc<Desk>,
    request: &EnrichmentRequest,
    out: Out,
) -> Result<(), OpsError> {
    let ledger = desk.ledger();
    let fingerprint = ledger.fingerprint(request.draft().canonical().as_bytes());
    let scope = desk.scope().await?;
    let same = ledger
        .attempts_with_fingerprint(scope, request.kind(), fingerprint)
        .await?;
    if let Some(before) = same
        .iter()
        .filter(|row| row.outcome.is_charged())
        .max_by_key(|row| row.id)
    {
        out.say(&format!(
            "note: the same inputs were sent before: attempt {} of {} is {}",
            before.id,
            moment(before.at),
            before.outcome
        ));
    }
    Ok(())
}

/// A failure before the first byte, told in the same shape as an attempt.
fn nothing_sent(
    desk: &Arc<Desk>,
    error: OpsError,
    usage: &Usage,
    out: Out,
) -> Result<Exit, OpsError> {
    let outcome = match &error {
        OpsError::Ledger(LedgerError::LimitReached { .. }) => Outcome::Limit,
        OpsError::Auth(_) if error.exit_code() == 7 => Outcome::NotSent,
        _ => return Err(error),
    };
    if out.is_json() {
        out.json(&json::not_submitted(&Refusal {
            profile: desk.profile().name.as_str(),
            outcome: Some(outcome.as_str()),
            code: None,
            message: &error.to_string(),
            violations: &[],
            usage: Some(usage),
        }));
        return Ok(Exit::of_code(error.exit_code()));
    }
    Err(error)
}

fn show(report: &SubmitReport, used_before: u64, out: Out) {
    out.result(&json::submitted(report), || {
        report_lines(report, used_before)
    });
    if let Err(error) = report.usage.as_ref()
        && out.is_json()
    {
        out.say(&usage_words(error));
    }
}

fn usage_words(error: &str) -> String {
    format!("the outcome is recorded, but the usage cannot be read: {error}")
}

/// What became of an attempt, for people.
pub(crate) fn report_lines(report: &SubmitReport, used_before: u64) -> Vec<String> {
    let row = &report.row;
    let mut lines = vec![match (&row.job_id, &row.code) {
        (Some(job), _) => format!("{}  job {job}", row.outcome),
        (None, Some(code)) => format!("{}  {code}", row.outcome),
        (None, None) => row.outcome.to_string(),
    }];
    if row.outcome != Outcome::Scheduled {
        if let Some(message) = row.message.as_ref().or(row.note.as_ref()) {
            lines.push(format!("  server  {message}"));
        }
        for field in &report.fields {
            let name = field
                .place
                .map_or(field.name.as_str(), |place| place.as_str());
            let note = field.note.as_deref().unwrap_or_default();
            lines.push(format!("  at  {name}  {note}").trim_end().to_owned());
        }
        let explanation = match &row.code {
            Some(code) => explain(&code.as_str().into()),
            None => explain_outcome(row.outcome),
        };
        lines.push(format!("  is  {}", explanation.plain));
        lines.push(format!("  do  {}", explanation.next_step));
    }
    lines.push(match &report.usage {
        Ok(usage) => format!(
            "attempt {}  ·  used {used_before} → {} of {} ({}, {} unknown)",
            row.id,
            usage.used,
            usage.limit,
            usage.source.as_str(),
            usage.unknown
        ),
        Err(error) => format!("attempt {}  ·  {}", row.id, usage_words(error)),
    });
    lines
}
