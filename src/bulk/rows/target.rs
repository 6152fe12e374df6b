//! What a column can be for, and the names under which people and CRM exports write it.

use std::fmt;
use std::str::FromStr;

use crate::base::EnrichmentKind;
use crate::enrichment::Field;

/// What a column, or a constant, is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An input.
    Input(Field),
    /// The module of the row.
    Module,
    /// The record that the enrichment is for.
    RecordId,
}

impl Target {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Field::ALL
            .into_iter()
            .map(Self::Input)
            .chain([Self::Module, Self::RecordId])
    }

    /// The word of `--map` and `--set`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input(field) => field.as_str(),
            Self::Module => "module",
            Self::RecordId => "record_id",
        }
    }

    pub(super) fn belongs_to(self, kind: EnrichmentKind) -> bool {
        match self {
            Self::Input(field) => Field::of(kind).contains(&field),
            Self::Module | Self::RecordId => true,
        }
    }

    /// Names of columns in lower case, letters and digits only. The first is the word itself.
    pub(super) fn synonyms(self, kind: EnrichmentKind) -> &'static [&'static str] {
        match self {
            Self::Input(field) => field.at(kind).columns,
            Self::Module => &["module", "modulename"],
            Self::RecordId => &["recordid", "crmid", "zohoid", "crmrecordid"],
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Target {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::all()
            .find(|target| target.as_str() == text)
            .ok_or_else(|| {
                let words: Vec<_> = Self::all().map(Self::as_str).collect();
                format!(
                    "{text:?} cannot be mapped; what can be is {}",
                    words.join(", ")
                )
            })
    }
}

/// One `--map` or `--set`: `name=Full Name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// What it is for.
    pub target: Target,
    /// The column's name, or the constant.
    pub text: String,
}

impl FromStr for Assignment {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (target, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?} has no =: write it as name=\"Full Name\""))?;
        Ok(Self {
            target: target.trim().parse()?,
            text: value.trim().to_owned(),
        })
    }
}
