//! Planning a run: a file's rows go into the ledger, and a person learns what they would cost.
//!
//! ```text
//!   reader thread: file ─► rows, 500 at a time ─► bounded queue
//!   here:          history of each ─► class of each ─► ledger      … ─► digest, ready
//! ```
//!
//! The file is read once and never again; memory holds a few hundred rows. Nothing is sent and no
//! connection is made. A file with one unreadable row makes no run.

mod sort;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::bulk_view::{already_reason, settings_text};
use super::error::OpsError;
use super::gate::match_json;
use super::session::ProfileSession;
use super::usage;
use crate::base::limits::{PAGE_ROWS_MAX, PLAN_PROBLEMS_MAX};
use crate::base::{RowNumber, RunId, Timestamp};
use crate::bulk::rows::{Encoding, Mapping, Target, Unmapped, Unused};
use crate::bulk::{
    Cost, Doubted, FileSummary, InputRow, PlanReport, Planner, ReadOptions, RowReader, RowsError,
    Standing, Told, Units,
};
use crate::enrichment::Known;
use crate::enrichment::usage::Usage;
use crate::enrichment::verdict::{Include as Already, LIFTED_BY, Match, SameRun, Seen, Word};
use crate::ledger::{Asked, LogQuery, NewRun, RunQuery};
use sort::{Sorter, look};

/// Rows that go through the pipe together: one commit, one look into the history.
const PARCEL_ROWS: usize = 500;
/// Parcels between the reader and the ledger.
const PARCELS: usize = 4;
/// Attempts from which the usual latency is taken.
const LATENCY_SAMPLE: usize = 50;

/// Where rows come from.
pub struct PlanSource {
    name: String,
    reader: Box<dyn Read + Send>,
    /// Why a reading that failed did, where it is no file that is read.
    failed: Option<oneshot::Receiver<OpsError>>,
}

impl PlanSource {
    /// Anything that can be read, such as standard input.
    pub fn new(name: &str, reader: Box<dyn Read + Send>) -> Self {
        Self {
            name: name.to_owned(),
            reader,
            failed: None,
        }
    }

    /// The same, and why it fails if it does: that is said instead of what a reader can say.
    pub(super) fn with_failure(self, failed: oneshot::Receiver<OpsError>) -> Self {
        Self {
            failed: Some(failed),
            ..self
        }
    }

    /// A file.
    ///
    /// # Errors
    /// When it cannot be opened or is not a regular file: a device may never end, and a pipe is
    /// read as standard input.
    pub fn file(path: &Path) -> Result<Self, OpsError> {
        let refused = |why: &str| OpsError::InputFile {
            file: path.display().to_string(),
            problems: vec![why.to_owned()],
        };
        let fail = |error: std::io::Error| refused(&error.to_string());
        let rule = "only a regular file can be read; give - for standard input";
        // Looked at before it is opened, because opening a pipe waits for its writer.
        if !std::fs::metadata(path).map_err(fail)?.is_file() {
            return Err(refused(rule));
        }
        let file = File::open(path).map_err(fail)?;
        if !file.metadata().map_err(fail)?.is_file() {
            return Err(refused(rule));
        }
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self::new(&name.to_string_lossy(), Box::new(file)))
    }

    /// The bytes.
    pub(super) fn into_reader(self) -> Box<dyn Read + Send> {
        self.reader
    }
}

/// What happens to a row for which there is a reason not to send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Include {
    /// It is skipped.
    #[default]
    No,
    /// It is sent all the same.
    Yes,
}

/// What is to be planned.
pub struct PlanOrder {
    /// The file.
    pub source: PlanSource,
    /// How to read it. An empty module becomes the profile's default one.
    pub read: ReadOptions,
    /// Rows that ask what an earlier row asks.
    pub duplicates: Include,
    /// Which rows are sent although they match an earlier request.
    pub already: Vec<Already>,
    /// How old a match must provably be not to count; what the profile says unless given.
    pub older_than: Option<Duration>,
    /// Rows with a value that cannot be meant.
    pub doubtful: Include,
    /// Units that the run must leave; the profile's reserve unless given.
    pub reserve: Option<u64>,
    /// What the server said of modules and configuration, where it was asked.
    pub known: Known,
}

/// A row that matches an earlier request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The row.
    pub row: RowNumber,
    /// Its line in the file.
    pub line: u64,
    /// What was asked before.
    pub found: Earlier,
}

/// An earlier request, and who knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// The ledger.
    Found(Match),
    /// Only the export that the file is.
    Told(Told, Standing),
}

