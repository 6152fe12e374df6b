//! The columns of the list of jobs.

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::base::{EnrichmentKind, JobId, Timestamp};
use crate::enrichment::Field;
use crate::enrichment::job::JobStatus;
use crate::ledger::JobEntry;
use crate::theme::Role;
use crate::tui::data::job::look;
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

impl Row for JobEntry {
    type Key = JobPlace;

    fn key(&self) -> JobPlace {
        JobPlace(self.at, self.id.clone())
    }
}

/// What the cells need to know.
pub(super) struct Look {
    pub now: Timestamp,
    pub zone: TimeZone,
    pub kind: EnrichmentKind,
}

/// Who made a job: an operator of this ledger where an attempt did, else whom the server names.
pub(super) fn by(row: &JobEntry) -> Option<&str> {
    match row.attempt {
        Some(_) => row.operator.as_deref(),
        None => row
            .created_by_name
            .as_deref()
            .filter(|name| !name.is_empty()),
    }
}

/// What was asked, as far as the list knows it, in the order of the form.
pub(super) fn inputs(kind: EnrichmentKind, row: &JobEntry) -> Vec<(Field, String)> {
    let parse = |text: &Option<String>| serde_json::from_str::<Value>(text.as_deref()?).ok();
    if let Some(flat) = parse(&row.inputs) {
        let fields = Field::of(kind).iter();
        let value = |field: &Field| Some((*field, flat.get(field.as_str())?.as_str()?.to_owned()));
        return fields.filter_map(value).collect();
    }
    let told = parse(&row.enrich_based_on);
    told.map(|told| Field::asked(kind, &told))
        .unwrap_or_default()
}

/// Columns from which on ids are shown whole.
const ROOMY: u16 = 99;

pub(super) const COLUMNS: &[Column<JobEntry, Look>] = &[
    Column::new(
        "created",
        Width::Fixed(12),
        |row: &JobEntry, look: &Look| {
            Cell::new(
                Role::Dim,
                match row.created {
                    Some(at) => day_and_time(at, look.now, &look.zone),
                    None => "not told".to_owned(),
                },
            )
        },
    ),
    Column::new("status", Width::Fixed(17), |row: &JobEntry, _| {
        let (glyph, role) = look(&JobStatus::from(row.status.as_str()));
        Cell::new(role, format!("{glyph} {}", row.status))
    }),
    Column::new("job", Width::Fixed(19), |row: &JobEntry, _| {
        Cell::new(Role::Text, row.id.as_str())
    })
    .from(ROOMY),
    Column::new("job", Width::Fixed(8), |row: &JobEntry, _| {
        Cell::new(Role::Text, short_id(row.id.as_str()))
    })
    .until(ROOMY),
    Column::new("by", Width::share(35, (6, 16), 0), |row: &JobEntry, _| {
        let role = match row.attempt {
            Some(_) => Role::Text,
            None => Role::Dim,
        };
        let text = match row.attempt {
            Some(_) => "mine",
            None => by(row).unwrap_or("others"),
        };
        Cell::new(role, text)
    }),
    Column::new("whom", Width::Rest, |row: &JobEntry, look: &Look| {
        let values = inputs(look.kind, row).into_iter().map(|(_, value)| value);
        Cell::new(Role::Text, values.collect::<Vec<_>>().join(" · "))
    }),
];
