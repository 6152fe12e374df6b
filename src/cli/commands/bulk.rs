//! `ziadeck bulk`: planning a run, and seeing where it stands. Running is in [`super::bulk_run`],
//! what comes after it in [`super::bulk_after`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::base::limits::PAGE_ROWS_MAX;
use crate::base::{ModuleName, Outdated, RunId, Sanitized, Timestamp, counted};
use crate::bulk::ReadOptions;
use crate::bulk::progress::span;
use crate::bulk::rows::{Layout, MappingRequest, Punctuation, Unused};
use crate::cli::args::Global;
use crate::cli::bulk_args::{BulkCommand, LayoutArg, PlanArgs};
use crate::cli::bulk_json;
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::session;
use crate::enrichment::Known;
use crate::enrichment::validate::Configuration;

use super::usage::age;
use crate::ledger::{RowQuery, RowState, RunQuery, RunState};
use crate::ops::bulk_look::expanded;
use crate::ops::bulk_plan::{Include, PlanOrder, PlanSource, Planned, plan};
use crate::ops::bulk_run::pause;
use crate::ops::bulk_view::{self, RunView, desk_of, overlap_lines};
use crate::ops::crm_source::{self, Criteria, CrmSource, PAGES_MAX, RECORDS_PER_PAGE};
use crate::ops::job_list::ListDepth;
use crate::ops::setup;
use crate::ops::usage::refresh;
use crate::ops::{AppContext, OpsError, ProfileSession};

pub(crate) async fn run(global: &Global, command: BulkCommand, out: Out) -> Result<Exit, OpsError> {
    session::with_deck((global, out), async |context, out| match command {
        BulkCommand::Plan(args) => planned(global, *args, out, context).await,
        BulkCommand::Run(args) | BulkCommand::Resume(args) => {
            super::bulk_run::run(global, &args, out, context).await
        }
        BulkCommand::Pause { run } => paused(global, run, out, context).await,
        BulkCommand::Status { run } => status(global, run, out, context).await,
        BulkCommand::Rows { run, state, limit } => rows(context, (run, state, limit), out).await,
        BulkCommand::Export(args) => super::bulk_after::export(&args, out, context).await,
        BulkCommand::Track { run } => super::bulk_after::track(global, run, out, context).await,
        BulkCommand::Requeue(args) => super::bulk_after::requeue(&args, out, context).await,
        BulkCommand::Discard { run, yes } => {
            super::bulk_after::discard(context, run, yes, out).await
        }
        BulkCommand::Skip { run, row, yes } => {
            super::bulk_after::skip(context, (run, row), yes, out).await
        }
    })
    .await
}

