//! `ziadeck submit`: one enrichment, with the same checks and the same ledger as the console.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::limits::{ANSWER_BYTES_MAX, SHUTDOWN_GRACE};
use crate::base::{AttemptId, Outcome, Outdated};
use crate::cli::args::{Again, Global, SubmitArgs};
use crate::cli::ask::confirm;
use crate::cli::exit::Exit;
use crate::cli::json::{self, Refusal};
use crate::cli::output::Out;
use crate::cli::session;
use crate::cli::signals::Signals;
use crate::cli::voice::Voice;
use crate::config::ConfirmRule;
use crate::enrichment::doubt::doubts;
use crate::enrichment::explain::{explain, explain_outcome};
use crate::enrichment::usage::Usage;
use crate::enrichment::verdict::{Match, OpenRule, Seen, Word};
use crate::enrichment::{Draft, EnrichmentRequest, Known, Severity, Violation, validate};
use crate::ledger::{BudgetRule, LedgerError, exit_of_match};
use crate::ops::gate::{Doubtful, match_json};
use crate::ops::submit::{SubmitOptions, SubmitReport, submit};
use crate::ops::{AppContext, OpsError, ProfileSession, gate, usage};

pub(crate) async fn run(global: &Global, args: SubmitArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(global, args, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    args: SubmitArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    let mut draft = Draft::new(args.inputs.kind, "");
    if let Some(file) = &args.file {
        draft = draft
            .with_json(&read(file)?)
            .map_err(|why| OpsError::Refused(format!("cannot read {}: {why}", file.display())))?;
    }
    draft = args.inputs.over(draft);
    if draft.module.is_empty()
        && let Some(module) = &session.profile().default_module
    {
        module.as_str().clone_into(&mut draft.module);
    }
    if !args.dry_run {
        // A ledger in doubt answers nothing else: what it knows may not be all.
        session.may_send()?;
    }
    let violations = validate(&draft, &Known::default());
    let before = usage::local(&session, draft.kind).await?;
    let door = Door {
        session: &session,
        before: &before,
        out,
    };
    if violations.iter().any(|v| v.severity == Severity::Error) && !args.force {
        return Ok(door.refused(&violations));
    }
    for warning in &violations {
        out.say(&format!(
            "note: {}: {} ({})",
            warning.place.as_str(),
            warning.hint,
            warning.code
        ));
    }
    let (seen, word) = judged(&session, &draft, &args).await?;
    let found = seen.blocking(&word);
    if let (Some(found), false) = (found, args.dry_run) {
        return Ok(door.already(found));
    }
    let doubts = Doubtful::all(&doubts(&draft), &seen.shared);
    if args.strict && doubts.iter().any(|doubt| doubt.is_value) {
        return Ok(door.doubtful(&doubts));
    }
    for doubt in &doubts {
        out.say(&format!("doubtful: {}: {}", doubt.field, doubt.hint));
    }
    let request = match EnrichmentRequest::checked(&draft, &Known::default()) {
        Ok(request) => request,
        Err(_) => EnrichmentRequest::forced(&draft),
    };
    let rule = if args.force {
        BudgetRule::Override
    } else {
        BudgetRule::Hold
    };
    if args.dry_run {
        return Ok(door.dry_run((&request, rule), found, &doubts));
    }
    if session.profile().confirm == ConfirmRule::Always
        && !confirm(&guarded(&session, &before).await?, args.yes, out)?
    {
        return Ok(Exit::Usage);
    }
    let options = SubmitOptions {
        rule,
        word,
        ..SubmitOptions::single()
    };
    let (result, signal) = send(&session, &request, options, out).await;
    let exit = match result {
        Some(Ok(report)) => {
            show(&report, &doubts, before.used, out.recorded());
            if let Some(error) = report.sign_in_error() {
                return Err(error);
            }
            Exit::of_outcome(report.row.outcome)
        }
        // The signal came before the first byte went out.
        Some(Err(OpsError::Refused(why))) if signal.is_some() => {
            out.say(&why);
            Exit::Done
        }
        // Another process was faster.
        Some(Err(OpsError::Ledger(LedgerError::Already(found)))) => door.already(&found),
        Some(Err(error)) => door.nothing_sent(error)?,
        None => Exit::Done,
    };
    Ok(signal.unwrap_or(exit))
}

/// The question of a profile that asks before each send.
async fn guarded(session: &ProfileSession, before: &Usage) -> Result<String, OpsError> {
    let profile = session.profile();
    let reached = session.reached().await?;
    let organisation = reached.org_name.or(reached.org_id);
    Ok(format!(
        "Send with profile {}, {}, {}? It spends 1 unit if accepted: {} of {} are used.",
        profile.name,
        profile.environment,
        organisation.as_deref().unwrap_or("organisation not known"),
        before.used,
        before.limit
    ))
}

/// What the ledger has of the draft, and what the flags overrule of it.
async fn judged(
    session: &ProfileSession,
    draft: &Draft,
    args: &SubmitArgs,
) -> Result<(Seen, Word), OpsError> {
    let mut word = gate::word_of(session);
    if let Some(Outdated(least)) = args.older_than {
        word.older_than = Some(least);
    }
    let mut seen = gate::look(session, draft).await?;
    let is_provable = seen
        .blocking(&word)
        .is_some_and(|found| gate::could_be_proven(session, found, &word));
    if is_provable && gate::learn_time(session, draft.kind).await.is_ok() {
        seen = gate::look(session, draft).await?;
    }
    let named: Vec<AttemptId> = args
        .again
        .iter()
        .filter_map(|again| match again {
            Again::Attempt(id) => Some(*id),
            Again::Settled => None,
        })
        .collect();
    if args.again.contains(&Again::Settled) {
        word.known = Some(seen.position);
    } else {
        // A name overrules what it names and what was there before, never what came later.
        let of_names = seen.matches.iter().filter(|found| {
            found
                .attempt
                .is_some_and(|attempt| named.contains(&attempt))
        });
        word.known = of_names.map(|found| found.position).max();
    }
    word.open = OpenRule::These(named);
    Ok((seen, word))
}

/// Sends, unless a signal comes before the attempt is on record. One that comes later waits for
/// the answer, ten seconds at most; a second signal ends that wait, and the attempt is unknown.
async fn send(
    session: &Arc<ProfileSession>,
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
    let work = submit(session, request, options);
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
    // The answer is taken also where nobody reads.
    let voice = Voice::start(out);
    voice.say(|out| {
        out.say(&format!(
            "waiting for the answer that is on its way, {} seconds at most",
            SHUTDOWN_GRACE.as_secs()
        ));
    });
    let result = tokio::select! {
        result = tokio::time::timeout(SHUTDOWN_GRACE, &mut work) => result.ok(),
        _ = signals.next() => None,
    };
    // From here on a signal, and the one that came, ends the process although nobody may read.
    drop(signals);
    voice.finish().await;
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

/// Where a refusal is told.
struct Door<'a> {
    session: &'a Arc<ProfileSession>,
    before: &'a Usage,
    out: Out,
}

impl Door<'_> {
    fn refusal<'a>(&'a self, outcome: Option<&'a str>, message: &'a str) -> Refusal<'a> {
        Refusal {
            profile: self.session.profile().name.as_str(),
            outcome,
            code: None,
            message,
            violations: &[],
            doubts: &[],
            already: None,
            usage: Some(self.before),
        }
    }

    fn refused(&self, violations: &[Violation]) -> Exit {
        let out = self.out;
        let first = violations
            .iter()
            .find(|violation| violation.severity == Severity::Error);
        let message = "refused before sending: the input would be rejected; nothing was sent";
        let value = json::not_submitted(&Refusal {
            code: first.map(|violation| violation.code.as_str()),
            violations,
            ..self.refusal(None, message)
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

    fn doubtful(&self, doubts: &[Doubtful]) -> Exit {
        let out = self.out;
        let message = "refused by --strict: an input is doubtful; nothing was sent";
        let value = json::not_submitted(&Refusal {
            doubts,
            ..self.refusal(None, message)
        });
        out.result(&value, Vec::new);
        if !out.is_json() {
            out.error(message, None, Exit::Refused.code());
            for doubt in doubts {
                out.say(&format!("  at  {}  {}", doubt.field, doubt.hint));
            }
            out.say("  do  correct it, or leave --strict out");
        }
        Exit::Refused
    }

    /// The same was asked before, or they are to be left alone: nothing is sent, which is what a script that
    /// runs twice wants.
    fn already(&self, found: &Match) -> Exit {
        let now = self.session.clock().now();
        let word = found.standing.as_str();
        let message = format!("{word}: {}; nothing was sent", found.sentence(now));
        let age = now.duration_since(found.at).as_secs();
        let value = json::not_submitted(&Refusal {
            already: Some((found, age)),
            ..self.refusal(Some(word), &message)
        });
        let exit = Exit::of_code(exit_of_match(found));
        self.out.result(&value, || vec![message.clone()]);
        if !self.out.is_json() && !found.is_forgotten() {
            self.out.say(match (found.is_open(), found.attempt) {
                (true, Some(_)) => "  do  `ziadeck reconcile`; `ziadeck explain already` says more",
                (true, None) | (false, _) => {
                    "  do  --again asks once more and spends another unit; `ziadeck explain already` says more"
                }
            });
        }
        exit
    }

    /// What would stop a send that nothing was asked about before: the word of the verdict and the error.
    fn hindrance(&self, rule: BudgetRule) -> Option<(&'static str, OpsError)> {
        if let Err(error) = self.session.ledger().may_send() {
            return Some(("ledger", error.into()));
        }
        if let Err(error) = self.session.may_change() {
            return Some(("read_only", error));
        }
        let (used, limit) = (self.before.used, self.before.limit);
        let reached = LedgerError::LimitReached {
            used,
            limit,
            reserve: 0,
        };
        (used >= limit && rule == BudgetRule::Hold).then(|| ("limit", reached.into()))
    }

    fn dry_run(
        &self,
        (request, rule): (&EnrichmentRequest, BudgetRule),
        found: Option<&Match>,
        doubts: &[Doubtful],
    ) -> Exit {
        let (session, before) = (self.session, self.before);
        let hindrance = self.hindrance(rule);
        let head = session.client().endpoints().head(request);
        let curl = head.curl(Some(request.body()));
        let value = serde_json::json!({
            "dry_run": true,
            "profile": session.profile().name,
            "method": head.method,
            "url": head.url,
            "headers": head.headers,
            "body": serde_json::from_str::<serde_json::Value>(request.body()).unwrap_or_default(),
            "spends": u8::from(found.is_none() && hindrance.is_none()),
            "verdict": match (&hindrance, found, doubts) {
                (Some((word @ ("ledger" | "read_only"), _)), ..) => *word,
                (_, Some(found), _) => found.standing.as_str(),
                (Some((word, _)), ..) => *word,
                (None, None, []) => "clear",
                (None, None, _) => "doubtful",
            },
            "already": found.map(match_json),
            "doubts": Doubtful::json(doubts),
            "usage": json::usage_brief(before),
        });
        self.out.result(&value, || {
            let mut lines: Vec<String> = curl.lines().map(str::to_owned).collect();
            lines.push(match (&hindrance, found) {
                (Some(("ledger" | "read_only", error)), _) | (Some((_, error)), None) => {
                    format!("would spend 0: {error}")
                }
                (_, Some(found)) => format!(
                    "would spend 0: {} {}",
                    found.standing.as_str(),
                    found.sentence(session.clock().now())
                ),
                (None, None) => format!(
                    "would spend 1: {} → {} of {}; nothing was sent",
                    before.used,
                    before.used.saturating_add(1),
                    before.limit
                ),
            });
            lines
        });
        match (hindrance, found) {
            (Some(("ledger" | "read_only", error)), _) | (Some((_, error)), None) => {
                Exit::of_code(error.exit_code())
            }
            (_, Some(found)) => Exit::of_code(exit_of_match(found)),
            (None, None) => Exit::Done,
        }
    }

    /// A failure before the first byte, told in the same shape as an attempt.
    fn nothing_sent(&self, error: OpsError) -> Result<Exit, OpsError> {
        let outcome = match &error {
            OpsError::Ledger(LedgerError::LimitReached { .. }) => Outcome::Limit,
            OpsError::Auth(_) if error.exit_code() == 7 => Outcome::NotSent,
            _ => return Err(error),
        };
        if self.out.is_json() {
            let message = error.to_string();
            let refusal = self.refusal(Some(outcome.as_str()), &message);
            self.out.json(&json::not_submitted(&refusal));
            return Ok(Exit::of_code(error.exit_code()));
        }
        Err(error)
    }
}

fn show(report: &SubmitReport, doubts: &[Doubtful], used_before: u64, out: Out) {
    out.result(&json::submitted(report, doubts), || {
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
