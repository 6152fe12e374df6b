//! The columns of the list of jobs.

use jiff::tz::TimeZone;

use crate::base::{JobId, Timestamp};
use crate::enrichment::job::JobStatus;
use crate::theme::Role;
use crate::tui::data::job::{By, JobRow, look};
use crate::tui::ui::columns::{Cell, Column, Width};
use crate::tui::ui::list::Row;
use crate::tui::ui::text::{day_and_time, short_id};

/// A job's place in the order, which the mouse knows by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobPlace(Timestamp, JobId);

impl std::fmt::Display for JobPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.1.as_str())
    }
}

impl Row for JobRow {
    type Key = JobPlace;

    fn key(&self) -> JobPlace {
        JobPlace(self.at, self.id.clone())
    }
}

/// What the cells need to know.
pub(super) struct Look {
    pub now: Timestamp,
    pub zone: TimeZone,
}

/// Columns from which on ids are shown whole.
const ROOMY: u16 = 99;

pub(super) const COLUMNS: &[Column<JobRow, Look>] = &[
    Column::new("created", Width::Fixed(12), |row: &JobRow, look: &Look| {
        Cell::new(
            Role::Dim,
            match row.created {
                Some(at) => day_and_time(at, look.now, &look.zone),
                None => "not told".to_owned(),
            },
        )
    }),
    Column::new("status", Width::Fixed(17), |row: &JobRow, _| {
        let (glyph, role) = look(&JobStatus::from(row.status.as_str()));
        Cell::new(role, format!("{glyph} {}", row.status))
    }),
    Column::new("job", Width::Fixed(19), |row: &JobRow, _| {
        Cell::new(Role::Text, row.id.as_str())
    })
    .from(ROOMY),
    Column::new("job", Width::Fixed(8), |row: &JobRow, _| {
        Cell::new(Role::Text, short_id(row.id.as_str()))
    })
    .until(ROOMY),
    Column::new(
        "by",
        Width::Share {
            percent: 35,
            least: 6,
            most: 16,
            spare: 0,
        },
        |row: &JobRow, _| {
            let role = match row.attempt {
                Some(_) => Role::Text,
                None => Role::Dim,
            };
            Cell::new(
                role,
                match &row.by {
                    By::Mine(_) => "mine",
                    By::Other(Some(name)) => name.as_str(),
                    By::Other(None) => "others",
                },
            )
        },
    ),
    Column::new("whom", Width::Rest, |row: &JobRow, _| {
        let values = row.inputs.iter().map(|(_, value)| value.as_str());
        Cell::new(Role::Text, values.collect::<Vec<_>>().join(" · "))
    }),
];
