//! `ziadeck enrichment config`: the change is shown before it is made.

use std::io::{Read as _, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use crate::base::counted;
use crate::cli::args::{
    ChangeArgs, ConfigApplyArgs, ConfigExportArgs, EnrichmentCommand, EnrichmentConfigCommand,
    Global, WhichArgs,
};
use crate::cli::ask::confirm;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, Out};
use crate::cli::session;
use crate::ops::bulk_rows::{NewFile, Replace};
use crate::ops::configure::{
    ConfigurationFile, Edit, FileReport, Plan, apply, plan, whole_configuration,
    whole_configurations,
};
use crate::ops::{AppContext, OpsError, ProfileSession};
use crate::wire::settings::EnrichmentConfiguration;

/// Most bytes of a file of configurations.
const FILE_BYTES_MAX: u64 = 1 << 20;

pub(crate) async fn run(
    global: &Global,
    command: EnrichmentCommand,
    out: Out,
) -> Result<Exit, OpsError> {
    let EnrichmentCommand::Config(command) = command;
    session::with_deck((global, out), async |context, out| {
        with_deck(global, command, out, context).await
    })
    .await
}

async fn with_deck(
    global: &Global,
    command: EnrichmentConfigCommand,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    let (args, edit) = match command {
        EnrichmentConfigCommand::List => return list(&session, out).await,
        EnrichmentConfigCommand::Show(which) => return show(&session, &which, out).await,
        EnrichmentConfigCommand::Export(args) => return export(&session, &args, out).await,
        EnrichmentConfigCommand::Apply(args) => return apply_file(&session, &args, out).await,
        EnrichmentConfigCommand::Create(args) => (args.change, Edit::Create(args.mappings)),
        EnrichmentConfigCommand::Enable(args) => (args, Edit::Enable),
        EnrichmentConfigCommand::Disable(args) => (args, Edit::Disable),
        EnrichmentConfigCommand::Map(args) => (args.change, Edit::Map(args.mappings)),
        EnrichmentConfigCommand::Unmap(args) => (args.change, Edit::Unmap(args.names)),
        EnrichmentConfigCommand::Delete(args) => (args, Edit::Delete),
    };
    change(&session, &args, &edit, out).await
}

async fn list(session: &ProfileSession, out: Out) -> Result<Exit, OpsError> {
    let all = whole_configurations(session).await?;
    for one in &all {
        out.result(&value(one), || vec![line(one)]);
    }
    if all.is_empty() {
        out.say("no module has an enrichment configuration");
    }
    Ok(Exit::Done)
}

async fn show(session: &ProfileSession, which: &WhichArgs, out: Out) -> Result<Exit, OpsError> {
    let found = whole_configuration(session, (which.kind, which.module.as_str())).await?;
    let one = found.ok_or_else(|| {
        OpsError::NotFound(format!(
            "module {} has no configuration for {}",
            which.module, which.kind
        ))
    })?;
    out.result(&value(&one), || lines(&one));
    Ok(Exit::Done)
}

async fn change(
    session: &ProfileSession,
    args: &ChangeArgs,
    edit: &Edit,
    out: Out,
) -> Result<Exit, OpsError> {
    let which = &args.which;
    let planned = plan(session, (which.kind, &which.module), edit).await?;
    show_before(&shown(&planned), args.yes, out);
    let does = match edit {
        Edit::Delete => "Delete",
        _ => "Change",
    };
    let question = format!(
        "{does} the enrichment configuration of {} in the organisation, for everybody?",
        which.module
    );
    if !confirm(&question, args.yes, out)? {
        return Ok(Exit::Usage);
    }
    make(session, &planned, out).await?;
    Ok(Exit::Done)
}

/// Makes a change and says what is there now.
async fn make(session: &ProfileSession, planned: &Plan, out: Out) -> Result<(), OpsError> {
    let applied = apply(session, planned).await?;
    let now = applied.now.as_ref();
    out.result(&changed(planned, Some(&applied.message), now), || {
        let mut text = vec![format!("{}  {}", planned.module, applied.message)];
        text.extend(now.into_iter().flat_map(lines));
        text
    });
    Ok(())
}

fn changed(planned: &Plan, message: Option<&str>, now: Option<&EnrichmentConfiguration>) -> Value {
    let differences: Vec<Value> = planned
        .differences
        .iter()
        .map(|one| json!({"what": one.what, "before": one.before, "after": one.after}))
        .collect();
    json!({
        "module": planned.module,
        "kind": planned.kind,
        "message": message,
        "changed": differences,
        "configuration": now.map(value),
    })
}

async fn export(
    session: &ProfileSession,
    args: &ConfigExportArgs,
    out: Out,
) -> Result<Exit, OpsError> {
    let file = ConfigurationFile::of(session).await?;
    let text = file.text();
    if args.file == Path::new("-") {
        let mut to = out.writer(Format::Text);
        let _ = to.write_all(text.as_bytes());
        return Ok(Exit::Done);
    }
    let replace = if args.force {
        Replace::Always
    } else {
        Replace::Never
    };
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => OpsError::Refused(format!(
            "{} is there already; give --force to replace it",
            args.file.display()
        )),
        _ => OpsError::not_written(&args.file, &error),
    };
    let mut new = NewFile::begin(&args.file, replace).map_err(failed)?;
    new.write_all(text.as_bytes()).map_err(failed)?;
    new.publish(replace).map_err(failed)?;
    let count = file.configuration.len();
    let place = args.file.display().to_string();
    out.result(&json!({"file": place, "configurations": count}), || {
        vec![format!("{count} configurations in {place}")]
    });
    Ok(Exit::Done)
}

