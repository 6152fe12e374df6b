//! The command line. No flag takes a secret: secrets come from files, commands, the environment
//! or standard input.

mod account;
mod inputs;
mod listed;
mod upkeep;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};

use self::inputs::Flags;
pub(in crate::cli) use self::listed::{INCLUDES, KINDS, ROW_STATES, STATUSES, listed, meant};
use self::listed::{OUTCOMES, SCENARIOS, listed_by};
use super::bulk_args::BulkCommand;
use crate::base::{AttemptId, EnrichmentKind, JobId, Outcome, Outdated, ProfileName};
use crate::enrichment::Draft;
use crate::simulator::{JOB_SECONDS_MAX, LATENCY_MS_MAX, LIMIT_MAX, USED_MAX};

pub use account::{AuthCommand, ConfigCommand, ProfileAddArgs, ProfileCommand};
pub use upkeep::{
    ChangeArgs, ConfigApplyArgs, ConfigExportArgs, DecideArgs, Decision, DoctorArgs,
    EnrichmentCommand, EnrichmentConfigCommand, LedgerCommand, MapArgs, ModulesArgs, PrefillArgs,
    UnmapArgs, WhichArgs,
};

/// A console for Zoho CRM's Zia People Enrichment.
#[derive(Debug, Parser)]
#[command(
    name = "ziadeck",
    version,
    about = "Operations console for Zoho CRM's Zia People Enrichment",
    long_about = "Operations console for Zoho CRM's Zia People Enrichment.\n\nWithout a command it opens the console. Try `ziadeck demo`: the console on the built-in simulator, without an account.",
    after_help = "Exit codes: 0 done, 2 wrong use, 3 nothing was sent, 4 sign-in, 5 rejected or denied,\n6 limit reached, 7 not sent, 8 outcome unknown, 9 ledger, 10 run held by another process,\n11 output could not be written, 128+n ended by signal n.\n\nNot affiliated with Zoho."
)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// With --plain: let lines send that come from a pipe or a file
    #[arg(long)]
    pub yes: bool,
    /// The command; none opens the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The flags that an environment variable may stand for.
pub(super) const VARIABLES: [(&str, &str); 3] = [
    ("config", "ZIADECK_CONFIG"),
    ("data_dir", "ZIADECK_DATA_DIR"),
    ("profile", "ZIADECK_PROFILE"),
];

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "ZIADECK_CONFIG",
        hide_short_help = true
    )]
    pub config: Option<PathBuf>,
    /// The directory of the ledger (and of the credentials)
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "ZIADECK_DATA_DIR",
        hide_short_help = true
    )]
    pub data_dir: Option<PathBuf>,
    /// The profile to use
    #[arg(long, global = true, value_name = "NAME", env = "ZIADECK_PROFILE")]
    pub profile: Option<ProfileName>,
    /// Send nothing and change nothing on a server, with whatever profile
    #[arg(long, global = true, hide_short_help = true)]
    pub read_only: bool,
    /// Results as JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but errors
    #[arg(
        long,
        short,
        global = true,
        conflicts_with = "verbose",
        hide_short_help = true
    )]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, global = true, hide_short_help = true)]
    pub verbose: bool,
    /// No colours
    #[arg(long, global = true, hide_short_help = true)]
    pub no_color: bool,
    /// Questions and answers line by line, for screen readers
    #[arg(long, global = true)]
    pub plain: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the console on the built-in simulator, with throw-away data
    Demo(DemoArgs),
    /// Send one enrichment
    Submit(SubmitArgs),
    /// See how much of the enrichment limit is spent
    Usage(UsageArgs),
    /// Read the live log
    Log(LogArgs),
    /// See jobs
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Enrich the rows of a file
    #[command(
        subcommand,
        after_help = "`plan` reads the file and sends nothing. A run that was interrupted, however, is resumed with\n`bulk resume`; no row is sent twice."
    )]
    Bulk(BulkCommand),
    /// Settle attempts whose outcome is unknown
    Reconcile(ReconcileArgs),
    /// Decide about an attempt whose outcome is unknown
    Decide(DecideArgs),
    /// Check every precondition and explain what is missing
    #[command(
        after_help = "The exit code is that of the first failure: 2 configuration, 4 sign-in, 5 the organisation or its\nset-up, 7 no connection, 9 ledger; 0 when nothing has failed."
    )]
    Doctor(DoctorArgs),
    /// See and change profiles
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Sign in and out
    #[command(subcommand)]
    Auth(AuthCommand),
    /// List the modules that can be enriched, with their configuration
    Modules(ModulesArgs),
    /// See and change enrichment configurations
    #[command(
        subcommand,
        after_help = "Changes need the scope ZohoCRM.zia.enrichment.ALL, a field that is not mapped yet\nZohoCRM.settings.fields.READ besides; reading needs ZohoCRM.zia.enrichment.READ."
    )]
    Enrichment(EnrichmentCommand),
    /// Print drafts from records of the CRM
    #[command(after_help = "Each draft is one line of JSON; `submit --file -` takes one.")]
    Prefill(PrefillArgs),
    /// Check, copy and clear the ledger
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Forget a person, and never ask about them again
    #[command(
        after_help = "The person is removed from attempts, bodies, results, rows of runs and your draft; counts and keyed\nhashes stay. No request about them is sent afterwards, whatever --again or --force say."
    )]
    Forget(ForgetArgs),
    /// Check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Explain a code, a status, a state, an outcome or an exit code
    Explain {
        /// What the program printed: LIMIT_EXCEEDED, invalid_code, COMPLETED, not_sent, 429, 8
        code: Option<String>,
    },
    /// List the themes
    Themes,
    /// Run the simulator for scripts
    #[command(after_help = "The first line of output is {\"base\":…,\"port\":…,\"pid\":…}.")]
    Simulate(SimulateArgs),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write all pages to a directory
    Man {
        /// Where to write one page a command
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// `demo`
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// The enrichment limit of the simulated organisation
    #[arg(long, default_value_t = 1_500, value_name = "N", value_parser = value_parser!(u64).range(..=LIMIT_MAX))]
    pub limit: u64,
    /// Units that are spent already
    #[arg(long, default_value_t = 1_006, value_name = "N", value_parser = value_parser!(u64).range(..=USED_MAX))]
    pub used: u64,
    /// With --plain: let lines send that come from a pipe or a file
    #[arg(long)]
    pub yes: bool,
}

