//! `ziadeck ledger`: prove it, print it, copy it, clear it.

use serde_json::json;

use crate::base::counted;
use crate::cli::args::{Global, LedgerCommand};
use crate::cli::ask::{confirm, confirm_number};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::{session, span};
use crate::ledger::{LedgerError, PurgeWhat, Trust};
use crate::ops::doubt::{Reading, accept as accept_history, compare};
use crate::ops::error::DOUBT_IS_SETTLED_BY;
use crate::ops::{AppContext, OpsError};

pub(crate) async fn run(
    global: &Global,
    command: LedgerCommand,
    out: Out,
) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(command, out, context).await
    })
    .await
}

async fn with_deck(
    command: LedgerCommand,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    match command {
        LedgerCommand::Check {
            trust,
            uncertain,
            new_key,
            yes,
        } => {
            let is_done = match new_key {
                true if !renew_key(context, yes, out).await? => false,
                _ => !trust || accept(context, (yes, uncertain), out).await?,
            };
            if !is_done {
                return Ok(Exit::Usage);
            }
            check(context, out).await
        }
        LedgerCommand::Dump => dump(context, out).await,
        LedgerCommand::Purge {
            before,
            everything,
            yes,
        } => {
            let what = if everything {
                PurgeWhat::Everything
            } else {
                PurgeWhat::Bodies
            };
            purge(context, (before, what, yes), out).await
        }
        LedgerCommand::Backup { file } => {
            let copied = context.ledger().backup(file.clone()).await;
            let key = copied.map_err(|error| not_copied(error, context))?;
            out.result(&json!({"backup": file, "key": key}), || {
                vec![
                    format!("{}  written", file.display()),
                    format!("{}  its key: keep both together", key.display()),
                ]
            });
            Ok(Exit::Done)
        }
    }
}

/// A copy that found no room is output that could not be written: the ledger has nothing.
fn not_copied(error: LedgerError, context: &AppContext) -> OpsError {
    match error {
        LedgerError::Full { path, reason, .. }
        | LedgerError::Disk { path, reason, .. }
        | LedgerError::Unwritable { path, reason, .. }
            if path != context.paths().ledger =>
        {
            OpsError::NotWritten {
                to: path.display().to_string(),
                why: reason,
            }
        }
        error => error.into(),
    }
}

async fn check(context: &AppContext, out: Out) -> Result<Exit, OpsError> {
    out.progress(Some(
        "reading the whole ledger; a million attempts take some twenty seconds",
    ));
    let report = context.ledger().check().await;
    out.progress(None);
    let report = report?;
    let doubt = match context.ledger().trust() {
        Trust::Trusted => None,
        Trust::Doubtful(why) => Some(why),
    };
    let value = json!({
        "ledger": context.paths().ledger,
        "sound": report.is_sound(),
        "trusted": doubt.is_none(),
        "doubt": doubt,
        "format": report.format,
        "attempts": report.attempts,
        "jobs": report.jobs,
        "runs": report.runs,
        "bytes": report.bytes,
        "recovered": context.opened().recovered,
        "problems": report.problems,
    });
    let is_good = report.is_sound() && doubt.is_none();
    out.result(&value, || {
        let mut lines = vec![format!(
            "{}  {}  ·  {}, {}, {}, {}, format {}",
            context.paths().ledger.display(),
            if report.is_sound() {
                "sound"
            } else {
                "damaged"
            },
            counted(report.attempts, "attempt"),
            counted(report.jobs, "job"),
            counted(report.runs, "run"),
            counted(report.bytes, "byte"),
            report.format
        )];
        lines.extend(
            report
                .problems
                .iter()
                .map(|problem| format!("  problem  {problem}")),
        );
        if let Some(why) = &doubt {
            lines.push(format!("  doubt  {why}"));
            // What is wrong with a key says what to do.
            if context.ledger().key_trouble().is_none() {
                lines.push(format!("  do  {DOUBT_IS_SETTLED_BY}"));
            }
        }
        lines
    });
    Ok(if is_good { Exit::Done } else { Exit::Ledger })
}

/// Makes a new key, if the old one is lost and the person says so.
async fn renew_key(context: &AppContext, yes: bool, out: Out) -> Result<bool, OpsError> {
    let ledger = context.ledger();
    let Some(why) = ledger.key_trouble() else {
        return Err(OpsError::Refused(
            "the ledger has its key; a new one would only make it forget whom it has paid for"
                .to_owned(),
        ));
    };
    let gone = ledger.not_comparable().await?;
    let forgotten = match ledger.forgettings().await? {
        0 => String::new(),
        count => format!(
            " Whom {} forgot can be asked about again: forget them once more.",
            counted(count, "decision")
        ),
    };
    let question = format!(
        "{why}. A new key knows again whose inputs are still in the ledger; {} whose inputs were purged cannot be compared any more, and may be paid for twice.{forgotten} Make a new key?",
        counted(gone, "attempt")
    );
    if !confirm(&question, yes, out)? {
        return Ok(false);
    }
    let done = ledger.renew_key().await?;
    out.say(&format!(
        "a new key was made: {} known again, {} cannot be compared",
        done.hashed, done.not_comparable
    ));
    Ok(true)
}