impl Earlier {
    /// The word by which it is counted.
    fn kind(&self) -> &'static str {
        match self {
            Self::Found(found) if found.is_forgotten() => found.standing.as_str(),
            Self::Found(found) => Already::kind_of(found).map_or("enriched", Already::as_str),
            Self::Told(..) => "export",
        }
    }

    /// Whether its row is sent, where these were named.
    fn lets_pass(&self, named: &[Already], seen: &Seen) -> bool {
        let is_named = |wanted| named.contains(&wanted);
        match self {
            Self::Found(_) => Already::lets_pass(named, &seen.matches),
            Self::Told(_, Standing::Open) => is_named(Already::Unknown),
            Self::Told(told, Standing::Spent | Standing::NotSent) => {
                is_named(Already::All) || differs(told).is_some_and(is_named)
            }
        }
    }

    /// Why its row is left out.
    fn reason(&self, here: (RunId, RowNumber), now: Timestamp) -> String {
        match self {
            Self::Found(found) => already_reason(found, here, now),
            Self::Told(told, _) => format!(
                "already: the export says {}; an empty outcome in the file lets this row be sent",
                told.sentence()
            ),
        }
    }

    /// The same in a line of the plan: `already attempt 12 (the same email), scheduled`.
    pub fn sentence(&self) -> String {
        match self {
            Self::Found(found) if found.is_forgotten() => {
                format!("forgotten ({}); {LIFTED_BY}", found.how())
            }
            Self::Found(found) => {
                format!(
                    "already {} ({}), {}",
                    found.name(),
                    found.how(),
                    found.state()
                )
            }
            Self::Told(told, _) => format!("already by the export: {}", told.sentence()),
        }
    }

    /// The same for a program.
    pub fn json(&self) -> Value {
        match self {
            Self::Found(found) => match_json(found),
            Self::Told(told, _) => {
                let text = |text: &String| Some(text).filter(|text| !text.is_empty()).cloned();
                let differs: Vec<_> = differs(told).map(Already::as_str).into_iter().collect();
                json!({
                    "attempt": null,
                    "run": null,
                    "job_id": text(&told.job_id),
                    "outcome": text(&told.outcome),
                    "job_status": text(&told.job_status),
                    "at": null,
                    "match": "export",
                    "differs": differs,
                })
            }
        }
    }
}

/// What came of a job, as far as a file tells it.
fn differs(told: &Told) -> Option<Already> {
    match told.job_status.as_str() {
        "DATA_NOT_FOUND" => Some(Already::NotFound),
        "FAILED" => Some(Already::Failed),
        _ => None,
    }
}

/// What was read of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmRead {
    /// The module, and which of its records.
    pub criteria: String,
    /// Pages, an API credit each.
    pub pages: u64,
    /// Records.
    pub read: u64,
    /// Those that the criteria let pass.
    pub kept: u64,
}

/// A run that is ready.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The run.
    pub run: RunId,
    /// The balance that the cost is taken from, with its source and age.
    pub usage: Usage,
    /// The file's name.
    pub file_name: String,
    /// The file.
    pub file: FileSummary,
    /// How its bytes were read.
    pub encoding: Encoding,
    /// Which column leads where.
    pub mapped: Vec<(Target, String)>,
    /// The columns that lead nowhere.
    pub unmapped: Vec<Unmapped>,
    /// The classes of its rows, and the cost of those that will be sent.
    pub report: PlanReport,
    /// Rows that will be sent: the ready ones, and the others that were asked for.
    pub to_send: u64,
    /// The first rows that match an earlier request.
    pub before: Vec<Before>,
    /// Ready rows that share a key with an earlier request, and yet are somebody else.
    pub shared_before: u64,
    /// How many rows match one of each kind: `enriched` where nothing is different, `export` where
    /// only the file tells of it.
    pub already_by: BTreeMap<&'static str, u64>,
    /// An earlier run of the same bytes.
    pub same_file: Option<RunId>,
    /// Unfinished runs where rows that will be sent wait too, with how many.
    pub also_planned: Vec<(RunId, u64)>,
    /// How long it takes at the usual latency, if there is one.
    pub takes: Option<Duration>,
    /// What was read of the CRM, where the rows are its records.
    pub crm: Option<CrmRead>,
    /// The fields of the CRM that what is found goes into, where the server was asked.
    pub fills: Option<Vec<String>>,
}

impl Planned {
    /// Whether a column names records.
    pub fn names_records(&self) -> bool {
        self.mapped
            .iter()
            .any(|(target, _)| *target == Target::RecordId)
    }