/// `simulate`
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 0, value_name = "P")]
    pub port: u16,
    /// The enrichment limit (1500 otherwise)
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(..=LIMIT_MAX))]
    pub limit: Option<u64>,
    /// Units that others have spent already (none otherwise)
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(..=USED_MAX))]
    pub used: Option<u64>,
    /// How long every answer takes, in milliseconds
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(..=LATENCY_MS_MAX))]
    pub latency_ms: Option<u64>,
    /// How long a job takes, in seconds
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(..=JOB_SECONDS_MAX))]
    pub job_seconds: Option<u64>,
    /// A scenario: a file, or the name of a built-in one
    #[arg(long, value_name = "FILE", value_parser = listed::<String>(SCENARIOS), hide_possible_values = true)]
    pub scenario: Option<String>,
}

/// The inputs of an enrichment.
#[derive(Debug, Clone, Args)]
pub struct InputArgs {
    /// people or org
    #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
    pub kind: EnrichmentKind,
    /// The module's API name (the profile's default_module otherwise)
    #[arg(long, value_name = "M")]
    pub module: Option<String>,
    /// The record and the values.
    #[command(flatten)]
    pub values: Flags<false>,
}

impl InputArgs {
    /// Lays the flags over a draft; a flag wins over what a file says.
    pub fn over(&self, mut draft: Draft) -> Draft {
        if let Some(module) = &self.module {
            draft.module.clone_from(module);
        }
        if let Some(id) = &self.values.record_id {
            draft.record_id.clone_from(id);
        }
        for (field, value) in &self.values.inputs {
            draft.set(*field, value);
        }
        draft
    }
}

/// `submit`
#[derive(Debug, Clone, Args)]
pub struct SubmitArgs {
    /// The inputs.
    #[command(flatten)]
    pub inputs: InputArgs,
    /// Read the inputs from a JSON file, or - for standard input
    #[arg(long, value_name = "F")]
    pub file: Option<PathBuf>,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask: a profile with confirm = "always" asks before each send
    #[arg(long)]
    pub yes: bool,
    /// Send it although it would be rejected, or although the limit seems reached
    #[arg(long)]
    pub force: bool,
    /// Ask for the same person again
    ///
    /// Overrules earlier requests that are settled, or attempt N also while it is unknown; never one that
    /// came after the word was given. May be given several times.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = AGAIN_ALL, value_parser = again)]
    pub again: Vec<Again>,
    /// Ask again where the earlier request is provably older, such as 180d
    ///
    /// Proven by the boot of this host or by the server's own time, never by a clock that somebody can
    /// set. The profile's refresh_after holds otherwise.
    #[arg(long, value_name = "AGE")]
    pub older_than: Option<Outdated>,
    /// Refuse inputs that cannot be meant, such as an e-mail address without @
    #[arg(long)]
    pub strict: bool,
}