/// Takes a doubtful ledger as the truth, if the person says so: after it was compared with what the
/// servers have, and knowing what stays uncertain.
async fn accept(
    context: &AppContext,
    (yes, known): (bool, Option<u64>),
    out: Out,
) -> Result<bool, OpsError> {
    let Trust::Doubtful(why) = context.ledger().trust() else {
        return Ok(true);
    };
    if context.ledger().key_trouble().is_some() {
        // What is wrong with the key, and what to do.
        context.ledger().may_send()?;
    }
    let say = |text: &str| {
        // With --json an error is one object, and the numbers are in it.
        if !out.is_json() {
            out.say(text);
        }
    };
    say(&format!("the ledger cannot be trusted: {why}"));
    say("it is compared with all jobs of the servers; this spends no unit");
    let compared = compare(context, context.config().settle, &|reading| {
        let Reading {
            profile,
            kind,
            read,
            of,
        } = reading;
        out.progress(Some(&format!(
            "{profile}: {read} of {} read, a call with its API credits each",
            counted(*of, &format!("{kind} job"))
        )));
    })
    .await;
    out.progress(None);
    let compared = compared?;
    let sentences = compared.sentences();
    for sentence in &sentences {
        say(sentence);
    }
    let uncertain = compared.uncertain();
    let question = "Take the ledger as the truth, and send from it again?";
    let is_agreed = match (uncertain, known) {
        (_, Some(known)) if known == uncertain => true,
        (0, _) => confirm(question, yes, out)?,
        (_, Some(known)) => {
            return Err(OpsError::Refused(format!(
                "what stays uncertain is {uncertain}, and not {known}; nothing was accepted"
            )));
        }
        (_, None) => {
            let told = if out.is_json() {
                format!("{}. ", sentences.join("; "))
            } else {
                String::new()
            };
            let question = format!(
                "{told}{question} What stays uncertain (jobs, attempts and lists together): {uncertain}."
            );
            let flag = format!("--uncertain {uncertain}");
            confirm_number(&question, ("that number", &flag), uncertain, out)?
        }
    };
    if !is_agreed {
        out.say("nothing was accepted");
        return Ok(false);
    }
    let note = format!(
        "accepted with `ledger check --trust`: {why}; {}",
        sentences.join("; ")
    );
    accept_history(context, note).await?;
    Ok(true)
}

async fn dump(context: &AppContext, out: Out) -> Result<Exit, OpsError> {
    match context.ledger().dump(move |line| out.json_line(line)).await {
        // A reader that goes away (`| head -1`) is no error; what else it is, the end says.
        Err(_) if out.lost().is_some() => Ok(Exit::Done),
        Err(error) => Err(error.into()),
        Ok(lines) => {
            out.detail(&format!("{lines} lines"));
            Ok(Exit::Done)
        }
    }
}

async fn purge(
    context: &AppContext,
    (before, what, yes): (Option<String>, PurgeWhat, bool),
    out: Out,
) -> Result<Exit, OpsError> {
    let kept = context.config().retention_days;
    let Some(before) = before.or_else(|| kept.map(|days| format!("{days}d"))) else {
        return Err(OpsError::Refused(
            "nothing says how old; name --before, such as 90d, or set retention_days in the configuration".to_owned(),
        ));
    };
    let before = span::past("--before", &before, context.clock().as_ref())?;
    let words = match what {
        PurgeWhat::Bodies => "bodies, headers and results",
        PurgeWhat::Everything => "bodies, headers, results and inputs",
    };
    let question = format!(
        "Remove {words} of everything before {before:.0} for good? Counts, codes and job ids stay."
    );
    if !confirm(&question, yes, out)? {
        return Ok(Exit::Usage);
    }
    let report = context.ledger().purge(before, what).await?;
    let value = json!({
        "before": before.to_string(),
        "attempts": report.attempts,
        "jobs": report.jobs,
        "rows": report.rows,
        "kept": report.kept,
        "compacted": report.not_compacted.is_none(),
    });
    out.result(&value, || {
        vec![format!(
            "removed from {}, {} and {}; kept: {}",
            counted(report.attempts, "attempt"),
            counted(report.jobs, "job"),
            counted(report.rows, "row"),
            counted(report.kept, "unknown attempt")
        )]
    });
    if let Some(why) = report.not_compacted {
        out.say(&format!("note: the freed space is not wiped yet: {why}"));
    }
    Ok(Exit::Done)
}
