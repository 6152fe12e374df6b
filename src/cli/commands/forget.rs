//! `ziadeck forget`: a person leaves the ledger, and nobody is asked about them again.

use std::io::{BufRead as _, IsTerminal as _, Read as _};

use serde_json::{Value, json};

use crate::base::{EnrichmentKind, counted};
use crate::cli::args::{ForgetArgs, Global};
use crate::cli::ask::{confirm, confirm_number};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::enrichment::Draft;
use crate::ops::forget::{self, NOT_REACHED, Person};
use crate::ops::{AppContext, OpsError};

/// Most bytes that are read for a value.
const INPUT_BYTES_MAX: u64 = 1 << 20;

pub(crate) async fn run(global: &Global, args: ForgetArgs, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| {
        with_deck(args, out, context).await
    })
    .await
}

async fn with_deck(args: ForgetArgs, out: Out, context: &AppContext) -> Result<Exit, OpsError> {
    let by = named(&args)?;
    if args.undo {
        return remember(context, by, args.yes, out).await;
    }
    out.progress(Some(
        "looking through the whole ledger; a million attempts take some twenty seconds",
    ));
    let found = forget::find(context, by).await;
    out.progress(None);
    let person = found?;
    if args.dry_run {
        out.result(&value(&person, None), || told(&person));
        return Ok(Exit::Done);
    }
    if !is_agreed(&person, &args, out)? {
        out.say("nothing was removed");
        return Ok(Exit::Usage);
    }
    let done = forget::forget(context, person).await?;
    let person = &done.person;
    out.result(&value(person, Some(done.not_compacted.is_none())), || {
        let mut lines = vec![format!("forgotten: {}", person.sentence())];
        lines.extend(person.kept());
        lines.push("not reached:".to_owned());
        lines.extend(NOT_REACHED.map(|place| format!("  {place}")));
        lines
    });
    if let Some(why) = done.not_compacted {
        out.say(&format!("note: the freed space is not wiped yet: {why}"));
    }
    // A script that goes on would leave what is kept.
    Ok(match person.traces.open.is_empty() {
        true => Exit::Done,
        false => Exit::Unknown,
    })
}

/// What was found, for people.
fn told(person: &Person) -> Vec<String> {
    let mut lines = vec![format!("found: {}", person.sentence())];
    lines.extend(person.traces.named.iter().map(|who| format!("  {who}")));
    let rest = usize::try_from(person.traces.people).unwrap_or(usize::MAX);
    let rest = rest.saturating_sub(person.traces.named.len());
    if rest > 0 && !person.traces.named.is_empty() {
        lines.push(format!("  and {rest} more"));
    }
    lines.extend(person.notes());
    lines
}

fn is_agreed(person: &Person, args: &ForgetArgs, out: Out) -> Result<bool, OpsError> {
    const THEN: &str = "Counts and keyed hashes stay, and nobody is asked about them again.";
    let people = person.traces.people;
    match args.people {
        // Said again where they are gone already, as a script does.
        Some(given) if given == people || people <= 1 => return Ok(true),
        Some(given) => {
            return Err(OpsError::Refused(format!(
                "it is {people} people, and not {given}; nothing was removed"
            )));
        }
        None => {}
    }
    let shown = told(person);
    // With --json an error is one object, and what was found is in it.
    let before = if out.is_json() {
        format!("{}. ", shown.join("; "))
    } else {
        if !args.yes || people > 1 || person.traces.elsewhere > 0 {
            shown.iter().for_each(|line| out.say(line));
        }
        String::new()
    };
    if people > 1 {
        let question = format!("{before}Forget {people} people for good? {THEN}");
        let flag = format!("--people {people}");
        return confirm_number(&question, ("the number of people", &flag), people, out);
    }
    let question = if person.is_unknown() {
        format!("{before}This ledger has nothing of them. Keep that nobody is to ask about them?")
    } else {
        format!("{before}Forget them for good? {THEN}")
    };
    confirm(&question, args.yes, out)
}

async fn remember(context: &AppContext, by: Draft, yes: bool, out: Out) -> Result<Exit, OpsError> {
    let times = forget::forgotten(context, &by).await?;
    let question = format!(
        "Take {} back? Whoever that forgot can be asked about again; what was removed stays removed.",
        counted(times, "decision")
    );
    if !confirm(&question, yes, out)? {
        return Ok(Exit::Usage);
    }
    let taken = forget::remember(context, by).await?;
    out.result(&json!({"decisions": taken}), || {
        vec![format!(
            "{} taken back: they can be asked about again",
            counted(taken, "decision")
        )]
    });
    Ok(Exit::Done)
}

/// Whom the flags name.
fn named(args: &ForgetArgs) -> Result<Draft, OpsError> {
    let mut by = Draft::new(EnrichmentKind::People, "");
    let mut is_read = false;
    let mut value = |value: &str| -> Result<String, OpsError> {
        if value != "-" {
            return Ok(value.to_owned());
        }
        if std::mem::replace(&mut is_read, true) {
            return Err(OpsError::Refused(
                "standard input is one value; give - once".to_owned(),
            ));
        }
        one_line()
    };
    for (field, given) in &args.by.inputs {
        by.set(*field, &value(given)?);
    }
    if let Some(record) = &args.by.record_id {
        by.record_id = value(record)?;
    }
    Ok(by)
}

/// The one line of standard input. A list would be forgotten but for its first line.
fn one_line() -> Result<String, OpsError> {
    let stdin = std::io::stdin();
    let mut text = String::new();
    let read = if stdin.is_terminal() {
        stdin.lock().read_line(&mut text)
    } else {
        stdin.lock().take(INPUT_BYTES_MAX).read_to_string(&mut text)
    };
    read.map_err(|error| OpsError::Refused(format!("cannot read standard input: {error}")))?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next()) {
        (first, None) => Ok(first.unwrap_or_default().to_owned()),
        (_, Some(_)) => Err(OpsError::Refused(
            "standard input has several lines; give one value, and run the command once for each"
                .to_owned(),
        )),
    }
}

/// What was found or, where it is known whether the space was wiped, removed.
fn value(person: &Person, compacted: Option<bool>) -> Value {
    let traces = &person.traces;
    json!({
        "forgotten": compacted.is_some(),
        "people": traces.people,
        "named": if compacted.is_some() { Vec::new() } else { traces.named.clone() },
        "attempts": traces.attempts,
        "kept": traces.open,
        "jobs": traces.jobs,
        "rows": traces.rows,
        "rows_left_out": traces.waiting,
        "elsewhere": traces.elsewhere,
        "cells": traces.cells,
        "shared": if compacted.is_some() { Vec::new() } else { traces.shared.clone() },
        "drafts": traces.drafts.saturating_add(u64::from(person.has_draft)),
        "not_reached": NOT_REACHED,
        "compacted": compacted,
    })
}
