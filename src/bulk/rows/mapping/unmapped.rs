//! Columns that lead nowhere, and why.

use crate::base::Sanitized;
use crate::bulk::rows::Target;
use crate::enrichment::Field;

/// A column that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// The column's name.
    pub column: String,
    /// Why.
    pub why: Unused,
}

impl Unmapped {
    /// A column that an export added.
    pub(crate) fn added(column: &str) -> Self {
        Self {
            column: column.to_owned(),
            why: Unused::Added,
        }
    }

    /// The column, and why: `Company Linkedin Url: a page of the company and not of the person`.
    pub fn sentence(&self) -> String {
        let column = on_one_line(&self.column);
        match self.why {
            Unused::Unknown | Unused::Added => column,
            Unused::Near(target) => format!("{column}; was {target} meant?"),
            Unused::CompanyPage(field) => format!(
                "{column}: a page of the company and not of the person; --map {}={column:?} sends it all the same",
                field.as_str()
            ),
            Unused::OtherIds => format!(
                "{column}: what is in it are no ids of Zoho CRM, which have 13 to 19 digits; --map record_id={column:?} sends them all the same"
            ),
        }
    }
}

/// Why a column leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unused {
    /// Its name is none that is known.
    Unknown,
    /// Neither is it, but it is much like one.
    Near(Target),
    /// An export added it: it says what became of the row, or what was found.
    Added,
    /// It is a page of the company.
    CompanyPage(Field),
    /// It holds ids of another system.
    OtherIds,
}

/// A name of a column on one line: a spreadsheet may have broken it.
pub(super) fn on_one_line(name: &str) -> String {
    Sanitized::line(name.trim()).to_string()
}