async fn apply_file(
    session: &ProfileSession,
    args: &ConfigApplyArgs,
    out: Out,
) -> Result<Exit, OpsError> {
    let file = read(&args.file)?;
    let report = file.plan(session).await?;
    // What was asked to be shown is shown, and so is what is asked about.
    show_before(
        &lines_of(&report, args.skip_missing),
        args.yes && !args.dry_run,
        out,
    );
    if !report.missing.is_empty() && !args.skip_missing {
        return Err(OpsError::Refused(format!(
            "this organisation does not have all of it: {}; nothing was changed; --skip-missing goes on without that",
            report.missing.join("; ")
        )));
    }
    if args.dry_run {
        for planned in &report.plans {
            out.result(&changed(planned, None, None), Vec::new);
        }
        return Ok(Exit::Done);
    }
    let count = report.plans.len();
    if count == 0 {
        out.say("nothing is different; nothing was changed");
        return Ok(Exit::Done);
    }
    let configurations = counted(
        u64::try_from(count).unwrap_or(u64::MAX),
        "enrichment configuration",
    );
    let question = format!("Change {configurations} in the organisation, for everybody?");
    if !confirm(&question, args.yes, out)? {
        return Ok(Exit::Usage);
    }
    for (index, planned) in report.plans.iter().enumerate() {
        if let Err(error) = make(session, planned, out).await {
            out.say(&format!(
                "{index} of {count} were changed; {} was not, and nothing after it",
                planned.module
            ));
            return Err(error);
        }
    }
    Ok(Exit::Done)
}

fn lines_of(report: &FileReport, has_said_so: bool) -> Vec<String> {
    let same = report
        .same
        .iter()
        .map(|same| format!("{same} is like that already"));
    let mut lines: Vec<String> = same.collect();
    lines.extend(report.plans.iter().flat_map(shown));
    // Otherwise the error says it.
    if has_said_so {
        let missing = report.missing.iter();
        lines.extend(missing.map(|missing| format!("missing here, and left as it is: {missing}")));
    }
    lines
}

/// Shows what a question is about, also where little is said.
fn show_before(lines: &[String], is_agreed: bool, out: Out) {
    let text = lines.join("\n");
    match is_agreed {
        true => out.say(&text),
        false => out.ask(&text),
    }
}

fn read(path: &Path) -> Result<ConfigurationFile, OpsError> {
    let wrong = |why: String| OpsError::Refused(format!("{}: {why}", path.display()));
    let source: Box<dyn std::io::Read> = match path == Path::new("-") {
        true => Box::new(std::io::stdin()),
        false => Box::new(std::fs::File::open(path).map_err(|error| wrong(error.to_string()))?),
    };
    let mut text = String::new();
    let read = source.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
    let read = read.map_err(|error| wrong(error.to_string()))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        return Err(wrong(
            "it is longer than 1 MiB, and no file of configurations".to_owned(),
        ));
    }
    ConfigurationFile::read(&text).map_err(wrong)
}

fn shown(plan: &Plan) -> Vec<String> {
    let mut lines = vec![format!("{} ({})", plan.module, plan.kind)];
    let widest = plan.differences.iter().map(|one| one.what.len()).max();
    let width = widest.unwrap_or(0).max(14);
    lines.extend(
        plan.differences
            .iter()
            .map(|one| format!("  {:<width$}  {} → {}", one.what, one.before, one.after)),
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
        "outputs": pairs(&one.outputs),
    })
}

fn line(one: &EnrichmentConfiguration) -> String {
    let unmapped: Vec<_> = one
        .inputs
        .iter()
        .filter(|(_, field)| field.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    let filled = one
        .outputs
        .iter()
        .filter(|(_, field)| field.is_some())
        .count();
    let fills = format!("  fills {filled} of {} outputs", one.outputs.len());
    format!(
        "{:<20}  {:<12}  {:<3}{fills}{}",
        one.module,
        one.kind,
        if one.is_active { "on" } else { "off" },
        if unmapped.is_empty() {
            String::new()
        } else {
            format!("  inputs not mapped: {}", unmapped.join(", "))
        }
    )
}

fn lines(one: &EnrichmentConfiguration) -> Vec<String> {
    let names = one
        .inputs
        .iter()
        .chain(&one.outputs)
        .map(|(name, _)| name.len());
    let width = names.max().unwrap_or(0);
    let mut lines = vec![line(one), "  inputs, each from a field:".to_owned()];
    lines.extend(one.inputs.iter().map(|(name, field)| {
        let field = field.as_deref().unwrap_or("not mapped: refused when given");
        format!("    {name:<width$}  ← {field}")
    }));
    lines.push("  outputs, each into a field:".to_owned());
    lines.extend(one.outputs.iter().map(|(name, field)| {
        let field = field
            .as_deref()
            .unwrap_or("not mapped: what is found is not kept in the record");
        format!("    {name:<width$}  → {field}")
    }));
    lines
}
