//! Why columns lead nowhere.

use crate::base::EnrichmentKind;
use crate::bulk::rows::Target;

/// Why a file's columns lead nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A named column is not there.
    #[error("there is no column {column:?} for {target}{}", did_you_mean(nearest.as_deref()))]
    NoSuchColumn {
        /// What it was for.
        target: Target,
        /// The name that was asked for.
        column: String,
        /// The column most like it.
        nearest: Option<String>,
    },
    /// Two columns claim one input.
    #[error(
        "columns {first:?} and {second:?} could both be {target}: say --map {target}={first:?}"
    )]
    Ambiguous {
        /// The input.
        target: Target,
        /// One column.
        first: String,
        /// The other.
        second: String,
    },
    /// One thing is said twice.
    #[error("{0} is given twice")]
    Twice(Target),
    /// The kind of enrichment has no such input.
    #[error("{target} is not an input of {kind} enrichment")]
    NotAnInput {
        /// What was given.
        target: Target,
        /// People or organisations.
        kind: EnrichmentKind,
    },
    /// Nothing leads to any input.
    #[error("no column leads to an input; the columns are {}{}", columns.join(", "), header_hint(*header))]
    Nothing {
        /// The first columns.
        columns: Vec<String>,
        /// Whether the first line reads like a header.
        header: HeaderLook,
    },
}

/// Whether a file's first line reads like a header or like a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLook {
    /// Names of columns.
    Header,
    /// Somebody's data.
    Row,
    /// An export's: its other columns are what it added.
    Export,
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

fn header_hint(look: HeaderLook) -> &'static str {
    match look {
        HeaderLook::Header => "; name one with --map, such as --map email=\"Work mail\"",
        HeaderLook::Row => "; the first line must be a header, and this one reads like a row",
        HeaderLook::Export => {
            "; the others are what an export added: plan the file that was enriched, or name one with --map"
        }
    }
}
