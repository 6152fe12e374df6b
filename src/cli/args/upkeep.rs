//! The commands of set-up and upkeep: what is checked, configured, decided and kept.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::{KINDS, listed};
use crate::base::{AttemptId, EnrichmentKind, JobId, ModuleName, RecordId};
use crate::ops::configure::Mapping;

/// `doctor`
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Ask nobody: only what this host knows
    #[arg(long)]
    pub offline: bool,
}

/// `modules`
#[derive(Debug, Clone, Args)]
pub struct ModulesArgs {
    /// people or org
    #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
    pub kind: EnrichmentKind,
}

/// `prefill`
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("which").required(true).args(["record_id", "search", "all"]))]
pub struct PrefillArgs {
    /// people or org
    #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
    pub kind: EnrichmentKind,
    /// The module's API name (the profile's default_module otherwise)
    #[arg(long, value_name = "M")]
    pub module: Option<ModuleName>,
    /// This record
    #[arg(long, value_name = "ID")]
    pub record_id: Option<RecordId>,
    /// Records that hold this word
    #[arg(long, value_name = "WORD")]
    pub search: Option<String>,
    /// Every record
    #[arg(long)]
    pub all: bool,
    /// Most records
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: usize,
}

/// `ledger`
#[derive(Debug, Clone, Subcommand)]
pub enum LedgerCommand {
    /// Prove the ledger: its structure, its counters, and that it knows all this machine remembers
    Check {
        /// Compare it with all jobs of the servers, then take it as the truth although this machine
        /// remembers more; kept as a decision
        #[arg(long)]
        trust: bool,
        /// How many jobs and lists stay uncertain after the comparison: a script that knows the number
        /// gives it here, a person types it
        #[arg(long, value_name = "N", requires = "trust")]
        uncertain: Option<u64>,
        /// Make a new key for the hashes by which people are known again, because the old one is lost;
        /// whoever was paid for and whose inputs were purged is then not known any more
        #[arg(long, requires = "trust")]
        new_key: bool,
        /// Do not ask where nothing stays uncertain
        #[arg(long)]
        yes: bool,
    },
    /// Print every row of every table as a line of JSON
    Dump,
    /// Remove personal data of old attempts; counts, codes and job ids stay
    Purge {
        /// Older than: 90d, or a time such as 2026-11-24T08:00:00Z (retention_days otherwise)
        #[arg(long, value_name = "T")]
        before: Option<String>,
        /// The inputs too, not only bodies, headers and results
        #[arg(long)]
        everything: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Copy the ledger to a new file while others go on writing
    Backup {
        /// A file that does not exist yet
        file: PathBuf,
    },
}

/// `decide`
#[derive(Debug, Clone, Args)]
pub struct DecideArgs {
    /// The attempt
    pub attempt: AttemptId,
    /// The decision
    #[command(subcommand)]
    pub decision: Decision,
}

/// What a person decides about an unknown outcome.
#[derive(Debug, Clone, Subcommand)]
pub enum Decision {
    /// This job is it: the attempt is scheduled, its unit is spent
    Adopt {
        /// The job's id
        job: JobId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// There is no job: the attempt is absent, its unit is released
    Release {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Print its draft, to compose it again; decides nothing
    Compose,
}

/// `enrichment`
#[derive(Debug, Clone, Subcommand)]
pub enum EnrichmentCommand {
    /// The enrichment configuration of a module: which CRM field feeds which input, and which one each output fills
    #[command(subcommand)]
    Config(EnrichmentConfigCommand),
}

/// `enrichment config`
#[derive(Debug, Clone, Subcommand)]
pub enum EnrichmentConfigCommand {
    /// List the configurations
    List,
    /// Show the configuration of a module
    Show(WhichArgs),
    /// Make a configuration
    Create(MapArgs),
    /// Switch a configuration on
    Enable(ChangeArgs),
    /// Switch a configuration off
    Disable(ChangeArgs),
    /// Map inputs and outputs to CRM fields; the others stay
    Map(MapArgs),
    /// No longer map inputs or outputs
    Unmap(UnmapArgs),
    /// Delete a configuration
    Delete(ChangeArgs),
    /// Write all configurations to a file, for another organisation
    Export(ConfigExportArgs),
    /// Make the configurations like those of a file
    Apply(ConfigApplyArgs),
}

/// Where the configurations are written.
#[derive(Debug, Clone, Args)]
pub struct ConfigExportArgs {
    /// The file (TOML), or - for standard output
    pub file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// Which file is applied.
#[derive(Debug, Clone, Args)]
pub struct ConfigApplyArgs {
    /// The file, or - for standard input
    pub file: PathBuf,
    /// Show what would change; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Go on without what this organisation does not have
    #[arg(long)]
    pub skip_missing: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Which configuration.
#[derive(Debug, Clone, Args)]
pub struct WhichArgs {
    /// The module's API name
    pub module: ModuleName,
    /// people or org
    #[arg(long, default_value_t = EnrichmentKind::People, value_name = "KIND", value_parser = listed::<EnrichmentKind>(KINDS), hide_possible_values = true)]
    pub kind: EnrichmentKind,
}

/// Which configuration is changed.
#[derive(Debug, Clone, Args)]
pub struct ChangeArgs {
    /// Which one.
    #[command(flatten)]
    pub which: WhichArgs,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What is mapped.
#[derive(Debug, Clone, Args)]
pub struct MapArgs {
    /// Which configuration.
    #[command(flatten)]
    pub change: ChangeArgs,
    /// An input and the CRM field that feeds it, such as email=Email, or an output and the field that it fills,
    /// such as first_name=First_Name (input.NAME and output.NAME say which)
    #[arg(required = true, value_name = "NAME=FIELD")]
    pub mappings: Vec<Mapping>,
}

/// What is no longer mapped.
#[derive(Debug, Clone, Args)]
pub struct UnmapArgs {
    /// Which configuration.
    #[command(flatten)]
    pub change: ChangeArgs,
    /// An input or an output, such as facebook
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
}
