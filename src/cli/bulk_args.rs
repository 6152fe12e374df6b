//! The arguments of `ziadeck bulk`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::args::{INCLUDES, KINDS, ROW_STATES, listed};
use crate::base::{EnrichmentKind, Outdated, RowNumber, RunId};
use crate::bulk::rows::{Assignment, Encoding};
use crate::enrichment::Field;
use crate::enrichment::verdict::Include;
use crate::ledger::RowState;
use crate::ops::crm_source::{date, field_name, view};

fn columns() -> String {
    let inputs = Field::ALL.map(Field::as_str).join(", ");
    format!(
        "Columns are found by their names. --map names the column of an input that is called otherwise;\n+ joins several. --set gives every row the same text.\nInputs: {inputs}; and module, record_id."
    )
}

/// `bulk`
#[derive(Debug, Clone, Subcommand)]
pub enum BulkCommand {
    /// Read a CSV or JSONL file into a run; sends nothing
    #[command(
        after_help = columns()
    )]
    Plan(Box<PlanArgs>),
    /// Send the rows of a run that wait
    Run(RunArgs),
    /// Go on with a run that paused or was interrupted
    Resume(RunArgs),
    /// Ask the process that works on a run to pause it
    Pause {
        /// The run
        run: RunId,
    },
    /// See where a run stands, or all of them
    Status {
        /// The run; all of them otherwise
        run: Option<RunId>,
    },
    /// List the rows of a run with what became of them
    Rows {
        /// The run
        run: RunId,
        /// Only rows in this state; may be given several times
        #[arg(long, value_name = "S", value_parser = listed::<RowState>(ROW_STATES))]
        state: Vec<RowState>,
        /// Most rows
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: usize,
    },
    /// Write the rows of a run with what became of them
    Export(ExportArgs),
    /// Ask for the jobs of a run until they are done
    Track {
        /// The run
        run: RunId,
    },
    /// Let rows wait for their turn again that are absent, not_sent or skipped
    Requeue(RequeueArgs),
    /// Remove a plan that never sent anything, with its rows
    #[command(after_help = "A run that has made an attempt stays: what was sent is kept.")]
    Discard {
        /// The run
        run: RunId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Leave rows out
    Skip {
        /// The run
        run: RunId,
        /// A row; may be given several times
        #[arg(long, value_name = "N", required = true)]
        row: Vec<RowNumber>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `bulk plan`
#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    /// The file, or - for standard input
    #[arg(required_unless_present = "from_crm", conflicts_with = "from_crm")]
    pub file: Option<PathBuf>,
    /// Plan records of the CRM instead of a file
    ///
    /// Each 200 cost an API credit, and no unit.
    #[arg(long)]
    pub from_crm: bool,
    /// Of these, those that were never enriched
    #[arg(
        long,
        requires = "from_crm",
        conflicts_with = "file",
        hide_short_help = true
    )]
    pub never_enriched: bool,
    /// Those that were enriched last before this day (UTC), such as 2026-06-01
    ///
    /// With --never-enriched both are taken.
    #[arg(long, value_name = "DATE", requires = "from_crm", conflicts_with = "file", value_parser = date, hide_short_help = true)]
    pub enriched_before: Option<jiff::civil::Date>,
    /// Those in which this field is empty, by its API name; repeatable
    #[arg(long, value_name = "FIELD", requires = "from_crm", conflicts_with = "file", value_parser = field_name, hide_short_help = true)]
    pub empty: Vec<String>,
    /// Those of the custom view with this id
    #[arg(long, value_name = "ID", requires = "from_crm", conflicts_with = "file", value_parser = view, hide_short_help = true)]
    pub view: Option<String>,
    /// At most so many
    #[arg(
        long,
        value_name = "N",
        requires = "from_crm",
        conflicts_with = "file",
        hide_short_help = true
    )]
    pub max: Option<u64>,
    /// The module's API name (the profile's default_module otherwise)
    #[arg(long, value_name = "M")]
    pub module: Option<String>,
    /// people or org
    #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
    pub kind: EnrichmentKind,
    /// A column for an input, as name="Full Name"; repeatable
    #[arg(long, value_name = "INPUT=COLUMN")]
    pub map: Vec<Assignment>,
    /// The same text for every row, as company=Acme; repeatable
    #[arg(long, value_name = "INPUT=TEXT")]
    pub set: Vec<Assignment>,
    /// The file's encoding, such as shift_jis (recognised otherwise)
    ///
    /// utf-8, or what its mark says, unless given; any name of the Encoding Standard, such as utf-16le, latin1,
    /// windows-1251, shift_jis or macintosh. A guess is told and never used.
    #[arg(long, value_name = "E", conflicts_with = "from_crm")]
    pub encoding: Option<Encoding>,
    /// The delimiter: a character, or tab (recognised otherwise)
    #[arg(long, value_name = "C", conflicts_with = "from_crm", value_parser = delimiter, hide_short_help = true)]
    pub delimiter: Option<char>,
    /// The line of the header of a table (recognised otherwise)
    #[arg(long, value_name = "N", conflicts_with = "from_crm", value_parser = clap::value_parser!(u64).range(1..), hide_short_help = true)]
    pub header_row: Option<u64>,
    /// Send typographic apostrophes and dashes as ' and -
    #[arg(long, hide_short_help = true)]
    pub ascii_punctuation: bool,
    /// csv or jsonl (recognised otherwise)
    #[arg(
        long,
        value_enum,
        value_name = "L",
        conflicts_with = "from_crm",
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub layout: Option<LayoutArg>,
    /// Send rows too that ask what an earlier row asks
    #[arg(long)]
    pub include_duplicates: bool,
    /// Send rows too that match an earlier request
    ///
    /// Those whose job found nothing (not_found) or failed, that name another record (other_record)
    /// or give more inputs (more_inputs), all that are settled (all, also without a word), and those of
    /// which nobody knows whether they made a job (unknown).
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true, value_delimiter = ',', default_missing_value = "all", value_parser = listed::<Include>(INCLUDES), hide_possible_values = true)]
    pub include_already: Vec<Include>,
    /// Send rows too that hold a value that cannot be meant
    #[arg(long)]
    pub include_doubtful: bool,
    /// Send rows too whose earlier request is older, such as 180d
    ///
    /// Its age is proven by the boot of this host or by the server's own time, never by a clock that somebody can
    /// set. The profile's refresh_after holds otherwise.
    #[arg(long, value_name = "AGE")]
    pub older_than: Option<Outdated>,
    /// Units that the run must leave (the profile's reserve otherwise)
    #[arg(long, value_name = "N")]
    pub reserve: Option<u64>,
    /// Ask the server first how many units are left
    #[arg(long)]
    pub refresh: bool,
}

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LayoutArg {
    /// A table with a header.
    Csv,
    /// One object a line.
    Jsonl,
}