    /// That the file is an export, and which of its columns lead nowhere for that.
    pub fn export_line(&self) -> Option<String> {
        let added = self.unmapped.iter();
        let added = added.filter(|column| column.why == Unused::Added);
        let names: Vec<&str> = added.map(|column| column.column.as_str()).collect();
        (!names.is_empty()).then(|| {
            format!(
                "this is an export of ziadeck: what it settled is left out, and its own columns lead nowhere: {}",
                names.join(", ")
            )
        })
    }
}

/// Reads a file into the ledger as a run that is ready.
///
/// # Errors
/// [`OpsError::InputFile`] with what is wrong and where, or when the ledger cannot be written.
/// Either way there is no run.
pub async fn plan(session: &Arc<ProfileSession>, order: PlanOrder) -> Result<Planned, OpsError> {
    let PlanOrder {
        source,
        mut read,
        duplicates,
        already,
        older_than,
        doubtful,
        reserve,
        known,
    } = order;
    session.ledger().writable()?;
    if read.mapping.module.is_empty()
        && let Some(module) = &session.profile().default_module
    {
        module.as_str().clone_into(&mut read.mapping.module);
    }
    let kind = read.mapping.kind;
    let module = read.mapping.module.clone();
    let reserve = reserve.unwrap_or(session.profile().reserve);
    let same_run = match duplicates {
        Include::Yes => SameRun::Ignored,
        Include::No => SameRun::Counts,
    };
    let file_name = source.name.clone();
    let mut failed = source.failed;
    let mut wrong = |problems: Vec<String>| {
        let why = failed.as_mut().and_then(|failed| failed.try_recv().ok());
        why.unwrap_or_else(|| OpsError::InputFile {
            file: file_name.clone(),
            problems,
        })
    };
    let (send, mut parcels) = mpsc::channel(PARCELS);
    // Whom a row asks about is hashed where it is read, while the ledger looks for others.
    let asks = session.clone();
    let asked = move |row: InputRow| Ok((super::gate::asked(&asks, &row.draft)?, row));
    let reading =
        tokio::task::spawn_blocking(move || read_all(source.reader, read, (&send, &asked)));
    let head = match parcels.recv().await {
        Some(Parcel::Head(head)) => head,
        Some(Parcel::Rows(_)) | None => return Err(wrong(problems_of(reading.await))),
    };
    let new = NewRun {
        profile: session.profile().name.clone(),
        scope: session.scope().await?,
        kind,
        module: module.clone(),
        file_name: file_name.clone(),
        sha256: String::new(),
        columns: Value::from(head.columns.clone()).to_string(),
        mapping: mapping_json(&head),
        settings: settings_text(reserve, same_run),
    };
    let import = session.ledger().begin_run(new).await?;
    let mut sorter = Sorter {
        session,
        module,
        import,
        planner: Planner::new(known).with_doubtful(match doubtful {
            Include::No => Doubted::LeftOut,
            Include::Yes => Doubted::Sent,
        }),
        duplicates,
        already,
        doubtful,
        word: Word {
            older_than: older_than.or(session.profile().refresh_after),
            ..Word::default()
        },
        before: Vec::new(),
        already_by: BTreeMap::new(),
        shared_before: 0,
        to_send: 0,
    };
    // The ledger is asked about the next rows while it takes in those before them.
    let mut sorted = Vec::new();
    while let Some(parcel) = parcels.recv().await {
        if let Parcel::Rows(rows) = parcel {
            let (looked, pushed) = tokio::join!(look(session, rows?), sorter.import.push(sorted));
            pushed?;
            sorted = sorter.sort_all(looked?);
        }
    }
    sorter.import.push(sorted).await?;
    let file = match reading.await {
        Ok(Ok(file)) => file,
        failed => return Err(wrong(problems_of(failed))),
    };
    let usage = usage::local(session, kind).await?;
    let units = Units {
        used: usage.used,
        limit: usage.limit,
        reserve,
        is_asked: usage.at.is_some(),
    };
    let Sorter {
        mut import,
        planner,
        before,
        already_by,
        shared_before,
        to_send,
        ..
    } = sorter;
    // Of objects it is known once all were read.
    let (mapped, unmapped) = match head.mapped.is_empty() {
        true => (
            file.keys.mapped.clone(),
            [head.unmapped, file.keys.unmapped.clone()].concat(),
        ),
        false => (head.mapped, head.unmapped),
    };
    let same_file = earlier(session, &file.sha256).await?;
    import.note_digest(file.sha256.clone()).await?;
    let mut report = planner.report(units);
    report.cost = Cost::of(to_send, units);
    let takes = takes(session, report.cost.sendable()).await?;
    let also_planned = session.ledger().planned_too(import.run()).await?;
    // Nothing after this may fail: with an error there is no run.
    let run = import.finish().await?;
    Ok(Planned {
        run,
        usage,
        file_name,
        file,
        encoding: head.encoding,
        mapped,
        unmapped,
        takes,
        report,
        to_send,
        before,
        same_file,
        also_planned,
        already_by,
        shared_before,
        crm: None,
        fills: None,
    })
}

