//! The commands of profiles, sign-in and configuration.

use clap::{Args, Subcommand};

use super::listed::{API_VERSIONS, DATA_CENTERS, ENVIRONMENTS, listed};
use crate::base::ProfileName;

/// `profile`
#[derive(Debug, Clone, Subcommand)]
pub enum ProfileCommand {
    /// List the profiles
    List,
    /// Show one profile
    Show {
        /// The profile (the default one otherwise)
        name: Option<ProfileName>,
    },
    /// Add a profile
    Add(Box<ProfileAddArgs>),
    /// Make a profile the default
    Use {
        /// The profile
        name: ProfileName,
    },
    /// Remove a profile; its log stays in the ledger
    Remove {
        /// The profile
        name: ProfileName,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `profile add`
#[derive(Debug, Clone, Args)]
pub struct ProfileAddArgs {
    /// The profile's name
    pub name: ProfileName,
    /// US, IN, AU, CA or SA
    #[arg(long, value_name = "DC", value_parser = listed::<String>(DATA_CENTERS), hide_possible_values = true)]
    pub data_center: String,
    /// production, sandbox or developer
    #[arg(long, default_value = "production", value_name = "E", value_parser = listed::<String>(ENVIRONMENTS), hide_possible_values = true)]
    pub environment: String,
    /// v7 or v8 (v7 otherwise)
    #[arg(long, value_name = "V", value_parser = listed::<String>(API_VERSIONS), hide_possible_values = true)]
    pub api_version: Option<String>,
    /// The client id of the self client (it is no secret)
    #[arg(long, value_name = "ID")]
    pub client_id: String,
    /// A file that holds the client secret, mode 0600
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<String>,
    /// An environment variable that holds the client secret
    #[arg(long, value_name = "NAME", conflicts_with = "client_secret_file")]
    pub client_secret_env: Option<String>,
    /// The enrichment limit, until the server teaches a truer one (1500 otherwise)
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// The module where none is named
    #[arg(long, value_name = "M")]
    pub default_module: Option<String>,
    /// A literal loopback address of a simulator, for both hosts
    #[arg(long, value_name = "URL")]
    pub simulator: Option<String>,
}

/// `auth`
#[derive(Debug, Clone, Subcommand)]
pub enum AuthCommand {
    /// Exchange a grant code for tokens
    Login {
        /// Read the grant code from standard input
        #[arg(long)]
        code_stdin: bool,
    },
    /// Show whether a profile is signed in
    Status,
    /// Get a fresh access token
    Refresh,
    /// Revoke the tokens and forget them
    Logout {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `config`
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Print where everything is kept
    Path,
    /// Check the configuration file
    Check,
}