async fn planned(
    global: &Global,
    args: PlanArgs,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let session = context.session(global.profile.as_ref())?;
    if args.refresh {
        let asked = refresh(&session, args.kind, ListDepth::New).await?;
        asked
            .missing
            .iter()
            .for_each(|missing| out.say(&format!("note: {missing}")));
    }
    let (source, read) = match &args.file {
        Some(file) if file == Path::new("-") => (
            PlanSource::new("standard input", Box::new(std::io::stdin())),
            None,
        ),
        Some(file) => {
            // As a terminal drops it, also into a command that does not take it apart.
            let dropped = file.to_str().map(expanded);
            (PlanSource::file(dropped.as_deref().unwrap_or(file))?, None)
        }
        None => {
            let found = from_crm(&session, &args, out).await?;
            let read = found.read();
            (found.source, Some(read))
        }
    };
    let mut known = Known::default();
    if args.refresh {
        let default = session.profile().default_module.as_ref();
        let module = args.module.as_deref().or(default.map(ModuleName::as_str));
        known = setup::known(&session, args.kind, module.unwrap_or_default()).await;
    }
    let fills = match &known.configuration {
        Some(Configuration::Active { fills, .. }) => Some(fills.clone()),
        Some(Configuration::Missing | Configuration::Disabled) => Some(Vec::new()),
        None => None,
    };
    let include = |flag| if flag { Include::Yes } else { Include::No };
    let order = PlanOrder {
        source,
        read: ReadOptions {
            layout: match args.layout {
                None => Layout::Recognise,
                Some(LayoutArg::Csv) => Layout::Csv,
                Some(LayoutArg::Jsonl) => Layout::Jsonl,
            },
            encoding: args.encoding,
            delimiter: args.delimiter,
            header_row: args.header_row,
            has_own_ids: read.is_some(),
            mapping: MappingRequest {
                kind: args.kind,
                module: args.module.unwrap_or_default(),
                columns: args.map,
                constants: args.set,
                punctuation: match args.ascii_punctuation {
                    true => Punctuation::Ascii,
                    false => Punctuation::AsWritten,
                },
                ..MappingRequest::default()
            },
        },
        duplicates: include(args.include_duplicates),
        already: args.include_already,
        older_than: args.older_than.map(|Outdated(least)| least),
        doubtful: include(args.include_doubtful),
        reserve: args.reserve,
        known,
    };
    let mut done = plan(&session, order).await?;
    done.crm = read.map(|read| read());
    done.fills = fills.map(|fields| match done.names_records() {
        true => fields,
        false => Vec::new(),
    });
    let now = context.clock().now();
    out.recorded()
        .result(&bulk_json::planned(&done), || plan_lines(&done, now));
    if done.to_send == 0 {
        out.say("there is nothing to send");
    } else {
        out.say(&format!("do  ziadeck bulk run {}", done.run));
    }
    Ok(Exit::Done)
}

/// Records of the CRM, once it was said what reading them costs.
async fn from_crm(
    session: &Arc<ProfileSession>,
    args: &PlanArgs,
    out: Out,
) -> Result<CrmSource, OpsError> {
    let named = args.module.as_deref();
    let default = session.profile().default_module.clone();
    let module = match (named, default) {
        (Some(named), _) => named
            .parse::<ModuleName>()
            .map_err(|error| OpsError::Refused(error.to_string()))?,
        (None, Some(default)) => default,
        (None, None) => {
            let why = "name the module, as --module Leads";
            return Err(OpsError::Refused(why.to_owned()));
        }
    };
    let criteria = Criteria {
        never_enriched: args.never_enriched,
        enriched_before: args.enriched_before,
        empty: args.empty.clone(),
        view: args.view.clone(),
        most: args.max,
    };
    out.say(&format!(
        "reading {module}: {criteria}; an API credit for each {RECORDS_PER_PAGE} records, {PAGES_MAX} at most; no unit is spent"
    ));
    crm_source::begin(session, (args.kind, &module), &criteria).await
}