/// `bulk run`, `bulk resume`
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// The run
    pub run: RunId,
    /// Pause when so many rows have been sent
    #[arg(long, value_name = "N")]
    pub max: Option<u64>,
    /// Units to leave (what the plan said otherwise)
    #[arg(long, value_name = "N")]
    pub reserve: Option<u64>,
    /// Most requests at once, 1 to 25 (what the profile says otherwise)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=25))]
    pub concurrency: Option<u8>,
    /// Do not ask, however many units it spends (more than 25 must be typed otherwise)
    #[arg(long)]
    pub yes: bool,
}

/// `bulk export`
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// The run
    pub run: RunId,
    /// csv or jsonl
    #[arg(
        long,
        value_enum,
        default_value_t = ExportArg::Csv,
        value_name = "F",
        hide_possible_values = true
    )]
    pub format: ExportArg,
    /// Only what was found, beside the record's id, for an import into the CRM
    #[arg(long, conflicts_with = "format")]
    pub write_back: bool,
    /// Leave cells as they are, although a spreadsheet may take some for formulas
    #[arg(long)]
    pub raw: bool,
    /// Begin the CSV with a byte order mark, by which some spreadsheets know UTF-8
    #[arg(long)]
    pub bom: bool,
    /// Only rows in this state; may be given several times
    #[arg(long, value_name = "S", value_parser = listed::<RowState>(ROW_STATES))]
    pub state: Vec<RowState>,
    /// The file to write (standard output otherwise)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportArg {
    /// The original columns and the new ones.
    Csv,
    /// One object a line, with everything that was found.
    Jsonl,
}

/// `bulk requeue`
#[derive(Debug, Clone, Args)]
pub struct RequeueArgs {
    /// The run
    pub run: RunId,
    /// A row; may be given several times
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "absent",
        required_unless_present = "absent"
    )]
    pub row: Vec<RowNumber>,
    /// All rows that reconcile found to have no job
    #[arg(long)]
    pub absent: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

fn delimiter(text: &str) -> Result<char, String> {
    if matches!(text, "tab" | "\\t") {
        return Ok('\t');
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(one), None) => Ok(one),
        _ => Err("give one character, or tab".to_owned()),
    }
}