/// `forget`
#[derive(Debug, Clone, Args)]
pub struct ForgetArgs {
    /// Whom.
    #[command(flatten)]
    pub by: Flags<true>,
    /// Take it back: they can be asked about again
    #[arg(long)]
    pub undo: bool,
    /// Show what would be removed, and remove nothing
    #[arg(long, conflicts_with = "undo")]
    pub dry_run: bool,
    /// How many people share what is given, where they are several: agrees to forget all of them
    #[arg(long, value_name = "N", conflicts_with = "undo")]
    pub people: Option<u64>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What `--again` overrules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// All earlier requests that are settled.
    Settled,
    /// This attempt, also while it is unknown.
    Attempt(AttemptId),
}

/// The value of `--again` where none is given.
const AGAIN_ALL: &str = "settled";

fn again(text: &str) -> Result<Again, String> {
    if text == AGAIN_ALL {
        return Ok(Again::Settled);
    }
    match text.parse::<i64>() {
        Ok(number) if number > 0 => Ok(Again::Attempt(AttemptId(number))),
        Ok(_) | Err(_) => {
            Err("give the number of an attempt, as `ziadeck log` lists them".to_owned())
        }
    }
}

/// `jobs`
#[derive(Debug, Clone, Subcommand)]
pub enum JobsCommand {
    /// List the organisation's jobs, newest first
    List {
        /// people or org
        #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
        kind: EnrichmentKind,
        /// Only jobs of this status, such as COMPLETED
        #[arg(long, value_name = "S", value_parser = listed_by(status, STATUSES), hide_possible_values = true)]
        status: Option<String>,
        /// Most rows
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: usize,
    },
    /// Show one job with its enriched data
    Show {
        /// people or org
        #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
        kind: EnrichmentKind,
        /// The job's id
        id: JobId,
    },
    /// Wait until a job is done
    Watch {
        /// people or org
        #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
        kind: EnrichmentKind,
        /// The job's id
        id: JobId,
    },
}

/// Zoho writes every status in capitals; a person need not.
#[expect(
    clippy::unnecessary_wraps,
    reason = "clap takes a parser that may fail"
)]
fn status(text: &str) -> Result<String, String> {
    Ok(text.to_ascii_uppercase())
}

/// `usage`
#[derive(Debug, Clone, Args)]
pub struct UsageArgs {
    /// people or org
    #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
    pub kind: EnrichmentKind,
    /// Ask the server first
    #[arg(long)]
    pub refresh: bool,
}

/// `log`
#[derive(Debug, Clone, Args)]
pub struct LogArgs {
    /// One attempt, with what was sent and what came back
    #[arg(value_name = "ATTEMPT", conflicts_with_all = ["search", "outcome", "code", "since", "limit", "all_profiles", "format"])]
    pub attempt: Option<AttemptId>,
    /// Words to find in anything that was sent, or in code, message or job id
    #[arg(long, value_name = "Q")]
    pub search: Option<String>,
    /// Only this outcome; may be given several times
    #[arg(long, value_name = "O", value_parser = listed::<Outcome>(OUTCOMES))]
    pub outcome: Vec<Outcome>,
    /// Only this code
    #[arg(long, value_name = "C")]
    pub code: Option<String>,
    /// Only since: 30m, 2h, 7d, or a time such as 2026-11-24T08:00:00Z
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// Most rows
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub limit: usize,
    /// The attempts of every profile
    #[arg(long)]
    pub all_profiles: bool,
    /// table, jsonl or csv
    #[arg(
        long,
        value_enum,
        default_value_t = LogFormat::Table,
        value_name = "F",
        hide_possible_values = true
    )]
    pub format: LogFormat,
}

/// How the log is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Columns for people.
    Table,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated, with a header.
    Csv,
}

/// `reconcile`
#[derive(Debug, Clone, Args)]
pub struct ReconcileArgs {
    /// people or org
    #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
    pub kind: EnrichmentKind,
    /// How old an attempt must be before it may be called absent (settle_seconds otherwise)
    #[arg(long, value_name = "SECONDS")]
    pub settle: Option<u64>,
}
