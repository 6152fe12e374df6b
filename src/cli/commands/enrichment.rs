//! `ziadeck enrichment config`: the change is shown before it is made.

use serde_json::{Value, json};

use crate::cli::args::{ChangeArgs, EnrichmentCommand, EnrichmentConfigCommand, Global, WhichArgs};
use crate::cli::ask::confirm;
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::ops::configure::{Edit, Plan, apply, of_module, plan};
use crate::ops::setup::configurations;
use crate::ops::{Deck, Desk, OpsError};
use crate::wire::settings::EnrichmentConfiguration;

pub(crate) async fn run(
    global: &Global,
    command: EnrichmentCommand,
    out: Out,
) -> Result<Exit, OpsError> {
    let EnrichmentCommand::Config(command) = command;
    session::with_deck((global, out), async |deck, out| {
        with_deck(global, command, out, deck).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    command: EnrichmentConfigCommand,
    out: Out,
    deck: &Deck,
) -> Result<Exit, OpsError> {
    let desk = deck.desk(global.profile.as_ref())?;
    let (args, edit) = match command {
        EnrichmentConfigCommand::List => return list(&desk, out).await,
        EnrichmentConfigCommand::Show(which) => return show(&desk, &which, out).await,
        EnrichmentConfigCommand::Create(args) => (args.change, Edit::Create(args.mappings)),
        EnrichmentConfigCommand::Enable(args) => (args, Edit::Enable),
        EnrichmentConfigCommand::Disable(args) => (args, Edit::Disable),
        EnrichmentConfigCommand::Map(args) => (args.change, Edit::Map(args.mappings)),
        EnrichmentConfigCommand::Unmap(args) => (args.change, Edit::Unmap(args.inputs)),
        EnrichmentConfigCommand::Delete(args) => (args, Edit::Delete),
    };
    change(&desk, &args, &edit, out).await
}

async fn list(desk: &Desk, out: Out) -> Result<Exit, OpsError> {
    let all = configurations(desk).await?;
    for one in &all {
        out.result(&value(one), || vec![line(one)]);
    }
    if all.is_empty() {
        out.say("no module has an enrichment configuration");
    }
    Ok(Exit::Done)
}

async fn show(desk: &Desk, which: &WhichArgs, out: Out) -> Result<Exit, OpsError> {
    let all = configurations(desk).await?;
    let one = of_module(&all, which.kind, which.module.as_str()).ok_or_else(|| {
        OpsError::NotFound(format!(
            "module {} has no configuration for {}",
            which.module, which.kind
        ))
    })?;
    out.result(&value(one), || lines(one));
    Ok(Exit::Done)
}

async fn change(desk: &Desk, args: &ChangeArgs, edit: &Edit, out: Out) -> Result<Exit, OpsError> {
    let which = &args.which;
    let planned = plan(desk, (which.kind, &which.module), edit).await?;
    out.say(&shown(&planned).join("\n"));
    let question = format!(
        "Change the enrichment configuration of {} in the organisation, for everybody?",
        which.module
    );
    if !confirm(&question, args.yes, out)? {
        return Ok(Exit::Usage);
    }
    let applied = apply(desk, &planned).await?;
    let differences: Vec<Value> = planned
        .differences
        .iter()
        .map(|one| json!({"what": one.what, "before": one.before, "after": one.after}))
        .collect();
    let value = json!({
        "module": which.module,
        "kind": which.kind,
        "message": applied.message,
        "changed": differences,
        "configuration": applied.now.as_ref().map(value),
    });
    out.result(&value, || {
        let mut text = vec![format!("{}  {}", which.module, applied.message)];
        text.extend(applied.now.iter().flat_map(lines));
        text
    });
    Ok(Exit::Done)
}

fn shown(plan: &Plan) -> Vec<String> {
    let mut lines = vec![format!("{} ({})", plan.module, plan.kind)];
    lines.extend(
        plan.differences
            .iter()
            .map(|one| format!("  {:<14}  {} → {}", one.what, one.before, one.after)),
    );
    lines
}

fn value(one: &EnrichmentConfiguration) -> Value {
    let pairs = |list: &[(String, Option<String>)]| -> Value {
        list.iter()
            .map(|(name, field)| json!({"name": name, "field": field}))
            .collect()
    };
    json!({
        "id": one.id,
        "type": one.kind,
        "module": one.module,
        "active": one.is_active,
        "inputs": pairs(&one.inputs),
    })
}

fn line(one: &EnrichmentConfiguration) -> String {
    let unmapped: Vec<_> = one
        .inputs
        .iter()
        .filter(|(_, field)| field.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    format!(
        "{:<20}  {:<12}  {}{}",
        one.module,
        one.kind,
        if one.is_active { "on" } else { "off" },
        if unmapped.is_empty() {
            String::new()
        } else {
            format!("  not mapped: {}", unmapped.join(", "))
        }
    )
}

fn lines(one: &EnrichmentConfiguration) -> Vec<String> {
    let mut lines = vec![line(one)];
    lines.extend(one.inputs.iter().map(|(name, field)| {
        format!(
            "  {name:<14}  {}",
            field.as_deref().unwrap_or("not mapped: refused when given")
        )
    }));
    lines
}