fn plan_lines(plan: &Planned, now: Timestamp) -> Vec<String> {
    let report = &plan.report;
    let mut lines = vec![
        format!(
            "run {}  {}  {}  ({})",
            plan.run,
            plan.file_name,
            counted(report.rows, "row"),
            origin(plan)
        ),
        format!(
            "  ready {}  invalid {}  duplicates {}  already {}  doubtful {}  to send {}",
            report.ready,
            report.invalid,
            report.duplicates,
            report.already,
            report.doubtful,
            plan.to_send
        ),
        format!("  {}  ·  {}", report.cost, age(&plan.usage, now)),
    ];
    if let Some(takes) = plan.takes {
        lines.push(format!("  takes about {}", span(takes)));
    }
    if report.risky > 0 {
        let risky = report.risky;
        lines.push(format!(
            "  {risky} of the ready rows may be refused all the same: a company without a name"
        ));
    }
    if report.placeholders > 0 {
        let cells = counted(report.placeholders, "cell");
        lines.push(format!(
            "  {cells} with N/A, NULL, - or the like read as empty"
        ));
    }
    if report.shared > 0 {
        let rows = counted(report.shared, "ready row");
        lines.push(format!(
            "  {rows} with an address or a page of an earlier row, and yet somebody else"
        ));
    }
    if plan.shared_before > 0 {
        let rows = counted(plan.shared_before, "ready row");
        lines.push(format!(
            "  {rows} with an address or a page of an earlier request, and yet somebody else"
        ));
    }
    let sharing = report.sharing.iter().map(|shared| {
        let (line, key, with) = (shared.line, shared.key, shared.with);
        format!("line {line}: the same {key} as row {with}")
    });
    lines.extend(first_of(sharing, report.shared));
    let repeats = report.repeats.iter().map(ToString::to_string);
    lines.extend(first_of(repeats, report.duplicates));
    if let Some(run) = plan.same_file {
        lines.push(format!("  the same file was planned before, as run {run}"));
    }
    let also = overlap_lines(&plan.also_planned);
    lines.extend(also.iter().map(|line| format!("  {line}")));
    for (target, from) in &plan.mapped {
        lines.push(format!("  {target:<10} from  {}", Sanitized::line(from)));
    }
    match plan.fills.as_deref() {
        None => {}
        Some([]) if !plan.names_records() => {
            lines.push("  what is found goes into no record: the rows name none".to_owned());
        }
        Some([]) => lines.push("  what is found goes into no field".to_owned()),
        Some(fills) => lines.push(format!("  what is found goes into  {}", fills.join(", "))),
    }
    lines.extend(plan.export_line().map(|line| format!("  {line}")));
    for column in &plan.unmapped {
        if column.why != Unused::Added {
            lines.push(format!("  not used   {}", column.sentence()));
        }
    }
    let reading = plan.file.reading.lines();
    lines.extend(reading.iter().map(|line| format!("  {line}")));
    lines.extend(report.kinds.iter().map(|kind| format!("  {kind}")));
    if report.invalid > 0 {
        let run = plan.run;
        lines.push(format!(
            "  all of them: ziadeck bulk rows {run} --state invalid"
        ));
    }
    lines.extend(already_lines(plan));
    lines
}

/// By what the rows are known again: a file by its bytes, records by how many were read.
fn origin(plan: &Planned) -> String {
    match &plan.crm {
        Some(read) => format!(
            "of {} read, {}",
            counted(read.read, "record"),
            counted(read.pages, "API credit")
        ),
        None => {
            let sha256: String = plan.file.sha256.chars().take(12).collect();
            format!("{}, SHA-256 {sha256}", plan.encoding)
        }
    }
}

/// What was asked before: so many of each kind, then the first of them.
fn already_lines(plan: &Planned) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let kinds: Vec<String> = plan
        .already_by
        .iter()
        .map(|(kind, rows)| format!("{kind} {rows}"))
        .collect();
    if !kinds.is_empty() {
        lines.push(format!("  already, by kind: {}", kinds.join(", ")));
    }
    let before = plan.before.iter();
    let before = before.map(|before| format!("line {}: {}", before.line, before.found.sentence()));
    lines.extend(first_of(before, plan.already_by.values().sum()));
    lines
}

/// Lines of each list that a person sees.
const LINES_SHOWN: usize = 5;

/// The first of a list, indented, and how many more there are.
fn first_of(lines: impl Iterator<Item = String>, all: u64) -> Vec<String> {
    let mut shown: Vec<String> = lines
        .take(LINES_SHOWN)
        .map(|line| format!("  {line}"))
        .collect();
    let more = all.saturating_sub(u64::try_from(shown.len()).unwrap_or(u64::MAX));
    if more > 0 {
        shown.push(format!("  and {} more such", counted(more, "row")));
    }
    shown
}

async fn paused(
    global: &Global,
    run: RunId,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let (session, _) = desk_of(context, run, global.profile.as_ref()).await?;
    let asked = pause(&session, run).await?;
    let view = bulk_view::status(context.ledger(), run).await?;
    let left_out = context.ledger().left_out(run).await?;
    out.result(&bulk_json::status(&view, &left_out), || status_lines(&view));
    if let Some(holder) = asked {
        let who = holder.pid.map_or_else(String::new, |pid| format!(" {pid}"));
        out.say(&format!(
            "asked process{who} to pause run {run}; what is in flight finishes first"
        ));
    }
    Ok(Exit::Done)
}