/// What the reader sends.
enum Parcel {
    Head(Head),
    Rows(Result<Vec<(Asked, InputRow)>, OpsError>),
}

struct Head {
    columns: Vec<String>,
    encoding: Encoding,
    mapped: Vec<(Target, String)>,
    unmapped: Vec<Unmapped>,
}

/// Reads the file to its end, on a thread that may block. An error ends it only where reading on
/// makes no sense, so that a person learns of more than the first mistake.
fn read_all(
    source: Box<dyn Read + Send>,
    options: ReadOptions,
    (to, asked): (
        &mpsc::Sender<Parcel>,
        &impl Fn(InputRow) -> Result<(Asked, InputRow), OpsError>,
    ),
) -> Result<FileSummary, Vec<String>> {
    let one = |error: RowsError| vec![error.to_string()];
    let mut reader = RowReader::open(source, options).map_err(one)?;
    let head = Head {
        columns: reader.headers().to_vec(),
        encoding: reader.encoding(),
        mapped: reader.mapping().map(Mapping::lines).unwrap_or_default(),
        unmapped: reader.unmapped(),
    };
    let gone = || vec!["the ledger stopped taking rows".to_owned()];
    to.blocking_send(Parcel::Head(head)).map_err(|_| gone())?;
    let mut problems: Vec<String> = Vec::new();
    let mut parcel = Vec::with_capacity(PARCEL_ROWS);
    loop {
        match reader.next_row() {
            Ok(None) => break,
            Ok(Some(_)) if !problems.is_empty() => {}
            Ok(Some(row)) => parcel.push(asked(row)),
            Err(error) => {
                problems.push(error.to_string());
                if !error.leaves_more_to_read() || problems.len() == PLAN_PROBLEMS_MAX {
                    break;
                }
            }
        }
        if parcel.len() == PARCEL_ROWS {
            let rows = parcel.drain(..).collect();
            to.blocking_send(Parcel::Rows(rows)).map_err(|_| gone())?;
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let rows = parcel.into_iter().collect();
    to.blocking_send(Parcel::Rows(rows)).map_err(|_| gone())?;
    reader.finish().map_err(one)
}

fn problems_of(
    ended: Result<Result<FileSummary, Vec<String>>, tokio::task::JoinError>,
) -> Vec<String> {
    match ended {
        Ok(Err(problems)) => problems,
        Ok(Ok(_)) => vec!["there is nothing in it".to_owned()],
        Err(_) => vec!["the program failed while it read the file".to_owned()],
    }
}

fn mapping_json(head: &Head) -> String {
    let pairs = head.mapped.iter().map(|(target, from)| {
        let (target, from) = (target.as_str().to_owned(), Value::from(from.as_str()));
        (target, from)
    });
    Value::Object(pairs.collect()).to_string()
}

async fn earlier(session: &ProfileSession, sha256: &str) -> Result<Option<RunId>, OpsError> {
    let query = RunQuery {
        profile: Some(session.profile().name.clone()),
        before: None,
        limit: PAGE_ROWS_MAX,
    };
    let runs = session.ledger().runs(query).await?;
    Ok(runs
        .into_iter()
        .find(|run| run.sha256 == sha256)
        .map(|run| run.id))
}

/// How long so many rows take at the usual latency, if there is one.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn takes(session: &ProfileSession, rows: u64) -> Result<Option<Duration>, OpsError> {
    let query = LogQuery {
        profiles: vec![session.profile().name.clone()],
        rows: LATENCY_SAMPLE,
        ..LogQuery::default()
    };
    let page = session.ledger().page(query).await?;
    let latencies: Vec<Duration> = page.rows.iter().filter_map(|row| row.latency).collect();
    let sum: Duration = latencies.iter().sum();
    let Some(usual) = u32::try_from(latencies.len())
        .ok()
        .and_then(|count| sum.checked_div(count))
    else {
        return Ok(None);
    };
    let at_once = u64::try_from(session.profile().concurrency)
        .unwrap_or(1)
        .max(1);
    let rounds = u32::try_from(rows.div_ceil(at_once)).unwrap_or(u32::MAX);
    Ok(Some(usual.saturating_mul(rounds)))
}