async fn status(
    global: &Global,
    run: Option<RunId>,
    out: Out,
    context: &AppContext,
) -> Result<Exit, OpsError> {
    let views = match run {
        Some(run) => vec![bulk_view::status(context.ledger(), run).await?],
        None => {
            let query = RunQuery {
                profile: global.profile.clone(),
                before: None,
                limit: PAGE_ROWS_MAX,
            };
            bulk_view::list(context.ledger(), query).await?
        }
    };
    for view in &views {
        let left_out = context.ledger().left_out(view.run.id).await?;
        out.result(&bulk_json::status(view, &left_out), || {
            let mut lines = status_lines(view);
            lines.extend(left_out_line(&left_out));
            lines
        });
    }
    if views.is_empty() {
        out.say("there are no runs; make one with `ziadeck bulk plan FILE`");
    }
    Ok(Exit::Done)
}

/// A run in two or three lines.
pub(crate) fn status_lines(view: &RunView) -> Vec<String> {
    let run = &view.run;
    let mut lines = vec![format!(
        "run {}  {}  {}  {}  {}  by {}",
        run.id,
        run.state,
        run.profile,
        run.file_name,
        counted(view.rows(), "row"),
        run.operator
    )];
    let (_, sentence) = view.reason();
    lines.extend(sentence.map(|sentence| format!("  {sentence}")));
    let counts: Vec<String> = RowState::ALL
        .iter()
        .filter(|state| view.count(**state) > 0)
        .map(|state| format!("{state} {}", view.count(*state)))
        .collect();
    lines.push(format!("  {}", counts.join("  ")));
    if let (RunState::Running, Some(holder)) = (run.state, &view.holder) {
        let pid = holder.pid.map_or_else(String::new, |pid| pid.to_string());
        lines.push(format!("  process {pid} works on it"));
    }
    lines
}

/// Why rows were left out, with how many.
fn left_out_line(left_out: &BTreeMap<String, u64>) -> Option<String> {
    let words: Vec<String> = left_out
        .iter()
        .map(|(word, rows)| format!("{word} {rows}"))
        .collect();
    (!words.is_empty()).then(|| format!("  left out: {}", words.join("  ")))
}

async fn rows(
    context: &AppContext,
    (run, states, limit): (RunId, Vec<RowState>, usize),
    out: Out,
) -> Result<Exit, OpsError> {
    bulk_view::status(context.ledger(), run).await?;
    let (mut after, mut left) = (None, limit);
    while left > 0 {
        let query = RowQuery {
            run,
            states: states.clone(),
            after,
            limit: left.min(PAGE_ROWS_MAX),
        };
        let page = context.ledger().row_results(query).await?;
        let Some(last) = page.last() else {
            break;
        };
        if after.is_none() {
            let names = [
                "row",
                "line",
                "state",
                "attempt",
                "job, code or reason",
                "inputs",
            ];
            out.heading(&columns(names));
        }
        after = Some(last.row.row);
        left = left.saturating_sub(page.len());
        for found in &page {
            out.result(&bulk_json::row(found), || vec![row_line(found)]);
        }
    }
    Ok(Exit::Done)
}

fn row_line(found: &crate::ledger::RowResult) -> String {
    let attempt = found.attempt.as_ref();
    let what = attempt
        .and_then(|attempt| attempt.job_id.as_ref().map(ToString::to_string))
        .or_else(|| attempt.and_then(|attempt| attempt.code.clone()))
        .or_else(|| found.row.reason.clone())
        .unwrap_or_default();
    let (number, line) = (found.row.row.to_string(), found.row.line.to_string());
    let by = found.row.attempt.map(|attempt| attempt.to_string());
    columns([
        &number,
        &line,
        found.row.state.as_str(),
        by.as_deref().unwrap_or("-"),
        &what,
        found.row.inputs.as_deref().unwrap_or("(purged)"),
    ])
}

fn columns([row, line, state, attempt, what, inputs]: [&str; 6]) -> String {
    format!("{row:>6}  {line:>6}  {state:<10}  {attempt:>7}  {what:<24}  {inputs}")
}
